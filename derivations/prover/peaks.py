"""Where a function on the unit cube is highest: a coordinate search, so that no border hides a maximum."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

Place = tuple[float, ...]

STARTS = 3
FIRST, LAST = 1 / 8, 1 / 256


def climb(height: Callable[[Place], Any], start: Place) -> tuple[Any, Place]:
    """Walk along one coordinate at a time while that leads up, with steps that halve where none does.

    Parameters
    ----------
    height : callable
        Of a place in the unit cube, faces included.
    start : tuple of float
        Where to begin.

    Returns
    -------
    tuple
        The height reached, and where.

    Examples
    --------
    >>> top, (x, y) = climb(lambda place: -((place[0] - 0.3) ** 2) + place[1], (0.5, 0.5))
    >>> round(x, 2), y
    (0.3, 1.0)
    """
    here, best, stride = start, height(start), FIRST
    while stride >= LAST:
        before = best
        for axis in range(len(here)):
            for way in (stride, -stride):
                moved = (*here[:axis], min(1.0, max(0.0, here[axis] + way)), *here[axis + 1 :])
                if moved == here:
                    continue
                value = height(moved)
                if value > best:
                    here, best = moved, value
                    break
        if best == before:
            stride /= 2
    return best, here


def highest(height: Callable[[Place], Any], seen: Iterable[tuple[Any, Place]]) -> tuple[Any, Place]:
    """Climb from the best of the places seen that lie apart from each other.

    Examples
    --------
    >>> two_hills = lambda place: max(0.1 - abs(place[0] - 0.1), 0.2 - abs(place[0] - 0.9))
    >>> highest(two_hills, [(two_hills((x,)), (x,)) for x in (0.0, 0.2, 0.8, 1.0)])[1][0] > 0.85
    True
    """
    starts: list[Place] = []
    for _, place in sorted(seen, key=lambda found: -found[0]):
        if all(max(abs(a - b) for a, b in zip(place, start, strict=True)) > FIRST for start in starts):
            starts.append(place)
        if len(starts) == STARTS:
            break
    return max((climb(height, start) for start in starts), key=lambda found: found[0])
