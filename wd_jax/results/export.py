"""A result in the format of another program, chosen by the suffix: NetCDF, Zarr, Parquet or CSV."""

import importlib.util
import os
from pathlib import Path

import xarray as xr

from wd_jax import files
from wd_jax.inputs import checks, limits
from wd_jax.results import netcdf
from wd_jax.results.exports import csv_file, parquet, zarr_folder
from wd_jax.results.exports.table import lay_out

NEEDS = {".nc": "", ".csv": "", ".parquet": "pyarrow", ".zarr": "zarr"}
"""Suffixes, and the library that each needs besides."""


def export(runs: xr.Dataset, path: str | Path, overwrite: bool = False) -> Path:
    r"""Write a result for another program: aside, then renamed, so that nothing half-written is ever there.

    A table (.csv, .parquet) has a row for each member and record, and a column for each variable and layer or split,
    such as ``weight_rms_layer_1`` and ``cost_train``. Kept weights fit no table; they are in .nc and .zarr.

    Parameters
    ----------
    runs : xarray.Dataset
        From `wd_jax.sweep` or `wd_jax.open`, or a selection. One that lies on disk is written in pieces, but for .nc.
    path : path
        The file: ``.nc`` is NetCDF 3, ``.zarr`` a folder of Zarr 3, with a checksum for every chunk, ``.parquet``,
        ``.csv``. The extra ``export`` installs what the middle two need.
    overwrite : bool
        Whether a file that is there may be replaced; a folder never is.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ValueError
        For another suffix, or a result that the format cannot hold.
    ModuleNotFoundError
        If the format's library is not installed.
    OSError
        If it cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import wd_jax as wd
    >>> runs = wd.sweep(wd.Setup(widths=(16, 8, 4)), wd.data.null(), lmbda=[1.0, 10.0], epochs=1, progress=False)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     print(wd.export(runs, f"{folder}/decay.csv").read_text().count("\n"))
    5
    """
    checks.flag("overwrite", overwrite)
    place = check(path)
    if place.suffix == ".zarr":
        zarr_folder.refuse(place)
        return zarr_folder.write(runs, place)
    claim = files.claim(place, overwrite)
    if place.suffix == ".nc":
        # Once as it is, once as the file has it, once while its checksum is counted.
        remedy = "export to .zarr, .parquet or .csv, which are written in pieces"
        limits.check_memory(f"{place}", {"the result": 3 * runs.nbytes}, remedy)
        return netcdf.write(runs.load(), claim)
    save = csv_file.save if place.suffix == ".csv" else parquet.save
    table = lay_out(runs)
    return files.publish(claim, lambda aside: save(table, aside))


def check(path: str | Path) -> Path:
    """Refuse a suffix of no format, and one whose library is missing.

    Examples
    --------
    >>> check("decay.xlsx")
    Traceback (most recent call last):
        ...
    ValueError: decay.xlsx: the suffix must be one of .nc, .csv, .parquet, .zarr
    """
    if not isinstance(path, str | os.PathLike) or not str(path).strip() or "\0" in str(path):
        raise ValueError(f"{checks.shown(path)} is no path: give the name of a file, such as 'decay.csv'")
    place = Path(path)
    if place.suffix not in NEEDS or place.name == place.suffix:
        raise ValueError(f"{place}: the suffix must be one of {', '.join(NEEDS)}")
    library = NEEDS[place.suffix]
    if library and importlib.util.find_spec(library) is None:
        raise ModuleNotFoundError(f"{place}: needs {library}: pip install 'wd-jax[export]', or choose .nc or .csv")
    return place
