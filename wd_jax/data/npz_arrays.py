"""Reading named arrays out of an .npz file, with every check made before memory is taken for them."""

import contextlib
import math
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from wd_jax.data.dataset import DatasetError
from wd_jax.data.reading import LARGEST, fault, file_size, looks_like, unreadable

KINDS = "biufUS"
"""Booleans, numbers and text: no objects, which would have to be unpickled."""
MOST_BYTES = 4 * LARGEST
AGAIN, SMALLER = "write it again with numpy.savez", "give fewer rows"
FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, struct.error)


def keys_of(path: Path) -> list[str]:
    """List the arrays of an .npz file.

    Raises
    ------
    DatasetError
        If it is no such file.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.savez(path := Path(folder) / "small.npz", x=[1.0], y=[2])
    ...     keys_of(path), read_arrays(path, ["y"])
    (['x', 'y'], {'y': array([2])})
    """
    file_size(path)
    with _faults_named(path):
        with path.open("rb") as file:
            start = file.read(64)
        if not start.startswith(b"PK"):
            raise fault(path, "kind", f"it is {looks_like(start) or 'no .npz file'}", AGAIN)
        with zipfile.ZipFile(path) as archive:
            return [name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")]


def read_arrays(path: Path, keys: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Read arrays whose headers were checked first; nothing is unpickled.

    Parameters
    ----------
    path : Path
        An .npz file.
    keys : sequence of str
        Of those that `keys_of` lists.

    Raises
    ------
    DatasetError
        For an array of objects, one that is larger than 1 GiB of numbers or than its place in the file, and damage.
    """
    with _faults_named(path), zipfile.ZipFile(path) as archive:
        if sum(_stated(path, archive, key) for key in keys) > MOST_BYTES:
            raise fault(path, "size", f"its arrays state more than the {MOST_BYTES} bytes that are read", SMALLER)
        arrays = {}
        for key in keys:
            with archive.open(f"{key}.npy") as member:
                arrays[key] = np.lib.format.read_array(member, allow_pickle=False)
        return arrays


def header_of(member: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Read the shape and dtype that an array's file states, before any number of it.

    Parameters
    ----------
    member : binary file
        At the beginning of a .npy file, alone or inside of an .npz file; behind the header afterwards.

    Raises
    ------
    ValueError
        If it is no .npy file.
    """
    version = np.lib.format.read_magic(member)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(member)
    return shape, dtype


def _stated(path: Path, archive: zipfile.ZipFile, key: str) -> int:
    """Give the bytes of an array, or refuse it, by what its header states."""
    if archive.namelist().count(f"{key}.npy") > 1:
        raise fault(path, "keys", f"{key!r} is there twice", AGAIN)
    with archive.open(f"{key}.npy") as member:
        shape, dtype = header_of(member)
        begins = member.tell()
    if dtype.hasobject or dtype.kind not in KINDS:
        what = "objects, which only pickle could read," if dtype.hasobject else f"dtype {dtype}"
        raise fault(path, key, f"it holds {what} where numbers are expected", f"write {key}.astype(float) or text")
    count = math.prod(shape)
    if count > LARGEST:
        raise fault(path, "size", f"{key} states the shape {shape}, at most {LARGEST} numbers are read", SMALLER)
    if archive.getinfo(f"{key}.npy").file_size != begins + count * dtype.itemsize:
        raise fault(
            path, "size", f"{key} states {count * dtype.itemsize} bytes, which is not what the file holds", AGAIN
        )
    return count * dtype.itemsize


@contextlib.contextmanager
def _faults_named(path: Path) -> Iterator[None]:
    """Word what zipfile and NumPy say of a damaged file, and what the system says of one that cannot be read."""
    try:
        yield
    except DatasetError:
        raise
    except FAULTS as error:
        said = " ".join(str(error).split()) or type(error).__name__
        raise fault(path, "zip", f"{said}; it is damaged", AGAIN) from error
    except OSError as error:
        raise unreadable(path, error) from error
