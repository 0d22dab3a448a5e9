"""The folder of a run: its files, whether one may be written there, and its sweeps, whole or not at all."""

import warnings
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from experiments import registry, stored_settings
from experiments.experiment import Experiment
from experiments.preset import Preset
from experiments.stored_settings import StoredSettings
from wd_jax import files

if TYPE_CHECKING:
    import xarray as xr

    from wd_jax.data import Dataset

SETTINGS, VERDICTS, REPORT, PAGE = "settings.json", "verdicts.json", "report.md", "report.html"
OVERVIEW = "verdicts.svg"


def check(out: Path, overwrite: bool) -> None:
    """Refuse a folder to which a run must not, or cannot, be written; nothing is removed.

    A run that was interrupted has settings but no verdicts: it is no result, and is begun again.

    Raises
    ------
    FileExistsError
        If the folder holds a finished run, or a settings.json of something else, and `overwrite` is not set.
    OSError
        If it cannot be written to.
    """
    if out.exists() and not out.is_dir():
        raise NotADirectoryError(f"{out}: is a file; name a folder with --out")
    if out == Path():
        raise IsADirectoryError(f"{out}: is the folder you are in; name one of its own (--out), such as runs/reproduce")
    held = _held(out)
    if held and not overwrite and not _interrupted(out):
        raise FileExistsError(f"{out}: holds a run already; choose another folder, or pass --overwrite")
    if out.is_dir() and not held and any(out.iterdir()):
        raise FileExistsError(f"{out}: is not empty and holds no run; choose another folder")
    files.writable_folder(out)


def prepare(out: Path, overwrite: bool) -> None:
    """Check a folder, and remove what an older run had written there."""
    check(out, overwrite)
    held = _held(out)
    for path in [*held, *_results(out)] if held else []:
        path.unlink()


def _held(out: Path) -> list[Path]:
    return [out / name for name in (SETTINGS, VERDICTS, OVERVIEW, REPORT, PAGE) if (out / name).exists()]


def _results(out: Path) -> list[Path]:
    """List the sweeps and figures of the run that a folder's settings describe."""
    try:
        names = stored_settings.names(out / SETTINGS)
    except (OSError, ValueError):
        return []
    sweeps = [files.path_of(out / stored) for name in names for stored in registry.load(name).sweeps]
    paths = [*sweeps, *(path for name in names for path in figures(out, name))]
    return [path for path in paths if path.exists()]


def figures(out: Path, name: str) -> tuple[Path, Path]:
    """Name the files of an experiment's figure."""
    return out / f"{name}.svg", out / f"{name}.png"


def _interrupted(out: Path) -> bool:
    """Whether all that a folder holds of a run is the settings it began with."""
    try:
        finished = any((out / name).exists() for name in (VERDICTS, REPORT, PAGE))
        return not finished and bool(stored_settings.names(out / SETTINGS))
    except ValueError:
        return False


def finished(written: Collection[str]) -> tuple[str, ...]:
    """Name the experiments of which everything is stored, by the names of the files that were written."""
    return tuple(name for name in registry.names() if figures(Path(), name)[0].name in written)


def settings(folder: Path) -> StoredSettings:
    """Read what a run began with.

    Raises
    ------
    FileNotFoundError
        If the folder holds no run.
    ForeignFileError
        If its settings are not to be read.
    """
    path = folder / SETTINGS
    if not path.is_file():
        raise FileNotFoundError(f"{folder}: holds no run ({SETTINGS} is missing); name the folder reproduce wrote")
    return stored_settings.read(path)


def write_sweeps(runs: "Mapping[str, xr.Dataset]", out: Path) -> None:
    """Write all sweeps of an experiment, or none: it is analysed from all of them."""
    from wd_jax.results import netcdf

    paths = {files.path_of(out / name): dataset for name, dataset in runs.items()}
    try:
        for path, dataset in paths.items():
            netcdf.write(dataset, path)
    except BaseException:
        for path in paths:
            path.unlink(missing_ok=True)
        raise


def read_sweeps(
    folder: Path, experiment: Experiment, preset: Preset, data: "Dataset", needed: bool
) -> "dict[str, xr.Dataset]":
    """Open the sweeps of one experiment; none if it did not finish, unless it is needed.

    Raises
    ------
    FileNotFoundError
        If one is missing and they are needed.
    ForeignFileError
        If one is not what the preset describes.
    """
    from experiments.stored_sweep import unlike
    from wd_jax.results import netcdf

    paths = {stored: files.path_of(folder / stored) for stored in experiment.sweeps}
    missing = [path for path in paths.values() if not path.exists()]
    if missing and needed:
        raise FileNotFoundError(f"{folder}: {experiment.name} has no results there ({missing[0].name}); run it again")
    if missing:
        warnings.warn(f"{missing[0]}: not there, so {experiment.name} is left out", stacklevel=2)
        return {}
    found = {stored: netcdf.open_runs(path) for stored, path in paths.items()}
    for stored, runs in found.items():
        if difference := unlike(experiment.sweeps[stored], runs, preset, data):
            raise files.ForeignFileError(
                f"{paths[stored]}: not the sweep of {folder / SETTINGS} ({difference}); run reproduce again"
            )
    return found
