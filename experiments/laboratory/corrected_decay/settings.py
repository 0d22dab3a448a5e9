"""What is simulated: AdamW on noise and on a layer, plain SGD on a layer, with both decays under one cosine."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments.preset import Preset
from experiments.tolerance import Tolerance

NAME, LAYER, LEFT = "corrected_decay", "corrected_decay_layer", "corrected_decay_left"
DATE = "2026-11-29"
WITHIN = Tolerance(
    f"{NAME}: WITHIN",
    (NAME,),
    (0.03,),
    "relative error of a norm",
    "chance leaves just under 1 %; the rest is for AdamW's denominator, of which a recursion knows a part only",
    DATE,
)
EXACT = Tolerance(
    f"{NAME}: EXACT",
    (NAME,),
    (1e-14,),
    "relative error of the exact map",
    "float64: a step rounds by 1e-16, and the map forgets all but the last steps",
    DATE,
    words="exact",
)
TOLERANCES = (WITHIN, EXACT)
WAYS = ("ordinary", "corrected")


@dataclass(frozen=True)
class Settings(Preset):
    """Numbers of the simulations.

    Parameters
    ----------
    run_decay, layer_run_decay : float
        X = eta L T of AdamW's run and of plain SGD's: their lengths follow.
    epsilon, layer_epsilon : float
        Decay per step at the largest rate; L is 1, so that this is that rate too.
    beta1, beta2 : float
        Of AdamW.
    weights, scaleless_weights, layer_weights, seeds : int
        Of AdamW's run on noise, of its layer whose scale the cost ignores, of plain SGD's; those of a layer are one
        vector.
    records : int
        Times at which AdamW's norm is recorded.
    rest : float
        Length of the run before the schedule begins, at the largest rate, as a multiple of 1/epsilon.
    left_decay : tuple of float
        X of plain SGD's runs on noise, of which the end of the cosine is looked at.
    left_epsilon : float
        Their decay per step at the largest rate.
    left_weights : int
        Of each.
    """

    run_decay: float = 68.0
    layer_run_decay: float = 20.0
    epsilon: float = 0.005
    layer_epsilon: float = 0.05
    beta1: float = 0.9
    beta2: float = 0.98
    weights: int = 5000
    scaleless_weights: int = 1500
    layer_weights: int = 64
    records: int = 8
    rest: float = 4.0
    seeds: int = 12
    left_decay: tuple[float, ...] = (5.0, 30.0, 68.0, 300.0)
    left_epsilon: float = 0.02
    left_weights: int = 1000

    SEEDS = {"seeds": ""}  # noqa: RUF012

    def steps(self, layer: bool) -> tuple[int, int]:
        """Count the steps at rest and those of the schedule, both in whole records."""
        decay, epsilon = (self.layer_run_decay, self.layer_epsilon) if layer else (self.run_decay, self.epsilon)
        every = max(1, round(decay / epsilon / self.records))
        return max(1, round(self.rest / epsilon / every)) * every, every * self.records

    def rates(self, layer: bool) -> np.ndarray:
        """Give the learning rates of the whole run: a rest at the largest, then a cosine to 0."""
        peak = self.layer_epsilon if layer else self.epsilon
        rest, total = self.steps(layer)
        return cosine_after_rest(peak, rest, total)


def cosine_after_rest(peak: float, rest: int, total: int) -> np.ndarray:
    """Give learning rates: a rest at the largest, then a cosine to 0."""
    return peak * np.concatenate([np.ones(rest), wd.schedules.cosine().factors(total)])


def shares(rates: np.ndarray) -> dict[str, np.ndarray]:
    """Give the decay of each step, L = 1, by the way to decay."""
    return {"ordinary": rates, "corrected": rates**2 / rates.max()}


def measure(preset: Settings, data: Any) -> xr.Dataset:
    """Measure AdamW's mean square on noise and on a layer.

    Returns
    -------
    xarray.Dataset
        ``weight_ms`` [gradients, way, step, seed], over the one at rest by the leading law, eta/2.
    """
    from experiments.laboratory.scheduled.simulation import Sizes, mean_squares

    rates, (rest, total) = preset.rates(False), preset.steps(False)
    rules = [wd.rules.adamw(), wd.rules.adamw(decay="corrected")]
    every, level = total // preset.records, preset.epsilon / 2
    seeds = preset.seeds_of(preset.seeds)
    found = []
    for kind, weights in (("independent", preset.weights), ("scale_invariant", preset.scaleless_weights)):
        sizes = Sizes(weights, every, kind)
        numbers = {"lmbda": 1.0, "beta1": preset.beta1, "beta2": preset.beta2}
        found.append(mean_squares(rules, rates, seeds, sizes, start=level**0.5, **numbers) / level)
    step = np.arange(found[0].shape[1]) * every - rest
    return xr.Dataset(
        {"weight_ms": (("gradients", "way", "step", "seed"), np.stack(found))},
        {"gradients": ["noise", "layer"], "way": list(WAYS), "step": step, "seed": list(seeds)},
    )


def measure_left(preset: Settings, data: Any) -> xr.Dataset:
    """Measure what ordinary decay leaves of plain SGD's mean square on noise, at the end of cosines of several lengths.

    Returns
    -------
    xarray.Dataset
        ``weight_ms`` [run_decay, seed], over eta/2L at the largest rate.
    """
    from experiments.laboratory.scheduled.simulation import Sizes, mean_squares

    epsilon, every, seeds = preset.left_epsilon, 50, preset.seeds_of(preset.seeds)
    level, rest = epsilon / 2, every * max(1, round(preset.rest / epsilon / every))
    found = []
    for decay in preset.left_decay:
        total = every * max(1, round(decay / epsilon / every))
        rates = cosine_after_rest(epsilon, rest, total)
        sizes = Sizes(preset.left_weights, every)
        runs = mean_squares([wd.rules.sgd()], rates, seeds, sizes, start=level**0.5, lmbda=1.0)
        found.append(runs[0, -1] / level)
    return xr.Dataset(
        {"weight_ms": (("run_decay", "seed"), np.stack(found))},
        {"run_decay": list(preset.left_decay), "seed": list(seeds)},
    )


def measure_layer(preset: Settings, data: Any) -> xr.Dataset:
    """Measure the squared norm of a scale-invariant layer under plain SGD in each step, in float64; G is 1.

    Returns
    -------
    xarray.Dataset
        ``weight_norm2`` [way, step, seed].
    """
    from experiments.laboratory.scheduled.simulation import Sizes, mean_squares

    rates, (rest, _) = preset.rates(True), preset.steps(True)
    rules = [wd.rules.sgd(), wd.rules.sgd(decay="corrected")]
    size = preset.layer_weights
    sizes = Sizes(size, 1, "scale_invariant", "float64")
    seeds = preset.seeds_of(preset.seeds)
    start = (preset.layer_epsilon / 2 / size**2) ** 0.25  # at rest |w|^4 is eta/(2 L), for small decay
    found = mean_squares(rules, rates, seeds, sizes, start=start, lmbda=1.0) * size
    step = np.arange(found.shape[1]) - rest
    return xr.Dataset(
        {"weight_norm2": (("way", "step", "seed"), found)},
        {"way": list(WAYS), "step": step, "seed": list(seeds)},
    )
