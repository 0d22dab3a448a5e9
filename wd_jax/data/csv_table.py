"""Reading a table of numbers with one column of labels from a text file."""

import csv
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from wd_jax.data.class_labels import MISSING
from wd_jax.data.dataset import DatasetError
from wd_jax.data.reading import LARGEST, fault, file_size, looks_like, unreadable

DELIMITERS = "\t;,"
LABEL_NAMES = ("label", "labels", "target", "class", "y")
SAMPLE = 20
COUNTED = 10
QUOTE = '"'
TOO_LARGE = float(np.finfo(np.float32).max)
REMOVE = "remove the row or fill it in"


@dataclass(frozen=True)
class Table:
    """What a text file holds.

    Parameters
    ----------
    features : array, shape [N, columns], float32
        Every column but that of the labels.
    labels : array of str, shape [N]
        Stripped, none of them missing.
    label : str
        The labels' column, for messages.
    header : str
        Its name as the file has it; empty without a line of names.
    """

    features: NDArray[np.float32]
    labels: NDArray[np.str_]
    label: str
    header: str


def read_table(path: Path, label: str | int | None = None) -> Table:
    r"""Read a text file of comma-, semicolon- or tab-separated numbers.

    Parameters
    ----------
    path : Path
        UTF-8 text of at most 1 GiB.
    label : str or int, optional
        Name, or number from 0, of the column of labels; negative numbers count from the end.

    Raises
    ------
    DatasetError
        Naming line and column of what is missing or no number.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (path := Path(folder) / "t.csv").write_text("a;b;class\n1;2;yes\n3;4.5;no\n")
    ...     table = read_table(path)
    >>> table.features.tolist(), table.labels.tolist()
    ([[1.0, 2.0], [3.0, 4.5]], ['yes', 'no'])
    """
    if (size := file_size(path)) > LARGEST:
        raise fault(path, "size", f"{size} bytes, at most {LARGEST} are read", "give fewer rows, or an .npz file")
    try:
        with path.open("rb") as raw:
            start = raw.read(64)
        if b"\0" in start or looks_like(start):
            raise fault(
                path, "kind", f"it is {looks_like(start) or 'no text'}", "save it as UTF-8 text, comma-separated"
            )
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _read(path, file, label)
    except UnicodeDecodeError as error:
        raise fault(path, "text", f"{error.reason} at byte {error.start}", "save it as UTF-8") from error
    except csv.Error as error:
        raise fault(path, "text", f"{error}", "look for a quotation mark that is not closed") from error
    except OSError as error:
        raise unreadable(path, error) from error


def _read(path: Path, file: TextIO, label: str | int | None) -> Table:
    """Settle delimiter, header and label, then read row by row."""
    delimiter = _delimiter(path, list(itertools.islice((line for line in file if line.strip()), SAMPLE)))
    file.seek(0)
    rows = _rows(file, delimiter)
    start, first = next(rows)
    header = [cell.strip("# ") for cell in first] if _is_header(first) else None  # numpy.savetxt begins it with "# "
    column = _label_column(path, header, width := len(first), label)
    names = [_column(index, header) for index in range(width)]
    name = names.pop(column)
    features: list[NDArray[np.float32]] = []
    labels: list[str] = []
    for line, cells in rows if header else itertools.chain([(start, first)], rows):
        if len(cells) != width:
            raise DatasetError(f"{path}: line {line} has {len(cells)} cells where {width} are expected: mend it")
        word = cells.pop(column).strip()
        if word.lower() in MISSING:
            raise DatasetError(f"{path}: line {line}, {name}: the label is missing ({word!r}): {REMOVE}")
        if len(word.splitlines()) > 1:
            raise DatasetError(f"{path}: line {line}, {name}: a label of several lines: close its quotation mark")
        labels.append(word)
        features.append(_numbers(path, line, cells, names))
    if not labels:
        raise DatasetError(f"{path}: it has a header and no rows: give rows of numbers")
    array = np.stack(features)
    _refuse_counter(path, header[0 if column else 1] if header else None, array, names[0])
    return Table(array, np.array(labels), name, header[column] if header else "")


