r"""Mean of one series whose records remember one another, with an interval."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from wd_jax.stats.one_series.fit import fitted
from wd_jax.stats.one_series.mixture import check_level, half_width
from wd_jax.stats.one_series.noise import noises, prior
from wd_jax.stats.one_series.records import binned, cleaned

SHORTEST = 20
"""Fewest records that a mean's interval is made from."""
BATCHES = 24
"""Batches that a series is averaged into. More would answer for a memory of one kind only: with these, what is
remembered for less than a batch counts as noise without memory, whatever its form."""
LONGEST = 1 / 8
DOUBT = {True: 0.6, False: 0.35}
"""A mean is refused where the correlation time is, with more than this probability, a larger share of the series: by
whether a long memory may hide. Where it may, the interval allows for it, and more is answered."""


@dataclass(frozen=True)
class MeanInterval:
    """Mean of a series with an interval; of one that is too short for it, with open ends and the reason.

    Attributes
    ----------
    mean : float
        Over all finite records, in the series' unit.
    low, high : float
        Ends of the interval; minus and plus infinity where it is refused.
    effective : float
        Number of independent records whose mean would have as wide an interval; NaN where it is refused.
    correlation_time : float
        Time after which the noise that is remembered has fallen to 1/e, in records or in the unit of the time given.
    reason : str
        Why the interval is refused; empty where it is given.
    """

    mean: float
    low: float
    high: float
    effective: float
    correlation_time: float = float("nan")
    reason: str = ""

    @property
    def given(self) -> bool:
        """Whether there is an interval."""
        return not self.reason


def mean_interval(
    values: ArrayLike, level: float = 0.95, *, time: ArrayLike | None = None, hidden: bool = True
) -> MeanInterval:
    r"""Interval of the mean of a stationary series whose records are correlated.

    The noise is taken as a part with covariance :math:`e^{-|t-t'|/\tau}` plus a part that is independent from record to
    record. Its variance of the mean is known exactly for each :math:`\tau` and each ratio of the two parts; what is not
    known is averaged over, with the likelihood of each as its weight, so that the interval is that of a mixture of
    Student's distributions. The series is averaged into 24 batches first, so that the form of a shorter memory does not
    matter.

    A memory that hides in noise without memory is allowed for, since the series cannot exclude it. That costs: of noise
    without any memory the interval is about 1.9 times as wide as one that knew so.

    It speaks of this one series: how far its mean is from the one it would have if it went on for ever. It says
    nothing of other seeds.

    Parameters
    ----------
    values : array [record]
        The series, at rest: leave the approach out. Records that are not finite are left out.
    level : float
        Of the interval, in (0, 1).
    time : array [record], optional
        When each record was made; evenly by default.
    hidden : bool
        Allow for a long memory that hides in noise without memory. Without it the interval is narrower, and right for
        noise of one memory: give False for what has no other, such as changes from record to record of what rests.

    Returns
    -------
    MeanInterval
        With ``reason`` and open ends if there are fewer than 20 records, or if the correlation time is probably more
        than an eighth of the series.

    Raises
    ------
    ValueError
        If `level` is not between 0 and 1.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=400)
    >>> found = mean_interval(5 + noise)
    >>> found.given, found.low < 5 < found.high, 100 < found.effective < 300
    (True, True, True)
    >>> mean_interval(np.cumsum(noise)).reason
    'records are correlated over about 100% of the series: it is too short for a mean'

    Sources: M. S. Meketon and B. Schmeiser, Proc. Winter Simulation Conf. (1984) 227, and J. M. Flegal and G. L. Jones,
    Ann. Statist. 38 (2010) 1034, for batch means and how long batches must be; U. K. Müller, J. Bus. Econ. Stat. 32
    (2014) 311, for why intervals must allow for a memory as long as the data leave open.
    """
    from scipy.special import stdtrit

    check_level(level)
    values = np.asarray(values, np.float64)
    when, kept = cleaned(np.arange(len(values)) if time is None else time, values)
    if len(kept) < SHORTEST:
        return _refused(kept, f"{len(kept)} finite records: a mean's interval needs {SHORTEST}")
    bins, average = binned(when, kept, BATCHES), float(kept.mean())
    if np.ptp(bins.mean) <= 1e-13 * np.abs(bins.mean).max():
        return MeanInterval(average, average, average, float(len(kept)), 0.0)
    family = noises(bins)
    found = fitted(family, bins.mean, np.ones((len(bins.mean), 1)), prior(hidden))
    weights, error = found.weight, np.sqrt(found.variance * family.of_mean)
    longest = weights.sum(axis=1) @ (family.times > LONGEST * bins.span)
    typical = float(family.times[np.searchsorted(np.cumsum(weights.sum(axis=1)), 0.5)])
    if longest > DOUBT[hidden]:
        share = f"about {min(typical / bins.span, 1):.0%} of the series"
        return _refused(kept, f"records are correlated over {share}: it is too short for a mean", typical)
    half = half_width(weights.ravel(), error.ravel(), len(bins.mean) - 1, level)
    effective = float(kept.var(ddof=1) * (stdtrit(len(bins.mean) - 1, (1 + level) / 2) / half) ** 2)
    return MeanInterval(average, average - half, average + half, effective, typical)


def _refused(kept: np.ndarray, reason: str, correlation_time: float = float("nan")) -> MeanInterval:
    """Without an interval."""
    average = float(kept.mean()) if len(kept) else float("nan")
    return MeanInterval(average, float("-inf"), float("inf"), float("nan"), correlation_time, reason)
