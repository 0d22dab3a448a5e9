r"""Rate and rest of an approach :math:`x(t) = x_\infty + (x_0 - x_\infty) e^{-rt}`, from one noisy series."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from wd_jax.stats.one_series.mixture import check_level, quantile
from wd_jax.stats.one_series.noise import noises
from wd_jax.stats.one_series.records import Bins, cleaned, growing
from wd_jax.stats.one_series.scan import courses_of, curves, first_rates, for_the_rest, is_bent, scan, total

BATCHES = 64
"""Batches that a series is averaged into, short ones at its start."""
SHORTEST = 20
SEEN = 12.0
"""Twice the gain in log-likelihood beyond which there is an approach: noise without one reaches it in less than 5 %."""
_EXACT = 1e-6
"""Relative size of an interval that is not told from rounding."""
_LAG, _START = 0.3, 0.1
"""Share of the approach's own time, and of the series at most, that is left out at the start."""
_FINE = 30
"""Rates that must lie near the best one."""


@dataclass(frozen=True)
class Relaxation:
    r"""Approach to a rest.

    Attributes
    ----------
    rate, low, high : float
        With its interval, per unit of time; an end that the series leaves open is 0 or infinity.
    rest, rest_low, rest_high : float
        Value that is approached; open ends where the rate may be 0, or where no approach is seen.
    start : float
        Of the fitted curve, at the first record.
    reason : str
        Why an end is open; empty where none is.
    """

    rate: float
    low: float
    high: float
    rest: float
    rest_low: float
    rest_high: float
    start: float
    reason: str = ""


def relaxation(time: ArrayLike, values: ArrayLike, level: float = 0.95) -> Relaxation:
    r"""Fit an exponential approach, with intervals that allow for a memory of the noise.

    For each rate the two sizes follow from least squares, weighed by each noise that `noise` knows; the likelihood is
    integrated over sizes and noises. The interval of the rate is where it is within Student's quantile of the best:
    :math:`2\log L(\hat r) - 2\log L(r) \le t^2`. That of the rest is the central interval given the likelihood. The
    noise may be as large at every level, or go as the level or its root. The first 0.3 of the approach's own time are
    left out, at most a tenth of the series: momentum and moving averages fill up then, and the approach is no
    exponential yet.

    Fit a quantity that relaxes exponentially: :math:`\|w\|^4` of scale-invariant weights under plain SGD, and
    :math:`\|w\|^2` where steps have a fixed size, as under Adam. Another one bends, and the fit answers with
    intervals that are too wide, or wrong at the start.

    Parameters
    ----------
    time : array [record]
        When each record was made, in any spacing.
    values : array [record]
        The series. What is not finite is left out.
    level : float
        Of the intervals, in (0, 1).

    Returns
    -------
    Relaxation
        With open ends, and the reason, for what the series does not say.

    Examples
    --------
    >>> time = np.arange(300.0)
    >>> found = relaxation(time, 2 + 3 * np.exp(-0.02 * time))
    >>> round(found.rate, 6), round(found.rest, 5), found.reason
    (0.02, 2.0, '')
    >>> noise = np.random.default_rng(0).normal(size=300)
    >>> relaxation(time, 2 + noise).reason
    'no approach is seen: the series moves no more than its noise'

    Source: G. H. Golub and V. Pereyra, SIAM J. Numer. Anal. 10 (1973) 413, for the sizes, eliminated by least squares.
    """
    check_level(level)
    when, kept = cleaned(time, values)
    if len(kept) < SHORTEST:
        return _open(kept, f"{len(kept)} finite records: {SHORTEST} are needed")
    if np.ptp(kept) <= 1e-12 * np.abs(kept).max():
        return _open(kept, "the values are the same throughout")
    bins = growing(when, kept, BATCHES)
    rates = first_rates(bins)
    fits = scan(bins, noises(bins), rates, np.ones((1, len(bins.mean))))
    if fits.gain < SEEN:
        return _open(kept, "no approach is seen: the series moves no more than its noise")
    lag = min(_LAG / rates[total(fits).argmax()], _START * (when[-1] - when[0]))
    later = when - when[0] >= lag
    if later.sum() >= SHORTEST:
        bins = growing(when[later], kept[later], BATCHES)
    return _of_bins(bins, kept, float(bins.first[0] - when[0]), level)


