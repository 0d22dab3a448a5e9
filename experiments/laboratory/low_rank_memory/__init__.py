"""W_T - q^k W_(T-k) has rank m k at most: whether that says something of a trained network."""

from experiments.experiment import Experiment
from experiments.laboratory import LABORATORY
from experiments.laboratory.low_rank_memory import measuring
from experiments.laboratory.low_rank_memory.analysis import NAME, TITLE, TOLERANCES, analyse
from experiments.laboratory.low_rank_memory.measuring import Settings

EXPERIMENT = Experiment(
    name=NAME,
    title=TITLE,
    question="Does weight decay make a layer low-rank, because it forgets all but the last minibatches?",
    collection=LABORATORY,
    presets={
        ("digits", "quick"): Settings("digits"),
        ("digits", "full"): Settings("digits", seeds=16, hidden=200, steps=12_000),
    },
    measurements={NAME: measuring.spectra},
    analyse=analyse,
    derivations=(NAME,),
    glossary=(
        ("rank", "number of singular values of a matrix that are not 0."),
        ("empty", "of a bound: what it allows is all that there is."),
        ("shorter side", "the smaller of the numbers of rows and columns of a matrix, above which no rank is."),
    ),
    tolerances=lambda preset: TOLERANCES,
)
