"""Estimates with intervals over seeds: means, roots in log lambda, exponents over widths, plateaus."""

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Estimate:
    """A number with its two-sided interval, the sample it came from, and how many members were left out."""

    value: float
    low: float
    high: float
    n: int
    left_out: int = 0

    @property
    def ci95(self) -> tuple[float, float]:
        """The interval as a pair."""
        return self.low, self.high

    def __str__(self) -> str:
        """Value and half-width, as in a table; in words where there is none.

        Examples
        --------
        >>> nan = float("nan")
        >>> print(Estimate(2.0, 1.5, 2.5, 3), Estimate(2.0, nan, nan, 1), Estimate(nan, nan, nan, 0), sep=", ")
        2 ± 0.5, 2 (no interval), no number
        """
        return self.with_digits(".4g", ".2g")

    def with_digits(self, value: str, half: str) -> str:
        """Write value and half-width in formats of their own, and in words where there is none."""
        if not np.isfinite(self.value):
            return "no number"
        width = (self.high - self.low) / 2
        return f"{self.value:{value}} " + (f"± {width:{half}}" if np.isfinite(width) else "(no interval)")


def t_interval(sample: ArrayLike, cells: int = 1) -> Estimate:
    r"""Mean and Student interval, :math:`\bar x \pm t_{N-1}\, s/\sqrt N`, at 95 % after Bonferroni over `cells`.

    Parameters
    ----------
    sample : array [seed]
        One number per independent seed; values that are not finite are left out and counted.
    cells : int
        Number of intervals that must hold together.

    Returns
    -------
    Estimate
        NaN ends with fewer than two finite values.

    Examples
    --------
    >>> print(t_interval([1.0, 2.0, 3.0]))
    2 ± 2.5
    """
    from scipy import stats

    values = np.asarray(sample, np.float64).ravel()
    kept = values[np.isfinite(values)]
    left_out = values.size - kept.size
    if kept.size < 2:
        return Estimate(float(kept.mean()) if kept.size else np.nan, np.nan, np.nan, kept.size, left_out)
    half = stats.t.ppf(1 - (1 - CONFIDENCE) / (2 * cells), kept.size - 1) * kept.std(ddof=1) / np.sqrt(kept.size)
    return Estimate(float(kept.mean()), float(kept.mean() - half), float(kept.mean() + half), kept.size, left_out)


