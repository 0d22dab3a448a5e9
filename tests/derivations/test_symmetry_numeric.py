"""Numeric: exact symmetry laws in real small networks, trained by plain NumPy in float64."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derivations import derive

pytestmark = pytest.mark.numeric
FORMULAS = derive("symmetry").formulas
N = 60


def _data(generator, inputs, classes):
    x = generator.normal(size=(N, inputs))
    x[:, -1] = 0  # a dead input
    return x, np.eye(classes)[generator.integers(0, classes, size=N)]


def _relu_gradients(weights, x, t):
    """Gradients of mean squared error of a bias-free leaky ReLU network, by hand."""
    activations, slopes = [x], []
    for layer, w in enumerate(weights):
        z = activations[-1] @ w
        slope = np.where(z > 0, 1.0, 0.1) if layer < len(weights) - 1 else np.ones_like(z)
        slopes.append(slope)
        activations.append(z * slope)
    delta, gradients = (activations[-1] - t) / len(x), []
    for w, a, slope in zip(weights[::-1], activations[-2::-1], slopes[::-1], strict=True):
        delta = delta * slope
        gradients.insert(0, a.T @ delta)
        delta = delta @ w.T
    return gradients


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 10**6), st.floats(0.01, 0.3), st.floats(0.1, 5.0))
def test_class_sums_and_dead_inputs(seed, eta, lmbda):
    """Softmax on a tanh layer, minibatches of 7: both shrink by 1 - eta lmbda/n per step and nothing else."""
    generator, steps = np.random.default_rng(seed), 150
    x, t = _data(generator, 5, 4)
    hidden, out, bias = generator.normal(size=(5, 6)), generator.normal(size=(6, 4)), generator.normal(size=4)
    sums, dead, kept = out.sum(axis=1), hidden[-1].copy(), 1 - eta * lmbda / N
    for _ in range(steps):
        rows = generator.integers(0, N, size=7)
        a = np.tanh(x[rows] @ hidden)
        logits = a @ out + bias
        p = np.exp(logits - logits.max(axis=1, keepdims=True))
        delta = (p / p.sum(axis=1, keepdims=True) - t[rows]) / 7
        back = (delta @ out.T) * (1 - a**2)
        out, bias = kept * out - eta * a.T @ delta, bias - eta * delta.sum(axis=0)
        hidden = kept * hidden - eta * x[rows].T @ back
    setting = {"eta": eta, "lmbda": lmbda, "n": N, "step": steps}
    factor = FORMULAS["decayed"](w_0=1.0, **setting)
    size = np.abs(out).max() + np.abs(sums).max() * factor
    assert np.abs(out.sum(axis=1) - sums * factor).max() < 1e-12 * size
    assert np.allclose(hidden[-1], dead * factor, rtol=1e-12, atol=0)


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 10**6), st.floats(0.002, 0.05), st.floats(0.1, 5.0))
def test_rescaling_step_by_step(seed, eta, lmbda):
    """Three bias-free leaky ReLU layers: imbalances of neighbours follow from squared gradients alone."""
    generator = np.random.default_rng(seed)
    x, t = _data(generator, 5, 3)
    weights = [generator.normal(size=shape) / 2 for shape in ((5, 6), (6, 4), (4, 3))]
    setting = {"eta": eta, "lmbda": lmbda, "n": N}
    for _ in range(60):
        rows = generator.integers(0, N, size=7)
        gradients = _relu_gradients(weights, x[rows], t[rows])
        norms = [np.sum(w**2) for w in weights]
        squares = [np.sum(g**2) for g in gradients]
        inner = [np.sum(w * g) for w, g in zip(weights, gradients, strict=True)]
        scale = max(np.sqrt(v * h) for v, h in zip(norms, squares, strict=True))
        assert np.ptp(inner) < 1e-12 * scale
        weights = [(1 - eta * lmbda / N) * w - eta * g for w, g in zip(weights, gradients, strict=True)]
        after = [np.sum(w**2) for w in weights]
        for k in range(2):
            gap, before = squares[k + 1] - squares[k], norms[k + 1] - norms[k]
            predicted = FORMULAS["imbalance_next"](imbalance_0=before, gradient_gap=gap, **setting)
            assert abs(predicted - (after[k + 1] - after[k])) < 1e-12 * max(after)


def test_per_unit_and_linear_pairs():
    generator = np.random.default_rng(3)
    x, t = _data(generator, 5, 3)
    weights = [generator.normal(size=shape) / 2 for shape in ((5, 6), (6, 3))]
    first, second = _relu_gradients(weights, x, t)
    assert np.allclose(np.sum(weights[0] * first, axis=0), np.sum(weights[1] * second, axis=1), rtol=1e-12)
    linear = x @ weights[0] @ weights[1] - t
    first, second = x.T @ linear @ weights[1].T, (x @ weights[0]).T @ linear
    # Stored [n_in, n_out]: W^T g against g' W'^T.
    assert np.allclose(weights[0].T @ first, second @ weights[1].T, rtol=1e-11, atol=1e-11)


def test_imbalance_of_a_constant_gap():
    setting = {"eta": 0.3, "lmbda": 2.0, "n": 50.0, "gradient_gap": -0.4}
    kept, gap = 1 - 0.3 * 2 / 50, 1.5
    for k in range(3000):
        if k in (0, 1, 10, 500):
            assert FORMULAS["imbalance"](imbalance_0=1.5, step=k, **setting) == pytest.approx(gap, rel=1e-12)
        gap = kept**2 * gap + 0.3**2 * -0.4
    assert FORMULAS["imbalance_limit"](**setting) == pytest.approx(gap, rel=1e-12)


def test_layers_meet_at_rest():
    """Full-batch descent: squared norms start apart and end equal, at -n <W,g>/lmbda."""
    generator, eta, lmbda = np.random.default_rng(5), 0.05, 4.0
    x = generator.normal(size=(N, 5))
    t = x @ generator.normal(size=(5, 3))
    weights = [generator.normal(size=shape) * size for shape, size in (((5, 6), 0.3), ((6, 4), 1.0), ((4, 3), 0.4))]
    before = [np.sum(w**2) for w in weights]
    for _ in range(6000):
        gradients = _relu_gradients(weights, x, t)
        weights = [(1 - eta * lmbda / N) * w - eta * g for w, g in zip(weights, gradients, strict=True)]
    after = [np.sum(w**2) for w in weights]
    assert np.ptp(before) > 10 and np.ptp(after) < 1e-6 * max(after)
    inner = float(np.sum(weights[1] * _relu_gradients(weights, x, t)[1]))
    # What is left of the descent after 6000 steps: 3e-4.
    for norm in after:
        assert FORMULAS["at_rest_norm2"](lmbda=lmbda, n=N, weight_dot_gradient=inner) == pytest.approx(norm, rel=1e-3)
