"""From anything a person calls an array to float32 numbers that lost nothing, or one line that says why not."""

import datetime
import numbers
import warnings
from collections.abc import Sized
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wd_jax.data.errors import DatasetError
from wd_jax.data.foreign import to_array

Float32 = NDArray[np.float32]
LARGEST = float(np.finfo(np.float32).max)
SMALLEST = float(np.finfo(np.float32).tiny)
EXACT = 2**24
"""Whole numbers up to here are exact in float32; above, only multiples of powers of two."""


def to_float32(name: str, values: Any, own: bool = False) -> Float32:
    """Convert to finite float32 numbers in memory of their own.

    Parameters
    ----------
    name : str
        What the array is called in an error.
    values : array or anything that NumPy converts
        Booleans become 0 and 1.
    own : bool
        Whether nobody else holds `values`: float32 is then not copied.

    Returns
    -------
    array, float32
        C-ordered, of any number of dimensions; the caller's array can change without changing it.

    Raises
    ------
    DatasetError
        For what is no number, not finite, or would not survive: text, dates, complex numbers, missing values, whole
        numbers that float32 rounds, numbers beyond its range.

    Warns
    -----
    UserWarning
        For a column of numbers so small that float32 stores zeros.

    Examples
    --------
    >>> to_float32("inputs", [[True, 2]])
    array([[1., 2.]], dtype=float32)
    >>> to_float32("inputs", [["1.5"]])
    Traceback (most recent call last):
        ...
    wd_jax.data.errors.DatasetError: inputs is not an array of numbers ([0, 0] is the text '1.5'): give
    np.asarray(inputs, dtype=float)
    """
    array = to_array(name, values)
    if array.dtype.kind == "O":
        array = _from_objects(name, array, values)
    elif array.dtype.kind not in "biuf":
        raise DatasetError(f"{name} {_no_numbers(name, array)}")
    elif array.dtype.kind in "iu":
        _refuse_rounded(name, array)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):  # what overflows is refused below, by index
        converted = np.array(array, np.float32, order="C", copy=None if own and _unshared(array) else True)
        # The sum is finite only if every value is, and takes no array of flags as large as the data.
        finite = np.isfinite(converted.sum(dtype=np.float64))
    if not finite:
        index = tuple(int(i) for i in np.argwhere(~np.isfinite(converted))[0])
        value = array[index]
        remedy = "remove the example or give a finite number"
        if np.isfinite(value):
            remedy = f"scale it, since float32 ends at {LARGEST:.2g}"
        raise DatasetError(f"{name}{list(index)} is {value}: {remedy}")
    _warn_of_vanishing(name, array, converted)
    return converted


def _unshared(array: NDArray) -> bool:
    """Whether an array is alone with its memory, or shares it with one that is read-only."""
    return array.base is None or (isinstance(array.base, np.ndarray) and not array.base.flags.writeable)


def _no_numbers(name: str, array: NDArray) -> str:
    """Say what an array of this dtype holds instead of real numbers, and how to get numbers from it."""
    kind, dtype = array.dtype.kind, array.dtype
    if kind == "c":
        both = f"np.hstack([np.real({name}), np.imag({name})])"
        return f"holds complex numbers ({dtype}): give np.real({name}), or both parts, {both}"
    if kind in "mM":
        since = f"({name} - {name}.min())" if kind == "M" else name
        return f"holds dates or times ({dtype}): give {since} / np.timedelta64(1, 'D'), and scale it"
    if dtype.names:
        call = f"np.lib.recfunctions.structured_to_unstructured({name})"
        return f"is a structured array with the fields {', '.join(dtype.names)}: give {call}"
    if kind in "UST" and array.size:
        index = _first_word(array)
        if index and index[0] == 0 and array.ndim == 2 and len(array) > 1 and _first_word(array[1:]) is None:
            return f"is not an array of numbers (row 0 holds names): give np.asarray({name}[1:], dtype=float)"
        where = index or (0,) * array.ndim
        shown = f"{list(where)} is the text {str(array[where])!r}"
        return f"is not an array of numbers ({shown}): {_text(name, array, index is None)}"
    return f"is not an array of numbers (its dtype is {dtype}): give numbers"


def _first_word(array: NDArray) -> tuple[int, ...] | None:
    """Find the first text that is not a number."""
    for index, value in np.ndenumerate(array):
        try:
            float(value)
        except (TypeError, ValueError):
            return index
    return None


