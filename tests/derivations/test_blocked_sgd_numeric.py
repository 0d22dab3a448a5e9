"""Numeric: blocks of SGD steps against a plain loop on a small network, in NumPy; operations counted; float32."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derivations import derive

pytestmark = pytest.mark.numeric
FORMULAS = derive("blocked_sgd").formulas


class _Counted:
    """Matrix products, with the operations they take."""

    def __init__(self):
        self.operations = 0

    def __call__(self, a, b):
        self.operations += 2 * a.shape[0] * a.shape[1] * b.shape[1]
        return a @ b


def _problem(seed, steps, rows, inputs, hidden):
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(steps, rows, inputs))
    targets, later = generator.normal(size=(steps, rows, 3)), generator.normal(size=(hidden, 3))
    return x, targets, later, generator.normal(size=(inputs, hidden)) / np.sqrt(inputs)


def _slopes(z, later, target):
    """Slope of the mean squared error of a tanh network by its hidden pre-activations, and by the later weights."""
    a = np.tanh(z)
    error = (a @ later - target) / len(z)
    return error @ later.T * (1 - a**2), a.T @ error


def _plain(x, targets, later, w, eta, epsilon):
    """Step by step, everything from the weights themselves."""
    times, records, decayed = _Counted(), [], np.zeros_like(w)
    for batch, target in zip(x, targets, strict=True):
        z = times(batch, w)
        delta, gradient = _slopes(z, later, target)
        step = eta * times(batch.T, delta)
        records.append((z, np.sum(w * step), np.sum(step * step), np.sum(w * w)))
        decayed, later = decayed - epsilon * w, later - epsilon * later - eta * gradient
        w = w - epsilon * w - step
    return w, decayed, records, times.operations


def _blocked(x, targets, later, w, eta, epsilon, taken=None, filled_only=False):
    """All from X W_0 and the Gram matrix; `taken` steps, in arrays for all of them."""
    times, records, q = _Counted(), [], 1 - epsilon
    steps, rows, inputs = x.shape
    taken = steps if taken is None else taken
    flat = x.reshape(-1, inputs)
    start, gram = times(flat, w), times(flat, flat.T)
    kept, norm2 = np.zeros((steps * rows, w.shape[1])), np.sum(w * w)
    for s in range(steps):
        here, filled = slice(s * rows, (s + 1) * rows), slice(s * rows if filled_only else None)
        z = q**s * (start[here] - times(gram[here, filled], kept[filled]))
        delta, gradient = _slopes(z, later, targets[s])
        u = eta * delta
        drift, noise = np.sum(z * u), np.sum(u * (gram[here, here] @ u))
        if s < taken:
            records.append((z, drift, noise, norm2))
            kept[here] = u / q ** (s + 1)
            later = later - epsilon * later - eta * gradient
            norm2 = q**2 * norm2 - 2 * q * drift + noise
    power = np.repeat(q ** (1.0 + np.arange(steps)), rows)[:, None]
    shrunk = np.expm1(taken * np.log1p(-epsilon)) * w
    decayed = shrunk + flat.T @ ((power - q**taken) * kept)
    return w + shrunk - times(flat.T, q**taken * kept), decayed, records, times.operations


def _close(got, wanted, size):
    assert np.max(np.abs(np.asarray(got) - wanted)) <= 1e-12 * size


@settings(deadline=None, max_examples=25)
@given(
    st.integers(0, 10**6),
    st.tuples(st.integers(1, 12), st.integers(1, 6), st.integers(1, 20), st.integers(1, 7)),
    st.floats(1e-7, 0.3),
    st.floats(0.01, 0.3),
    st.integers(0, 12),
)
def test_a_block_is_the_steps_it_is_made_of(seed, sizes, epsilon, eta, idle):
    problem = _problem(seed, *sizes)
    x, targets, later, w = problem
    taken = max(sizes[0] - idle, 0)
    first = slice(0, taken)
    wanted, decayed, records, _ = _plain(x[first], targets[first], later, w, eta, epsilon)
    got = _blocked(x, targets, later, w, eta, epsilon, taken)
    size = 1 + max([np.max(np.abs(wanted)), *(norm2 + noise for *_, noise, norm2 in records)])
    size *= np.max(np.abs(x)) / (1 - epsilon) ** sizes[0]  # E grows as q^-K
    _close(got[0], wanted, size)
    _close(got[1], decayed, size)
    assert len(got[2]) == len(records) == taken
    for mine, theirs in zip(got[2], records, strict=True):
        for a, b in zip(mine, theirs, strict=True):
            _close(a, b, size)


@pytest.mark.parametrize("sizes", [(10, 10, 784, 30), (1, 4, 9, 5), (7, 3, 20, 64)])
def test_operations(sizes):
    steps, rows, inputs, hidden = sizes
    problem, at = _problem(0, *sizes), {"block_steps": steps, "m": rows, "n_in": inputs, "n_hidden": hidden, "cells": 1}
    *_, plain = _plain(*problem, 0.1, 0.01)
    *_, square = _blocked(*problem, 0.1, 0.01)
    *_, triangle = _blocked(*problem, 0.1, 0.01, filled_only=True)
    assert FORMULAS["operations_plain"](**at) == plain
    assert FORMULAS["operations_blocked"](**at) == square
    assert FORMULAS["operations_ratio"](**at) == pytest.approx(square / plain, rel=1e-14)
    assert FORMULAS["operations_ratio_triangle"](**at) == pytest.approx(triangle / plain, rel=1e-14)
    # The one with all rows has the same but for the corrections.
    gram = 2 * (steps * rows) ** 2 * inputs
    corrections = FORMULAS["operations_corrections"](step=steps, m=rows, n_hidden=hidden, cells=1)
    assert corrections == triangle - plain - gram


def test_best_block_steps():
    sizes = {"m": 10, "n_in": 784, "n_hidden": 30, "cells": 16}
    best = FORMULAS["best_block_steps"](write_cost=200, **sizes)
    lengths = best * np.linspace(0.5, 2, 3001)
    weights = 784 * 30 * 16
    cost = 2 * lengths * 100 * (784 + 480) + 200 * weights / lengths  # per step
    assert lengths[np.argmin(cost)] == pytest.approx(best, rel=1e-3)


@pytest.mark.parametrize("steps", [1, 10, 20])
def test_decay_in_float32(steps):
    """At epsilon = 1e-5 rounding 1 - epsilon biases the decay by 1e-3, as derived; the form with expm1 does not."""
    epsilon, weights = np.float32(1e-5), np.random.default_rng(0).normal(size=10**6).astype(np.float32)
    exact = np.expm1(steps * np.log1p(-float(epsilon)))
    factor = np.float32(1) - epsilon
    assert factor.dtype == np.float32

    def error(after):
        """Relative error of the decay, over all weights."""
        assert after.dtype == np.float32
        before = weights.astype(float)
        return float(before @ (after - before) / (before @ before) / exact) - 1

    at = {"epsilon": float(epsilon), "block_steps": steps}
    once = FORMULAS["power_error"](rounding=2.0**-25, **at)
    derived = FORMULAS["factor_power_error"](rounding=1 - float(epsilon) - float(factor), **at)
    noise = 2.0**-25 / (-exact) / 100  # of the mean over 10^6 weights, each rounded when it is written
    power = factor ** np.float32(steps)
    measured = error(power * weights)
    assert 1e-3 < derived < FORMULAS["factor_error"](epsilon=float(epsilon), rounding=2.0**-25)
    assert abs(measured - derived) < once * 1.1 + noise
    rounded = np.float32(1 + exact)
    assert abs(error(rounded * weights)) < once + noise
    shrunk = np.expm1(np.float32(steps) * np.log1p(-epsilon))
    assert abs(float(shrunk) / exact - 1) < 4 * 2.0**-24
    assert abs(error(weights + shrunk * weights)) < noise


def test_errors_of_log1p_and_expm1_are_not_magnified():
    for t in (1e-9, 1e-4, 0.1, 3.0):
        condition = FORMULAS["decay_condition"](t=t)
        assert 0 < condition <= 1
        slope = (np.expm1(-t * (1 + 1e-6)) / np.expm1(-t) - 1) / 1e-6
        assert condition == pytest.approx(slope, rel=1e-5)


def test_decay_of_a_short_block():
    at = {"epsilon": 1e-5, "block_steps": 10}
    assert FORMULAS["block_decay_leading"](**at) == pytest.approx(-np.expm1(10 * np.log1p(-1e-5)), rel=1e-8)
    assert FORMULAS["power_error"](rounding=2.0**-25, **at) == pytest.approx(2.0**-25 / 1e-4, rel=1e-4)
