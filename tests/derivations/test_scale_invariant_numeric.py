"""Numeric and statistical: scale-invariant weights against plain NumPy training loops."""

import math

import numpy as np
import pytest

from derivations import derive

FORMULAS = derive("scale_invariant").formulas
SETTING = {"eta": 0.2, "lmbda": 3.0, "n": 40.0}  # epsilon = 0.015
L = SETTING["lmbda"] / SETTING["n"]


def _step(w, generator, scale):
    """One step with a gradient in a random direction perpendicular to w."""
    g = generator.normal(size=w.size)
    g -= w * (w @ g) / (w @ w)
    g *= scale / np.linalg.norm(g) / np.linalg.norm(w)
    return (1 - SETTING["eta"] * L) * w - SETTING["eta"] * g


@pytest.mark.numeric
def test_equilibrium_and_angle_whatever_the_directions():
    generator, scale = np.random.default_rng(1), 0.7
    w = generator.normal(size=12)
    for _ in range(1500):
        w = _step(w, generator, scale)
    assert w @ w == pytest.approx(FORMULAS["weight_norm2"](gradient_scale=scale, **SETTING), rel=1e-12)
    after = _step(w, generator, scale)
    cosine = w @ after / np.linalg.norm(w) / np.linalg.norm(after)
    assert cosine == pytest.approx(FORMULAS["cos_angle"](**SETTING), rel=1e-12)
    assert math.acos(cosine) == pytest.approx(FORMULAS["angle"](**SETTING), rel=1e-10)
    rate = SETTING["eta"] / (w @ w)
    assert rate == pytest.approx(FORMULAS["effective_rate"](gradient_scale=scale, **SETTING), rel=1e-12)


@pytest.mark.numeric
def test_angle_of_the_classical_square_root():
    # sqrt(2 epsilon) is off by epsilon/12: 0.13 % at epsilon = 0.015.
    exact, epsilon = FORMULAS["angle"](**SETTING), SETTING["eta"] * L
    assert math.sqrt(2 * epsilon) / exact - 1 == pytest.approx(-epsilon / 12, rel=0.02)


@pytest.mark.numeric
def test_relaxation():
    generator, scale = np.random.default_rng(2), 0.7
    rest = FORMULAS["weight_norm2"](gradient_scale=scale, **SETTING)
    w = generator.normal(size=12)
    w *= math.sqrt(rest * (1 + 1e-7)) / np.linalg.norm(w)
    start = w @ w - rest
    for _ in range(20):
        w = _step(w, generator, scale)
    assert (w @ w - rest) / start == pytest.approx(FORMULAS["relaxation_factor"](**SETTING) ** 20, rel=1e-6)


@pytest.mark.numeric
def test_gradient_of_a_normalised_cost():
    """A cost of w/|w|, differentiated numerically: perpendicular, and 1/s at s times the weights."""
    generator = np.random.default_rng(3)
    w, target = generator.normal(size=5), generator.normal(size=5)

    def cost(v):
        return np.sum(np.tanh(v / np.linalg.norm(v) - target) ** 2)

    def gradient(v):
        h = 1e-5 * np.linalg.norm(v)
        return np.array([(cost(v + h * e) - cost(v - h * e)) / (2 * h) for e in np.eye(5)])

    assert abs(w @ gradient(w)) < 1e-9 * np.linalg.norm(w) * np.linalg.norm(gradient(w))
    assert np.linalg.norm(gradient(3 * w)) == pytest.approx(np.linalg.norm(gradient(w)) / 3, rel=1e-8)


@pytest.mark.statistical
@pytest.mark.parametrize("momentum", [0.5, 0.9])
def test_momentum(momentum):
    # 3000 weights: the norm fluctuates by 1/sqrt(3000 steps remembered), the mean over 4000 steps by far less.
    generator, scale, eta = np.random.default_rng(4), 1.0, SETTING["eta"]
    rest = FORMULAS["weight_norm2_momentum"](gradient_scale=scale, momentum=momentum, **SETTING)
    w = generator.normal(size=3000)
    w *= math.sqrt(rest) / np.linalg.norm(w)
    velocity, norms, cosines = np.zeros(w.size), [], []
    for k in range(3500):
        g = generator.normal(size=w.size)
        g -= w * (w @ g) / (w @ w)
        g *= scale / np.linalg.norm(g) / np.linalg.norm(w)
        velocity = momentum * velocity + g + L * w
        after = w - eta * velocity
        if k >= 1500:
            norms.append(w @ w)
            cosines.append(w @ after / np.linalg.norm(w) / np.linalg.norm(after))
        w = after
    assert np.mean(norms) == pytest.approx(rest, rel=5e-3)
    turned = 1 - FORMULAS["cos_angle_momentum"](momentum=momentum, **SETTING)
    assert 1 - np.mean(cosines) == pytest.approx(turned, rel=1e-2)
    # The leading law, eta G^2/(2 L (1 - momentum)), leaves out epsilon/(2 (1 + momentum)).
    leading = math.sqrt(eta * scale**2 / (2 * L * (1 - momentum)))
    assert leading / rest - 1 == pytest.approx(-eta * L / (8 * (1 + momentum)) * 2, rel=0.02)


@pytest.mark.parametrize("share", [0.01, 0.3, 0.9, 0.98])
def test_how_fast_the_norm_settles(share):
    # x' = (1 - eta L)^2 x + c/x for the squared norm: a small deviation keeps 2 (1 - eta L)^2 - 1 of itself.
    kept = (1 - share) ** 2
    rest = 1 / math.sqrt(1 - kept)
    x = rest * (1 + 1e-6)
    assert (kept * x + 1 / x - rest) / (x - rest) == pytest.approx(2 * kept - 1, abs=1e-5)
