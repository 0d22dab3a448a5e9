"""Statistical and numeric: the on-line erf perceptron against sampling, a simulation, and THEORY's numbers."""

import math

import mpmath
import numpy as np
import pytest
from scipy import special

from derivations import derive

FORMULAS = derive("online_perceptron").formulas


@pytest.mark.statistical
@pytest.mark.parametrize(("Q", "R"), [(25.0, 0.0), (3.0, 1.2), (0.5, -0.4)])
def test_averages_against_sampling(Q, R):
    generator, count = np.random.default_rng(1), 400_000
    y = generator.normal(size=count)
    x = R * y + math.sqrt(Q - R**2) * generator.normal(size=count)
    delta = math.sqrt(2 / math.pi) * np.exp(-(x**2) / 2) * (special.erf(y / 2**0.5) - special.erf(x / 2**0.5))
    for name, sample in (("delta_y", delta * y), ("delta_x", delta * x), ("delta_square", delta**2)):
        predicted = FORMULAS[name](student_variance=Q, overlap=R)
        score = (sample.mean() - predicted) / (sample.std() / math.sqrt(count))
        assert abs(score) < 4, name


@pytest.mark.statistical
@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_simulation(noise):
    """N = 600, Q(0) = 25, gamma = .2, eta = 1, to alpha = 3: one run against the integrated equations."""
    generator, size, eta, gamma = np.random.default_rng(2), 600, 1.0, 0.2
    teacher = np.zeros(size)
    teacher[0] = 1.0
    student = generator.normal(size=size)
    student *= 5 / np.linalg.norm(student)
    Q, R, worst = 25.0, float(student[0]), 0.0
    for k in range(3 * size):
        xi = generator.normal(size=size)
        x, y = student @ xi, xi[0]
        error = math.erf(y / 2**0.5) + noise * generator.normal() - math.erf(x / 2**0.5)
        delta = math.sqrt(2 / math.pi) * math.exp(-(x**2) / 2) * error
        student = (1 - gamma / size) * student + eta / size * delta * xi
        if k % 6 == 0:  # Euler at 0.01: 0.1 % here
            at = {"eta": eta, "gamma": gamma, "student_variance": Q, "overlap": R}
            dQ, dR = FORMULAS["rate_Q"](output_noise=noise**2, **at), FORMULAS["rate_R"](**at)
            Q, R = Q + 0.01 * dQ, R + 0.01 * dR
            worst = max(worst, abs(float(student @ student) / Q - 1))
    assert worst < 0.02  # 0.8 % met; the norm fluctuates by about 1/sqrt(N)


@pytest.mark.numeric
def test_thresholds():
    assert FORMULAS["critical_gamma"](eta=1, student_variance=25) == pytest.approx(0.00440, abs=5e-6)
    assert FORMULAS["critical_gamma_net"](eta=1, student_variance=25) == pytest.approx(0.00245, abs=5e-6)
    for name in ("critical_gamma", "critical_gamma_net"):
        for Q in (1e4, 1e6):
            ratio = FORMULAS[name](eta=1, student_variance=Q) * Q**1.5 / FORMULAS[f"{name}_wide"](eta=1)
            assert abs(ratio - 1) < 2 / Q
    arcs = 2 / math.pi * (math.asin(1 / 2) + math.asin(1 / 3))
    assert arcs == pytest.approx(0.5497, abs=5e-5)
    assert abs(FORMULAS["critical_gamma_net_wide"](eta=2 / arcs)) < 1e-15 and 2 / arcs == pytest.approx(3.638, abs=1e-3)


@pytest.mark.numeric
def test_averages_against_a_double_integral():
    Q, R = 2.0, 0.7
    v = Q - R**2

    def delta(x, y):
        slope = mpmath.sqrt(2 / mpmath.pi) * mpmath.exp(-(x**2) / 2)
        return slope * (mpmath.erf(y / mpmath.sqrt(2)) - mpmath.erf(x / mpmath.sqrt(2)))

    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    weights = weights / weights.sum()
    for name, value in (
        ("delta_y", lambda x, y: delta(x, y) * y),
        ("delta_x", lambda x, y: delta(x, y) * x),
        ("delta_square", lambda x, y: delta(x, y) ** 2),
    ):
        total = sum(
            float(p * q * value(R * y + math.sqrt(v) * z, y))
            for y, p in zip(nodes, weights, strict=True)
            for z, q in zip(nodes, weights, strict=True)
            if p * q > 1e-18
        )
        assert FORMULAS[name](student_variance=Q, overlap=R) == pytest.approx(total, rel=1e-8)


@pytest.mark.numeric
@pytest.mark.parametrize(("eta", "gamma", "noise"), [(1.0, 0.2, 0.0), (0.5, 0.05, 0.0), (0.8, 0.1, 0.3)])
def test_state_at_rest(eta, gamma, noise):
    """Follow the averages by quadrature to where they rest: that is where the formulas say it is."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    weights = weights / weights.sum()
    y, z = nodes[:, None], nodes[None, :]
    weight = weights[:, None] * weights[None, :]
    Q, R = 0.5, 0.3
    for _ in range(20_000):
        x = R * y + math.sqrt(Q - R**2) * z
        slope = math.sqrt(2 / math.pi) * np.exp(-(x**2) / 2)
        delta = slope * (special.erf(y / 2**0.5) - special.erf(x / 2**0.5))
        spread = delta**2 + noise * slope**2
        dQ = np.sum(weight * (2 * eta * delta * x + eta**2 * spread)) - 2 * gamma * Q
        dR = np.sum(weight * eta * delta * y) - gamma * R
        Q, R = Q + 0.2 * dQ, R + 0.2 * dR
        if abs(dQ) + abs(dR) < 1e-13:
            break
    assert FORMULAS["eta_at_rest"](student_variance=Q, overlap=R, output_noise=noise) == pytest.approx(eta, rel=1e-8)
    assert FORMULAS["gamma_at_rest"](eta=eta, student_variance=Q, overlap=R) == pytest.approx(gamma, rel=1e-8)
    if (eta, gamma, noise) == (1.0, 0.2, 0.0):
        assert pytest.approx(0.32356, abs=1e-5) == Q  # 0.3250 is still on the way, at alpha = 16
