"""Tables of comma-, semicolon- or tab-separated values, read as a stream by pandas' parser."""

import csv
import io
import re
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from wd_jax.audit.logs import wandb_chart
from wd_jax.audit.logs.commas import TWOFOLD, Commas, commas_of, number_of
from wd_jax.audit.logs.errors import LogError
from wd_jax.audit.logs.lines import first_bytes, line_blocks
from wd_jax.audit.logs.roles import role_of
from wd_jax.audit.logs.source import READ_HERE, Source

DELIMITERS = ",;\t"
MISSING = ("", "none", "null", "nan", "na", "n/a", "-")
LOOKED_AT = 2**22
"""Bytes of rows that decide what a comma in a number is."""


def csv_source(path: Path) -> Source:
    """Read the line of names of a table.

    Parameters
    ----------
    path : Path
        UTF-8 text, gzipped or not, its first line the names of the columns.

    Returns
    -------
    Source

    Raises
    ------
    LogError
        If its first line names no columns.
    """
    start = first_bytes(path, 2**24)
    bare = b"\r" in start and b"\n" not in start  # lines that end as old Macs ended them
    start = start.replace(b"\r", b"\n") if bare else start
    head, end, rest = start.lstrip(b"\xef\xbb\xbf").partition(b"\n")
    delimiter = _delimiter(path, head, bool(end))
    names = _names(path, head, delimiter)
    first = next((line for line in rest.split(b"\n") if line.strip()), b"")
    commas = commas_of(rest[:LOOKED_AT], delimiter)
    notes: list[str] = []

    def blocks(wanted: Sequence[str]) -> Iterator[NDArray[np.float64]]:
        notes.clear()
        table = _Table(delimiter, commas, names, [names.index(name) for name in wanted])
        skip = True
        for block in line_blocks(path, notes, bare=bare):
            if skip:
                block, skip = block.partition(b"\n")[2], False
            yield table.parse(block)
        notes.extend(table.said(path))

    source = Source(str(path), "CSV", tuple(names), blocks, notes)
    if wandb_chart.is_chart(names):
        return wandb_chart.of_one_run(source)
    return Source(str(path), _kind(names, first, delimiter), tuple(names), blocks, notes)


class _Table:
    """Parses blocks of lines, and counts what it could not use."""

    def __init__(self, delimiter: str, commas: Commas, names: Sequence[str], columns: list[int]) -> None:
        width = len(names)
        self.delimiter, self.commas, self.names, self.width = delimiter, commas, names, width
        self.order = np.argsort(columns, kind="stable")
        self.columns = sorted(columns)
        self.header = (
            delimiter.join(map(str, range(width + 1))).encode() + b"\n"
        )  # one more, for rows that are too long
        self.words: Counter[str] = Counter()
        self.twofold: Counter[int] = Counter()  # by column, as `numbers`
        self.numbers: Counter[int] = Counter()
        self.example = ""
        self.long = 0

    def parse(self, block: bytes) -> NDArray[np.float64]:
        """Give the wanted columns of the rows, in the order they were wanted in."""
        if not block.strip():
            return np.empty((0, len(self.columns)))
        try:
            found = self._table(block, np.float64)
            self.numbers.update(dict(enumerate(np.isfinite(found).sum(axis=0).tolist())))
        except ValueError:  # a word where a number is expected, or a row that is too long
            found = self._with_words(block)
        whole = np.isnan(found[:, -1])  # no cell stands behind the last name
        self.long += int((~whole).sum())
        found = found[whole, :-1]
        values = np.empty(found.shape)
        values[:, self.order] = found
        return values

    def _table(self, block: bytes, dtype: type | None, bad: Literal["error", "warn"] = "error") -> NDArray:
        """Parse with pandas: NaN for an empty cell and for one that a row lacks; last what is behind the last name."""
        import pandas as pd

        table = pd.read_csv(
            io.BytesIO(self.header + block),
            sep=self.delimiter,
            decimal="," if self.commas.reading == "decimal" else ".",
            header=0,
            usecols=[*self.columns, self.width],
            index_col=False,
            dtype=dtype,
            engine="c",
            encoding_errors="replace",
            on_bad_lines=bad,
            na_values=["None", "none", "null", "NULL", "nan", "NaN", "NAN", "-", "N/A"],
            skipinitialspace=True,
        )
        return table.to_numpy()

    def _with_words(self, block: bytes) -> NDArray[np.float64]:
        """Parse columns of words cell by cell: a word becomes NaN, a row that is too long is left out; both count."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                cells = self._table(block, None, "warn")
            except ValueError:  # the parser gives up on a quotation mark that is not closed
                self.long += block.count(b"\n")
                return np.empty((0, len(self.columns) + 1))
        lines = sum(1 for line in block.split(b"\n") if line.strip())
        self.long += max(0, lines - len(cells))
        if cells.dtype != object:
            return cells.astype(np.float64)
        values = np.empty(cells.shape)
        for column in range(cells.shape[1] - 1):
            values[:, column] = [
                cell if type(cell) is float else self._number(cell, column) for cell in cells[:, column].tolist()
            ]
            self.numbers[column] += int(np.isfinite(values[:, column]).sum())
        values[:, -1] = [np.nan if str(cell) == "nan" else 1 for cell in cells[:, -1]]
        return values

    def _number(self, cell: object, column: int) -> float:
        """Give a cell's number; NaN, counted, where it has none or may mean two."""
        text = str(cell).strip()
        if text.lower() in MISSING:
            return np.nan
        number = number_of(text, self.commas.reading)
        if number is not None:
            return number
        if TWOFOLD.fullmatch(text):
            self.twofold[column] += 1
            self.example = self.example or text
        else:
            self.words[text[:30]] += 1
        return np.nan

    def said(self, path: Path) -> list[str]:
        """Say what was left out; refuse a column most of whose numbers may mean two."""
        for column, count in self.twofold.items():
            if count > self.numbers[column]:
                raise LogError(
                    f"{path}: most cells of {self.names[self.columns[column]]!r} can be read as two numbers "
                    f"({self.example!r} for one): write a decimal point, and no mark between thousands"
                )
        notes = list(self.commas.said)
        if self.twofold:
            notes.append(
                f"Cells that can be read as two numbers, a fraction or thousands, and count as missing: "
                f"{self.twofold.total()} ({self.example!r} for one)."
            )
        if self.words:
            example = self.words.most_common(1)[0][0]
            notes.append(f"Cells that hold no number and count as missing: {self.words.total()} ({example!r} for one).")
        if self.long:
            notes.append(f"Lines with more cells than names, or an open quotation mark, left out: {self.long}.")
        return notes


