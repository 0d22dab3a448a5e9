"""Settings of Muon as it is run, and the number that decides words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from experiments.laboratory import bracket
from experiments.preset import NONE, Preset
from experiments.tolerance import Tolerance

NAME = "muon_as_it_is_run"
WITHIN = Tolerance(
    "muon_as_it_is_run: WITHIN",
    (NAME,),
    (0.01,),
    "relative error of the norm, of the cosine, of the angle and of an update's norm",
    "1 %, as of the other floors on noise; the brackets need no tolerance",
    "2026-11-29",
    chosen="after",
    seen="a prototype at one decay, in which the norms by the measured correlation agreed within 0.2 %",
    words="within 1 %",
)
BOUNDS = Tolerance(
    "muon_as_it_is_run: BOUNDS",
    (NAME,),
    (bracket.OUTSIDE,),
    "how far outside its bounds a mean may lie",
    "the bounds are proved: nothing is allowed",
    "2026-11-29",
    words="bounds",
)
TOLERANCES = (WITHIN, BOUNDS)
SHAPES = ("square", "long")


@dataclass(frozen=True)
class Settings(Preset):
    """What is simulated; lmbda is optax's weight_decay, as n is 1.

    Parameters
    ----------
    seeds : int
        Each draws its own start and gradients.
    eta : float
        Learning rate.
    beta1 : tuple of float
        Averaging factors.
    square : int
        Rows and columns of the square matrices.
    long : tuple of int
        Rows and columns of the long ones.
    square_lmbda, long_lmbda : tuple of float
        Decay per step is eta lmbda.
    square_steps, long_steps, burn_in : int
        Steps of a member, and how many of these come before the measurement. The bounds of long matrices are close
        together, so that they need more steps.
    draws, pairs : int
        Matrices drawn for an update's norm and linear share, and pairs of them for each correlation.
    rho : tuple of float
        Correlations of the pairs, up to that of two averages one step apart.
    """

    seeds: int = 8
    eta: float = 0.1
    beta1: tuple[float, ...] = (0.9, 0.95)
    square: int = 24
    long: tuple[int, ...] = (16, 64)
    square_lmbda: tuple[float, ...] = (0.5, 1.0)
    long_lmbda: tuple[float, ...] = (1.0,)
    square_steps: int = 1500
    long_steps: int = 5000
    burn_in: int = 200
    draws: int = 10_000
    pairs: int = 4000
    rho: tuple[float, ...] = (0.3, 0.45, 0.6, 0.7, 0.8, 0.9)

    SEEDS: ClassVar[Mapping[str, str]] = {"seeds": ""}

    def shape(self, name: str) -> tuple[int, int]:
        """Rows and columns of the matrices of this name."""
        return (self.square, self.square) if name == "square" else (self.long[0], self.long[1])


PRESETS = {
    (NONE, "quick"): Settings(NONE),
    (NONE, "full"): Settings(
        NONE,
        seeds=16,
        beta1=(0.9, 0.95, 0.98),
        square_lmbda=(0.2, 0.5, 1.0),
        long_lmbda=(0.2, 0.5, 1.0),
        square_steps=6000,
        long_steps=25_000,
        burn_in=1000,
        draws=40_000,
        pairs=20_000,
        rho=(0.3, 0.45, 0.6, 0.7, 0.8, 0.9, 0.95),
    ),
}
