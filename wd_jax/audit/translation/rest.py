r"""Root mean square at which weights settle on gradient noise alone, where a law says it; and the decay that gives it.

Gradients are independent from step to step, of mean 0 and one rms :math:`\sigma`. The laws are those of
``derive("adamw")``, ``derive("lion")``, ``derive("sign_momentum")``, ``derive("momentum")`` and ``derive("adam_l2")``.
"""

import math

import numpy as np

from wd_jax.audit.translation import momentum
from wd_jax.audit.translation.laws import Law

LAWS = {
    "adam": "derive('adamw'), about sqrt(lr/(2 weight_decay))",
    "lion": "derive('lion'), the arcsine law",
    "sign": "derive('sign_momentum'), the arcsine law",
    "sgd": "derive('momentum'), the stationary variance",
    "adam_l2": "derive('adam_l2'), sqrt(lr sigma/(2 weight_decay))",
}
NEED_SIZE = ("sgd", "adam_l2")
"""Updates whose size follows the gradient's; the others' does not."""


def known(law: Law) -> bool:
    """Whether a law here says how large weights are at rest."""
    return law.update in LAWS and (law.link in ("plain", "momentum") or law.update == "adam_l2") and (
        law.facts.get("form") != "nesterov, chainer"
    )  # fmt: skip


def size(law: Law, x: float, lr: float, sigma: float = 1.0) -> float:
    """Root mean square of weights at rest.

    Parameters
    ----------
    law : Law
        One that is `known`.
    x : float
        Its decay per step without momentum, dimensionless, above 0; for "adam_l2" lr*value.
    lr, sigma : float
        Learning rate and rms of the gradient.

    Examples
    --------
    >>> round(size(Law(update="adam", facts={"beta1": 0.9}), 3e-5, 3e-4), 6)
    0.038725
    """
    if law.update == "adam_l2":
        return lr * math.sqrt(sigma / (2 * x))
    if law.link == "momentum":
        return sigma * lr * math.sqrt(_momentum(x, law))
    kept = 1 - x
    fixed = x * (2 - x)
    if law.update == "adam":
        beta = law.facts["beta1"]
        return lr * math.sqrt((1 - beta) / (1 + beta) * (1 + kept * beta) / (fixed * (1 - kept * beta)))
    if law.update == "sgd":
        mu = law.facts.get("momentum", 0.0)
        return sigma * lr * math.sqrt((1 + kept * mu) / (fixed * (1 - mu * mu) * (1 - kept * mu)))
    beta1, beta2 = law.facts["beta1"], law.facts.get("beta2", 0.0)
    first, decay = (1.0, beta1)
    if law.update == "lion":
        spread = (1 - beta2) / (1 + beta2)
        first = (beta1**2 * spread + beta1 * (1 - beta1) * (1 - beta2) / beta2) / (beta1**2 * spread + (1 - beta1) ** 2)
        decay = beta2
    terms = math.ceil(-40 / math.log(decay))
    lags = np.arange(1, terms + 1)
    signs = 2 / math.pi * np.arcsin(first * decay**lags)
    return lr * math.sqrt((1 + 2 * float(np.sum(kept**lags * signs))) / fixed)


def _momentum(x: float, law: Law) -> float:
    """Stationary variance over (lr sigma)^2 of SGD whose decay goes through its velocity."""
    mu, taken = law.facts["momentum"], 1 - law.facts.get("dampening", 0.0)
    e = x * taken
    if law.facts["form"] == "heavy ball":
        return taken**2 * (1 + mu) / (e * (1 - mu) * (2 * (1 + mu) - e))
    return (1 + mu + e * mu + 2 * e * mu**2) / (e * (1 - mu + e * mu) * (2 * (1 + mu) - e * (1 + 2 * mu)))


def x_of(law: Law, wanted: float, lr: float, sigma: float = 1.0) -> float:
    """Give the decay per step without momentum at which weights rest at a size: inverts `size`.

    Raises
    ------
    ValueError
        Where none does: a step alone is larger.
    """
    if law.update == "adam_l2":
        return lr**2 * sigma / (2 * wanted**2)
    top = 1.0
    if law.link == "momentum":
        mu, form = law.facts["momentum"], law.facts["form"]
        top = momentum.epsilon_of(momentum.fastest(mu, form), mu, form) / (1 - law.facts.get("dampening", 0.0))
    low, high = 1e-30, top * (1 - 1e-9)
    if not size(law, low, lr, sigma) > wanted > size(law, high, lr, sigma):
        raise ValueError("no decay leads to that size at this rate")
    for _ in range(200):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if size(law, middle, lr, sigma) > wanted else (low, middle)
    return math.sqrt(low * high)
