"""Student intervals over seeds: of a mean, of the difference of two samples, and for one more run."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
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


class Intervals(NamedTuple):
    """Means and ends of intervals over the last axis, and how many values each is made of."""

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    n: np.ndarray


def t_intervals(samples: ArrayLike, cells: int = 1) -> Intervals:
    r"""Means and Student intervals over the last axis: `t_interval` for many samples at once.

    Parameters
    ----------
    samples : array [..., seed]
        Values that are not finite are left out.
    cells : int
        Number of intervals that must hold together (Bonferroni).

    Returns
    -------
    Intervals
        Arrays [...]; NaN ends where fewer than two values are finite.

    Examples
    --------
    >>> t_intervals([[1.0, 2.0, 3.0], [4.0, 4.0, 4.0]]).high.round(2).tolist()
    [4.48, 4.0]
    """
    _, n, mean, variance = _moments(samples)
    half = student(n - 1, cells) * np.sqrt(variance / np.maximum(n, 1))
    return Intervals(mean, mean - half, mean + half, n)


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
    values = np.asarray(sample, np.float64).ravel()
    kept = values[np.isfinite(values)]
    return as_estimate(t_intervals(kept, cells), (), values.size - kept.size)


def two_sample_intervals(samples: ArrayLike, others: ArrayLike, cells: int = 1) -> Intervals:
    r"""Differences of the means of independent samples, with Welch's interval.

    :math:`\bar x - \bar y \pm t_\nu \sqrt{s_x^2/N + s_y^2/M}` with Welch's and Satterthwaite's :math:`\nu`.

    Parameters
    ----------
    samples : array [..., seed]
        Values that are not finite are left out.
    others : array [..., other seed]
        From other seeds than `samples`; as many as one likes.
    cells : int
        Number of intervals that must hold together (Bonferroni).

    Returns
    -------
    Intervals
        ``n`` is the number of `samples`; NaN ends where fewer than two values of either are finite.

    Examples
    --------
    >>> found = two_sample_intervals([1.0, 2.0, 3.0], [0.0, 1.0, 2.0])
    >>> round(float(found.value), 9), round(float(found.high), 2)
    (1.0, 3.27)

    Source: B. L. Welch, Biometrika 34 (1947) 28.
    """
    difference, error, freedom, n = welch(samples, others)
    half = student(freedom, cells) * error
    return Intervals(difference, difference - half, difference + half, n)


def welch(samples: ArrayLike, others: ArrayLike) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Difference of two means, its standard error and degrees of freedom, and how many `samples` are finite."""
    _, n, mean, variance = _moments(samples)
    _, m, other_mean, other_variance = _moments(others)
    a, b = variance / np.maximum(n, 1), other_variance / np.maximum(m, 1)
    fewest = np.minimum(n, m) - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        freedom = (a + b) ** 2 / (a**2 / (n - 1) + b**2 / (m - 1))
    return mean - other_mean, np.sqrt(a + b), np.where(np.isfinite(freedom) & (fewest > 0), freedom, fewest), n


def standard_error(samples: ArrayLike) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean over the last axis, its standard error and degrees of freedom."""
    _, n, mean, variance = _moments(samples)
    return mean, np.sqrt(variance / np.maximum(n, 1)), n - 1.0


def student(freedom: ArrayLike, cells: int = 1) -> np.ndarray:
    """Two-sided quantile of Student's t at 95 % for `cells` intervals together; NaN without freedom."""
    from scipy.special import stdtrit

    freedom = np.asarray(freedom, np.float64)
    return np.where(freedom > 0, stdtrit(np.maximum(freedom, 1e-9), 1 - (1 - CONFIDENCE) / (2 * cells)), np.nan)


def as_estimate(found: Intervals, place: tuple[int, ...] = (), left_out: int = 0) -> Estimate:
    """One of many intervals, as a record."""
    value, low, high, n = (array[place] for array in found)
    return Estimate(float(value), float(low), float(high), int(n), left_out)


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
    n = len(sample)
    half = student(n - 1) * sample.std(axis=0, ddof=1) * np.sqrt(1 + 1 / n)
    mean = sample.mean(axis=0)
    return mean - half, mean + half


def exp(estimate: Estimate) -> Estimate:
    """Turn an estimate of a logarithm into one of the number: a geometric mean."""
    value, low, high = np.exp([estimate.value, estimate.low, estimate.high])
    return Estimate(float(value), float(low), float(high), estimate.n, estimate.left_out)


def _moments(samples: ArrayLike) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Values with zeros for what is not finite, their number, mean and variance; NaN where there are too few."""
    values = np.asarray(samples, np.float64)
    finite = np.isfinite(values)
    n = finite.sum(axis=-1)
    kept = np.where(finite, values, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = kept.sum(axis=-1) / np.where(n > 0, n, np.nan)
        deviation = np.where(finite, values - mean[..., None], 0.0)
        variance = (deviation**2).sum(axis=-1) / np.where(n > 1, n - 1, np.nan)
    return kept, n, mean, variance
