"""Whether a series rests: false alarms, what is found, and what is left open."""

import numpy as np
import pytest

from benchmarks.one_series_cases import ar1
from benchmarks.one_series_coverage import approach, step
from wd_jax.stats.one_series import mean_interval, state

SERIES = 100


def words(series):
    time = np.arange(float(series.shape[1]))
    return [state(time, each).word for each in series]


@pytest.mark.statistical
@pytest.mark.parametrize(("records", "memory"), [(60, 0.0), (60, 6.0), (300, 60.0), (300, 1500.0)])
def test_a_series_at_rest_is_seldom_called_transient(records, memory):
    found = words(1 + 0.01 * ar1(np.random.default_rng(records), SERIES, records, memory))
    assert found.count("transient") <= 0.05 * SERIES + 3 * np.sqrt(0.05 * 0.95 * SERIES)
    if memory < records / 8:
        assert found.count("at rest") > 0.85 * SERIES


@pytest.mark.statistical
@pytest.mark.parametrize(("passed", "noise"), [(0.1, 0.003), (0.5, 0.01), (2.0, 0.01), (4.0, 0.003)])
def test_an_approach_on_its_way_is_found(passed, noise):
    found = words(approach(np.random.default_rng(1), 40, 200, passed, noise))
    assert found.count("transient") >= 36


@pytest.mark.statistical
def test_an_approach_that_is_over_rests_from_then_on():
    time = np.arange(400.0)
    since, held = [], []
    for each in approach(np.random.default_rng(2), 60, 400, 15.0, 0.003):
        found = state(time, each)
        if found.word == "at rest":
            mean = mean_interval(each[time >= found.since])
            since.append(found.since / 400)
            held += [mean.low <= 1 <= mean.high] if mean.given else []
    assert len(since) > 45 and 0.3 < min(since) and np.median(since) < 0.8
    assert np.mean(held) > 0.9 - 3 * np.sqrt(0.09 / len(held))


@pytest.mark.statistical
def test_never_at_rest_across_a_step():
    time = np.arange(200.0)
    for each in step(np.random.default_rng(3), 60, 200, 0.5):
        found = state(time, each)
        assert found.word != "at rest" or found.since >= 100
    late = [state(time, each) for each in step(np.random.default_rng(4), 60, 200, 0.85)]
    assert all(one.word != "at rest" for one in late)
    assert sum(one.word == "transient" for one in late) > 50


@pytest.mark.numeric
def test_decayed_away():
    time = np.arange(300.0)
    pure = state(time, 5 * np.exp(-time / 20))
    assert pure.word == "decayed away" and pure.since == pytest.approx(20 * np.log(1000), abs=3)
    floor = np.where(time < 100, np.exp(-time / 3), 1e-12)
    assert state(time, floor).word == "decayed away"
    assert state(time, np.where(time < 100, np.exp(-time / 30), 0.0)).word == "decayed away"
    assert state(time, np.exp(-time / 100)).word == "transient"


@pytest.mark.numeric
def test_a_small_rest_is_a_rest():
    time = np.arange(300.0)
    noise = 1 + 0.05 * np.random.default_rng(5).normal(size=300)
    assert state(time, np.exp(-time / 10) + 3e-4 * noise).word == "at rest"


@pytest.mark.numeric
def test_without_noise():
    time = np.arange(200.0)
    assert state(time, 1 + np.exp(-time / 1e5)).word == "transient"
    assert state(time, 1 + np.exp(-time / 100)).word == "transient"
    done = state(time, 1 + np.exp(-time / 10))
    assert done.word == "at rest" and done.since > 60
    assert state(time, np.full(200, 3.0)).since == 0


@pytest.mark.numeric
def test_a_dip_is_no_rest():
    time = np.linspace(0, 1, 200)
    series = 1 + time - 0.9 * time**2 + 0.003 * np.random.default_rng(6).normal(size=200)
    assert state(time, series).word != "at rest"


@pytest.mark.numeric
def test_cannot_be_said():
    few = state(np.arange(10.0), np.ones(10))
    assert few.word == "cannot be said" and few.since is None and "10 finite records" in few.reason
    nothing = state(np.arange(50.0), np.full(50, np.nan))
    assert nothing.word == "cannot be said"
    wild = state(np.arange(100.0), np.cumsum(np.random.default_rng(7).normal(size=100)))
    assert wild.word == "cannot be said"


@pytest.mark.numeric
def test_no_other_unit_changes_the_word():
    time = np.arange(200.0)
    for each in approach(np.random.default_rng(8), 3, 200, 8.0, 0.01):
        plain, other = state(time, each), state(1000 * time, 1e-9 * each)
        assert plain.word == other.word
        assert (plain.since is None) == (other.since is None)


@pytest.mark.numeric
def test_two_hundred_thousand_records():
    values = 1 + np.random.default_rng(9).normal(size=200_000) / 100
    time = np.arange(200_000.0)
    assert state(time, values).word == "at rest"


@pytest.mark.statistical
def test_a_drift_smaller_than_the_noise_is_seen():
    time = np.arange(3000.0)
    for noise in np.random.default_rng(10).normal(size=(10, 3000)):
        found = state(time, 1 + 0.01 * noise + 0.01 * time / 3000)
        assert found.since != 0 and found.word != "at rest"
