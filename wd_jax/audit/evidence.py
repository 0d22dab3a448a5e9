"""One number that a fingerprint rests on: what was expected, what was measured, and how far apart they may be."""

import math
import re
from dataclasses import dataclass
from typing import Any

EPS = 2.0**-24
"""Half of the distance between 1 and the next float32: what one rounding may cost."""
WRITTEN = 6e-8
"""What writing a number with seven decimals may cost."""
EXACT = 4e-8
"""A weight that nothing changes stays as it is, to the last bit."""
_STEPS = re.compile(r"after_(\d+)")


@dataclass(frozen=True)
class Evidence:
    """A statement and the number that it rests on.

    Attributes
    ----------
    says : str
        A clause, "a weight of 1 after ten steps without a gradient".
    number : str
        Name of the number, as in the record.
    measured : float
        What the optimiser gave.
    expected : float or None
        What the law gives; None where nothing is expected.
    tolerance : float or None
        How far apart they may be; None where nothing is expected.
    """

    says: str
    number: str
    measured: float
    expected: float | None = None
    tolerance: float | None = None

    @property
    def fits(self) -> bool:
        """Whether they agree, or nothing was expected."""
        if self.expected is None or self.tolerance is None:
            return True
        return agree(self.measured, self.expected, self.tolerance)

    def record(self) -> dict[str, Any]:
        """JSON-ready."""
        numbers = {"measured": self.measured, "expected": self.expected, "tolerance": self.tolerance}
        shown = {
            name: value if value is None or math.isfinite(value) else str(value) for name, value in numbers.items()
        }
        return {"says": self.says, "number": self.number, **shown, "fits": self.fits}

    def __str__(self) -> str:
        if self.expected is None or self.tolerance is None:
            return f"{self.says}: {self.measured:.7g}"
        return f"{self.says}: {self.measured:.7g}, expected {self.expected:.7g} within {self.tolerance:.1g}"


def tolerance(name: str, expected: float) -> float:
    """Allow for float32: two roundings in each step that the number's name tells, and seven decimals as written.

    Examples
    --------
    >>> tolerance("matrix_after_1", 0.999) < 4e-7 < tolerance("matrix_after_10", 0.99) < 2e-6
    True
    """
    steps = _STEPS.search(name)
    return WRITTEN + (2 * (int(steps[1]) if steps else 1) + 2) * EPS * max(1.0, abs(expected))


def agree(measured: float, expected: float, within: float) -> bool:
    """Say whether two numbers agree; NaN agrees with nothing."""
    return abs(measured - expected) <= within


SAYS = {
    "matrix_after_1": "a weight of 1 after one step without a gradient",
    "matrix_after_10": "after ten steps",
    "matrix_after_100": "after a hundred steps",
    "matrix_after_10_lr_halved_at_5": "after ten steps, the learning rate halved after five",
    "matrix_after_10_lr_zero_at_5": "after ten steps, the learning rate zero after five",
    "matrix_after_1_decay_doubled": "after one step at twice the decay",
    "matrix_after_1_lr_halved": "after one step at half the learning rate",
    "factor_after_1_from_0.01": "share left of a weight of 0.01 after one step",
    "factor_after_1_from_100": "share left of a weight of 100 after one step",
    "matrix_after_1_without_decay": "after one step at a weight decay of zero",
    "matrix_after_10_without_decay": "after ten steps at a weight decay of zero",
    "decay_at_step_1_beside_random_gradients": "beside N(0, 1) gradients, times a decoupled decay, at step 1",
    "decay_after_10_beside_random_gradients": "the same over ten steps",
    "decay_after_100_beside_random_gradients": "the same over a hundred steps",
    "decay_at_step_1_beside_constant_gradients": "the same at step 1 where gradient and decay go the same way",
    "decay_at_step_1_beside_opposed_gradients": "the same at step 1 where they are opposed",
    "decay_at_step_1_beside_small_gradients": "the same at step 1 beside gradients of 0.01",
    "decay_at_step_1_beside_large_gradients": "the same at step 1 beside gradients of 100",
}
"""How the numbers that decide are told."""
