"""TensorBoard's event files, alone or in a folder with others of the same training."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wd_jax.audit.logs.errors import LogError
from wd_jax.audit.logs.event_file import Scalars, is_event_file, read_scalars
from wd_jax.audit.logs.settle import Tally, settle
from wd_jax.audit.logs.source import Source

SPLITS = ("train", "training", "validation", "val", "eval", "test")
"""Folders that hold one training's scalars of several sets of data."""


@dataclass
class _Part:
    """What follows on each other: files of one folder that write the same tags."""

    tags: list[str]
    time: NDArray
    table: NDArray


def event_files(folder: Path) -> list[Path]:
    """List the event files in a folder and those below it, in the order they were begun.

    Raises
    ------
    OSError
        If a folder cannot be read.
    """
    named = [path for path in folder.rglob("*tfevents*") if path.is_file() and not path.name.endswith(".profile-empty")]
    return sorted(named, key=lambda path: (path.parent, path.name))


def tensorboard_source(path: Path, files: list[Path] | None = None) -> Source:
    """Read event files.

    Parameters
    ----------
    path : Path
        The file, or the folder.
    files : list of Path, optional
        Those of the folder.

    Raises
    ------
    LogError
        If they are of several runs, hold no scalar, or cannot be read.
    """
    notes: list[str] = []
    files = [path] if files is None else [file for file in files if _begun(file)]
    folder = path if path.is_dir() else path.parent
    by_folder: dict[str, list[Path]] = {}
    for file in files:
        by_folder.setdefault(file.parent.relative_to(folder).as_posix(), []).append(file)
    parts, other = [], set()
    for name, those in by_folder.items():
        for scalars in _trainings(those, notes):
            before = "" if name == "." or len(by_folder) == 1 else f"{name}/"
            other |= scalars.other
            parts.append((name, before, scalars))
    _refuse_runs(path, parts)
    counter, parts = _one_count([(before, scalars) for _, before, scalars in parts], notes)
    if not parts:
        raise LogError(f"{path}: its event files hold no scalar: write the norms with add_scalar")
    tally = Tally()
    settled = [_settled(path, before, scalars, tally, counter) for before, scalars in parts]
    notes += tally.said(counter)
    if other:
        notes.append(f"{len(other)} tags are no scalars (histograms, text, pictures) and are not read.")
    names = (counter, *dict.fromkeys(tag for part in settled for tag in part.tags))

    def blocks(wanted: Sequence[str]) -> Iterator[NDArray[np.float64]]:
        yield _joined(settled, counter, wanted)

    return Source(str(path), "TensorBoard", names, blocks, notes)


def _begun(file: Path) -> bool:
    """Tell whether a file holds an event; an empty one is left by a program that died at its start."""
    with file.open("rb") as opened:
        return is_event_file(opened.read(64))


def _trainings(files: list[Path], notes: list[str]) -> list[Scalars]:
    """Read the files of one folder; one that writes tags of an earlier file goes on with it, another stands beside."""
    found: list[Scalars] = []
    for file in files:
        scalars = read_scalars(file, notes)
        earlier = next((one for one in found if one.values.keys() & scalars.values.keys()), None)
        if earlier is None:
            found.append(scalars)
            continue
        count = len(earlier.steps)
        earlier.steps.extend(scalars.steps)
        earlier.other |= scalars.other
        for tag, rows in scalars.rows.items():
            earlier.rows.setdefault(tag, type(rows)("q")).extend(row + count for row in rows)
            earlier.values.setdefault(tag, type(rows)("d")).extend(scalars.values[tag])
    return found


def _refuse_runs(path: Path, parts: list[tuple[str, str, Scalars]]) -> None:
    """Refuse a folder whose subfolders hold the same tags, as those of several runs do."""
    own = {name for name, _, _ in parts}
    if "." in own or len(own) < 2 or {name.rsplit("/", 1)[-1] for name in own} <= set(SPLITS):
        return
    seen: dict[str, str] = {}
    for name, _, scalars in parts:
        for tag in scalars.values:
            if seen.setdefault(tag, name) != name:
                shown = ", ".join(sorted(own)[:6]) + " and others" * (len(own) > 6)
                raise LogError(f"{path}: it holds {len(own)} runs ({shown}): name the folder of one of them")


def _one_count(parts: list[tuple[str, Scalars]], notes: list[str]) -> tuple[str, list[tuple[str, Scalars]]]:
    """Say whether the events count steps or epochs; tags of epochs are left out where others count steps."""
    tags = {tag for _, scalars in parts for tag in scalars.values}
    of_epochs = {tag for tag in tags if tag.rsplit("/", 1)[-1].startswith("epoch_")}
    if of_epochs and tags == of_epochs:
        return "epoch", parts
    for _, scalars in parts:
        for tag in of_epochs & scalars.values.keys():
            del scalars.values[tag], scalars.rows[tag]
    if of_epochs:
        notes.append(f"{len(of_epochs)} tags count epochs where the others count steps, and are not read.")
    return "step", [(before, scalars) for before, scalars in parts if scalars.values]


def _settled(path: Path, before: str, scalars: Scalars, tally: Tally, counter: str) -> _Part:
    """Put the rows of one part in order."""
    tags = list(scalars.values)
    table = scalars.table(tags)
    there = ~np.isnan(table).all(axis=1)
    time, table = settle(str(path), np.array(scalars.steps)[there], table[there], tally, counter)
    return _Part([before + tag for tag in tags], time, table)


def _joined(parts: list[_Part], counter: str, wanted: Sequence[str]) -> NDArray[np.float64]:
    """Give the rows of all parts by their time."""
    time = np.unique(np.concatenate([part.time for part in parts]))
    table = np.full((len(time), len(wanted)), np.nan)
    for part in parts:
        rows = np.searchsorted(time, part.time)
        for column, name in enumerate(wanted):
            if name in part.tags:
                table[rows, column] = part.table[:, part.tags.index(name)]
    for column, name in enumerate(wanted):
        if name == counter:
            table[:, column] = time
    return table
