"""``experiments.run`` and ``experiments.open``: train and judge, or judge again what was stored."""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from experiments import measurements, registry, run_files, run_folder, run_sweeps
from experiments.experiment import Experiment
from experiments.judged import Judged
from experiments.preset import NONE, Preset

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
        What is trained on; that of the settings by default, or `wd_jax.data.digits`.
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

    Returns
    -------
    Judged

    Raises
    ------
    KeyError
        For a name or a size that there is not, listing those there are.
    ValueError
        If settings are not of the data set, or not of the experiment.
    TypeError
        For data that are no data set, or settings that are none.
    FileExistsError, OSError
        If the folder holds another run, or a finished one, or cannot be written to.
    IncompleteError
        If tasks of a sweep failed: the others are kept.

    Examples
    --------
    >>> import dataclasses
    >>> from experiments.exercise.preset import PRESETS
    >>> small = dataclasses.replace(PRESETS["digits", "quick"], factor_seeds=2, epochs_of_book=2, hidden=4)
    >>> found = run("claim_2_epoch_decay", small, progress=False)
    >>> found.dataset, {verdict.claim for verdict in found.verdicts}
    ('digits', {2})
    """
    from experiments import reporting

    began = time.monotonic()
    if out is not None:
        run_folder.check(Path(out), overwrite)
    chosen = [registry.load(name) for name in _listed(names)]
    _check_kinds(preset, data)
    if data is None:
        data = _own_data(chosen, preset)
    presets = {experiment.name: _preset(experiment, preset, data) for experiment in chosen}
    size = preset if isinstance(preset, str) else _size(chosen[0], preset)
    folder = None if out is None else Path(out)
    planned = {experiment.name: _planned(experiment, presets[experiment.name], data) for experiment in chosen}
    said = repr(size) if isinstance(preset, str) or size != OWN else f"{type(preset).__name__}(...)"
    command = command or f"experiments.run({list(presets)}, {said})"
    plans = {name: plan for own in planned.values() for name, plan in own.items()}
    place = None if folder is None else run_folder.begin(folder, overwrite, presets, plans, size, command)
    if place is not None and place.ended:
        return open_run(place.out, data, command=command)
    outcomes = []
    for experiment, runs in _swept(chosen, planned, place, progress, announce, command):
        name, own = experiment.name, presets[experiment.name]
        runs |= measurements.taken(experiment, own, own.needed(data), None if place is None else place.folder)
        outcomes.append(experiment.analyse(own, own.needed(data), runs))
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
        What it was trained on; loaded by its name by default.
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
        If the folder holds no run, one of another format, or a damaged one.

    Warns
    -----
    UserWarning
        For each experiment that is left out, because not all of it is stored.
    """
    began, folder = time.monotonic(), Path(folder)
    settings = run_folder.settings(folder)
    if data is None and settings.dataset != NONE:
        from wd_jax.data import load

        data = load(settings.dataset)
    outcomes, presets, missing = [], {}, {}
    for name in settings.presets if only is None else [registry.full(only)]:
        experiment = registry.load(name)
        preset = settings.presets.get(name) or _of_type(experiment, settings.presets)
        found = run_sweeps.extents(folder, experiment)
        if only is None and not all(one.whole for one in found):
            missing[name] = run_sweeps.warn_of_the_rest(name, found)
            continue
        own = preset.needed(data)
        outcomes.append(experiment.analyse(preset, own, run_sweeps.read(folder, experiment, preset, own)))
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
    plans = {name: plan for own in planned.values() for name, plan in own.items()}
    outs = None if place is None else [place.folder / name for name in plans]
    with contextlib.closing(run_all(list(plans.values()), outs, progress=progress and label, made_by=command)) as found:
        for experiment in chosen:
            if announce is not None:
                announce(experiment.name)
            yield experiment, {name: run_sweeps.plain(next(found)) for name in planned[experiment.name]}


def _check_kinds(preset: object, data: object) -> None:
    """Refuse settings that are none, and data that are none, with what was meant."""
    from wd_jax.data import Dataset
    from wd_jax.inputs import checks

    if not isinstance(preset, str | Preset):
        change = "dataclasses.replace(experiments.load(name).preset('digits', 'quick'), ...) changes one setting"
        raise TypeError(f"preset={checks.shown(preset)}: give the name of a size, 'quick', or a Preset: {change}")
    if data is not None and not isinstance(data, Dataset):
        raise TypeError(
            f"data={checks.shown(data)}: give a Dataset, such as wd.data.digits() or wd.data.load('digits')"
        )


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


def _preset(experiment: Experiment, preset: str | Preset, data: "Dataset | None") -> Preset:
    if isinstance(preset, str):
        needs = data is not None and experiment.datasets != (NONE,)
        return experiment.preset(data.name if needs else NONE, preset)  # pyrefly: ignore
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
