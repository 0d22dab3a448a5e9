"""A whole experiment that simulates by itself, in one file: weights that only decay, without data."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments import Experiment
from experiments.laboratory import LABORATORY, exact
from experiments.preset import NONE, Preset
from experiments.tolerance import Tolerance
from wd_jax.stats.outcome import Outcome, Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from wd_jax.data import Dataset

NAME, TITLE = "toy_measurement", "Toy: a weight that only decays"
STEPS = 10
WITHIN = Tolerance(
    name="toy: WITHIN",
    claims=(NAME,),
    values=(1e-12,),
    allows="relative error of the weight",
    reason="float64: a step rounds by 1e-16, and ten steps stay far below",
    date="2026-11-29",
    words="q^10",
)
RIVAL = Tolerance(
    name="toy: RIVAL",
    claims=(NAME,),
    values=(1e-6,),
    allows="relative error of the weight by the exponential",
    reason="what it leaves out, 10 epsilon^2/2, is 500 times as much",
    date="2026-11-29",
    words="exp",
)


@dataclass(frozen=True)
class Settings(Preset):
    """A decay, and a number of seeds.

    Parameters
    ----------
    epsilon : float
        Share of a weight that a step takes.
    seeds : int
        So many starts.
    """

    epsilon: float = 0.01
    seeds: int = 5

    # The fields that count seeds, each with words before its range in the report: "" for "0 to 4", "of the starts "
    # for "of the starts 0 to 4". All other fields are told as settings.
    SEEDS = {"seeds": ""}  # noqa: RUF012


def measure(preset: Settings, data: "Dataset | None") -> xr.Dataset:
    """Step weights that feel nothing but decay.

    Parameters
    ----------
    preset : Settings
        Decay and seeds.
    data : None
        It makes up all that it needs.

    Returns
    -------
    xarray.Dataset
        `ratio` [seed], what is left of a weight.
    """
    assert data is None
    seeds = list(preset.seeds_of(preset.seeds))
    weights = np.array([np.random.default_rng(seed).normal() for seed in seeds])
    after = weights.copy()
    for _ in range(STEPS):
        after -= preset.epsilon * after
    return xr.Dataset({"ratio": ("seed", after / weights)}, {"seed": seeds})


def analyse(preset: Settings, data: "Dataset | None", stored: dict[str, xr.Dataset]) -> Outcome:
    """Judge what is left: by its number where chance has no part, by an interval over seeds else.

    Parameters
    ----------
    preset, data
        As of `measure`.
    stored : dict of str to xarray.Dataset
        What it gave, now or from disk.

    Returns
    -------
    Outcome
        Its answer has a number, and every verdict says where it was measured.
    """
    ratio, law = stored[NAME].ratio, (1 - preset.epsilon) ** STEPS
    error, scope = float(abs(ratio / law - 1).max()), f"{STEPS} steps at epsilon = {preset.epsilon:g}"
    verdicts = (
        exact.verdict(error, WITHIN.value, claim=NAME, statement="it shrinks by q^10", scope=scope),
        wd.compare(
            ratio,
            np.exp(-STEPS * preset.epsilon),
            RIVAL.value,
            claim=NAME,
            kind="rival",
            statement="exp(-10 epsilon) is left",
            scope=scope,
        ),
    )
    table = Table("Ratio", ("law", "measured"), ((law, float(ratio.mean())),))
    answer = f"{float(ratio.mean()):.4f} of a weight is left after {STEPS} steps, as the law says to {error:.0e}."
    return Outcome(NAME, TITLE, answer, verdicts, (table,), lambda: draw(ratio, law))


def draw(ratio: xr.DataArray, law: float) -> "Figure":
    """Draw the law as a line, what was measured as points."""
    from wd_jax.figures import style

    drawn, (ax,) = style.panels(1)
    ax.axhline(law, label="law")
    ax.plot(ratio.seed, ratio, "o", label="measured")
    ax.set(xlabel="seed", ylabel="what is left of a weight")
    ax.locator_params(axis="x", integer=True)
    ax.legend()
    return drawn


EXPERIMENT = Experiment(
    name=NAME,
    title=TITLE,
    question="How much of a weight is left after ten steps?",
    collection=LABORATORY,
    presets={(NONE, "quick"): Settings(NONE), (NONE, "full"): Settings(NONE, seeds=50)},
    measurements={NAME: measure},
    analyse=analyse,
    derivations=("epoch_decay",),
    tolerances=lambda preset: (WITHIN, RIVAL),
)
