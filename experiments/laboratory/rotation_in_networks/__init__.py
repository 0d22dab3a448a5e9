"""Real networks: norm and rotation of every layer against the laws, and what says beforehand where they hold."""

from typing import TYPE_CHECKING

from experiments.experiment import Experiment
from experiments.laboratory import LABORATORY
from experiments.laboratory.rotation_in_networks.analysis import TITLE, analyse
from experiments.laboratory.rotation_in_networks.preset import PRESETS, Settings
from experiments.laboratory.rotation_in_networks.tolerances import NAME, registry

if TYPE_CHECKING:
    import xarray as xr

    from wd_jax.data import Dataset


def _measure(preset: Settings, data: "Dataset | None") -> "xr.Dataset":
    from experiments.laboratory.rotation_in_networks.simulation import measure

    if data is None:
        raise ValueError(f"{NAME}: no data: networks are trained on images; give dataset digits")
    return measure(preset, data)


EXPERIMENT = Experiment(
    name=NAME,
    title=TITLE,
    question="Do the layers of real networks turn as fast, and grow as long, as laws of gradient noise say, and does "
    "the signal-to-noise ratio say beforehand which of them do?",
    collection=LABORATORY,
    presets=PRESETS,
    measurements={NAME: _measure},
    analyse=analyse,
    derivations=("radial_gradient", "scale_invariant", "momentum", "adamw", "lion", "muon"),
    glossary=(
        ("memory", "the steps in which decay forgets a weight: 1/(eta L), with momentum (1 - mu)/(eta L)."),
        (
            "signal",
            "what lasts of a minibatch gradient for a memory, over the noise that is left of it by then.",
        ),
        ("scale-invariant", "of weights that may be multiplied by any positive number without a change of the cost."),
    ),
    tolerances=registry,
)
