"""Where a quantity has stopped moving, and what an approach that goes on exponentially would still add to it."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from wd_jax.intervals import Estimate, Intervals, as_estimate, student, t_intervals

SLOWEST = 5.0
"""Longest time constant of an approach that is reckoned with, in lengths of the run: a slower one cannot be seen in it."""
_SHARES = (0.8, 0.05)
_GRID = 48
_SLACK = 1e-9


@dataclass(frozen=True)
class Plateau:
    """Where a quantity has stopped moving: the window of epochs, or None if it never did.

    Attributes
    ----------
    first, last : float
        Ends of the window, epochs; ``first`` is None if no window was stationary.
    drift : Estimate
        Relative change between the first and the last third of the window.
    to_go : Estimate
        Relative change from the mean over the window to the limit, for an exponential approach whose time constant is
        at most ``slowest``: `remainders`. NaN ends if the movement is no such approach: if it gains speed or turns
        round beyond its noise.
    """

    first: float | None
    last: float
    drift: Estimate
    to_go: Estimate

    @property
    def reached(self) -> bool:
        """Whether a stationary window was found."""
        return self.first is not None

    def window(self) -> slice:
        """Slice of the epoch coordinate for ``sel``."""
        return slice(self.first, self.last)


class Approach(NamedTuple):
    """Every seed's limit for each ratio r of the successive changes, and which r the data allow."""

    limit: np.ndarray
    allowed: np.ndarray
    best: np.ndarray


class _Tried(NamedTuple):
    """A window's test, for every leading axis: whether it passed, its drift, and what is still to go."""

    passed: np.ndarray
    drift: Intervals
    to_go: Intervals


def find_plateau(
    series: xr.DataArray,
    within: float = 0.005,
    shortest: float = 0.3,
    remaining: float | None = None,
    slowest: float | None = None,
) -> Plateau:
    r"""Earliest window up to the last epoch over which `series` is stationary, and near its limit.

    Stationary means that the relative changes between the means of the window's three thirds, each pair of them, have
    95 % intervals over seeds inside ± `within`: an equivalence test, not a fixed last epoch. Three thirds, because the
    two halves of a dip can agree. Near its limit means that the interval of what is still to go (`remainders`) lies
    inside ± `remaining`: thirds that agree bound the movement seen, and a slow approach moves little and goes far.

    A seed that has no value at some epoch of a window, as one that diverged, is left out of that window's test and
    counted in ``drift.left_out``: whoever uses the window leaves it out too.

    Parameters
    ----------
    series : xarray.DataArray [seed, epoch]
        Positive, for example weight_rms of one cell and layer.
    within : float
        Largest relative change between the thirds.
    shortest : float
        Shortest window, as a share of the run.
    remaining : float, optional
        Largest relative change from the window's mean to the limit; twice `within` by default.
    slowest : float, optional
        Longest time constant of the approach, epochs; five times the run by default. What is slower is not excluded.

    Returns
    -------
    Plateau
        With ``first=None`` if no window passes; ``drift`` and ``to_go`` are then those of the last window tried.

    Examples
    --------
    >>> time, seeds = np.arange(101.0), np.array([[1.0], [1.1], [0.9]])
    >>> runs = xr.DataArray(seeds * (1 + np.exp(-time / 10)), {"epoch": time}, ("seed", "epoch"))
    >>> find_plateau(runs).first
    40.0
    """
    epoch = series.epoch.values
    values = series.transpose("seed", "epoch").values
    last, drift, to_go = float(epoch[-1]), _nothing(), _nothing()
    for begin, third in windows(epoch, shortest):
        tried = try_window(values, epoch, third, within, remaining, slowest)
        left_out = int((~np.isfinite(values[:, begin:]).all(axis=-1)).sum())
        drift, to_go = as_estimate(tried.drift, (), left_out), as_estimate(tried.to_go, (), left_out)
        if tried.passed:
            return Plateau(float(epoch[begin]), last, drift, to_go)
    return Plateau(None, last, drift, to_go)


def windows(epoch: np.ndarray, shortest: float = 0.3) -> list[tuple[int, int]]:
    """Windows up to the last epoch, widest first: index of the first epoch, and number of epochs in a third."""
    longest, step = _SHARES
    found = []
    for share in np.arange(longest, shortest - 1e-9, -step):
        begin = int(np.searchsorted(epoch, epoch[-1] * (1 - share)))
        third = (len(epoch) - begin) // 3
        if third < 2:
            break
        found.append((begin, third))
    return found


