"""What a file or folder is, told by its content: which reader takes it."""

import stat
from pathlib import Path

from wd_jax.audit.logs.csv_source import csv_source
from wd_jax.audit.logs.errors import LogError
from wd_jax.audit.logs.lines import first_bytes, looks_like, unreadable
from wd_jax.audit.logs.source import READ_HERE, Source


def source_of(path: Path) -> Source:
    """Choose the reader of a file or folder.

    Parameters
    ----------
    path : Path
        Of a log.

    Raises
    ------
    LogError
        If it is none, or cannot be read.
    """
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        raise unreadable(path, error) from error
    if not stat.S_ISREG(mode):
        raise LogError(f"{path}: it is no ordinary file; {READ_HERE}")
    start = first_bytes(path)
    if not start.strip():
        raise LogError(f"{path}: it is empty: give a log with at least one record")
    if foreign := looks_like(start):
        raise LogError(f"{path}: it is {foreign}; {READ_HERE}")
    return csv_source(path)
