"""A4: how momentum changes decay: roots, critical damping, exact factors per epoch."""

from typing import TYPE_CHECKING, Any

from experiments.experiment import Experiment
from experiments.laboratory import LABORATORY
from experiments.laboratory.momentum.analysis import TITLE, analyse
from experiments.laboratory.momentum.settings import NAME, STEPWISE, TOLERANCES, Settings
from experiments.preset import NONE

if TYPE_CHECKING:
    import xarray as xr


def _measure(preset: Settings, data: Any) -> "xr.Dataset":
    from experiments.laboratory.momentum import simulation

    return simulation.measure(preset, data)


def _measure_steps(preset: Settings, data: Any) -> "xr.Dataset":
    from experiments.laboratory.momentum import simulation

    return simulation.measure_steps(preset, data)


DENSE = (0.003, 0.01, 0.02, 0.03, 0.06, 0.1, 0.2, 0.3, 0.45, 0.6, 0.75, 0.9, 1.1, 1.25, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0)

EXPERIMENT = Experiment(
    name=NAME,
    title=TITLE,
    question="How much faster do weights decay with momentum, and when do they begin to oscillate?",
    collection=LABORATORY,
    presets={
        (NONE, "quick"): Settings(NONE),
        (NONE, "full"): Settings(NONE, momentum=(0.5, 0.8, 0.9, 0.95, 0.99), share=DENSE, steps=400, seeds=4),
    },
    measurements={NAME: _measure, STEPWISE: _measure_steps},
    analyse=analyse,
    derivations=("momentum",),
    glossary=(
        ("ε", "ηλ/n, the share of a weight that decay takes off in a step without momentum."),
        ("critical decay", "the ε at which the two factors of a step become one: a weight oscillates beyond it."),
        ("rate", "minus the logarithm of the factor by which a weight, or its oscillation, shrinks in a step."),
    ),
    tolerances=lambda preset: TOLERANCES,
)
