"""What is simulated, and what is asked of it: settings and tolerances."""

from dataclasses import dataclass

from experiments.preset import Preset
from experiments.tolerance import Tolerance

NAME, STEPWISE = "momentum", "momentum_steps"
RULES = ("momentum", "nesterov", "sgdw")
"""Heavy ball and Nesterov as PyTorch's SGD has them, with decay in the gradient; SGDW, with decay beside it."""
TITLES = {"momentum": "heavy ball", "nesterov": "Nesterov", "sgdw": "SGDW"}
EXACT = Tolerance(
    "momentum: EXACT",
    (NAME,),
    (1e-10,),
    "relative error of a closed form in float64",
    "12 000 steps round by 1e-16 each: 1e-12 if all of it adds up, and more where two roots are close",
    "2026-11-29",
)
RIVAL = Tolerance(
    "momentum: RIVAL",
    (NAME,),
    (0.01,),
    "relative error of a rate of decay by an approximation",
    "claim 2 allows the logarithm of a factor 1 %: what is approximate is held to that, not to rounding",
    "2026-11-29",
    words="would do",
)
TOLERANCES = (EXACT, RIVAL)


@dataclass(frozen=True)
class Settings(Preset):
    """How much is simulated.

    Parameters
    ----------
    momentum : tuple of float
        Momentum mu.
    share : tuple of float
        Decay per step over the critical one, of each rule and each mu: on both sides of 1, three or more above it, and
        so that an oscillation takes more than two epochs and no decay per step is 1 or more.
    eta : float
        Learning rate.
    memories : float
        Steps of an epoch, in units of 1/(1 - mu).
    epochs : int
        How many; at their end the fast mode must have died out.
    steps : int
        Steps of the runs that are recorded step by step.
    seeds : int
        How many.
    """

    momentum: tuple[float, ...] = (0.5, 0.9, 0.99)
    share: tuple[float, ...] = (0.01, 0.03, 0.1, 0.3, 0.6, 0.9, 1.1, 1.5, 2.5, 4.0)
    eta: float = 0.1
    memories: float = 2.0
    epochs: int = 60
    steps: int = 100
    seeds: int = 2

    SEEDS = {"seeds": ""}  # noqa: RUF012

    def steps_per_epoch(self, momentum: float) -> int:
        """Say how many steps an epoch has at one momentum.

        Examples
        --------
        >>> Settings("none").steps_per_epoch(0.9)
        20
        """
        return round(self.memories / (1 - momentum))
