"""Records of a series made ready: finite, in order of time, and averaged over neighbours where there are many."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True, eq=False)
class Bins:
    """Means of neighbouring records.

    Attributes
    ----------
    time : array [bin]
        Mean time of the bin's records.
    mean : array [bin]
        Mean of its values.
    count : array [bin]
        Number of its records.
    first, last : array [bin]
        Times of its first and last record.
    """

    time: np.ndarray
    mean: np.ndarray
    count: np.ndarray
    first: np.ndarray
    last: np.ndarray

    @property
    def span(self) -> float:
        """Time from the first record to the last, and one record's share more."""
        records = self.count.sum()
        return float((self.last[-1] - self.first[0]) * records / max(records - 1, 1))


def cleaned(time: ArrayLike, values: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Give times and values [record] that are finite, in order of time; of one time twice, the later.

    Parameters
    ----------
    time, values : array [record]
        Of equal length.

    Raises
    ------
    ValueError
        If the two differ in length, or are not one-dimensional.

    Examples
    --------
    >>> cleaned([0, 2, 1, 3], [5.0, 7.0, float("nan"), 8.0])
    (array([0., 2., 3.]), array([5., 7., 8.]))
    """
    time, values = np.asarray(time, np.float64), np.asarray(values, np.float64)
    if time.shape != values.shape or time.ndim != 1:
        raise ValueError(
            f"time has the shape {time.shape} and values {values.shape}: give two arrays [record] of equal length"
        )
    kept = np.isfinite(time) & np.isfinite(values)
    time, values = time[kept], values[kept]
    order = np.argsort(time, kind="stable")
    time, values = time[order], values[order]
    lasts = np.append(np.diff(time) > 0, True) if len(time) else np.zeros(0, bool)
    return time[lasts], values[lasts]


def binned(time: np.ndarray, values: np.ndarray, most: int) -> Bins:
    """Means over at most `most` bins of equally many records, but for one more or less.

    Examples
    --------
    >>> binned(np.arange(5.0), np.array([1.0, 3.0, 5.0, 7.0, 9.0]), most=2).mean.tolist()
    [2.0, 7.0]
    """
    return at_edges(time, values, np.linspace(0, len(values), min(most, len(values)) + 1).astype(int))


def growing(time: np.ndarray, values: np.ndarray, most: int) -> Bins:
    r"""Means over at most `most` bins that grow as :math:`t + T/50` does, so that a fast start is not averaged away.

    Examples
    --------
    >>> growing(np.arange(1000.0), np.arange(1000.0), most=10).count.tolist()
    [10, 14, 22, 31, 46, 69, 102, 151, 223, 332]
    """
    if len(values) <= most:
        return at_edges(time, values, np.arange(len(values) + 1))
    share = np.expm1(np.linspace(0, np.log(51), most + 1)) / 50
    edges = np.searchsorted(time, time[0] + share * (time[-1] - time[0]))
    edges[-1] = len(values)
    return at_edges(time, values, np.unique(edges))


def at_edges(time: np.ndarray, values: np.ndarray, edges: np.ndarray) -> Bins:
    """Means between edges, which are places of records, the last one excluded."""
    count = np.diff(edges)
    sums = [np.add.reduceat(array[: edges[-1]], edges[:-1]) for array in (time, values)]
    return Bins(sums[0] / count, sums[1] / count, count, time[edges[:-1]], time[edges[1:] - 1])
