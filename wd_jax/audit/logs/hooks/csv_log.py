"""A table that grows by a line a record, and can be read whenever the training ends."""

import csv
import io
import os
from collections.abc import Iterable, Mapping
from pathlib import Path


class CsvLog:
    """Append records to a CSV file; the first decides the columns.

    Parameters
    ----------
    path : str or path
        A new file, or one with the same columns, which is gone on with: what a killed training left in its last line is
        removed.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.names: list[str] | None = None

    def write(self, record: Mapping[str, float | int | None]) -> None:
        """Write one record and hand it to the system, so that a killed training loses nothing.

        Parameters
        ----------
        record : mapping of str to number
            None where there is none.

        Raises
        ------
        ValueError
            For other names than those before, or a file with other columns.
        """
        if self.names is None:
            self._begin(list(record))
        if list(record) != self.names:
            other = sorted(set(record) ^ set(self.names or ()))
            raise ValueError(
                f"{self.path}: the columns changed ({', '.join(other[:4])}): give each network a log of its own"
            )
        self._append(_line("" if value is None else repr(value) for value in record.values()))

    def _begin(self, names: list[str]) -> None:
        """Write the line of names, or see that the file has it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        line = _line(names)
        there = self.path.read_bytes() if self.path.exists() and self.path.stat().st_size < len(line) else b""
        if not self.path.exists() or (there and line.startswith(there)) or not self.path.stat().st_size:
            self.path.write_bytes(line)
        else:
            with self.path.open("rb+") as file:
                if file.read(len(line)) != line:
                    raise ValueError(f"{self.path}: it is there, with other columns: give the log a new name")
                _cut_last(file)
        self.names = names

    def _append(self, line: bytes) -> None:
        """Write a line in one piece."""
        with self.path.open("ab", buffering=0) as file:
            file.write(line)


def _line(cells: Iterable[str]) -> bytes:
    """Write cells as one line."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(list(cells))
    return text.getvalue().encode()


def _cut_last(file: io.BufferedRandom) -> None:
    """Remove what stands behind the last line's end."""
    size = file.seek(0, os.SEEK_END)
    place = size
    while place:
        start = max(0, place - 65536)
        file.seek(start)
        end = file.read(place - start).rfind(b"\n")
        if end >= 0:
            if start + end + 1 < size:
                file.truncate(start + end + 1)
            return
        place = start
