"""Claim 2: if eta*lmbda << n, weights shrink by exp(-eta*lmbda/m) per epoch."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from experiments.exercise import BUDGET, DEAD_INPUTS, EXERCISE
from experiments.exercise.epoch_decay.analysis import NAME, TITLE, analyse, plans
from experiments.exercise.preset import PRESETS, Preset
from experiments.exercise.settings_tolerances import registry
from experiments.experiment import Experiment, Moving
from experiments.stored_sweep import StoredSweep
from wd_jax.report.moving import of_runs

if TYPE_CHECKING:
    import xarray as xr

BOOK = StoredSweep(
    seeds="factor_seeds",
    epochs=lambda preset: preset.epochs_of_book,
    coordinates=Preset.coordinates,
    variables=(*BUDGET, "dead_input_rms"),
)


def _moving(stored: Sequence["xr.Dataset"], preset: Preset) -> dict[str, Any]:
    return of_runs(stored[0], preset.dataset)


EXPERIMENT = Experiment(
    name=NAME,
    title=TITLE,
    collection=EXERCISE,
    presets=PRESETS,
    plans=plans,
    analyse=analyse,
    sweeps={NAME: BOOK},
    question="Do weights shrink by the factor exp(-ηλ/m) in each epoch?",
    derivations=("epoch_decay",),
    glossary=(DEAD_INPUTS,),
    tolerances=registry,
    moving=Moving((NAME,), _moving),
    figures={"budget": (NAME,), "epoch_factor": (NAME,)},
    reads=("hidden", "batch_size", "eta", "lmbda", "factor_seeds", "epochs_of_book"),
)
