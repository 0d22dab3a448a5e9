"""Weights on noise until they are at rest, one optimiser a measurement: what is stored is their size."""

from typing import Any

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments.laboratory.floors.settings import Settings
from experiments.laboratory.plain_muon import plain_muon, polar_share

LEAN = wd.Probes(budget=False, moved=False, splits=())
KEPT = (
    *("optimiser", "gradients", "eta", "lmbda", "init_scale", "momentum", "beta1", "beta2", "n", "m"),
    *("steps_per_epoch", "gradient_std", "batch_noise", "batch_gradient_rms", "diverged_at", "sampling"),
    *("activation", "loss", "init", "depth", "biases"),
)
"""Coordinates that laws and their scopes ask for."""


def momentum_rule(rule: str) -> Any:
    """Give the measurement of heavy ball ("momentum"), "nesterov" or "sgdw"."""

    def measure(preset: Settings, data: object) -> xr.Dataset:
        return _lab(preset, rule, momentum=list(preset.momentum), init_scale=0.0)

    return measure


def adamw(preset: Settings, data: object) -> xr.Dataset:
    """Measure AdamW, started near where it rests."""
    near = (preset.eta / (2 * preset.lmbda[0])) ** 0.5
    return _lab(preset, "adamw", beta1=list(preset.beta1), beta2=preset.beta2, init_scale=near)


def adamw_short(preset: Settings, data: object) -> xr.Dataset:
    """Measure AdamW with a shorter memory of squares, as large language models are trained with."""
    near = (preset.eta / (2 * preset.lmbda[0])) ** 0.5
    return _lab(preset, "adamw", beta1=list(preset.beta1), beta2=list(preset.short_beta2), init_scale=near)


def adam_l2(preset: Settings, data: object) -> xr.Dataset:
    """Measure Adam with L2, from noise of several sizes."""
    near = (preset.eta / (2 * preset.lmbda[0]) * preset.gradient_std[0]) ** 0.5
    own = {"beta1": list(preset.beta1), "gradient_std": list(preset.gradient_std)}
    return _lab(preset, "adam_l2", **own, beta2=preset.beta2, init_scale=near)


def rmsprop_l2(preset: Settings, data: object) -> xr.Dataset:
    """Measure RMSprop with L2, long after its average of squares has left 0."""
    own = {"gradient_std": list(preset.gradient_std), "beta2": preset.rms_beta2, "init_scale": preset.eta}
    return _lab(preset, "rmsprop_l2", **own, steps=preset.rms_steps, burn_in=preset.rms_burn_in)


def sign_momentum(preset: Settings, data: object) -> xr.Dataset:
    """Measure sign momentum."""
    return _lab(preset, "sign_momentum", beta1=list(preset.sign_beta1), init_scale=0.2)


def lion(preset: Settings, data: object) -> xr.Dataset:
    """Measure Lion."""
    own = {"beta1": list(preset.lion_beta1), "beta2": list(preset.lion_beta2)}
    return _lab(preset, "lion", **own, init_scale=0.2)


def muon(preset: Settings, data: object) -> xr.Dataset:
    """Measure Muon in its plain form, and the linear share of a polar factor, from drawn matrices."""
    runs = _lab(
        preset,
        plain_muon(),
        shape=(preset.side, preset.side),
        steps=preset.muon_steps,
        burn_in=preset.muon_burn_in,
        eta=preset.muon_eta,
        lmbda=1.0,
        beta1=list(preset.muon_beta1),
        init_scale=(preset.muon_eta / preset.side) ** 0.5,
    )
    random = np.random.default_rng([preset.first_seed, preset.side])
    share = polar_share(random.normal(size=(preset.draws, preset.side, preset.side)))
    return runs.assign_coords(linear_share=share, update_norm=preset.side**0.5, n_w=preset.side**2)


def _lab(preset: Settings, rule: Any, **own: Any) -> xr.Dataset:
    """Run the laboratory, and keep what is judged and what laws ask for."""
    usual: dict[str, Any] = {
        "shape": preset.weights,
        "steps": preset.steps,
        "burn_in": preset.burn_in,
        "seeds": preset.seeds_of(preset.seeds),
        "eta": preset.eta,
        "lmbda": list(preset.lmbda),
        "probes": LEAN,
    }
    runs = wd.lab(rule, "independent", **(usual | own)).isel(layer=0, epoch=-1, drop=True)
    known = {name: runs.coords[name] for name in (*KEPT, *runs.weight_rms_mean.dims) if name in runs.coords}
    return xr.Dataset({"weight_rms": runs.weight_rms_mean.variable}, known)
