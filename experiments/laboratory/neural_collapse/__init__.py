"""Neural collapse with decay on the last layer and on free features, and what of it a real network keeps."""

from experiments.experiment import Experiment
from experiments.laboratory import LABORATORY
from experiments.laboratory.neural_collapse.analysis import NAME, TITLE, TOLERANCES, analyse
from experiments.laboratory.neural_collapse.free import Settings, measure
from experiments.laboratory.neural_collapse.network import measure_network

EXPERIMENT = Experiment(
    name=NAME,
    title=TITLE,
    question="What do decay on the last layer and decay on the features leave of a classifier together?",
    collection=LABORATORY,
    presets={
        ("digits", "quick"): Settings("digits"),
        ("digits", "full"): Settings("digits", seeds=16, network_size=12, network_steps=30_000),
    },
    measurements={NAME: measure, f"{NAME}_network": measure_network},
    analyse=analyse,
    derivations=(NAME,),
    glossary=(
        ("features", "what the last layer is given of each example; free features are one vector an example."),
        ("collapse", "all examples of a class get one and the same feature."),
    ),
    tolerances=lambda preset: TOLERANCES,
)
