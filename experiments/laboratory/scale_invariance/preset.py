"""Settings of the scale-invariant neuron: sizes, decays per step, and the numbers of each update rule."""

from dataclasses import dataclass
from typing import Any

from experiments.preset import NONE, Preset


@dataclass(frozen=True)
class Settings(Preset):
    """What is simulated.

    Parameters
    ----------
    dim : int
        Weights of the neuron at rest.
    epsilons : tuple of float
        Decay per step, eta L.
    seeds : int
        Each draws its own start and gradients.
    settling, measuring : int
        Steps before and while the rest is measured, in units of the slowest memory (the weights' or an average's).
    unit : int
        That unit is no less than so many steps.
    many : int
        Weights whose relaxation is followed.
    relaxing : float
        Decay per step there; with momentum, of the settled velocity.
    push : float
        How far from rest the relaxations start, relative, on either side.
    first, last : float
        Between which times the relaxation is judged, in units of the weights' memory.
    late : int
        Units of that memory after which plain SGD is followed: by then it is as good as at rest.
    steps : int
        Steps of the schedule law's neuron.
    inputs, examples, batch : int
        Inputs of that neuron, its examples, and how many of them make a minibatch.
    peak, decay : float
        Its largest learning rate, and L.
    """

    dim: int = 128
    epsilons: tuple[float, ...] = (0.002, 0.008, 0.032)
    seeds: int = 8
    settling: int = 5
    measuring: int = 20
    unit: int = 200
    many: int = 2000
    relaxing: float = 0.002
    push: float = 0.2
    first: float = 0.25
    last: float = 1.0
    late: int = 3
    steps: int = 400
    inputs: int = 16
    examples: int = 200
    batch: int = 8
    peak: float = 0.5
    decay: float = 0.05

    SEEDS = {"seeds": ""}  # noqa: RUF012


PRESETS = {
    (NONE, "quick"): Settings(NONE),
    (NONE, "full"): Settings(NONE, epsilons=(0.0005, 0.002, 0.008, 0.032, 0.128), seeds=32, measuring=60, many=10000),
}

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "SGD": ("sgd", {"eta": 0.1}),
    "momentum 0.5": ("momentum", {"eta": 0.1, "momentum": 0.5}),
    "momentum 0.9": ("momentum", {"eta": 0.1, "momentum": 0.9}),
    "AdamW": ("adamw", {"eta": 0.01, "beta1": 0.9, "beta2": 0.995}),
    "Lion 0.9, 0.99": ("lion", {"eta": 0.01, "beta1": 0.9, "beta2": 0.99}),
    "Lion 0.95, 0.98": ("lion", {"eta": 0.01, "beta1": 0.95, "beta2": 0.98}),
}
"""Rules at rest, each with its numbers."""

RELAXATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "SGD": CASES["SGD"],
    "momentum 0.9": CASES["momentum 0.9"],
    "AdamW, beta2 0.9": ("adamw", {"eta": 0.01, "beta1": 0.9, "beta2": 0.9}),
    "AdamW, beta2 0.999": ("adamw", {"eta": 0.01, "beta1": 0.9, "beta2": 0.999}),
    "Lion 0.9, 0.99": CASES["Lion 0.9, 0.99"],
}
"""Rules whose way back to rest is followed."""

RECORDS = 40
"""Times at which it is looked at."""
