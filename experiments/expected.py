"""What each experiment stores, and whether stored sweeps are those that a preset describes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from experiments.preset import Preset
from wd_jax.data import Dataset

BUDGET = ("budget_decay", "budget_drift", "budget_noise")


@dataclass(frozen=True)
class Expected:
    """One stored sweep: how its settings follow from a preset, and what must have been measured.

    Attributes
    ----------
    seeds : str
        The field of a preset that counts its seeds.
    epochs : callable
        Preset -> number.
    lmbda, hidden : callable
        Preset -> values.
    axes : tuple of str
        Swept axes.
    variables : tuple of str
        Measured.
    """

    seeds: str
    epochs: Callable[[Preset], int]
    lmbda: Callable[[Preset], Sequence[float]]
    hidden: Callable[[Preset], Sequence[float]]
    axes: tuple[str, ...]
    variables: tuple[str, ...]


def _one_lmbda(preset: Preset) -> Sequence[float]:
    return (preset.lmbda,)


def _one_width(preset: Preset) -> Sequence[float]:
    return (preset.hidden,)


SWEEPS: dict[str, dict[str, Expected]] = {
    "claim_1_dominance": {
        "claim_1_dominance": Expected(
            "seeds", lambda preset: 1, Preset.lmbda_grid, _one_width, ("lmbda",),
            (*BUDGET, "budget_drift_traffic", "moved_by_decay",
             "moved_by_gradient", "gradient_norm2", "sample_gradient_norm2", "weight_norm2"),
        )
    },
    "claim_2_epoch_decay": {
        "claim_2_epoch_decay": Expected(
            "factor_seeds", lambda preset: preset.epochs_of_book, _one_lmbda, _one_width, (),
            (*BUDGET, "dead_input_rms"),
        )
    },
    "claim_3_tail_off": {
        "claim_3_tail_off_by_width": Expected(
            "width_seeds", lambda preset: preset.epochs, _one_lmbda,
            lambda preset: preset.widths, ("hidden",), (*BUDGET, "weight_norm2"),
        ),
        "claim_3_tail_off_by_lmbda": Expected(
            "width_seeds", lambda preset: preset.epochs, lambda preset: preset.lmbdas,
            _one_width, ("lmbda",), (*BUDGET, "weight_norm2"),
        ),
    },
    "claim_4_initialisation": {
        "claim_4_initialisation": Expected(
            "seeds", lambda preset: preset.epochs_of_starts, _one_lmbda, _one_width, ("init",),
            (*BUDGET, "accuracy"),
        )
    },
}  # fmt: skip
"""By experiment, what it stores under which name."""


def unlike(name: str, runs: xr.Dataset, preset: Preset, data: Dataset) -> str:
    """Say in which way a stored sweep is not the one that a preset describes; nothing if it is.

    Parameters
    ----------
    name : str
        Of the stored sweep.
    runs : xarray.Dataset
        From `wd_jax.open`.
    preset : Preset
        As the settings of the run hold it.
    data : Dataset
        What it must have been trained on.
    """
    expected = next(stored[name] for stored in SWEEPS.values() if name in stored)
    axes = tuple(str(dim) for dim in runs.weight_rms.dims if dim not in ("seed", "layer", "epoch"))
    if axes != expected.axes:
        return f"it sweeps {', '.join(axes) or 'nothing'}, not {', '.join(expected.axes) or 'nothing'}"
    if "dataset_sha256" in runs and not (runs.dataset_sha256 == data.sha256).all():
        return f"it was trained on other data than {data.name} of today"
    for variable in expected.variables:
        if variable not in runs.data_vars:
            return f"it has no {variable}"
    asked = {
        "eta": (preset.eta,),
        "m": (preset.batch_size,),
        "lmbda": tuple(expected.lmbda(preset)),
        "hidden": tuple(expected.hidden(preset)),
        "number of seeds": (getattr(preset, expected.seeds),),
        "first seed": (preset.first_seed,),
        "epochs": (expected.epochs(preset),),
    }
    found = {name: np.ravel(runs[name].values) for name in ("eta", "m", "lmbda", "hidden") if name in runs}
    found |= {"number of seeds": np.array([runs.sizes["seed"]]), "epochs": np.ravel(runs.epoch.values)[-1:]}
    found |= {"first seed": np.ravel(runs.seed.values)[:1]}
    for label, values in asked.items():
        here = found.get(label, np.array([]))
        if here.shape != (len(values),) or not np.allclose(here.astype(float), values, rtol=1e-9, atol=0):
            return f"its {label} {_short(here.tolist())} is not the settings' {_short(list(values))}"
    return ""


def _short(values: list) -> str:
    return ", ".join(f"{value:g}" for value in values[:3]) + (f" ... ({len(values)} values)" if len(values) > 3 else "")
