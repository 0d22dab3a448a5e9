"""``wd_jax.open``: the result of a sweep, from the folder of a run or from one NetCDF file."""

import warnings
from pathlib import Path

import xarray as xr

from wd_jax.results import netcdf, status
from wd_jax.results.validity import doubts
from wd_jax.sweeps.store import generations, reading


def open_runs(path: str | Path) -> xr.Dataset:
    """Open a result that `wd_jax.sweep` wrote.

    Parameters
    ----------
    path : path
        The folder of a run, whole or not, or a file, with or without ``.nc``.

    Returns
    -------
    xarray.Dataset
        Of a folder with a coordinate ``status``, and, if it is large, on disk until its numbers are asked for: select
        before you compute. Of a file loaded into memory; the file is closed.

    Raises
    ------
    OSError
        If there is nothing of that name, or it cannot be read.
    wd_jax.files.ForeignFileError
        A `ValueError`, if it is not a result.

    Warns
    -----
    UserWarning
        Where the labels of a file contradict the settings it was run with, or members of a run are not there.
    """
    runs = read(path)
    if generations.is_run(Path(path)):
        if said := status.said(runs):
            warnings.warn(f"{path}: {said}", stacklevel=2)
        return runs
    for doubt in doubts(runs):
        warnings.warn(f"{netcdf.path_of(path)}: {doubt}", stacklevel=2)
    return runs


def read(path: str | Path) -> xr.Dataset:
    """Do as `open_runs`, without a warning: for what goes on to word doubts itself."""
    if isinstance(path, str | Path) and str(path) and "\0" not in str(path) and generations.is_run(Path(path)):
        return reading.open_run(path)
    return netcdf.read(path)
