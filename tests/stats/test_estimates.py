"""Estimates against hand-made formulas, SciPy's other routes, and their own coverage."""

import math

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from wd_jax.stats.estimates import (
    Estimate,
    exp,
    exponent,
    find_plateau,
    limit_of,
    local_exponents,
    prediction_interval,
    remainders,
    root_in_log,
    t_interval,
)

numeric = pytest.mark.numeric
statistical = pytest.mark.statistical
T_975 = {
    1: 12.7062047,
    2: 4.3026527,
    4: 2.7764451,
    7: 2.3646243,
    11: 2.2009852,
}  # printed tables, by degrees of freedom


def z_score(hits: int, trials: int, probability: float) -> float:
    return (hits - trials * probability) / math.sqrt(trials * probability * (1 - probability))


@numeric
@pytest.mark.parametrize("freedom", T_975)
def test_the_interval_is_the_printed_formula(freedom: int) -> None:
    sample = np.random.default_rng(freedom).normal(3, 2, freedom + 1)
    found = t_interval(sample)
    mean = sum(sample) / len(sample)
    half = T_975[freedom] * math.sqrt(sum((x - mean) ** 2 for x in sample) / freedom / len(sample))
    assert (found.value, found.low, found.high) == pytest.approx((mean, mean - half, mean + half), rel=1e-7)
    assert (found.n, found.left_out) == (freedom + 1, 0)


@numeric
@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=20), st.integers(1, 50))
def test_bonferroni_is_a_smaller_tail(sample: list[float], cells: int) -> None:
    found = t_interval(sample, cells=cells)
    scale = stats.sem(sample)
    low, high = (
        stats.t.interval(1 - 0.05 / cells, len(sample) - 1, np.mean(sample), scale) if scale else [found.value] * 2
    )
    np.testing.assert_allclose(found.ci95, (low, high), rtol=1e-9, atol=1e-9)


@numeric
@pytest.mark.parametrize(
    "sample, value, n, left_out",
    [([], np.nan, 0, 0), ([1.5], 1.5, 1, 0), ([1.5, np.nan], 1.5, 1, 1), ([np.inf, np.nan], np.nan, 0, 2)],
    ids=["empty", "one", "one kept", "none kept"],
)
def test_too_few_values_have_no_interval(sample: list[float], value: float, n: int, left_out: int) -> None:
    found = t_interval(sample)
    assert found.value == pytest.approx(value, nan_ok=True)
    assert (found.n, found.left_out) == (n, left_out) and np.isnan(found.ci95).all()


@numeric
def test_a_series_that_turned_round_has_no_limit_with_bounds() -> None:
    """10 % above, then below, then back: no sum of one sign, though its window alone looks like an approach."""
    time, random = np.arange(241.0), np.random.default_rng(0)
    turning = 1 + 0.1 * np.exp(-time / 20) - 0.05 * np.exp(-time / 150)
    noise = 1e-4 * random.standard_normal((8, 241))
    assert np.isnan(limit_of(turning + noise, time).ci95).all()
    falling = 1 + 0.1 * np.exp(-time / 20) + 0.05 * np.exp(-time / 150)
    found = limit_of(falling + noise, time)
    assert found.low <= 1 <= found.high


@numeric
def test_a_seed_without_a_value_in_the_window_is_left_out_and_counted() -> None:
    series = 1 + 1e-4 * np.random.default_rng(1).standard_normal((6, 101))
    series[2, 50:] = np.nan
    found = limit_of(series, np.arange(101.0))
    assert (found.n, found.left_out) == (5, 1)
    short = limit_of(series[:, :5], np.arange(5.0))
    assert np.isnan([short.value, *short.ci95]).all() and short.left_out == 6


@numeric
def test_values_that_are_not_finite_are_left_out_and_counted() -> None:
    found = t_interval([1.0, np.nan, 2.0, np.inf, 4.0])
    assert (found.ci95, found.n, found.left_out) == (t_interval([1.0, 2.0, 4.0]).ci95, 3, 2)


@statistical
@pytest.mark.parametrize("n, cells", [(3, 1), (8, 1), (8, 5)])
def test_the_interval_covers_the_mean_as_often_as_it_says(n: int, cells: int) -> None:
    random, trials = np.random.default_rng(n + cells), 2000
    found = [t_interval(row, cells) for row in random.normal(1, 0.3, (trials, n))]
    hits = sum(e.low <= 1 <= e.high for e in found)
    assert abs(z_score(hits, trials, 1 - 0.05 / cells)) < 4


