"""Results on disk: one NetCDF file a sweep, never half there."""

import io
import warnings
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import xarray as xr

from wd_jax import files
from wd_jax.files import Claim, ForeignFileError, path_of
from wd_jax.inputs import checks
from wd_jax.inputs.limits import in_words
from wd_jax.results import checksum, status
from wd_jax.results.checksum import MARK
from wd_jax.results.divergence import carried
from wd_jax.results.format_1 import current
from wd_jax.results.not_written import NotWrittenError, TakenError
from wd_jax.results.validity import FORMAT, doubts, lacking

VARIABLE_BYTES = 2**31 - 4
"""The most that one variable of a NetCDF 3 file may take, as SciPy writes it."""


def write(runs: xr.Dataset, target: Path | Claim) -> Path:
    """Write a result aside and rename it, so that a reader sees the whole file or none.

    Parameters
    ----------
    runs : xarray.Dataset
        From `wd_jax.sweep`.
    target : Path or Claim
        From `wd_jax.files.claim_file`: a file that has appeared there since is left as it is. A plain path is replaced.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    NotWrittenError
        For whatever keeps it from being written; it carries the result.
    """
    path = target.path if isinstance(target, Claim) else Path(target)
    try:
        check_sizes({str(name): _stored_bytes(variable) for name, variable in runs.variables.items()})
        marked = runs.assign_attrs({MARK: checksum.of(runs)})
        return files.publish(target, lambda aside: marked.to_netcdf(aside, engine="scipy"))
    except FileExistsError as error:
        raise TakenError(path, _reason(error, path), runs) from error
    except Exception as error:  # of the system, SciPy, NumPy or xarray: none of them may cost the result
        raise NotWrittenError(path, _reason(error, path), runs) from error
    except KeyboardInterrupt as error:
        error.runs = runs  # type: ignore[attr-defined]
        raise


def check_sizes(sizes: Mapping[str, int]) -> None:
    """Refuse what no NetCDF 3 file can hold.

    Parameters
    ----------
    sizes : mapping of str to int
        Bytes of each variable as it is stored.

    Raises
    ------
    ValueError
        Naming the largest variable and its size.

    Examples
    --------
    >>> check_sizes({"weights_1": 3 * 2**30})
    Traceback (most recent call last):
        ...
    ValueError: weights_1 takes 3 GiB, and a variable of a NetCDF file at most 2 GiB; name a folder, without .nc
    """
    name = max(sizes, key=lambda one: sizes[one], default="")
    if name and sizes[name] > VARIABLE_BYTES:
        most = in_words(VARIABLE_BYTES)
        raise ValueError(
            f"{name} takes {in_words(sizes[name])}, and a variable of a NetCDF file at most {most}; "
            "name a folder, without .nc"
        )


def _stored_bytes(variable: xr.Variable) -> int:
    """Count the bytes that NetCDF 3 needs for a variable."""
    kind = variable.dtype.kind
    if kind in "iu":
        return 4 * variable.size
    if kind in "fb":
        return variable.dtype.itemsize * variable.size
    return variable.size * max((len(str(one).encode()) for one in variable.values.flat), default=0)


def _reason(error: Exception, path: Path) -> str:
    """Say in a phrase why a file was not written."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    words = (str(error).strip() or type(error).__name__).splitlines()[0]
    return words.removeprefix(f"{path}: ")


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
            mark = checksum.altered(runs)
            runs.attrs = {n: v for n, v in runs.attrs.items() if n not in (MARK, checksum.OLD_MARK)}
            lack = _format_lacking(runs) or lacking(runs := current(runs)) or _no_dimension(runs)
    except Exception as error:  # of SciPy, NumPy and xarray, whatever damaged bytes lead them to
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ForeignFileError(f"{file}: not a readable NetCDF result ({reason}); run the sweep again") from error
    if mark:
        raise ForeignFileError(
            f"{file}: altered after it was written; run the sweep again, or, where that was meant, "
            f"remove its attribute {mark}"
        )
    if lack:
        raise ForeignFileError(
            f"{file}: a NetCDF file, but not one that wd_jax wrote ({lack}); name the result of a sweep"
        )
    return status.added(carried(runs))


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
        held = sorted({*folder.glob("*.nc"), *(inside.parent for inside in folder.glob("*/FORMAT"))})
        names = ", ".join(str(one) for one in held[:8])
        remedy = f"one of those in it: {names}" if held else "what a sweep wrote"
        return f"{folder}: is a folder that is no run; name {remedy}"
    if asked.is_file():
        return f"{asked}: not a NetCDF result; name the folder or the .nc file that a sweep wrote"
    return f"{file}: no such file, nor a folder {asked}; name what a sweep wrote"
