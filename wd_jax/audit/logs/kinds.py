"""What a file or folder is, told by its content: which reader takes it."""

import stat
from collections.abc import Mapping
from pathlib import Path

from wd_jax.audit.logs.assemble import assemble
from wd_jax.audit.logs.checkpoints import naming
from wd_jax.audit.logs.checkpoints.series import read_checkpoints
from wd_jax.audit.logs.csv_source import csv_source
from wd_jax.audit.logs.errors import LogError
from wd_jax.audit.logs.event_file import is_event_file
from wd_jax.audit.logs.json_source import json_source
from wd_jax.audit.logs.lines import first_bytes, looks_like, unreadable
from wd_jax.audit.logs.log import TrainingLog, Unit
from wd_jax.audit.logs.source import READ_HERE, Source
from wd_jax.audit.logs.tensorboard_source import event_files, tensorboard_source

TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".csv.gz", ".jsonl.gz")


def read_any(
    path: Path, columns: Mapping[str, str] | None, unit: Unit | None, steps_per_epoch: float | None
) -> TrainingLog:
    """Read whatever a path names.

    Parameters
    ----------
    path, columns, unit, steps_per_epoch
        As `wd_jax.audit.logs.reading.read` takes them.

    Raises
    ------
    LogError
        If it is no log, or cannot be read.
    """
    if not stat.S_ISDIR(_mode(path)):
        return assemble(_file(path), columns, unit, steps_per_epoch)
    try:
        saved = naming.find(path)
        if any(one.last_number() is not None for one in saved):
            if columns:
                raise LogError(f"{path}: checkpoints have no columns that could be named: leave out columns= (--map)")
            return read_checkpoints(path, saved, unit, steps_per_epoch)
        return assemble(_folder(path, saved), columns, unit, steps_per_epoch)
    except OSError as error:
        raise unreadable(path, error) from error


def _mode(path: Path) -> int:
    """Give what kind of file it is, an ordinary one or a folder."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        raise unreadable(path, error) from error
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise LogError(f"{path}: it is no ordinary file; {READ_HERE}")
    return mode


def _file(path: Path) -> Source:
    """Choose the reader of one file."""
    start = first_bytes(path)
    if not start.strip(b" \t\r\n\0\xef\xbb\xbf"):
        raise LogError(f"{path}: it is empty: give a log with at least one record")
    if is_event_file(start):
        return tensorboard_source(path)
    if start[8:10] == b'{"' or start.startswith((b"PK\x03\x04", b"\x89HDF")):
        raise LogError(f"{path}: it is one checkpoint, or an archive: give the folder that holds several checkpoints")
    if foreign := looks_like(start):
        raise LogError(f"{path}: it is {foreign}; {READ_HERE}")
    if start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return json_source(path)
    return csv_source(path)


def _folder(path: Path, saved: list[naming.Saved]) -> Source:
    """Choose what to read in a folder without numbered checkpoints: event files, or the one log in it."""
    events = event_files(path)
    if events:
        source = tensorboard_source(path, events)
        beside = [child.name for child in sorted(path.iterdir()) if child.name.lower().endswith((*TABLES, ".json"))]
        if beside:
            source.notes.append(f"Beside the event files {', '.join(map(repr, beside[:4]))} in the folder is not read.")
        return source
    named = [path / name for name in ("metrics.csv", "trainer_state.json") if (path / name).is_file()]
    logs = named or [child for child in sorted(path.iterdir()) if child.name.lower().endswith(TABLES)]
    if len(logs) > 1:
        shown = ", ".join(repr(log.name) for log in logs[:6])
        raise LogError(f"{path}: it holds several logs ({shown}): name one of them")
    if not logs and (saved or naming.is_one(path)):
        raise LogError(f"{path}: it holds one checkpoint: give the folder that holds several, named by their steps")
    if not logs:
        raise LogError(f"{path}: no log is in this folder; {READ_HERE}")
    return _file(logs[0])