def _delimiter(path: Path, head: bytes, ended: bool) -> str:
    """Choose the mark that cuts the line of names into most names that are known, then into most parts."""
    if not head.strip():
        raise LogError(f"{path}: its first line is empty: give the names of the columns there")
    counts = {mark: head.count(mark.encode()) for mark in DELIMITERS}
    best = max(counts, key=lambda mark: (_known(head, mark), counts[mark]))
    if not counts[best]:
        shown = head[:40].decode("utf-8", "replace").strip()
        raise LogError(f"{path}: it is text without columns (its first line is {shown!r}); {READ_HERE}")
    if not ended:
        raise LogError(f"{path}: its first line has no end, and no record follows: give a log with at least one record")
    return best


def _known(head: bytes, mark: str) -> int:
    """Count the known names in a line that is cut at a mark."""
    try:
        cells = next(csv.reader([head.decode("utf-8", "replace").rstrip("\r")], delimiter=mark), [])
    except csv.Error:
        return 0
    return sum(1 for cell in cells if role_of(cell.strip()) is not None)


def _names(path: Path, head: bytes, delimiter: str) -> list[str]:
    """Give the columns' names, each once."""
    try:
        cells = next(csv.reader([head.decode("utf-8").rstrip("\r")], delimiter=delimiter))
    except UnicodeDecodeError as error:
        raise LogError(f"{path}: its first line is no UTF-8 text; {READ_HERE}") from error
    except (csv.Error, StopIteration) as error:
        raise LogError(f"{path}: its first line cannot be read as names ({error}): write one name a column") from error
    names = [cell.strip().strip("\ufeff") for cell in cells]
    numbers = sum(1 for name in names if re.fullmatch(r"[-+]?[\d.]+(?:[eE][-+]?\d+)?|nan", name))
    if numbers * 2 > len(names):
        raise LogError(
            f"{path}: its first line holds numbers ({', '.join(names[:4])}): put the names of the columns there"
        )
    seen: Counter[str] = Counter()
    unique = []
    for name in names:
        seen[name] += 1
        unique.append(name if seen[name] == 1 else f"{name}.{seen[name] - 1}")
    return unique


def _kind(names: list[str], first: bytes, delimiter: str) -> str:
    """Tell what wrote a table by its names."""
    if any(name.startswith("weight_norm/") for name in names) and names[0] == "step":
        return "a weight log's CSV"
    if "_step" in names:
        return "W&B's exported history"
    if "epoch" in names and "step" in names:
        return "Lightning metrics.csv"
    if names[0] == "epoch" and re.match(rb"\d+" + re.escape(delimiter.encode()), first):
        return "Keras CSVLogger"
    return "CSV"
