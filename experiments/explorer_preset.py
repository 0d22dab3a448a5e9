"""The setting of a run, for the sliders of its page, and what the figure on its first screen draws."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments import registry, run_sweeps
from experiments.preset import Preset


def of(folder: Path, presets: Mapping[str, Preset]) -> dict[str, Any] | None:
    """Give the page's sliders a run's setting, and its Q where an experiment measured one; None without results.

    Parameters
    ----------
    folder : Path
        It holds the results of one experiment or more.
    presets : mapping of str to Preset
        By experiment.

    Returns
    -------
    dict or None
        As `wd_jax.report.explorer.explorer` takes a preset.
    """
    from wd_jax.report.explorer_data import preset_of

    stored = {sweep: registry.load(name) for name in presets for sweep in registry.load(name).sweeps}
    measuring = {sweep for sweep, one in stored.items() if one.supply and sweep == one.supply.sweep}
    for sweep in sorted(stored, key=lambda sweep: (sweep not in measuring, sweep)):
        if not run_sweeps.extent(folder, sweep).whole:
            continue
        runs, experiment = run_sweeps.opened(folder, sweep), stored[sweep]
        if "hidden" in runs.dims:
            continue
        preset = presets[experiment.name]
        eta, lmbda = (float(getattr(preset, name, runs[name].values.flat[0])) for name in ("eta", "lmbda"))
        measured = experiment.supply.measure(runs, lmbda) if experiment.supply and sweep in measuring else None
        return preset_of(runs, preset.dataset, eta, lmbda, measured)
    return None


def moving(folder: Path, presets: Mapping[str, Preset]) -> dict[str, Any] | None:
    """Give the page's first figure what it draws: the stored sweeps over most values of lmbda; None without results.

    Parameters
    ----------
    folder, presets
        As for `of`.

    Returns
    -------
    dict or None
        As `wd_jax.report.moving.of_runs` gives it.
    """
    found = []
    for name in presets:
        declared = registry.load(name).moving
        if declared is not None and run_sweeps.extent(folder, declared.sweeps[0]).whole:
            there = [sweep for sweep in declared.sweeps if run_sweeps.extent(folder, sweep).whole]
            stored = [run_sweeps.opened(folder, sweep) for sweep in there]
            found.append((sum(runs.sizes.get("lmbda", 1) for runs in stored), declared, stored, presets[name]))
    if not found:
        return None
    _, declared, stored, preset = max(found, key=lambda one: one[0])
    return declared.data(stored, preset)
