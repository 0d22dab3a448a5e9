"""Numeric: blocks of steps with momentum against the rules as they are written, in NumPy; operations counted."""

import numpy as np
import pytest

from derivations import derive

pytestmark = pytest.mark.numeric
FORMULAS = derive("blocked_momentum").formulas
ETA, MU, DECAY = 0.1, 0.9, 0.07  # the last is lmbda/n
SIZES = [(10, 10, 60, 7), (1, 4, 9, 5), (7, 3, 20, 16)]


class _Counted:
    """Matrix products, with the operations they take."""

    def __init__(self):
        self.operations = 0

    def __call__(self, a, b):
        self.operations += 2 * a.shape[0] * a.shape[1] * b.shape[1]
        return a @ b


def _momentum(w, v, g):
    v = MU * v + g + DECAY * w
    return w - ETA * v, v


def _nesterov(w, v, g):
    after = MU * v + g + DECAY * w
    return w - ETA * (g + DECAY * w + MU * after), after


def _sgdw(w, v, g):
    v = MU * v + g
    return w - ETA * DECAY * w - ETA * v, v


# The map w' = a w - c v - b g, v' = l w + d v + g as the derivation gives it: a, c, b, l, d.
RULES = {
    "momentum": (_momentum, (1 - ETA * DECAY, ETA * MU, ETA, DECAY, MU)),
    "nesterov": (_nesterov, (1 - (1 + MU) * ETA * DECAY, ETA * MU**2, ETA * (1 + MU), DECAY, MU)),
    "sgdw": (_sgdw, (1 - ETA * DECAY, ETA * MU, ETA, 0.0, MU)),
}


def _slope(z, target):
    return (np.tanh(z) - target) * (1 - np.tanh(z) ** 2) / len(z)


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("rule", RULES)
def test_a_block_is_the_steps_it_is_made_of(rule, sizes):
    steps, rows, inputs, hidden = sizes
    generator = np.random.default_rng(0)
    x, targets = generator.normal(size=(steps, rows, inputs)), generator.normal(size=(steps, rows, hidden))
    w, v = (generator.normal(size=(inputs, hidden)) / np.sqrt(inputs) for _ in "wv")
    start_w, start_v, (step, (a, c, b, pull, memory)) = w, v, RULES[rule]

    plain = _Counted()
    products, decayed = [], np.zeros_like(w)
    for batch, target in zip(x, targets, strict=True):
        z = plain(batch, w)
        products.append((z, batch @ v))
        decayed = decayed - (1 - a) * w
        w, v = step(w, v, plain(batch.T, _slope(z, target)))

    blocked, flat, one = _Counted(), x.reshape(-1, inputs), np.array([[a, -c], [pull, memory]])
    powers = np.stack([np.linalg.matrix_power(one, j) for j in range(steps + 1)])
    response = powers @ np.array([b, -1.0])
    of_w, of_v, gram = blocked(flat, start_w), blocked(flat, start_v), blocked(flat, flat.T)
    slopes = np.zeros((steps * rows, hidden))

    def added(last, part, times):
        """What the steps so far took off weights (part 0) or velocities (1), times a matrix on their slopes."""
        scale = [response[last - 1 - r][part] if r < last else 0.0 for r in range(steps)]
        return times(np.repeat(scale, rows)[:, None] * slopes)

    for s in range(steps):
        here = slice(s * rows, (s + 1) * rows)
        found = [
            powers[s][part] @ np.stack([of_w[here], of_v[here]]).swapaxes(0, 1)
            - added(s, part, lambda scaled, here=here: blocked(gram[here], scaled))
            for part in (0, 1)
        ]
        np.testing.assert_allclose(found, products[s], atol=1e-12)
        slopes[here] = _slope(found[0], targets[s])
    ends = [
        powers[steps][part, 0] * start_w
        + powers[steps][part, 1] * start_v
        - added(steps, part, lambda scaled: blocked(flat.T, scaled))
        for part in (0, 1)
    ]
    np.testing.assert_allclose(ends, (w, v), atol=1e-12)
    sums = np.concatenate([np.zeros((1, 2, 2)), np.cumsum(powers, axis=0)])[:, 0]
    later = np.repeat([sums[steps - 1 - r] @ [b, -1.0] for r in range(steps)], rows)[:, None]
    by_decay = sums[steps] @ np.stack([start_w, start_v]).swapaxes(0, 1) - flat.T @ (later * slopes)
    np.testing.assert_allclose(-(1 - a) * by_decay, decayed, atol=1e-12)

    at = {"block_steps": steps, "m": rows, "n_in": inputs, "n_hidden": hidden, "cells": 1}
    assert FORMULAS["operations_blocked"](**at) == blocked.operations
    assert FORMULAS["operations_ratio"](**at) == pytest.approx(blocked.operations / plain.operations, rel=1e-14)


def test_best_block_steps():
    best = FORMULAS["best_block_steps"](write_cost=200, m=10, n_in=784, n_hidden=30, cells=16)
    lengths = best * np.linspace(0.5, 2, 3001)
    weights = 784 * 30 * 16
    cost = 2 * lengths * 100 * (784 + 2 * 480) + 2 * 200 * weights / lengths  # per step
    assert lengths[np.argmin(cost)] == pytest.approx(best, rel=1e-3)
