"""The setting of a run, for the sliders of its page."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments import registry
from experiments.preset import Preset
from wd_jax import files


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
    from wd_jax.results import netcdf

    stored = {
        files.path_of(folder / sweep): registry.load(name) for name in presets for sweep in registry.load(name).sweeps
    }
    measuring = {
        path for path, one in stored.items() if one.supply and path == files.path_of(folder / one.supply.sweep)
    }
    for path in sorted(stored, key=lambda path: (path not in measuring, path)):
        if not path.is_file():
            continue
        runs, experiment = netcdf.open_runs(path), stored[path]
        if "hidden" in runs.dims:
            continue
        preset = presets[experiment.name]
        eta, lmbda = (float(getattr(preset, name, runs[name].values.flat[0])) for name in ("eta", "lmbda"))
        measured = experiment.supply.measure(runs, lmbda) if experiment.supply and path in measuring else None
        return preset_of(runs, preset.dataset, eta, lmbda, measured)
    return None
