"""A whole experiment in one file, as a new one is added: dead inputs shrink by the exact factor."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments import Experiment
from experiments.laboratory import LABORATORY
from experiments.preset import Preset
from experiments.stored_sweep import StoredSweep
from experiments.tolerance import Tolerance
from wd_jax.stats.outcome import Outcome, Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from wd_jax.data import Dataset
    from wd_jax.sweeps.plan import Plan

NAME, TITLE = "toy_law", "Toy: dead inputs shrink by the exact factor"
WITHIN = Tolerance(
    name="toy: WITHIN",
    claims=("toy law",),
    values=(1e-9,),
    allows="relative error of the factor",
    reason="float64: an epoch's steps round by 1e-14 together",
    date="2026-11-29",
)


@dataclass(frozen=True)
class Settings(Preset):
    """A learning rate, and a number of seeds.

    Parameters
    ----------
    eta : float
        Learning rate.
    repeats : int
        So many seeds.
    """

    eta: float = 0.1
    repeats: int = 5

    # The fields that count seeds, each with the words that stand before its range in the report.
    SEEDS = {"repeats": "of the toy "}  # noqa: RUF012


def plans(preset: Settings, data: "Dataset") -> "dict[str, Plan]":
    """Decide what is trained: one sweep, by the name under which it is stored."""
    setup = wd.Setup(widths=(data.n_in, 3, data.n_out), batch_size=100, dtype="float64")
    seeds = preset.seeds_of(preset.repeats)
    probes = wd.Probes(splits=(), moved=False)
    return {NAME: wd.dry_run(setup, data, lmbda=5.0, eta=preset.eta, seeds=seeds, epochs=1, probes=probes)}


def analyse(preset: Settings, data: "Dataset", stored: dict[str, xr.Dataset]) -> Outcome:
    """Judge the factor of one epoch, from the runs of `plans`, now or from disk."""
    runs = stored[NAME]
    exact = wd.theory.evaluate("epoch_decay", "per_epoch_factor", runs)
    factor = runs.dead_input_rms.sel(epoch=1) / runs.dead_input_rms.sel(epoch=0)
    verdict = wd.compare(
        factor,
        exact,
        WITHIN.value,
        claim="toy law",
        kind="identity",
        statement="the exact factor",
        scope="dead inputs, one epoch",
    )
    left = f"{float(factor.mean()):.6f}"
    table = Table("Factor", ("eta", "factor"), ((preset.eta, left),))
    answer = f"{left} of a dead input's weight is left after an epoch: the law {verdict.verdict}."
    return Outcome(NAME, TITLE, answer, (verdict,), (table,), lambda: draw(runs))


def draw(runs: xr.Dataset) -> "Figure":
    """Draw how dead inputs shrink."""
    from wd_jax.figures import style

    drawn, (ax,) = style.panels(1)
    ax.plot(runs.epoch, np.asarray(runs.dead_input_rms.mean("seed")), "o-")
    ax.set(xlabel="epochs", ylabel="rms of dead inputs")
    return drawn


EXPERIMENT = Experiment(
    name=NAME,
    title=TITLE,
    question="By how much do weights on dead inputs shrink in an epoch?",
    collection=LABORATORY,
    presets={("digits", "quick"): Settings("digits"), ("digits", "full"): Settings("digits", repeats=10)},
    plans=plans,
    analyse=analyse,
    sweeps={
        NAME: StoredSweep(
            seeds="repeats",
            epochs=lambda preset: 1,
            coordinates=lambda preset: {"eta": (preset.eta,)},
            variables=("dead_input_rms",),
        )
    },
    derivations=("epoch_decay",),
    glossary=(("toy", "what is small enough to see through."),),
    tolerances=lambda preset: (WITHIN,),
    figures={"phase": (NAME,)},
)
