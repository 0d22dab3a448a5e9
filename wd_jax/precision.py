r"""What rounding leaves of a weight decay: the share of its rate that weights without gradient keep in a dtype.

Between two powers of 2 the numbers of a dtype are evenly spaced, by :math:`2^{-p}` times the lower power (p = 23 in
float32, 10 in float16, 7 in bfloat16). A step takes a whole number of spaces off a weight, :math:`k(f)=\mathrm{rint}(a
f)` of them with :math:`a=2^p\epsilon` and the weight's significand f in [1, 2), where :math:`a f` are due. Which
weights decay too fast, too slowly or not at all depends on f alone, so that what is kept is an average over f, and the
same at every scale. A gradient that kicks the weights by a space or more dithers the rounding, and the rate is kept.
Subnormal numbers, which weights reach near 1e-38 (in float16 near 6e-5), are left out.

Higham, *Accuracy and Stability of Numerical Algorithms*, chapter 2, for the rounding; the averages are this module's.
"""

import functools
import math
from collections.abc import Iterable
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike

from wd_jax import conventions
from wd_jax.held import Rounding, arithmetic

Form = Literal["subtract", "multiply", "once", "compensated"]
"""How a step decays: ``w - epsilon*w`` (wd_jax, optax, SGD of PyTorch) or ``w*(1 - epsilon)``, the factor rounded;
``w - epsilon*w`` of float32, rounded once; or with what rounding takes off kept beside the weight."""
Word = Literal["kept", "wrong rate", "stops", "lost"]
"""Within 1 % of the rate, off by more, weights stop one after the other, or no weight moves at all."""
Floats: TypeAlias = np.ndarray

BITS = {"float64": 52, "float32": 23, "float16": 10, "bfloat16": 7}
"""Stored bits p of each dtype's significand."""
TOLERANCE = 0.01
"""Relative error of the rate from which on it counts as wrong."""
LOST, STUCK, DOUBTFUL = (
    2.0 ** BITS["float32"] * limit
    for limit in (conventions.FLOAT32_LOST, conventions.FLOAT32_STUCK, conventions.FLOAT32_DOUBTFUL)
)
"""The thresholds of `wd_jax.conventions` in spaces due at a step from f = 1, the same for every dtype."""
_FINE = 2.0**8
"""Spaces a step from which on rounding changes the rate by less than 1e-6."""
_STARTS = 1024
"""Weights that stand for all: they give the share to 6e-4."""
_FEW = 1e-3
"""Decay in all below which the weights stay at the significand they had."""


def decay_kept(epsilon: float, dtype: str, steps: int = 1, form: Form = "subtract") -> float:
    r"""Share of the decay that weights without gradient keep, :math:`E[\ln(w_0/w_T)]/(-T\ln(1-\epsilon))`.

    The mean is over weights whose logarithm is uniform over a power of 2, which Gaussian weights are to a few percent.

    Parameters
    ----------
    epsilon : float
        Decay per step, dimensionless; 0 and decays of 1 or more, which no rounding hides, keep 1.
    dtype : {"float64", "float32", "float16", "bfloat16"}
        Of the weights and of each operation on them, rounded to nearest, ties to even.
    steps : int
        T, over which the rate is taken. More steps are not the same: where some weights stop, the others reach them.
    form : {"subtract", "multiply", "once", "compensated"}
        See `Form`.

    Returns
    -------
    float
        1 where nothing is lost, 0 where no weight moves, above 1 where weights decay too fast; NaN, not known, where
        `word` says that a compensated decay is lost.

    Raises
    ------
    ValueError
        For a dtype or a form that is not in the list.

    Examples
    --------
    >>> [round(decay_kept(epsilon, "float32", steps=4000), 2) for epsilon in (2e-8, 3.2e-8, 5e-8, 1e-5)]
    [0.0, 0.2, 1.17, 1.0]
    >>> decay_kept(1e-4, "bfloat16", steps=1000)
    0.0
    """
    _check(dtype, form)
    if not 0 < epsilon < 1:
        return 1.0
    if form == "compensated":
        return 1.0 if word(epsilon, dtype, form) == "kept" else math.nan
    if dtype in ("float16", "bfloat16"):
        return _by_enumeration(epsilon, BITS[dtype], steps, form)
    applied = applied_decay(epsilon, dtype, form)
    spaces = 2.0 ** BITS[dtype] * applied
    if spaces <= LOST:
        return 0.0
    share = 1.0 if spaces >= _FINE else _by_flow(spaces, steps * applied)
    return share * math.log1p(-applied) / math.log1p(-epsilon)


