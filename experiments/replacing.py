"""A run that replaces another: made beside it, put in its place when it is whole, and only then is the old one removed.

The new run is made in ``replacement/`` inside the folder, as any other run. Its ``verdicts.json`` is written last and
says that it is whole; from then on it is the one that is read (`run_files.located`), and its files are moved one by
one. Whoever is killed in between leaves a folder that reads as the old run or as the new one, never as half of each.
"""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from experiments import registry, run_sweeps, stored_settings
from experiments.preset import Preset
from experiments.run_files import REPLACEMENT, REPORTS, SETTINGS, VERDICTS, figures, half_written, replaced
from wd_jax import files

if TYPE_CHECKING:
    from wd_jax.sweeps.plan import Plan


def begin(
    out: Path, presets: Mapping[str, Preset], plans: "Mapping[str, Plan]", size: str, command: str, sha256: str = ""
) -> Path:
    """Give the folder in which the new run is made: one that was interrupted goes on, another is removed.

    Parameters
    ----------
    out : Path
        Folder of the old run.
    presets, plans : mapping
        Settings by experiment, and plans by sweep, of the new run.
    size, command : str
        For its settings.
    sha256 : str
        Of its data.
    """
    new = out / REPLACEMENT
    for path in (new, *(out / stored for stored in plans)):
        if path.is_symlink():
            raise FileExistsError(
                f"{path}: is a link, and only a run's own folders are replaced; choose another folder"
            )
    if (new / SETTINGS).is_file():
        same = not stored_settings.difference(new / SETTINGS, presets, sha256)
        if same and not run_sweeps.planned_otherwise(new, plans):
            return new
    discard(new)
    if new.exists() and (found := next(new.iterdir(), None)) is not None:
        raise FileExistsError(f"{found}: is in the folder that the new run needs; move it away")
    new.mkdir(exist_ok=True)
    stored_settings.write(new / SETTINGS, presets, size, command, sha256)
    return new


def finish(out: Path) -> None:
    """Put a new run that is whole in the place of the old one, from whatever point an earlier attempt had reached."""
    new = out / REPLACEMENT
    if not replaced(out):
        if not (new / SETTINGS).exists():
            _tidy(new)
        return
    if (new / SETTINGS).is_file():
        names = stored_settings.names(new / SETTINGS)
        drawn = (file for name in names for file in figures(new, name))
        for path in (*drawn, *(new / name for name in REPORTS), *_measurements(new, names)):
            _put(path, out / path.name)
        for stored in _sweeps(names):
            _put_sweep(new / stored, out / stored)
        _remove_older(out, names)
        _put(new / SETTINGS, out / SETTINGS)
    _put(new / VERDICTS, out / VERDICTS)
    _tidy(new)


def discard(folder: Path) -> None:
    """Remove a run that was never finished: what the program wrote of it, its settings last."""
    if (folder / SETTINGS).is_file():
        names = stored_settings.names(folder / SETTINGS)
        drawn = (file for name in names for file in figures(folder, name))
        for path in (*drawn, *(folder / one for one in REPORTS), *_measurements(folder, names)):
            path.unlink(missing_ok=True)
        for stored in _sweeps(names):
            _remove_sweep(folder / stored)
        (folder / SETTINGS).unlink()
    _tidy(folder)


def _put(new: Path, old: Path) -> None:
    """Move a file to its place; one that is there already was moved by an earlier attempt."""
    with contextlib.suppress(FileNotFoundError):
        new.replace(old)


def _put_sweep(new: Path, old: Path) -> None:
    """Move a sweep to its place; a user's files in the folder of the old one stay in it."""
    if not new.is_dir():
        return
    _remove_sweep(old)
    if old.is_dir():
        for left in sorted(old.iterdir()):
            left.rename(_free(new / left.name))
        old.rmdir()
    new.rename(old)


def _remove_sweep(root: Path) -> None:
    from wd_jax.sweeps.store import generations

    if root.is_dir() and not root.is_symlink():
        generations.remove(root)


def _remove_older(out: Path, names: tuple[str, ...]) -> None:
    """Remove what the old run had of experiments that the new one has not, and the files of earlier versions."""
    try:
        old = stored_settings.names(out / SETTINGS)
    except (OSError, ValueError):
        return
    kept = set(_sweeps(names))
    for stored in _sweeps(old):
        files.path_of(out / stored).unlink(missing_ok=True)
        if stored not in kept:
            _remove_sweep(out / stored)
    gone = tuple(name for name in old if name not in names)
    for path in (*(file for name in gone for file in figures(out, name)), *_measurements(out, gone)):
        path.unlink(missing_ok=True)


def _sweeps(names: tuple[str, ...]) -> Iterator[str]:
    return (stored for name in names for stored in registry.load(name).sweeps)


def _measurements(folder: Path, names: tuple[str, ...]) -> Iterator[Path]:
    return (files.path_of(folder / stored) for name in names for stored in registry.load(name).measurements)


def _tidy(folder: Path) -> None:
    """Remove half-written files, and the folder if nothing of a user's is in it."""
    if folder.is_dir():
        for path in folder.iterdir():
            if half_written(path) and path.is_file():
                path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            folder.rmdir()


def _free(path: Path) -> Path:
    """Give a name that is not taken."""
    number = 1
    while path.exists():
        path, number = path.with_name(f"{path.name}.old-{number}"), number + 1
    return path
