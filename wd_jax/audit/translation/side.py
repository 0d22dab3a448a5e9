"""One side of a translation: an optimiser with its rate, its minibatch and its schedule over a run."""

import functools
import math
from dataclasses import dataclass

import numpy as np

from wd_jax.audit.translation import runs
from wd_jax.audit.translation.find import Found
from wd_jax.audit.translation.laws import SETTLED, Law
from wd_jax.optimisers.schedule import Schedule


@dataclass(frozen=True, kw_only=True)
class Side:
    """What runs on one side.

    Attributes
    ----------
    found : Found
        Optimiser and law.
    lr : float
        Largest learning rate of the run, dimensionless.
    schedule : Schedule
        Its factor in each step.
    batch : int or None
        Rows of a minibatch.
    epoch : float or None
        Steps per epoch, ceil(n/batch); where n is not known, relative to the other side's.
    steps : int or None
        Steps of the run.
    reference : float
        First rate over the largest, where decay is relative to the first.
    """

    found: Found
    lr: float
    schedule: Schedule
    batch: int | None = None
    epoch: float | None = None
    steps: int | None = None
    reference: float = 1.0

    @property
    def law(self) -> Law:
        """How it decays."""
        return self.found.law

    @property
    def profile(self) -> str:
        """Words of the schedule that its decay follows."""
        return "constant" if self.law.reach == "absolute" else self.schedule.words

    @property
    def settles(self) -> bool:
        """Whether its factor per step is one of the long run, so that a changing rate is followed late."""
        return self.law.link in SETTLED

    def epsilon(self, value: float) -> float:
        """Share of a weight that a step takes at the full rate, in the long run."""
        return self.law.epsilon(value, self.lr, self.batch, self.reference)

    def value(self, epsilon: float) -> float:
        """Give the value at which a step takes this share at the full rate, in the long run."""
        return self.law.value(epsilon, self.lr, self.batch, self.reference)

    def x(self, value: float) -> float:
        """Decay per step without momentum at the full rate."""
        return value * self.law.gain(self.lr, self.batch, self.reference)

    @functools.cached_property
    def gains(self) -> np.ndarray:
        """Decay per unit of the value in each step of the run, array [steps]."""
        if self.steps is None:
            raise ValueError("give steps, or epochs, n and batch")
        if self.steps > runs.MOST_STEPS:
            raise ValueError(f"each of its {self.steps} steps is evaluated: give a run of at most {runs.MOST_STEPS}")
        full = self.law.gain(self.lr, self.batch, self.reference)
        if self.law.reach == "absolute":
            return np.full(self.steps, full)
        return full * self.schedule.factors(self.steps, "schedule")

    def log_left(self, value: float) -> float:
        """Logarithm of what the run leaves of a weight without gradient."""
        found = runs.log_left(self.law, value, self.gains)
        if not math.isfinite(found):
            label, word = self.found.label, self.law.word
            raise ValueError(f"{label}: at {word}={value:g} nothing of a weight is left, or it changes sign: lower it")
        return found

    def value_that_leaves(self, log_target: float) -> float:
        """Give the value with which the run leaves as much."""
        return runs.value_that_leaves(self.law, log_target, self.gains)
