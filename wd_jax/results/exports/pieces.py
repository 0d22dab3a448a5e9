"""A large array in pieces that fit into memory, each without a gap in the order of its numbers."""

import itertools
import math
from collections.abc import Iterator, Mapping

PIECE_BYTES = 2**25
"""Of a piece, about."""


def lengths(sizes: Mapping[str, int], each: int, most: int = PIECE_BYTES) -> dict[str, int]:
    """Give the length of a piece along each dimension.

    Parameters
    ----------
    sizes : mapping of str to int
        Of the dimensions, the slowest first.
    each : int
        Bytes of one number, or of all that belongs to one place.
    most : int
        Bytes of a piece.

    Examples
    --------
    >>> lengths({"lmbda": 3, "seed": 10, "epoch": 5}, each=8, most=100)
    {'lmbda': 1, 'seed': 2, 'epoch': 5}
    """
    found: dict[str, int] = {}
    left = math.prod(sizes.values()) * each
    for dim, size in sizes.items():
        left //= max(1, size)
        found[dim] = min(size, max(1, most // max(1, left))) if all(one == 1 for one in found.values()) else size
    return found


def cut(sizes: Mapping[str, int], each: int, most: int = PIECE_BYTES) -> Iterator[dict[str, slice]]:
    """Give the pieces in order; together they are everything.

    Examples
    --------
    >>> [(piece["lmbda"], piece["seed"]) for piece in cut({"lmbda": 2, "seed": 3}, each=8, most=16)]
    [(slice(0, 1, None), slice(0, 2, None)), (slice(0, 1, None), slice(2, 3, None)),
     (slice(1, 2, None), slice(0, 2, None)), (slice(1, 2, None), slice(2, 3, None))]
    """
    steps = lengths(sizes, each, most)
    parts = [
        [slice(i, min(i + steps[dim], size)) for i in range(0, size, max(1, steps[dim]))] for dim, size in sizes.items()
    ]
    for one in itertools.product(*parts):
        yield dict(zip(sizes, one, strict=True))
