"""How much of the differences between settings one number accounts for, whatever the function of it."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from wd_jax.stats.estimates import Estimate, t_interval


def share(x: ArrayLike, y: ArrayLike) -> float:
    r"""Share of the variance between settings that a function of x explains, noise and chance taken off.

    With the means over settings of about the same x (bins of a factor 2) as the function,

    .. math:: 1 - \frac{\mathrm{SSE}/(N-K) - s^2}{\mathrm{SST}/(N-1) - s^2},

    N settings, K bins, and s^2 the variance of a setting's mean that comes from seeds, what all settings of a seed have
    in common left out.

    Parameters
    ----------
    x : array [setting]
        Positive.
    y : array [setting, seed]
        What is measured.

    Returns
    -------
    float
        1 for a function of x; about 0 where x says nothing; NaN where a value is missing, where each setting has a bin
        of its own, or where there is nothing to explain.

    Examples
    --------
    >>> x = [1.0, 1.0, 2.0, 2.0]
    >>> share(x, [[1.0, 1.0], [1.0, 1.0], [3.0, 3.0], [3.0, 3.0]])
    1.0
    """
    measured = np.asarray(y, np.float64)
    if not measured.size:
        return float("nan")
    _, bins = np.unique(np.round(np.log2(np.asarray(x, np.float64))), return_inverse=True)
    settings, seeds = measured.shape
    groups = int(bins.max()) + 1
    if not np.isfinite(measured).all() or groups >= settings or seeds < 2:
        return float("nan")
    mean = measured.mean(axis=1)
    apart = measured - mean[:, None] - measured.mean(axis=0) + measured.mean()
    noise = (apart**2).sum() / ((settings - 1) * (seeds - 1)) / seeds
    of_bin = np.bincount(bins, mean) / np.bincount(bins)
    left = ((mean - of_bin[bins]) ** 2).sum() / (settings - groups) - noise
    whole = ((mean - mean.mean()) ** 2).sum() / (settings - 1) - noise
    return float(1 - left / whole) if whole > 0 else float("nan")


def over_seeds(statistic: Callable[[np.ndarray], float], y: ArrayLike) -> Estimate:
    """Give a statistic of all seeds together with its interval, by leaving out one seed after the other (jackknife).

    Parameters
    ----------
    statistic : callable
        Of an array [..., seed].
    y : array [..., seed]
        At least three seeds.

    Returns
    -------
    Estimate
        Student's interval of the pseudo-values; NaN if there is none for any choice of seeds.

    Examples
    --------
    >>> print(over_seeds(lambda y: float(y.mean()), np.array([1.0, 2.0, 3.0])))
    2 ± 2.5
    """
    values = np.asarray(y, np.float64)
    seeds = values.shape[-1]
    whole = statistic(values)
    without = np.asarray([statistic(np.delete(values, i, axis=-1)) for i in range(seeds)])
    pseudo = seeds * whole - (seeds - 1) * without
    if not np.isfinite(pseudo).all():
        return Estimate(float("nan"), float("nan"), float("nan"), seeds, 1)
    found = t_interval(pseudo)
    return Estimate(whole, whole - (found.value - found.low), whole + (found.high - found.value), seeds)
