"""Singular values of many matrices, of which some may have diverged."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def values(matrices: ArrayLike) -> NDArray[np.float64]:
    """Give the singular values of each matrix, the largest first; NaN where one has a number that is not finite.

    Parameters
    ----------
    matrices : array [..., p, q]
        The matrices: NumPy alone would refuse all of them for one that diverged.

    Returns
    -------
    array [..., min(p, q)]

    Examples
    --------
    >>> values([[[3.0, 0.0], [0.0, 4.0]], [[np.nan, 0.0], [0.0, 1.0]]])
    array([[ 4.,  3.],
           [nan, nan]])
    """
    given = np.asarray(matrices, np.float64)
    there = np.isfinite(given).all((-2, -1))
    found = np.full((*given.shape[:-2], min(given.shape[-2:])), np.nan)
    found[there] = np.linalg.svd(given[there], compute_uv=False)
    return found
