"""A whole experiment in one file, as a new one is added: dead inputs shrink by the exact factor."""

from dataclasses import dataclass

import numpy as np

import wd_jax as wd
from experiments import Experiment
from experiments.laboratory import LABORATORY
from experiments.preset import Preset
from experiments.stored_sweep import StoredSweep
from experiments.tolerance import Tolerance
from wd_jax.stats.outcome import Outcome, Table

NAME, TITLE = "toy_law", "Toy: dead inputs shrink by the exact factor"
WITHIN = Tolerance("toy: WITHIN", ("toy law",), (1e-9,), "relative error of the factor", "float64", "2026-11-29")


@dataclass(frozen=True)
class Toy(Preset):
    """Two numbers."""

    eta: float = 0.1
    repeats: int = 2

    SEEDS = {"repeats": "of the toy "}  # noqa: RUF012


def plans(preset: Toy, data: wd.data.Dataset) -> dict:
    setup = wd.Setup(widths=(data.n_in, 3, data.n_out), batch_size=100, dtype="float64")
    seeds = preset.seeds_of(preset.repeats)
    probes = wd.Probes(splits=(), moved=False)
    return {NAME: wd.dry_run(setup, data, lmbda=5.0, eta=preset.eta, seeds=seeds, epochs=1, probes=probes)}


def analyse(preset: Toy, data: wd.data.Dataset, stored: dict) -> Outcome:
    runs = stored[NAME]
    exact = wd.theory.evaluate("epoch_decay", "per_epoch_factor", runs)
    factor = runs.dead_input_rms.sel(epoch=1) / runs.dead_input_rms.sel(epoch=0)
    verdict = wd.compare(factor, exact, WITHIN.value, claim="toy law", kind="identity", statement="the exact factor")
    table = Table("Factor", ("eta", "factor"), ((preset.eta, f"{float(factor.mean()):.6f}"),))
    return Outcome(NAME, TITLE, f"It is {verdict.verdict}.", (verdict,), (table,), lambda: draw(runs))


def draw(runs):
    from wd_jax.figures import style

    drawn, (ax,) = style.panels(1)
    ax.plot(runs.epoch, np.asarray(runs.dead_input_rms.mean("seed")))
    return drawn


EXPERIMENT = Experiment(
    name=NAME,
    title=TITLE,
    collection=LABORATORY,
    presets={("digits", "quick"): Toy("digits")},
    plans=plans,
    analyse=analyse,
    sweeps={
        NAME: StoredSweep(
            seeds="repeats", epochs=lambda preset: 1, coordinates=lambda preset: {"eta": (preset.eta,)},
            variables=("dead_input_rms",),
        )
    },
    derivations=("epoch_decay",),
    glossary=(("toy", "what is small enough to see through."),),
    tolerances=lambda preset: (WITHIN,),
    figures={"phase": (NAME,)},
)  # fmt: skip
