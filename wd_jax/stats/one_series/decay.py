r"""Decay without a rest: where a series has become negligible, and at which rate its logarithm falls."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from wd_jax.stats.one_series.fit import fitted
from wd_jax.stats.one_series.mixture import check_level, half_width
from wd_jax.stats.one_series.noise import long_prior, noises
from wd_jax.stats.one_series.records import binned, cleaned

NEGLIGIBLE, ROUNDING = 1e-3, 1e-7
"""Shares of its start below which a series that still falls has decayed away, and below which it has in any case."""
BATCHES = 48
_FALLS, _ALIKE = 0.5, 2.5
"""Of the logarithm: the least fall in a quarter of the records, and the largest ratio of two quarters' rates."""


@dataclass(frozen=True)
class DecayRate:
    r"""Rate of :math:`x \propto e^{-\text{rate}\,t}`.

    Attributes
    ----------
    rate, low, high : float
        With its interval, per unit of time; open ends where it is refused.
    reason : str
        Why the interval is refused; empty where it is given.
    """

    rate: float
    low: float
    high: float
    reason: str = ""


def decayed_since(when: np.ndarray, kept: np.ndarray) -> float | None:
    """Time from which a series [record] is negligible beside its start for good, or None if it is not."""
    start = float(np.median(np.abs(kept[:3])))
    size = np.abs(kept)
    large = np.flatnonzero(size > NEGLIGIBLE * start)
    first = int(large[-1]) + 1 if len(large) else 0
    if start == 0 or first > len(kept) - 3:
        return None
    late = size[-max(3, len(size) // 10) :]
    if np.median(late) <= ROUNDING * start or _still_falls(when, size):
        return float(when[first])
    return None


def _still_falls(when: np.ndarray, size: np.ndarray) -> bool:
    """Whether the last two quarters both fall, and alike."""
    quarter = len(size) // 4
    places = [-1, -1 - quarter, -1 - 2 * quarter]
    if quarter < 1 or size[places].min() <= 0:
        return False
    late, early = -np.diff(np.log(size[places])) / np.diff(when[places])
    fallen = np.diff(np.log(size[places])).min()
    return bool(fallen > _FALLS and 1 / _ALIKE < late / early < _ALIKE)


def decay_rate(time: ArrayLike, values: ArrayLike, level: float = 0.95) -> DecayRate:
    r"""Rate at which a positive series falls, if it decays and nothing holds it: the slope of its logarithm.

    Parameters
    ----------
    time : array [record]
        When each record was made.
    values : array [record]
        Positive. What is not is left out.
    level : float
        Of the interval.

    Returns
    -------
    DecayRate
        Where there is no noise, the interval is as wide as rounding is.

    Examples
    --------
    >>> time = np.arange(50.0)
    >>> found = decay_rate(time, 3 * np.exp(-0.01 * time))
    >>> round(found.rate, 9), bool(found.high - found.low < 1e-8)
    (0.01, True)
    """
    check_level(level)
    values = np.asarray(values, np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        when, logs = cleaned(time, np.where(values > 0, np.log(values), np.nan))
    if len(logs) < 4:
        return DecayRate(float("nan"), float("-inf"), float("inf"), f"{len(logs)} positive records: 4 are needed")
    bins = binned(when, logs, BATCHES)
    middle, scale = bins.time.mean(), np.ptp(bins.time)
    columns = np.column_stack([np.ones_like(bins.time), (bins.time - middle) / scale])
    found = fitted(noises(bins), bins.mean, columns, long_prior())
    slope = float(-(found.weight * found.value[..., 1]).sum() / scale)
    half = half_width(found.weight.ravel(), found.error[..., 1].ravel(), len(bins.mean) - 2, level) / float(scale)
    return DecayRate(slope, slope - half, slope + half)
