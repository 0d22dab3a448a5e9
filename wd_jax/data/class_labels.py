"""What may be a class: whole numbers, booleans and words; what is none is refused with the place where it stands."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from wd_jax.data.dataset import DatasetError

FEW, ROWS_A_CLASS = 10, 5
MISSING = frozenset(["", "?", "na", "n/a", "nan", "null"])
OTHERWISE = "for targets that are no classes, make wd.data.Split(inputs, targets)"


def as_labels(values: NDArray, source: str) -> NDArray:
    """Give labels as whole numbers, or as words if not all of them are numbers.

    Parameters
    ----------
    values : array, shape [N] or [N, 1]
        Numbers, booleans or text; "1", "1.0" and 1 are one class.
    source : str
        Where they come from, for messages.

    Returns
    -------
    array, shape [N], int64 or str

    Raises
    ------
    DatasetError
        For a label that is missing or no whole number, and for labels of which nearly every row has its own.

    Examples
    --------
    >>> as_labels(np.array(["2", "10", "2.0"]), "here").tolist()
    [2, 10, 2]
    >>> as_labels(np.array(["cat", "dog"]), "here").tolist()
    ['cat', 'dog']
    """
    values = values.reshape(len(values))
    if values.dtype.kind in "SU":
        values = _words(values, source)
    if values.dtype.kind not in "biufU":
        raise DatasetError(f"{source}: labels of dtype {values.dtype} are no classes: give whole numbers or text")
    if values.dtype.kind == "f":
        odd = np.flatnonzero(~(np.isfinite(values) & (values == np.rint(values)) & (np.abs(values) < 2**53)))
        if len(odd):
            raise DatasetError(
                f"{source}: label {shown(values[odd[0]])} at index {odd[0]} is no class: give whole numbers or words; "
                f"{OTHERWISE}"
            )
    labels = values if values.dtype.kind in "U" else values.astype(np.int64)
    different = len(np.unique(labels))
    if different > FEW and different * ROWS_A_CLASS > len(labels):
        raise DatasetError(
            f"{source}: {different} different labels in {len(labels)} rows are no classes: name the column of the "
            f"classes; {OTHERWISE}"
        )
    return labels


def shown(label: Any) -> str:
    """Give a label, a NumPy scalar or text, for a message: a word in quotation marks and cut short.

    Examples
    --------
    >>> shown(np.int64(3)), shown("cat"), len(shown("x" * 1000))
    ('3', "'cat'", 42)
    """
    value = label.item() if isinstance(label, np.generic) else label
    return repr(value[:40] if isinstance(value, str) else value)


def _words(values: NDArray, source: str) -> NDArray:
    """Give text as numbers if every label is one, else stripped."""
    if values.dtype.kind == "S":
        try:
            values = np.char.decode(values, "utf-8")
        except UnicodeDecodeError as error:
            raise DatasetError(f"{source}: labels are not UTF-8 text ({error}): write them as UTF-8") from error
    words = np.char.strip(values)
    for index, word in enumerate(words):
        if word.lower() in MISSING:
            raise DatasetError(
                f"{source}: the label at index {index} is missing ({str(word)!r}): remove the row or fill it in"
            )
    try:
        return words.astype(np.float64)
    except ValueError:
        return words
