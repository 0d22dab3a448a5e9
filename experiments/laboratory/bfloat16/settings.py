"""What is simulated, and every number that decides a word: fixed before this code measured anything."""

from dataclasses import dataclass

from experiments.preset import NONE, Preset
from experiments.tolerance import Tolerance

NAME = "bfloat16"
FIXED = "2026-11-29"


@dataclass(frozen=True)
class Settings(Preset):
    """Settings of the experiment.

    Parameters
    ----------
    seeds : int
        Independent groups of weights.
    weights : int
        In a group.
    nearest, at_random, float32 : tuple of float
        Decays per step: rounded to the nearest, rounded at random, and as a factor of float32.
    decay : float
        Decay in all, steps times decay per step, of the first two.
    spaces : tuple of float
        Standard deviations of the noise beside the decay, in spaces between numbers.
    float32_steps : int
        Steps of the third.
    """

    seeds: int = 8
    weights: int = 16_384
    nearest: tuple[float, ...] = (0.001, 0.0019, 0.0022, 0.0026, 0.003, 0.0035, 0.005, 0.01, 0.03)
    at_random: tuple[float, ...] = (0.0001, 0.001, 0.003, 0.01)
    float32: tuple[float, ...] = (5e-8, 2e-7, 1e-6, 1e-5)
    decay: float = 1.0
    spaces: tuple[float, ...] = (0.2, 0.3, 0.4, 0.5, 1.0)
    float32_steps: int = 20_000

    SEEDS = {"seeds": ""}  # noqa: RUF012

    def steps(self, epsilon: float) -> int:
        """Count the steps that make the decay in all."""
        return round(self.decay / epsilon)


PRESETS = {
    (NONE, "quick"): Settings(NONE),
    (NONE, "full"): Settings(NONE, seeds=16, weights=65_536, at_random=(0.00003, 0.0001, 0.0003, 0.001, 0.003, 0.01)),
}

NOISE_EPSILON, NOISE_STEPS = 0.001, 100
"""Of the runs beside normal noise: 0.19 of a space a step is due, and the weights stay in one power of 2."""
STARTS = 1024
"""Weights along whose exact way the spread is summed."""


def _tolerance(name: str, value: float, allows: str, reason: str, words: str, seen: str = "") -> Tolerance:
    when = "after" if seen else "before"
    return Tolerance(f"{NAME}: {name}", (NAME,), (value,), allows, reason, FIXED, when, seen, words)


NOTHING = _tolerance("NOTHING", 0.0, "change of any weight", "below 2^-9 none may move", "moves no weight")
REST = _tolerance(
    "REST", 0.01, "relative error of what is left", "numbers lie 1/128 apart; the law takes them as dense", "is left"
)
RATE = _tolerance("RATE", 0.01, "relative error of a rate", "as wd_jax.precision counts a rate as wrong", "rate")
MEAN = _tolerance(
    "MEAN",
    0.005,
    "relative error of the mean",
    "the law is exact, and a prototype's noise was not far below",
    "on average",
    "a prototype of the theory with other seeds, which was 0.3 % off",
)
SPREAD = _tolerance("SPREAD", 0.05, "relative error of the variance", "its leading order, and 8 seeds", "spread")
DITHER = _tolerance("DITHER", 0.03, "relative error of the share kept", "noise of 8 seeds", "noise")
TORCH = _tolerance("TORCH", 0.02, "relative error of what is lost", "kernels round in another order", "PyTorch")
TOLERANCES = (NOTHING, REST, RATE, MEAN, SPREAD, DITHER, TORCH)
