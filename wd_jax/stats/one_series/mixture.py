"""Central intervals of mixtures of Student's distributions."""

import numpy as np


def half_width(weights: np.ndarray, errors: np.ndarray, freedom: float, level: float) -> float:
    """Half the width of the central interval of a mixture of Student's distributions around zero."""
    from scipy.special import stdtr, stdtrit

    kept = weights > 1e-12 * weights.max()
    weights, errors = weights[kept] / weights[kept].sum(), errors[kept]
    quantile = float(stdtrit(freedom, (1 + level) / 2))
    low, high = quantile * errors.min(), quantile * errors.max()
    for _ in range(60):
        middle = (low + high) / 2
        inside = weights @ (2 * stdtr(freedom, middle / errors) - 1)
        low, high = (middle, high) if inside < level else (low, middle)
    return float(low + high) / 2


def check_level(level: float) -> None:
    """Refuse a level that is no probability."""
    if not 0 < level < 1:
        raise ValueError(f"level is {level}: give a number between 0 and 1, such as 0.95")


def quantile(weights: np.ndarray, centres: np.ndarray, errors: np.ndarray, freedom: float, share: float) -> float:
    r"""Value below which a mixture of Student's distributions has the probability `share`.

    Student's probabilities are those of a normal variable at
    :math:`\pm\frac{8\nu+1}{8\nu+3}\sqrt{\nu\log(1+t^2/\nu)}`, right to 1e-3 for ten degrees of freedom and more.

    Source: D. L. Wallace, Ann. Math. Statist. 30 (1959) 1124.
    """
    from scipy.special import ndtr, stdtrit

    kept = weights > 1e-6 * weights.max()
    weights, centres, errors = weights[kept] / weights[kept].sum(), centres[kept], errors[kept]
    each = centres + float(stdtrit(freedom, share)) * errors
    low, high = each.min(), each.max()
    factor = (8 * freedom + 1) / (8 * freedom + 3)
    for _ in range(40):
        middle = (low + high) / 2
        t = (middle - centres) / errors
        below = weights @ ndtr(np.sign(t) * factor * np.sqrt(freedom * np.log1p(t**2 / freedom)))
        low, high = (middle, high) if below < share else (low, middle)
    return float(low + high) / 2
