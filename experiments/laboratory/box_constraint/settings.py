"""What is simulated, and every number that decides a word. The number of steps was chosen after a look: see PRESETS."""

from dataclasses import dataclass

from experiments.preset import NONE, Preset
from experiments.tolerance import Tolerance

NAME = "box_constraint"
FIXED = "2026-11-29"


@dataclass(frozen=True)
class Settings(Preset):
    """Settings of the experiment.

    Parameters
    ----------
    seeds : int
        Problems of least squares, each with data of its own.
    dim, rows : int
        Weights and examples of a problem.
    weight_decay : tuple of float
        Decays L: the box is |w| <= 1/L.
    beta2 : tuple of float
        Memories of AdamW's squared gradient.
    eta : float
        Learning rate at the start; it falls to 0.
    steps : int
        Steps of a run.
    records : int
        Times at which the distance to the solution is kept.
    outside_steps, starts_at : int, float
        Steps of the runs from outside, and where they start, in units of the box.
    shares : tuple of float
        Where the weights of the runs that measure AdamW's rate come to rest, in units of the box.
    rate_beta2, rate_eta : tuple of float, float
        Memories of those, and their constant learning rate.
    rate_times : int
        Length of those, in times after which the gradient should have fallen by a factor e.
    """

    seeds: int = 8
    dim: int = 30
    rows: int = 60
    weight_decay: tuple[float, ...] = (0.3, 1.0)
    beta2: tuple[float, ...] = (0.95, 0.99, 0.999)
    eta: float = 0.01
    steps: int = 80_000
    records: int = 40
    outside_steps: int = 1000
    starts_at: float = 5.0
    shares: tuple[float, ...] = (0.2, 0.4, 0.6, 0.8)
    rate_beta2: tuple[float, ...] = (0.999, 0.9999)
    rate_eta: float = 0.001
    rate_times: int = 6

    SEEDS = {"seeds": ""}  # noqa: RUF012


PRESETS = {
    (NONE, "quick"): Settings(NONE),
    (NONE, "full"): Settings(NONE, seeds=24, steps=320_000),
}
"""Runs of 20 000 steps had been looked at before 80 000 was chosen: they were too short for Lion's tolerance."""
SCHEDULES = ("cosine", "linear")
"""Both take the learning rate to 0, and both are judged; a cosine's last steps are far smaller."""
BETA1, LION = 0.9, (0.9, 0.99)


SEEN = (
    "the value is as asked, and stood; but 20 000 steps had been looked at, too few for Lion's tolerance, before "
    "80 000 were chosen: the number of steps decides the word"
)


def _tolerance(name: str, value: float, allows: str, reason: str, words: str, seen: str = "") -> Tolerance:
    when = "after" if seen else "before"
    return Tolerance(f"{NAME}: {name}", (NAME,), (value,), allows, reason, FIXED, when, seen, words)


SIGNS = _tolerance(
    "SIGNS",
    1e-5,
    "distance of Lion from the solution",
    "five digits: another problem has another solution, far outside",
    "Lion ends",
    SEEN,
)
ADAMW = _tolerance(
    "ADAMW",
    1e-4,
    "distance of AdamW from the solution",
    "a digit less than of Lion, as its steps are not of one size",
    "AdamW, β2",
    SEEN,
)
EXACT = _tolerance("EXACT", 1e-12, "relative error of a bound", "float64, a thousand steps", "box")
RATE = _tolerance("RATE", 0.02, "relative error of a rate", "beta1 is left out of the law", "rate")
TOLERANCES = (SIGNS, ADAMW, EXACT, RATE)
