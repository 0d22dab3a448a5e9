"""Files of a store before they are whole, and how they get their names; its folders, never reached through a link."""

import contextlib
import errno
import os
import re
import secrets
import socket
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from wd_jax.files import ForeignFileError

DAY = 24 * 3600.0
NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EACCES, errno.EXDEV, errno.EMLINK}
"""What systems say of a hard link where there are none."""


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


def replace(path: Path, text: str, tmp: Path) -> None:
    """Write a small text file whole, in place of what is there: a pointer, a page, a sign of life.

    Parameters
    ----------
    path : Path
        The file.
    text : str
        Its content.
    tmp : Path
        Folder on the same file system in which it is written first.
    """
    with temporary(tmp, path.name) as written:
        with written.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        written.replace(path)


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


def refuse_absent(folder: Path) -> None:
    """Refuse a store whose folder is gone: it is not made again, since its other files would be missing.

    Raises
    ------
    FileNotFoundError
        Naming the folder and the remedy.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder}: the folder of the run is gone; put it back, or start a new run")


def room(folder: Path, *parts: str) -> Path:
    """Give a folder inside a store, made if it is missing; never through a link.

    Raises
    ------
    FileNotFoundError, ForeignFileError, OSError
        If the store is gone, for a link, and where no folder can be made.
    """
    inner = folder
    for part in parts:
        inner = inner / part
        if not _is_room(inner):
            try:
                inner.mkdir(exist_ok=True)
            except FileNotFoundError:
                refuse_absent(folder)
                raise
            except OSError as error:
                raise _unwritable(inner, error) from error
    return inner


def refuse_links(folder: Path, *parts: str) -> None:
    """Refuse folders inside a store that are links, or no folders.

    Raises
    ------
    ForeignFileError
        Naming it.
    """
    inner = folder
    for part in parts:
        inner = inner / part
        _is_room(inner)


def _is_room(folder: Path) -> bool:
    """Whether a folder is there; refuse a link, and a file of its name."""
    try:
        mode = os.lstat(folder).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return False
    if stat.S_ISLNK(mode):
        raise ForeignFileError(f"{folder}: is a symbolic link; the store holds plain folders only")
    if not stat.S_ISDIR(mode):
        raise ForeignFileError(f"{folder}: is a file where the store has a folder; remove it")
    return True


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
        raise _unwritable(folder, error) from error


def _unwritable(folder: Path, error: OSError) -> OSError:
    reason = error.strerror or str(error)
    return type(error)(f"{folder}: cannot write there ({reason}); make it writable, or choose another out")


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


def linked(written: Path, final: Path) -> bool:
    """Give a written file its name; False if the name is taken by another."""
    try:
        os.link(written, final, follow_symlinks=False)
        return True
    except FileExistsError:
        # A network's answer can be lost after the link was made: then the file is this one.
        return written.samefile(final) if not final.is_symlink() else False
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
    if plain_and_not_empty(final):
        return False
    written.replace(final)  # the last of two writers wins, with the same numbers
    final.touch()
    return True


def plain_and_not_empty(path: Path) -> bool:
    """Look quickly whether a file is there that is no link and not empty."""
    try:
        found = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size > 0
