"""Covariances, fits and mixtures, against dense matrices, known formulas and random numbers."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import t as student

from wd_jax.stats.one_series.fit import fitted
from wd_jax.stats.one_series.mixture import half_width, quantile
from wd_jax.stats.one_series.noise import SHARES, _remembered, flat_prior, noises, prior
from wd_jax.stats.one_series.records import binned, cleaned, growing

RANDOM = np.random.default_rng(3)


def dense(bins, time, memory):
    """Covariance of the bins' means from that of every record."""
    edges = np.concatenate([[0], np.cumsum(bins.count)])
    averaging = np.zeros((len(bins.count), len(time)))
    for row, (first, last) in enumerate(pairwise(edges)):
        averaging[row, first:last] = 1 / (last - first)
    return averaging @ np.exp(-np.abs(time[:, None] - time) / memory) @ averaging.T


@pytest.mark.numeric
@pytest.mark.parametrize("memory", [0.4, 3.0, 40.0, 5000.0])
@pytest.mark.parametrize("made", [binned, growing])
def test_covariance_of_bins(memory, made):
    time = 2 + 0.5 * np.arange(130)
    bins = made(time, time, 24)
    found = _remembered(bins.count.astype(float), bins.first, bins.last, memory)
    np.testing.assert_allclose(found, dense(bins, time, memory), rtol=1e-9, atol=1e-13)


@pytest.mark.numeric
def test_variance_of_the_mean_is_the_known_one():
    n = 1000
    bins = binned(np.arange(n), np.zeros(n), 24)
    family = noises(bins)
    for place, memory in enumerate(family.times):
        rho = np.exp(-1 / memory)
        exact = ((1 + rho) / (1 - rho) - 2 * rho * (1 - rho**n) / (n * (1 - rho) ** 2)) / n
        own = dense(bins, np.arange(float(n)), memory)
        scaled = np.trace(own * np.sqrt(np.outer(bins.count, bins.count))) / bins.count.mean() / 24
        assert family.of_mean[place, 0] * scaled == pytest.approx(exact, rel=1e-6)


@pytest.mark.numeric
def test_fit_is_generalised_least_squares():
    time = np.sort(RANDOM.uniform(0, 100, 30))
    values, columns = RANDOM.normal(size=30), np.column_stack([np.ones(30), time])
    bins = binned(time, values, 30)
    family = noises(bins)
    found = fitted(family, bins.mean, columns, flat_prior())
    for at, share in ((3, 0), (12, 3), (20, 1)):
        covariance = np.exp(-np.abs(time[:, None] - time) / family.times[at]) + SHARES[share] * np.eye(30)
        inverse = np.linalg.inv(covariance)
        normal = np.linalg.inv(columns.T @ inverse @ columns)
        value = normal @ columns.T @ inverse @ values
        left = values - columns @ value
        np.testing.assert_allclose(found.value[at, share], value, rtol=1e-7)
        error = np.sqrt(np.diag(normal) * (left @ inverse @ left) / 28)
        np.testing.assert_allclose(found.error[at, share], error, rtol=1e-7)


@pytest.mark.numeric
def test_width_of_a_mixture():
    weights, errors = np.array([0.2, 0.5, 0.3]), np.array([1.0, 0.3, 4.0])
    exact = brentq(lambda h: weights @ (2 * student.cdf(h / errors, 9) - 1) - 0.95, 0.1, 50)
    assert half_width(weights, errors, 9, 0.95) == pytest.approx(exact, rel=1e-9)


@pytest.mark.numeric
@pytest.mark.parametrize("share", [0.025, 0.4, 0.975])
def test_quantile_of_a_mixture(share):
    weights, centres, errors = np.array([0.2, 0.5, 0.3]), np.array([1.0, 0.0, -2.0]), np.array([1.0, 0.3, 4.0])
    exact = brentq(lambda x: weights @ student.cdf((x - centres) / errors, 20) - share, -50, 50)
    assert quantile(weights, centres, errors, 20, share) == pytest.approx(exact, abs=0.005)


@pytest.mark.numeric
def test_a_long_memory_is_less_likely_for_a_mean():
    assert np.all(np.diff(prior()[:, 1]) <= 0)
    assert np.all(prior()[1:, 0] == prior()[1, 0]) and prior()[0, 0] > prior()[1, 0]


@pytest.mark.numeric
def test_records_out_of_order_twice_and_missing():
    time, values = cleaned([3, 1, 2, 2, np.nan, 5], [30.0, 10.0, 20.0, 21.0, 4.0, np.inf])
    assert time.tolist() == [1, 2, 3] and values.tolist() == [10, 21, 30]
    with pytest.raises(ValueError, match="equal length"):
        cleaned([1, 2], [1.0])


@pytest.mark.numeric
def test_bins_keep_every_record():
    values = RANDOM.normal(size=1003)
    for made in (binned, growing):
        bins = made(np.arange(1003.0), values, 24)
        assert bins.count.sum() == 1003 and len(bins.count) <= 24
        assert bins.count @ bins.mean == pytest.approx(values.sum())
