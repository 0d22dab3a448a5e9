"""What AdamW and Lion solve: the least cost in the box |w| <= 1/L, and how long it takes them."""

from experiments.experiment import Experiment
from experiments.laboratory import LABORATORY
from experiments.laboratory.box_constraint.analysis import TITLE, analyse, measure
from experiments.laboratory.box_constraint.settings import NAME, PRESETS, TOLERANCES

EXPERIMENT = Experiment(
    name=NAME,
    title=TITLE,
    question="Which problem do AdamW and Lion solve when their weights decay?",
    collection=LABORATORY,
    presets=PRESETS,
    measurements={NAME: measure},
    analyse=analyse,
    derivations=("box_constraint",),
    glossary=(
        ("box", "all weights whose sizes are at most 1/L, L the decay as optax and PyTorch count it."),
        ("pairing", "the inner product of L times the weights and the gradient; -|g|_1 where a sign rule rests."),
    ),
    tolerances=lambda preset: TOLERANCES,
)
