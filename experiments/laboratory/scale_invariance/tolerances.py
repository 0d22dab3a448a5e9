"""What decides a word about scale-invariant neurons: all of it fixed before the first run."""

from experiments.laboratory.scale_invariance.preset import Settings
from experiments.tolerance import Tolerance

NAME = "scale_invariance"
DATE = "2026-11-29"

EXACT = Tolerance(
    "EXACT", (NAME,), (1e-4,), "relative error of plain SGD's |w|^4, 1 - cos theta, and rate of relaxation",
    "the project's theory, row 8 of its comparisons: the made-up gradient is exactly perpendicular and of exact size, "
    "so that chance plays no part", DATE, words="SGD",
)  # fmt: skip
COSINE = Tolerance(
    "COSINE", (NAME,), (1e-4,), "relative error of a cosine with momentum",
    "row 8 of its comparisons, as it stands there; the angle itself is asked for more sharply", DATE, words="cosine",
)  # fmt: skip
CLOSURE = Tolerance(
    "CLOSURE", (NAME,), (0.01,), "relative error of |w|^4 and of 1 - cos theta with momentum",
    "the closure neglects fluctuations of |w|^2, of the order 1/d, and d is 128", DATE, words="momentum",
)  # fmt: skip
STATISTICAL = Tolerance(
    "STATISTICAL", (NAME,), (0.02,), "relative error of norm and angle of AdamW and Lion",
    "the theory's own small simulation of a neuron of 128 weights was .1 to 2.4 % off, at an unknown error; the laws "
    "are for many weights", DATE, words="at rest",
)  # fmt: skip
RELAXATION = Tolerance(
    "RELAXATION", (NAME,), (0.05,), "relative error of the logarithm by which a deviation of |w|^2 shrinks",
    "rates are linearised, and the deviations started at 5 % when this was chosen; at 20 % now, as is less chance",
    DATE, words="relaxation",
)  # fmt: skip
LAW_64 = Tolerance(
    "LAW_64", (NAME,), (1e-15,), "relative residual of the schedule law in float64, rms over steps",
    "row 8 of the comparisons; the unit of rounding is 2.2e-16", DATE, words="float64",
)  # fmt: skip
LAW_32 = Tolerance(
    "LAW_32", (NAME,), (1e-6,), "largest relative residual of the schedule law in float32",
    "row 8 of the comparisons; the unit of rounding is 1.2e-7", DATE, words="float32",
)  # fmt: skip
QUASI_STATIC = Tolerance(
    "QUASI_STATIC", (NAME,), (0.05,), "relative error of the angle that a schedule's present rates would have at rest",
    "a rival: as wide as is allowed to any relaxation here", DATE, words="as if at rest",
)  # fmt: skip
ALL = (EXACT, COSINE, CLOSURE, STATISTICAL, RELAXATION, LAW_64, LAW_32, QUASI_STATIC)


def registry(preset: Settings) -> tuple[Tolerance, ...]:
    """Give all of them; they are the same at any size."""
    return ALL
