"""What a checkpoint holds, tensor by tensor: nothing is in memory before it is asked for."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

PART = 2**21
"""Numbers that are turned into float64 at a time: 16 MB."""


@dataclass(frozen=True)
class Tensor:
    """One tensor of a checkpoint.

    Parameters
    ----------
    shape : tuple of int
        Of it.
    load : callable
        Gives its numbers in one row, in their own type, as what can be cut: ``load()[0:10]``.
    to_float : callable
        Makes float64 of such a cut.
    """

    shape: tuple[int, ...]
    load: Callable[[], Any]
    to_float: Callable[[Any], NDArray[np.float64]] = lambda cut: np.asarray(cut).astype(np.float64)

    @property
    def size(self) -> int:
        """How many numbers it has."""
        return int(np.prod(self.shape, dtype=np.int64))


Checkpoint = Mapping[str, Tensor]
"""Tensors by name."""


def compare(now: Tensor, before: Tensor | None) -> tuple[float, float]:
    """Give the norm of a tensor and its cosine with the one before, both summed in float64.

    Parameters
    ----------
    now, before : Tensor
        Of one shape, the second from another checkpoint; None for the first.

    Returns
    -------
    tuple of float
        Norm; cosine, NaN without a tensor before or where one of them is zero.

    Examples
    --------
    >>> one, two = np.array([3.0, 4.0]), np.array([4.0, 3.0])
    >>> norm, cosine = compare(Tensor((2,), lambda: one), Tensor((2,), lambda: two))
    >>> norm, round(cosine, 12)
    (5.0, 0.96)
    """
    squares = other = product = 0.0
    for mine, theirs in _parts(now, before):
        squares += float(mine @ mine)
        if theirs is not None:
            other += float(theirs @ theirs)
            product += float(mine @ theirs)
    norm = float(np.sqrt(squares))
    if before is None or not squares * other > 0:
        return norm, np.nan
    return norm, max(-1.0, min(1.0, product / (norm * float(np.sqrt(other)))))


def _parts(now: Tensor, before: Tensor | None) -> Iterator[tuple[NDArray, NDArray | None]]:
    """Give two tensors in float64, some numbers at a time."""
    mine = now.load()
    theirs = None if before is None else before.load()
    for start in range(0, now.size, PART):
        cut = slice(start, min(start + PART, now.size))
        with np.errstate(over="ignore", invalid="ignore"):
            first = now.to_float(mine[cut])
            yield first, None if before is None or theirs is None else before.to_float(theirs[cut])
