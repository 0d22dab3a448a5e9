"""What decay alone leaves of a weight over a whole run, and the value that leaves as much."""

import math
from typing import Any

import numpy as np

from wd_jax.audit.translation import momentum
from wd_jax.audit.translation.laws import Law

MOST_STEPS = 10_000_000
ROUNDING = 4 * float(np.finfo(np.float64).eps)


def log_left(law: Law, value: float, gains: np.ndarray) -> float:
    """Logarithm of what a run leaves of a weight without gradient.

    Parameters
    ----------
    law : Law
        Of the optimiser; with a factor, or "averaged".
    value : float
        Of its decay.
    gains : array [steps]
        x per unit of the value in each step.

    Returns
    -------
    float
        At most 0; -inf where nothing is left, or the weight changes sign.

    Examples
    --------
    >>> round(math.exp(log_left(Law(), 0.01, np.full(10, 0.1))), 6)
    0.990045
    """
    x = value * gains[law.late :]
    if law.link == "plain" or law.link == "implicit":
        if law.link == "plain" and (x >= 1).any():
            return -math.inf
        return float(np.sum(np.log1p(-x) if law.link == "plain" else -np.log1p(x)))
    if law.link == "momentum":
        facts = law.facts
        how = {name: facts[name] for name in ("dampening", "classic", "damp_first") if name in facts}
        left = momentum.path(x.tolist(), facts["momentum"], facts["form"], **how)
    elif law.link == "lookahead":
        left = _looked_ahead(x.tolist(), law.facts["k"], law.facts["alpha"], law.facts.get("late_copy", False))
    else:
        left = _averaged(x.tolist(), law.facts.get("beta1", 0.9))
    return math.log(left) if left > 0 else -math.inf


def _looked_ahead(x: list[float], k: int, alpha: float, late_copy: bool) -> float:
    """Give the fast weight: after every k steps it goes back to slow + alpha (fast - slow).

    With a late copy the slow weights are first those after k steps, as timm has it.
    """
    fast = slow = 1.0
    for step, share in enumerate(x, start=1):
        fast *= 1 - share
        if step % k == 0:
            slow = fast if late_copy and step == k else slow
            slow += alpha * (fast - slow)
            fast = slow
    return fast


def _averaged(x: list[float], beta: float) -> float:
    """Give the evaluation weights of schedule-free training: z decays by the point y between z and its mean.

    0 once they have changed sign: what is left is then no share any more.
    """
    z = mean = 1.0
    top = weights = 0.0
    for share in x:
        z -= share * ((1 - beta) * z + beta * mean)
        top = max(top, share)  # a mean weighted by the square of the largest rate so far
        weights += top * top
        mean += (z - mean) * top * top / weights if weights else 0.0
        if mean <= 0:  # it swings through 0 from lr*weight_decay*t of about 3.7 on
            return 0.0
    return mean


def value_that_leaves(law: Law, log_target: float, gains: np.ndarray) -> float:
    """Give the value of a decay that leaves as much of a weight over a run.

    Parameters
    ----------
    law, gains
        As for `log_left`.
    log_target : float
        Logarithm of what is to be left, at most 0.

    Raises
    ------
    ValueError
        Where no value does.

    Examples
    --------
    >>> round(value_that_leaves(Law(reach="absolute"), math.log(0.5), np.ones(10)), 6)
    0.066967
    """
    total = float(gains[law.late :].sum())
    if log_target == 0:
        return 0.0
    if not total > 0:
        raise ValueError("no step of the run decays: give more steps, or a schedule that is not 0 throughout")
    from scipy.optimize import brentq

    def off(value: float) -> float:
        return max(log_left(law, value, gains) - log_target, -1e3 + log_target)

    high = _largest(law, gains) * (1 - 1e-9)
    if not math.isfinite(high):
        high = -2 * log_target / total
        while off(high) > 0:
            high *= 2
    elif (least := off(high)) > 0:
        left = math.exp(least + log_target)
        raise ValueError(f"at least a factor of {left:.4g} is left over the run, or weights oscillate")
    root: Any = brentq(off, 0.0, high, xtol=1e-300, rtol=ROUNDING, maxiter=500)
    return float(root)


def _largest(law: Law, gains: np.ndarray) -> float:
    """Give the value from which a step takes all of a weight, or weights oscillate; infinite where there is none."""
    top = float(gains.max())
    if law.link == "implicit":
        return math.inf
    if law.link == "momentum":
        mu, form = law.facts["momentum"], law.facts["form"]
        edge = momentum.epsilon_of(momentum.fastest(mu, form), mu, form)
        return edge / (1 - law.facts.get("dampening", 0.0)) / top
    return 1 / top
