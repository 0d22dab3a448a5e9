"""Hidden files that a writer fills before it renames them: how they are called, and which of them nobody needs."""

import contextlib
import os
import re
import secrets
import shutil
import socket
import time
from pathlib import Path

STALE_SECONDS = 24 * 3600.0
"""Age beyond which no writer is still at work, on whatever machine it ran."""
_OLD_PATTERN = re.compile(r"\..+\.[0-9a-f]{8}\.(nc|json|svg|png|pdf|md|html)")
"""As version 0.2.0 named them, without saying whose they are."""


def beside(path: Path) -> Path:
    """Name a temporary file beside `path`: hidden, of the same suffix, and saying which process fills it.

    Examples
    --------
    >>> name = beside(Path("runs/decay.nc")).name
    >>> name.startswith(".wd_jax.decay.nc."), name.endswith(".nc")
    (True, True)
    """
    kept = os.fsencode(path.name)[:60].decode(errors="ignore")  # a name may not be longer than 255 bytes
    return path.with_name(f".wd_jax.{kept}.{_host()}.{os.getpid()}.{secrets.token_hex(4)}{path.suffix}")


def is_ours(path: Path) -> bool:
    """Whether a name is one that `beside` gives, or that version 0.2.0 gave."""
    return _owner(path) is not None or _OLD_PATTERN.fullmatch(path.name) is not None


def sweep(folder: Path) -> tuple[Path, ...]:
    """Remove what killed writers left in a folder: of a dead process of this machine, or older than a day.

    Parameters
    ----------
    folder : Path
        Only files in it are looked at, none in folders below.

    Returns
    -------
    tuple of Path
        What was removed.
    """
    gone = []
    for path in sorted(folder.glob(".*")) if folder.is_dir() else []:
        if not is_ours(path) or path.is_symlink() or not _abandoned(path):
            continue
        with contextlib.suppress(OSError):
            if path.is_file():
                path.unlink()
            elif path.suffix == ".zarr":  # the only folders that are written aside
                shutil.rmtree(path)
            else:
                continue
            gone.append(path)
    return tuple(gone)


def _abandoned(path: Path) -> bool:
    """Whether nobody can be writing to it any more."""
    owner = _owner(path)
    if owner is not None and owner[0] == _host() and not _alive(owner[1]):
        return True
    try:
        return time.time() - path.stat().st_mtime > STALE_SECONDS
    except OSError:
        return False


def _owner(path: Path) -> tuple[str, int] | None:
    """Give the machine and the process that a name speaks of."""
    found = re.fullmatch(r"\.wd_jax\..+\.([A-Za-z0-9-]+)\.(\d{1,10})\.[0-9a-f]{8}(\.[^.]*)?", path.name)
    return (found[1], int(found[2])) if found else None


def _host() -> str:
    return re.sub(r"[^A-Za-z0-9]", "-", socket.gethostname())[:32] or "-"


def _alive(process: int) -> bool:
    """Whether a process of this machine runs; where that cannot be asked, it does."""
    if os.name != "posix":  # elsewhere signal 0 would end it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
