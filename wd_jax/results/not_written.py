"""A result that was computed, and could not be written: the error carries it, so that it is not lost."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray as xr


class NotWrittenError(OSError):
    """A result could not be written; it is the attribute `runs`.

    Attributes
    ----------
    path : Path
        Where it should have been written.
    reason : str
        Why it was not.
    runs : xarray.Dataset
        The result, whole.

    Examples
    --------
    >>> raise NotWrittenError(Path("decay.nc"), "no space left on device", None)
    Traceback (most recent call last):
        ...
    wd_jax.results.not_written.NotWrittenError: decay.nc: not written (no space left on device); the result is not
    lost: it is the attribute runs of this error
    """

    def __init__(self, path: Path, reason: str, runs: "xr.Dataset") -> None:
        super().__init__(
            f"{path}: not written ({reason}); the result is not lost: it is the attribute runs of this error"
        )
        self.path, self.reason, self.runs = path, reason, runs


class TakenError(NotWrittenError, FileExistsError):
    """A file appeared where the result was to be written, and is left as it is."""
