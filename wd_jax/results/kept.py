"""A result that could not be written where it should: stored under another name."""

import contextlib
import secrets
import tempfile
from pathlib import Path

from wd_jax import files
from wd_jax.results import netcdf
from wd_jax.results.not_written import NotWrittenError


def keep(error: NotWrittenError) -> Path | None:
    """Store the result that an error carries: in the folder it was meant for, else here, else where the system says.

    Parameters
    ----------
    error : NotWrittenError
        From `wd_jax.results.netcdf.write`.

    Returns
    -------
    Path or None
        The file; None if it can be stored nowhere.
    """
    stem = error.path.name.removesuffix(files.SUFFIX)[:30]
    for folder in (error.path.parent, Path(), Path(tempfile.gettempdir())):
        with contextlib.suppress(OSError):
            return netcdf.write(error.runs, files.Claim(folder / f"{stem}.kept-{secrets.token_hex(3)}{files.SUFFIX}"))
    return None


def words(error: NotWrittenError) -> str:
    """Keep the result and say where, in one line."""
    kept = keep(error)
    if kept is None:
        return f"{error.path}: not written ({error.reason}), nor could the result be kept anywhere else: run it again"
    return f"{error.path}: not written ({error.reason}); the result is whole in {kept}: rename it"
