"""Arrays and what is known of them, in one .npz file that carries its own checksums.

The file is an ordinary uncompressed ``.npz``, which `numpy.load` opens. Its first member, ``meta``, is JSON: for every
array the dtype, the shape, the place and a SHA-256, and last a SHA-256 of this text itself. The file ends with the
SHA-256 of everything before it, as the comment of the archive. So a few arrays can be read and checked without the
others, and a flipped bit or a lost byte is seen wherever it is.
"""

import contextlib
import functools
import hashlib
import io
import json
import math
import os
import stat
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from wd_jax.files import ForeignFileError
from wd_jax.sweeps.store import zip_layout
from wd_jax.sweeps.store.zip_layout import Member

FORMAT, VERSION = "wd_jax arrays", 1
KINDS = "biufcSU"
"""Booleans, numbers and text: nothing that would have to be unpickled."""
EXTENDED = frozenset({"bfloat16"})
"""Types of numbers that NumPy learns from ml_dtypes, which JAX brings."""
MOST_META = 2**26
DIGITS = 64
_SEAL = ',"sha256":"'


class CorruptChunk(ForeignFileError):
    """A file of the store that is not what was written: one line naming the file and the check that failed."""


@dataclass(frozen=True)
class Entry:
    """One array of a file.

    Attributes
    ----------
    dtype : str
        NumPy's name of the type, such as "<f8".
    shape : tuple of int
        Lengths of the axes.
    at : int
        Place of its numbers in the file.
    size : int
        Their length in bytes.
    sha256 : str
        Of dtype, shape and numbers.
    """

    dtype: str
    shape: tuple[int, ...]
    at: int
    size: int
    sha256: str


@dataclass(frozen=True)
class Header:
    """What a file says of itself: `meta` as it was given to `write`, and each of its arrays."""

    meta: dict[str, Any]
    arrays: dict[str, Entry]

    @property
    def shas(self) -> dict[str, str]:
        """SHA-256 of each array: two files hold the same arrays if these are equal."""
        return {name: entry.sha256 for name, entry in self.arrays.items()}


def write(path: Path, arrays: Mapping[str, np.ndarray], meta: Mapping[str, Any]) -> Header:
    """Write a new file and wait until the disk has it. Nothing is published: give it its name when it is whole.

    Parameters
    ----------
    path : Path
        Of a file that is not there yet.
    arrays : mapping of str to array
        Booleans, numbers and text.
    meta : mapping
        What JSON can hold; no NaN.

    Returns
    -------
    Header
        As `header` reads it.

    Raises
    ------
    TypeError, ValueError
        For an array of objects, a name that a member cannot have, and more than 4 GiB.
    OSError
        If the file exists, or the disk is full: the caller removes what is there.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     shas = write(path := Path(folder) / "a.npz", {"x": np.arange(3.0)}, {"spec": "{}"}).shas
    ...     read(path), np.load(path)["x"], list(shas)
    (({'spec': '{}'}, {'x': array([0., 1., 2.])}), array([0., 1., 2.]), ['x'])
    """
    parts = {_member(name): _plain(name, array) for name, array in arrays.items()}
    starts = {name: _npy_header(array.dtype, array.shape) for name, array in parts.items()}
    entries, at = {}, 0  # counted from the end of meta, whose length depends on these numbers
    for name, array in parts.items():
        at += zip_layout.header_size(name) + len(starts[name])
        entries[name] = {"dtype": dtype_name(array.dtype), "shape": list(array.shape), "at": at, "sha256": _sha(array)}
        at += array.nbytes
    rest = at + zip_layout.directory_size(["meta", *parts], DIGITS)
    held = {"format": FORMAT, "version": VERSION, "meta": dict(meta), "arrays": entries, "rest": rest}
    text = _sealed(held)
    if len(parts) >= zip_layout.MOST:
        raise ValueError(f"{path.name}: {len(parts)} arrays are more than one file of the store may hold")
    if len(text) > MOST_META or len(text) + rest > zip_layout.LARGEST:
        raise ValueError(f"{path.name}: {len(text) + rest} bytes are more than one file of the store may hold")
    whole, place = hashlib.sha256(), 0
    with path.open("xb") as file:

        def put(data: bytes | memoryview) -> None:
            nonlocal place
            file.write(data)
            whole.update(data)
            place += len(data)

        members = [Member("meta", len(text), zlib.crc32(text))]
        put(members[0].header + text)
        for name, array in parts.items():
            data = _bytes_of(array)
            crc = zlib.crc32(data, zlib.crc32(starts[name]))
            members.append(Member(name, len(starts[name]) + array.nbytes, crc, place))
            put(members[-1].header + starts[name])
            put(data)
        put(zip_layout.directory(members, place, DIGITS))
        file.write(whole.hexdigest().encode())
        file.flush()
        os.fsync(file.fileno())
    return _found(held, members[0].end, members[0].end + rest)


