"""An erf unit with decay that learns on-line: equations of motion, and claim 1 as a theorem."""

from experiments.experiment import Experiment
from experiments.laboratory import LABORATORY
from experiments.laboratory.online_perceptron import measure
from experiments.laboratory.online_perceptron.analysis import TITLE, analyse
from experiments.laboratory.online_perceptron.settings import NAME, PRESETS, REST, TOLERANCES, WHOLE, WIDE

EXPERIMENT = Experiment(
    name=NAME,
    title=TITLE,
    question="How much decay does it take to dominate a start with large weights, and what happens after that?",
    collection=LABORATORY,
    presets=PRESETS,
    measurements={
        NAME: measure.on_the_way,
        WIDE: measure.wide_starts,
        REST: measure.at_rest,
        WHOLE: measure.whole,
    },
    analyse=analyse,
    derivations=("online_perceptron",),
    glossary=(
        ("Q", "squared norm of the student's weights, which is the variance of its weighted input."),
        ("R", "overlap of student and teacher."),
        ("α", "examples seen, over the number of inputs N."),
        ("traffic", "decay, drift and noise, the three parts of the change of Q, all counted as positive."),
    ),
    tolerances=lambda preset: TOLERANCES,
)
