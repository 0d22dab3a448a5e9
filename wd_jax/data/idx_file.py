"""Reading one IDX file of unsigned bytes, gzipped or not, with every check made before a byte of it is used."""

import math
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray

from wd_jax.data.dataset import DatasetError
from wd_jax.data.reading import LARGEST, fault, file_size, looks_like, unreadable

Kind = Literal["images", "labels"]

GZIP = b"\x1f\x8b"
CHUNK = 2**20
BYTES = 0x08
TYPES = {
    0x08: "unsigned bytes",
    0x09: "signed bytes",
    0x0B: "16-bit integers",
    0x0C: "32-bit integers",
    0x0D: "32-bit floats",
    0x0E: "64-bit floats",
}
MAX_DIMS = 4
"""Examples, rows, columns, colours."""


def read_idx(path: Path, kind: Kind, again: str = "download it again") -> NDArray[np.uint8]:
    """Read an IDX file of images or labels after checking its magic number, dimensions and size.

    Nothing is decompressed beyond the size that the header states, nor anything at all if that is more than 1 GiB.

    Parameters
    ----------
    path : Path
        A regular file, gzipped or not.
    kind : {"images", "labels"}
        Two to four dimensions, or one.
    again : str
        Remedy for a damaged file.

    Returns
    -------
    array, shape [N, ...], uint8
        Read-only pixels or labels.

    Raises
    ------
    DatasetError
        For each check that fails, naming the file, the check and the remedy.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "labels"
    ...     _ = path.write_bytes(header((3,)) + bytes([5, 0, 4]))
    ...     read_idx(path, "labels")
    array([5, 0, 4], dtype=uint8)

    Notes
    -----
    Format: Y. LeCun, C. Cortes and C. J. C. Burges, *The MNIST database of handwritten digits*, section
    "File formats".
    """
    size = file_size(path)
    try:
        with path.open("rb") as file:
            start = file.read(2)
            file.seek(0)
            source = _Source(path, file, zlib.decompressobj(wbits=31) if start == GZIP else None, again)
            dims = _dims(path, source, kind, again)
            stated = math.prod(dims)
            if source.stream is None and size != (whole := len(header(dims)) + stated):
                what = "it is cut short" if size < whole else "something was appended to it"
                raise fault(path, "size", f"{size} bytes where its header states {whole}; {what}", again)
            content = source.take(stated)
            source.finish(len(content) == stated)
            if len(content) != stated:
                raise fault(path, "size", f"{len(content)} of the {stated} bytes that its header states", again)
    except OSError as error:
        raise unreadable(path, error) from error
    return np.frombuffer(content, np.uint8).reshape(dims)


def header(dims: tuple[int, ...]) -> bytes:
    """Write the header of a file of unsigned bytes: two zero bytes, 0x08, the number of dimensions, each as int32.

    Examples
    --------
    >>> header((60_000,)).hex()
    '000008010000ea60'
    """
    return struct.pack(f">HBB{len(dims)}I", 0, BYTES, len(dims), *dims)


def _dims(path: Path, source: "_Source", kind: Kind, again: str) -> tuple[int, ...]:
    """Read the header and refuse what is no IDX file of this kind, is empty or is too large."""
    magic = source.take(4)
    if len(magic) < 4:
        raise fault(path, "size", f"{len(magic)} bytes, no header", again)
    if magic[:2] != bytes(2) or magic[2] not in TYPES or not 1 <= magic[3] <= MAX_DIMS:
        what = looks_like(magic + source.take(60)) or "no IDX file"
        raise fault(path, "magic number", f"0x{magic.hex()}: it is {what}", again)
    if magic[2] != BYTES:
        raise fault(
            path,
            "magic number",
            f"type 0x{magic[2]:02x}, {TYPES[magic[2]]}, where 0x08, unsigned bytes, is expected",
            "only bytes are read; write other numbers as arrays into an .npz file and give that",
        )
    found = "labels" if magic[3] == 1 else "images"
    if found != kind:
        raise fault(
            path,
            "magic number",
            f"0x{magic.hex()}: {magic[3]} dimension(s), so it holds {found} where {kind} are expected",
            "exchange the names of the two files, if they were swapped",
        )
    stated = source.take(4 * magic[3])
    if len(stated) < 4 * magic[3]:
        raise fault(path, "size", "it ends within its header; it is cut short", again)
    dims = struct.unpack(f">{magic[3]}I", stated)
    if 0 in dims:
        raise fault(path, "dimensions", f"{dims}: it holds nothing", again)
    if math.prod(dims) > LARGEST:
        raise fault(
            path,
            "size",
            f"its header states {math.prod(dims)} bytes {dims}, at most {LARGEST} are read",
            "give a part of the data, or download it again if that is not its size",
        )
    return dims


@dataclass
class _Source:
    """Uncompressed bytes of an open file, a stated number at a time."""

    path: Path
    file: BinaryIO
    stream: "zlib._Decompress | None"
    again: str
    rest: bytes = b""

    def take(self, count: int) -> bytes:
        """Give the next `count` bytes; fewer where the data end."""
        if self.stream is None:
            return self.file.read(count)
        parts: list[bytes] = []
        while count and not self.stream.eof:
            given = self.rest or self.file.read(CHUNK)
            try:
                part = self.stream.decompress(given, count)
            except zlib.error as error:
                raise self._fault(f"{error}; it is damaged") from error
            self.rest = self.stream.unconsumed_tail
            if not part and not given:
                raise self._fault("the compressed stream ends early; it is cut short")
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def finish(self, whole: bool) -> None:
        """Demand that a compressed stream ends here, with its checksum, and that nothing follows it."""
        if self.stream is None:
            return
        if self.take(1):
            raise fault(self.path, "size", "more bytes than its header states", self.again)
        if whole and (self.stream.unused_data or self.file.read(1)):
            raise self._fault("bytes follow the compressed stream; something was appended to it")

    def _fault(self, found: str) -> DatasetError:
        return fault(self.path, "gzip", found, self.again)
