"""How large weights stay on pure noise, optimiser by optimiser: the law, the usual form and the measurement."""

from experiments.experiment import Experiment
from experiments.laboratory import LABORATORY
from experiments.laboratory.floors import simulation
from experiments.laboratory.floors.analysis import QUESTION, TITLE, analyse
from experiments.laboratory.floors.settings import NAME, PRESETS, TOLERANCES
from experiments.laboratory.floors.subjects import SUBJECTS

EXPERIMENT = Experiment(
    name=NAME,
    title=TITLE,
    question=QUESTION,
    collection=LABORATORY,
    presets=PRESETS,
    measurements={f"{NAME}_{one.name}": one.measure for one in SUBJECTS} | {f"{NAME}_muon": simulation.muon},
    analyse=analyse,
    derivations=("momentum", "adamw", "adam_l2", "sign_momentum", "lion", "muon"),
    glossary=(
        ("floor", "the size at which weights stay when noise feeds as much as decay takes."),
        ("mean field", "taking signs to be as correlated as the averages that they are the signs of."),
    ),
    tolerances=lambda preset: TOLERANCES,
)