def try_window(
    values: ArrayLike, epoch: np.ndarray, third: int, within: float, remaining: float | None, slowest: float | None
) -> _Tried:
    """Test the window of three thirds that ends the series [..., seed, epoch], for every leading axis at once."""
    levels = thirds(values, third)
    pairs = [t_intervals(levels[..., j] - levels[..., i]) for i, j in ((0, 1), (1, 2), (0, 2))]
    still = np.all([(-within <= one.low) & (one.high <= within) for one in pairs], axis=0)
    to_go = remainders(levels, *_pace(epoch, third, slowest))
    most = 2 * within if remaining is None else remaining
    with np.errstate(invalid="ignore"):
        near = (-most <= to_go.low) & (to_go.high <= most)
    return _Tried(still & near, pairs[2], to_go)


def thirds(values: ArrayLike, third: int) -> np.ndarray:
    """Logarithms of the means over the last three times `third` epochs, [..., seed, 3]."""
    late = np.asarray(values, np.float64)[..., -3 * third :]
    with np.errstate(divide="ignore", invalid="ignore"):
        levels = np.log(late.reshape(*late.shape[:-1], 3, third).mean(axis=-1))
    return np.where(np.isfinite(levels).all(axis=-1, keepdims=True), levels, np.nan)


def remainders(levels: ArrayLike, third: float, slowest: float) -> Intervals:
    r"""Relative change from the mean of three levels to their limit, with an interval over seeds.

    An exponential approach has :math:`y_k = y_\infty + A r^k` in thirds k = 0, 1, 2, with :math:`r = e^{-T/\tau}`. For
    every r up to that of `slowest`, each seed's :math:`y_\infty` follows by least squares. Which r the data allow is
    Fieller's question: those for which the mean of :math:`d_2 - r d_1` over seeds is not told from 0. The interval is
    the union, over the r allowed, of Student's intervals of :math:`y_\infty - \bar y`. Both questions are asked at
    97.5 %, so that with 95 % at least both are answered right. Where the movement is lost in noise all r are allowed,
    and the slowest decides.

    Parameters
    ----------
    levels : array [..., seed, 3]
        Logarithms of the means over three successive windows of equal length.
    third : float
        Length of each, epochs.
    slowest : float
        Longest time constant :math:`\tau`, epochs.

    Returns
    -------
    Intervals
        Relative changes [...]; NaN if no r is allowed. It covers for one exponential; of a sum of them, of one sign,
        the slowest must be what is left within the window.

    Examples
    --------
    >>> levels = np.array([1.08, 1.04, 1.02]) + np.array([[-0.01], [0.0], [0.01]])
    >>> round(float(remainders(levels, 10.0, 1000.0).value), 4)  # from 1.0467 to 1
    -0.0456

    Source: E. C. Fieller, J. R. Statist. Soc. B 16 (1954) 175, for the ratio of two means.
    """
    levels = np.asarray(levels, np.float64)
    found = approach(levels, third, slowest, cells=2)
    change = found.limit - levels.mean(axis=-1)[..., None, :]
    each = t_intervals(change, cells=2)
    return Intervals(*(np.expm1(end) for end in _union(each, found)), each.n[..., 0])


def limit_ratio(one: ArrayLike, other: ArrayLike, epoch: np.ndarray, first: float, slowest: float | None = None) -> Estimate:
    """Ratio of the limits that two series approach, paired by seed, with the interval of `remainders` for both at once.

    Parameters
    ----------
    one, other : array [seed, epoch]
        Positive, of the same seeds.
    epoch : array [epoch]
        Increasing.
    first : float
        Beginning of the window from which the limits are extrapolated, epochs.
    slowest : float, optional
        Longest time constant of either approach, epochs; five times the run by default.

    Returns
    -------
    Estimate
        Geometric mean over seeds of the ratio of limits, NaN ends where either is no approach. Three questions (both
        ratios of changes, and the limits) are asked at 98.3 % each.

    Examples
    --------
    >>> time, seeds = np.arange(61.0), np.array([[1.0], [1.1], [0.9]])
    >>> found = limit_ratio(seeds * (2 + np.exp(-time / 10)), seeds + 0 * time, time, 20.0)
    >>> round(found.value, 3)
    2.0
    """
    return as_estimate(limit_ratios(one, other, epoch, first, slowest))