def read(path: Path, names: Iterable[str] | None = None) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Read arrays, each checked; all of them by default, and then every byte of the file is checked too.

    Parameters
    ----------
    path : Path
        What `write` wrote.
    names : iterable of str, optional
        Which arrays.

    Returns
    -------
    dict, dict of str to array
        The meta and the arrays.

    Raises
    ------
    CorruptChunk
        If anything read is not what was written.
    KeyError
        For a name of no array.
    OSError
        If the file cannot be read; FileNotFoundError if it is not there.
    """
    with _opened(path) as file:
        header = _header(path, file)
        if names is None:
            _check_whole(path, file)
        asked = header.arrays if names is None else {name: header.arrays[name] for name in names}
        return header.meta, {name: _array(path, file, name, entry) for name, entry in asked.items()}


def header(path: Path) -> Header:
    """Read what a file says of itself, checked, without its arrays.

    Raises
    ------
    CorruptChunk, OSError
        As for `read`.
    """
    with _opened(path) as file:
        return _header(path, file)


@functools.lru_cache(64)
def dtype_name(dtype: np.dtype) -> str:
    """Name a type so that `np.dtype` finds it again."""
    return dtype.name if dtype.name in EXTENDED else dtype.str


def _plain(name: str, array: np.ndarray) -> np.ndarray:
    """Lay an array out in C order, the least byte first."""
    plain = np.asarray(array, order="C")
    if dtype_name(plain.dtype) in EXTENDED:
        return plain
    if plain.dtype.kind not in KINDS or plain.dtype.itemsize == 0:
        raise TypeError(f"{name}: an array of {plain.dtype} cannot be stored; give booleans, numbers or text")
    return plain if _little(plain.dtype) else plain.astype(plain.dtype.newbyteorder("<"))


def _little(dtype: np.dtype) -> bool:
    return dtype.byteorder == "|" or (dtype.byteorder == "<") or (dtype.byteorder == "=" and sys.byteorder == "little")


@functools.lru_cache(1024)
def _member(name: str) -> str:
    """Name the member of an array, as NumPy does."""
    if not name or len(name) > 200 or not name.isprintable() or any(sign in name for sign in '/\\:"'):
        raise ValueError(f"{name!r}: no name for an array of the store")
    return f"{name}.npy"


def _bytes_of(array: np.ndarray) -> memoryview:
    """Give an array's numbers as bytes, without a copy."""
    return array.reshape(-1).view(np.uint8).data if array.size else memoryview(b"")


def _sha(array: np.ndarray) -> str:
    """Hash dtype, shape and numbers."""
    sha = hashlib.sha256(f"{dtype_name(array.dtype)} {array.shape}\n".encode())
    sha.update(_bytes_of(array))
    return sha.hexdigest()


@functools.lru_cache(256)
def _npy_header(dtype: np.dtype, shape: tuple[int, ...]) -> bytes:
    """Give what stands before an array's numbers in a .npy file; a sweep has few shapes, and many files of them."""
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"descr": dtype.str, "fortran_order": False, "shape": shape})
    return buffer.getvalue()


