"""What is simulated, and what is asked of it: settings, tolerances, and the two measurements."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from experiments.preset import Preset
from experiments.tolerance import Tolerance

if TYPE_CHECKING:
    import xarray as xr

NAME, SHORT, RIDGE = "shuffling", "shuffling_short_epochs", "shuffling_ridge"
WITHIN = Tolerance(
    "shuffling: WITHIN",
    (NAME,),
    (0.01,),
    "relative error of a variance, or of a ratio of two",
    "the law is exact, and 16 seeds leave a few tenths of a per cent to chance",
    "2026-11-29",
)
TOLERANCES = (WITHIN,)
DECAY = 0.1
"""L = lmbda / n of the ridge regression."""


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
    ridge_eta : tuple of float
        Learning rates of the ridge regression.
    ridge_examples, ridge_runs, ridge_burn_in, ridge_epochs : int
        Its examples, at most 14, and how much of it is run.
    seeds, ridge_seeds : int
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
    ridge_eta: tuple[float, ...] = (0.03, 0.1, 0.2)
    ridge_examples: int = 8
    ridge_runs: int = 1024
    ridge_burn_in: int = 100
    ridge_epochs: int = 200
    ridge_seeds: int = 8

    SEEDS = {"seeds": "", "ridge_seeds": "of the ridge regression "}  # noqa: RUF012

    def unfit(self) -> str:
        """Say which numbers do not go together: an epoch is looked at in its quarters."""
        odd = next((name for name in ("steps_per_epoch", "short_epoch") if getattr(self, name) % 4), "")
        return (
            f"{odd}={getattr(self, odd)}: give a multiple of 4, as an epoch is looked at in its quarters" if odd else ""
        )


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


def measure_ridge(preset: Settings, data: object) -> "xr.Dataset":
    """Simulate shuffled epochs of a ridge regression with two weights, one example a step.

    Parameters
    ----------
    preset : Settings
        How much.
    data : None
        The examples are drawn, always the same.

    Returns
    -------
    xarray.Dataset
        ``mean`` [eta, seed, weight] and ``square`` [eta, seed], mean and mean square distance from the optimum at the
        ends of epochs; ``inputs`` [example, weight] and ``residuals``, and ``decay``, of which the laws are made.
    """
    import numpy as np
    import xarray as xr

    from experiments.laboratory.shuffling import ridge, ridge_simulation

    generator = np.random.default_rng(0)
    inputs = generator.normal(size=(preset.ridge_examples, 2))
    targets = inputs @ np.array([1.0, -1.0]) + generator.normal(size=preset.ridge_examples)
    given = ridge.problem(inputs, targets, DECAY)
    seeds = preset.seeds_of(preset.ridge_seeds)
    how_much = (preset.ridge_runs, preset.ridge_burn_in, preset.ridge_epochs)
    mean, square = ridge_simulation.of_seeds(given, seeds, preset.ridge_eta, *how_much)
    return xr.Dataset(
        {
            "mean": (("eta", "seed", "weight"), mean),
            "square": (("eta", "seed"), square),
            "inputs": (("example", "weight"), given.inputs),
            "residuals": (("example", "weight"), given.residuals),
        },
        {"eta": list(preset.ridge_eta), "seed": list(seeds), "decay": DECAY},
    )
