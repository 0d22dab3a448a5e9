r"""The size at which decay and the updates balance, and by what angle a step turns the weights there.

An update of root mean square U, whose successor k steps later has the correlation :math:`\rho_k` with it, holds weights
that decay by :math:`\epsilon` a step at

.. math:: w_{rms}^2=\eta^2U^2\frac{1+2(1-\epsilon)t}{\epsilon(2-\epsilon)},\qquad
          t=\sum_{k\ge1}(1-\epsilon)^{k-1}\rho_k .

Rules whose update has a size of its own have an answer: Adam's and the signs' directions, Muon's orthogonal matrices.
Of SGD's the size is the gradient's, which nobody gave. Each rule's t is that of its derivation; the tests hold the
results against the derivations' formulas.
"""

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from wd_jax.optimisers.rules import RULES
from wd_jax.predictions import course
from wd_jax.predictions.setting import Setting

LINEAR_SHARE = 0.7205
"""How much of Muon's direction is linear in the average, for large square matrices; more for long ones."""
SHRUNK = (0.87, 0.90)
"""Norm of five Newton-Schulz steps' result over that of the orthogonal matrix."""
MOST_LAGS = 2_000_000


@dataclass(frozen=True, kw_only=True)
class Rest:
    """Where the weights of a rule settle on gradient noise alone, at the largest rate.

    Attributes
    ----------
    rms : tuple of two floats or None
        Root mean square of the weights: the least and the most that it can be, the same where it is known.
    rotation : tuple of two floats or None
        By what angle a step turns them, radians.
    law : str
        The derivation; empty where there is none.
    formulas : tuple of str
        Of the size and of the angle.
    why : str
        What it takes for granted, or why there is no answer.
    """

    rms: tuple[float, float] | None = None
    rotation: tuple[float, float] | None = None
    law: str = ""
    formulas: tuple[str, str] = ("", "")
    why: str = ""


def of(setting: Setting, coefficient: float | None = None) -> Rest:
    """Say where weights settle, or why that cannot be said.

    Parameters
    ----------
    setting : Setting
        Checked.
    coefficient : float, optional
        Decay per step over the rate, in place of the setting's `pull`.

    Examples
    --------
    >>> found = of(Setting(eta=3e-4, weight_decay=0.1, optimiser="adamw", steps=10))
    >>> round(found.rms[0], 4), round(found.rotation[0], 5)
    (0.0387, 0.00178)
    """
    decay = setting.pull if coefficient is None else coefficient
    law = LAWS.get(_rule(setting))
    if law is None:
        return Rest(why=_no_law(setting))
    if decay == 0:
        return Rest(why="without decay nothing holds the weights: their size grows")
    return law(setting, setting.eta * decay)


def beta(setting: Setting, name: str) -> float:
    """Give an averaging factor or a momentum, the rule's default where nobody mentioned one."""
    given = getattr(setting, name)
    return (
        next(one.default for one in RULES[setting.optimiser].coefficients if one.name == name)
        if given is None
        else given
    )


def rms_at_end(setting: Setting) -> float | None:
    """Give the size of AdamW's weights at the end of a run on noise that starts at N(0, 1/n_in); None of other rules.

    The mean square of each step is that of the step before times (1 - epsilon)^2 and what one step adds in the long
    run: the average's memory of 1/(1 - beta1) steps is left out, a share of epsilon/(1 - beta1).

    Examples
    --------
    >>> run = Setting(eta=3e-4, weight_decay=0.1, optimiser="adamw", steps=10**6, n_in=1024)
    >>> round(rms_at_end(run), 4)
    0.0387
    """
    total, n_in = setting.total_steps, setting.n_in
    if setting.optimiser != "adamw" or total is None or n_in is None or setting.absolute_decay is not None:
        return None
    b, eta = beta(setting, "beta1"), setting.eta
    if not setting.scheduled:
        found = of(setting).rms
        if found is None:
            return math.sqrt(1 / n_in + total * eta**2)
        left = math.exp(2 * total * math.log1p(-setting.epsilon))
        return math.sqrt(found[0] ** 2 * (1 - left) + left / n_in)
    each, logs = course.decays(setting, setting.pull), course.log_left(setting, setting.pull)
    rates = eta * course.rate_factors(setting)
    added = rates**2 * (1 - b) / (1 + b) * (1 + 2 * (1 - each) * b / (1 - (1 - each) * b))
    return math.sqrt(float(np.sum(added * np.exp(2 * (logs[-1] - logs[1:])))) + math.exp(2 * logs[-1]) / n_in)


def read_by(setting: Setting) -> tuple[str, ...]:
    """Name the coefficients that the size at rest of a rule depends on.

    Examples
    --------
    >>> read_by(Setting(eta=1e-4, weight_decay=1.0, optimiser="adamw", steps=5))
    ('beta1',)
    """
    unknown = setting.optimiser == "sgdw" and setting.batch_gradient_rms is None
    return () if unknown else READ.get(setting.optimiser, ())