def _sealed(held: Mapping[str, Any]) -> bytes:
    """Write JSON whose last entry is the hash of all before it."""
    text = json.dumps(held, separators=(",", ":"), allow_nan=False)[:-1]
    return f'{text}{_SEAL}{hashlib.sha256(text.encode()).hexdigest()}"}}'.encode()


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """Open a plain file; a link is not followed, and what is no file is not waited for."""
    if path.is_symlink():
        raise ForeignFileError(f"{path}: is a symbolic link; the store holds plain files only, so put the file there")
    flags = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with open(path, "rb", opener=lambda name, given: os.open(name, given | flags)) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ForeignFileError(f"{path}: is no plain file; remove it")
        yield file


def _header(path: Path, file: BinaryIO) -> Header:
    """Read and check meta."""
    begin = file.read(zip_layout.header_size("meta"))
    found = zip_layout.first_member(begin)
    if found is None or found[:2] != ("meta", len(begin)) or found[2] > MOST_META:
        raise _corrupt(path, "it does not begin as a file of the store")
    text = file.read(found[2])
    body, seal = text[: -len(_SEAL) - DIGITS - 2], text[-len(_SEAL) - DIGITS - 2 :]
    if seal != f'{_SEAL}{hashlib.sha256(body).hexdigest()}"}}'.encode():
        raise _corrupt(path, "the SHA-256 of its meta")
    try:
        held = json.loads(body + b"}")
        if held["format"] != FORMAT or held["version"] != VERSION:
            said = f"{held['format']!r}, version {held['version']!r}"
            raise ForeignFileError(f"{path}: is {said}; install the wd_jax that wrote it to read it")
        after, length = len(begin) + len(text), os.fstat(file.fileno()).st_size
        if length != after + held["rest"]:
            raise _corrupt(path, f"its length, which should be {after + held['rest']} bytes")
        return _found(held, after, length)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, ForeignFileError):
            raise
        raise _corrupt(path, f"its meta: {' '.join(str(error).split())[:80]}") from error


def _found(held: Mapping[str, Any], after: int, length: int) -> Header:
    """Take the checked JSON of meta, which ends at `after` in a file of `length` bytes."""
    arrays = {name.removesuffix(".npy"): _entry(one, after, length) for name, one in held["arrays"].items()}
    return Header(dict(held["meta"]), arrays)


def _entry(held: Mapping[str, Any], after: int, length: int) -> Entry:
    """Take one array's entry, its size computed from its dtype and shape: it must lie within the file."""
    kind, shape, at = str(held["dtype"]), tuple(held["shape"]), after + held["at"]
    if kind in EXTENDED:
        import ml_dtypes  # noqa: F401 (teaches NumPy these names)
    dtype = np.dtype(kind)
    size = math.prod(shape) * dtype.itemsize
    known = kind in EXTENDED or dtype.kind in KINDS
    if not known or any(not isinstance(side, int) or side < 0 for side in shape) or not 0 <= at <= length - size:
        raise ValueError(f"an array of {kind!r}, {shape} at {at}")
    return Entry(kind, shape, at, size, held["sha256"])


def _array(path: Path, file: BinaryIO, name: str, entry: Entry) -> np.ndarray:
    """Read and check one array."""
    array = np.empty(entry.shape, np.dtype(entry.dtype))
    file.seek(entry.at)
    if entry.size and file.readinto(array.reshape(-1).view(np.uint8)) != entry.size:  # pyrefly: ignore
        raise _corrupt(path, f"the length of {name}")
    if _sha(array) != entry.sha256:
        raise _corrupt(path, f"the SHA-256 of {name}")
    return array


def _check_whole(path: Path, file: BinaryIO) -> None:
    """Check the hash of everything, headers and directory too."""
    sha, left = hashlib.sha256(), os.fstat(file.fileno()).st_size - DIGITS
    file.seek(0)
    while left > 0 and (piece := file.read(min(left, 2**20))):
        sha.update(piece)
        left -= len(piece)
    if file.read(DIGITS + 1) != sha.hexdigest().encode():
        raise _corrupt(path, "the SHA-256 of the file")


def _corrupt(path: Path, check: str) -> CorruptChunk:
    return CorruptChunk(f"{path}: damaged, it fails a check ({check})")
