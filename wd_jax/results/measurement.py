"""A measurement that is no sweep, on disk: one NetCDF file with its checksum and the settings it was taken with."""

import io
import warnings
from pathlib import Path

import xarray as xr

from wd_jax import files
from wd_jax.files import ForeignFileError
from wd_jax.results import checksum
from wd_jax.results.netcdf import check_sizes
from wd_jax.results.not_written import NotWrittenError

KIND, SETTINGS = "measurement", "settings"
"""Attributes of the file: its format, and what it was taken with."""
FORMAT = 1


def write(measured: xr.Dataset, path: Path, settings: str) -> Path:
    """Write a measurement aside and rename it, so that a reader sees the whole file or none.

    Parameters
    ----------
    measured : xarray.Dataset
        Numbers and texts.
    path : Path
        The file.
    settings : str
        With what it was taken.

    Raises
    ------
    NotWrittenError
        For whatever keeps it from being written; it carries the measurement.
    """
    try:
        check_sizes({str(name): one.nbytes for name, one in measured.variables.items()})
        marked = measured.assign_attrs({KIND: FORMAT, SETTINGS: settings})
        marked = marked.assign_attrs({checksum.MARK: checksum.of(marked)})
        return files.publish(path, lambda aside: marked.to_netcdf(aside, engine="scipy"))
    except Exception as error:  # of the system, SciPy, NumPy or xarray: none of them may cost the measurement
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise NotWrittenError(path, reason, measured) from error


def read(path: Path) -> tuple[xr.Dataset, str]:
    """Read a measurement, every number of it checked.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    xarray.Dataset
        As it was measured.
    str
        The settings it was taken with.

    Raises
    ------
    OSError
        If there is no such file, or it cannot be read.
    wd_jax.files.ForeignFileError
        A `ValueError`, if it is none, or was altered.
    """
    content = path.read_bytes()
    try:
        # From memory, not from the path: SciPy would map a damaged file and leave it open.
        with warnings.catch_warnings(action="ignore"), xr.open_dataset(io.BytesIO(content), engine="scipy") as stored:
            measured = stored.load()
            altered = checksum.altered(measured)
    except Exception as error:  # of SciPy, NumPy and xarray, whatever damaged bytes lead them to
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ForeignFileError(f"{path}: not a readable measurement ({reason}); {_REMEDY}") from error
    if checksum.MARK not in measured.attrs or measured.attrs.get(KIND) != FORMAT:
        raise ForeignFileError(f"{path}: not a measurement of an experiment; {_REMEDY}")
    if altered:
        raise ForeignFileError(f"{path}: altered after it was written; {_REMEDY}")
    settings = measured.attrs[SETTINGS]
    kept = {name: value for name, value in measured.attrs.items() if name not in (KIND, SETTINGS, checksum.MARK)}
    return measured.drop_attrs(deep=False).assign_attrs(kept), settings


def is_one(path: Path) -> bool:
    """Whether a file says that it is a measurement, whole or damaged."""
    try:
        with (
            warnings.catch_warnings(action="ignore"),
            xr.open_dataset(io.BytesIO(path.read_bytes()), engine="scipy") as stored,
        ):
            return KIND in stored.attrs
    except Exception:  # damaged, or something else
        return False


_REMEDY = "remove it, and run the command that made the run again"
