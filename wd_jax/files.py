"""Places to write to, checked before anything is computed; files that appear whole or not at all."""

import contextlib
import os
import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

from wd_jax import interrupts
from wd_jax.inputs import checks

SUFFIX = ".nc"


class ForeignFileError(ValueError):
    """A file that is there and can be read, but is not what wd_jax writes: one line naming it and the remedy."""


def path_of(out: str | Path) -> Path:
    """Name the file of a result: `out` with the suffix .nc."""
    if not isinstance(out, str | os.PathLike) or isinstance(os.fspath(out), bytes):
        raise TypeError(f"{checks.shown(out)} is no path: give the name of a file, such as 'runs/decay'")
    if not str(out).strip() or "\0" in str(out):
        raise ValueError(f"{str(out)!r} is no path: give the name of a file, such as 'runs/decay'")
    path = Path(out)
    if path.name in ("", ".."):
        raise IsADirectoryError(f"{path}: is a folder; name a file")
    return path if path.suffix == SUFFIX else path.with_name(path.name + SUFFIX)


def claim_file(out: str | Path, overwrite: bool = False) -> Path:
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
        The file to give to `wd_jax.results.netcdf.write`.

    Raises
    ------
    FileExistsError, IsADirectoryError, PermissionError, NotADirectoryError
        Each naming the path and the remedy.
    """
    path = path_of(out)
    if path.is_dir() or Path(out).is_dir():
        raise IsADirectoryError(f"{out}: is a folder; name a file")
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
    blocked = next((path for path in (folder, *folder.parents) if path.exists() and not path.is_dir()), None)
    if blocked is not None:
        raise NotADirectoryError(f"{blocked}: is a file; choose a folder you may write to")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = error.strerror or str(error)
        raise type(error)(f"{folder}: cannot write there ({reason}); choose a folder you may write to") from error
    return folder


@dataclass(frozen=True)
class Ledger:
    """What was written while it was open: pairs of a temporary file and of the name it is given when it is whole."""

    begun: list[tuple[Path, Path]] = field(default_factory=list)

    def whole(self) -> tuple[Path, ...]:
        """List the files that are there under their own names."""
        return tuple(dict.fromkeys(path for aside, path in self.begun if not aside.exists() and path.exists()))

    def clear(self) -> None:
        """Remove the temporary file that an interruption leaves."""
        for aside, _ in self.begun:
            aside.unlink(missing_ok=True)


_LEDGER: ContextVar[Ledger | None] = ContextVar("ledger", default=None)


@contextlib.contextmanager
def noted() -> Iterator[Ledger]:
    """Note what `publish` writes in this block: whoever is interrupted can say what is there."""
    ledger = Ledger()
    before = _LEDGER.set(ledger)
    try:
        yield ledger
    finally:
        _LEDGER.reset(before)


def publish(path: Path, save: Callable[[Path], object]) -> None:
    """Let `save(aside)` write a temporary file beside `path`, then rename it; nothing is left if it fails."""
    interrupts.check()
    aside = path.with_name(f".{path.name[:40]}.{secrets.token_hex(4)}{path.suffix}")
    ledger = _LEDGER.get()
    if ledger is not None:
        ledger.begun.append((aside, path))
    aside.touch(mode=0o600, exist_ok=False)
    try:
        save(aside)
        with aside.open("rb") as written:
            os.fsync(written.fileno())
        # It was private so far; give it the mode an ordinary open would.
        mask = os.umask(0)
        os.umask(mask)
        aside.chmod(0o666 & ~mask)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
