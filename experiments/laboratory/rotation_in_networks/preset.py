"""Settings of the networks: sizes, steps, and the numbers of each update rule."""

from dataclasses import dataclass
from typing import Any

from experiments.preset import Preset


@dataclass(frozen=True)
class Settings(Preset):
    """What is trained.

    Parameters
    ----------
    seeds : int
        Each draws its own start and minibatches.
    memory : int
        Steps in which decay forgets a weight: 1/(eta L), with momentum (1 - mu)/(eta L). Records are as long.
    settling, first, second : int
        Memories before the first stretch, of the first stretch and of the second.
    batch : int
        Examples of a minibatch, drawn with replacement.
    hidden : int
        Units of each of the perceptron's two hidden layers.
    channels : tuple of int
        Of the convolutions.
    width : int
        Of the transformer's residual stream.
    length : int
        Characters of its sequences.
    draws : int
        Random matrices from which Muon's linear share is taken.
    """

    seeds: int = 8
    memory: int = 150
    settling: int = 4
    first: int = 3
    second: int = 5
    batch: int = 10
    hidden: int = 16
    channels: tuple[int, ...] = (4, 8)
    width: int = 8
    length: int = 8
    draws: int = 400

    SEEDS = {"seeds": ""}  # noqa: RUF012

    @property
    def records(self) -> int:
        """Records of both stretches, each of one memory."""
        return self.first + self.second


PRESETS = {
    ("digits", "quick"): Settings("digits", first_seed=100),
    ("digits", "full"): Settings(
        "digits", first_seed=100, seeds=16, memory=200, first=10, second=20, hidden=32, width=16
    ),
}

RULES: dict[str, dict[str, Any]] = {
    "momentum": {"eta": 0.1, "momentum": 0.9},
    "adamw": {"eta": 0.02, "beta1": 0.9, "beta2": 0.99},
    "lion": {"eta": 0.005, "beta1": 0.9, "beta2": 0.95},
    "muon": {"eta": 0.02, "beta1": 0.9},
}
"""Update rules and their numbers; L follows from the memory."""


def epsilon(rule: str, memory: int) -> float:
    """Decay per step, eta L, that gives the weights a memory of so many steps.

    Examples
    --------
    >>> epsilon("adamw", 50), round(epsilon("momentum", 50), 6)
    (0.02, 0.002)
    """
    return (1 - RULES[rule].get("momentum", 0.0)) / memory
