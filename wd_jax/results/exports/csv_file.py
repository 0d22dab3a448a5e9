"""CSV: every number with all its digits; a number that is not there is an empty cell."""

import csv
from pathlib import Path
from typing import Any

import numpy as np

from wd_jax.results.exports.table import Table

RISKY = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def save(table: Table, aside: Path) -> None:
    """Write a table.

    Parameters
    ----------
    table : Table
        From `wd_jax.results.exports.table.lay_out`.
    aside : Path
        The file.
    """
    with aside.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([column.name for column in table.columns])
        for block in table.blocks():
            writer.writerows(zip(*(_cells(array) for array in block.values()), strict=True))


def _cells(array: np.ndarray) -> list[Any]:
    """Give the cells of a column; a text that a spreadsheet would compute begins with an apostrophe."""
    if array.dtype.kind == "f":
        return ["" if value != value else value for value in array.tolist()]
    if array.dtype.kind in "iub":
        return array.tolist()
    texts = array.tolist()  # few of them differ
    cells = {text: f"'{text}" if str(text).startswith(RISKY) else str(text) for text in set(texts)}
    return [cells[text] for text in texts]
