"""Results on disk: one NetCDF file a sweep, written aside and renamed, never half there."""

import io
import os
import tempfile
from pathlib import Path

import xarray as xr

SUFFIX = ".nc"


def path_of(out: str | Path) -> Path:
    """Name the file of a result: `out` with the suffix .nc."""
    path = Path(out)
    if path.name in ("", ".."):
        raise IsADirectoryError(f"{path}: is a folder; name a file")
    return path if path.suffix == SUFFIX else path.with_name(path.name + SUFFIX)


def claim(out: str | Path, overwrite: bool = False) -> Path:
    """Check, before anything is computed, that a result can be written.

    Parameters
    ----------
    out : path
        Where to write; ``.nc`` is added if it is missing. Missing folders are made.
    overwrite : bool
        Whether an existing file may be replaced.

    Returns
    -------
    Path
        The file to give to `write`.

    Raises
    ------
    FileExistsError, IsADirectoryError, PermissionError, NotADirectoryError
        Each naming the path and the remedy.
    """
    path = path_of(out)
    if path.is_dir():
        raise IsADirectoryError(f"{path}: is a folder; name a file")
    if path.exists() and not overwrite:
        raise FileExistsError(f"{path}: exists already; choose another name, or pass overwrite (--overwrite)")
    writable_folder(path.parent)
    return path


def writable_folder(folder: str | Path) -> Path:
    """Make a folder if it is missing and check that files can be created in it.

    Raises
    ------
    OSError
        Naming the folder and the remedy.
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = error.strerror or str(error)
        raise type(error)(f"{folder}: cannot write there ({reason}); choose a folder you may write to") from error
    return folder


def write(runs: xr.Dataset, path: Path) -> Path:
    """Write a result aside and rename it, so that a reader sees the whole file or none.

    Parameters
    ----------
    runs : xarray.Dataset
        From `wd_jax.sweep`.
    path : Path
        From `claim`.
    """
    publish(path, lambda aside: runs.to_netcdf(aside, engine="scipy"))
    return path


def publish(path: Path, save) -> None:
    """Let `save(aside)` write a temporary file beside `path`, then rename it; nothing is left if it fails."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    aside = Path(name)
    try:
        save(aside)
        with aside.open("rb") as written:
            os.fsync(written.fileno())
        # mkstemp makes a private file; give it the mode an ordinary open would.
        mask = os.umask(0)
        os.umask(mask)
        aside.chmod(0o666 & ~mask)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


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
    if file.is_dir() or not file.exists():
        kind = "is a folder" if file.is_dir() else "no such file"
        raise FileNotFoundError(f"{file}: {kind}; name the .nc file a sweep wrote")
    try:
        # From memory, not from the path: SciPy would map a damaged file and leave it open.
        with xr.open_dataset(io.BytesIO(file.read_bytes()), engine="scipy") as stored:
            runs = stored.load()
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ValueError(f"{file}: not a readable NetCDF result ({reason}); run the sweep again") from error
    if "config_hash" not in runs.attrs:
        raise ValueError(f"{file}: a NetCDF file, but not one that wd_jax wrote; name the result of a sweep")
    return runs