def balance(eta: float, epsilon: float, update_rms: float, t: float) -> tuple[float, float]:
    """Give the size at rest and the angle of a step for the correlations' sum t.

    Examples
    --------
    >>> size, angle = balance(0.1, 0.01, 1.0, 0.0)
    >>> round(size, 4), round(angle, 4)
    (0.7089, 0.1415)
    """
    spread = 1 + 2 * (1 - epsilon) * t
    size = eta * update_rms * math.sqrt(spread / (epsilon * (2 - epsilon)))
    across = (1 - epsilon * t) * (1 + (2 - epsilon) * t)
    return size, math.asin(min(1.0, math.sqrt(epsilon * (2 - epsilon) * max(0.0, across)) / spread))


def sum_of_signs(epsilon: float, first: float, factor: float) -> float:
    r"""Give :math:`\sum_{k\ge1}(1-\epsilon)^{k-1}\frac2\pi\arcsin(c\,b^k)`, lag by lag, to 1e-15 of it.

    Examples
    --------
    >>> round(sum_of_signs(0.1, 1.0, 0.5) * 0.9 * 3.14159265 / 2, 6)
    0.841861
    """
    if factor == 0 or first == 0:
        return 0.0
    lags = min(MOST_LAGS, 2 + math.ceil(37 / -math.log(factor * (1 - epsilon))))
    k = np.arange(1, lags + 1, dtype=np.float64)
    each = np.exp((k - 1) * math.log1p(-epsilon)) * np.arcsin(np.minimum(1.0, first * factor**k))
    return float(each.sum()) * 2 / math.pi


def _adamw(setting: Setting, epsilon: float) -> Rest:
    b = beta(setting, "beta1")
    size, angle = balance(setting.eta, epsilon, math.sqrt((1 - b) / (1 + b)), b / (1 - (1 - epsilon) * b))
    return Rest(
        rms=(size, size),
        rotation=(angle, angle),
        law="adamw",
        formulas=("weight_rms", "rotation"),
        why="gradients are noise, whatever the weights, and beta2 is near 1 (at 0.95 weights are 1.4 % smaller)",
    )


def _sign_momentum(setting: Setting, epsilon: float) -> Rest:
    size, angle = balance(setting.eta, epsilon, 1.0, sum_of_signs(epsilon, 1.0, beta(setting, "beta1")))
    return Rest(
        rms=(size, size),
        rotation=(angle, angle),
        law="sign_momentum",
        formulas=("weight_rms", "lion.rotation at beta2 = beta1"),
        why="gradients are Gaussian noise, whatever the weights, and the average is warm",
    )


def _lion(setting: Setting, epsilon: float) -> Rest:
    b, c = beta(setting, "beta1"), beta(setting, "beta2")
    size, angle = balance(setting.eta, epsilon, 1.0, sum_of_signs(epsilon, mixture(b, c), c))
    return Rest(
        rms=(size, size),
        rotation=(angle, angle),
        law="lion",
        formulas=("weight_rms", "rotation"),
        why="gradients are Gaussian noise, whatever the weights, and the average is warm",
    )


def _muon(setting: Setting, epsilon: float) -> Rest:
    b = beta(setting, "beta1")
    first = mixture(b * b, b)
    linear = first * b / (1 - (1 - epsilon) * b)
    cubic = first**3 * b**3 / (1 - (1 - epsilon) * b**3)
    sums = (LINEAR_SHARE * linear, LINEAR_SHARE * linear + (1 - LINEAR_SHARE) * cubic)
    angles = tuple(balance(setting.eta, epsilon, 1.0, t)[1] for t in reversed(sums))
    sizes = None
    if setting.n_in is not None:
        update = [share / math.sqrt(setting.n_in) for share in SHRUNK]
        sizes = tuple(balance(setting.eta, epsilon, u, t)[0] for u, t in zip(update, sums, strict=True))
    needs = "" if sizes else "; give n_in for the size at rest: an update has the rms 0.87 to 0.90 over its root"
    return Rest(
        rms=None if sizes is None else (sizes[0], sizes[1]),
        rotation=(angles[0], angles[1]),
        law="muon",
        formulas=("weight_norm_nesterov_lower and _upper", "rotation_nesterov_lower and _upper"),
        why="gradients are Gaussian noise, whatever the weights; matrices are large and square (phi'(0) = 0.7205, more "
        f"for long ones), the norm of five Newton-Schulz steps 0.87 to 0.90 of an orthogonal matrix's{needs}",
    )


def mixture(own: float, kept: float) -> float:
    """Give r, the correlation at lag k over kept^k, of own*m + (1 - own)*g with the average m' = kept*m + (1 - kept)*g.

    Examples
    --------
    >>> round(mixture(0.9, 0.9), 12)
    1.0
    """
    if kept == 0:
        return 0.0
    mean_square = own**2 * (1 - kept) / (1 + kept) + (1 - own) ** 2
    return (own**2 * (1 - kept) / (1 + kept) + own * (1 - own) * (1 - kept) / kept) / mean_square


