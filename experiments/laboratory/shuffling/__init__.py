"""A6: the noise floor of shuffled epochs, thousands of times below that of independent draws at a small decay."""

from experiments.experiment import Experiment
from experiments.laboratory import LABORATORY
from experiments.laboratory.shuffling.analysis import NAME, TITLE, analyse
from experiments.laboratory.shuffling.settings import (
    RIDGE,
    SHORT,
    TOLERANCES,
    Settings,
    measure,
    measure_ridge,
    measure_short,
)
from experiments.preset import NONE

EXPERIMENT = Experiment(
    name=NAME,
    title=TITLE,
    question="By how much does going once through all examples lower the noise in the weights?",
    collection=LABORATORY,
    presets={
        (NONE, "quick"): Settings(NONE),
        (NONE, "full"): Settings(NONE, kappa=(0.02, 0.05, 0.1, 0.3, 1.0, 3.0), burn_in=250, epochs=4000, seeds=32),
    },
    measurements={NAME: measure, SHORT: measure_short, RIDGE: measure_ridge},
    analyse=analyse,
    derivations=("shuffling", "stationary_variance"),
    glossary=(
        ("κ", "decay per epoch, ηλ/m: the share of a weight that decay takes off in an epoch, while that is small."),
        ("independent draws", "every minibatch is drawn from all examples, whatever was seen before in the epoch."),
        ("floor", "the variance at which a weight settles when decay and noise balance."),
    ),
    tolerances=lambda preset: TOLERANCES,
)
