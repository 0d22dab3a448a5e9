"""Claim 4: large weights with decay imitate starting from N(0, 1/n_in)."""

from experiments.exercise import BUDGET, DEAD_INPUTS, EXERCISE
from experiments.exercise.initialisation.analysis import NAME, TITLE, analyse, plans
from experiments.exercise.initialisation.published import beside
from experiments.exercise.preset import PRESETS, Preset
from experiments.exercise.settings_tolerances import registry
from experiments.experiment import Experiment
from experiments.stored_sweep import StoredSweep

STARTS = StoredSweep(
    seeds="seeds",
    epochs=lambda preset: preset.epochs_of_starts,
    coordinates=Preset.coordinates,
    axes=("init",),
    variables=(*BUDGET, "accuracy"),
)

EXPERIMENT = Experiment(
    name=NAME,
    title=TITLE,
    collection=EXERCISE,
    presets=PRESETS,
    plans=plans,
    analyse=analyse,
    sweeps={NAME: STARTS},
    question="Does weight decay make a start from N(0, 1) like one from N(0, 1/n_in)?",
    derivations=("initialisation",),
    glossary=(DEAD_INPUTS,),
    tolerances=registry,
    figures={"two_starts": (NAME,)},
    extras=beside,
    reads=("hidden", "batch_size", "eta", "lmbda", "seeds", "epochs_of_starts", "epochs_of_book"),
)
