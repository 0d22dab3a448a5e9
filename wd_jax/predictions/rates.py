"""What a setting does to a weight on which decay alone acts: the derivations' formulas, with momentum and without."""

import math
from typing import TYPE_CHECKING, Any

from wd_jax import conventions, siblings

if TYPE_CHECKING:
    from derivations import Derivation

DIGITS = 40
"""Digits in which a factor near 1 is evaluated before its logarithm is taken."""
NEAR = 1e-6
"""Distance of the roots below which a weight's path is not taken apart into modes."""


def plain(eta: float, lmbda: float, n: int, m: int, n_in: int | None = None) -> dict[str, float]:
    """Evaluate the laws of a decay that no momentum changes, 1 - eta*lmbda/n per step.

    Parameters
    ----------
    eta, lmbda : float
        Learning rate and Nielsen's regularisation rate, dimensionless, lmbda above 0.
    n, m, n_in : int
        Training-set size and minibatch size, examples; inputs per neuron.

    Returns
    -------
    dict
        Factors, dimensionless, and times in epochs.
    """
    siblings.check("derivations")
    import derivations

    formulas = derivations.derive("epoch_decay").formulas
    batch = conventions.effective_batch_size(n, m)
    exact = {"eta": eta, "lmbda": lmbda, "n": n, "m": batch}
    limit = {"eta": eta, "lmbda": lmbda, "m": batch}
    found = {
        "per_step_factor": conventions.per_step_factor(eta, lmbda, n),
        "per_epoch_factor": float(formulas["per_epoch_factor"](**exact)),
        # Outside its measured box too: how far it is off stands beside it.
        "per_epoch_factor_limit": float(formulas["per_epoch_factor_limit"].to_numpy()(**exact)),
        "relative_error_of_limit": float(formulas["relative_error_of_limit"](**exact)),
        "half_life_epochs": float(formulas["half_life_epochs"](**exact)),
    }
    if n_in is not None:
        start = derivations.derive("initialisation").formulas
        found["epochs_to_fan_in_exact"] = float(start["epochs_to_fan_in_exact"](**exact, n_in=n_in))
        found["epochs_to_fan_in"] = float(start["epochs_to_fan_in"](**limit, n_in=n_in))
    return found


def without_decay(n_in: int | None = None) -> dict[str, float]:
    """Give what `plain` gives at lmbda = 0, where nothing shrinks.

    Examples
    --------
    >>> without_decay()["half_life_epochs"]
    inf
    """
    found = dict.fromkeys(("per_step_factor", "per_epoch_factor", "per_epoch_factor_limit"), 1.0)
    found |= {"relative_error_of_limit": 0.0, "half_life_epochs": math.inf}
    if n_in is not None:
        found |= dict.fromkeys(("epochs_to_fan_in_exact", "epochs_to_fan_in"), math.inf)
    return found


def coupled(
    eta: float, lmbda: float, n: int, m: int, momentum: float, nesterov: bool = False, n_in: int | None = None
) -> dict[str, Any]:
    """Evaluate the laws of a decay that goes through the velocity, as in PyTorch's SGD; the slow mode's.

    Where weights oscillate, the factors and times are those of their envelope, and the limits None.

    Parameters
    ----------
    eta, lmbda, n, m, n_in
        As for `plain`; eta*lmbda/n below 1.
    momentum : float
        Above 0 and below 1, dimensionless, without dampening.
    nesterov : bool
        Whether the weight moves by the gradient and the new velocity.

    Returns
    -------
    dict
        As `plain`; ``per_step_decay_with_momentum``, 1 - r; ``half_life_epochs_from_rest``, of a weight whose velocity
        starts at 0, as in a training; ``oscillates``.

    Examples
    --------
    >>> round(coupled(eta=0.1, lmbda=25.0, n=50_000, m=128, momentum=0.9)["half_life_epochs"], 3)
    3.529
    """
    siblings.check("derivations")
    import derivations

    law = derivations.derive("momentum")
    steps = conventions.steps_per_epoch(n, m)
    rate = _rate(law, eta, lmbda, n, momentum, nesterov)
    from_rest = None if rate is None else _halved(math.exp(-rate), eta * lmbda / n, momentum, nesterov)
    oscillates = rate is None
    if rate is None:  # |r|**2 is the product of the roots
        product = momentum * (1 - eta * lmbda / n) if nesterov else momentum
        rate = -math.log(product) / 2
    found: dict[str, Any] = {
        "per_step_decay_with_momentum": -math.expm1(-rate),
        "per_step_factor": math.exp(-rate),
        "per_epoch_factor": math.exp(-rate * steps),
        "per_epoch_factor_limit": None,
        "relative_error_of_limit": None,
        "half_life_epochs": math.log(2) / rate / steps,
        "half_life_epochs_from_rest": None if from_rest is None else from_rest / steps,
    }
    batch = conventions.effective_batch_size(n, m)
    limit = {"eta": eta, "lmbda": lmbda, "m": batch}
    if not oscillates:
        leading = conventions.per_step_decay(eta, lmbda, n) * steps / (1 - momentum)
        # Outside its measured box too: how far it is off stands beside it.
        leading_factor = law.formulas["per_epoch_factor_leading"].to_numpy()
        found["per_epoch_factor_limit"] = float(leading_factor(**limit, n=n, momentum=momentum))
        found["relative_error_of_limit"] = math.expm1(leading - rate * steps)
    if n_in is not None:
        found["epochs_to_fan_in_exact"] = math.log(n_in) / 2 / rate / steps
        found["epochs_to_fan_in"] = None
        if not oscillates:
            limiting = derivations.derive("initialisation").formulas["epochs_to_fan_in"]
            found["epochs_to_fan_in"] = float(limiting(**limit, n_in=n_in)) * (1 - momentum)
    return found | {"oscillates": oscillates}


def _rate(law: "Derivation", eta: float, lmbda: float, n: int, momentum: float, nesterov: bool) -> float | None:
    """Give -ln of the slow mode's factor per step; None where weights oscillate."""
    import mpmath

    root = law.formulas["nesterov_slow_root" if nesterov else "slow_root"]
    setting = {"eta": eta, "lmbda": lmbda, "n": n, "momentum": momentum}
    if not root.valid(**setting):
        return None
    with mpmath.workdps(DIGITS):
        factor = root.number(DIGITS, **setting)
        # At the edge rounding decides whether the condition of use holds: 40 digits know better than 16.
        return None if isinstance(factor, mpmath.mpc) else float(-mpmath.log(factor))


def _halved(slow: float, epsilon: float, momentum: float, nesterov: bool) -> float | None:
    """Count the steps in which a weight is halved whose velocity starts at 0: it lags by about mu/(1 - mu) steps.

    None where the roots are too near each other for a sum of two modes.
    """
    first, product = (1 - epsilon, momentum)
    if nesterov:
        first, product = 1 - (1 + momentum) * epsilon, momentum * (1 - epsilon)
    fast = product / slow
    if slow - fast < NEAR:
        return None
    share = (first - fast) / (slow - fast)
    low, high = 0.0, math.log(4 * share) / -math.log(slow) + 1
    for _ in range(200):
        middle = (low + high) / 2
        left = share * slow**middle + (1 - share) * fast**middle
        low, high = (middle, high) if left > 0.5 else (low, middle)
    return (low + high) / 2
