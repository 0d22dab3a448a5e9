"""From labelled rows to a `Dataset`: which rows train, which are watched, which judge; and pixels to a common size."""

import re
import unicodedata
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wd_jax.data.arrays import one_hot
from wd_jax.data.class_labels import shown
from wd_jax.data.dataset import Dataset, DatasetError, Split

SHUFFLE_SEED = 2015
"""Seed of the one order in which rows are split (the year Nielsen's book appeared)."""
PARTS = 6
"""One part in six is for validation; of data that come without a test set, one more for the test."""
PIXEL = np.float32(1 / 256)
"""Nielsen's pixels are k/256, hence not 1/255."""
MIN_PIXELS, BRIGHT = 16, 128


@dataclass(frozen=True)
class Labelled:
    """Rows with their labels, as read.

    Parameters
    ----------
    inputs : array, shape [N, ...]
        Numbers; an example's are flattened.
    labels : array, shape [N] or [N, n_out]
        One label a row, whole numbers or words; or rows of targets, which are kept.
    source : str
        Where they come from, for messages.
    """

    inputs: NDArray
    labels: NDArray
    source: str

    def take(self, rows: slice | NDArray[np.integer]) -> "Labelled":
        """Give some of the rows."""
        return Labelled(self.inputs[rows], self.labels[rows], self.source)

    def __len__(self) -> int:
        """Give the number of rows."""
        return len(self.inputs)


def shuffled(n: int) -> NDArray[np.integer]:
    """Give the one order in which `n` rows are shuffled: the same in every run, on every machine.

    Examples
    --------
    >>> shuffled(5).tolist()
    [4, 1, 0, 2, 3]
    """
    # NumPy promises that raw bits never change between versions; it does not promise that of permutation().
    return np.argsort(np.random.PCG64(SHUFFLE_SEED).random_raw(n), kind="stable")


