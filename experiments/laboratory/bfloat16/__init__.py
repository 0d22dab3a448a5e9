"""What bfloat16 makes of weight decay: weights that are rounded to the nearest stop, at random they spread."""

from experiments.experiment import Experiment
from experiments.laboratory import LABORATORY
from experiments.laboratory.bfloat16.analysis import analyse, measure
from experiments.laboratory.bfloat16.settings import NAME, PRESETS, TOLERANCES

EXPERIMENT = Experiment(
    name=NAME,
    title="bfloat16: decay that rounding takes",
    question="Does weight decay work on weights that are kept in bfloat16?",
    collection=LABORATORY,
    presets=PRESETS,
    measurements={NAME: measure},
    analyse=analyse,
    derivations=("rounding",),
    glossary=(
        ("space", "the distance from a number of bfloat16 to the next: 1/128 of the power of 2 below it."),
        ("significand", "a number over the power of 2 below it, from 1 to 2."),
        ("rounding at random", "a number goes to one of its two neighbours, by a chance that keeps the mean right."),
    ),
    tolerances=lambda preset: TOLERANCES,
)
