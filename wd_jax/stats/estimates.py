"""Estimates with intervals over seeds: means, roots in log lambda, exponents over widths, plateaus.

The public door to `intervals`, `power_law` and `stationary`, with the one estimate that is none of theirs.
"""

import numpy as np
from numpy.typing import ArrayLike

from wd_jax.stats.intervals import (
    CONFIDENCE,
    Estimate,
    Intervals,
    exp,
    prediction_interval,
    t_interval,
    t_intervals,
    two_sample_intervals,
)
from wd_jax.stats.plateau import Plateau, find_plateau, limit_of, remainders
from wd_jax.stats.power_law import LocalExponent, PowerLaw, exponent, local_exponents

__all__ = ["CONFIDENCE", "Estimate", "Intervals", "LocalExponent", "Plateau", "PowerLaw", "exp", "exponent"]
__all__ += ["find_plateau", "limit_of", "local_exponents", "prediction_interval", "remainders", "root_in_log"]
__all__ += ["t_interval", "t_intervals", "two_sample_intervals"]


def root_in_log(lmbda: ArrayLike, excess: ArrayLike) -> float:
    r"""Where `excess` changes sign, interpolated linearly in log lambda; NaN unless it does so exactly once.

    Parameters
    ----------
    lmbda : array [cell]
        Positive, increasing.
    excess : array [cell]
        For example log(|decay| / (|drift| + noise)): negative below the threshold, positive above. The grid ends where
        only values follow that are not finite, as of runs that diverged; one before the last finite value leaves open
        where the sign changes.

    Returns
    -------
    float
        log lambda at the one crossing from below; several crossings are no threshold.

    Examples
    --------
    >>> float(np.exp(root_in_log([1.0, 4.0], [-1.0, 1.0]))).__round__(12)
    2.0
    """
    x, y = np.log(np.asarray(lmbda, np.float64)), np.asarray(excess, np.float64)
    finite = np.isfinite(y)
    x, y = x[: finite.sum()], y[: finite.sum()]
    if not (y.size and np.isfinite(y).all()):
        return float("nan")
    changes = np.flatnonzero((y[:-1] < 0) != (y[1:] < 0))
    if changes.size != 1 or y[0] >= 0:
        return float("nan")
    i = changes[0]
    return float(x[i] - y[i] * (x[i + 1] - x[i]) / (y[i + 1] - y[i]))
