"""Laws that may explain an optimiser's numbers, the simplest first, with constants read off the numbers."""

import math
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from wd_jax.audit import rules
from wd_jax.audit.law import Law, Numbers, snapped, tenth, that_leaves
from wd_jax.audit.timed import timed

SIZE = 16
"""Entries of the matrix that is asked without gradients."""


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
    yield Law("decoupled", "w <- (1 - lr^2*wd) w", rules.squared_rate, qualifiers=square)
    noted = {k: value for k in range(1, 11) if (value := numbers.get(f"matrix_after_{k}")) is not None}
    yield from timed(noted, lr, weight_decay)
    yield ways("l1", "w <- w - lr*wd*sign(w)", rules.l1, by="l1")
    small = numbers.get("factor_after_1_from_0.01")
    part = None if small is None else snapped(((1 - small) / c - 1) / 99, 6e-8 / (99 * c))
    if part is not None and 0.001 < part < 0.999:
        formula = f"w <- w - lr*wd*({1 - part:g}*w + {part:g}*sign(w))"
        yield Law("decoupled", formula, rules.elastic, {"l1": part}, ("with an L1 part",))
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
    if abs(lost - weight_decay) < 0.02 * weight_decay:
        told = ("relative to the first rate", "implicit")
        yield Law("absolute", "w <- w / (1 + wd*lr/lr0)", rules.implicit, {"absolute": True}, told)
        formula = "w <- (1 - wd*lr/lr0) w; every 6 steps the slow weights go half of the way"
        made = {"inner": 6, "share": 0.5, "absolute": True}
        yield Law("averaged", formula, rules.lookahead, made, ("lookahead", "relative to the first rate"))
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
        mu = that_leaves(
            lambda mu, form=form: tenth(rules.momentum, {"mu": mu, "form": form}, lr, weight_decay), after[10]
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
    root = math.sqrt(SIZE)
    norm = snapped(lost / (root * c), 6e-8 / (root * c))
    shown = "" if norm == 1 else f"{norm:g}*"
    yield Law("scaled", f"w <- (1 - {shown}lr*wd*|w|) w", rules.by_norm, {"times": norm}, ("by the norm",))
    coefficient = snapped(lost / lr, 6e-8 / lr)
    made = {"coefficient": coefficient}
    mu = that_leaves(lambda mu: tenth(rules.trust_ratio, {**made, "momentum": mu}, lr, weight_decay), after[10])
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
