"""Numbers with commas in a table: a decimal mark, a mark of thousands, or not to be known."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Reading = Literal["decimal", "thousands", "open"]

_EXPONENT = r"(?:[eE][-+]?\d+)?"
TWOFOLD = re.compile(r"[-+]?[1-9]\d{0,2}[,.]\d{3}")
"""One mark before three digits: 1,050 is about 1, or about a thousand."""
DECIMAL = re.compile(rf"[-+]?(?:\d*|[1-9]\d{{0,2}}(?:\.\d{{3}})+),\d+{_EXPONENT}")
"""With a decimal comma: 4,85 and 1.250,5."""
THOUSANDS = re.compile(rf"[-+]?[1-9]\d{{0,2}}(?:,\d{{3}})+(?:\.\d*)?{_EXPONENT}")
"""With commas after thousands: 1,250.5 and 1,000,000."""
POINT = re.compile(rf"[-+]?\d*\.\d*{_EXPONENT}")
TENSOR = re.compile(r"tensor\(\s*([-+.\deE]+)\s*(?:,.*)?\)?")


@dataclass(frozen=True)
class Commas:
    """What the commas in a table's numbers are.

    Attributes
    ----------
    reading : {"decimal", "thousands", "open"}
        What the cells that leave no choice say; open if they say nothing, or both.
    example : str
        A cell that says so; empty if there is none.
    """

    reading: Reading = "open"
    example: str = ""

    @property
    def said(self) -> list[str]:
        """Say how they are read, if any was found."""
        what = {"decimal": "decimal marks", "thousands": "marks of thousands"}.get(self.reading)
        return [f"The commas in its numbers are read as {what} ({self.example!r} for one)."] if what else []


def commas_of(rows: bytes, delimiter: str) -> Commas:
    r"""Decide from a table's first rows what a comma in a number is.

    Parameters
    ----------
    rows : bytes
        Behind the line of names.
    delimiter : str
        Between cells.

    Examples
    --------
    >>> commas_of(b"0;1;5\n10;0,9;4,85\n", ";")
    Commas(reading='decimal', example='0,9')
    >>> commas_of(b'0,0.1,5\n"1,000",0.1,4\n', ",")
    Commas(reading='thousands', example='1,000')
    """
    if not re.search(rb'"\s*[-+]?\d*,\d' if delimiter == "," else rb",\d", rows):
        return Commas()
    decimal = thousands = twofold = ""
    point = False
    for cell in _cells(rows, delimiter):
        if "," not in cell:
            point = point or (bool(POINT.fullmatch(cell)) and not TWOFOLD.fullmatch(cell))
        elif TWOFOLD.fullmatch(cell):
            twofold = twofold or cell
        elif THOUSANDS.fullmatch(cell):
            thousands = thousands or cell
        elif DECIMAL.fullmatch(cell):
            decimal = decimal or cell
    if decimal and not thousands and not point:
        return Commas("decimal", decimal)
    if not decimal and (thousands or (twofold and point)):
        return Commas("thousands", thousands or twofold)
    return Commas()


def _cells(rows: bytes, delimiter: str) -> Sequence[str]:
    """Cut rows into cells, as far as they can be."""
    lines = rows.decode("utf-8", "replace").splitlines()
    cells: list[str] = []
    try:
        for row in csv.reader(lines, delimiter=delimiter, skipinitialspace=True):
            cells += [cell.strip() for cell in row]
    except csv.Error:
        pass  # what came before the damage tells enough
    return cells


def number_of(text: str, reading: Reading) -> float | None:
    """Give a cell's number; None if it has none, or may mean two.

    Examples
    --------
    >>> number_of("4,85", "decimal"), number_of("1,250.5", "thousands"), number_of("tensor(5.2, device='cpu')", "open")
    (4.85, 1250.5, 5.2)
    >>> number_of("1,050", "decimal"), number_of("1,050", "thousands"), number_of("1,050", "open")
    (1.05, 1050.0, None)
    """
    tensor = TENSOR.fullmatch(text)
    if tensor:
        return _float(tensor[1])
    if "," not in text:
        return None if reading == "decimal" and TWOFOLD.fullmatch(text) else _float(text)
    if TWOFOLD.fullmatch(text) and reading == "open":
        return None
    if reading != "decimal" and THOUSANDS.fullmatch(text):
        return _float(text.replace(",", ""))
    if reading != "thousands" and DECIMAL.fullmatch(text):
        return _float(text.replace(".", "").replace(",", "."))
    return None


def _float(text: str) -> float | None:
    """Read a plain number."""
    try:
        return float(text)
    except ValueError:
        return None
