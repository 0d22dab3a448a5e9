"""Laws that may explain an optimiser's numbers: each with what it predicts for every question."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

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


def candidates(numbers: Numbers, lr: float, weight_decay: float) -> Iterator[Law]:
    """Give the laws to be tried, the simplest first, with constants that explain the first and the tenth step.

    Parameters
    ----------
    numbers : mapping
        At least ``matrix_after_1`` and ``matrix_after_10``.
    lr, weight_decay : float
        At which they were measured.
    """
    after = {k: float(numbers[f"matrix_after_{k}"] or 0.0) for k in (1, 10)}
    lost = 1 - after[1]
    c = lr * weight_decay
    ways: Callable[..., Law] = partial(Law, derivation="ways_to_decay")
    yield ways("decoupled", "w <- (1 - lr*wd) w", rules.decoupled, by="decoupled")
    yield ways("decoupled", "w <- w / (1 + lr*wd)", rules.implicit, qualifiers=("implicit",), by="implicit")
    late = ("none at the first step",)
    yield ways("decoupled", "w <- (1 - lr*wd) w, but in step 1", rules.late, qualifiers=late, by="late")
    square = ("with the square of the rate",)
    formula = "w <- (1 - lr^2*wd/lr0) w"
    yield Law("decoupled", formula, rules.squared, qualifiers=square)
    yield Law("decoupled", f"{formula}, but in step 1", rules.squared, {"late": True}, (*late, *square))
    waits = 10 - round(math.log(after[10]) / math.log1p(-c)) if 0 < after[10] < 1 and c < 1 else 0
    if lost < 1e-7 and 2 <= waits <= 9:
        formula = f"w <- (1 - lr*wd) w, but in steps 1 to {waits}"
        yield Law("decoupled", formula, rules.late, {"steps": int(waits)}, late)
    yield ways("l1", "w <- w - lr*wd*sign(w)", rules.l1, by="l1")
    yield ways("none", "w <- w", rules.nothing, derivation="")
    if lost > 0:
        share = snapped(lost / weight_decay, 6e-8 / weight_decay)
        shown = "" if share == 1 else f"{share:g}*"
        exact = {"by": "absolute"} if share == 1 else {"derivation": ""}
        told = ("constant",)
        yield ways("absolute", f"w <- (1 - {shown}wd) w", rules.constant, {"share": share}, told, **exact)
        told = ("relative to the first rate",)
        exact = {"by": "relative"} if share == 1 else {"derivation": ""}
        yield ways("absolute", f"w <- (1 - {shown}wd*lr/lr0) w", rules.relative, {"times": share}, told, **exact)
    yield from _momenta(after, lr, weight_decay)
    yield from _scaled(after, lr, weight_decay)
    for shown in ("x", "y"):
        formula = f"z <- z - lr*wd*y, x the average of z, y = 0.1 z + 0.9 x; {shown} is shown"
        exact = {"derivation": "averaged_decay"}
        exact["by"] = "schedule_free_average" if shown == "x" else "schedule_free_point"
        yield Law("averaged", formula, rules.schedule_free, {"beta": 0.9, "shown": shown}, ("schedule-free",), **exact)
    for inner in (5, 6, 10):
        formula = f"w <- (1 - lr*wd) w; every {inner} steps the slow weights go half of the way"
        for free in (False, True):
            made = {"inner": inner, "share": 0.5, "first_is_free": free}
            exact = {"derivation": "averaged_decay", "by": "lookahead"} if not free else {}
            yield Law("averaged", formula, rules.lookahead, made, ("lookahead",), **exact)
    if lost < 0:
        for rated, unit, shown in ((False, weight_decay, "wd"), (True, c, "lr*wd")):
            times = snapped(-lost / unit, 6e-8 / unit)
            factor = "" if times == 1 else f"{times:g}*"
            exact = {"by": "added"} if times == 1 and not rated else {"derivation": ""}
            made = {"times": times, "rated": rated}
            yield ways("growing", f"w <- (1 + {factor}{shown}) w", rules.growing, made, **exact)


_DERIVED = {
    "velocity": ("momentum", "weight"),
    "displacement": ("momentum", "weight"),
    "nesterov": ("momentum_forms", "nesterov"),
    "nesterov displacement": ("momentum_forms", "nesterov"),
    "dampened": ("momentum_forms", "dampened"),
}
"""Derivation and formula of each form of momentum; at a constant rate it is one whether the rate is inside or not."""


def _momenta(after: Mapping[int, float], lr: float, weight_decay: float) -> Iterator[Law]:
    forms = {
        "velocity": "v <- mu v + wd w; w <- w - lr v",
        "displacement": "v <- mu v + lr wd w; w <- w - v",
        "nesterov": "v <- mu v + wd w; w <- w - lr (wd w + mu v)",
        "nesterov displacement": "v <- mu v + lr wd w; w <- w - lr wd w - mu v",
        "twice nesterov": "v <- mu v + lr wd w; w <- w - (1 + mu) lr wd w - mu^2 v",
        "dampened": "v <- mu v + (1 - mu) wd w, in step 1 wd w; w <- w - lr v",
        "average": "v <- mu v + (1 - mu) wd w; w <- w - lr v",
    }
    for form, formula in forms.items():
        mu = _solved(
            lambda mu, form=form: _tenth(rules.momentum, {"mu": mu, "form": form}, lr, weight_decay), after[10]
        )
        if mu is None or mu < 0.01:
            continue
        averaged = ("through averaged momentum",) if form in ("dampened", "average") else ("through momentum",)
        derivation, by = _DERIVED.get(form, ("", ""))
        yield Law(
            "coupled",
            f"{formula}, mu = {mu:g}",
            rules.momentum,
            {"mu": mu, "form": form},
            averaged,
            derivation=derivation,
            by=by,
        )


def _scaled(after: Mapping[int, float], lr: float, weight_decay: float) -> Iterator[Law]:
    lost, c = 1 - after[1], lr * weight_decay
    if lost < 2e-6:  # a few float32 steps: no constant can be read off
        return
    for rate, unit, symbol in ((None, c, "lr*"), (1.0, weight_decay, "")):
        times = snapped(lost / unit, 6e-8 / unit)
        shown = "" if times == 1 else f"{times:g}*"
        told = ("by the root mean square",)
        formula = f"w <- (1 - {shown}{symbol}wd*rms(w)) w"
        made = {"times": times, "rate": rate}
        yield Law("scaled", formula, rules.by_rms, made, told, derivation="rms_scaled", by="rms")
    coefficient = snapped(lost / lr, 6e-8 / lr)
    made = {"coefficient": coefficient}
    mu = _solved(lambda mu: _tenth(rules.trust_ratio, {**made, "momentum": mu}, lr, weight_decay), after[10])
    if mu is not None:
        name = "" if coefficient == 1 else f"{coefficient:g}*"
        through = f", summed with momentum {mu:g}" if mu else ""
        exact: dict[str, str] = (
            {} if mu else {"derivation": "trust_ratio", "by": "lamb" if coefficient == 1 else "lars"}
        )
        told = ("trust ratio", *(["through momentum"] if mu else []))
        formula = f"w <- w - lr*{name}|w| u/|u| with u = g + wd*w{through}"
        for inside in (False, True) if mu else (False,):
            fitted = {**made, "momentum": mu, "rate_inside": inside}
            yield Law("scaled", formula, rules.trust_ratio, fitted, told, **exact)
    times = snapped(lost / c, 6e-8 / c)
    if times != 1:
        yield Law("scaled", f"w <- (1 - {times:g}*lr*wd) w without a gradient", rules.decoupled, {"times": times})


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


def _solved(tenth: Callable[[float], float], wanted: float) -> float | None:
    """Find the momentum that leaves `wanted` after ten steps, by bisection; None if none does."""
    low, high = 0.0, 0.9999
    ends = tenth(low) - wanted, tenth(high) - wanted
    if abs(ends[0]) < 3e-7:
        return 0.0
    if ends[0] * ends[1] > 0:
        return None
    for _ in range(40):
        middle = (low + high) / 2
        if (tenth(middle) - wanted) * ends[0] > 0:
            low = middle
        else:
            high = middle
    slope = abs(tenth(high + 1e-4) - tenth(high)) / 1e-4 if high < 0.9998 else 1.0
    return snapped((low + high) / 2, 6e-7 / max(slope, 1e-6))


def _tenth(rule: Callable[..., Rule], constants: Mapping[str, Any], lr: float, weight_decay: float) -> float:
    import numpy as np

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