def _text(name: str, array: NDArray, numeric: bool) -> str:
    """Say how text becomes numbers."""
    if numeric:
        return f"give np.asarray({name}, dtype=float)"
    if name == "targets" and array.size == len(array):
        labels = f"np.unique({name}, return_inverse=True)[1]"
        return f"give wd.data.one_hot({labels}, {max(2, len(np.unique(array.astype(str))))})"
    return "give numbers, words as columns of 0 and 1 (wd.data.one_hot of their numbers)"


def _from_objects(name: str, array: NDArray, values: Any) -> NDArray[np.float64]:
    """Convert Python objects one by one: only what is a real number passes, since float() takes text as well."""
    if array.ndim == 0:
        raise DatasetError(f"{name} is a {type(values).__name__}: give an array with one row per example")
    found = np.empty(array.shape)
    for index, value in np.ndenumerate(array):
        if not isinstance(value, numbers.Real | Decimal | np.bool_):
            raise DatasetError(f"{name} {_no_number(name, array, values, index, value)}")
        try:
            found[index] = float(value)
        except OverflowError:
            message = f"is a whole number of {len(str(value))} digits: scale it, since float32 ends at {LARGEST:.2g}"
            raise DatasetError(f"{name}{list(index)} {message}") from None
        if isinstance(value, numbers.Integral) and (count := abs(int(value))) // max(1, count & -count) >= EXACT:
            raise DatasetError(_rounded(name, index, int(value)))
    return found


def _no_number(name: str, array: NDArray, values: Any, index: tuple[int, ...], value: Any) -> str:
    """Say which object is no number, where, and what to do."""
    columns = getattr(values, "columns", None)
    where = str(list(index)) if columns is None or len(index) < 2 else f"{index[0]}, {columns[index[1]]!r}".join("[]")
    if isinstance(value, str | bytes):
        numeric = _first_word(array) is None
        words = _text(name, array, numeric)
        if columns is not None and not numeric:
            words = f"give pd.get_dummies({name}, dtype=float), or leave the column out"
        return f"is not an array of numbers ({where} is the text {value!r}): {words}"
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return f"is not an array of numbers ({where} is missing, {value}): remove the example or give a number"
    if isinstance(value, complex | np.complexfloating):
        return (
            f"is not an array of numbers ({where} is complex, {value}): give its real and imaginary part as two columns"
        )
    if isinstance(value, datetime.date):
        return (
            f"is not an array of numbers ({where} is the date {value}): give days since the first one, and scale them"
        )
    if isinstance(value, Sized):
        what = f"{where} is a {type(value).__name__} of {len(value)}"
        return f"is not an array of numbers ({what}): give a rectangular array"
    return f"is not an array of numbers ({where} is a {type(value).__name__}): give numbers"


def _refuse_rounded(name: str, array: NDArray) -> None:
    """Refuse whole numbers that float32 would change: two of them could become one."""
    if not array.size or max(int(array.max()), -int(array.min())) <= EXACT:
        return
    size = np.abs(array).astype(np.uint64)
    lowest_bit = np.maximum(size & (~size + np.uint64(1)), np.uint64(1))
    lost = size // lowest_bit >= EXACT  # the odd part needs more than float32's 24 bits
    if lost.any():
        index = tuple(int(i) for i in np.argwhere(lost)[0]) if array.ndim else ()
        raise DatasetError(_rounded(name, index, int(array[index])))


def _rounded(name: str, index: tuple[int, ...], value: int) -> str:
    """Say what float32 would make of a whole number."""
    what = f"{name}{list(index)} is {value}, which float32 stores as {int(np.float32(value))}"
    scaled = f"({name} - {name}.mean(axis=0)) / {name}.std(axis=0)"
    return f"{what}: scale it first, for example {scaled}, or leave it out if it is an identifier"


def _warn_of_vanishing(name: str, array: NDArray, converted: Float32) -> None:
    """Warn of inputs that are not zero but would count as dead: below float32's normal range all is zero to XLA."""
    if name != "inputs" or converted.ndim != 2 or not converted.size:
        return
    largest = np.maximum(converted.max(axis=0), -converted.min(axis=0))
    for column in np.flatnonzero(largest < SMALLEST):
        size = np.abs(array[:, column]).max()
        if size > 0:
            warnings.warn(
                f"{name}[:, {column}] is at most {size:.3g}, which float32 takes for zero: scale the column to about 1",
                stacklevel=5,
            )
