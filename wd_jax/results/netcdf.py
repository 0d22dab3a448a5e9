"""Results on disk: one NetCDF file a sweep, never half there."""

import hashlib
import io
import json
import warnings
from pathlib import Path

import numpy as np
import xarray as xr

from wd_jax.files import ForeignFileError, path_of, publish
from wd_jax.inputs import checks
from wd_jax.results.divergence import carried
from wd_jax.results.format_1 import current
from wd_jax.results.validity import FORMAT, doubts, lacking

MARK = "content_sha256"
"""Attribute of a file, not of a result: a selection of it has another content."""


def write(runs: xr.Dataset, path: Path) -> Path:
    """Write a result aside and rename it, so that a reader sees the whole file or none.

    Parameters
    ----------
    runs : xarray.Dataset
        From `wd_jax.sweep`.
    path : Path
        From `wd_jax.files.claim_file`.
    """
    marked = runs.assign_attrs({MARK: content_hash(runs)})
    publish(path, lambda aside: marked.to_netcdf(aside, engine="scipy"))
    return path


def content_hash(runs: xr.Dataset) -> str:
    """Hash the names, dimensions and values of all variables: a file can tell whether it was altered.

    Parameters
    ----------
    runs : xarray.Dataset
        In memory, or as a file gives it back.

    Returns
    -------
    str
        64 hexadecimal digits; the same for whole numbers and truth values that NetCDF stores as another type.
    """
    digest = hashlib.sha256()
    for name in sorted(map(str, runs.variables)):
        values = runs[name].values
        digest.update(f"{name} {runs[name].dims} {values.shape}\n".encode())
        if values.dtype.kind in "iufb":
            digest.update(np.ascontiguousarray(values, "<f8").tobytes())
        else:
            digest.update(json.dumps([str(value) for value in values.ravel().tolist()]).encode())
    return digest.hexdigest()


def open_runs(path: str | Path) -> xr.Dataset:
    """Open a result that `wd_jax.sweep` wrote.

    Parameters
    ----------
    path : path
        The file, with or without ``.nc``.

    Returns
    -------
    xarray.Dataset
        Loaded into memory; the file is closed.

    Raises
    ------
    OSError
        If there is no such file, or it cannot be read.
    wd_jax.files.ForeignFileError
        A `ValueError`, if it is not a result.

    Warns
    -----
    UserWarning
        Where its labels contradict the settings it was run with.
    """
    runs = read(path)
    for doubt in doubts(runs):
        warnings.warn(f"{path_of(path)}: {doubt}", stacklevel=2)
    return runs


def read(path: str | Path) -> xr.Dataset:
    """Do as `open_runs`, without a warning: for what goes on to word `wd_jax.results.validity.doubts` itself."""
    file = path_of(path)
    if not file.is_file():
        raise FileNotFoundError(_not_there(Path(path), file))
    content = file.read_bytes()
    if content[:4] == b"\x89HDF":
        raise ForeignFileError(
            f"{file}: a NetCDF-4 (HDF5) file, and results are NetCDF 3; if it is one, write it again with "
            "runs.to_netcdf(path, engine='scipy')"
        )
    try:
        # From memory, not from the path: SciPy would map a damaged file and leave it open.
        with warnings.catch_warnings(action="ignore"), xr.open_dataset(io.BytesIO(content), engine="scipy") as stored:
            runs = stored.load()
            intact = MARK not in runs.attrs or runs.attrs.pop(MARK) == content_hash(runs)
            lack = _format_lacking(runs) or lacking(runs := current(runs)) or _no_dimension(runs)
    except Exception as error:  # of SciPy, NumPy and xarray, whatever damaged bytes lead them to
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ForeignFileError(f"{file}: not a readable NetCDF result ({reason}); run the sweep again") from error
    if not intact:
        raise ForeignFileError(
            f"{file}: altered after it was written; run the sweep again, or, where that was meant, "
            f"remove its attribute {MARK}"
        )
    if lack:
        raise ForeignFileError(
            f"{file}: a NetCDF file, but not one that wd_jax wrote ({lack}); name the result of a sweep"
        )
    return carried(runs)


def _format_lacking(runs: xr.Dataset) -> str:
    """Say what is wrong with the mark that every result carries."""
    if "config_hash" in runs.attrs and "format" not in runs.attrs:
        return ""
    form = runs.attrs.get("format")
    if not isinstance(form, int | np.integer) or isinstance(form, bool):
        return "its attribute format is missing" if form is None else f"its format is {checks.shown(form)}"
    return "" if form == FORMAT else f"its format is {form}, and this version knows 1 and {FORMAT}"


def _no_dimension(runs: xr.Dataset) -> str:
    """Say which dimension a stored selection has lost, and how to keep it."""
    lost = [dim for dim in ("seed", "layer", "epoch") if dim not in runs.weight_rms.dims]
    return f"no dimension {lost[0]}: select with a list, sel({lost[0]}=[...])" if lost else ""


def _not_there(asked: Path, file: Path) -> str:
    """Say what is there instead of a result."""
    folder = asked if asked.is_dir() else file
    if folder.is_dir():
        held = ", ".join(sorted(inside.name for inside in folder.glob("*.nc")))
        return f"{folder}: is a folder; name {'one of its files: ' + held if held else 'the .nc file a sweep wrote'}"
    if asked.is_file():
        return f"{asked}: not a NetCDF result; name the .nc file a sweep wrote"
    return f"{file}: no such file; name the .nc file a sweep wrote"