def _scale_free(setting: Setting, epsilon: float) -> Rest:
    """Give the angle of weights before a normalisation, which needs no gradient's size, and with one the size."""
    mu = setting.through
    cosine = 1 - epsilon / (1 + mu)
    angle = math.acos(cosine) if cosine < 0.99 else 2 * math.asin(math.sqrt(epsilon / (1 + mu) / 2))
    held = ", whose gradients are noise" if mu else ""
    before = f"the angle is that of weights whose scale the cost ignores (before a normalisation){held}"
    angle_law = "scale_invariant.cos_angle_momentum" if mu else "scale_invariant.cos_angle"
    if setting.batch_gradient_rms is None:
        why = f"{before}; the size at rest depends on the gradient's size, which was not given"
        return Rest(rotation=(angle, angle), law="scale_invariant", formulas=("", angle_law), why=why)
    sized = _on_noise(setting, epsilon)
    return dataclasses.replace(
        sized, rotation=(angle, angle), formulas=(sized.formulas[0], angle_law), why=f"{sized.why}; {before}"
    )


def _on_noise(setting: Setting, epsilon: float) -> Rest:
    """Give the size that noise of a known size holds: SGD's, with its momentum in the decay or beside it."""
    if setting.batch_gradient_rms is None:
        return Rest(why=_no_law(setting))
    mu = beta(setting, "momentum") if setting.optimiser == "sgdw" else setting.momentum or 0.0
    decay = epsilon / setting.eta
    if mu == 0:
        law, formula, variance = "stationary_variance", "stationary_variance", 1 / (2 - epsilon)
    elif not setting.through:
        law, formula = "momentum", "sgdw_weight_variance"
        ahead = mu * (1 - epsilon)
        variance = (1 + ahead) / ((1 - mu**2) * (1 - ahead) * (2 - epsilon))
    elif setting.nesterovs:
        law, formula = "momentum", "nesterov_weight_variance"
        above = epsilon * mu * (2 * mu + 1) + mu + 1
        variance = above / ((epsilon * mu - mu + 1) * (2 * mu + 2 - epsilon * (2 * mu + 1)))
    else:
        law, formula, variance = "momentum", "weight_variance", (1 + mu) / ((1 - mu) * (2 * mu + 2 - epsilon))
    size = setting.batch_gradient_rms * math.sqrt(setting.eta * variance / decay)
    said = f"gradients are noise of rms {setting.batch_gradient_rms:g}, whatever the weights, without curvature"
    return Rest(rms=(size, size), law=law, formulas=(formula, ""), why=said)


def _adam_l2(setting: Setting, epsilon: float) -> Rest:
    """Give the floor of Adam with L2, whose decay is divided by the noise: epsilon is eta*lmbda/(n s)."""
    b = beta(setting, "beta1") if "beta1" in RULES[setting.optimiser].names else 0.0
    size = setting.eta / math.sqrt(2 * epsilon) * math.sqrt((1 + b) / (1 + b + b * epsilon))
    return Rest(
        rms=(size, size),
        law="adam_l2",
        formulas=("weight_rms_exact", ""),
        why=f"gradients are noise of rms {setting.divisor:g}, whatever the weights, and beta2 is so near 1 that the "
        "second moment stays there",
    )


def _rule(setting: Setting) -> str:
    """Name the rule by its law; PyTorch's SGD is a heavy ball, Nesterov's momentum, or neither."""
    if setting.optimiser in ("", "sgd", "momentum", "nesterov"):
        if setting.absolute_decay is not None:
            return ""
        if setting.nesterovs:
            return "nesterov"
        return "momentum" if setting.momentum is not None else setting.optimiser
    if setting.optimiser == "sgdw" and setting.absolute_decay is not None:
        return ""
    return setting.optimiser


def _no_law(setting: Setting) -> str:
    if not setting.optimiser and setting.momentum is None:
        return "the size at rest and the rotation are the optimiser's, which was not given"
    rule = setting.optimiser or ("nesterov" if setting.nesterovs else "this rule")
    return f"no derivation here says where weights of {rule} settle without the gradient's size"


LAWS: dict[str, Callable[[Setting, float], Rest]] = {
    "adamw": _adamw,
    "sign_momentum": _sign_momentum,
    "lion": _lion,
    "muon": _muon,
    "sgd": _scale_free,
    "momentum": _scale_free,
    "nesterov": _on_noise,
    "sgdw": _on_noise,
    "adam_l2": _adam_l2,
    "rmsprop_l2": _adam_l2,
}
"""By rule; a new one is a function and a line here."""
READ = {
    **dict.fromkeys(("adamw", "sign_momentum", "muon", "adam_l2"), ("beta1",)),
    "lion": ("beta1", "beta2"),
    "sgdw": ("momentum",),
}
