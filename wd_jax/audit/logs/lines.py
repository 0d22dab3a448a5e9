"""Text files in blocks of whole lines, gzipped or not, also while they are still being written."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from wd_jax.audit.logs.errors import LogError

BLOCK = 2**23
"""Bytes read at a time."""
LONGEST = 2**26
"""Bytes of the longest line that is read."""
FOREIGN = {
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"%PDF": "a PDF",
    b"PAR1": "a Parquet file",
    b"ARROW1": "an Arrow file",
    b"\x89HDF": "an HDF5 file",
    b"CDF": "a NetCDF file",
    b"SQLite": "an SQLite file",
    b"\x93NUMPY": "one .npy array",
    b"\x80\x04": "a pickle",
    b"\x80\x02": "a pickle",
    b"PK\x03\x04": "a zip archive",
    b"Rar!": "a rar archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ": "an xz file",
    b"(\xb5/\xfd": "a zstd file",
    b"\x7fELF": "a program",
    b"version https://git-lfs": "a Git LFS pointer, not the file itself",
    b"\xff\xfe": "UTF-16 text: save it as UTF-8",
    b"\xfe\xff": "UTF-16 text: save it as UTF-8",
}


def opened(path: Path) -> BinaryIO | gzip.GzipFile:
    """Open a file for reading its bytes, through gzip where its first bytes say so."""
    file: BinaryIO = path.open("rb")
    if file.read(2) == b"\x1f\x8b":
        file.close()
        return gzip.open(path, "rb")
    file.seek(0)
    return file


def first_bytes(path: Path, count: int = 65536) -> bytes:
    """Read the start of a file, unzipped.

    Raises
    ------
    LogError
        If there is nothing that can be read.
    """
    try:
        with opened(path) as file:
            return file.read(count)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise LogError(
            f"{path}: it is a gzip file cut short or damaged before its first lines: copy it again"
        ) from error
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: Exception) -> LogError:
    """Word what the system said about a file."""
    reason = " ".join(str(getattr(error, "strerror", None) or error).split()).lower()
    return LogError(f"{path}: cannot be read ({reason}): check that it is there and may be read")


def looks_like(start: bytes) -> str:
    """Name what a file is by its first bytes, if it is none that is read here; empty if they say nothing.

    Examples
    --------
    >>> looks_like(b"<!DOCTYPE html>"), looks_like(b"step,lr")
    ('a web page', '')
    """
    if start.lstrip()[:1] == b"<":
        return "a web page"
    named = next((what for magic, what in FOREIGN.items() if start.startswith(magic)), "")
    if not named and b"\0" in start:
        return "no text"
    return named


def line_blocks(
    path: Path, notes: list[str], keep_cut: bool = False, size: int = BLOCK, bare: bool = False
) -> Iterator[bytes]:
    r"""Give a text file in blocks that end with a line's end.

    Parameters
    ----------
    path : Path
        Of the file.
    notes : list of str
        Told when the last line has no end and is left out, or a gzip file is cut short.
    keep_cut : bool
        Give a last line without an end too, for formats that tell by themselves whether it is whole.
    size : int
        Bytes read at a time.
    bare : bool
        Lines end with a bare carriage return, which is given as a line's end.

    Raises
    ------
    LogError
        For a line of more than 64 MiB, and what the system says.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (path := Path(folder) / "t.csv").write_bytes(b"a,b\n1,2\n3,")
    ...     list(line_blocks(path, notes := [])), notes
    ([b'a,b\n1,2\n'], ['Its last line has no end and is left out: the log was cut short, or is still being written.'])
    """
    rest = b""
    try:
        with opened(path) as file:
            while block := _some(file, size, notes):
                block = block.replace(b"\r", b"\n") if bare else block
                whole, end, tail = (rest + block).rpartition(b"\n")
                rest = tail if end else rest + block
                if len(rest) > LONGEST:
                    raise LogError(f"{path}: a line of more than {LONGEST >> 20} MiB: give one record a line")
                if end:
                    yield whole + end
    except OSError as error:
        raise unreadable(path, error) from error
    if rest.strip(b"\0 \t\r"):
        if keep_cut:
            yield rest
        else:
            notes.append("Its last line has no end and is left out: the log was cut short, or is still being written.")


def _some(file: BinaryIO | gzip.GzipFile, size: int, notes: list[str]) -> bytes:
    """Read some bytes; at the end of a gzip file that has lost its own, what there is."""
    parts, count = [], 0
    try:
        while count < size and (part := file.read1(size - count)):  # pyrefly: ignore[missing-attribute] (both have it)
            parts.append(part)
            count += len(part)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        if not any(note.startswith("The gzip file") for note in notes):
            notes.append("The gzip file is cut short or damaged: what stands before that is read.")
    return b"".join(parts)