def applied_decay(epsilon: float, dtype: str, form: Form = "subtract") -> float:
    """Decay that a step is asked for: of ``w*(1 - epsilon)`` what is left after the factor is rounded.

    Examples
    --------
    >>> [round(applied_decay(2e-7, "float32", form) / 2e-7, 3) for form in ("subtract", "multiply")]
    [1.0, 0.894]
    """
    _check(dtype, form)
    return epsilon if form != "multiply" else 1 - float(_rounded(1 - epsilon, BITS[dtype]))


def word(epsilon: float, dtype: str, form: Form = "subtract") -> Word:
    """Say in a word what a dtype does to a decay on weights without gradient.

    An average may be right where the weights are not: below `DOUBTFUL` the rate is called wrong whatever its mean.

    Examples
    --------
    >>> [word(epsilon, "float32") for epsilon in (2e-8, 4e-8, 1e-7, 1e-5)]
    ['lost', 'stops', 'wrong rate', 'kept']
    >>> word(1e-4, "bfloat16"), word(1e-5, "float64"), word(1e-6, "float32", "multiply")
    ('lost', 'kept', 'wrong rate')
    >>> [word(epsilon, dtype, "compensated") for epsilon, dtype in ((1e-8, "bfloat16"), (1e-8, "float32"))]
    ['kept', 'kept']
    """
    if not 0 < epsilon < 1:
        return "kept"
    if form == "compensated":
        # What is kept beside a weight is at most half a space of it, and is evenly spaced by 2**-p of that.
        bits = BITS[dtype] + BITS[arithmetic(dtype)]
        return "kept" if 2.0**bits * epsilon >= DOUBTFUL else "lost"
    applied = applied_decay(epsilon, dtype, form)
    spaces = 2.0 ** BITS[dtype] * applied
    if spaces <= LOST:
        return "lost"
    if spaces < STUCK:
        return "stops"
    right = spaces >= DOUBTFUL and abs(applied / epsilon - 1) <= TOLERANCE
    return "kept" if right else "wrong rate"


def form_of(dtype: str, rounding: Rounding = "nearest") -> Form:
    """Give the form of a run's steps: those of weights of 16 bits are rounded once.

    Examples
    --------
    >>> form_of("float32"), form_of("bfloat16"), form_of("bfloat16", "compensated")
    ('subtract', 'once', 'compensated')
    """
    if rounding == "compensated":
        return "compensated"
    return "subtract" if arithmetic(dtype) == dtype else "once"


def distorts(epsilon: ArrayLike, dtype: str, form: Form = "subtract") -> np.ndarray:
    """Whether a dtype distorts each of several decays per step on weights without gradient: all that is not "kept".

    Examples
    --------
    >>> distorts([1e-7, 1e-5, 0.0], "float32")
    array([ True, False, False])
    """
    values = np.asarray(epsilon, np.float64)
    bits = BITS[dtype] + (BITS[arithmetic(dtype)] if form == "compensated" else 0)
    return (values > 0) & (2.0**bits * values < DOUBTFUL)


def remedies(epsilon: Iterable[float], dtype: str) -> str:
    """Name the settings of a run that keep each of several decays which a dtype does not; empty where none does.

    Examples
    --------
    >>> remedies([1e-8], "float32"), remedies([1e-5, 1e-8], "bfloat16")
    ("dtype='float64' or rounding='compensated'", "dtype='float64' or rounding='compensated'")
    >>> remedies([1e-17], "float64")  # no run is so long that it would matter
    ''
    """
    decays = list(epsilon)
    wider = [one for one in ("float32", "float64") if BITS[one] > BITS[dtype]]
    ways = [f"dtype={one!r}" for one in wider if all(word(decay, one) == "kept" for decay in decays)][:1]
    if dtype != "float64" and all(word(decay, dtype, "compensated") == "kept" for decay in decays):
        ways.append("rounding='compensated'")
    return " or ".join(ways)


def steps_to_halve(epsilon: float) -> int:
    """Count the steps of a half-life, at least 1.

    Examples
    --------
    >>> steps_to_halve(1e-4)
    6931
    """
    return max(1, round(min(math.log(2) / -math.log1p(-epsilon), 1e300)))


def is_off(kept: float | Floats) -> np.ndarray:
    """Whether a share differs from 1 by more than `TOLERANCE`."""
    return np.abs(np.asarray(kept, np.float64) - 1) > TOLERANCE