@statistical
@pytest.mark.parametrize("n", [3, 8])
def test_one_more_run_lies_in_the_prediction_interval_as_often_as_it_says(n: int) -> None:
    random, trials = np.random.default_rng(n), 40_000
    low, high = prediction_interval(random.normal(2, 0.7, (n, trials)))
    one_more = random.normal(2, 0.7, trials)
    assert abs(z_score(int(((low <= one_more) & (one_more <= high)).sum()), trials, 0.95)) < 4


@numeric
def test_a_geometric_mean_is_the_exponential_of_a_mean_logarithm() -> None:
    found = exp(t_interval(np.log([1.0, 10.0, 100.0])))
    assert found.value == pytest.approx(10) and found.low * found.high == pytest.approx(100)
    assert exp(Estimate(0.0, -1.0, 1.0, 7, 2)).n == 7 and exp(Estimate(0.0, -1.0, 1.0, 7, 2)).left_out == 2


@numeric
@given(st.floats(-4, 4), st.floats(0.1, 5), st.integers(3, 30))
def test_a_root_of_what_is_linear_in_log_lmbda_is_exact(where: float, slope: float, cells: int) -> None:
    grid = np.geomspace(1e-2, 1e2, cells)
    assert root_in_log(grid, slope * (np.log(grid) - where)) == pytest.approx(where, abs=1e-9)


@numeric
def test_the_root_of_a_curve_converges_with_the_grid() -> None:
    """tanh(log x - 1): linear interpolation errs by less than h^2/8 times the curvature over the slope, 0.77."""
    for cells in (10, 40, 160):
        grid = np.geomspace(0.03, 300, cells)
        step = math.log(10_000) / (cells - 1)
        assert abs(root_in_log(grid, np.tanh(np.log(grid) - 1)) - 1) < 0.77 * step**2 / 8


@numeric
@pytest.mark.parametrize(
    "excess, root",
    [
        ([-1, -1, 3, 4], 1.25), ([-1, 0, 1, 2], 1.0), ([-1, 1, 1, math.nan], 0.5),
        ([-1, 1, -1, 1], math.nan), ([1, 1, 1, 1], math.nan), ([-1, -1, -1, -1], math.nan), ([1, -1, -1, -1], math.nan),
        ([1, -3, 1, 2], math.nan), ([math.nan, -1, 1, 1], math.nan), ([-1, math.nan, 1, 1], math.nan),
    ],
    ids=["inside", "on a cell", "lost last", "twice", "always", "never", "falls", "above", "lost first", "lost at it"],
)  # fmt: skip
def test_a_root_is_the_only_crossing_and_from_below(excess: list[float], root: float) -> None:
    assert root_in_log(np.exp([0.0, 1.0, 2.0, 3.0]), excess) == pytest.approx(root, nan_ok=True)


@numeric
@given(st.floats(-3, 3), st.floats(0.01, 100), st.integers(3, 8))
def test_the_exponent_of_a_power_law_is_exact(power: float, factor: float, cells: int) -> None:
    x = np.geomspace(10, 1e4, cells)
    seeds = np.array([0.5, 1.0, 3.0])  # a factor of its own per seed moves no slope
    found = exponent(x, factor * x[:, None] ** power * seeds)
    assert (found.value, found.low, found.high) == pytest.approx((power,) * 3, abs=1e-9)


@numeric
def test_the_exponent_is_the_least_squares_slope() -> None:
    random = np.random.default_rng(3)
    x = np.array([8, 16, 40, 64, 128.0])
    y = np.exp(random.normal(0, 0.2, (5, 6))) * x[:, None] ** -0.5
    expected = stats.linregress(np.repeat(np.log(x), 6), np.log(y).ravel()).slope
    assert exponent(x, y).value == pytest.approx(expected, abs=1e-12)


@numeric
def test_a_seed_with_a_lost_value_is_left_out_of_the_fit() -> None:
    x = np.array([1.0, 2, 4, 8])
    y = x[:, None] ** -1.0 * np.exp(np.random.default_rng(0).normal(0, 0.1, (4, 5)))
    spoilt = y.copy()
    spoilt[2, 3] = np.nan
    found = exponent(x, spoilt)
    assert (found.n, found.left_out) == (4, 1)
    assert found.value == exponent(x, np.delete(y, 3, axis=1)).value


@numeric
@pytest.mark.parametrize("cells, seeds", [(2, 5), (5, 1), (0, 5)])
def test_a_fit_without_freedom_has_no_interval(cells: int, seeds: int) -> None:
    found = exponent(np.arange(1.0, cells + 1), np.ones((cells, seeds)))
    assert np.isnan([found.value, found.low, found.high]).all()


