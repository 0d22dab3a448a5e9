"""The mean of one series: how often its interval holds the truth, and when there is none."""

import numpy as np
import pytest

from benchmarks.one_series_cases import ar1, hidden_memory, two_memories
from wd_jax.stats.one_series import mean_interval

SERIES = 200
LOWEST, HIGHEST = 0.93, 1.0
"""Coverage that is asked for, before three standard errors of a share of 200 series; that of short memories is higher,
since the series cannot exclude a long one that hides."""


def coverage(series, truth=0.0):
    found = [mean_interval(each) for each in series]
    held = [one.low <= truth <= one.high for one in found if one.given]
    return np.mean(held), len(held)


def slack(share, number):
    return 3 * np.sqrt(share * (1 - share) / number)


@pytest.mark.statistical
@pytest.mark.parametrize(("records", "memory"), [(30, 0.0), (100, 2.0), (400, 8.0), (1000, 50.0), (5000, 0.5)])
def test_holds_the_mean_of_a_correlated_series(records, memory):
    held, answered = coverage(ar1(np.random.default_rng(records), SERIES, records, memory))
    assert answered > 0.6 * SERIES
    assert LOWEST - slack(LOWEST, answered) < held <= HIGHEST


@pytest.mark.statistical
def test_holds_with_heavy_tails():
    held, answered = coverage(ar1(np.random.default_rng(1), SERIES, 200, 4.0, 3.0))
    assert held > LOWEST - slack(LOWEST, answered)


@pytest.mark.statistical
def test_holds_with_two_memories():
    held, answered = coverage(two_memories(np.random.default_rng(2), SERIES, 1000, 20.0))
    assert held > LOWEST - slack(LOWEST, answered)


@pytest.mark.statistical
def test_a_memory_as_long_as_the_series_is_mostly_refused():
    series = ar1(np.random.default_rng(4), SERIES, 300, 300.0)
    held, answered = coverage(series)
    wrong = answered * (1 - held) / SERIES
    assert wrong < 0.05 + slack(0.05, SERIES)
    assert "correlated" in mean_interval(np.cumsum(series[0])).reason


@pytest.mark.statistical
def test_an_interval_that_ignores_the_memory_fails_here():
    series = ar1(np.random.default_rng(5), SERIES, 400, 8.0)
    naive = 1.96 * series.std(axis=1) / 20
    assert np.mean(np.abs(series.mean(axis=1)) < naive) < 0.6


@pytest.mark.statistical
@pytest.mark.parametrize("records", [100, 400, 2000])
@pytest.mark.parametrize(("part", "variance"), [(8, 1 / 4), (5, 1 / 4), (5, 1 / 25)])
def test_a_memory_that_hides_in_noise_is_allowed_for_or_refused(records, part, variance):
    series = hidden_memory(np.random.default_rng([records, part]), 2 * SERIES, records, records / part, variance)
    held, answered = coverage(series)
    assert held > 0.9 - slack(0.9, answered)
    assert answered > 0.3 * len(series)


@pytest.mark.statistical
def test_without_that_allowance_it_is_not():
    series = hidden_memory(np.random.default_rng([400, 5]), 2 * SERIES, 400, 80, 1 / 25)
    found = [mean_interval(each, hidden=False) for each in series]
    assert np.mean([one.low <= 0 <= one.high for one in found if one.given]) < 0.88


@pytest.mark.statistical
@pytest.mark.parametrize(("hidden", "narrowest", "widest"), [(True, 1.6, 2.2), (False, 1.0, 1.4)])
def test_wider_without_memory_by_what_may_hide(hidden, narrowest, widest):
    series = np.random.default_rng(6).normal(size=(SERIES, 400))
    found = [mean_interval(each, hidden=hidden) for each in series]
    width = np.mean([one.high - one.low for one in found])
    assert narrowest < width / (2 * 1.96 / 20) < widest
    assert 100 < np.median([one.effective for one in found]) < 450


@pytest.mark.statistical
def test_times_that_are_not_even():
    random = np.random.default_rng(7)
    held = []
    for series in ar1(random, 200, 600, 12.0):
        kept = np.sort(random.choice(600, 150, replace=False))
        found = mean_interval(series[kept], time=kept)
        held += [found.low <= 0 <= found.high] if found.given else []
    assert np.mean(held) > LOWEST - slack(LOWEST, len(held))


@pytest.mark.numeric
def test_scale_shift_and_what_is_not_finite():
    series = ar1(np.random.default_rng(8), 1, 300, 3.0)[0]
    plain, other = mean_interval(series), mean_interval(5 - 1e-6 * series)
    assert other.low == pytest.approx(5 - 1e-6 * plain.high, abs=1e-12)
    assert other.effective == pytest.approx(plain.effective, rel=1e-6)
    gaps = np.insert(series, [10, 100], np.nan)
    assert mean_interval(gaps).mean == pytest.approx(plain.mean)


@pytest.mark.numeric
def test_refused_and_constant():
    few = mean_interval([1.0] * 19)
    assert not few.given and few.low == -np.inf and "19 finite records" in few.reason
    assert mean_interval([]).reason
    same = mean_interval([2.0] * 50)
    assert same.given and same.low == same.high == 2.0
    with pytest.raises(ValueError, match="level is 95"):
        mean_interval([1.0] * 50, level=95)


@pytest.mark.numeric
def test_a_wider_level_is_wider():
    series = ar1(np.random.default_rng(9), 1, 300, 3.0)[0]
    narrow, wide = mean_interval(series, 0.5, hidden=False), mean_interval(series, 0.99, hidden=False)
    assert wide.low < narrow.low < narrow.mean < narrow.high < wide.high
    assert 2 < (wide.high - wide.low) / (narrow.high - narrow.low) < 8
    assert mean_interval(series, 0.99).high > mean_interval(series, 0.95).high > wide.mean
