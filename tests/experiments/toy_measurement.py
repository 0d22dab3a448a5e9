"""A whole experiment that simulates by itself, in one file: weights that only decay, without data."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments import Experiment
from experiments.laboratory import LABORATORY, exact
from experiments.preset import NONE, Preset
from experiments.tolerance import Tolerance
from wd_jax.stats.outcome import Outcome, Table

NAME, TITLE = "toy_measurement", "Toy: a weight that only decays"
WITHIN = Tolerance("toy: WITHIN", (NAME,), (1e-12,), "relative error of the weight", "float64", "2026-11-29")


@dataclass(frozen=True)
class Toy(Preset):
    """One number and the seeds."""

    epsilon: float = 0.01
    seeds: int = 3

    SEEDS = {"seeds": ""}  # noqa: RUF012


def measure(preset: Toy, data: None) -> xr.Dataset:
    assert data is None
    seeds = list(preset.seeds_of(preset.seeds))
    weights = np.array([np.random.default_rng(seed).normal() for seed in seeds])
    after = weights.copy()
    for _ in range(10):
        after -= preset.epsilon * after
    return xr.Dataset({"ratio": ("seed", after / weights), "word": ("seed", ["a"] * len(seeds))}, {"seed": seeds})


def analyse(preset: Toy, data: None, stored: dict) -> Outcome:
    ratio, law = stored[NAME].ratio, (1 - preset.epsilon) ** 10
    error = float(abs(ratio / law - 1).max())
    verdicts = (
        exact.verdict(error, WITHIN.value, claim=NAME, statement="it shrinks by q^10", scope="ten steps"),
        wd.compare(ratio, np.exp(-10 * preset.epsilon), 1e-6, claim=NAME, kind="rival", statement="exp(-10 epsilon)"),
    )
    table = Table("Ratio", ("law", "measured"), ((law, float(ratio.mean())),))
    return Outcome(NAME, TITLE, f"It {verdicts[0].verdict}.", verdicts, (table,), lambda: draw(ratio))


def draw(ratio):
    from wd_jax.figures import style

    drawn, (ax,) = style.panels(1)
    ax.plot(ratio.seed, ratio)
    return drawn


EXPERIMENT = Experiment(
    name=NAME,
    title=TITLE,
    question="How much of a weight is left after ten steps?",
    collection=LABORATORY,
    presets={(NONE, "quick"): Toy(NONE)},
    measurements={NAME: measure},
    analyse=analyse,
    derivations=("epoch_decay",),
    tolerances=lambda preset: (WITHIN,),
)