def _of_bins(bins: Bins, kept: np.ndarray, left_out: float, level: float) -> Relaxation:
    """Scan the rates, finer and finer where the likelihood is, and read off the intervals."""
    from scipy.special import stdtrit

    family = noises(bins)
    rates = first_rates(bins)
    slowest, fastest = rates[0], rates[-1]
    fits = scan(bins, family, rates, np.ones((1, len(bins.mean))))
    if fits.gain < SEEN:
        return _open(kept, "no approach is seen: the series moves no more than its noise")
    sizes = courses_of(bins, rates, fits)
    fits = scan(bins, family, rates, sizes)
    freedom = len(bins.mean) - 3
    limit = float(stdtrit(freedom, (1 + level) / 2)) ** 2 / 2
    for _ in range(12):
        sums = total(fits)
        near = np.flatnonzero(sums > sums.max() - limit - 4)
        ends = max(near[0] - 1, 0), min(near[-1] + 1, len(rates) - 1)
        if len(near) > _FINE or rates[ends[1]] / rates[ends[0]] < 1 + 1e-9:
            break
        rates = np.geomspace(rates[ends[0]], rates[ends[1]], 90)
        fits = scan(bins, family, rates, sizes)
    sums = total(fits)
    low, high = _crossings(np.log(rates), sums - sums.max() + limit)
    best = int(sums.argmax())
    lowest, highest = low <= np.log(slowest * 1.0001), high >= np.log(fastest * 0.9999)
    flat = np.unravel_index(fits.likelihood[..., best].argmax(), fits.likelihood.shape[:2])
    rest, size = float(fits.rest[flat][best]), float(fits.size[flat][best])
    left = bins.mean - rest - size * curves(bins, rates[[best]])[:, 0]
    if is_bent(bins, left, np.ptp(bins.mean)):
        return _open(kept, "the approach is not one exponential: its rate changes on the way")
    ends = float("-inf"), float("inf")
    if not lowest:
        weight = np.exp(fits.likelihood - fits.likelihood.max()) * for_the_rest(len(sizes))
        spread = weight.ravel(), fits.rest.ravel(), fits.error.ravel()
        finest = _EXACT * float(np.ptp(bins.mean))
        ends = (
            quantile(*spread, freedom, (1 - level) / 2) - finest,
            quantile(*spread, freedom, (1 + level) / 2) + finest,
        )
    reason = _why(bool(lowest), bool(highest))
    slow = 0.0 if lowest else float(np.exp(low)) * (1 - _EXACT)
    fast = float("inf") if highest else float(np.exp(high)) * (1 + _EXACT)
    start = rest + size * float(np.exp(rates[best] * left_out))
    return Relaxation(float(rates[best]), slow, fast, rest, *ends, start, reason)


def _crossings(logs: np.ndarray, above: np.ndarray) -> tuple[float, float]:
    """First and last place where `above` is positive, by linear interpolation of its neighbours."""
    inside = np.flatnonzero(above >= 0)
    first, last = inside[0], inside[-1]
    low, high = logs[first], logs[last]
    if first > 0:
        low -= (logs[first] - logs[first - 1]) * above[first] / (above[first] - above[first - 1])
    if last < len(logs) - 1:
        high += (logs[last + 1] - logs[last]) * above[last] / (above[last] - above[last + 1])
    return float(low), float(high)


def _why(lowest: bool, highest: bool) -> str:
    """Reason for open ends."""
    if lowest and highest:
        return "the rate is not told by this series"
    if lowest:
        return "the series is too short beside the approach: its rate may be as small as you like"
    return "the approach is over within the first records: its rate may be as large as you like" if highest else ""


def _open(kept: np.ndarray, reason: str) -> Relaxation:
    """Nothing known."""
    middle, start = (float(np.mean(kept)), float(kept[0])) if len(kept) else (float("nan"), float("nan"))
    infinity = float("inf")
    return Relaxation(float("nan"), 0.0, infinity, middle, -infinity, infinity, start, reason)