def limit_ratios(
    one: ArrayLike, other: ArrayLike, epoch: np.ndarray, first: float, slowest: float | None = None
) -> Intervals:
    """`limit_ratio` for every leading axis of [..., seed, epoch] at once."""
    third = (len(epoch) - int(np.searchsorted(epoch, first))) // 3
    a, b = (approach(thirds(x, third), *_pace(epoch, third, slowest), cells=3) for x in (one, other))
    ratio = a.limit[..., :, None, :] - b.limit[..., None, :, :]
    allowed = a.allowed[..., :, None] & b.allowed[..., None, :]
    best = a.best * b.limit.shape[-2] + b.best
    flat = (*allowed.shape[:-2], -1)
    each = t_intervals(ratio, cells=3)
    each = Intervals(*(array.reshape(flat) for array in each))
    both = Approach(ratio, allowed.reshape(flat), best)
    return Intervals(*(np.exp(end) for end in _union(each, both)), each.n[..., 0])


def approach(levels: np.ndarray, third: float, slowest: float, cells: int) -> Approach:
    """Limits [..., r, seed] for all r from 0 to that of the slowest approach, and which r are allowed.

    The r tried are a grid in the time constant, the ratio of the mean changes, and the ends of Fieller's set.
    """
    first, second = levels[..., 1] - levels[..., 0], levels[..., 2] - levels[..., 1]
    most = np.exp(-third / slowest)
    fixed = np.append(0.0, np.exp(-third / np.geomspace(third / 6, slowest, _GRID)))
    of_data = np.clip(np.nan_to_num(_fieller(first, second, cells)), 0.0, most)
    ratios = np.concatenate([np.broadcast_to(fixed, (*of_data.shape[:-1], fixed.size)), of_data], axis=-1)
    test = t_intervals(second[..., None, :] - ratios[..., None] * first[..., None, :], cells)
    allowed = (test.low <= _SLACK) & (test.high >= -_SLACK)
    off = np.where(np.isnan(test.value), np.inf, np.abs(test.value))
    powers = ratios[..., None] ** np.arange(3)
    shape = powers - powers.mean(axis=-1, keepdims=True)
    amplitude = np.einsum("...rk,...sk->...rs", shape, levels) / (shape**2).sum(axis=-1)[..., None]
    limit = levels.mean(axis=-1)[..., None, :] - amplitude * powers.mean(axis=-1)[..., None]
    return Approach(limit, allowed, np.argmin(off, axis=-1))


def _fieller(first: np.ndarray, second: np.ndarray, cells: int) -> np.ndarray:
    """Ratio of the mean changes, and the two ends of Fieller's set for it; NaN where there are none: [..., 3]."""
    a, b = t_intervals(first), t_intervals(second)
    n = a.n
    with np.errstate(divide="ignore", invalid="ignore"):
        products = (first - a.value[..., None]) * (second - b.value[..., None])
        scale = student(n - 1, cells) ** 2 / (n * (n - 1))
        aa, ab, bb = (
            scale * np.nansum(part, axis=-1)
            for part in ((first - a.value[..., None]) ** 2, products, (second - b.value[..., None]) ** 2)
        )
        quadratic = (a.value**2 - aa, -2 * (a.value * b.value - ab), b.value**2 - bb)
        root = np.sqrt(quadratic[1] ** 2 - 4 * quadratic[0] * quadratic[2])
        ends = [(-quadratic[1] + sign * root) / (2 * quadratic[0]) for sign in (-1, 1)]
        return np.stack([b.value / a.value, *ends], axis=-1)


def _union(each: Intervals, found: Approach) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Hull of the intervals that are allowed, and the value for the best; NaN where none is."""
    some = found.allowed.any(axis=-1)
    low = np.where(found.allowed, each.low, np.inf).min(axis=-1)
    high = np.where(found.allowed, each.high, -np.inf).max(axis=-1)
    value = np.take_along_axis(each.value, found.best[..., None], axis=-1)[..., 0]
    return value, np.where(some, low, np.nan), np.where(some, high, np.nan)


def _pace(epoch: np.ndarray, third: int, slowest: float | None) -> tuple[float, float]:
    """Length of a third and the longest time constant, epochs."""
    run = float(epoch[-1] - epoch[0])
    return third * run / (len(epoch) - 1), SLOWEST * run if slowest is None else slowest


def _nothing() -> Estimate:
    return Estimate(np.nan, np.nan, np.nan, 0)


def still_to_go(before: float, after: float) -> float:
    r"""Sum of the geometric series that two successive changes begin, :math:`d_2 r/(1-r)` with :math:`r=d_2/d_1`.

    A number without an interval: `remainders` has one.

    Examples
    --------
    >>> still_to_go(0.02, 0.01), still_to_go(0.02, -0.01), still_to_go(0.01, 0.02)
    (0.01, 0.0, nan)
    """
    if before * after <= 0:
        return 0.0
    ratio = after / before
    return after * ratio / (1 - ratio) if ratio < 1 else float("nan")
