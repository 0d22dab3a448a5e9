"""Muon as the library has it, on noise: norm, angle and update of its matrices at rest, and what is drawn beside it."""

from collections.abc import Callable

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments.laboratory.muon_as_it_is_run import drawn
from experiments.laboratory.muon_as_it_is_run.settings import Settings

PROBES = wd.Probes(moved=False, splits=(), rotation=True)
KEPT = (
    *("optimiser", "gradients", "eta", "lmbda", "beta1", "n", "m", "steps_per_epoch", "diverged_at", "sampling"),
    *("init_scale", "activation", "loss", "init", "depth", "biases"),
)
"""Coordinates that the law and its scope ask for."""


def measured(shape_name: str) -> Callable[[Settings, object], xr.Dataset]:
    """Give the measurement of the matrices of this name."""

    def measure(preset: Settings, data: object) -> xr.Dataset:
        shape = preset.shape(shape_name)
        steps = preset.square_steps if shape_name == "square" else preset.long_steps
        runs = wd.lab(
            "muon",
            "independent",
            shape=shape,
            seeds=preset.seeds_of(preset.seeds),
            steps=steps,
            burn_in=preset.burn_in,
            eta=preset.eta,
            lmbda=list(preset.square_lmbda if shape_name == "square" else preset.long_lmbda),
            beta1=list(preset.beta1),
            init_scale=0.1,
            probes=PROBES,
        ).isel(layer=0, epoch=-1, drop=True)
        return _kept(runs, preset, shape, steps - preset.burn_in)

    return measure


def _kept(runs: xr.Dataset, preset: Settings, shape: tuple[int, int], steps: int) -> xr.Dataset:
    """Keep the norm, cosine, angle and update, and put what was drawn beside them."""
    share = runs.eta * runs.lmbda / runs.n
    update = (runs.budget_noise / steps) ** 0.5 / runs.eta
    norm = runs.weight_norm2_mean**0.5
    along = runs.budget_drift / steps / (2 * (1 - share) * runs.eta)  # <W, -U> before the step
    dims = runs.weight_norm2_mean.dims
    known = {name: runs.coords[name] for name in (*KEPT, *dims) if name in runs.coords}
    values = {
        "weight_norm": norm,
        "cosine": along / (norm * update),
        "rotation": runs.rotation,
        "norm_of_update": update,
    }
    beside = drawn.measure(shape, preset.draws, preset.pairs, np.array(preset.rho), preset.first_seed)
    scale = max(1.0, shape[1] / shape[0]) ** 0.5
    return xr.Dataset(
        {name: (dims, one.transpose(*dims).values) for name, one in values.items()} | {"phi": ("rho", beside.phi)},
        known | {"rho": list(preset.rho), "update_norm": scale * beside.norm, "linear_share": beside.linear_share}
        | {"rows": shape[0], "columns": shape[1]},
    )  # fmt: skip
