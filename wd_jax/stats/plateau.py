"""Where the means of a quantity no longer move, and what an approach that goes on exponentially would add to them."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from wd_jax.stats.intervals import Estimate, Intervals, as_estimate, student, t_intervals

SLOWEST, SLOWEST_OF_SUM = 5.0, 1.0
"""Longest time constants reckoned with, in lengths of the run: of an approach that is one exponential over the window,
and of the slow part of one that is not. What is slower cannot be told, in a run, from standing still."""
MOVES_LESS = 0.01
"""A layer has come to rest while the means over thirds of a window differ by less, relatively."""
NETWORK = "network"
"""Label of the whole network beside "layer 1", "layer 2", ... where their weights are averaged."""
_SHARES = (0.8, 0.05)
_LOOKS = 4
WINDOW, QUESTIONS = 0.6, 2
"""Of `limit_of`: the share of the run that it follows, and how many questions share the 5 %: time constant, limit."""
_REMAINING = 3
_GRID = 16
_SLACK = 1e-9


@dataclass(frozen=True)
class Plateau:
    """Where the means over thirds of a window agree: the window of epochs, or None if they never did.

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
    """Limits per seed for each time constant tried, [..., tau, seed], which are allowed, and the place of the best."""

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
    two halves of a dip can agree. This does not show that nothing moves: a swing with whole periods in a third has
    equal means too, and passes. Near its limit means that the interval of what is still to go (`remainders`) lies
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
        Largest relative change from the window's mean to the limit; three times `within` by default.
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
    46.0
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
    pairs = changes(values, third)
    still = agree(pairs, within)
    to_go = remainders(values, epoch, third, slowest)
    most = _REMAINING * within if remaining is None else remaining
    with np.errstate(invalid="ignore"):
        near = (-most <= to_go.low) & (to_go.high <= most)
    return _Tried(still & near, pairs[2], to_go)


def thirds(values: ArrayLike, third: int) -> np.ndarray:
    """Logarithms of the means over the last three times `third` epochs, [..., seed, 3]."""
    late = np.asarray(values, np.float64)[..., -3 * third :]
    with np.errstate(divide="ignore", invalid="ignore"):
        levels = np.log(late.reshape(*late.shape[:-1], 3, third).mean(axis=-1))
    return np.where(np.isfinite(levels).all(axis=-1, keepdims=True), levels, np.nan)


def changes(values: ArrayLike, third: int) -> tuple[Intervals, Intervals, Intervals]:
    """Compare the logarithms of the thirds of [..., seed, epoch]: first to second, second to last, first to last."""
    levels = thirds(values, third)
    first, second, last = (t_intervals(levels[..., j] - levels[..., i]) for i, j in ((0, 1), (1, 2), (0, 2)))
    return first, second, last


def agree(pairs: tuple[Intervals, ...], within: float) -> np.ndarray:
    """Whether changes (`changes`) are shown to be smaller than `within`: an equivalence test, for every leading axis.

    Examples
    --------
    >>> still = np.array([[1.0] * 6, [1.1] * 6, [0.9] * 6])
    >>> bool(agree(changes(still, 2), 0.01)), bool(agree(changes(still * np.arange(1, 7), 2), 0.01))
    (True, False)
    """
    return np.all([(-within <= one.low) & (one.high <= within) for one in pairs], axis=0)