def shares_in_words(kept: Floats) -> str:
    """Say what share weights keep and in how many cells, where it is off; empty where it is not.

    Examples
    --------
    >>> shares_in_words(np.array([0.198, 1.43, 1.0])).split(" (")[0]
    'weights without gradient keep 0.198 to 1.43 of the decay in 2 of 3 cells'
    >>> shares_in_words(np.array(1.0))
    ''
    """
    off = kept[is_off(kept)]
    if not off.size:
        return ""
    ends = " to ".join(dict.fromkeys(f"{end:.3g}" for end in (off.min(), off.max())))
    where = f" in {off.size} of {kept.size} cells" if kept.size > 1 else ""
    return (
        f"weights without gradient keep {ends} of the decay{where} (decay_kept); float64 keeps 1e-15 per step and more"
    )


def shares_record(kept: Floats) -> dict[str, float | int | None]:
    """Give the range of the shares, how many are off and how many there are, JSON-ready.

    Examples
    --------
    >>> shares_record(np.array([0.5, 1.0]))
    {'least': 0.5, 'most': 1.0, 'cells_off': 1, 'cells': 2}
    """
    off, there = int(is_off(kept).sum()), kept[np.isfinite(kept)]  # a decay without a rate has no share
    least, most = (float(np.min(there)), float(np.max(there))) if there.size else (None, None)
    return {"least": least, "most": most, "cells_off": off, "cells": kept.size}


def _check(dtype: str, form: str) -> None:
    if dtype not in BITS:
        raise ValueError(f"dtype={dtype!r}: choose one of {', '.join(BITS)}")
    if form not in get_args(Form):
        raise ValueError(f"form={form!r}: choose {', '.join(get_args(Form))}")


def _rounded(values: ArrayLike, bits: int) -> Floats:
    """Round float64 numbers to so many stored bits, ties to even."""
    fraction, exponent = np.frexp(values)
    return np.ldexp(np.rint(np.ldexp(fraction, bits + 1)), exponent - bits - 1)


@functools.lru_cache(maxsize=4096)
def _by_flow(spaces: float, decay: float) -> float:
    """Share kept over a `decay` of steps*epsilon in all, epsilon small: f falls at k(f)/a times the rate that is due.

    The time from f = 2 down to each f is linear between the places where k changes. A weight at the end of its power
    of 2 goes on at the next one's beginning, or it never arrives, because k is 0 before.
    """
    k = np.arange(math.floor(spaces), math.ceil(2 * spaces) + 1)
    low, high = np.maximum(1, (k - 0.5) / spaces), np.minimum(2, (k + 0.5) / spaces)
    moves = (k > 0) & (low < high)
    k, low, high = k[moves][::-1], low[moves][::-1], high[moves][::-1]
    if decay < _FEW:
        return float(np.sum(k * (1 / low - 1 / high)) / (spaces * math.log(2)))
    when = np.append(0, np.cumsum((high - low) * spaces / k))
    place = np.append(2, low)
    start = 2 ** ((np.arange(_STARTS) + 0.5) / _STARTS)
    after = np.interp(start, place[::-1], when[::-1]) + decay
    passed = np.floor(after / when[-1]) if place[-1] == 1 else np.zeros(_STARTS)
    end = np.interp(after - passed * when[-1], when, place)
    lost = np.where(start > place[-1], np.log(start / end) + passed * math.log(2), 0)
    return float(lost.mean() / decay)


@functools.lru_cache(maxsize=4096)
def _by_enumeration(epsilon: float, bits: int, steps: int, form: Form) -> float:
    """Share kept, exactly: each significand's way through `steps` steps, composed by repeated squaring."""
    size = 2**bits
    weights = 1 + np.arange(size) / size
    if form == "once":
        step = _rounded(weights - epsilon * weights, bits)
    elif form == "subtract":
        step = _rounded(weights - _rounded(_rounded(epsilon, bits) * weights, bits), bits)
    else:
        step = _rounded(_rounded(1 - epsilon, bits) * weights, bits)
    if not step.all():
        return math.inf  # epsilon itself is rounded to 1: nothing is left of any weight
    fraction, exponent = np.frexp(step)
    to, powers = np.rint((2 * fraction - 1) * size).astype(np.int64), exponent.astype(np.int64) - 1
    at, fallen = np.arange(size), np.zeros(size, np.int64)
    left = steps
    while left:
        if left % 2:
            at, fallen = to[at], fallen + powers[at]
        to, powers = to[to], powers + powers[to]
        left //= 2
    share = np.log1p(1 / (size * weights))  # of the logarithms from one significand to the next
    lost = np.log(weights / weights[at]) - fallen * math.log(2)
    return float(np.average(lost, weights=share) / (-steps * math.log1p(-epsilon)))
