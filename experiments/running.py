"""``experiments.run`` and ``experiments.open``: train and judge, or judge again what was stored."""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments import measurements, own, registry, run_data, run_files, run_folder, run_sweeps
from experiments.experiment import Experiment
from experiments.judged import Judged
from experiments.preset import NONE, Preset
from wd_jax.files import ForeignFileError
from wd_jax.inputs import checks

if TYPE_CHECKING:
    import xarray as xr

    from wd_jax.data import Dataset
    from wd_jax.sweeps.plan import Plan


OWN = "settings of its own"
"""What stands for the size where the settings are none of an experiment's presets."""


def run(
    names: str | Sequence[str] | None = None,
    preset: str | Preset = "quick",
    data: "Dataset | None" = None,
    out: str | Path | None = None,
    *,
    overwrite: bool = False,
    progress: bool = True,
    announce: Callable[[str], None] | None = None,
    command: str = "",
    **settings: Any,
) -> Judged:
    """Run experiments one after the other; each task is on disk as soon as it has finished.

    The same call goes on with a run in a folder that was interrupted.

    Parameters
    ----------
    names : str or sequence of str, optional
        Which (`experiments.names`), the beginning of a name will do; the four claims of the exercise by default.
    preset : str or Preset
        Size of each experiment's own preset for the data set, or settings for all of them:
        ``dataclasses.replace(preset, seeds=4)`` changes one.
    data : Dataset, optional
        What is trained on; that of the settings by default, or `wd_jax.data.digits`. On data for which an experiment
        has no presets it uses those of digits, and the result says so.
    out : path, optional
        Folder to write to: settings, sweeps, figures, verdicts and report. Nothing is written by default.
    overwrite : bool
        Whether a finished run that is there, or one of other settings, may be replaced: it stays until the new one is
        whole.
    progress : bool
        Whether a live line is shown.
    announce : callable, optional
        Called with the name of each experiment before it begins.
    command : str
        How the report says that this can be had again.
    **settings
        Numbers to put in the place of the preset's, such as ``lmbda=2``: ``experiments.load(name).settings`` lists
        those that an experiment reads. Of several experiments each takes those that it reads.

    Returns
    -------
    Judged
        ``own`` says in what the settings are none of the presets.

    Raises
    ------
    KeyError
        For a name or a size that there is not, listing those there are.
    ValueError
        If settings are not of the data set, or not of the experiment.
    TypeError
        For data that are no data set, and settings that are none, or that no experiment of the run reads.
    FileExistsError, OSError
        If the folder holds another run, or a finished one, or cannot be written to.
    IncompleteError
        If tasks of a sweep failed: the others are kept.

    Examples
    --------
    >>> found = run("claim_2", factor_seeds=2, epochs_of_book=2, hidden=4, lmbda=2, progress=False)
    >>> found.dataset, {verdict.claim for verdict in found.verdicts}
    ('digits', {2})
    >>> found.own[0]
    'own settings: hidden 4 (30 in digits quick), lmbda 2 (5), epochs_of_book 2 (30), factor_seeds 2 (96)'
    """
    from experiments import reporting

    began = time.monotonic()
    if out is not None:
        run_folder.check(Path(out), overwrite)
    chosen = [registry.load(name) for name in _listed(names)]
    _check_kinds(chosen, preset, data)
    _check_read(chosen, settings)
    if data is None:
        data = _own_data(chosen, preset)
    presets = {experiment.name: _preset(experiment, preset, data, settings) for experiment in chosen}
    size = preset if isinstance(preset, str) else _size(chosen[0], preset)
    folder = None if out is None else Path(out)
    planned = {}
    for experiment in chosen:
        with _told(experiment, presets[experiment.name]):
            planned[experiment.name] = _planned(experiment, presets[experiment.name], data)
    said = repr(size) if isinstance(preset, str) or size != OWN else f"{type(preset).__name__}(...)"
    given = "" if data is None or run_data.has_name(data.name) else ", data=..."
    command = command or f"experiments.run({list(presets)}, {said}{given}{own.typed(settings)})"
    plans = {name: plan for its in planned.values() for name, plan in its.items()}
    sha256 = "" if data is None or all(one.dataset == NONE for one in presets.values()) else data.sha256
    place = None if folder is None else run_folder.begin(folder, overwrite, presets, plans, size, command, sha256)
    if place is not None and place.ended:
        return open_run(place.out, data, command=command)
    outcomes = []
    for experiment, runs in _swept(chosen, planned, place, progress, announce, command):
        name, its = experiment.name, presets[experiment.name]
        with _told(experiment, its):
            runs |= measurements.taken(experiment, its, its.needed(data), None if place is None else place.folder)
            outcomes.append(experiment.analyse(its, its.needed(data), runs))
        if place is not None:
            reporting.draw(outcomes[-1], run_files.figures(place.folder, name))
    judged = Judged(tuple(outcomes), presets, size, folder, command, command, began)
    if place is not None:
        reporting.write(judged, place.folder)
        place.finish(tuple(presets))
    return judged


