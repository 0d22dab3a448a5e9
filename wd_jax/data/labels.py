"""Class numbers as rows of zeros with a single one."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from wd_jax.data.errors import DatasetError
from wd_jax.data.foreign import to_array
from wd_jax.inputs import checks, limits


def one_hot(labels: Any, classes: int) -> NDArray[np.float32]:
    """Turn class numbers into rows of zeros with a single one.

    Parameters
    ----------
    labels : array of whole numbers, shape [N] or [N, 1]
        Class numbers, 0 to `classes` - 1: integers, whole floats or booleans, one an example.
    classes : int
        Number of classes, at least 2: the width of the result.

    Returns
    -------
    array, shape [N, classes], float32

    Raises
    ------
    DatasetError
        For what is no class number below `classes`, or more than one an example.

    Examples
    --------
    >>> one_hot([1, 0], 2)
    array([[0., 1.],
           [1., 0.]], dtype=float32)
    >>> one_hot([1, 2, 2], 2)
    Traceback (most recent call last):
        ...
    wd_jax.data.errors.DatasetError: labels run from 1 to 2 and classes=2: class numbers start at 0, give labels - 1
    """
    if not checks.whole(classes) or classes < 2:
        remedy = "a whole number of at least 2; a yes or no is one column, labels.reshape(-1, 1)"
        raise DatasetError(f"classes={classes!r}: give {remedy}")
    if classes > limits.CLASSES.most:
        limit = limits.CLASSES
        raise DatasetError(f"classes={checks.shown(classes)}: give at most {limit.most}, since {limit.reason}")
    array = to_array("labels", labels)
    if array.size != array.shape[0] if array.ndim else True:
        raise DatasetError(f"labels has shape {array.shape}: {_shape_remedy(array)}")
    if not array.size:
        raise DatasetError(f"labels has shape {array.shape}: give at least one label")
    numbers = _whole_numbers(array.reshape(-1))
    low, high = int(numbers.min()), int(numbers.max())
    if low < 0 or high >= classes:
        raise DatasetError(_range_words(numbers, low, high, int(classes)))
    targets = np.zeros((len(numbers), classes), np.float32)
    targets[np.arange(len(numbers)), numbers.astype(np.int64)] = 1
    return targets


def _shape_remedy(array: NDArray) -> str:
    """Say how labels of this shape become one an example."""
    if array.ndim == 2 and array.shape[0] == 1:
        return "one row of many labels; give labels.ravel()"
    if array.ndim == 2 and array.dtype.kind in "biuf" and array.size and (array.sum(axis=1) == 1).all():
        return "these are rows already; use them as targets, or give labels.argmax(axis=1)"
    if array.ndim == 2:
        return "give one label an example, such as labels[:, 0]; several labels at once are targets of 0 and 1 already"
    return "give one label an example, shape [N] or [N, 1]"


def _whole_numbers(array: NDArray) -> NDArray:
    """Give labels as integers of the dtype they came in, or floats that are whole; refuse anything else by index."""
    if array.dtype.kind == "b":
        return array.astype(np.int64)
    if array.dtype.kind in "iu":
        return array
    if array.dtype.kind == "O":
        for index, value in enumerate(array):
            if not isinstance(value, int | float | np.integer | np.floating | np.bool_):
                raise DatasetError(f"labels[{index}] is {_shown(value)}: {_other_remedy(array, value)}")
        array = array.astype(np.float64)
    if array.dtype.kind != "f":
        raise DatasetError(f"labels[0] is {_shown(array[0])}: {_other_remedy(array, array[0])}")
    wrong = np.flatnonzero(~(np.isfinite(array) & (array == np.floor(array))))
    if wrong.size:
        value = float(array[wrong[0]])
        remedy = "give whole class numbers" if np.isfinite(value) else "remove the example or give its class"
        raise DatasetError(f"labels[{wrong[0]}] is {value:g}: {remedy}")
    return array


def _shown(value: Any) -> str:
    if isinstance(value, np.str_ | np.bytes_):
        value = value.item()
    return f"the text {value!r}" if isinstance(value, str | bytes) else f"{value} ({type(value).__name__})"


def _other_remedy(array: NDArray, value: Any) -> str:
    """Say how labels that are no numbers become class numbers."""
    if isinstance(value, str | bytes):
        try:
            float(value)
        except ValueError:
            return "give np.unique(labels, return_inverse=True)[1], numbers in the order of the sorted names"
        return "give np.asarray(labels, dtype=float)"
    return "remove the example or give its class number"


def _range_words(numbers: NDArray, low: int, high: int, classes: int) -> str:
    """Say which label is out of range and what was probably meant."""
    if low == -1 and high == 1 and not (numbers == 0).any():
        return "labels are -1 and 1: class numbers start at 0, give (labels + 1) / 2"
    if low == 1 and high == classes:
        return f"labels run from 1 to {high} and classes={classes}: class numbers start at 0, give labels - 1"
    if low < 0:
        index = int(np.argmin(numbers))
        return f"labels[{index}] is {low}: class numbers start at 0; give np.unique(labels, return_inverse=True)[1]"
    index = int(np.argmax(numbers))
    remedy = f"give classes={high + 1} or more"
    if len(np.unique(numbers)) <= classes:
        remedy += ", or number the labels found, np.unique(labels, return_inverse=True)[1]"
    return f"labels[{index}] is {high} and classes={classes}: {remedy}"
