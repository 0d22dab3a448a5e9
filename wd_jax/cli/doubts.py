"""What ``wd-jax predict`` doubts: numbers that one can compute with and no training has. One table, with reasons."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from wd_jax import conventions

Spelling: TypeAlias = Literal["lmbda", "weight_decay", "absolute_decay"]
STEPS = 200_000
EXAMPLES = 100_000
DECAY = {"lion": 10.0}
USUAL_DECAY = 1.0
PER_STEP = 0.01
EPOCHS_SHORT = 0.05
EPOCHS_LONG = 100 * math.log(2) / -math.log(0.99)
ETA = {"adamw": 0.1, "lion": 0.1}
USUAL_ETA = 10.0


@dataclass(frozen=True)
class Setting:
    """What was asked, and the half-life that came of it.

    Attributes
    ----------
    eta, lmbda : float
        Learning rate and Nielsen's regularisation rate, dimensionless.
    n, m : int
        Training-set size and minibatch size, examples.
    spelling : {"lmbda", "weight_decay", "absolute_decay"}
        Which option said how strong the decay is.
    value : float
        What it was given.
    half_life : float
        Epochs, infinite without decay.
    optimiser : str
        sgd, sgdw, adamw or lion; empty if it was not said.
    """

    eta: float
    lmbda: float
    n: int
    m: int
    spelling: Spelling
    value: float
    half_life: float
    optimiser: str = ""

    @property
    def steps(self) -> int:
        """Steps per epoch."""
        return conventions.steps_per_epoch(self.n, self.m)

    @property
    def epsilon(self) -> float:
        """Decay per step without momentum."""
        return conventions.per_step_decay(self.eta, self.lmbda, self.n)

    @property
    def weight_decay(self) -> float:
        """The coefficient that AdamW takes."""
        return conventions.from_nielsen(self.lmbda, self.n)

    @property
    def option(self) -> str:
        """What was typed for the decay."""
        return f"--{self.spelling.replace('_', '-')}"


@dataclass(frozen=True)
class Doubt:
    """One thing that cannot well be.

    Attributes
    ----------
    about : str
        Of several doubts about one thing only the first is said.
    reason : str
        Why the threshold lies where it lies.
    holds : callable
        Setting -> whether it is due.
    words : callable
        Setting -> thing, value and remedy in one line.
    """

    about: str
    reason: str
    holds: Callable[[Setting], bool]
    words: Callable[[Setting], str]


def _strong(s: Setting) -> str:
    """Name the likely meaning of a coefficient that is too large."""
    if s.spelling == "weight_decay":
        right = conventions.from_nielsen(s.value, s.n)
        return f"if it is Nielsen's lmbda, give --lmbda {s.value:g} (weight_decay {right:.4g})"
    if s.spelling == "absolute_decay":
        return (
            f"at eta {s.eta:g} it is a weight_decay of {s.weight_decay:.4g}; if it is one itself, give --weight-decay"
        )
    return f"lmbda/n is a weight_decay of {s.weight_decay:.4g}: is n, {s.n}, the whole training set?"


def _weak(s: Setting) -> str:
    """Name the likely meaning of a coefficient that does nothing."""
    if s.spelling == "lmbda" and s.value <= USUAL_DECAY:
        meant = conventions.lmbda_from_weight_decay(s.value, s.n)
        return f"; if {s.value:g} is a weight_decay, give --weight-decay {s.value:g} (lmbda {meant:.6g})"
    if s.spelling == "absolute_decay" and s.eta < 1:
        return f"; if {s.value:g} is lmbda or a weight_decay, give --lmbda or --weight-decay"
    return ""


TABLE = (
    Doubt(
        "units",
        "ImageNet in minibatches of 7 is 183 000 steps an epoch; tokens over sequences are soon more",
        lambda s: s.steps > STEPS,
        lambda s: f"--n: {s.n} over --m {s.m} is {s.steps} steps an epoch: count both in the same unit, not tokens "
        "over sequences (n = tokens / sequence length)",
    ),
    Doubt(
        "units",
        "the largest minibatches of examples in use are 2**16; half a million is a batch counted in tokens",
        lambda s: EXAMPLES <= s.m < s.n,
        lambda s: f"--m: a minibatch of {s.m} examples: count n and m in the same unit, not sequences over tokens",
    ),
    Doubt(
        "decay",
        "weight decays in use are 1e-6 to 1, with Lion, whose learning rates are smaller, to 10",
        lambda s: s.weight_decay > DECAY.get(s.optimiser, USUAL_DECAY),
        lambda s: f"{s.option}: {s.value:g} is far above what is in use: {_strong(s)}",
    ),
    Doubt(
        "decay",
        "half of a weight is gone after 69 steps, before anything is learned; in use are 1e-6 to 1e-3",
        lambda s: s.epsilon >= PER_STEP,
        lambda s: f"{s.option}: {s.value:g} at eta {s.eta:g} takes {s.epsilon:.3g} of a weight in a step: in use are "
        "1e-6 to 1e-3; AdamW's weight decays of 0.01 to 0.1 go with an eta near 1e-3",
    ),
    Doubt(
        "decay",
        "an epoch leaves 2**-20 of a weight: what was learned at its start is forgotten at its end",
        lambda s: s.half_life < EPOCHS_SHORT,
        lambda s: f"half-life: {s.half_life:.3g} epochs, so that weights forget an epoch while it lasts: are n and m "
        "in the same unit, and eta and the decay of this optimiser?",
    ),
    Doubt(
        "decay",
        "in 100 epochs less than 1 % of a weight is lost, which no measurement of a training will show",
        lambda s: EPOCHS_LONG < s.half_life < math.inf,
        lambda s: f"{s.option}: {s.value:g} takes less than 1 % of a weight in 100 epochs (half-life "
        f"{s.half_life:.3g} epochs), as good as no decay{_weak(s)}",
    ),
    Doubt(
        "eta",
        "a step of AdamW or Lion moves each weight by about eta; Nielsen's largest eta that learns is 3",
        lambda s: s.eta > USUAL_ETA or s.eta >= ETA.get(s.optimiser, math.inf),
        lambda s: f"--eta: {s.eta:g} is a learning rate far above what is in use"
        + (f" with {s.optimiser}: 1e-5 to 1e-2" if s.optimiser in ETA else ": 1e-5 to 3"),
    ),
)  # fmt: skip
"""Every doubt, with its reason; the numbers above are their thresholds."""


def doubts(setting: Setting) -> tuple[str, ...]:
    """Say what cannot well be, at most one line about each thing.

    Parameters
    ----------
    setting : Setting
        What was asked.

    Returns
    -------
    tuple of str
        One line each: thing, value, remedy; empty where nothing is odd.

    Examples
    --------
    >>> tokens = Setting(3e-4, 0.1 * 1_300_000_000, 1_300_000_000, 512, "weight_decay", 0.1, half_life=0.0091)
    >>> [line.split(":")[0] for line in doubts(tokens)]
    ['--n', 'half-life']
    """
    said: dict[str, str] = {}
    for doubt in TABLE:
        if doubt.about not in said and doubt.holds(setting):
            said[doubt.about] = doubt.words(setting)
    return tuple(said.values())
