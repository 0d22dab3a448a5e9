"""Ridge regression under minibatch SGD: exact mean and covariance, against the two forms in use."""

from experiments.experiment import Experiment
from experiments.laboratory import LABORATORY
from experiments.laboratory.ridge.analysis import TITLE, analyse
from experiments.laboratory.ridge.measure import measure
from experiments.laboratory.ridge.settings import NAME, PRESETS, TOLERANCES

EXPERIMENT = Experiment(
    name=NAME,
    title=TITLE,
    question="How far do the weights of a ridge regression wander about the optimum under minibatch SGD?",
    collection=LABORATORY,
    presets=PRESETS,
    measurements={NAME: measure},
    analyse=analyse,
    derivations=("ridge",),
    glossary=(
        ("at rest", "after so many steps that mean and covariance no longer change."),
        ("additive", "the form in which the noise of a step does not depend on the weights."),
        ("OU", "Ornstein-Uhlenbeck: the same in continuous time, HS + SH = (η/m) C."),
    ),
    tolerances=lambda preset: TOLERANCES,
)
