"""Cautious weight decay: how large weights are on noise, and where they rest at a minimum."""

from experiments.experiment import Experiment
from experiments.laboratory import LABORATORY
from experiments.laboratory.cautious_decay.analysis import (
    MINIMUM,
    NAME,
    TITLE,
    TOLERANCES,
    Settings,
    analyse,
    measure,
    measure_minimum,
)
from experiments.preset import NONE

EXPERIMENT = Experiment(
    name=NAME,
    title=TITLE,
    question="What changes when a weight decays only in those steps that move it towards zero?",
    collection=LABORATORY,
    presets={
        (NONE, "quick"): Settings(NONE),
        (NONE, "full"): Settings(
            NONE,
            epsilon=(0.001, 0.003, 0.01, 0.03, 0.1),
            beta1=(0.5, 0.8, 0.9, 0.95),
            weights=5000,
            steps=20_000,
            burn_in=8000,
            minimum_weights=2000,
            minimum_steps=8000,
            minimum_burn_in=4000,
            seeds=16,
        ),
    },
    measurements={NAME: measure, MINIMUM: measure_minimum},
    analyse=analyse,
    derivations=("cautious_decay", "adamw"),
    glossary=(
        ("leads back", "said of a step that moves a weight towards zero: only then cautious decay acts."),
        ("pair of Gaussians", "a weight and the step it meets next, taken as two normal numbers that are correlated."),
    ),
    tolerances=lambda preset: TOLERANCES,
)
