"""What `wd_jax.predict` doubts: numbers that one can compute with and no training has. One table, with reasons."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from wd_jax import conventions
from wd_jax.predictions.language import PYTHON, Language
from wd_jax.predictions.setting import Setting

STEPS = 200_000
EXAMPLES = 100_000
DECAY = {"lion": 10.0}
USUAL_DECAY = 1.0
PER_STEP = 0.01
EPOCHS_SHORT = 0.05
EPOCHS_LONG = 100 * math.log(2) / -math.log(0.99)
ETA = {"adamw": 0.1, "nadamw": 0.1, "sign_momentum": 0.1, "lion": 0.1}
USUAL_ETA = 10.0


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
        Setting and half-life in epochs -> whether it is due.
    words : callable
        Setting, half-life and language -> thing, value and remedy in one line.
    """

    about: str
    reason: str
    holds: Callable[[Setting, float], bool]
    words: Callable[[Setting, float, Language], str]


def _strong(s: Setting, said: Language) -> str:
    """Name the likely meaning of a coefficient that is too large."""
    if s.spelling == "weight_decay":
        if s.n is None:
            return f"if it is Nielsen's lmbda, give {said.given('lmbda', s.value)} and {said.name('n')}"
        right = conventions.from_nielsen(s.value, s.n)
        return f"if it is Nielsen's lmbda, give {said.given('lmbda', s.value)} (weight_decay {right:.4g})"
    if s.spelling == "absolute_decay":
        meant = said.name("weight_decay")
        return f"at eta {s.eta:g} it is a weight_decay of {s.coefficient:.4g}; if it is one itself, give {meant}"
    return f"lmbda/n is a weight_decay of {s.coefficient:.4g}: is n, {s.n}, the whole training set?"


def _weak(s: Setting, said: Language) -> str:
    """Name the likely meaning of a coefficient that does nothing."""
    if s.spelling == "lmbda" and s.value <= USUAL_DECAY:
        meant = conventions.lmbda_from_weight_decay(s.value, s.n)
        return f"; if {s.value:g} is a weight_decay, give {said.given('weight_decay', s.value)} (lmbda {meant:.6g})"
    if s.spelling == "absolute_decay" and s.eta < 1:
        other, third = said.name("lmbda"), said.name("weight_decay")
        return f"; if {s.value:g} is lmbda or a weight_decay, give {other} or {third}"
    return ""


def _decay(s: Setting, said: Language) -> str:
    """Begin a line about the decay: what it was given as, and its value."""
    return f"{said.about(s.spelling, s.value)}: {s.value:g}"


TABLE = (
    Doubt(
        "units",
        "ImageNet in minibatches of 7 is 183 000 steps an epoch; tokens over sequences are soon more",
        lambda s, _: (s.steps_per_epoch or 0) > STEPS,
        lambda s, _, said: f"{said.about('n', s.n or 0)}: {s.n} over {said.given('m', s.batch)} is "
        f"{s.steps_per_epoch} steps an epoch: count both in the same unit, not tokens over sequences (n = tokens / "
        "sequence length)",
    ),
    Doubt(
        "units",
        "the largest minibatches of examples in use are 2**16; half a million is a batch counted in tokens",
        lambda s, _: s.n is not None and EXAMPLES <= s.batch < s.n,
        lambda s, _, said: f"{said.about('m', s.batch)}: a minibatch of {s.batch} examples: count n and m in the same "
        "unit, not sequences over tokens",
    ),
    Doubt(
        "decay",
        "weight decays in use are 1e-6 to 1, with Lion, whose learning rates are smaller, to 10",
        lambda s, _: s.coefficient > DECAY.get(s.optimiser, USUAL_DECAY),
        lambda s, _, said: f"{_decay(s, said)} is far above what is in use: {_strong(s, said)}",
    ),
    Doubt(
        "decay",
        "half of a weight is gone after 69 steps, before anything is learned; in use are 1e-6 to 1e-3",
        lambda s, _: s.epsilon >= PER_STEP,
        lambda s, _, said: f"{_decay(s, said)} at eta {s.eta:g} takes {s.epsilon:.3g} of a weight in a step: in use "
        "are 1e-6 to 1e-3; AdamW's weight decays of 0.01 to 0.1 go with an eta near 1e-3",
    ),
    Doubt(
        "decay",
        "an epoch leaves 2**-20 of a weight: what was learned at its start is forgotten at its end",
        lambda s, half_life: half_life < EPOCHS_SHORT,
        lambda s, half_life, said: f"half-life: {half_life:.3g} epochs, so that weights forget an epoch while it "
        "lasts: are n and m in the same unit, and eta and the decay of this optimiser?",
    ),
    Doubt(
        "decay",
        "in 100 epochs less than 1 % of a weight is lost, which no measurement of a training will show",
        lambda s, half_life: EPOCHS_LONG < half_life < math.inf,
        lambda s, half_life, said: f"{_decay(s, said)} takes less than 1 % of a weight in 100 epochs (half-life "
        f"{half_life:.3g} epochs), as good as no decay{_weak(s, said)}",
    ),
    Doubt(
        "eta",
        "a step of AdamW, Lion or their like moves each weight by about eta; Nielsen's largest eta that learns is 3",
        lambda s, _: s.eta > USUAL_ETA or s.eta >= ETA.get(s.optimiser, math.inf),
        lambda s, _, said: f"{said.about('eta', s.eta)}: {s.eta:g} is a learning rate far above what is in use"
        + (f" with {s.optimiser}: 1e-5 to 1e-2" if s.optimiser in ETA else ": 1e-5 to 3"),
    ),
)  # fmt: skip
"""Every doubt, with its reason; the numbers above are their thresholds."""


def doubts(setting: Setting, half_life: float, language: Language = PYTHON) -> tuple[str, ...]:
    """Say what cannot well be, at most one line about each thing.

    Parameters
    ----------
    setting : Setting
        What was asked.
    half_life : float
        That came of it at a constant rate, epochs; infinite without decay, and where epochs are not known.
    language : Language
        In which arguments are named.

    Returns
    -------
    tuple of str
        One line each: thing, value, remedy; empty where nothing is odd.

    Examples
    --------
    >>> tokens = Setting(eta=3e-4, n=1_300_000_000, m=512, weight_decay=0.1)
    >>> [line.split(":")[0] for line in doubts(tokens, 0.0091)]
    ['n=1300000000', 'half-life']
    """
    said: dict[str, str] = {}
    for doubt in TABLE:
        if doubt.about not in said and doubt.holds(setting, half_life):
            said[doubt.about] = doubt.words(setting, half_life, language)
    return tuple(said.values())