def open_run(
    folder: str | Path, data: "Dataset | None" = None, *, only: str | None = None, command: str = ""
) -> Judged:
    """Judge a folder that `run` wrote again, from its files; all experiments of which everything is there, or one.

    Parameters
    ----------
    folder : path
        Of the run.
    data : Dataset, optional
        What it was trained on; loaded by its name by default. The run stored the sum of its data (sha256), and no
        other are taken.
    only : str, optional
        Name of the one experiment.
    command : str
        How a report says that this can be had again.

    Returns
    -------
    Judged
        ``write_report()`` writes the report anew.

    Raises
    ------
    FileNotFoundError, ValueError
        If the folder holds no run, one of another format, or a damaged one; or if the data are not those of the run,
        or have no name to load them by.

    Warns
    -----
    UserWarning
        For each experiment that is left out, because not all of it is stored.
    """
    began, folder = time.monotonic(), Path(folder)
    settings = run_folder.settings(folder)
    data = run_data.of_stored(folder, settings, data)
    outcomes, presets, missing = [], {}, {}
    for name in settings.presets if only is None else [registry.full(only)]:
        experiment = registry.load(name)
        preset = settings.presets.get(name) or _of_type(experiment, settings.presets)
        found = run_sweeps.extents(folder, experiment, judged=True)
        if only is None and not all(one.whole for one in found):
            missing[name] = run_sweeps.warn_of_the_rest(name, found)
            continue
        needed = preset.needed(data)
        found = run_sweeps.read(folder, experiment, preset, needed)
        with _told(experiment, preset):
            outcomes.append(experiment.analyse(preset, needed, found))
        presets[name] = preset
    if not outcomes:
        again = f"run `{settings.made_by}` again" if settings.made_by else "run reproduce again"
        raise FileNotFoundError(f"{folder}: no experiment of it has all its results; {again}, which goes on")
    said = command or f"experiments.open({str(folder)!r})"
    return Judged(
        tuple(outcomes), presets, "from stored results", folder, said, settings.made_by, began, missing=missing
    )


def _planned(experiment: Experiment, preset: Preset, data: "Dataset | None") -> "dict[str, Plan]":
    return experiment.plans(preset, preset.needed(data))


def _swept(
    chosen: Sequence[Experiment],
    planned: "Mapping[str, Mapping[str, Plan]]",
    place: run_folder.Place | None,
    progress: bool,
    announce: Callable[[str], None] | None,
    command: str,
) -> "Iterator[tuple[Experiment, dict[str, xr.Dataset]]]":
    """Give each experiment with its sweeps; those of the next are trained while one is judged."""
    from wd_jax.sweeps.sweep import run_all

    label = chosen[0].name if len(chosen) == 1 else f"{len(chosen)} experiments"
    plans = {name: plan for its in planned.values() for name, plan in its.items()}
    outs = None if place is None else [place.folder / name for name in plans]
    with contextlib.closing(run_all(list(plans.values()), outs, progress=progress and label, made_by=command)) as found:
        for experiment in chosen:
            if announce is not None:
                announce(experiment.name)
            yield experiment, {name: run_sweeps.plain(next(found)) for name in planned[experiment.name]}