@numeric
def test_curvature_is_the_second_order_coefficient_of_least_squares() -> None:
    random, x = np.random.default_rng(5), np.array([8, 16, 40, 64, 128.0])
    y = np.exp(random.normal(0, 0.01, (5, 6)) - 0.1 * np.log(x)[:, None] ** 2)
    each = np.polyfit(np.log(x), np.log(y), 2)[0]
    found = exponent(x, y)
    assert (found.curvature.value, *found.curvature.ci95) == pytest.approx(
        (t_interval(each).value, *t_interval(each).ci95)
    )
    assert found.curved and found.curvature.high < 0


@numeric
@pytest.mark.parametrize("x", [[1.0, 2.0, 8.0], [8.0, 1.0, 2.0]])
def test_local_exponents_go_from_cell_to_cell(x: list[float]) -> None:
    """y = 1, 1/2, 1/2 over x = 1, 2, 8, in any order: exponents -1 and 0."""
    seeds, y = np.array([1.0, 2.0, 5.0]), {1.0: 1.0, 2.0: 0.5, 8.0: 0.5}
    first, second = local_exponents(x, np.array([y[one] for one in x])[:, None] * seeds)
    assert ((first.first, first.last), (second.first, second.last)) == ((1.0, 2.0), (2.0, 8.0))
    assert (first.exponent.value, second.exponent.value) == pytest.approx((-1.0, 0.0))
    assert local_exponents([3.0, 3.0], np.ones((2, 4))) == ()


@numeric
def test_local_exponents_together_are_wider_by_bonferroni() -> None:
    y = np.exp(np.random.default_rng(2).normal(0, 0.1, (4, 6)))
    alone, together = (local_exponents([1.0, 2.0, 4.0, 8.0], y, together=flag)[1].exponent for flag in (False, True))
    wider = stats.t.ppf(1 - 0.05 / 6, 5) / stats.t.ppf(0.975, 5)
    assert together.high - together.low == pytest.approx((alone.high - alone.low) * wider)


@numeric
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rounding_is_no_curvature(dtype: type) -> None:
    x = np.geomspace(10, 1e4, 6)
    assert not exponent(x, (3 * x[:, None] ** -0.5 * np.array([0.5, 1.0, 3.0])).astype(dtype)).curved


@statistical
def test_cells_off_a_line_are_said_to_be_curved() -> None:
    """Cells that lie 10 % off a line, the same for every seed: no exponent, and seeds cannot give its error."""
    random, x = np.random.default_rng(12), np.array([8, 16, 32, 64, 128, 256.0])
    off = random.normal(0, 0.1, (200, 6, 1)) + random.normal(0, 1e-3, (200, 6, 6))
    assert sum(exponent(x, x[:, None] ** -1.0 * np.exp(one)).curved for one in off) > 190


def series(curve, epochs: int = 120, seeds: int = 8, noise: float = 0.0, seed: int = 0) -> xr.DataArray:
    """A quantity in time, with seeds that differ by a factor and by noise from epoch to epoch."""
    random, time = np.random.default_rng(seed), np.arange(epochs + 1.0)
    factor = np.exp(random.normal(0, 0.05, (seeds, 1)))
    values = factor * curve(time) * np.exp(noise * random.normal(size=(seeds, epochs + 1)))
    return xr.DataArray(values, {"seed": np.arange(seeds), "epoch": time}, ("seed", "epoch"))


def changes(curve, first: float, epochs: int = 120) -> list[float]:
    """Relative changes between the thirds of a window of a noiseless curve, counted back from its end."""
    values = curve(np.arange(epochs + 1.0))
    third = (epochs + 1 - int(first)) // 3
    means = [values[epochs + 1 - k * third : epochs + 1 - (k - 1) * third].mean() for k in (3, 2, 1)]
    return [math.log(means[j] / means[i]) for i, j in ((0, 1), (1, 2), (0, 2))]


@numeric
def test_what_stands_still_is_stationary_from_the_first_window() -> None:
    found = find_plateau(series(np.ones_like, noise=0.0005))
    assert found.reached and (found.first, found.last) == (24, 120)
    assert abs(found.drift.value) < 0.005 and found.window() == slice(24.0, 120.0)


