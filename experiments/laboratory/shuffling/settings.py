"""What is simulated, and what is asked of it: settings, tolerances, and the two measurements."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from experiments.preset import Preset
from experiments.tolerance import Tolerance

if TYPE_CHECKING:
    import xarray as xr

NAME, SHORT = "shuffling", "shuffling_short_epochs"
WITHIN = Tolerance(
    "shuffling: WITHIN",
    (NAME,),
    (0.01,),
    "relative error of a variance, or of a ratio of two",
    "the design asks for 1 % (THEORY G, row 7)",
    "2026-11-29",
)
TOLERANCES = (WITHIN,)


@dataclass(frozen=True)
class Settings(Preset):
    """How much is simulated.

    Parameters
    ----------
    kappa : tuple of float
        Decay per epoch, eta lmbda / m.
    steps_per_epoch, short_epoch : int
        Steps of an epoch, a multiple of 4, and those of a much shorter one, where the limit of many steps is far off.
    m : int
        Examples in a minibatch.
    eta : float
        Learning rate.
    orders, weights : int
        Runs of a seed, each with examples and orders of its own; weights of a run.
    burn_in, epochs : int
        Epochs before anything is measured, and those over which it is.
    seeds : int
        How many.
    """

    kappa: tuple[float, ...] = (0.05, 0.2, 1.0, 3.0)
    steps_per_epoch: int = 48
    short_epoch: int = 12
    m: int = 2
    eta: float = 0.1
    orders: int = 64
    weights: int = 64
    burn_in: int = 100
    epochs: int = 400
    seeds: int = 16

    SEEDS = {"seeds": ""}  # noqa: RUF012


def measure(preset: Settings, data: object) -> "xr.Dataset":
    """Simulate epochs of many steps (see `simulated`)."""
    return simulated(preset, preset.steps_per_epoch)


def measure_short(preset: Settings, data: object) -> "xr.Dataset":
    """Simulate short epochs (see `simulated`)."""
    return simulated(preset, preset.short_epoch)


def simulated(preset: Settings, steps_per_epoch: int) -> "xr.Dataset":
    """Simulate shuffled epochs and independent draws.

    Parameters
    ----------
    preset : Settings
        How much.
    steps_per_epoch : int
        Steps of an epoch.

    Returns
    -------
    xarray.Dataset
        ``weight_ms`` [sampling, kappa, seed, step], the mean square of the weights after each step of an epoch, with
        what the laws ask for as coordinates; the gradient of an example has standard deviation 1.
    """
    import xarray as xr

    from experiments.laboratory.shuffling import simulation

    sizes = simulation.Sizes(
        steps_per_epoch, preset.m, preset.orders, preset.weights, preset.burn_in, preset.epochs
    )  # fmt: skip
    seeds = preset.seeds_of(preset.seeds)
    found = simulation.of_seeds(seeds, preset.kappa, preset.eta, sizes)
    return xr.Dataset(
        {"weight_ms": (("sampling_of", "kappa", "seed", "step"), found, {"units": "1"})},
        {
            "sampling_of": ["shuffled", "independent"],
            "kappa": list(preset.kappa),
            "seed": list(seeds),
            "step": range(1, steps_per_epoch + 1),
            "lmbda": ("kappa", [kappa * preset.m / preset.eta for kappa in preset.kappa]),
            "eta": preset.eta,
            "n": sizes.n,
            "m": preset.m,
            "steps_per_epoch": steps_per_epoch,
            "gradient_std": 1.0,
        },
    )
