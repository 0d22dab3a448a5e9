"""Results on disk: one NetCDF file a sweep, never half there."""

import io
from pathlib import Path

import xarray as xr

from wd_jax.divergence import carried
from wd_jax.files import path_of, publish


def write(runs: xr.Dataset, path: Path) -> Path:
    """Write a result aside and rename it, so that a reader sees the whole file or none.

    Parameters
    ----------
    runs : xarray.Dataset
        From `wd_jax.sweep`.
    path : Path
        From `wd_jax.files.claim_file`.
    """
    publish(path, lambda aside: runs.to_netcdf(aside, engine="scipy"))
    return path


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
    FileNotFoundError, ValueError
        If there is no such file, or it is not a result.
    """
    file = path_of(path)
    if not file.is_file():
        raise FileNotFoundError(_not_there(Path(path), file))
    try:
        # From memory, not from the path: SciPy would map a damaged file and leave it open.
        with xr.open_dataset(io.BytesIO(file.read_bytes()), engine="scipy") as stored:
            runs = stored.load()
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ValueError(f"{file}: not a readable NetCDF result ({reason}); run the sweep again") from error
    if "config_hash" not in runs.attrs:
        raise ValueError(f"{file}: a NetCDF file, but not one that wd_jax wrote; name the result of a sweep")
    return carried(runs)


def _not_there(asked: Path, file: Path) -> str:
    """Say what is there instead of a result."""
    folder = asked if asked.is_dir() else file
    if folder.is_dir():
        held = ", ".join(sorted(inside.name for inside in folder.glob("*.nc")))
        return f"{folder}: is a folder; name {'one of its files: ' + held if held else 'the .nc file a sweep wrote'}"
    if asked.is_file():
        return f"{asked}: not a NetCDF result; name the .nc file a sweep wrote"
    return f"{file}: no such file; name the .nc file a sweep wrote"
