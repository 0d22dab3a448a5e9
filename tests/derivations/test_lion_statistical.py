"""Lion against plain simulations."""

import math

import numpy as np
import pytest

from derivations import derive

LMBDA, N = 5.0, 5.0


@pytest.mark.statistical
@pytest.mark.parametrize(("beta1", "beta2", "response"), [(0.9, 0.99, 0.084), (0.95, 0.98, 0.016)])
def test_settled_weights(beta1, beta2, response):
    generator = np.random.default_rng(10)
    eta, weights, steps, start, square, turned = 2e-3, 4000, 5000, 2500, 0.0, 0.0
    w, m = np.zeros(weights), generator.normal(size=weights) * math.sqrt((1 - beta2) / (1 + beta2))
    for k in range(steps):
        g = generator.standard_normal(weights)
        new = (1 - eta * LMBDA / N) * w - eta * np.sign(beta1 * m + (1 - beta1) * g)
        m = beta2 * m + (1 - beta2) * g
        if k >= start:
            square += new @ new
            turned += math.acos((w @ new) / math.sqrt((w @ w) * (new @ new)))
        w = new
    found = math.sqrt(square / (steps - start) / weights)
    formulas = derive("lion").formulas
    values = {"eta": eta, "lmbda": LMBDA, "n": N, "beta1": beta1, "beta2": beta2}
    # 4000 weights, decorrelated every 500 steps: about 20 000 independent squares, 0.5 % on the rms.
    assert found == pytest.approx(formulas["weight_rms"](**values), rel=0.01)
    assert 0.1 < formulas["weight_rms_mean_field"](**values) / found - 1 < 0.25
    assert formulas["weight_rms_lower"](**values) < found * 1.01
    assert turned / (steps - start) == pytest.approx(formulas["rotation"](**values), rel=0.01)
    assert formulas["weight_rms_linear_response"](**values) / found - 1 == pytest.approx(response, abs=0.012)


@pytest.mark.numeric
@pytest.mark.parametrize(("beta1", "beta2"), [(0.9, 0.99), (0.95, 0.98), (0.2, 0.5), (0.99, 0.9)])
@pytest.mark.parametrize("epsilon", [1e-4, 0.1])
def test_the_weights_lie_between_their_bounds(beta1, beta2, epsilon):
    # Correlations from the weights of each gradient in a mixture, not from the closed form.
    ages = np.arange(6000)
    inside = np.concatenate(([1 - beta1], beta1 * (1 - beta2) * beta2 ** ages[:-1]))
    products = np.array([inside[: len(ages) - lag] @ inside[lag:] for lag in range(3000)]) / (inside @ inside)
    lags = np.arange(1, 3000)
    exact = 1 + 4 / math.pi * ((1 - epsilon) ** lags * np.arcsin(products[1:])).sum()
    exact = math.sqrt(exact / (epsilon * (2 - epsilon)))
    formulas = derive("lion").formulas
    values = {"eta": 1.0, "lmbda": epsilon, "n": 1.0, "beta1": beta1, "beta2": beta2}
    assert formulas["weight_rms"](**values) == pytest.approx(exact, rel=1e-9)
    assert formulas["weight_rms_lower"](**values) < exact < formulas["weight_rms_mean_field"](**values)


@pytest.mark.statistical
def test_correlation_of_mixtures():
    generator = np.random.default_rng(11)
    beta1, beta2, steps = 0.8, 0.9, 400_000
    g, m, c = generator.normal(size=steps), 0.0, np.empty(steps)
    for k in range(steps):
        c[k] = beta1 * m + (1 - beta1) * g[k]
        m = beta2 * m + (1 - beta2) * g[k]
    formulas = derive("lion").formulas
    assert np.mean(c * c) == pytest.approx(formulas["mixture_ms"](beta1=beta1, beta2=beta2), rel=0.02)
    for lag in (1, 3, 8):
        found = np.mean(c[:-lag] * c[lag:]) / np.mean(c * c)
        # 400 000 steps of memory 10: the standard error of a correlation is about 0.005.
        assert found == pytest.approx(formulas["lag_correlation"](beta1=beta1, beta2=beta2, step=lag - 1), abs=0.02)


@pytest.mark.numeric
def test_the_box():
    formulas = derive("lion").formulas
    generator = np.random.default_rng(12)
    start = np.array([-9.0, 0.5, 4.0])
    w, m, eta = start.copy(), np.zeros(3), 0.05
    for k in range(1, 300):
        g = -np.sign(w) if k > 100 else generator.standard_cauchy(3)
        w, m = (1 - eta * LMBDA / N) * w - eta * np.sign(0.9 * m + 0.1 * g), 0.99 * m + 0.01 * g
        for before, now in zip(start, np.abs(w), strict=True):
            bound = formulas["weight_bound_after"](eta=eta, lmbda=LMBDA, n=N, step=k, weight_abs_0=abs(before))
            assert now <= bound * (1 + 1e-12)