@numeric
@pytest.mark.parametrize("tau", [8.0, 12.0, 16.0])
def test_a_relaxation_is_stationary_once_its_thirds_agree(tau: float) -> None:
    def relaxing(time):
        return 1 + np.exp(-time / tau)

    found = find_plateau(series(relaxing))
    assert found.reached
    earlier = np.abs(changes(relaxing, found.first - 6)).max()  # one window earlier
    assert np.abs(changes(relaxing, found.first)).max() <= 0.005
    before = series(relaxing)
    third = (121 - (int(found.first) - 6)) // 3
    to_go = remainders(before.values, before.epoch.values, third)
    assert earlier > 0.005 or max(abs(float(to_go.low)), abs(float(to_go.high))) > 0.015  # or too far from its limit
    assert found.drift.value == pytest.approx(changes(relaxing, found.first)[2], abs=1e-12)


@numeric
@pytest.mark.parametrize("sign", [1, -1])
def test_what_is_still_to_go_is_the_rest_of_the_exponential(sign: int) -> None:
    """From the mean over the window, which is what its users take, to the limit; to first order in 2 %."""

    def relaxing(time):
        return 1 + sign * 0.02 * np.exp(-time / 40)

    found = find_plateau(series(relaxing))
    assert found.reached
    third = (121 - int(found.first)) // 3
    left = 1 / relaxing(np.arange(121 - 3 * third, 121.0)).mean() - 1
    assert found.to_go.value == pytest.approx(left, rel=0.03)
    assert found.to_go.low <= found.to_go.value <= found.to_go.high


@numeric
@pytest.mark.parametrize("tau, noise", [(400.0, 0.0), (400.0, 0.0003), (1000.0, 0.0003)])
def test_what_moves_little_and_has_far_to_go_is_on_no_plateau(tau: float, noise: float) -> None:
    """3.5 to 10 % still to go at the end of 240 epochs, of which the thirds show little."""
    for left in (0.035, 0.05, 0.098):
        slow = series(lambda time, left=left: 1 + left * np.exp((240 - time) / tau), epochs=240, noise=noise)
        found = find_plateau(slow, within=0.01)
        assert not found.reached, (left, found)


@numeric
def test_what_gains_speed_has_no_bound() -> None:
    found = find_plateau(series(lambda time: 1 - 1e-4 * np.exp(time / 40), noise=1e-5), within=0.05)
    assert not found.reached and np.isnan(found.to_go.ci95).all()


@numeric
@pytest.mark.parametrize(
    "curve",
    [
        lambda time: 1 + 0.3 * np.exp(-time / 60),  # 1.2 % between the first and the last of the last thirds, and slow
        lambda time: 1 - 0.3 * np.exp(-time / 60),
        lambda time: np.exp(-0.0004 * time),  # 0.96 % over 24 epochs
        lambda time: np.exp(-0.05 * time),
        lambda time: np.where(time < 115, 1.0, 1.1),
        lambda time: 1 + 0.02 * ((time - 102) / 18) ** 2,  # halves of a dip agree, thirds do not
    ],
    ids=["slow relaxation", "from below", "slow drift", "decay", "late jump", "dip"],
)
@pytest.mark.parametrize("noise", [0.0, 0.002])
def test_what_moves_by_more_than_the_tolerance_never_is(curve, noise: float) -> None:
    found = find_plateau(series(curve, noise=noise))
    assert not found.reached and found.first is None and np.isfinite(found.drift.value)


@numeric
def test_what_is_only_noisy_is_not_called_stationary() -> None:
    """Without a drift, but so noisy that one of 1 % could hide: an equivalence test must not pass."""
    assert not find_plateau(series(np.ones_like, noise=0.2)).reached


@numeric
def test_one_seed_proves_no_plateau_and_a_lost_one_spoils_none() -> None:
    assert not find_plateau(series(np.ones_like, seeds=1)).reached
    one_lost = series(np.ones_like, noise=0.002)
    one_lost[3] = np.nan
    found = find_plateau(one_lost)
    assert found.reached and (found.drift.n, found.drift.left_out) == (7, 1)


@numeric
def test_a_run_of_few_epochs_has_no_window() -> None:
    assert not find_plateau(series(np.ones_like, epochs=5)).reached


@statistical
def test_a_drift_at_the_tolerance_is_called_a_plateau_at_most_as_often_as_a_one_sided_test_may() -> None:
    """Outer thirds of the shortest window, 12 of 37 epochs each, differ by exactly 0.5 %; longer windows by more."""
    trials, rate = 150, 0.005 / 24
    reached = [
        find_plateau(series(lambda time: np.exp(-rate * time), noise=0.002, seed=k)).reached for k in range(trials)
    ]
    assert sum(reached) <= trials * 0.025 + 3 * math.sqrt(trials * 0.025 * 0.975)