def prediction_interval(sample: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    r"""95 % interval for one more run, :math:`\bar x \pm t_{N-1} s\sqrt{1+1/N}`.

    Parameters
    ----------
    sample : array [seed, ...]
        Independent runs.

    Returns
    -------
    tuple of array [...]
        Lower and upper ends.
    """
    from scipy import stats

    n = len(sample)
    half = stats.t.ppf((1 + CONFIDENCE) / 2, n - 1) * sample.std(axis=0, ddof=1) * np.sqrt(1 + 1 / n)
    mean = sample.mean(axis=0)
    return mean - half, mean + half


def exp(estimate: Estimate) -> Estimate:
    """Turn an estimate of a logarithm into one of the number: a geometric mean."""
    value, low, high = np.exp([estimate.value, estimate.low, estimate.high])
    return Estimate(float(value), float(low), float(high), estimate.n, estimate.left_out)


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


def exponent(x: ArrayLike, y: ArrayLike) -> Estimate:
    r"""Exponent p of :math:`y \propto x^p`, fitted over cells, with an interval that counts seeds and lack of fit.

    The line goes through the seeds' mean log y per cell. Its squared standard error is the sum of the residual one
    (how far the cells are from a line, N-2 degrees of freedom) and that of the mean of the seeds' own slopes.

    Parameters
    ----------
    x : array [cell]
        Positive, for example numbers of weights.
    y : array [cell, seed]
        Positive measurements; a seed with a value that is not finite is left out.

    Returns
    -------
    Estimate
        The exponent, dimensionless.

    Examples
    --------
    >>> exponent([1.0, 2.0, 4.0], [[1.0, 1.1], [0.5, 0.55], [0.25, 0.275]]).value.__round__(12)
    -1.0
    """
    from scipy import stats

    log_x, log_y = np.log(np.asarray(x, np.float64)), np.log(np.asarray(y, np.float64))
    kept = np.isfinite(log_y).all(axis=0)
    log_y = log_y[:, kept]
    if log_y.shape[1] < 2 or len(log_x) < 3:
        return Estimate(np.nan, np.nan, np.nan, int(kept.sum()), int((~kept).sum()))
    centred = log_x - log_x.mean()
    slopes = centred @ log_y / (centred @ centred)
    mean = log_y.mean(axis=1)
    slope = slopes.mean()
    residual = mean - mean.mean() - slope * centred
    of_fit = residual @ residual / (len(log_x) - 2) / (centred @ centred)
    of_seeds = slopes.var(ddof=1) / slopes.size
    half = stats.t.ppf(1 - (1 - CONFIDENCE) / 2, min(len(log_x) - 2, slopes.size - 1)) * np.sqrt(of_fit + of_seeds)
    return Estimate(float(slope), float(slope - half), float(slope + half), slopes.size, int((~kept).sum()))


@dataclass(frozen=True)
class Plateau:
    """Where a quantity has stopped moving: the window of epochs, or None if it never did.

    Attributes
    ----------
    first, last : float
        Ends of the window, epochs; ``first`` is None if no window was stationary.
    drift : Estimate
        Relative change between the first and the last third of the window.
    to_go : float
        Relative change still to come if the approach goes on as between the thirds, exponentially; NaN if it does not
        slow down, 0 if it has turned round. A systematic error of the plateau, not part of any interval.
    """

    first: float | None
    last: float
    drift: Estimate
    to_go: float

    @property
    def reached(self) -> bool:
        """Whether a stationary window was found."""
        return self.first is not None

    def window(self) -> slice:
        """Slice of the epoch coordinate for ``sel``."""
        return slice(self.first, self.last)


def find_plateau(series: xr.DataArray, within: float = 0.005, shortest: float = 0.3) -> Plateau:
    r"""Earliest window up to the last epoch over which `series` is stationary.

    A seed that has no value at some epoch of a window, as one that diverged, is left out of that window's test and
    counted in ``drift.left_out``: whoever uses the window leaves it out too.

    Stationary means that the relative changes between the means of the window's three thirds, each pair of them, have
    95 % intervals over seeds inside ± `within`: an equivalence test, not a fixed last epoch. Three thirds, because the
    two halves of a dip can agree. It bounds the movement seen, not the distance still to go: see `Plateau`.

    Parameters
    ----------
    series : xarray.DataArray [seed, epoch]
        Positive, for example weight_rms of one cell and layer.
    within : float
        Largest relative change between the thirds.
    shortest : float
        Shortest window, as a share of the run.

    Returns
    -------
    Plateau
        With ``first=None`` if no window passes; ``drift`` is then the change over the last window tried.
    """
    epoch = series.epoch.values
    last = float(epoch[-1])
    drift, to_go = Estimate(np.nan, np.nan, np.nan, 0), np.nan
    for share in np.arange(0.8, shortest - 1e-9, -0.05):
        first = epoch[np.searchsorted(epoch, last * (1 - share))]
        third = series.sel(epoch=slice(first, last)).sizes["epoch"] // 3
        if third < 2:
            break
        parts = [series.isel(epoch=slice(-k * third, -(k - 1) * third or None)).mean("epoch", skipna=False)
                 for k in (3, 2, 1)]  # fmt: skip
        early, late, drift = (t_interval(np.log(parts[j] / parts[i])) for i, j in ((0, 1), (1, 2), (0, 2)))
        to_go = still_to_go(early.value, late.value)
        if all(-within <= change.low and change.high <= within for change in (early, late, drift)):
            return Plateau(float(first), last, drift, to_go)
    return Plateau(None, last, drift, to_go)


def still_to_go(before: float, after: float) -> float:
    r"""Sum of the geometric series that two successive changes begin, :math:`d_2 r/(1-r)` with :math:`r=d_2/d_1`.

    Examples
    --------
    >>> still_to_go(0.02, 0.01), still_to_go(0.02, -0.01), still_to_go(0.01, 0.02)
    (0.01, 0.0, nan)
    """
    if before * after <= 0:
        return 0.0
    ratio = after / before
    return after * ratio / (1 - ratio) if ratio < 1 else float("nan")
