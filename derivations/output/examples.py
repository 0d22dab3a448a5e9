"""Numbers to try a formula with: those of the book where it names them, others that meet the conditions of use."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from types import MappingProxyType

import numpy as np
import sympy as sp

from derivations.output.shown import ShownFormula

# Nielsen's network [784, 30, 10] on MNIST, eta = 0.1, lmbda = 5, m = 10, and the usual coefficients of optimisers.
USUAL: Mapping[str, float] = MappingProxyType({
    "eta": 0.1, "lmbda": 5, "n": 50_000, "m": 10, "n_in": 784, "n_hidden": 30, "n_out": 10, "n_w": 23_520,
    "steps_per_epoch": 5000, "epsilon": 1e-5, "kappa": 0.05, "weight_decay": 1e-4, "epoch": 30, "step": 5000,
    "momentum": 0.9, "beta1": 0.9, "beta2": 0.999, "weight_rms_0": 1, "w_0": 1, "q": 0.99999,
    "eta_start": 0.1, "eta_next": 0.05, "steps_after": 5,
    "trust_coefficient": 0.001, "ratio_bound": 1, "weight_norm": 10, "update_norm": 5, "cosine": 0.1,
    "mixing": 0.9, "ema_factor": 0.99, "slow_share": 0.5, "inner_steps": 6, "cycles": 10,
    "rms_floor": 0.001, "second_start": 1, "dampening": 0.9, "rate_sum": 15, "square_sum": 0.003,
    "run_share": 0.5, "left_at_end": 0.1, "tau_run": 0.2,
    "hidden_mem": 10, "hidden_post": 0.1, "norm2_rest": 1, "box_share": 0.5, "grid": 128, "spaces_due": 0.384,
})  # fmt: skip
_COUNTS = (2, 3, 5, 10, 1, 100)
_NUMBERS = (0.5, 2, 0.1, 1, 0.9, 10, 0.01, 3, 0.001, 100, 0.99, 1000)
_NEGATIVE = (-0.5, -2, -10)
_TRIES = 60


def example(formula: ShownFormula) -> dict[str, float] | None:
    """Return numbers for which a formula holds, the same ones every time.

    Parameters
    ----------
    formula : Formula
        Its conditions of use are met, and its value is finite.

    Returns
    -------
    dict or None
        A number for each parameter; None if none of the numbers tried will do.

    Examples
    --------
    >>> from derivations import derive
    >>> example(derive("epoch_decay").formulas["per_epoch_factor"])
    {'eta': 0.1, 'lmbda': 5, 'n': 50000, 'm': 10}
    """
    for values in _candidates(formula.symbols):
        if formula.valid(**values) and math.isfinite(formula(**values)):
            return values
    return None


def _candidates(symbols: tuple[sp.Symbol, ...]) -> Iterator[dict[str, float]]:
    """Try the usual numbers, then others for what has none, then others for everything."""
    start = {s.name: USUAL.get(s.name, _choices(s)[0]) for s in symbols}
    yield start
    for symbol in symbols:  # one number changed
        yield from (start | {symbol.name: choice} for choice in _choices(symbol))
    random = np.random.default_rng(0)
    unusual = [s for s in symbols if s.name not in USUAL]
    for free in (unusual, list(symbols)):
        for _ in range(_TRIES if free else 0):
            yield start | {s.name: _choices(s)[random.integers(len(_choices(s)))] for s in free}


def _choices(symbol: sp.Symbol) -> tuple[float, ...]:
    if symbol.is_integer:
        return _COUNTS
    return _NUMBERS if symbol.is_nonnegative else (*_NUMBERS, *_NEGATIVE)
