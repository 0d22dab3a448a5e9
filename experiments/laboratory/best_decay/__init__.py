"""How the best decay moves with batch size, epochs and width, and whether it keeps the timescale of AdamW."""

from experiments.experiment import Experiment
from experiments.laboratory import LABORATORY
from experiments.laboratory.best_decay import measure
from experiments.laboratory.best_decay.analysis import SPECTRUM, TITLE, analyse
from experiments.laboratory.best_decay.settings import NAME, PRESETS, TOLERANCES

EXPERIMENT = Experiment(
    name=NAME,
    title=TITLE,
    question="If batch size, epochs or width change, how must lmbda change to stay the best?",
    collection=LABORATORY,
    presets=PRESETS,
    measurements={NAME: measure.trained, SPECTRUM: measure.on_noise},
    analyse=analyse,
    derivations=("timescale", "adamw"),
    glossary=(
        ("best lmbda", "that of least validation cost: the vertex of a parabola in log lmbda, seed by seed."),
        ("tau", "m/(eta lmbda): the number of epochs over which AdamW's weights average their updates."),
        ("place", "one batch size, width and number of epochs, at which every lmbda of the grid is trained."),
    ),
    tolerances=lambda preset: TOLERANCES,
)