def remainders(values: ArrayLike, epoch: np.ndarray, third: int, slowest: float | None = None) -> Intervals:
    r"""Relative change from the mean of a window to the limit, with an interval over seeds.

    The union, over all time constants that the data allow (`approach`), of Student's intervals of the limits that
    follow from the window's three thirds. Which time constants, and where each limit lies, are asked at 98.75 % each:
    with 95 % both are answered right, although several windows are looked at.

    Parameters
    ----------
    values : array [..., seed, epoch]
        Positive; a seed without a value in the window is left out.
    epoch : array [epoch]
        Evenly spaced.
    third : int
        Values in each third of the window, which ends with the run.
    slowest : float, optional
        Longest time constant reckoned with, epochs; five times the run by default.

    Returns
    -------
    Intervals
        Relative changes [...]; NaN ends if no time constant is allowed. It covers for an exponential no slower than
        `slowest`, and for a sum of such of one sign whose slow part is no slower than the run.

    Examples
    --------
    >>> time, seeds = np.arange(101.0), np.array([[1.0], [1.1], [0.9]])
    >>> found = remainders(seeds * (1 + 0.1 * np.exp(-time / 50)), time, 20)
    >>> lacking = 1 / (1 + 0.1 * np.exp(-time / 50))[-60:].mean() - 1
    >>> bool(abs(found.value / lacking - 1) < 0.02), bool(found.low <= found.value <= found.high)
    (True, True)

    Source: E. C. Fieller, J. R. Statist. Soc. B 16 (1954) 175, for the ratio of two means.
    """
    found = approach(values, epoch, third, slowest, _LOOKS)
    each = t_intervals(found.limit - thirds(values, third).mean(axis=-1)[..., None, :], cells=_LOOKS)
    value, low, high = _union(each, found.allowed, found.best)
    return Intervals(np.expm1(value), np.expm1(low), np.expm1(high), each.n[..., 0])


def limit_of(series: ArrayLike, epoch: np.ndarray, slowest: float | None = None) -> Estimate:
    r"""Limit that a series approaches, with its interval, from the last 60 % of the run: a window fixed beforehand.

    Its interval is that of `remainders`: the union over all time constants that the series allows. It covers for one
    exponential no slower than `slowest`, and for a sum of such of one sign whose slow part is no slower than the run;
    one that turns round later cannot be told from such a sum, and one that was seen to turn has no interval. Of two
    starts give the ratio of both, paired by seed: what they share, such as the minibatches of a seed, leaves it.

    Parameters
    ----------
    series : array [seed, epoch]
        Positive.
    epoch : array [epoch]
        Evenly spaced.
    slowest : float, optional
        Longest time constant of the approach, epochs; five times the run by default.

    Returns
    -------
    Estimate
        Geometric mean over seeds of the limits; NaN ends where the series is no approach.

    Examples
    --------
    >>> time, seeds = np.arange(101.0), np.array([[1.0], [1.1], [0.9]])
    >>> found = limit_of(seeds * (2 + np.exp(-time / 10)) / seeds, time)
    >>> round(found.value, 3)
    2.0
    """
    values = np.asarray(series, np.float64)
    third = third_of_window(values.shape[-1])
    left_out = int((~np.isfinite(values[:, -3 * third :]).all(axis=-1)).sum()) if third else len(values)
    return as_estimate(limits_of(values, epoch, slowest), (), left_out)


def limits_of(series: ArrayLike, epoch: np.ndarray, slowest: float | None = None) -> Intervals:
    """`limit_of` for every leading axis of [..., seed, epoch] at once."""
    values = np.asarray(series, np.float64)
    third = third_of_window(values.shape[-1])
    if not third:
        nothing = np.full(values.shape[:-2], np.nan)
        return Intervals(nothing, nothing, nothing, np.zeros(nothing.shape, int))
    found = approach(values, epoch, third, slowest, QUESTIONS)
    each = t_intervals(found.limit, QUESTIONS)
    value, low, high = _union(each, found.allowed, found.best)
    turned = _turned(values, third)
    low, high = (np.where(turned, np.nan, end) for end in (low, high))
    return Intervals(np.exp(value), np.exp(low), np.exp(high), each.n[..., 0])


def third_of_window(records: int) -> int:
    """Give the records in a third of the last 60 % of a run (`WINDOW`), its start not counted; 0 if there are too few.

    Examples
    --------
    >>> third_of_window(241), third_of_window(5)
    (48, 0)
    """
    return int(round(WINDOW * (records - 1), 6)) // 3


