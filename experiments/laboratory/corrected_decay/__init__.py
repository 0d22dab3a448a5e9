"""Decay in proportion to the square of the learning rate, which is to hold the norm under a schedule."""

from experiments.experiment import Experiment
from experiments.laboratory import LABORATORY
from experiments.laboratory.corrected_decay.analysis import NAME, TITLE, analyse
from experiments.laboratory.corrected_decay.settings import (
    LAYER,
    LEFT,
    TOLERANCES,
    Settings,
    measure,
    measure_layer,
    measure_left,
)
from experiments.preset import NONE

EXPERIMENT = Experiment(
    name=NAME,
    title=TITLE,
    question="Which decay keeps the size of the weights while the learning rate falls?",
    collection=LABORATORY,
    presets={
        (NONE, "quick"): Settings(NONE),
        (NONE, "full"): Settings(
            NONE, weights=10_000, scaleless_weights=2500, run_decay=200.0, layer_run_decay=200.0, seeds=16
        ),
    },
    measurements={NAME: measure, LAYER: measure_layer, LEFT: measure_left},
    analyse=analyse,
    derivations=("corrected_decay", "schedule_law", "adamw"),
    glossary=(
        ("corrected decay", "a decay per step of η²L/η_max instead of ηL; with Adam it is AdamC."),
        (
            "layer",
            "here weights whose scale the cost ignores, as before a normalisation: |g| is G/|w|, at right angles.",
        ),
        ("quasi-static", "taken to be at rest at each learning rate in turn, as if the schedule were slow."),
    ),
    tolerances=lambda preset: TOLERANCES,
)
