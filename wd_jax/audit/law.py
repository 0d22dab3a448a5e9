"""A law that may explain an optimiser's numbers: what it predicts for every question, and how constants are found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from wd_jax.audit import questions, rules
from wd_jax.audit.black_box import BlackBox
from wd_jax.audit.questions import Asking
from wd_jax.audit.rules import Rule, Ruled

Numbers = Mapping[str, float | None]
QUIET = (
    questions.alone,
    questions.twice_the_decay,
    questions.half_the_rate,
    questions.schedule,
    questions.sizes,
    questions.mixed,
)
"""Questions without gradients."""
BESIDE = (questions.beside_random_gradients, questions.beside_constant_gradients)


@dataclass(frozen=True)
class Law:
    """A way to decay, with its constants.

    Attributes
    ----------
    kind : str
        A word of `wd_jax.audit.kinds.KINDS`.
    formula : str
        What one step does to a weight without gradient.
    rule : callable
        Makes the rule (`wd_jax.audit.rules`) from `constants`.
    constants : mapping
        What was read off the numbers.
    qualifiers : tuple of str
        Words of `wd_jax.audit.kinds.QUALIFIERS`.
    derivation, by : str
        Derivation and formula that predict what is left after some steps; empty where none does.
    """

    kind: str
    formula: str
    rule: Callable[..., Rule]
    constants: Mapping[str, Any] = field(default_factory=dict)
    qualifiers: tuple[str, ...] = ()
    derivation: str = ""
    by: str = ""

    def quiet(self, lr: float, weight_decay: float) -> dict[str, float]:
        """Predict the numbers of every question without gradients."""
        return self._asked("quiet", lr, weight_decay)

    def beside(self, lr: float, weight_decay: float) -> dict[str, float]:
        """Predict the shares beside random gradients."""
        return self._asked("beside", lr, weight_decay)

    def _asked(self, which: str, lr: float, weight_decay: float) -> dict[str, float]:
        return _predicted(self.rule, tuple(self.constants.items()), which, lr, weight_decay)


def snapped(value: float, error: float) -> float:
    """Round to the fewest digits that lie within the error.

    Examples
    --------
    >>> snapped(1.00002, 6e-5), snapped(0.89973, 1e-4)
    (1.0, 0.8997)
    """
    for digits in range(1, 8):
        rounded = float(f"{value:.{digits}g}")
        if abs(rounded - value) <= error:
            return rounded
    return value


def that_leaves(left: Callable[[float], float], wanted: float) -> float | None:
    """Find the constant, such as a momentum, that leaves `wanted` after ten steps, by bisection; None if none does."""
    low, high = 0.0, 0.9999
    ends = left(low) - wanted, left(high) - wanted
    if abs(ends[0]) < 3e-7:
        return 0.0
    if ends[0] * ends[1] > 0:
        return None
    for _ in range(40):
        middle = (low + high) / 2
        if (left(middle) - wanted) * ends[0] > 0:
            low = middle
        else:
            high = middle
    slope = abs(left(high + 1e-4) - left(high)) / 1e-4 if high < 0.9998 else 1.0
    return snapped((low + high) / 2, 6e-7 / max(slope, 1e-6))


def tenth(rule: Callable[..., Rule], constants: Mapping[str, Any], lr: float, weight_decay: float) -> float:
    """Give what is left of a weight of 1 after ten steps without a gradient."""
    w, memory, stepped = np.ones(1), {}, rule(**constants)
    for k in range(10):
        w = stepped(rules.Step(w, np.zeros(1), lr, lr, weight_decay, k, memory))
    return float(w[0])


@cache
def _predicted(
    rule: Callable[..., Rule], constants: tuple[tuple[str, Any], ...], which: str, lr: float, weight_decay: float
) -> dict[str, float]:
    made = rule(**dict(constants))
    box = BlackBox(
        library="law",
        name="",
        version="",
        make=lambda lr=0.1, weight_decay=0.01, dtype="float32": Ruled(made, lr, weight_decay),
        takes=("matrix", "bias"),
    )
    found: dict[str, float] = {}
    for question in QUIET if which == "quiet" else BESIDE:
        answer = question(Asking(box, lr, weight_decay))
        found |= {name: value for name, value in answer.items() if value is not None}
    return found
