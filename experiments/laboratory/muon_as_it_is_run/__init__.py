"""Muon with Nesterov's momentum and Newton-Schulz steps on noise: norm, cosine and angle between proved bounds."""

from experiments.experiment import Experiment
from experiments.laboratory import LABORATORY
from experiments.laboratory.muon_as_it_is_run.analysis import QUESTION, TITLE, analyse
from experiments.laboratory.muon_as_it_is_run.settings import NAME, PRESETS, SHAPES, TOLERANCES
from experiments.laboratory.muon_as_it_is_run.simulation import measured

EXPERIMENT = Experiment(
    name=NAME,
    title=TITLE,
    question=QUESTION,
    collection=LABORATORY,
    presets=PRESETS,
    measurements={f"{NAME}_{shape}": measured(shape) for shape in SHAPES},
    analyse=analyse,
    derivations=("muon",),
    glossary=(
        ("linear share", "the part of an update's mean square that is proportional to the matrix it was made of."),
        ("drawn pairs", "two Gaussian matrices of a known correlation, made into updates without any optimiser."),
    ),
    tolerances=lambda preset: TOLERANCES,
)
