"""The sweeps in the folder of a run: how much of each is there, and each one read whole and checked, or not at all."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from experiments import measurements, registry
from experiments.experiment import Experiment
from experiments.preset import Preset
from experiments.run_files import SETTINGS, located
from wd_jax import files

if TYPE_CHECKING:
    import xarray as xr

    from wd_jax.data import Dataset
    from wd_jax.sweeps.plan import Plan
    from wd_jax.sweeps.store.generations import RunStore


@dataclass(frozen=True)
class Extent:
    """How much of a sweep is stored.

    Parameters
    ----------
    path : Path
        Its folder, or its file if an earlier version wrote it.
    done, tasks : int
        Tasks that are there, and all; 0 of 0 if it was not begun.
    """

    path: Path
    done: int
    tasks: int

    @property
    def whole(self) -> bool:
        """Whether all of it is there."""
        return 0 < self.tasks == self.done

    def __str__(self) -> str:
        """Say it for a warning."""
        begun = self.tasks and (self.done or self.path.suffix != files.SUFFIX)
        return f"{self.path}: {f'{self.done} of {self.tasks} tasks are there' if begun else 'not there'}"


def extent(folder: Path, stored: str) -> Extent:
    """Say how much of a sweep there is, without reading its numbers.

    Parameters
    ----------
    folder : Path
        Of the run.
    stored : str
        Name of the sweep.
    """
    from wd_jax.sweeps.store import generations

    root, file = located(folder, stored), located(folder, f"{stored}{files.SUFFIX}")
    found = Extent(root, 0, 0)
    if generations.is_run(root):
        store = generations.open_store(root)
        tasks = len(store.plan.keys)
        found = Extent(root, tasks - len(store.missing()), tasks)
    return Extent(file, 1, 1) if file.is_file() and not found.whole else found


def extents(folder: Path, experiment: Experiment, judged: bool = False) -> list[Extent]:
    """Say how much there is of each sweep and measurement of an experiment, or of those that verdicts rest on."""
    taken = [located(folder, f"{name}{files.SUFFIX}") for name in experiment.measurements]
    return [
        *(extent(folder, stored) for stored, one in experiment.sweeps.items() if one.judged or not judged),
        *(Extent(path, int(path.is_file()), 1) for path in taken),
    ]


def whole(folder: Path, experiment: Experiment) -> bool:
    """Whether all sweeps and measurements of an experiment are there."""
    return all(one.whole for one in extents(folder, experiment))


def read(folder: Path, experiment: Experiment, preset: Preset, data: "Dataset | None") -> "dict[str, xr.Dataset]":
    """Open the sweeps and measurements of one experiment, and check them: all are there that verdicts rest on.

    Raises
    ------
    FileNotFoundError
        If one is not there, or not all of it.
    ForeignFileError
        If one is damaged, or not what the preset describes.
    """
    from experiments.stored_sweep import unlike

    there = [stored for stored, one in experiment.sweeps.items() if one.judged or extent(folder, stored).whole]
    found = {stored: opened(folder, stored) for stored in there}
    for stored, runs in found.items():
        if difference := unlike(experiment.sweeps[stored], runs, preset, data):  # pyrefly: ignore
            raise files.ForeignFileError(
                f"{extent(folder, stored).path}: not the sweep of {located(folder, SETTINGS)} ({difference}); "
                "run reproduce again"
            )
    return found | {
        name: measurements.read(located(folder, f"{name}{files.SUFFIX}"), preset, data)
        for name in experiment.measurements
    }


def opened(folder: Path, stored: str) -> "xr.Dataset":
    """Open one sweep, every number of it checked.

    Raises
    ------
    FileNotFoundError
        If it is not there, or not all of it.
    ForeignFileError
        If it is damaged.
    """
    from wd_jax.results import netcdf
    from wd_jax.sweeps.store import generations, reading

    found = extent(folder, stored)
    if not found.whole:
        raise FileNotFoundError(f"{found}; run the command that began {folder} again, which trains only the rest")
    if found.path.is_file():
        return netcdf.open_runs(found.path)
    store = generations.open_store(found.path)
    check(store)
    return plain(reading.dataset(store))


def check(store: "RunStore") -> None:
    """Check every number of a sweep: a verdict must not rest on a damaged one, nor on one that is left out.

    Raises
    ------
    ForeignFileError
        Naming the damaged file and the remedy.
    """
    from wd_jax.sweeps.store.chunk_store import CorruptChunk

    for key in store.plan.keys:
        try:
            store.chunks.load(key)
        except CorruptChunk as error:
            said = str(error).partition("; run the same command again")[0]
            raise files.ForeignFileError(
                f"{said}; run the command that made {store.root.parent} again, which trains only what is missing"
            ) from error


def plain(runs: "xr.Dataset") -> "xr.Dataset":
    """Give a sweep of which every member is there as one that was never stored: no label says what is missing."""
    from wd_jax.results.status import STATUS

    return runs.drop_vars(STATUS, errors="ignore")


def planned_otherwise(folder: Path, plans: "Mapping[str, Plan]") -> str:
    """Say which sweep in a folder was planned in another way than now; nothing if none was.

    Settings may be the same and data, versions or devices not.
    """
    from wd_jax.sweeps.store import generations, plan_file

    for stored, plan in plans.items():
        root = folder / stored
        if generations.is_run(root):
            there = generations.open_store(root).plan
            if there.asked != plan_file.hash_of(plan_file.keys_of(plan)):
                other = there.dataset.get("sha256") != plan.data.sha256
                return f"a {stored} of {'other data' if other else 'another version of wd_jax or jax'}"
    return ""


def remove_older(folder: Path, experiments: "tuple[str, ...]") -> None:
    """Remove the files in which an earlier version kept sweeps that now are in folders."""
    from wd_jax.sweeps.store import generations

    for name in experiments:
        for stored in registry.load(name).sweeps:
            if generations.is_run(folder / stored):
                files.path_of(folder / stored).unlink(missing_ok=True)


def warn_of_the_rest(name: str, found: list[Extent]) -> str:
    """Warn that an experiment is left out, and say why."""
    first = next(one for one in found if not one.whole)
    warnings.warn(f"{first}, so {name} is left out", stacklevel=3)
    return str(first)
