"""Where a curve over lmbda is lowest, seed by seed: the vertex of a parabola in the logarithm."""

import numpy as np
from numpy.typing import ArrayLike


def log_best(lmbda: ArrayLike, cost: ArrayLike) -> np.ndarray:
    r"""Logarithm of the lmbda of least cost, by the parabola through the least value and its two neighbours.

    Parameters
    ----------
    lmbda : array [cell]
        Positive, rising.
    cost : array [cell, ...]
        One curve for each of the other places.

    Returns
    -------
    array [...]
        NaN where the least value is at an end of the grid, so that the optimum may lie beyond, or a value is missing.

    Examples
    --------
    >>> x = np.array([1.0, 2.0, 4.0, 8.0])
    >>> np.exp(log_best(x, [np.log(x / 3) ** 2, x][0])).round(9).item()
    3.0
    >>> log_best(x, x).item()
    nan
    """
    x, y = np.log(np.asarray(lmbda, np.float64)), np.asarray(cost, np.float64)
    least = np.where(np.isfinite(y), y, np.inf).argmin(axis=0)
    inside = (least > 0) & (least < len(x) - 1) & np.isfinite(y).all(axis=0)
    middle = np.clip(least, 1, len(x) - 2)

    def at(step: int) -> np.ndarray:
        return np.take_along_axis(y, (middle + step)[None], axis=0)[0]

    left, right = x[middle] - x[middle - 1], x[middle + 1] - x[middle]
    below, above = at(-1) - at(0), at(1) - at(0)
    with np.errstate(divide="ignore", invalid="ignore"):
        shift = (below * right**2 - above * left**2) / (2 * (below * right + above * left))
    return np.where(inside, x[middle] + shift, np.nan)


def edges(lmbda: ArrayLike, cost: ArrayLike) -> tuple[int, int]:
    """Count the curves that are lowest at the first and at the last lmbda.

    Examples
    --------
    >>> edges([1.0, 2.0, 4.0], [[1.0, 3.0, 2.0], [2.0, 2.0, 1.0], [3.0, 1.0, 2.0]])
    (1, 1)
    """
    y = np.asarray(cost, np.float64)
    least = np.where(np.isfinite(y), y, np.inf).argmin(axis=0)
    return int((least == 0).sum()), int((least == len(y) - 1).sum())
