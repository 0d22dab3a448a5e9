"""Whether runs of AdamW that differ in eta, lmbda and epochs collapse on the timescale of its decay."""

from experiments.experiment import Experiment
from experiments.laboratory import LABORATORY
from experiments.laboratory.timescale_collapse.analysis import TITLE, analyse
from experiments.laboratory.timescale_collapse.measure import measure
from experiments.laboratory.timescale_collapse.settings import NAME, PRESETS, TOLERANCES

EXPERIMENT = Experiment(
    name=NAME,
    title=TITLE,
    question="Is the timescale of the decay, as a share of the run, all that matters of eta, lmbda and epochs?",
    collection=LABORATORY,
    presets=PRESETS,
    measurements={NAME: measure},
    analyse=analyse,
    derivations=("timescale",),
    glossary=(
        ("tau", "m/(eta lmbda): the number of epochs over which AdamW's weights average their updates."),
        ("collapse", "settings with the same tau/epochs give the same result, whatever their eta, lmbda and epochs."),
        ("share explained", "of the variance between settings, by the best function of one number; 1 is all of it."),
    ),
    tolerances=lambda preset: TOLERANCES,
)