@contextlib.contextmanager
def _told(experiment: Experiment, preset: Preset) -> Iterator[None]:
    """Say with which settings of one's own, or on which data, an experiment could not be run; files are not that."""
    try:
        yield
    except (ValueError, ArithmeticError, LookupError, TypeError) as error:
        said = own.said(experiment, preset)
        if not said or isinstance(error, ForeignFileError | OSError):
            raise
        detail = " ".join(f"{error}".split()) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
        lines = "; ".join(line for line in said if line != own.TOLERANCES)
        raise ValueError(f"{experiment.name} cannot be run so ({lines}): {detail}") from error


def _check_read(chosen: Sequence[Experiment], settings: Mapping[str, Any]) -> None:
    """Refuse settings that no experiment of the run reads."""
    for name, value in settings.items():
        if not any(name in one.settings for one in chosen):
            raise TypeError(f"{name}={checks.shown(value)}: {own.unknown(chosen[0], name)}")


def _check_kinds(chosen: Sequence[Experiment], preset: object, data: object) -> None:
    """Refuse settings that are none, and data that are none, with what was meant."""
    from wd_jax.data import Dataset

    if not isinstance(preset, str | Preset):
        change = "dataclasses.replace(experiments.load(name).preset('digits', 'quick'), ...) changes one setting"
        raise TypeError(f"preset={checks.shown(preset)}: give the name of a size, 'quick', or a Preset: {change}")
    if data is not None and not isinstance(data, Dataset):
        raise TypeError(
            f"data={checks.shown(data)}: give a Dataset, such as wd.data.digits() or wd.data.load('digits')"
        )
    if data is not None and all(one.datasets == (NONE,) for one in chosen):
        named = ", ".join(one.name for one in chosen)
        raise ValueError(f"data={data.name}: {named} makes up all that it needs: leave it out")


def _listed(names: str | Sequence[str] | None) -> tuple[str, ...]:
    if names is None:
        return registry.names("exercise")
    found = tuple(map(registry.full, (names,) if isinstance(names, str) else names))
    if not found or len(set(found)) < len(found):
        raise ValueError(f"names={list(found)}: give one or more experiments, each once: {', '.join(registry.names())}")
    return found


def _own_data(chosen: Sequence[Experiment], preset: str | Preset) -> "Dataset | None":
    """Load the data set of the settings; none where no experiment needs one."""
    from wd_jax.data import load

    if isinstance(preset, Preset):
        return None if preset.dataset == NONE else load(preset.dataset)
    return None if all(one.datasets == (NONE,) for one in chosen) else load("digits")


def _preset(
    experiment: Experiment, preset: str | Preset, data: "Dataset | None", settings: Mapping[str, Any]
) -> Preset:
    """Give the settings of one experiment: a preset, or those given, with what of the user's it reads."""
    chosen = _base(experiment, preset, data)
    read = {name: value for name, value in settings.items() if name in experiment.settings}
    return own.changed(experiment, chosen, read) if read else chosen


def _base(experiment: Experiment, preset: str | Preset, data: "Dataset | None") -> Preset:
    if isinstance(preset, str):
        needs = data is not None and experiment.datasets != (NONE,)
        return own.base(experiment, data.name if needs else NONE, preset)  # pyrefly: ignore
    if not isinstance(preset, experiment.preset_type):
        kind = f"{experiment.preset_type.__module__}.{experiment.preset_type.__name__}"
        raise ValueError(f"preset={type(preset).__name__}: {experiment.name} takes a {kind}, or the name of a size")
    if preset.dataset != NONE and data is not None and preset.dataset != data.name:
        raise ValueError(f"preset.dataset={preset.dataset!r}: the data set is {data.name!r}: give a preset of that one")
    return preset


def _of_type(experiment: Experiment, presets: Mapping[str, Preset]) -> Preset:
    """Give the settings of a run for an experiment that it does not name: those of another of the same kind."""
    alike = [one for one in presets.values() if isinstance(one, experiment.preset_type)]
    return alike[0] if alike else next(iter(experiment.presets.values()))


def _size(experiment: Experiment, preset: Preset) -> str:
    """Name the size of settings, "quick" or "full"; `OWN` for settings that are none of the experiment's presets."""
    return next((size for (_, size), one in experiment.presets.items() if one == preset), OWN)
