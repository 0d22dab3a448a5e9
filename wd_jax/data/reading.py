"""Before a file of the user's is read: that it is a file, how large, and what it is if it is something else."""

import os
import stat
from pathlib import Path

from wd_jax.data.dataset import DatasetError

LARGEST = 2**30
"""Most bytes of one IDX file, and most numbers of one table or array: 4 GiB once they are float32."""

FOREIGN = {
    b"PK\x03\x04": "a zip archive",
    b"\x1f\x8b": "gzip",
    b"\x93NUMPY": "one .npy array",
    b"\x89HDF": "an HDF5 file",
    b"SQLite": "an SQLite file",
    b"PAR1\x15": "a Parquet file",
    b"%PDF": "a PDF",
    b"Rar!": "a rar archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"version https://git-lfs": "a Git LFS pointer",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
}


def as_path(value: str | os.PathLike[str]) -> Path:
    """Give a path, or say that the value is none: a table or an array where a file's name is expected.

    Examples
    --------
    >>> as_path([1, 2])
    Traceback (most recent call last):
        ...
    wd_jax.data.errors.DatasetError: a list where a path is expected: give the file's or folder's name as text
    """
    if not isinstance(value, str | os.PathLike):
        raise DatasetError(
            f"a {type(value).__name__} where a path is expected: give the file's or folder's name as text"
        )
    return Path(value)


def file_size(path: Path, remedy: str = "check that the file is there and may be read") -> int:
    """Give the bytes of a regular file; what is none is refused before it is opened, since a pipe blocks for ever.

    Raises
    ------
    DatasetError
        If there is nothing, a directory, a pipe or a device.

    Examples
    --------
    >>> file_size(Path("no/such.csv"))
    Traceback (most recent call last):
        ...
    wd_jax.data.errors.DatasetError: no/such.csv: read check failed (no such file or directory): check that the file
    is there and may be read
    """
    try:
        found = path.stat()
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        raise unreadable(path, error, remedy) from error
    if stat.S_ISDIR(found.st_mode):
        raise fault(path, "kind", "it is a directory where a file is expected", "name a file")
    if not stat.S_ISREG(found.st_mode):
        raise fault(path, "kind", "it is not a regular file", "put an ordinary file in its place")
    return found.st_size


def fault(path: Path, check: str, found: str, remedy: str) -> DatasetError:
    """Word a failed check as one line."""
    return DatasetError(f"{path}: {check} check failed ({found}): {remedy}")


def unreadable(
    path: Path, error: Exception, remedy: str = "check that the file is there and may be read"
) -> DatasetError:
    """Word what the system said about a file as one line."""
    reason = " ".join(str(getattr(error, "strerror", None) or error).split())
    return fault(path, "read", reason.lower(), remedy)


def looks_like(start: bytes) -> str:
    """Name what a file is by its first bytes; empty if they say nothing.

    Examples
    --------
    >>> looks_like(b"<!DOCTYPE html>"), looks_like(b"5.1,3.5")
    ('a web page', '')
    """
    if start.lstrip()[:1] == b"<":
        return "a web page"
    return next((what for magic, what in FOREIGN.items() if start.startswith(magic)), "")
