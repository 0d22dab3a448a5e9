"""Gradients at the start: pair averages against a double integral, minibatches one by one, and a plain step."""

import itertools
import math

import mpmath
import numpy as np
import pytest
from scipy import special

from derivations import derive

pytestmark = pytest.mark.numeric
FORMULAS = derive("start_gradient").formulas


@pytest.mark.parametrize(("s", "other", "covariance"), [(2.0, 3.0, 4.0), (4.0, 3.5, 6.0), (1.5, 1.2, -1.1)])
def test_pair_averages_against_a_double_integral(s, other, covariance):
    width = 2.9
    nodes, weights = np.polynomial.hermite_e.hermegauss(180)
    weights = weights / weights.sum()
    x = s * nodes[:, None]
    y = covariance / s * nodes[:, None] + math.sqrt(other**2 - covariance**2 / s**2) * nodes[None, :]
    both = weights[:, None] * weights[None, :]
    root = math.sqrt(width)
    activations = special.ndtr(x / root) * special.ndtr(y / root)
    slopes = np.exp(-(x**2 + y**2) / (2 * width)) / (2 * math.pi * width)
    given = {
        "preactivation_rms": s, "preactivation_rms_pair": other, "pair_covariance": covariance, "slope_width2": width,
    }  # fmt: skip
    assert FORMULAS["pair_activation"](**given) == pytest.approx((both * activations).sum(), rel=1e-6)
    assert FORMULAS["pair_slope"](**given) == pytest.approx((both * slopes).sum(), rel=1e-6)


def test_slopes_are_the_derivative_of_activations():
    given = {"preactivation_rms": 3.0, "preactivation_rms_pair": 4.0, "slope_width2": 2.9}
    step = 1e-4
    up, down = (FORMULAS["pair_activation"](**given, pair_covariance=5 + sign * step) for sign in (1, -1))
    assert FORMULAS["pair_slope"](**given, pair_covariance=5.0) == pytest.approx((up - down) / (2 * step), rel=1e-8)


@pytest.mark.parametrize(("n", "m"), [(5, 1), (6, 3), (5, 5)])
def test_every_minibatch_without_replacement(n, m):
    g = np.random.default_rng(n).normal(size=(n, 4)) + 0.7
    wanted = np.mean([(g[list(chosen)].mean(axis=0) ** 2).mean() for chosen in itertools.combinations(range(n), m)])
    found = FORMULAS["batch_gradient_ms"](
        n=n, m=m, example_gradient_ms=(g**2).mean(), gradient_rms=math.sqrt((g.mean(axis=0) ** 2).mean())
    )
    assert found == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("s", [2.5, 6.0])
def test_drift_of_the_output_layer_against_quadrature(s):
    # E[(a - y)(z - b)] over n weights, the bias b of variance 1 and the rest of s^2 - 1.
    n = 30

    def inside(z):  # z - b is (s^2 - 1)/s^2 of z on average
        return z / (1 + mpmath.exp(-z)) * mpmath.npdf(z, 0, s)

    mean = mpmath.quad(inside, [-12 * s, -5, 0, 5, 12 * s])
    wanted = float((s**2 - 1) / s**2 * mean / n)
    assert FORMULAS["output_pull"](preactivation_rms=s, n_in=n) == pytest.approx(wanted, rel=0.0075)


def test_threshold_against_a_plain_step():
    generator = np.random.default_rng(3)
    w, g = generator.normal(size=400), 0.05 * generator.normal(size=400)
    g += 0.1 * w  # a pull towards 0
    eta, n = 1e-4, 1000
    lmbda = FORMULAS["critical_lmbda_budget"](
        eta=eta, n=n, pull=abs((w * g).mean()), gradient_ms=(g**2).mean(), weight_ms=(w**2).mean()
    )
    q = 1 - eta * lmbda / n
    decay, drift, noise = (1 - q**2) * (w @ w), 2 * eta * q * abs(w @ g), eta**2 * (g @ g)
    assert decay == pytest.approx(drift + noise, rel=1e-3)


def test_the_experiment_uses_the_same_averages():
    from experiments.laboratory.saturation import averages, start

    x = np.array([[0.4, 1.1, 2.0], [1.5, 0.2, 0.7]])
    both = 1 + x @ x.T
    s = np.sqrt(np.diag(both))
    given = {
        "preactivation_rms": s[0], "preactivation_rms_pair": s[1], "pair_covariance": both[0, 1],
        "slope_width2": averages.PROBIT,
    }  # fmt: skip
    activations, slopes = start.pair_averages(both)
    assert activations[0, 1] == pytest.approx(FORMULAS["pair_activation"](**given), rel=1e-12)
    assert slopes[0, 1] == pytest.approx(FORMULAS["pair_slope"](**given), rel=1e-12)
