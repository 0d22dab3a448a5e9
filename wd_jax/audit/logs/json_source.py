"""JSON: one record a line, Hugging Face's trainer_state.json, a list of records, or lists by name."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wd_jax.audit.logs.errors import LogError
from wd_jax.audit.logs.lines import first_bytes, line_blocks, opened, unreadable
from wd_jax.audit.logs.rows import flat, names_of, table_blocks
from wd_jax.audit.logs.source import READ_HERE, Source

LARGEST = 2**28
"""Bytes of a JSON file that is read whole: 256 MiB."""
HELD = 20_000
"""Rows of JSON lines that are kept from the first look at them."""


def json_source(path: Path) -> Source:
    """Read a log that is JSON in one of four forms.

    Parameters
    ----------
    path : Path
        UTF-8 text that begins with a brace or bracket, gzipped or not.

    Raises
    ------
    LogError
        If it is no whole JSON, or none that holds a log.
    """
    head = first_bytes(path, 2**22).lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"{"):
        line = head.partition(b"\n")[0]
        first = _loaded(line)
        if isinstance(first, dict) and _form(first) == "":
            return _lines(path)
    return _whole(path)


def _loaded(text: bytes) -> Any:
    """Give what one piece of JSON says; None if it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _form(found: Any) -> str:
    """Tell which form a whole JSON has; empty for what may be one record."""
    if isinstance(found, dict):
        if isinstance(found.get("log_history"), list):
            return "state"
        lists = [value for value in found.values() if isinstance(value, list)]
        return "lists" if lists and len(lists) == len(found) else ""
    return "records" if isinstance(found, list) and found and all(isinstance(row, dict) for row in found) else ""


def _whole(path: Path) -> Source:
    """Read a file that is one JSON."""
    try:
        with opened(path) as file:
            text = file.read(LARGEST + 1)
    except (OSError, EOFError) as error:
        raise unreadable(path, error) from error
    if len(text) > LARGEST:
        raise LogError(f"{path}: one JSON of more than {LARGEST >> 20} MiB: write one record a line")
    try:
        found = json.loads(text.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        said = " ".join(str(error).split())[:100]
        raise LogError(f"{path}: it begins as JSON and is cut short or damaged ({said}): copy it again") from error
    form = _form(found)
    if form == "state":
        kind = "Hugging Face trainer_state.json"
        rows = [flat(row) for row in found["log_history"] if isinstance(row, dict)]
    elif form == "records":
        kind, rows = "JSON records", [flat(row) for row in found]
    elif form == "lists":
        kind, rows = "JSON lists", _from_lists(found)
    elif isinstance(found, dict) and flat(found):
        kind, rows = "JSON records", [flat(found)]
    else:
        shown = ", ".join(map(repr, list(found)[:6])) if isinstance(found, dict) else type(found).__name__
        raise LogError(f"{path}: it is JSON without records ({shown}); {READ_HERE}")
    if not rows:
        raise LogError(f"{path}: its log_history is empty: give a log with at least one record")
    return Source(str(path), kind, names_of(rows), lambda wanted: table_blocks(rows, wanted))


def _from_lists(found: Mapping[str, list]) -> list[dict[str, float]]:
    """Give rows from lists of equal length by name, as Keras' History.history is; their number counts epochs."""
    length = max(len(values) for values in found.values())
    rows: list[dict[str, float]] = [{} for _ in range(length)]
    for name, values in found.items():
        for row, value in zip(rows, values, strict=False):
            row |= flat({name: value})
    if not any(name.lower() in ("epoch", "step") for name in found):
        rows = [{"epoch": float(index), **row} for index, row in enumerate(rows)]
    return rows


def _lines(path: Path) -> Source:
    """Read one record a line: once for the names, and again for the numbers if they are too many to keep."""
    notes: list[str] = []
    held: list[dict[str, float]] | None = []
    names: dict[str, None] = {}
    for row in _records(path, notes):
        names.update(dict.fromkeys(row))
        if held is not None:
            held.append(row)
            held = held if len(held) <= HELD else None
    kind = "W&B's history" if "_step" in names else "JSON lines"
    if held is not None:
        rows = held
        return Source(str(path), kind, tuple(names), lambda wanted: table_blocks(rows, wanted), notes)

    def blocks(wanted: Sequence[str]) -> Iterator[NDArray[np.float64]]:
        yield from table_blocks(_records(path, []), wanted)

    return Source(str(path), kind, tuple(names), blocks, notes)


def _records(path: Path, notes: list[str]) -> Iterator[dict[str, float]]:
    """Give the numbers of each line; count lines that are no JSON."""
    bad = good = 0
    last = b""
    for block in line_blocks(path, notes, keep_cut=True):
        for line in block.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
            if not line.strip(b" \t\r\0"):
                continue
            found = _loaded(line)
            if isinstance(found, dict):
                good += 1
                yield flat(found)
            else:
                bad += 1
                last = line
        ended = block.endswith(b"\n")
        if not ended and last and block == last:
            bad -= 1
            notes.append("Its last line is cut short and is left out: the log may still be being written.")
    if bad > good:
        raise LogError(f"{path}: {bad} of its {bad + good} lines are no JSON: write one record a line; {READ_HERE}")
    if bad:
        notes.append(f"{bad} {'line is' if bad == 1 else 'lines are'} no JSON and left out.")