def split_three(rows: Labelled) -> tuple[Labelled, Labelled, Labelled]:
    """Shuffle rows once and cut them: two thirds to train on, a sixth for validation, a sixth for the test.

    Raises
    ------
    DatasetError
        For fewer than three rows.
    """
    if len(rows) < 3:
        raise DatasetError(f"{rows.source}: {len(rows)} row(s) cannot be split in three: give more")
    part = max(1, len(rows) // PARTS)
    order = shuffled(len(rows))
    return rows.take(order[: -2 * part]), rows.take(order[-2 * part : -part]), rows.take(order[-part:])


def split_two(rows: Labelled, validation: int | None = None) -> tuple[Labelled, Labelled]:
    """Cut the last rows off for validation: a sixth, as of MNIST's 60 000, or as many as are asked for.

    Rows that come class by class are shuffled first, with a warning: the last of them would be of one class.

    Raises
    ------
    DatasetError
        If no row would be left on one side.
    """
    count = max(1, len(rows) // PARTS) if validation is None else validation
    if isinstance(count, bool) or not isinstance(count, int | np.integer) or not 1 <= count < len(rows):
        raise DatasetError(
            f"validation={count!r}: give a whole number of at least 1 and below the {len(rows)} training rows"
        )
    if _by_class(rows.labels):
        warnings.warn(
            f"{rows.source}: the rows come class by class, so they were shuffled before the split", stacklevel=2
        )
        rows = rows.take(shuffled(len(rows)))
    return rows.take(slice(len(rows) - count)), rows.take(slice(len(rows) - count, None))


def assemble(name: str, parts: Sequence[Labelled], factor: np.float32 | None, whole: Labelled) -> Dataset:
    """Make the data set of three parts: flat float32 inputs, one-hot targets.

    Parameters
    ----------
    name : str
        Name of the data set.
    parts : sequence of three Labelled
        Training, validation and test rows.
    factor : float or None
        Of every input.
    whole : Labelled
        The rows whose labels are the classes, in ascending order: the file's that the training rows were cut from.

    Raises
    ------
    DatasetError
        For a label that is not among the classes, and a class without a training row.
    """
    train = parts[0]
    if train.labels.ndim == 1:
        classes = np.unique(whole.labels)
        if len(classes) < 2:
            raise DatasetError(
                f"{whole.source}: every label is {shown(classes[0])}: give labels of at least two classes"
            )
        if len(absent := np.setdiff1d(classes, train.labels)):
            raise DatasetError(
                f"{train.source}: class {shown(absent[0])} has no row among the {len(train)} to train on: "
                "give more of it"
            )
        targets = [one_hot(_codes(part, classes), len(classes)) for part in parts]
    else:
        targets = [part.labels for part in parts]
    splits = [Split(flat(part.inputs, factor), rows) for part, rows in zip(parts, targets, strict=True)]
    return Dataset(name, *splits)


def flat(inputs: NDArray, factor: np.float32 | None = None) -> NDArray[np.float32]:
    """Flatten each example and multiply by a factor, without a copy in a wider dtype.

    Examples
    --------
    >>> flat(np.full((1, 2, 2), 128, np.uint8), PIXEL)
    array([[0.5, 0.5, 0.5, 0.5]], dtype=float32)
    """
    rows = inputs.reshape(len(inputs), -1)
    if factor is None:
        return rows.astype(np.float32, copy=False)
    return np.multiply(rows, factor, dtype=np.float32, casting="unsafe")


def pixel_factor(inputs: NDArray, source: str) -> np.float32 | None:
    """Decide whether inputs are pixels of one byte, and say so if they are.

    They are if all are whole numbers from 0 to 255, the largest at least 128, and either stored as bytes or at least
    16 an example.

    Returns
    -------
    float or None
        1/256, or None to leave the inputs as they are.

    Examples
    --------
    >>> pixel_factor(np.ones((3, 20)), "here") is None
    True
    """
    if inputs.dtype != np.uint8 and inputs[0].size < MIN_PIXELS:
        return None
    if not BRIGHT <= inputs.max() <= 255 or inputs.min() < 0:
        return None
    if inputs.dtype.kind == "f" and not all(np.array_equal(row, np.rint(row)) for row in inputs):
        return None
    warnings.warn(
        f"{source}: the inputs are pixels of 0 to 255, so they were divided by 256, as MNIST's are", stacklevel=2
    )
    return PIXEL


def safe_name(kind: str, path: Path) -> str:
    """Name a data set after its file or folder, in characters that any report can show.

    Examples
    --------
    >>> safe_name("csv", Path("my table (1)")), safe_name("idx", Path("Fashion/raw"))
    ('csv:my-table-1', 'idx:Fashion')
    """
    named = path.absolute() if path.name not in ("", "..") else path.resolve()
    names = [part for part in named.parts if part.lower() not in ("raw", "gzip", "data", "/")]
    return f"{kind}:{plain(names[-1] if names else '') or 'data'}"


def plain(text: str) -> str:
    """Reduce a text to at most 60 characters that any report can show.

    Examples
    --------
    >>> plain("passenger's class (1-3)")
    'passenger-s-class-1-3'
    """
    ascii_ = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9._-]+", "-", ascii_).strip("-._")[:60]


def _codes(part: Labelled, classes: NDArray) -> NDArray[np.integer]:
    """Give each label's place among the classes, or name the first that has none."""
    codes = np.minimum(np.searchsorted(classes, part.labels), len(classes) - 1)
    if len(strange := np.flatnonzero(classes[codes] != part.labels)):
        row = int(strange[0])
        raise DatasetError(
            f"{part.source}: label {shown(part.labels[row])} at index {row} is not among the {len(classes)} classes "
            f"{shown(classes[0])} to {shown(classes[-1])} of the training labels: give data of the same classes"
        )
    return codes


def _by_class(labels: NDArray) -> bool:
    """Tell whether each class's rows follow one another."""
    keys = labels if labels.ndim == 1 else labels.argmax(axis=1)
    changes = int(np.count_nonzero(keys[1:] != keys[:-1]))
    return changes == len(np.unique(keys)) - 1 < len(keys) - 1 and changes > 0
