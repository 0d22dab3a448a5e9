"""F: what a symmetry of the cost protects from gradients, in real networks: class sums, dead inputs, layers' norms."""

from typing import TYPE_CHECKING

from experiments.experiment import Experiment
from experiments.laboratory import LABORATORY
from experiments.laboratory.symmetry.analysis import TITLE, analyse
from experiments.laboratory.symmetry.settings import DESCENT, NAME, RESCALING, REST, TOLERANCES, Settings

if TYPE_CHECKING:
    import xarray as xr

    from wd_jax.data import Dataset


def _protected(preset: Settings, data: "Dataset | None") -> "xr.Dataset":
    from experiments.laboratory.symmetry import simulation

    return simulation.protected(preset, _there(data))


def _rescaling(preset: Settings, data: "Dataset | None") -> "xr.Dataset":
    from experiments.laboratory.symmetry import simulation

    return simulation.rescaling(preset, _there(data))


def _rest(preset: Settings, data: "Dataset | None") -> "xr.Dataset":
    from experiments.laboratory.symmetry import simulation

    return simulation.rest(preset, _there(data))


def _descent(preset: Settings, data: "Dataset | None") -> "xr.Dataset":
    from experiments.laboratory.symmetry import simulation

    return simulation.descent(preset, _there(data))


def _there(data: "Dataset | None") -> "Dataset":
    """Refuse to train on nothing."""
    if data is None:
        raise ValueError("symmetry trains networks: give a data set, such as wd.data.digits()")
    return data


MNIST = {"batch_size": 100, "epochs": 4, "rest_epochs": 12, "burn_in": 6}
EXPERIMENT = Experiment(
    name=NAME,
    title=TITLE,
    question="Which parts of a network does no gradient reach, so that only decay moves them?",
    collection=LABORATORY,
    presets={
        ("digits", "quick"): Settings("digits"),
        ("digits", "full"): Settings(
            "digits", rest_epochs=200, descent_steps=6000, seeds=16, rest_seeds=64, descent_seeds=4
        ),
        ("mnist", "quick"): Settings(
            "mnist", **MNIST, descent_epsilon=0.02, descent_steps=250, seeds=2, rest_seeds=16, descent_seeds=1
        ),
        ("mnist", "full"): Settings("mnist", **MNIST, descent_epsilon=0.01, descent_steps=500, seeds=4),
    },
    measurements={NAME: _protected, RESCALING: _rescaling, REST: _rest, DESCENT: _descent},
    analyse=analyse,
    derivations=("symmetry", "momentum"),
    glossary=(
        ("class sums", "the weights from one hidden unit to all outputs, added up; their norm over the hidden units."),
        ("dead inputs", "inputs that are zero in every example of the training set."),
        ("imbalance", "the squared norm of a layer's weights less that of the layer before it."),
    ),
    tolerances=lambda preset: TOLERANCES,
)
