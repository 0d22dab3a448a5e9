"""What an experiment measures besides sweeps: taken once, stored whole beside them, read again with its settings."""

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.experiment import Experiment
from experiments.preset import Preset
from wd_jax import files

if TYPE_CHECKING:
    import xarray as xr

    from wd_jax.data import Dataset


def taken(
    experiment: Experiment, preset: Preset, data: "Dataset | None", folder: Path | None
) -> "dict[str, xr.Dataset]":
    """Take the measurements of an experiment; one that an interrupted run has stored is read.

    Parameters
    ----------
    experiment : Experiment
        Whose.
    preset : Preset
        Its settings.
    data : Dataset or None
        What is trained on, where something is.
    folder : Path or None
        Of the run; nothing is stored without one.

    Returns
    -------
    dict of str to xarray.Dataset
        By name.

    Raises
    ------
    ForeignFileError
        If a stored one is damaged, or of other settings.
    NotWrittenError
        If one cannot be written; it carries the measurement.
    """
    return {name: _taken(experiment, name, preset, data, folder) for name in experiment.measurements}


def _taken(
    experiment: Experiment, name: str, preset: Preset, data: "Dataset | None", folder: Path | None
) -> "xr.Dataset":
    from wd_jax.results import measurement

    path = None if folder is None else files.path_of(folder / name)
    if path is not None and path.is_file():
        return read(path, preset, data)
    measured = experiment.measurements[name](preset, data)
    if path is not None:
        measurement.write(measured, path, settings(preset, data))
    return measured


def read(path: Path, preset: Preset, data: "Dataset | None") -> "xr.Dataset":
    """Read a measurement, and make sure that it is of these settings.

    Raises
    ------
    FileNotFoundError
        If it is not there.
    ForeignFileError
        If it is damaged, or of other settings.
    """
    from wd_jax.results import measurement

    measured, held = measurement.read(path)
    if held != settings(preset, data):
        raise files.ForeignFileError(
            f"{path}: measured with other settings or data than the run's; remove it, and run the same command again"
        )
    return measured


def settings(preset: Preset, data: "Dataset | None") -> str:
    """Write down with what a measurement was taken, as JSON.

    Examples
    --------
    >>> settings(Preset("none"), None)
    '{"data": "", "dataset": "none", "first_seed": 0}'
    """
    return json.dumps({"data": "" if data is None else data.sha256, **dataclasses.asdict(preset)}, sort_keys=False)
