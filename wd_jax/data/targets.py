"""What the targets of a data set mean: the kind of answer they are, and which losses can be asked for it."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from wd_jax.data.errors import DatasetError

Float32 = NDArray[np.float32]
Kind = Literal["one_hot", "distribution", "binary", "multilabel", "real", "classes"]

ACCURACY: dict[str, str] = {
    "one_hot": "fraction of examples whose largest output is the labelled one",
    "distribution": "fraction of examples whose largest output has the largest target; a tie has no number",
    "binary": "fraction of examples on the target's side of output 1/2, which is logit 0",
    "multilabel": "fraction of label decisions right: each output of each example, cut at 1/2 (logit 0)",
    "real": "no number: real-valued targets have no right and wrong, read the cost",
    "classes": "fraction of positions whose largest output is that of the class",
}
"""What `accuracy` of a result means, by the kind of its targets."""
ROUNDING = 1e-6
"""By how much a target may leave [0, 1]: probabilities made in float32 do."""
OFF_ONE = 1e-3
"""By how much the sum of a row may differ from 1: probabilities written with three digits do."""
MOST_CLASSES = 1000
"""A whole number above this is a quantity rather than a class."""


def target_kind(parts: Sequence[Float32]) -> Kind:
    """Decide from all splits what the targets are; two values such as 0.1 and 0.9 are labels too, smoothed.

    Parameters
    ----------
    parts : sequence of array, shapes [N, n_out]
        Targets of each split.

    Returns
    -------
    {"one_hot", "distribution", "binary", "multilabel", "real"}
        One column of labels is "binary"; rows with exactly one label are "one_hot", other rows of labels "multilabel";
        rows that sum to 1 are a "distribution"; all else is "real", and nothing is right or wrong.

    Examples
    --------
    >>> [target_kind([np.array(rows)]) for rows in ([[0, 1], [1, 0]], [[0], [1]], [[1, 1], [0, 1]], [[0.2], [0.7]])]
    ['one_hot', 'binary', 'multilabel', 'real']
    """
    low, high = min(float(part.min()) for part in parts), max(float(part.max()) for part in parts)
    several = parts[0].shape[1] > 1
    two_values = all(bool(((part == part.dtype.type(low)) | (part == part.dtype.type(high))).all()) for part in parts)
    if two_values:
        plain = low in (0, 1) and high in (0, 1)
        top = 1 if plain else high
        if (
            several
            and low < high
            and all(bool(((part == part.dtype.type(top)).sum(axis=1) == 1).all()) for part in parts)
        ):
            return "one_hot"
        if plain or (low < high and abs(low + high - 1) < ROUNDING):
            return "multilabel" if several else "binary"
    sums = row_sums(parts)
    return "distribution" if several and abs(sums[0] - 1) <= OFF_ONE and abs(sums[1] - 1) <= OFF_ONE else "real"


def row_sums(parts: Sequence[Float32]) -> tuple[float, float]:
    """Give the smallest and the largest sum of a row, (1, 1) if there is none."""
    sums = np.concatenate([part.sum(axis=1, dtype=np.float64) for part in parts])
    return (float(sums.min()), float(sums.max())) if sums.size else (1.0, 1.0)


def look_swapped(inputs: Float32, targets: Float32) -> bool:
    """Whether the inputs are labels and the targets many real numbers: the two may have been given the wrong way round.

    Examples
    --------
    >>> look_swapped(np.eye(2), np.array([[0.5, 0.1, 0.3], [0.2, 0.4, 0.1]]))
    True
    """
    if targets.shape[1] <= inputs.shape[1] or target_kind([targets]) != "real":
        return False
    numbers = inputs.shape[1] == 1 and not (inputs % 1).any()
    return numbers or target_kind([inputs]) == "one_hot"


def in_range(targets: Float32) -> bool:
    """Whether all targets lie in [0, 1], but for rounding."""
    return -ROUNDING <= float(targets.min()) and float(targets.max()) <= 1 + ROUNDING


def check_range(targets: Float32, swapped: bool = False) -> None:
    """Refuse targets that no output reaches: those of every loss lie between 0 and 1, and a cost would be meaningless.

    Parameters
    ----------
    targets : array, shape [N, n_out]
        Finite numbers.
    swapped : bool
        Whether they look like inputs.

    Raises
    ------
    DatasetError
        Naming the first such value, and what turns the likely meaning into targets.
    """
    low, high = float(targets.min()), float(targets.max())
    if in_range(targets):
        return
    outside = (targets < -ROUNDING) | (targets > 1 + ROUNDING)
    index = [int(i) for i in np.argwhere(outside)[0]]
    remedy = (
        "if inputs and targets were swapped, give Split(inputs, targets)" if swapped else _meant(targets, low, high)
    )
    raise DatasetError(f"targets{index} is {targets[tuple(index)]:g}: {remedy}")


def _meant(targets: Float32, low: float, high: float) -> str:
    """Say what turns targets outside [0, 1] into what they probably mean."""
    whole = not (targets % 1).any()
    two = bool(((targets == targets.dtype.type(low)) | (targets == targets.dtype.type(high))).all())
    if two and low == -1 and high in (-1, 1):
        return "labels of -1 and 1 become 0 and 1, give (targets + 1) / 2"
    ways = []
    if two and low < high:
        shifted = f"(targets - {low:g})" if low > 0 else f"(targets + {-low:g})" if low < 0 else "targets"
        divided = shifted.strip("()") if high - low == 1 else f"{shifted} / {high - low:g}"
        ways.append(f"labels of {low:g} and {high:g} become 0 and 1, give {divided}")
    if whole and targets.shape[1] == 1 and high - min(low, 0) < (10 if two else MOST_CLASSES):
        # A column that never holds 0 but 1 counts from 1; other gaps are a split that lacks a class.
        first = 1 if low == 1 else int(min(low, 0))
        numbered = f"targets - {first}" if first > 0 else f"targets + {-first}" if first else "targets"
        ways.append(f"class numbers become rows, give wd.data.one_hot({numbered}, {max(2, int(high) - first + 1)})")
    if not (two and low < high):
        divisor = "255" if 64 < high <= 255 and whole else "targets.max()"
        scaled = f"targets / {divisor}" if low >= 0 else "(targets - targets.min()) / (targets.max() - targets.min())"
        ways.append(f"outputs lie between 0 and 1, scale a quantity, {scaled} over all splits, with loss='quadratic'")
        ways.append("or say that they are real, Split(..., real=True), with loss='mean_squared_error'")
    return "; ".join(ways)


def check_loss(
    loss: str, n_out: int, kind: str, distributions: bool, what: str = "the data set", bounded: bool = True
) -> None:
    """Refuse a loss that means nothing for the targets.

    Cross-entropy and the squared error of sigmoid outputs judge each output by itself, so any target in [0, 1] will
    do. Softmax outputs are a distribution, and so must each row of targets be, or a class number. The mean squared
    error of linear outputs takes rows of any real numbers, but not labels that are judged at output 1/2.

    Parameters
    ----------
    loss : {"cross_entropy", "quadratic", "softmax", "mean_squared_error"}
        As in `wd_jax.Setup`.
    n_out : int
        Outputs, or classes.
    kind : str
        As `wd_jax.data.Dataset.target_kind` gives it.
    distributions : bool
        Whether each row that counts in the cost sums to 1.
    what : str
        Name of the data set, and what else is known.
    bounded : bool
        Whether all targets lie in [0, 1].

    Raises
    ------
    ValueError
        Naming the loss, the targets and the remedy.

    Examples
    --------
    >>> check_loss("softmax", 1, "binary", False)
    Traceback (most recent call last):
        ...
    ValueError: loss='softmax': the data set has one output, and the softmax of one output is always 1: give
    loss='cross_entropy', or two outputs, wd.data.one_hot(y, 2)
    """
    if kind == "classes" and loss != "softmax":
        raise ValueError(
            f"loss={loss!r}: {what} has class numbers for targets, which softmax outputs take: give loss='softmax', or "
            f"rows of targets, wd.data.one_hot(y, {n_out}), without classes={n_out}"
        )
    if not bounded and loss != "mean_squared_error":
        outputs = "softmax outputs" if loss == "softmax" else "sigmoid outputs"
        raise ValueError(
            f"loss={loss!r}: {what} has targets outside [0, 1], which {outputs} never reach: "
            "give loss='mean_squared_error', whose outputs are linear, or scale the targets"
        )
    if loss == "mean_squared_error" and kind in ("binary", "multilabel"):
        raise ValueError(
            f"loss='mean_squared_error': {what} has labels that are judged at output 1/2 of a sigmoid, and this loss "
            "has linear outputs: give loss='quadratic', or say that the targets are real, Split(..., real=True)"
        )
    if loss == "softmax":
        _check_softmax(n_out, kind, distributions, what)


def _check_softmax(n_out: int, kind: str, distributions: bool, what: str) -> None:
    """Refuse what is no distribution over outputs."""
    if n_out == 1:
        remedy = "give loss='cross_entropy', or two outputs, wd.data.one_hot(y, 2)"
        remedy = remedy if kind == "binary" else "give loss='quadratic' or 'cross_entropy'"
        raise ValueError(f"loss='softmax': {what} has one output, and the softmax of one output is always 1: {remedy}")
    if not distributions:
        labels = kind in ("one_hot", "multilabel")
        remedy = "loss='cross_entropy', which judges each label by itself" if labels else "loss='quadratic'"
        raise ValueError(
            f"loss='softmax': {what} has rows of targets that do not sum to 1, as softmax outputs do: give {remedy}, "
            "or rows that sum to 1"
        )