def _rows(file: TextIO, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Give each row that is not blank with the number of its line."""
    reader = csv.reader(file, delimiter=delimiter, skipinitialspace=True)
    for cells in reader:
        if cells and (len(cells) > 1 or cells[0].strip()):
            yield reader.line_num, cells


def _delimiter(path: Path, sample: list[str]) -> str:
    """Choose the delimiter that gives the first rows the same number of cells, more than one."""
    if not sample:
        raise DatasetError(f"{path}: it is empty: give rows of numbers, the label last")
    widths = {mark: [len(row) for row in csv.reader(sample, delimiter=mark)] for mark in DELIMITERS}
    several = [mark for mark in DELIMITERS if widths[mark][0] > 1]
    even = [mark for mark in several if len(set(widths[mark])) == 1]
    if not several:
        raise DatasetError(
            f"{path}: no comma, semicolon or tab separates the cells of its first row: give at least one number and a "
            f"label in each row{', and look for a quotation mark that is not closed' * (QUOTE in sample[0])}"
        )
    return (even or several)[0]


def _is_header(cells: list[str]) -> bool:
    """Tell names from values: no cell is a number, or one names the labels and the numbers count the columns."""
    numbers = [cell.strip() for cell in cells if _is_number(cell)]
    if any(cell.strip().lower() in MISSING for cell in cells if cell.strip()):
        return False
    if not numbers:
        return True
    counted = [str(first + index) for first in (0, 1) for index in range(len(numbers))]
    named = any(cell.strip("# ").lower() in LABEL_NAMES for cell in cells)
    return named and len(numbers) > 2 and numbers in (counted[: len(numbers)], counted[len(numbers) :])


def _label_column(path: Path, header: list[str] | None, width: int, label: str | int | None) -> int:
    """Find the column of the labels: as asked for, by its name, or the last."""
    if isinstance(label, int | np.integer) and not isinstance(label, bool):
        if not -width <= label < width:
            raise DatasetError(f"label={label}: {path} has {width} columns: give a number from 0 to {width - 1}")
        return label % width
    names = header or []
    if label is not None:
        if label not in names:
            listed = ", ".join(repr(name) for name in names[:20]) or "no header"
            raise DatasetError(f"label={label!r}: no such column in {path} ({listed}): give a name or a number from 0")
        found = [index for index, name in enumerate(names) if name == label]
    else:
        lower = [name.lower() for name in names]
        found = [index for index, name in enumerate(lower) if name in LABEL_NAMES[:-1]]
        found = found or [index for index, name in enumerate(lower) if name == LABEL_NAMES[-1]]
    if len(found) > 1:
        several = " and ".join(repr(names[index]) for index in found)
        raise DatasetError(
            f"{path}: the columns {several} may both be the labels: remove or rename one, or give label="
        )
    return found[0] if found else width - 1


def _numbers(path: Path, line: int, cells: list[str], names: list[str]) -> NDArray[np.float32]:
    """Give a row's cells as numbers, or name the first that is none."""
    try:
        values = np.array(cells, np.float64)
        if (np.abs(values) < TOO_LARGE).all():
            return values.astype(np.float32)
    except ValueError:
        pass
    for cell, name in zip([cell.strip() for cell in cells], names, strict=True):
        if cell.lower() in MISSING:
            raise DatasetError(f"{path}: line {line}, {name}: a value is missing ({cell!r}): {REMOVE}")
        if not _is_number(cell) or not abs(float(cell)) < TOO_LARGE:
            comma = re.fullmatch(r"[+-]?\d+,\d+", cell)
            remedy = "write decimals with a point" if comma else "give finite numbers, words only as labels"
            raise DatasetError(
                f"{path}: line {line}, {name}: {cell[:40]!r} is not a number that float32 holds: {remedy}"
            )
    raise AssertionError("one of the cells was at fault")


def _refuse_counter(path: Path, title: str | None, features: NDArray[np.float32], name: str) -> None:
    """Refuse a first column that only numbers the rows, as pandas and R write it: it would be learned from."""
    column = features[:, 0]
    counts = any(np.array_equal(column, np.arange(len(column)) + start) for start in (0, 1))
    unnamed = title is not None and (title == "" or title.startswith("Unnamed"))
    if counts and features.shape[1] > 1 and (unnamed or len(column) >= COUNTED):
        raise DatasetError(f"{path}: {name} only numbers the rows: remove it (pandas: to_csv(..., index=False))")


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _column(index: int, header: list[str] | None) -> str:
    """Name a column for a message, counted from 1."""
    return f"column {index + 1}" + (f" ({' '.join(header[index].split())[:40]})" if header and header[index] else "")
