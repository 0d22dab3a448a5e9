"""Numeric: where an approximation is worst between the corners of its box, its stated error covers it too."""

import math
from itertools import pairwise

import mpmath
import numpy as np
import pytest

from derivations import ValidityError, derive

pytestmark = pytest.mark.numeric


def test_the_decay_of_adam_with_l2_between_corners():
    beta1 = 0.58616
    rate = (1 - beta1) / 10 * (1 - 1e-12)
    # Mean moving average m and mean weight, per step: m' = beta1 m + (1 - beta1) rate w, w' = w - m'.
    step = np.array([[beta1, (1 - beta1) * rate], [-beta1, 1 - (1 - beta1) * rate]])
    exact = max(np.linalg.eigvals(step).real)
    law = derive("adam_l2").formulas["decay_factor"]
    values = {"lmbda": rate, "eta": 1.0, "n": 1.0, "batch_gradient_rms": 1.0, "beta1": beta1}
    off = abs(law(**values) / exact - 1)
    assert off == pytest.approx(0.0005038, abs=1e-6)
    assert off <= law.approximation.error <= 1.02 * off


def test_the_turning_of_lion_between_corners():
    beta1, beta2, share = mpmath.mpf("0.87"), mpmath.mpf("0.995"), mpmath.mpf("0.001") * (1 - mpmath.mpf(10) ** -12)
    gradients = 12_000
    # Weights of past gradients in the mixture, and its correlation with itself some steps later.
    average = [(1 - beta2) * beta2**k for k in range(gradients)]
    mixture = [1 - beta1, *(beta1 * a for a in average)]
    square = sum(a**2 for a in mixture)
    first = sum(a * b for a, b in pairwise(mixture)) / square
    total, correlation = mpmath.mpf(0), first
    for lag in range(1, 12_000):
        total += (1 - share) ** lag * 2 / mpmath.pi * mpmath.asin(correlation)
        correlation *= beta2
    # |w|^2 at rest and <w, -sign> for steps of 1: what the budget leaves.
    norm2 = (1 + 2 * total) / (share * (2 - share))
    along = total / (1 - share)
    exact = mpmath.sqrt((1 - along**2 / norm2) / norm2)
    law = derive("lion").formulas["rotation_linear_response"]
    found = law(eta=1.0, lmbda=float(share), n=1.0, beta1=0.87, beta2=0.995)
    assert float(exact) == pytest.approx(0.0082870, abs=1e-7)
    off = abs(found / float(exact) - 1)
    assert off == pytest.approx(0.0727, abs=1e-4)
    assert off <= law.approximation.error <= 1.02 * off


def test_the_error_of_a_rounded_factor_is_refused_where_its_leading_term_is_far_off():
    law = derive("blocked_sgd").formulas["factor_power_error"]
    with pytest.raises(ValidityError, match="does not hold here"):
        law(epsilon=1e-6, block_steps=1e5, rounding=3e-5)
    with mpmath.workdps(50):
        q, delta = 1 - mpmath.mpf("1e-6"), mpmath.mpf("1e-6")
        exact = (1 - (q - delta) ** 100_000) / (1 - q**100_000) - 1
    found = law(epsilon=1e-6, block_steps=1e5, rounding=1e-6)
    assert abs(found / float(exact) - 1) <= law.approximation.error


@pytest.mark.parametrize("share", [0.5, 2.0])
def test_the_limit_of_a_strong_decay_is_refused(share):
    law = derive("epoch_decay").formulas["per_epoch_factor_limit"]
    with pytest.raises(ValidityError, match="does not hold here"):
        law(eta=0.1, lmbda=10 * share * 200, n=200, m=10)
    tau = 10 / (share * 200)
    with pytest.raises(ValidityError, match="does not hold here"):
        derive("timescale").formulas["per_epoch_factor_limit"](tau_epoch=tau, steps_per_epoch=20)
    with pytest.raises(ValidityError, match="does not hold here"):
        derive("timescale").formulas["weight_of_age_limit"](age=1, tau_epoch=tau, steps_per_epoch=20)


@pytest.mark.parametrize(("eta", "lmbda", "n", "m"), [(0.1, 20.0, 200, 10), (1.0, 40.0, 1200, 10), (0.1, 5.0, 100, 50)])
def test_the_limit_says_how_far_it_is_off(eta, lmbda, n, m):
    law = derive("epoch_decay").formulas["per_epoch_factor_limit"]
    exact = 1.0
    for _ in range(n // m):
        exact *= 1 - eta * lmbda / n
    off = law(eta=eta, lmbda=lmbda, n=n, m=m) / exact - 1
    assert math.expm1(eta * lmbda / n * eta * lmbda / m / 2) <= off <= law.approximation.error
    other = derive("timescale").formulas["per_epoch_factor_limit"]
    assert abs(other(tau_epoch=m / (eta * lmbda), steps_per_epoch=n // m) / exact - 1) <= other.approximation.error
