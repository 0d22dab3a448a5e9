"""Claim 3: the decay tails off when weights are of size about 1/sqrt(n_w) (one version of the text: 1/n_w)."""

from experiments.exercise import BUDGET, EXERCISE
from experiments.exercise.preset import PRESETS
from experiments.exercise.settings_tolerances import registry
from experiments.exercise.tail_off import slider
from experiments.exercise.tail_off.analysis import BY_LMBDA, BY_WIDTH, NAME, SLIDER, TITLE, analyse, plans
from experiments.exercise.tail_off.late_weights import supply
from experiments.experiment import Experiment, Moving, Supply
from experiments.stored_sweep import StoredSweep

SWEEPS = {
    BY_WIDTH: StoredSweep(
        seeds="width_seeds",
        epochs=lambda preset: preset.epochs,
        coordinates=lambda preset: preset.coordinates(hidden=preset.widths),
        axes=("hidden",),
        variables=(*BUDGET, "weight_norm2"),
    ),
    BY_LMBDA: StoredSweep(
        seeds="width_seeds",
        epochs=lambda preset: preset.epochs,
        coordinates=lambda preset: preset.coordinates(lmbda=preset.lmbdas),
        axes=("lmbda",),
        variables=(*BUDGET, "weight_norm2"),
    ),
    SLIDER: StoredSweep(
        seeds="seeds_of_slider",
        epochs=lambda preset: preset.epochs_of_slider,
        coordinates=lambda preset: preset.coordinates(lmbda=slider.lmbdas(preset)),
        axes=("lmbda",),
        variables=(*BUDGET, "weight_norm2"),
        judged=False,
    ),
}
GLOSSARY = (
    (
        "late weights",
        "the mean over the last 60 % of a run, where the means of its thirds are shown to differ by less than 1 %, "
        "whatever moves within a third: there decay has tailed off. Q: what the gradient supplies there, n_w λ w²/n; "
        "virial size: that which ⟨W, ∇C₀⟩ alone would hold; noise floor: that if the gradient were noise alone.",
    ),
    ("C₀, ρ", "the data cost, and the L2 term over it."),
)

EXPERIMENT = Experiment(
    name=NAME,
    title=TITLE,
    collection=EXERCISE,
    presets=PRESETS,
    plans=plans,
    analyse=analyse,
    sweeps=SWEEPS,
    question="Does the shrinking end when weights are down to about 1/√n_w?",
    derivations=("tail_off",),
    glossary=GLOSSARY,
    tolerances=registry,
    figures={"trajectories": (BY_LMBDA,), "plateau": (BY_WIDTH, BY_LMBDA)},
    supply=Supply(BY_LMBDA, supply),
    moving=Moving((BY_LMBDA, SLIDER), slider.moving),
    reads=(
        *("hidden", "batch_size", "eta", "lmbda", "epochs", "widths", "width_seeds", "lmbdas"),
        *("lmbdas_of_slider", "seeds_of_slider", "epochs_of_slider"),
    ),
)
