"""The start of sigmoid networks at N(0, 1): saturation, gradients, and the lmbda that would dominate."""

from experiments.experiment import Experiment
from experiments.laboratory import LABORATORY
from experiments.laboratory.saturation.analysis import TITLE, analyse
from experiments.laboratory.saturation.measure import measure
from experiments.laboratory.saturation.settings import NAME, PRESETS, TOLERANCES

EXPERIMENT = Experiment(
    name=NAME,
    title=TITLE,
    question="How saturated is a network that starts at N(0, 1), and how small are its gradients beside the decay?",
    collection=LABORATORY,
    presets=PRESETS,
    measurements={NAME: measure},
    analyse=analyse,
    derivations=("saturation", "start_gradient", "dominance"),
    glossary=(
        ("slope", "σ′ at a unit's weighted input: small where it is saturated."),
        ("saturated", "with an activation outside [0.1, 0.9]."),
        ("rms", "root mean square."),
        ("c(s)", "what makes 1/√(2π(s² + c)) the mean slope for weighted inputs of standard deviation s."),
    ),
    tolerances=lambda preset: TOLERANCES,
)
