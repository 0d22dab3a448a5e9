"""Adam with L2 against plain loops that share no code with the derivation."""

import math

import mpmath
import numpy as np
import pytest

from derivations import derive


def _alone(decay, start, steps, eta, adam_epsilon="0"):
    """Return the course of a weight that feels the penalty alone, bias corrections included, with 40 digits."""
    with mpmath.workdps(40):
        beta1, beta2 = mpmath.mpf("0.9"), mpmath.mpf("0.999")
        w, m, v, course = mpmath.mpf(start), mpmath.mpf(0), mpmath.mpf(0), []
        for k in range(1, steps + 1):
            g = mpmath.mpf(decay) * w
            m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g
            w -= mpmath.mpf(eta) * (m / (1 - beta1**k)) / (mpmath.sqrt(v / (1 - beta2**k)) + mpmath.mpf(adam_epsilon))
            course.append(w)
        return course


@pytest.mark.numeric
def test_decay_alone_forgets_lmbda():
    courses = [_alone(decay, "1", 500, "0.001") for decay in ("0.0001", "0.01", "1")]
    assert max(abs(a - b) for a, b in zip(courses[0], courses[2], strict=True)) < 1e-35
    assert float(courses[1][-1]) == pytest.approx(0.5605075233, abs=1e-10)
    half = _alone("0.01", "0.5", 250, "0.0005")
    with mpmath.workdps(40):
        assert max(abs(2 * a - b) for a, b in zip(half, courses[0][:250], strict=True)) < 1e-35
    assert float(1 - courses[0][0]) == pytest.approx(0.001, rel=1e-12)


@pytest.mark.numeric
def test_the_stabiliser_brings_lmbda_back():
    # One step from the start: w_rms of the past is the weight itself.
    first = _alone("0.0001", "1", 1, "0.001", "0.00005")[0]
    factor = derive("adam_l2").formulas["stabiliser_factor"](lmbda=1, n=1e4, adam_epsilon=5e-5, weight_rms=1)
    assert float(1 - first) == pytest.approx(0.001 * factor, rel=1e-10)


@pytest.mark.numeric
def test_number_of_steps_and_step_size_do_not_act_as_their_product_alone():
    """After equal eta t weights differ: how far depends on the memory of both averages, 10 and 1000 steps."""
    found = [float(_alone("0.01", "1", steps, eta)[-1]) for eta, steps in (("0.001", 500), ("0.0001", 5000))]
    assert found == pytest.approx([0.5605075, 0.5410034], abs=1e-6)


@pytest.mark.statistical
@pytest.mark.parametrize(("beta1", "eta"), [(0.9, 2e-3), (0.5, 4e-3), (0.9, 0.1), (0.1, 0.1)])
def test_floor_on_noise(beta1, eta):
    generator = np.random.default_rng(5)
    sigma, decay, weights, steps, start = 0.5, 1.0, 2000, 4000, 1500
    w, m, v, square, seen = np.zeros(weights), np.zeros(weights), np.full(weights, sigma**2), 0.0, 0.0
    for k in range(steps):
        g = sigma * generator.normal(size=weights) + decay * w
        m, v = beta1 * m + (1 - beta1) * g, 0.9995 * v + 0.0005 * g * g
        w = w - eta * m / np.sqrt(v)
        square, seen = square + (w @ w) * (k >= start), seen + (g @ g) * (k >= start)
    found, size = (math.sqrt(total / (steps - start) / weights) for total in (square, seen))
    formulas = derive("adam_l2").formulas
    values = {"eta": eta, "lmbda": 5.0, "n": 5.0, "batch_gradient_rms": size}
    rate = eta * decay / sigma
    # What the penalty adds to the size of the gradient: a share rate/4, up to rate^2.
    assert size / sigma - 1 == pytest.approx(rate / 4, abs=0.002 + 0.25 * rate**2)
    # 2000 weights, decorrelated every 5 to 250 steps: 0.5 % on the rms. v fluctuates by 1.6 %.
    assert found == pytest.approx(formulas["weight_rms_exact"](**values, beta1=beta1), rel=0.012)
    leading = formulas["weight_rms"].to_numpy()(**values, beta1=beta1)  # outside its box for the largest rate
    assert leading / found - 1 == pytest.approx(rate * beta1 / (2 + 2 * beta1), abs=0.012)


@pytest.mark.statistical
@pytest.mark.parametrize("sigma", [0.5, 2.0])
def test_rate_against_noise(sigma):
    generator = np.random.default_rng(6)
    eta, decay, weights, steps = 2e-3, 1.0, 20_000, 400
    w, m, v = np.full(weights, 0.05), np.zeros(weights), np.full(weights, sigma**2)
    for _ in range(steps):
        # Antithetic noise: what is left of the mean is the decay.
        half = generator.normal(size=weights // 2)
        g = sigma * np.concatenate([half, -half]) + decay * w
        m, v = 0.9 * m + 0.1 * g, 0.9995 * v + 0.0005 * g * g
        w = w - eta * m / np.sqrt(v)
    factor = derive("adam_l2").formulas["decay_factor"](eta=eta, lmbda=5.0, n=5.0, batch_gradient_rms=sigma, beta1=0.9)
    # The average starts empty: it lags by 9 steps.
    assert w.mean() / 0.05 == pytest.approx(factor ** (steps - 9), rel=0.02)


@pytest.mark.statistical
def test_scale_invariant_weights():
    generator = np.random.default_rng(7)
    size, eta, decay, scale, beta1 = 1024, 1e-3, 0.1, 3.0, 0.9
    formulas = derive("adam_l2").formulas
    values = {"eta": eta, "lmbda": 5.0, "n": 5.0 / decay, "n_w": float(size), "gradient_scale": scale}
    predicted = formulas["weight_norm_scale_invariant"](**values)
    w = generator.normal(size=size)
    w *= 1.2 * predicted / np.linalg.norm(w)
    m, v = np.zeros(size), np.full(size, (scale / predicted) ** 2 / size)
    norms, angles = [], []
    for k in range(14_000):
        g = generator.normal(size=size) * scale / math.sqrt(size) / np.linalg.norm(w)
        g -= (g @ w) / (w @ w) * w
        g += decay * w
        m, v = beta1 * m + (1 - beta1) * g, 0.999 * v + 0.001 * g * g
        new = w - eta * m / np.sqrt(v)
        if k >= 7000:
            norms.append(np.linalg.norm(new))
            angles.append(math.acos(min(1.0, (w @ new) / np.linalg.norm(w) / norms[-1])))
        w = new
    assert np.mean(norms) == pytest.approx(predicted, rel=0.03)
    assert np.mean(angles) == pytest.approx(formulas["rotation_scale_invariant"](**values, beta1=beta1), rel=0.03)
