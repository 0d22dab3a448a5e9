"""What a split's numbers do not tell by themselves and is said: class numbers, token numbers, real-valued targets."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wd_jax.data.errors import DatasetError
from wd_jax.inputs import checks, limits

Float32 = NDArray[np.float32]


@dataclass(frozen=True)
class Declared:
    """What was said of a split; nothing of it is guessed from the numbers.

    Parameters
    ----------
    classes : int, optional
        Targets are class numbers 0 to classes - 1, one for each position.
    tokens : int, optional
        Inputs are token numbers 0 to tokens - 1.
    real : bool
        Targets are real numbers, of any size.

    Raises
    ------
    ValueError
        For numbers that cannot be meant, and for classes that are real numbers too.

    Examples
    --------
    >>> Declared(classes=10).words()
    ('classes 10',)
    """

    classes: int | None = None
    tokens: int | None = None
    real: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        for name in ("classes", "tokens"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, limits.counted(name, getattr(self, name), limits.WIDTH, 2))
        object.__setattr__(self, "real", checks.flag("real", self.real))
        if self.real and self.classes is not None:
            raise ValueError(f"real=True: targets are real numbers or classes={self.classes}; give one of the two")

    def outputs(self, columns: int) -> tuple[int, ...]:
        """Give the shape of what a model makes of an example whose targets are so many numbers.

        Examples
        --------
        >>> Declared().outputs(3), Declared(classes=10).outputs(1), Declared(classes=10).outputs(3)
        ((3,), (10,), (3, 10))
        """
        if self.classes is None:
            return (columns,)
        return (self.classes,) if columns == 1 else (columns, self.classes)

    def words(self) -> tuple[str, ...]:
        """Give what was said in words that a hash can take: none if nothing was."""
        said = [f"{name} {getattr(self, name)}" for name in ("classes", "tokens") if getattr(self, name) is not None]
        return (*said, *(["real"] if self.real else []))


NOTHING = Declared()
"""Of most data sets nothing is said."""


def with_positions(targets: NDArray[Any]) -> NDArray[Any]:
    """Give class numbers [N] the one position that they have, [N, 1]; others as they are."""
    return targets[:, None] if targets.ndim == 1 else targets


def check_numbers(name: str, array: Float32, what: str, count: int) -> None:
    """Refuse numbers that name none of `count` classes or tokens.

    Parameters
    ----------
    name : {"targets", "inputs"}
        Which array it is.
    array : array, shape [N, positions]
        Finite numbers.
    what : {"classes", "tokens"}
        What they number.
    count : int
        How many there are.

    Raises
    ------
    DatasetError
        Naming the first that does not, and the remedy.

    Examples
    --------
    >>> check_numbers("targets", np.array([[0], [3]], np.float32), "classes", 3)
    Traceback (most recent call last):
        ...
    wd_jax.data.errors.DatasetError: targets[1, 0] is 3: classes=3 are numbered 0 to 2; give classes=4, or renumber them
    """
    wrong = (array < 0) | (array >= count) | (array % 1 != 0)
    if what == "classes" and array.shape[1] == count and _rows_of_labels(array):
        raise DatasetError(
            f"{name} are rows of 0 and 1 with one 1 each: leave classes={count} out, or give targets.argmax(axis=1)"
        )
    if not wrong.any():
        return
    index = [int(i) for i in np.argwhere(wrong)[0]]
    low, high = float(array.min()), float(array.max())
    if (array % 1 != 0).any():
        remedy = f"{what} are whole numbers, 0 to {count - 1}"
        remedy += "; real-valued targets are declared by real=True" if what == "classes" else ""
    elif low == 1 and high == count:
        remedy = f"{what} are numbered from 0, give {name} - 1"
    elif low < 0:
        remedy = f"{what}={count} are numbered 0 to {count - 1}; leave these examples out, or renumber the {what}"
    else:
        remedy = f"{what}={count} are numbered 0 to {count - 1}; give {what}={int(high) + 1}, or renumber them"
    raise DatasetError(f"{name}{index} is {array[tuple(index)]:g}: {remedy}")


def _rows_of_labels(array: Float32) -> bool:
    """Whether each row is a label already, in 0 and 1."""
    return bool(((array == 0) | (array == 1)).all() and (array.sum(axis=1) == 1).all())