def _turned(values: np.ndarray, third: int) -> np.ndarray:
    """Whether a series is seen to have turned round, before the window or in it: then it is no sum of one sign.

    Its means over blocks of a third of the window, back from the end, have changes of both signs told from 0.
    """
    blocks = values.shape[-1] // third
    late = values[..., values.shape[-1] - blocks * third :]
    with np.errstate(divide="ignore", invalid="ignore"):
        levels = np.log(late.reshape(*late.shape[:-1], blocks, third).mean(axis=-1))
    changes = t_intervals(np.swapaxes(np.diff(levels, axis=-1), -1, -2), cells=max(blocks - 1, 1))
    with np.errstate(invalid="ignore"):
        return np.asarray((changes.low > _SLACK).any(axis=-1) & (changes.high < -_SLACK).any(axis=-1))


def approach(values: ArrayLike, epoch: np.ndarray, third: int, slowest: float | None, cells: int) -> Approach:
    r"""Every seed's limit, by least squares from the window's thirds, for the time constants that the data allow.

    An exponential has levels :math:`y_k = y_\infty + A r^k` in thirds k = 0, 1, 2 with :math:`r = e^{-T/\tau}`, and r
    is the ratio of its changes. Asked of the window itself: r up to that of `slowest`; where the movement is lost in
    noise all are allowed, and the slowest decides. A window may hold a fast part that is nearly over and a slow one
    that is not: its r is between theirs and its limit too near. But of a sum of exponentials of one sign the limit by
    its slowest is never too near, in any window. So all time constants up to the length of the run are allowed besides.
    If no r fits the window, it is no approach, and no limit is allowed.
    """
    run = float(epoch[-1] - epoch[0])
    longest = SLOWEST * run if slowest is None else slowest
    levels, length = thirds(values, third), third * run / (len(epoch) - 1)
    of_sum = min(SLOWEST_OF_SUM * run, longest)
    tau, allowed, best = _time_constants(levels, length, (of_sum, longest), cells)
    allowed = (allowed | (tau <= of_sum * (1 + _SLACK))) & allowed.any(axis=-1, keepdims=True)
    with np.errstate(divide="ignore"):
        powers = np.exp(-length / tau)[..., None] ** np.arange(3)
    shape = powers - powers.mean(axis=-1, keepdims=True)
    amplitude = np.einsum("...rk,...sk->...rs", shape, levels) / (shape**2).sum(axis=-1)[..., None]
    limit = levels.mean(axis=-1)[..., None, :] - amplitude * powers.mean(axis=-1)[..., None]
    return Approach(limit, allowed, best)


def _time_constants(
    levels: np.ndarray, length: float, longest: tuple[float, float], cells: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Time constants [..., tau] to try, which of them three levels allow, and the place of the best.

    Those are allowed for which the mean over seeds of d2 - r d1 is not told from 0. Tried are a grid, the ratio of the
    mean changes, and the ends of Fieller's set.
    """
    first, second = levels[..., 1] - levels[..., 0], levels[..., 2] - levels[..., 1]
    of_data = np.clip(np.nan_to_num(_fieller(first, second, cells)), 0.0, np.exp(-length / longest[1]))
    tried = np.append(np.geomspace(length / 6, longest[1], _GRID), longest[0])
    grid = np.append(0.0, np.exp(-length / tried))
    ratios = np.concatenate([np.broadcast_to(grid, (*of_data.shape[:-1], grid.size)), of_data], axis=-1)
    test = t_intervals(second[..., None, :] - ratios[..., None] * first[..., None, :], cells)
    allowed = (test.low <= _SLACK) & (test.high >= -_SLACK)
    off = np.where(np.isnan(test.value), np.inf, np.abs(test.value))
    with np.errstate(divide="ignore"):
        return -length / np.log(ratios), allowed, np.argmin(off, axis=-1)


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


def _union(each: Intervals, allowed: np.ndarray, best: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Hull of the intervals that are allowed, and the value for the best; NaN where none is."""
    some = allowed.any(axis=-1)
    low = np.where(allowed, each.low, np.inf).min(axis=-1)
    high = np.where(allowed, each.high, -np.inf).max(axis=-1)
    value = np.take_along_axis(each.value, best[..., None], axis=-1)[..., 0]
    return value, np.where(some, low, np.nan), np.where(some, high, np.nan)


def _nothing() -> Estimate:
    return Estimate(np.nan, np.nan, np.nan, 0)
