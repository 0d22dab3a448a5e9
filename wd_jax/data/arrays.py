"""From labels and rows to a `Dataset`: the steps every data set shares."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from wd_jax.data.dataset import Dataset, Split
from wd_jax.data.labels import one_hot as one_hot


def cut(name: str, inputs: NDArray, targets: NDArray, sizes: Sequence[int]) -> Dataset:
    """Cut rows, in order, into training, validation and test splits.

    Parameters
    ----------
    name : str
        Name of the data set.
    inputs, targets : array, shapes [N, n_in] and [N, n_out]
        One row per example.
    sizes : sequence of three int
        Examples in each split; they add up to N.

    Returns
    -------
    Dataset

    Examples
    --------
    >>> cut("six", np.ones((6, 2)), np.ones((6, 1)), sizes=(3, 2, 1)).n
    3
    """
    ends = np.cumsum(sizes)
    if ends[-1] != len(inputs):
        raise ValueError(
            f"sizes={tuple(sizes)}: they add up to {ends[-1]}; give sizes that add up to the {len(inputs)} rows"
        )
    train, validation, test = (
        Split(inputs[end - size : end], targets[end - size : end]) for end, size in zip(ends, sizes, strict=True)
    )
    return Dataset(name, train=train, validation=validation, test=test)
