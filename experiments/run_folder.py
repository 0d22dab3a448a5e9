"""The folder of a run: whether one may be written there, and whether it begins there, goes on or replaces another."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from experiments import registry, replacing, run_sweeps, stored_settings
from experiments.preset import Preset
from experiments.run_files import SETTINGS, VERDICTS, half_written, located, replaced
from experiments.stored_settings import StoredSettings
from wd_jax import files

if TYPE_CHECKING:
    from wd_jax.sweeps.plan import Plan


@dataclass(frozen=True)
class Place:
    """Where a run is written.

    Parameters
    ----------
    out : Path
        Folder that was asked for.
    folder : Path
        The same, or that in it in which a run is made that will replace the one there.
    ended : bool
        Whether nothing is left to do: the run was whole, and only had to be put in its place.
    """

    out: Path
    folder: Path
    ended: bool = False

    def finish(self, experiments: tuple[str, ...]) -> None:
        """Put a run of which everything is written in its place."""
        if self.folder != self.out:
            if not self.folder.is_dir():
                raise FileExistsError(
                    f"{self.out}: another process has replaced this run meanwhile; look at what is there"
                )
            replacing.finish(self.out)
        run_sweeps.remove_older(self.out, experiments)


def check(out: Path, overwrite: bool) -> None:
    """Refuse a folder to which a run must not, or cannot, be written; nothing is removed.

    A run that was interrupted is no result: it goes on.

    Raises
    ------
    FileExistsError
        If the folder holds something else than a run, or a finished run and `overwrite` is not set.
    OSError
        If it cannot be written to.
    """
    if out.exists() and not out.is_dir():
        raise NotADirectoryError(f"{out}: is a file; name a folder with --out")
    if out == Path():
        raise IsADirectoryError(f"{out}: is the folder you are in; name one of its own (--out), such as runs/reproduce")
    if not (out / SETTINGS).exists():
        others = [path.name for path in sorted(out.iterdir()) if not half_written(path)] if out.is_dir() else []
        if others:
            raise FileExistsError(f"{out}: is not empty and holds no run ({others[0]}); choose another folder")
    elif not overwrite and not _interrupted(out):
        raise FileExistsError(f"{out}: holds a run already; choose another folder, or pass --overwrite")
    elif overwrite and not _of_a_run(out / SETTINGS):
        raise FileExistsError(f"{out / SETTINGS}: is of no run, and only a run is replaced; move it away")
    files.writable_folder(out)


def begin(
    out: Path,
    overwrite: bool,
    presets: Mapping[str, Preset],
    plans: "Mapping[str, Plan]",
    size: str,
    command: str,
    sha256: str = "",
) -> Place:
    """Check a folder, and say where in it a run is written; one that was interrupted goes on.

    Parameters
    ----------
    out : Path
        The folder.
    overwrite : bool
        Whether another run, or a finished one, may be replaced.
    presets : mapping of str to Preset
        By experiment.
    plans : mapping of str to Plan
        By sweep.
    size, command : str
        For the settings that are stored.
    sha256 : str
        Of the data; empty where none are needed.

    Raises
    ------
    FileExistsError, OSError, ForeignFileError
        As `check`; and for an unfinished run of other settings, naming the first that differs.
    """
    check(out, overwrite)
    settings = out / SETTINGS
    waited = replaced(out)
    replacing.finish(out)
    if not settings.exists():
        stored_settings.write(settings, presets, size, command, sha256)
        return Place(out, out)
    differs = _difference(settings, presets, sha256)
    if waited and not differs:
        return Place(out, out, ended=True)
    if finished(out):
        return Place(out, replacing.begin(out, presets, plans, size, command, sha256))
    differs = differs or run_sweeps.planned_otherwise(out, plans)
    if not differs:
        return Place(out, out)
    if not overwrite:
        raise FileExistsError(
            f"{out}: holds an unfinished run with {differs}; choose another folder, or pass --overwrite"
        )
    return Place(out, replacing.begin(out, presets, plans, size, command, sha256))


def finished(out: Path) -> bool:
    """Whether a folder holds a run of which everything is there."""
    if replaced(out):
        return True
    if not (out / VERDICTS).is_file():
        return False
    return all(run_sweeps.whole(out, registry.load(name)) for name in stored_settings.names(out / SETTINGS))


def _interrupted(out: Path) -> bool:
    """Whether a folder holds a run that is to go on."""
    return _of_a_run(out / SETTINGS) and not finished(out)


def _of_a_run(path: Path) -> bool:
    """Whether a settings.json is one that the program wrote."""
    try:
        return bool(stored_settings.names(path))
    except ValueError:
        return False


def _difference(path: Path, presets: Mapping[str, Preset], sha256: str) -> str:
    """Say in what a run's settings are other than those given; damaged ones are others."""
    try:
        return stored_settings.difference(path, presets, sha256)
    except files.ForeignFileError as error:
        return f"settings that cannot be read ({error})"


def settings(folder: Path) -> StoredSettings:
    """Read what a run began with.

    Raises
    ------
    FileNotFoundError
        If the folder holds no run.
    ForeignFileError
        If its settings are not to be read.
    """
    path = located(folder, SETTINGS)
    if not path.is_file():
        from wd_jax.sweeps.store import generations

        if not folder.exists():
            raise FileNotFoundError(
                f"{folder}: no such folder; name one that reproduce, laboratory or experiment wrote"
            )
        what = "is one sweep, and no run" if generations.is_run(folder) else "holds no run"
        raise FileNotFoundError(
            f"{folder}: {what} ({SETTINGS} is missing); name a folder that reproduce, laboratory or experiment wrote"
        )
    return stored_settings.read(path)
