"""What a constant setting does to a weight on which decay alone acts, with momentum and without.

Each line is a formula of a derivation, which `wd_jax.predictions.sources` names, written for plain numbers so that an
answer needs no SymPy; the tests hold each against the derivation's own.
"""

import math
from typing import Any

import numpy as np

from wd_jax import conventions

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

    Examples
    --------
    >>> round(plain(eta=0.1, lmbda=5.0, n=50_000, m=10)["half_life_epochs"], 5)
    13.86287
    """
    epsilon, steps = conventions.per_step_decay(eta, lmbda, n), conventions.steps_per_epoch(n, m)
    rate, limit = -math.log1p(-epsilon) * steps, epsilon * steps
    found = {
        "per_step_factor": conventions.per_step_factor(eta, lmbda, n),
        "per_epoch_factor": math.exp(-rate),
        "per_epoch_factor_limit": math.exp(-limit),
        "relative_error_of_limit": math.expm1(_beyond_first(epsilon) * steps),
        "half_life_epochs": math.log(2) / rate,
    }
    if n_in is not None:
        found["epochs_to_fan_in_exact"] = math.log(n_in) / 2 / rate
        found["epochs_to_fan_in"] = math.log(n_in) / 2 / limit
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
    steps, epsilon = conventions.steps_per_epoch(n, m), eta * lmbda / n
    removed, oscillates = settled(epsilon, momentum, nesterov), bool(oscillating(epsilon, momentum, nesterov))
    rate = -math.log1p(-removed)
    from_rest = None if oscillates else steps_from_rest(epsilon, momentum, nesterov)
    found: dict[str, Any] = {
        "per_step_decay_with_momentum": removed,
        "per_step_factor": math.exp(-rate),
        "per_epoch_factor": math.exp(-rate * steps),
        "per_epoch_factor_limit": None,
        "relative_error_of_limit": None,
        "half_life_epochs": math.log(2) / rate / steps,
        "half_life_epochs_from_rest": None if from_rest is None else from_rest / steps,
    }
    leading = epsilon * steps / (1 - momentum)
    if not oscillates:
        found["per_epoch_factor_limit"] = math.exp(-leading)
        found["relative_error_of_limit"] = math.expm1(leading - rate * steps)
    if n_in is not None:
        found["epochs_to_fan_in_exact"] = math.log(n_in) / 2 / rate / steps
        found["epochs_to_fan_in"] = None if oscillates else math.log(n_in) / 2 / leading
    return found | {"oscillates": oscillates}


def settled(epsilon: Any, momentum: float, nesterov: bool = False) -> Any:
    """Give the decay per step of a weight without gradient whose velocity has settled, 1 - |r|, r the slow root.

    Parameters
    ----------
    epsilon : float or array
        eta*lmbda/n, below 1.
    momentum : float
        Dimensionless.
    nesterov : bool
        Whether it is Nesterov's.

    Examples
    --------
    >>> round(settled(5e-5, 0.9), 10)
    0.0005022716
    """
    middle, product = _quadratic(epsilon, momentum, nesterov)
    inside = middle**2 - 4 * np.asarray(epsilon)
    slow = 2 * np.asarray(epsilon) / (middle + np.sqrt(np.maximum(inside, 0)))
    found = np.where(inside >= 0, slow, 1 - np.sqrt(product))
    return float(found) if found.ndim == 0 else found


def oscillating(epsilon: Any, momentum: float, nesterov: bool = False) -> Any:
    """Whether weights change their sign on the way, because the roots are complex."""
    middle, _ = _quadratic(epsilon, momentum, nesterov)
    return middle**2 < 4 * np.asarray(epsilon)


def steps_from_rest(epsilon: float, momentum: float, nesterov: bool = False, level: float = 0.5) -> float | None:
    """Count the steps until this much is left of a weight whose velocity starts at 0: it lags by mu/(1 - mu) steps.

    None where the roots are too near each other for a sum of two modes.

    Examples
    --------
    >>> round(steps_from_rest(5e-5, 0.9) / 391, 2)
    3.55
    """
    found = modes(epsilon, momentum, nesterov)
    if found is None:
        return None
    low, high = 0.0, math.log(2 * found[2] / level) / -found[0] + 1
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if left_from_rest(found, middle) > level else (low, middle)
    return (low + high) / 2


def left_from_rest(found: tuple[float, float, float], steps: float) -> float:
    """Add the modes that `modes` gave up after a number of steps."""
    log_slow, fast, share = found
    return share * math.exp(log_slow * steps) + (1 - share) * fast**steps


def modes(epsilon: float, momentum: float, nesterov: bool = False) -> tuple[float, float, float] | None:
    """Take apart the path of a weight of 1 whose velocity starts at 0: share*slow^k + (1 - share)*fast^k.

    Returns
    -------
    tuple of float or None
        ln slow, fast, share; None where the roots are complex, or too near each other.

    Examples
    --------
    >>> log_slow, fast, share = modes(5e-5, 0.9)
    >>> round(share, 4)
    1.0046
    """
    if oscillating(epsilon, momentum, nesterov):
        return None
    log_slow = math.log1p(-settled(epsilon, momentum, nesterov))
    slow, first = math.exp(log_slow), 1 - epsilon * (1 + momentum if nesterov else 1)
    fast = float(_quadratic(epsilon, momentum, nesterov)[1]) / slow
    return None if slow - fast < NEAR else (log_slow, fast, (first - fast) / (slow - fast))


def _quadratic(epsilon: Any, momentum: float, nesterov: bool) -> tuple[Any, Any]:
    """Give the coefficient of x^2 - middle x + epsilon, whose root 1 - r is, and the product of both r."""
    if nesterov:
        return 1 - momentum + (1 + momentum) * np.asarray(epsilon), momentum * (1 - np.asarray(epsilon))
    return 1 - momentum + np.asarray(epsilon), np.asarray(momentum)


def _beyond_first(epsilon: float) -> float:
    """Give ln(1 - epsilon) + epsilon without the digits that the difference would lose."""
    if epsilon < 1e-3:
        return -(epsilon**2) * (1 / 2 + epsilon * (1 / 3 + epsilon * (1 / 4 + epsilon * (1 / 5 + epsilon / 6))))
    return math.log1p(-epsilon) + epsilon
