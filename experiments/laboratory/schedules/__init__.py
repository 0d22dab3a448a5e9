"""Schedules of the learning rate: what decay alone leaves of a weight, and what noise keeps up."""

from experiments.experiment import Experiment
from experiments.laboratory import LABORATORY
from experiments.laboratory.schedules.analysis import TITLE, analyse
from experiments.laboratory.schedules.settings import (
    NAME,
    NOISE,
    PUBLISHED,
    TOLERANCES,
    Settings,
    measure,
    measure_noise,
    measure_published,
)
from experiments.preset import NONE

EXPERIMENT = Experiment(
    name=NAME,
    title=TITLE,
    question="How much of a weight does decay leave when the learning rate changes over the run?",
    collection=LABORATORY,
    presets={
        (NONE, "quick"): Settings(NONE),
        (NONE, "full"): Settings(NONE, epochs=1000, weights=40_000, published_weights=2000, seeds=16),
    },
    measurements={NAME: measure, NOISE: measure_noise, PUBLISHED: measure_published},
    analyse=analyse,
    derivations=("schedules", "decay_under_schedule", "ways_to_decay", "adamw"),
    glossary=(
        ("wsd", "a schedule that warms up, stays, and cools down to 0, in straight lines."),
        ("absolute decay", "of L a step whatever the learning rate is, as in the paper on decoupled decay."),
        ("mean field", "here dρ/dt = -2ηLρ + η² for the mean square ρ: steps taken to be independent and small."),
    ),
    tolerances=lambda preset: TOLERANCES,
)
