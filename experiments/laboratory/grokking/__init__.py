"""Grokking: how long after fitting its data a learner understands, and what decay has to do with it."""

from experiments.experiment import Experiment
from experiments.laboratory import LABORATORY
from experiments.laboratory.grokking.analysis import TITLE, analyse, measure, measure_network
from experiments.laboratory.grokking.settings import NAME, PRESETS, TOLERANCES

EXPERIMENT = Experiment(
    name=NAME,
    title=TITLE,
    question="How long after it fits its data does a learner generalise, and does weight decay set that time?",
    collection=LABORATORY,
    presets=PRESETS,
    measurements={NAME: measure, f"{NAME}_network": measure_network},
    analyse=analyse,
    derivations=("grokking",),
    glossary=(
        ("memorised", "99 % of the pairs trained on are added rightly for the first time."),
        ("generalised", "95 % of the other pairs are."),
        ("delay", "steps from the first to the second."),
    ),
    tolerances=lambda preset: TOLERANCES,
)
