"""Adam with L2 against AdamW: what their decay depends on, alone and against noise."""

from experiments.experiment import Experiment
from experiments.laboratory import LABORATORY
from experiments.laboratory.adam_l2_and_adamw import measure
from experiments.laboratory.adam_l2_and_adamw.analysis import ALONE, SPHERE, TITLE, analyse
from experiments.laboratory.adam_l2_and_adamw.settings import NAME, PRESETS, TOLERANCES

EXPERIMENT = Experiment(
    name=NAME,
    title=TITLE,
    question="What does the weight decay of Adam with L2 depend on, and how does AdamW's differ?",
    collection=LABORATORY,
    presets=PRESETS,
    measurements={ALONE: measure.alone, NAME: measure.noise, SPHERE: measure.sphere},
    analyse=analyse,
    derivations=("adam_l2", "adamw"),
    glossary=(
        ("Adam with L2", "the penalty's gradient L w is added to the gradient before Adam's averages."),
        ("AdamW", "the weight is multiplied by 1 - eta L beside Adam's step."),
        ("L", "weight_decay as optax and PyTorch call it: lmbda/n."),
        ("adam_epsilon", "the number that Adam adds to the root of its second average, usually 1e-8."),
    ),
    tolerances=lambda preset: TOLERANCES,
)
