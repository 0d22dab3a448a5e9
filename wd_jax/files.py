"""Places to write to, checked before anything is computed; files that appear whole or not at all."""

import contextlib
import errno
import os
import tempfile
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

from wd_jax import interrupts, temporary
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


Identity = tuple[int, int, int, int]
"""Device, number, size and time of change of a file."""


@dataclass(frozen=True)
class Claim:
    """A place for a result, and what was there when it was asked for: only that may be replaced.

    Attributes
    ----------
    path : Path
        Where the result goes.
    was : tuple of int or None
        Which file was there; None if none was.
    """

    path: Path
    was: Identity | None = None

    def __fspath__(self) -> str:
        """Give the path as text, for `open` and `Path`."""
        return os.fspath(self.path)


def claim_file(out: str | Path, overwrite: bool = False) -> Claim:
    """Check, before anything is computed, that a result can be written.

    Parameters
    ----------
    out : path
        Where to write; ``.nc`` is added if it is missing. Missing folders are made.
    overwrite : bool
        Whether an existing file may be replaced.

    Returns
    -------
    Claim
        To give to `wd_jax.results.netcdf.write`: a file that appears there later is not replaced.

    Raises
    ------
    FileExistsError, IsADirectoryError, PermissionError, NotADirectoryError, OSError
        Each naming the path and the remedy.
    """
    place = claim(path_of(out), overwrite)
    if Path(out).is_dir():
        raise IsADirectoryError(f"{out}: is a folder; name a file")
    return place


def claim(path: Path, overwrite: bool = False) -> Claim:
    """Do as `claim_file`, with any suffix."""
    try:
        path.lstat()
    except OSError as error:
        if error.errno in (errno.ENAMETOOLONG, errno.ELOOP, errno.EINVAL):
            raise OSError(f"{path}: {(error.strerror or str(error)).lower()}; choose another name") from error
    if path.is_dir():
        raise IsADirectoryError(f"{path}: is a folder; name a file")
    if os.path.lexists(path) and not overwrite:
        raise FileExistsError(f"{path}: exists already; choose another name, or pass overwrite (--overwrite)")
    writable_folder(path.parent)
    return Claim(path, _identity(path))


def writable_folder(folder: str | Path) -> Path:
    """Make a folder if it is missing and check that files can be created in it.

    What a killed process left there half-written is removed (`wd_jax.temporary`).

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
    temporary.sweep(folder)
    return folder


@dataclass(frozen=True)
class Ledger:
    """What was written while it was open: pairs of a temporary file and of the name it is given when it is whole."""

    begun: list[tuple[Path, Path]] = field(default_factory=list)
    failed: list[tuple[Path, Path]] = field(default_factory=list)

    def whole(self) -> tuple[Path, ...]:
        """List the files that are there under their own names."""
        return tuple(dict.fromkeys(path for aside, path in self.begun if self._whole(aside, path)))

    def _whole(self, aside: Path, path: Path) -> bool:
        """Whether what was written aside has its name; what is at the path of a failed writer is another's."""
        return (aside, path) not in self.failed and path.exists() and (not aside.exists() or aside.samefile(path))

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


def publish(target: Path | Claim, save: Callable[[Path], object]) -> Path:
    """Let `save(aside)` write a temporary file beside the target, then rename it; nothing is left if it fails.

    Parameters
    ----------
    target : Path or Claim
        A path is replaced. Of a claim only the file that was there when it was made is: one that has appeared since is
        left as it is.
    save : callable
        Writes the file that it is given.

    Returns
    -------
    Path
        The target's.

    Raises
    ------
    FileExistsError
        If another file has appeared at the claimed path.
    """
    interrupts.check()
    claimed = target if isinstance(target, Claim) else None
    path = claimed.path if claimed else Path(target)
    aside = temporary.beside(path)
    aside.touch(mode=0o600, exist_ok=False)
    ledger, entry = _LEDGER.get(), (aside, path)
    if ledger is not None:
        ledger.begun.append(entry)
    given = False
    try:
        save(aside)
        with aside.open("rb") as written:
            os.fsync(written.fileno())
        # It was private so far; give it the mode an ordinary open would.
        mask = os.umask(0)
        os.umask(mask)
        aside.chmod(0o666 & ~mask)
        if claimed is None or (claimed.was is not None and _identity(path) == claimed.was):
            aside.replace(path)
        else:
            _appear(aside, path)
        given = True
    finally:
        if not given and ledger is not None:
            ledger.failed.append(entry)
        aside.unlink(missing_ok=True)
    _sync(path.parent)
    return path


def _appear(aside: Path, path: Path) -> None:
    """Give a file its name if nothing has that name: of two processes one succeeds."""
    try:
        try:
            os.link(aside, path)
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            aside.replace(path)
    except FileExistsError as error:
        raise FileExistsError(f"{path}: a file has appeared there since, and is left as it is") from error


def _identity(path: Path) -> Identity | None:
    """Say which file is at a path, of a link the link itself; None if none is."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _sync(folder: Path) -> None:
    """Make a new name outlive a loss of power, where the system can promise that."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
