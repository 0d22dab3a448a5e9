"""What is simulated: decay alone, the answer to the start against noise, and weights on a sphere."""

import itertools
from typing import Any

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments.laboratory.adam_l2_and_adamw.settings import Settings

RULES = ("adam_l2", "adamw")
SIMILAR = (1 / 3, 1.0, 7.0)
"""Factors of eta and of the start together."""


def alone(preset: Settings, data: wd.data.Dataset | None) -> xr.Dataset:
    """Let decay act alone.

    Returns
    -------
    xarray.Dataset
        Over their start: ``adam_l2`` and ``adamw`` [lmbda, step]; ``similar`` [factor, step], eta and the start times
        the factor; ``slower`` [long_step] and ``faster`` [half], with eta for long and twice eta for half as long;
        ``stabilised`` [small_lmbda, step], with adam_epsilon. Where it is not named, Adam with L2 has none.
    """
    from experiments.laboratory.adam_l2_and_adamw.simulation import Cell, alone

    def course(eta: Any, lmbda: Any, start: Any, steps: int, adam_epsilon: float = 0.0, coupled: float = 1.0) -> Any:
        cells = Cell(eta, lmbda, start, preset.beta1, preset.beta2, adam_epsilon, coupled, 0.0)
        found = alone(cells, steps)
        return found / found[:, :1]

    eta, steps, factors = preset.alone_eta, preset.alone_steps, np.asarray(SIMILAR)
    long, lmbda, small = preset.long_steps, np.asarray(preset.alone_lmbda), np.asarray(preset.small_lmbda)
    some = lmbda[len(lmbda) // 2]
    return xr.Dataset(
        {
            "adam_l2": (("lmbda", "step"), course(eta, lmbda, 1.0, steps)),
            "adamw": (("lmbda", "step"), course(eta, lmbda, 1.0, steps, preset.adam_epsilon, coupled=0.0)),
            "similar": (("factor", "step"), course(eta * factors, some, factors, steps)),
            "slower": ("long_step", course(eta, np.asarray([some]), 1.0, long)[0]),
            "faster": ("half", course(2 * eta, np.asarray([some]), 1.0, long // 2)[0]),
            "stabilised": (("small_lmbda", "step"), course(eta, small, 1.0, steps, preset.adam_epsilon)),
        },
        {"lmbda": lmbda, "small_lmbda": small, "factor": factors, "step": np.arange(steps + 1, dtype=np.int32)},
    )


def noise(preset: Settings, data: wd.data.Dataset | None) -> xr.Dataset:
    """Step weights on noise, and say what is left of their start.

    Returns
    -------
    xarray.Dataset
        ``left`` [rule, sigma, lmbda, seed, step].
    """
    from experiments.laboratory.adam_l2_and_adamw.simulation import Cell, answer_to_start

    pairs = np.asarray(list(itertools.product(preset.sigma, preset.lmbda)))
    seeds = list(preset.seeds_of(preset.seeds))
    shape = (len(preset.sigma), len(preset.lmbda), preset.records)

    def of(coupled: float, seed: int) -> np.ndarray:
        own = (preset.start, preset.beta1, preset.beta2, preset.adam_epsilon, coupled, pairs[:, 0])
        cells = Cell(preset.eta, pairs[:, 1], *own)
        return answer_to_start(cells, seed, preset.weights, preset.records, preset.every).reshape(shape)

    left = np.asarray([[of(coupled, seed) for seed in seeds] for coupled in (1.0, 0.0)])
    return xr.Dataset(
        {"left": (("rule", "sigma", "lmbda", "seed", "step"), np.moveaxis(left, 1, 3))},
        {
            "rule": list(RULES),
            "sigma": list(preset.sigma),
            "lmbda": list(preset.lmbda),
            "seed": np.asarray(seeds, np.int32),
            "step": np.arange(1, preset.records + 1, dtype=np.int32) * preset.every,
        },
    )


def sphere(preset: Settings, data: wd.data.Dataset | None) -> xr.Dataset:
    """Step scale-invariant weights to rest.

    Returns
    -------
    xarray.Dataset
        ``norm`` and ``rotation`` [rule, lmbda, gradient_scale, seed] over the last steps; NaN where one diverged.
    """
    found = []
    for rule in RULES:
        runs = wd.lab(
            rule,
            "scale_invariant",
            steps=preset.sphere_steps,
            burn_in=preset.sphere_burn_in,
            shape=preset.sphere_weights,
            seeds=list(preset.seeds_of(preset.seeds)),
            eta=preset.sphere_eta,
            lmbda=list(preset.sphere_lmbda),
            gradient_scale=list(preset.gradient_scale),
            beta1=preset.beta1,
            beta2=preset.beta2,
            init_scale=_near_rest(preset),
            probes=wd.Probes(budget=False, moved=False, splits=(), rotation=True),
        )
        last = runs.isel(epoch=-1, layer=0)
        one = xr.Dataset({"norm": last.weight_rms_mean * preset.sphere_weights**0.5, "rotation": last.rotation})
        found.append(one.reset_coords(drop=True))
    return xr.concat(found, xr.IndexVariable("rule", list(RULES))).drop_attrs()


def _near_rest(preset: Settings) -> float:
    """Start near where Adam with L2 comes to rest at the middle setting, so that the burn-in need not be long."""
    middle = preset.sphere_lmbda[len(preset.sphere_lmbda) // 2]
    return (preset.sphere_eta / (2 * middle) / preset.sphere_weights) ** (1 / 3)
