"""The shapes of a split's arrays: one row per example, and what was probably meant by another shape."""

from collections.abc import Mapping

from numpy.typing import NDArray

from wd_jax.data.errors import DatasetError
from wd_jax.data.targets import MOST_CLASSES

NDIM = {"inputs": 2, "targets": 2, "loss_weights": 1}


def check_shape(name: str, array: NDArray, arrays: Mapping[str, NDArray]) -> None:
    """Refuse an array that is empty or has another number of dimensions.

    Parameters
    ----------
    name : {"inputs", "targets", "loss_weights"}
        Which of them to look at.
    array : array
        It.
    arrays : mapping of str to array
        All of them: two that were swapped show only together.

    Raises
    ------
    DatasetError
        Naming the shape and the call that mends it.

    Examples
    --------
    >>> import numpy as np
    >>> check_shape("inputs", np.ones((60, 28, 28)), {})
    Traceback (most recent call last):
        ...
    wd_jax.data.errors.DatasetError: inputs has shape (60, 28, 28): give a non-empty array of 2 dimensions,
    inputs.reshape(len(inputs), -1)
    """
    if array.ndim == NDIM[name] and array.size:
        return
    remedy = ""
    if array.size and array.ndim > 2:
        remedy = f", {name}.reshape(len({name}), -1)"
    elif array.size and name == "loss_weights":
        remedy = ", loss_weights.ravel()" if array.ndim else ", np.full(len(inputs), weight)"
    elif array.size and array.ndim == 1 and name == "inputs":
        remedy = ", inputs.reshape(-1, 1) for one input per example, inputs.reshape(1, -1) for one example"
        if arrays["targets"].ndim == 2 and len(arrays["targets"]) == len(array):
            remedy += "; if inputs and targets were swapped, Split(inputs, targets)"
    elif array.size and array.ndim == 1:
        remedy = _labels(array)
    dimensions = f"{NDIM[name]} dimension{'s' * (NDIM[name] > 1)}"
    raise DatasetError(f"{name} has shape {array.shape}: give a non-empty array of {dimensions}{remedy}")


def _labels(array: NDArray) -> str:
    """Say how targets without columns get them."""
    low, high = (array.min(), array.max())
    if (array % 1).any() or low < 0 or high >= MOST_CLASSES:
        return ", targets.reshape(-1, 1) for one output"
    one = ", or targets.reshape(-1, 1) for one output" if high <= 1 else ""
    return f", for classes wd.data.one_hot(targets, {max(2, int(high) + 1)}){one}"


def check_rows(arrays: Mapping[str, NDArray]) -> None:
    """Refuse arrays of different lengths, and say which one looks transposed.

    Parameters
    ----------
    arrays : mapping of str to array
        "inputs" and "targets" with two dimensions, "loss_weights" with one.

    Raises
    ------
    DatasetError
        Naming both lengths and the remedy.
    """
    inputs, targets = arrays["inputs"], arrays["targets"]
    rows = len(inputs)
    for name in ("targets", "loss_weights"):
        if len(arrays[name]) == rows:
            continue
        remedy = ""
        if name == "targets" and inputs.shape[1] == len(targets):
            remedy = ", inputs.T"
        elif name == "targets" and targets.shape[1] == rows:
            remedy = ", targets.T"
        elif name == "targets" and inputs.shape[1] == targets.shape[1] > max(rows, len(targets)):
            remedy = ", inputs.T and targets.T"
        raise DatasetError(
            f"{name} has {len(arrays[name])} rows and inputs has {rows}: give one row per example{remedy}"
        )
