"""Numeric: the schedule law against training loops of scale-invariant weights in plain NumPy."""

import math

import numpy as np
import pytest

from derivations import derive

pytestmark = pytest.mark.numeric
FORMULAS = derive("schedule_law").formulas
N = 50.0


def _normalised_regression(generator):
    """A batch's gradient of mean (x.w/|w| - t)^2: scale-invariant, with the gradient by hand."""
    inputs, targets = generator.normal(size=(200, 6)), generator.normal(size=200)

    def gradient(w):
        rows = generator.integers(0, 200, size=10)
        x, t, norm = inputs[rows], targets[rows], np.linalg.norm(w)
        unit = w / norm
        free = 2 * x.T @ (x @ unit - t) / 10
        return (free - unit * (unit @ free)) / norm

    return gradient


@pytest.mark.parametrize("shape", ["cosine", "warm-up and drop", "growing decay"])
def test_law_along_a_training_run(shape):
    generator = np.random.default_rng(5)
    gradient, w, steps = _normalised_regression(generator), generator.normal(size=6), 400
    k = np.arange(steps + 1)
    eta = {
        "cosine": 0.3 * (1.001 + np.cos(np.pi * k / steps)),
        "warm-up and drop": np.where(k < 100, 0.004 * (k + 1), np.where(k < 250, 0.4, 0.04)),
        "growing decay": np.full(steps + 1, 0.2),
    }[shape]
    lmbda = 3.0 + (10 * k / steps if shape == "growing decay" else 0 * k)
    worst, phi = 0.0, FORMULAS["phi"](eta=eta[0], lmbda=lmbda[0], n=N, weight_norm2=float(w @ w))
    for j in range(steps):
        g = gradient(w)
        tangent = eta[j] * np.linalg.norm(g) / ((1 - eta[j] * lmbda[j] / N) * np.linalg.norm(w))
        scale = float(np.linalg.norm(g) * np.linalg.norm(w))
        assert phi * scale == pytest.approx(tangent, rel=1e-11)
        w = (1 - eta[j] * lmbda[j] / N) * w - eta[j] * g
        B = FORMULAS["growth"](eta=eta[j], lmbda=lmbda[j], eta_next=eta[j + 1], lmbda_next=lmbda[j + 1], n=N)
        predicted = FORMULAS["phi_next"](phi=phi, growth=B, gradient_scale=scale)
        phi = FORMULAS["phi"](eta=eta[j + 1], lmbda=lmbda[j + 1], n=N, weight_norm2=float(w @ w))
        assert phi <= FORMULAS["phi_largest"](growth=B, gradient_scale=scale)
        worst = max(worst, abs(predicted / phi - 1))
    assert worst < 1e-13


def test_threshold_and_angle_at_rest():
    B, G, phi = 1.7, 0.6, 0.01
    rest = FORMULAS["phi_threshold"](growth=B, gradient_scale=G)
    for _ in range(400):
        before, phi = phi, B * phi / (1 + (phi * G) ** 2)
        assert (phi > before) == (before < rest) or math.isclose(before, rest, rel_tol=1e-12)
    assert phi == pytest.approx(rest, rel=1e-12)
    assert math.cos(math.atan(phi * G)) == pytest.approx(FORMULAS["cos_angle"](growth=B), rel=1e-12)
    near = rest * (1 + 1e-6)
    moved = B * near / (1 + (near * G) ** 2) - rest
    assert moved / (near - rest) == pytest.approx(FORMULAS["relaxation_factor"](growth=B), rel=1e-5)


def test_constant_decay_is_a_growing_learning_rate():
    """The same direction of the weights, step by step: eta grows by B per step and nothing decays."""
    decay, eta = 4.0 / N, 0.2
    B = FORMULAS["growth_constant"](eta=eta, lmbda=4.0, n=N)
    generators = [np.random.default_rng(7) for _ in range(2)]
    gradients = [_normalised_regression(generator) for generator in generators]
    decayed = np.array([1.0, -2.0, 0.5, 0.3, 0.1, 1.5])
    grown, rate = decayed.copy(), eta / (1 - eta * decay)
    for _ in range(150):
        decayed = (1 - eta * decay) * decayed - eta * gradients[0](decayed)
        grown = grown - rate * gradients[1](grown)
        rate *= B
        assert np.allclose(decayed / np.linalg.norm(decayed), grown / np.linalg.norm(grown), rtol=1e-11, atol=1e-12)


def test_learning_rate_that_keeps_B():
    eta, lmbda = 0.3, 5.0
    for _ in range(50):
        after = FORMULAS["eta_next"](growth=1.02, eta=eta, lmbda=lmbda, lmbda_next=lmbda, n=N)
        assert after / (eta * (1 - eta * lmbda / N) * (1 - after * lmbda / N)) == pytest.approx(1.02, rel=1e-12)
        eta = after
