"""L2 on the factors of a product: the nuclear norm for two, a jump to nothing for three and more."""

from experiments.experiment import Experiment
from experiments.laboratory import LABORATORY
from experiments.laboratory.factors import measuring
from experiments.laboratory.factors.analysis import NAME, TITLE, TOLERANCES, analyse
from experiments.laboratory.factors.measuring import Settings

EXPERIMENT = Experiment(
    name=NAME,
    title=TITLE,
    question="What does weight decay on each factor do to the product that a network computes?",
    collection=LABORATORY,
    presets={
        ("none", "quick"): Settings("none"),
        ("none", "full"): Settings("none", seeds=16, sgd_steps=150_000, levels=925, jump_steps=3000),
    },
    measurements={
        NAME: measuring.values,
        f"{NAME}_sgd": measuring.stochastic,
        f"{NAME}_jump": measuring.jump,
        f"{NAME}_chain": measuring.chain,
    },
    analyse=analyse,
    derivations=("factors",),
    glossary=(
        ("factors", "matrices that are multiplied, as the layers of a linear network."),
        ("fold", "where the two products that are at rest under one decay meet and are no more."),
        ("nuclear norm", "the sum of the singular values of a matrix."),
    ),
    tolerances=lambda preset: TOLERANCES,
)
