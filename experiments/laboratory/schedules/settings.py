"""What is measured: weights that only decay, weights on noise, and a published setting, under schedules."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments.preset import Preset
from experiments.tolerance import Tolerance

NAME, NOISE, PUBLISHED = "schedules", "schedules_noise", "schedules_published"
DATE = "2026-11-29"
EXACT = Tolerance(
    f"{NAME}: EXACT",
    (NAME,),
    (1e-10,),
    "relative error of the logarithm of what is left",
    "float64: a step takes 1e-3 and rounds by 1e-16, a relative error of 1e-13, with room for what adds up",
    DATE,
)
BOUND = Tolerance(
    f"{NAME}: BOUND",
    (NAME,),
    (1.0,),
    "error over its proved or measured bound",
    "a bound is a bound",
    DATE,
    words="bound",
)
WITHIN = Tolerance(
    f"{NAME}: WITHIN",
    (NAME,),
    (0.03,),
    "relative error of the rms weight on noise",
    "chance leaves half a per cent; the rest is for AdamW's denominator, of which a recursion knows a part only",
    DATE,
    words="recursion",
)
TOLERANCES = (EXACT, BOUND, WITHIN)
SHAPES = ("constant", "linear", "cosine", "wsd", "inverse_time")
RULES = ("sgd", "adamw", "sgd_absolute")
NOISY_SHAPES = ("cosine(end=0.1)", "wsd(warm_up=0, cool_down=0.3)")
NOISY_RULES = ("sgd", "adamw", "adamw_absolute")
"""Rules on noise: the last one has decay that the learning rate is not in."""
PUBLISHED_NUMBERS = {"direct": 0.0744, "series": 0.0742, "mean field": 0.0760}
"""J. Su, kexue.fm 11404, of 10,000 weights over 10,000 steps; they are second-hand here."""


@dataclass(frozen=True)
class Settings(Preset):
    """Numbers of the three simulations.

    Parameters
    ----------
    eta, lmbda : float
        Of weights that only decay, on a data set of 200 examples without gradients.
    epochs : int
        Of 20 steps each.
    epsilon : float
        On noise: decay per step at the largest rate, which is 1.
    steps, rest, records : int
        On noise: steps of the schedule, steps at its first rate before, and times of record.
    beta1, beta2 : float
        Of AdamW on noise.
    weights, seeds : int
        On noise.
    published_weights : int
        In the published setting, of which nothing is judged.
    """

    eta: float = 0.1
    lmbda: float = 2.0
    epochs: int = 150
    epsilon: float = 0.02
    steps: int = 2000
    rest: int = 250
    records: int = 8
    beta1: float = 0.9
    beta2: float = 0.98
    weights: int = 10_000
    published_weights: int = 300
    seeds: int = 12

    SEEDS = {"seeds": ""}  # noqa: RUF012

    def rates(self, words: str) -> np.ndarray:
        """Give the learning rates on noise: the rest at the largest rate, then the schedule."""
        factors = schedule(words).factors(self.steps)
        return np.concatenate([np.ones(self.rest), factors])

    def shares(self, words: str) -> dict[str, np.ndarray]:
        """Give the decay of each step on noise, by rule."""
        rates = self.rates(words)
        with_rate, without = self.epsilon * rates, np.full(rates.size, self.epsilon)
        return dict(zip(NOISY_RULES, (with_rate, with_rate, without), strict=True))


def schedule(words: str) -> Any:
    """Read a schedule's words.

    Examples
    --------
    >>> schedule("cosine(end=0.1)").factors(2)
    array([1.  , 0.55])
    """
    return wd.Setup((2, 2), eta_schedule=words).schedules["eta_schedule"]


def published_rates() -> np.ndarray:
    """Give Su's learning rates: a cosine from 1e-3 to 1e-4 in 10,000 steps; decay 0.1, betas 0.9 and 0.95."""
    return 1e-3 * schedule("cosine(end=0.1)").factors(10_000)


def measure(preset: Settings, data: Any) -> xr.Dataset:
    """Measure what is left of weights that only decay, in float64, by sweeps on data without gradients.

    Returns
    -------
    xarray.Dataset
        ``log_left`` [rule, shape, seed, layer, epoch]: ln of the rms weight over its start; ``step`` [epoch].
    """
    quiet = wd.data.null()
    probes = wd.Probes(splits=(), moved=False, budget=False)
    found = []
    for rule in RULES:
        setup = wd.Setup(widths=(16, 8, 4), batch_size=10, dtype="float64", optimiser=rule)
        runs = wd.sweep(
            setup,
            quiet,
            eta_schedule=list(SHAPES),
            eta=preset.eta,
            lmbda=preset.lmbda,
            seeds=preset.seeds_of(2),
            epochs=preset.epochs,
            probes=probes,
            progress=False,
        )
        left = np.log(runs.weight_rms / runs.weight_rms.sel(epoch=0, drop=True))
        found.append(left.transpose("eta_schedule", "seed", "layer", "epoch").values)
    step = np.arange(preset.epochs + 1) * 20
    return xr.Dataset(
        {"log_left": (("rule", "shape", "seed", "layer", "epoch"), np.stack(found)), "step": ("epoch", step)},
        {"rule": list(RULES), "shape": list(SHAPES)},
    )


def measure_noise(preset: Settings, data: Any) -> xr.Dataset:
    """Measure the mean square of weights on noise under two schedules.

    Returns
    -------
    xarray.Dataset
        ``weight_ms`` [shape, rule, step, seed], over eta/2L at the largest rate; step 0 begins the schedule.
    """
    from experiments.laboratory.scheduled.simulation import Sizes, mean_squares

    every, level = _divisor(preset), 1 / (2 * preset.epsilon)
    rules = [wd.rules.sgd(), wd.rules.adamw(), wd.rules.adamw(decay="absolute")]
    numbers = {"lmbda": preset.epsilon, "beta1": preset.beta1, "beta2": preset.beta2}
    seeds, found = preset.seeds_of(preset.seeds), []
    for words in NOISY_SHAPES:
        sizes = Sizes(preset.weights, every)
        found.append(mean_squares(rules, preset.rates(words), seeds, sizes, start=level**0.5, **numbers) / level)
    step = np.arange(found[0].shape[1]) * every - preset.rest
    return xr.Dataset(
        {"weight_ms": (("shape", "rule", "step", "seed"), np.stack(found))},
        {"shape": list(NOISY_SHAPES), "rule": list(NOISY_RULES), "step": step, "seed": list(seeds)},
    )


def measure_published(preset: Settings, data: Any) -> xr.Dataset:
    """Measure the rms weight at the end of Su's setting, from a start of rms 0.1 that is assumed.

    Returns
    -------
    xarray.Dataset
        ``weight_rms`` [seed].
    """
    from experiments.laboratory.scheduled.simulation import Sizes, mean_squares

    rates, seeds = published_rates(), preset.seeds_of(preset.seeds)
    numbers = {"lmbda": 0.1, "beta1": 0.9, "beta2": 0.95}
    sizes = Sizes(preset.published_weights, len(rates))
    found = mean_squares([wd.rules.adamw()], rates, seeds, sizes, start=0.1, **numbers)
    return xr.Dataset({"weight_rms": ("seed", np.sqrt(found[0, -1]))}, {"seed": list(seeds)})


def _divisor(preset: Settings) -> int:
    """Give the steps of a record: they fill the schedule, and the rest before it."""
    every = int(np.gcd(preset.steps // preset.records, preset.rest))
    if preset.steps % every or (preset.steps // preset.records) % every:
        raise ValueError(f"records={preset.records}: give a number that divides steps={preset.steps}")
    return every
