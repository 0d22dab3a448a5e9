"""Reading one IDX file, gzipped or not, with every check made before a byte of it is used."""

import hashlib
import math
import stat
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wd_jax.data.dataset import DatasetError

GZIP = b"\x1f\x8b"
LABELS = 10
REMEDY = "download it again, or call wd_jax.data.mnist(download=True)"


@dataclass(frozen=True)
class IdxFile:
    """What an IDX file of unsigned bytes must be.

    Parameters
    ----------
    name : str
        File name without ``.gz``.
    dims : tuple of int
        (examples,) for labels, (examples, rows, columns) for images.
    sha256 : str
        Hash of the uncompressed file, 64 hexadecimal digits.

    Examples
    --------
    >>> IdxFile("labels", dims=(60_000,), sha256="").size
    60008
    """

    name: str
    dims: tuple[int, ...]
    sha256: str

    @property
    def header(self) -> bytes:
        """Two zero bytes, type 0x08 (unsigned byte), number of dimensions, then each dimension as big-endian int32."""
        return struct.pack(f">HBB{len(self.dims)}I", 0, 8, len(self.dims), *self.dims)

    @property
    def size(self) -> int:
        """Bytes of the uncompressed file."""
        return len(self.header) + math.prod(self.dims)


def read_idx(path: Path, expected: IdxFile) -> NDArray[np.uint8]:
    """Read an IDX file after checking its size, magic number, dimensions, sha256 and label range.

    Never more than the expected size and one byte is decompressed, whatever the file claims.

    Parameters
    ----------
    path : Path
        A regular file, gzipped or not.
    expected : IdxFile
        What it must hold.

    Returns
    -------
    array, shape `expected.dims`, uint8
        Read-only pixels (0 to 255) or labels (0 to 9).

    Raises
    ------
    DatasetError
        For each check that fails, naming the file, the check and the remedy.

    Notes
    -----
    Format: Y. LeCun, C. Cortes and C. J. C. Burges, *The MNIST database of handwritten digits*, section
    "File formats".
    """
    content = _content(path, expected)
    if len(content) != expected.size:
        raise _fault(path, "size", f"{len(content)} bytes where {expected.size} are expected; it is cut short")
    head = len(expected.header)
    if content[:4] != expected.header[:4]:
        raise _fault(path, "magic number", f"0x{content[:4].hex()} where 0x{expected.header[:4].hex()} is expected")
    if content[:head] != expected.header:
        dims = struct.unpack(f">{len(expected.dims)}I", content[4:head])
        raise _fault(path, "dimensions", f"{dims} where {expected.dims} is expected")
    digest = hashlib.sha256(content).hexdigest()
    if digest != expected.sha256:
        raise _fault(path, "sha256", f"{digest[:12]}... where {expected.sha256[:12]}... is expected; it is damaged")
    array = np.frombuffer(content, np.uint8, offset=head).reshape(expected.dims)
    if array.ndim == 1 and array.max() >= LABELS:
        index = int(array.argmax())
        raise _fault(path, "label range", f"label {array[index]} at index {index} where 0 to {LABELS - 1} are expected")
    return array


def _content(path: Path, expected: IdxFile) -> bytes:
    """Give the uncompressed bytes, at most one more than expected."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise _fault(
                path, "kind", "it is a directory where a file is expected", f"put {expected.name} in its place"
            )
        if not stat.S_ISREG(mode):  # a pipe would block for ever
            raise _fault(path, "kind", "it is not a regular file", f"put {expected.name} in its place")
        with path.open("rb") as file:
            raw = file.read(expected.size + expected.size // 1000 + 4096)  # deflate at its worst, and a gzip header
    except OSError as error:
        reason = error.strerror or str(error)
        raise _fault(path, "read", reason.lower(), "check that the file is there and may be read") from error
    if not raw.startswith(GZIP):
        return _within(path, raw, expected.size)
    return _within(path, _gunzip(path, raw, expected.size), expected.size)


def _gunzip(path: Path, raw: bytes, size: int) -> bytes:
    """Decompress one gzip member to at most `size` + 1 bytes; anything after it is refused."""
    stream = zlib.decompressobj(wbits=31)
    try:
        content = stream.decompress(raw, size + 1)
        if len(content) == size and not stream.eof:
            content += stream.decompress(stream.unconsumed_tail, 1)
    except zlib.error as error:
        raise _fault(path, "gzip", f"{error}; it is damaged") from error
    if len(content) <= size and not stream.eof:
        raise _fault(path, "gzip", "the compressed stream ends early; it is cut short")
    if stream.unused_data:
        raise _fault(path, "gzip", "bytes follow the compressed stream; something was appended to it")
    return content


def _within(path: Path, content: bytes, size: int) -> bytes:
    """Refuse content longer than `size` bytes."""
    if len(content) > size:
        raise _fault(path, "size", f"more than the {size} bytes expected")
    return content


def _fault(path: Path, check: str, found: str, remedy: str = REMEDY) -> DatasetError:
    """Word a failed check as one line."""
    return DatasetError(f"{path}: {check} check failed ({found}): {remedy}")
