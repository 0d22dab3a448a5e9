"""Rate and rest of an approach, and the rate of pure decay."""

import numpy as np
import pytest
from scipy.optimize import curve_fit

from benchmarks.one_series_cases import adamw, ar1, scale_invariant
from benchmarks.one_series_coverage import approach
from wd_jax.stats.one_series import decay_rate, relaxation

SERIES = 50


def coverage(series, time, rate, rest):
    found = [relaxation(time, each) for each in series]
    seen = [one for one in found if np.isfinite(one.rate)]
    return (
        len(seen),
        np.mean([one.low <= rate <= one.high for one in seen]),
        np.mean([one.rest_low <= rest <= one.rest_high for one in seen]),
    )


def least(share, number):
    return share - 3 * np.sqrt(share * (1 - share) / number)


@pytest.mark.statistical
@pytest.mark.parametrize(
    ("records", "passed", "noise", "part"), [(40, 3.0, 0.03, 0.0), (200, 1.0, 0.03, 1.0), (200, 5.0, 0.03, 20.0)]
)
def test_holds_rate_and_rest(records, passed, noise, part):
    series = approach(np.random.default_rng(records), SERIES, records, passed, noise, part)
    seen, rate, rest = coverage(series, np.arange(float(records)), passed / records, 1.0)
    assert seen > 0.9 * SERIES
    assert rate > least(0.93, seen) and rest > least(0.93, seen)


@pytest.mark.statistical
def test_of_a_scale_invariant_neuron():
    time = 10 * np.arange(200.0)
    series = scale_invariant(np.random.default_rng(2), SERIES, 200, 0.005, 20.0, 10)
    seen, rate, _ = coverage(series, time, -4 * np.log1p(-0.005), 1.0)
    assert seen > 0.9 * SERIES and rate > least(0.93, seen)


@pytest.mark.statistical
def test_of_a_layer_under_adamw():
    time = 20 * np.arange(120.0)
    series = adamw(np.random.default_rng(3), 40, 120, 1e-3, 400, 150.0, 20)
    seen, rate, _ = coverage(series, time, -2 * np.log1p(-1e-3), 1.0)
    assert seen > 25 and rate > least(0.9, seen)


@pytest.mark.statistical
def test_agrees_with_least_squares_where_noise_has_no_memory():
    time = np.arange(300.0)
    series = 2 + 3 * np.exp(-0.02 * time) + 0.05 * np.random.default_rng(4).normal(size=300)
    best, spread = curve_fit(lambda t, r, c, a: c + a * np.exp(-r * t), time, series, (0.01, 1.0, 1.0))
    found = relaxation(time, series)
    assert abs(found.rate - best[0]) < 1.5 * np.sqrt(spread[0, 0])
    assert 0.8 < (found.high - found.low) / (2 * 1.96 * np.sqrt(spread[0, 0])) < 2.5
    assert abs(found.start - 5) < 0.2 and abs(found.rest - 2) < 0.05


@pytest.mark.numeric
@pytest.mark.parametrize("rate", [0.002, 0.013, 0.2])
def test_exact_without_noise(rate):
    time = np.arange(400.0)
    found = relaxation(time, 1 + 2 * np.exp(-rate * time))
    assert found.rate == pytest.approx(rate, rel=1e-5) and found.reason == ""
    assert found.low <= rate <= found.high and found.high / found.low < 1 + 1e-3
    assert found.rest == pytest.approx(1, rel=1e-5) and found.start == pytest.approx(3, rel=1e-5)


@pytest.mark.numeric
def test_growth_and_uneven_times():
    time = np.cumsum(np.random.default_rng(5).exponential(size=250))
    found = relaxation(time, 4 - 3 * np.exp(-0.03 * time))
    assert found.rate == pytest.approx(0.03, rel=1e-3)


@pytest.mark.statistical
def test_what_rests_or_hardly_began_has_open_ends():
    random = np.random.default_rng(6)
    time = np.arange(200.0)
    at_rest = [relaxation(time, each) for each in 1 + 0.01 * ar1(random, 60, 200, 10.0)]
    assert sum(one.low == 0 and one.high == np.inf for one in at_rest) >= 55
    begun = [relaxation(time, each) for each in approach(random, 20, 200, 0.1, 0.01, 0.0)]
    unbounded = [one.low == 0 and one.rest_low == -np.inf and bool(one.reason) for one in begun]
    assert sum(unbounded) >= 17


@pytest.mark.numeric
def test_two_exponentials_are_no_single_one():
    time = np.arange(300.0)
    noise = 1e-3 * np.random.default_rng(7).normal(size=300)
    found = relaxation(time, 1 + np.exp(-time / 10) + np.exp(-time / 100) + noise)
    assert "not one exponential" in found.reason and found.low == 0 and found.high == np.inf


@pytest.mark.numeric
def test_refused():
    assert "19 finite" in relaxation(np.arange(19.0), np.ones(19)).reason
    assert "same" in relaxation(np.arange(50.0), np.ones(50)).reason
    assert relaxation([], []).high == np.inf


@pytest.mark.numeric
def test_two_hundred_thousand_records():
    time = np.arange(200_000.0)
    values = 1 + np.exp(-time / 3e4) + 0.1 * np.random.default_rng(8).normal(size=200_000)
    found = relaxation(time, values)
    assert found.low < 1 / 3e4 < found.high


@pytest.mark.numeric
@pytest.mark.parametrize(("dtype", "width"), [(np.float64, 1e-13), (np.float32, 1e-7)])
def test_pure_decay_is_known_to_rounding(dtype, width):
    time = np.arange(200.0)
    found = decay_rate(time, (3 * np.exp(-1e-3 * time)).astype(dtype))
    assert found.low <= 1e-3 <= found.high and found.high - found.low < width


@pytest.mark.statistical
def test_holds_the_rate_of_decay_of_a_wandering_logarithm():
    random = np.random.default_rng(9)
    held = []
    for kicks in random.normal(size=(200, 100)):
        found = decay_rate(np.arange(100.0), np.exp(-0.01 * np.arange(100) + 0.01 * np.cumsum(kicks)))
        held.append(found.low <= 0.01 <= found.high)
    assert np.mean(held) > least(0.93, 200)


@pytest.mark.numeric
def test_decay_rate_refused():
    assert "positive" in decay_rate(np.arange(5.0), [1, 0, -1, np.nan, 0]).reason
