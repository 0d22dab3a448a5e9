"""Zarr 3: a folder with an array a variable, each chunk with a checksum; written in pieces and read back."""

import contextlib
import hashlib
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from wd_jax import files, temporary
from wd_jax.results.exports import pieces


def write(runs: xr.Dataset, path: Path) -> Path:
    """Write a result aside, read it back, and rename it; nothing is left if it fails.

    Parameters
    ----------
    runs : xarray.Dataset
        The result; it may lie on disk.
    path : Path
        The folder; it is not there.

    Raises
    ------
    FileExistsError
        If something is there by now.
    OSError
        If it cannot be written, or is not read back as it was written.
    """
    aside = temporary.beside(path)
    aside.mkdir()
    try:
        save(runs, aside)
        _sync(aside)
        if os.path.lexists(path):  # of an empty folder the system would make no word
            raise FileExistsError(f"{path}: has appeared there since, and is left as it is")
        aside.rename(path)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return path


def save(runs: xr.Dataset, folder: Path) -> None:
    """Write every variable, and compare what is read with what was written."""
    import zarr

    group = zarr.open_group(folder, mode="w", zarr_format=3)
    coordinates = [str(name) for name in runs.coords if name not in runs.dims]
    group.attrs.update({str(name): _plain(value) for name, value in runs.attrs.items()})
    group.attrs["coordinates"] = " ".join(coordinates)  # as the conventions of NetCDF say it
    written = {str(name): _write(group, str(name), runs[name].variable) for name in runs.variables}
    stored = zarr.open_group(folder, mode="r")
    for name, was in written.items():
        if was != _digest(stored[name], runs[name].variable):
            raise OSError(f"{folder}: {name} is not read as it was written; check the disk, and export again")


def _write(group: Any, name: str, variable: xr.Variable) -> str:
    """Write one variable in pieces, each a chunk; give the hash of its numbers."""
    from zarr.codecs import Crc32cCodec, ZstdCodec

    text = variable.dtype.kind not in "iubf"
    sizes = {str(dim): size for dim, size in variable.sizes.items()}
    each = 64 if text else variable.dtype.itemsize
    array = group.create_array(
        name,
        shape=variable.shape,
        dtype=str if text else variable.dtype,
        chunks=tuple(max(1, one) for one in pieces.lengths(sizes, each).values()),
        compressors=(ZstdCodec(level=3), Crc32cCodec()),
        fill_value=np.nan if variable.dtype.kind == "f" else None,
        dimension_names=tuple(sizes),
        attributes={str(key): _plain(value) for key, value in variable.attrs.items()},
        config={"write_empty_chunks": True},  # or a chunk that is lost could not be told from one of zeros
    )
    digest = hashlib.sha256()
    for piece in pieces.cut(sizes, each):
        values = variable.isel(piece).values
        values = np.asarray([str(one) for one in values.flat], object).reshape(values.shape) if text else values
        array[tuple(piece.values())] = values
        digest.update(_bytes(values))
    return digest.hexdigest()


def _digest(array: Any, variable: xr.Variable) -> str:
    """Hash what is stored, piece by piece as it was written."""
    each = 64 if variable.dtype.kind not in "iubf" else variable.dtype.itemsize
    digest = hashlib.sha256()
    for piece in pieces.cut({str(dim): size for dim, size in variable.sizes.items()}, each):
        digest.update(_bytes(np.asarray(array[tuple(piece.values())])))
    return digest.hexdigest()


def _bytes(values: np.ndarray) -> bytes:
    if values.dtype.kind in "iubf":
        return np.ascontiguousarray(values).tobytes()
    return "\0".join(str(one) for one in np.ravel(values).tolist()).encode()


def _plain(value: Any) -> Any:
    """Give an attribute as JSON has it."""
    return value.tolist() if hasattr(value, "tolist") else value


def _sync(folder: Path) -> None:
    """Make the files outlive a loss of power, where the system can promise that."""
    for place, _, names in os.walk(folder):
        for name in (*names, ""):
            with contextlib.suppress(OSError):
                handle = os.open(Path(place) / name, os.O_RDONLY)
                try:
                    os.fsync(handle)
                finally:
                    os.close(handle)


def refuse(path: Path) -> None:
    """Refuse a name at which something is already, before anything is read."""
    if os.path.lexists(path):
        raise FileExistsError(
            f"{path}: exists already, and a folder is never replaced; remove it or choose another name"
        )
    files.writable_folder(path.parent)
