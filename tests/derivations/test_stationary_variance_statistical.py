"""Statistical: mean and variance of a weight against runs that draw their batches with replacement."""

import math

import numpy as np
import pytest

from derivations import derive

RUNS = 20_000


def _simulate(steps, eta, lmbda, n, m):
    """Return the weights of all runs, and the mean and standard deviation of the fixed gradients of the n examples."""
    generator = np.random.default_rng(3)
    gradients = generator.normal(0.3, 1.0, size=n)
    w = generator.normal(0.5, 2.0, size=RUNS)
    for _ in range(steps):
        batch = gradients[generator.integers(n, size=(RUNS, m))].mean(axis=1)
        w = (1 - eta * lmbda / n) * w - eta * batch
    return w, gradients.mean(), gradients.std()


@pytest.mark.statistical
@pytest.mark.parametrize("steps", [3, 60])
def test_mean_and_variance(steps):
    values = {"eta": 0.5, "lmbda": 20.0, "n": 100, "m": 2}
    w, mean, std = _simulate(steps, **values)
    formulas = derive("stationary_variance").formulas
    wanted = formulas["mean"](w_0=0.5, step=steps, mean_gradient=mean, eta=0.5, lmbda=20, n=100)
    variance = formulas["variance"](weight_var_0=4.0, step=steps, gradient_std=std, **values)
    assert abs(w.mean() - wanted) / math.sqrt(variance / RUNS) < 4
    # The standard error of a Gaussian's variance is sqrt(2/N) of it.
    assert abs(w.var() / variance - 1) / math.sqrt(2 / RUNS) < 4
    if steps == 60:
        assert w.std() == pytest.approx(formulas["noise_floor"](gradient_std=std, **values), rel=0.02)


@pytest.mark.numeric
def test_the_leading_floor_is_low_by_a_quarter_of_epsilon():
    formulas = derive("stationary_variance").formulas
    for epsilon in (0.2, 0.02, 0.002):
        values = {"gradient_std": 1.0, "eta": 1.0, "lmbda": epsilon * 100, "n": 100.0, "m": 1.0}
        ratio = formulas["noise_floor"](**values) / formulas["noise_floor_leading"].to_numpy()(**values)
        assert ratio - 1 == pytest.approx(epsilon / 4, rel=epsilon)


@pytest.mark.numeric
def test_variance_against_a_loop():
    q, variance = 1 - 0.3 * 5.0 / 50.0, 0.7
    for _ in range(40):
        variance = q * q * variance + 0.3**2 * 1.7**2 / 4
    found = derive("stationary_variance").formulas["variance"](
        weight_var_0=0.7, step=40, gradient_std=1.7, eta=0.3, lmbda=5.0, n=50.0, m=4.0
    )
    assert found == pytest.approx(variance, rel=1e-12)
