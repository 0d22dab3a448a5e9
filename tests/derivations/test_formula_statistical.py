"""Statistical: Gaussian means against random draws, judged by z-scores."""

import math

import numpy as np
import pytest

from derivations import derive

pytestmark = pytest.mark.statistical


@pytest.mark.parametrize(
    ("formula", "statistic", "closed_error"),
    [
        ("mean_slope", lambda a: a * (1 - a), 0.0075),
        ("mean_square_slope", lambda a: (a * (1 - a)) ** 2, 0.00086),
        ("activation_ms", lambda a: a**2, 0.0024),
    ],
)
@pytest.mark.parametrize("width", [2.5, 9.4])
def test_gaussian_means(formula, statistic, closed_error, width):
    generator = np.random.default_rng(1)
    inputs = generator.normal(size=300_000) * width
    sample = statistic(1 / (1 + np.exp(-inputs)))
    predicted = derive("saturation").formulas[formula](preactivation_rms=width)
    standard_error = sample.std() / math.sqrt(sample.size)
    excess = max(0.0, abs(predicted - sample.mean()) - closed_error * predicted)
    assert excess / standard_error < 4


def test_first_layer_width():
    generator = np.random.default_rng(2)
    x = generator.uniform(size=200)
    draws = generator.normal(size=(40_000, 200)) @ x + generator.normal(size=40_000)
    predicted = derive("saturation").formulas["preactivation_rms_first"](input_norm2=float(x @ x))
    # The standard error of a Gaussian's variance is sqrt(2/N) of it.
    assert abs(draws.var() / predicted**2 - 1) / math.sqrt(2 / 40_000) < 4
