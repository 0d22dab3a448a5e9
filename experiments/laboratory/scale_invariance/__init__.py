"""Weights whose scale does not matter: the norm and the angle at which decay holds them, and how they get there."""

from experiments.experiment import Experiment
from experiments.laboratory import LABORATORY
from experiments.laboratory.scale_invariance.analysis import NAME, RELAXING, SCHEDULE, TITLE, analyse
from experiments.laboratory.scale_invariance.preset import PRESETS
from experiments.laboratory.scale_invariance.simulation import measure_relaxation, measure_rest, measure_schedule
from experiments.laboratory.scale_invariance.tolerances import registry

EXPERIMENT = Experiment(
    name=NAME,
    title=TITLE,
    question="When the length of a weight vector changes nothing, what length does decay give it, and how far does a "
    "step turn it?",
    collection=LABORATORY,
    presets=PRESETS,
    measurements={NAME: measure_rest, RELAXING: measure_relaxation, SCHEDULE: measure_schedule},
    analyse=analyse,
    derivations=("scale_invariant", "schedule_law", "adamw", "lion"),
    glossary=(
        ("scale-invariant", "of weights that may be multiplied by any positive number without a change of the cost."),
        ("memory of the weights", "1/(eta L) steps, with momentum (1 - mu)/(eta L): what decay forgets in."),
        ("eta L", "the share of the weights that decay takes in a step."),
    ),
    tolerances=registry,
)
