"""Compiled programs kept from one run to the next: where, whose, and how much. No result depends on them."""

import contextlib
import functools
import os
import shutil
import socket
import warnings
from pathlib import Path

from wd_jax import seals

VARIABLE = "JAX_COMPILATION_CACHE_DIR"
"""A folder that the user has chosen for JAX is the user's: nothing here touches it."""
AFTER_A_COMPILATION = "/jax/core/compile/backend_compile_duration"
"""What JAX tells its listeners when a program is there, compiled and written or read."""


def root() -> Path:
    """Name the folder of what the program keeps between runs, downloads of data sets among it."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wd_jax"


def folder() -> Path:
    """Name the folder of this version of JAX on this host: native code of another may not run here."""
    import jaxlib

    host = "".join(letter if letter.isalnum() or letter in "-." else "_" for letter in socket.gethostname()).strip(".")
    return root() / f"jaxlib-{jaxlib.__version__}" / (host or "host")


def use() -> Path | None:
    """Let JAX keep compiled programs, after those that are there have been checked.

    Returns
    -------
    Path or None
        Where; None, after a warning, if there is no folder that only this user can write to.

    Notes
    -----
    ``JAX_COMPILATION_CACHE_DIR`` overrides the place, which is then left alone.
    """
    if os.environ.get(VARIABLE):
        return Path(os.environ[VARIABLE])
    import jax
    from jax import monitoring

    place = folder()
    try:
        _make_private(place)
        found = seals.check(place)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        warnings.warn(f"{place}: {reason}: compiled programs are not kept for the next run", stacklevel=2)
        return None
    if found.damaged:
        what = "1 compiled program was" if found.damaged == 1 else f"{found.damaged} compiled programs were"
        warnings.warn(f"{place}: {what} damaged: removed, to be compiled again where needed", stacklevel=2)
    if jax.config.jax_compilation_cache_dir != str(place):  # pyrefly: ignore
        jax.config.update("jax_compilation_cache_dir", str(place))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
        monitoring.register_event_duration_secs_listener(functools.partial(_seal, place))
    return place


def sizes() -> dict[Path, int]:
    """Give the folders of compiled programs, of every version and host, with the bytes of each."""
    folders = sorted(path for path in root().glob("jaxlib-*/*") if path.is_dir() and not path.is_symlink())
    return {path: sum(file.lstat().st_size for file in path.rglob("*") if file.is_file()) for path in folders}


def clear() -> int:
    """Remove all compiled programs, of every version and host; give the bytes that they took.

    Raises
    ------
    OSError
        If some cannot be removed.
    """
    freed = 0
    for version in [path for path in root().glob("jaxlib-*") if path.is_dir() and not path.is_symlink()]:
        freed += sum(file.lstat().st_size for file in version.rglob("*") if file.is_file())
        shutil.rmtree(version)
    return freed


def _seal(place: Path, event: str, duration: float, **_: object) -> None:
    """Seal what JAX has just written."""
    if event == AFTER_A_COMPILATION:
        with contextlib.suppress(OSError):
            seals.seal(place)


def _make_private(place: Path) -> None:
    """Make the folder so that only this user can write there: whoever else could, could run code here."""
    for one, mode in ((root(), 0o755), (place.parent, 0o700), (place, 0o700)):
        one.mkdir(parents=True, exist_ok=True, mode=0o700)
        found = one.stat()
        if hasattr(os, "geteuid") and found.st_uid != os.geteuid():
            raise PermissionError(1, f"{one} belongs to another user")
        if found.st_mode & 0o777 & ~mode:
            one.chmod(found.st_mode & mode)
    probe = place / f".writable.{os.getpid()}"
    probe.touch()
    probe.unlink(missing_ok=True)
