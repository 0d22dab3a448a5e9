"""What an experiment stores, and whether stored sweeps are those that a preset describes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from experiments.preset import Preset
from wd_jax.data import Dataset


@dataclass(frozen=True)
class StoredSweep:
    """One stored sweep: how its settings follow from a preset, and what must have been measured.

    Parameters
    ----------
    seeds : str
        The field of a preset that counts its seeds.
    epochs : callable
        Preset -> number.
    coordinates : callable
        Preset -> values by coordinate, such as eta, m and lmbda.
    axes : tuple of str
        Swept axes.
    variables : tuple of str
        Measured.
    judged : bool
        Whether verdicts rest on it; without the others a stored run can be judged, and its page has less to show.
    """

    seeds: str
    epochs: Callable[[Any], int]
    coordinates: Callable[[Any], Mapping[str, Sequence[float]]]
    axes: tuple[str, ...] = ()
    variables: tuple[str, ...] = ("weight_rms",)
    judged: bool = True


def unlike(expected: StoredSweep, runs: xr.Dataset, preset: Preset, data: Dataset) -> str:
    """Say in which way a stored sweep is not the one that a preset describes; nothing if it is.

    Parameters
    ----------
    expected : StoredSweep
        What it should be.
    runs : xarray.Dataset
        From `wd_jax.open`.
    preset : Preset
        As the settings of the run hold it.
    data : Dataset
        What it must have been trained on.
    """
    axes = tuple(str(dim) for dim in runs.weight_rms.dims if dim not in ("seed", "layer", "epoch"))
    if axes != expected.axes:
        return f"it sweeps {', '.join(axes) or 'nothing'}, not {', '.join(expected.axes) or 'nothing'}"
    if "dataset_sha256" in runs and not (runs.dataset_sha256 == data.sha256).all():
        return f"it was trained on other data than {data.name} of today"
    for variable in expected.variables:
        if variable not in runs.data_vars:
            return f"it has no {variable}"
    coordinates = expected.coordinates(preset)
    asked: dict[str, Sequence[float]] = {
        **{name: tuple(values) for name, values in coordinates.items()},
        "number of seeds": (getattr(preset, expected.seeds),),
        "first seed": (preset.first_seed,),
        "epochs": (expected.epochs(preset),),
    }
    found = {name: np.ravel(runs[name].values) for name in coordinates if name in runs}
    found |= {"number of seeds": np.array([runs.sizes["seed"]]), "epochs": np.ravel(runs.epoch.values)[-1:]}
    found |= {"first seed": np.ravel(runs.seed.values)[:1]}
    for label, values in asked.items():
        here = found.get(label, np.array([]))
        if here.shape != (len(values),) or not np.allclose(here.astype(float), values, rtol=1e-9, atol=0):
            return f"its {label} {_short(here.tolist())} is not the settings' {_short(list(values))}"
    return ""


def _short(values: list) -> str:
    return ", ".join(f"{value:g}" for value in values[:3]) + (f" ... ({len(values)} values)" if len(values) > 3 else "")
