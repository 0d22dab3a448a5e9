"""Temporary files of a store: each names its host and process, so that what killed processes left can be found."""

import contextlib
import os
import re
import secrets
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from wd_jax.files import ForeignFileError

DAY = 24 * 3600.0


def host() -> str:
    """Name this machine, without dots.

    Examples
    --------
    >>> "." in host()
    False
    """
    return re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname())[:60] or "unknown"


@contextlib.contextmanager
def temporary(folder: Path, name: str) -> Iterator[Path]:
    """Give the name of a new file, ``<name>.<host>.<pid>.<rand>``; it is removed at the end if it is still there."""
    path = folder / f"{name}.{host()}.{os.getpid()}.{secrets.token_hex(4)}"
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def alive(pid: int) -> bool:
    """Say whether a process of this host is there; one that may not be asked is."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def sweep(folder: Path, here: str | None = None) -> tuple[str, ...]:
    """Remove temporary files of dead processes of this host, and those older than a day.

    Parameters
    ----------
    folder : Path
        Where `temporary` made them. What has no such name is left alone.
    here : str, optional
        Name of this host.

    Returns
    -------
    tuple of str
        Names of what was removed.
    """
    here, removed = here or host(), []
    if folder.is_symlink() or not folder.is_dir():
        return ()
    for path in sorted(folder.iterdir()):
        found = re.fullmatch(r".+\.([A-Za-z0-9-]+)\.([0-9]+)\.[0-9a-f]{8}", path.name)
        if not found or path.is_dir():
            continue
        with contextlib.suppress(FileNotFoundError):
            dead = found[1] == here and not alive(int(found[2]))
            if dead or time.time() - path.lstat().st_mtime > DAY:
                path.unlink()
                removed.append(path.name)
    return tuple(removed)


def check_writable(folder: Path) -> None:
    """Check that files can be created in a folder.

    Raises
    ------
    OSError
        Naming the folder and the remedy.
    """
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = error.strerror or str(error)
        raise type(error)(
            f"{folder}: cannot write there ({reason}); make it writable, or choose another out"
        ) from error


def flush_folder(folder: Path) -> None:
    """Wait until the disk has the names in a folder; where a folder cannot be opened, the system does it itself."""
    with contextlib.suppress(PermissionError, IsADirectoryError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def listed(folder: Path) -> list[os.DirEntry]:
    """List a folder of a store; a missing one holds nothing, and a link is not followed.

    Raises
    ------
    ForeignFileError
        For a link.
    """
    if folder.is_symlink():
        raise ForeignFileError(f"{folder}: is a symbolic link; the store holds plain folders only")
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except (FileNotFoundError, NotADirectoryError):
        return []
