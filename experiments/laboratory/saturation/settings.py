"""Settings of the report on the start, and what decides its words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from experiments.preset import Preset
from experiments.tolerance import Tolerance

NAME = "saturation"
DAY = "2026-11-29"
LAYERS = ("hidden", "output")


@dataclass(frozen=True)
class Settings(Preset):
    """Networks that are started and not trained.

    Parameters
    ----------
    hidden : tuple of int
        Hidden units.
    eta, m, lmbda : float, int, float
        Learning rate, examples a minibatch, and the lmbda of the book.
    examples : int
        So many of the training set are looked at, from its first one on.
    pairs : int
        So many of these make the pairs from which the mean gradient is predicted.
    seeds : int
        Each has weights and an order of its own, those of the exercise.
    """

    hidden: tuple[int, ...] = (30, 100)
    eta: float = 0.1
    m: int = 10
    lmbda: float = 5.0
    examples: int = 1200
    pairs: int = 1200
    seeds: int = 512

    SEEDS: ClassVar[Mapping[str, str]] = {"seeds": ""}


PRESETS = {
    ("digits", "quick"): Settings("digits"),
    ("digits", "full"): Settings("digits", hidden=(10, 30, 100, 300), seeds=1024),
    ("mnist", "quick"): Settings("mnist", examples=5000, pairs=2000, seeds=256),
    ("mnist", "full"): Settings("mnist", examples=50_000, pairs=4000, seeds=512),
}


def _tolerance(name: str, value: float, allows: str, reason: str, words: str) -> Tolerance:
    return Tolerance(f"{NAME}: {name}", (NAME,), (value,), allows, reason, DAY, words=words)


HIDDEN = _tolerance(
    "HIDDEN",
    0.05,
    "relative error of averages over the hidden layer's weighted inputs",
    "1 to 5 % were asked where the law is averaged over the examples' own |x|²",
    "hidden layer:",
)
REST = _tolerance(
    "REST",
    0.2,
    "relative error of what comes after: the output layer, errors, gradients (as root mean squares) and thresholds",
    "20 % at 30 units were asked: hidden units are few, and share their weights",
    "start:",
)
C_WITHIN = _tolerance(
    "C_WITHIN", 1e-6, "distance of c(s) from what it is compared with", "quadrature in float64", "c(s)"
)
TOLERANCES = (HIDDEN, REST, C_WITHIN)
SAID_RATIOS = (3.7, 6.4)
"""Mean square of a minibatch's gradient over that of gradients without a mean, as it was said beforehand."""
SAID_MNIST = {"force": (880.0, 1.3e4), "noise": (1.8, 201.0)}
"""Thresholds in lmbda, hidden and output layer, as they were said beforehand of MNIST with 30 hidden units."""
