"""Settings of the floors, and the numbers that decide their words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from experiments.laboratory import bracket
from experiments.preset import NONE, Preset
from experiments.tolerance import Tolerance

NAME = "floors"
DAY = "2026-11-29"
EXACT = Tolerance(
    "floors: EXACT",
    (NAME,),
    (0.01,),
    "relative error of the size of the weights",
    "momentum, AdamW, sign momentum and Lion: their laws are exact but for a second moment taken as known; agreed on "
    "before the experiment was written",
    DAY,
    words="within 1 %",
)
COUPLED = Tolerance(
    "floors: COUPLED",
    (NAME,),
    (0.03,),
    "relative error of the size of the weights",
    "Adam and RMSprop with L2: the second moment that divides the step holds the penalty as well, and is averaged over "
    "a finite time; agreed on before the experiment was written",
    DAY,
    words="within 3 %",
)
SHORT = Tolerance(
    "floors: SHORT",
    (NAME,),
    (0.01,),
    "relative error of the size of AdamW's weights for beta2 <= 0.98",
    "1 %, as of AdamW's law for beta2 near 1; this law was derived while the experiment was written",
    DAY,
    chosen="after",
    seen="a run at beta2 from 0.9 to 0.99, where its root was right to 0.3 % for beta2 >= 0.95 and to 0.9 % at 0.9",
    words="to first order",
)
BOUNDS = Tolerance(
    "floors: BOUNDS",
    (NAME,),
    (bracket.OUTSIDE,),
    "how far outside its bounds the mean size may lie",
    "the bounds of Muon are proved: nothing is allowed",
    DAY,
    words="bounds",
)
TOLERANCES = (EXACT, COUPLED, SHORT, BOUNDS)


@dataclass(frozen=True)
class Settings(Preset):
    """What is simulated; lmbda is optax's weight_decay, as n is 1.

    Parameters
    ----------
    seeds : int
        Each draws its own start and gradients.
    weights, steps, burn_in : int
        Weights of one member, its steps, and how many of these come before the measurement.
    eta : float
        Learning rate, of all but Muon.
    lmbda : tuple of float
        Decay per step is eta lmbda.
    momentum : tuple of float
        Of heavy ball, Nesterov and SGDW.
    beta1, sign_beta1, lion_beta1 : tuple of float
        Averaging factors of Adam's gradient, of sign momentum, and of Lion's mixture.
    beta2, short_beta2, lion_beta2 : float, tuple of float, tuple of float
        Averaging factors of Adam's squares, those of a short memory of them, and of Lion's momentum.
    gradient_std : tuple of float
        Of the noise that Adam and RMSprop with L2 are given; all others have 1.
    rms_beta2, rms_steps, rms_burn_in : float, int, int
        Of RMSprop, whose average of squares starts at 0 and takes 8/(1 - beta2) steps to forget it.
    side, draws : int
        Rows and columns of Muon's matrices, and how many are drawn for what a polar factor is like.
    muon_eta, muon_steps, muon_burn_in, muon_beta1 : float, int, int, tuple of float
        As above, of Muon, at a lmbda of 1.
    """

    seeds: int = 8
    weights: int = 2000
    steps: int = 2000
    burn_in: int = 500
    eta: float = 0.01
    lmbda: tuple[float, ...] = (0.5, 2.0)
    momentum: tuple[float, ...] = (0.5, 0.9)
    beta1: tuple[float, ...] = (0.5, 0.9)
    beta2: float = 0.9995
    short_beta2: tuple[float, ...] = (0.95, 0.98)
    sign_beta1: tuple[float, ...] = (0.8, 0.9)
    lion_beta1: tuple[float, ...] = (0.9, 0.95)
    lion_beta2: tuple[float, ...] = (0.95, 0.98, 0.99)
    gradient_std: tuple[float, ...] = (0.5, 1.0)
    rms_beta2: float = 0.999
    rms_steps: int = 10_000
    rms_burn_in: int = 8000
    side: int = 24
    draws: int = 2000
    muon_eta: float = 0.02
    muon_steps: int = 1500
    muon_burn_in: int = 250
    muon_beta1: tuple[float, ...] = (0.9, 0.95)

    SEEDS: ClassVar[Mapping[str, str]] = {"seeds": ""}


PRESETS = {
    (NONE, "quick"): Settings(NONE),
    (NONE, "full"): Settings(
        NONE,
        seeds=16,
        weights=4000,
        steps=5000,
        burn_in=1500,
        lmbda=(0.2, 0.5, 2.0),
        beta1=(0.5, 0.9, 0.95),
        sign_beta1=(0.5, 0.8, 0.9, 0.95),
        rms_steps=12_000,
        draws=10_000,
        muon_steps=4000,
    ),
}
