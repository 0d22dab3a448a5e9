"""Claim 1: if lmbda is not too small, the first epochs are dominated by weight decay."""

from experiments.exercise import BUDGET, EXERCISE
from experiments.exercise.dominance.analysis import NAME, TITLE, analyse, plans
from experiments.exercise.preset import PRESETS
from experiments.exercise.settings_tolerances import registry
from experiments.experiment import Experiment
from experiments.stored_sweep import StoredSweep

GRID = StoredSweep(
    seeds="seeds",
    epochs=lambda preset: 1,
    coordinates=lambda preset: preset.coordinates(lmbda=preset.lmbda_grid()),
    axes=("lmbda",),
    variables=(
        *(*BUDGET, "budget_drift_traffic", "moved_by_decay", "moved_by_gradient", "gradient_norm2"),
        *("sample_gradient_norm2", "weight_norm2"),
    ),
)
GLOSSARY = (
    (
        "budget of ‖W‖²",
        "each step changes a layer's squared norm by decay, drift (along the gradient) and noise (the squared gradient "
        "step). The traffic is a sum over all steps of what each adds and takes away, so that drift outwards in one "
        "step and inwards in another does not cancel; decay's share of it is |decay| / (|decay| + |drift| + noise).",
    ),
    (
        "lmbda_crit",
        "the λ at which decay is as large as the rest, per seed, averaged as a logarithm.",
    ),
    (
        "E1-E3",
        "the theory of the start, from the inputs' norms alone (derivations `saturation` and `dominance`).",
    ),
)

EXPERIMENT = Experiment(
    name=NAME,
    title=TITLE,
    collection=EXERCISE,
    presets=PRESETS,
    plans=plans,
    analyse=analyse,
    sweeps={NAME: GRID},
    question="Are the first epochs of training dominated by weight decay?",
    derivations=("saturation", "dominance"),
    glossary=GLOSSARY,
    tolerances=registry,
    reads=("hidden", "batch_size", "eta", "lmbda", "seeds", "lmbda_range", "lmbda_cells"),
)
