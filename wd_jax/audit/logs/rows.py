"""Rows of names and numbers, as JSON has them, made a table."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROWS = 4096


def flat(row: Mapping[str, Any], before: str = "") -> dict[str, float]:
    """Give the numbers of a row by name; a mapping inside it by name/name, what is no number not at all.

    Examples
    --------
    >>> flat({"train": {"loss": 1}, "lr": "0.1", "note": "good", "grad_norm": None})
    {'train/loss': 1.0, 'lr': 0.1, 'grad_norm': nan}
    """
    numbers = {}
    for name, value in row.items():
        if isinstance(value, Mapping):
            if "_type" not in value:  # W&B's histograms and pictures
                numbers |= flat(value, f"{before}{name}/")
        elif (number := _number(value)) is not None:
            numbers[f"{before}{name}"] = number
    return numbers


def _number(value: Any) -> float | None:
    """Give the number that a value is, NaN for null, None where it is none."""
    if value is None:
        return np.nan
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def names_of(rows: Iterable[Mapping[str, float]]) -> tuple[str, ...]:
    """List the names that rows have, in the order of their coming."""
    names: dict[str, None] = {}
    for row in rows:
        names.update(dict.fromkeys(row))
    return tuple(names)


def table_blocks(rows: Iterable[Mapping[str, float]], wanted: Sequence[str]) -> Iterator[NDArray[np.float64]]:
    """Give rows as arrays [row, name], some thousands at a time."""
    place = {name: index for index, name in enumerate(wanted)}
    block = np.full((ROWS, len(wanted)), np.nan)
    count = 0
    for row in rows:
        for name, value in row.items():
            if name in place:
                block[count, place[name]] = value
        count += 1
        if count == ROWS:
            yield block
            block, count = np.full((ROWS, len(wanted)), np.nan), 0
    if count:
        yield block[:count]
