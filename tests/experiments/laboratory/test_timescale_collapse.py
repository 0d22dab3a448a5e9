"""The collapse on the timescale: shares against sums of squares, and words that can change."""

import dataclasses

import numpy as np
import pytest
import xarray as xr

import wd_jax as wd
from experiments.laboratory.timescale_collapse import EXPERIMENT, analysis
from experiments.laboratory.timescale_collapse.settings import NAME
from experiments.laboratory.timescale_collapse.shares import over_seeds, share
from wd_jax.figures import style

pytestmark = pytest.mark.statistical
TINY = dataclasses.replace(
    EXPERIMENT.preset("digits", "quick"),
    **{"learned": 60, "watched": 40, "hidden": 3, "epochs": (1, 2), "seeds": 3, "eta": (0.01, 0.02)},
    **{"lmbda": (1.0, 2.0, 4.0)},
)
FULL = dataclasses.replace(EXPERIMENT.preset("digits", "quick"), epochs=(50, 100, 200))


def made(cost, exponent: float, noise: float = 0.01) -> dict[str, xr.Dataset]:
    """Runs whose cost is a function of some number, least where lmbda goes as eta to a power, with noise of seeds."""
    eta, lmbda, epochs = np.ix_(FULL.eta, FULL.lmbda, np.asarray(FULL.epochs, float))
    base = cost(FULL.batch_size / (eta * lmbda) / epochs, eta, lmbda)
    random = np.random.default_rng(0)
    shape = (*base.shape, FULL.seeds)
    each = base[..., None] + noise * (random.normal(size=shape) + 3 * random.normal(size=FULL.seeds))
    bowl = np.log(lmbda * eta**-exponent / (45 * 6e-3**-exponent)) ** 2 + 0 * epochs
    validation = 0.2 * np.exp(0.1 * bowl[..., None] + 1e-3 * random.normal(size=shape))
    dims = ("split", "eta", "lmbda", "epochs", "seed")
    coords = {"split": ["validation", "test"], "eta": list(FULL.eta), "lmbda": list(FULL.lmbda)}
    coords |= {"epochs": list(FULL.epochs), "seed": range(FULL.seeds)}
    runs = xr.Dataset(
        {"cost": (dims, np.stack([validation, np.exp(each)])), "accuracy": (dims, np.stack([each, each]))}, coords
    )
    return {NAME: runs.assign(diverged_at=(("eta", "lmbda", "seed"), np.full(shape[:2] + shape[3:], -1)))}


def words(stored: dict[str, xr.Dataset]) -> dict[str, str]:
    return {f"{one.statement}; {one.scope}": one.verdict for one in analysis.analyse(FULL, None, stored).verdicts}


def of(given: dict[str, str], part: str) -> set[str]:
    return {word for statement, word in given.items() if part in statement}


def test_a_tiny_run_has_every_verdict_and_is_drawn() -> None:
    runs = {NAME: EXPERIMENT.measurements[NAME](TINY, wd.data.digits())}
    assert runs[NAME].cost.dims == ("split", "eta", "lmbda", "epochs", "seed") and runs[NAME].cost.notnull().all()
    found = analysis.analyse(TINY, None, runs)
    assert len(found.verdicts) == 18 and {one.claim for one in found.verdicts} == {NAME}
    known = {value for one in EXPERIMENT.tolerances(TINY) for value in one.values}
    assert {one.tolerance for one in found.verdicts} <= known
    for width in ("two", "one"):
        with style.style(width):
            assert len(found.draw().axes) == 4


def test_epochs_of_a_run_are_those_of_a_shorter_one() -> None:
    data, measure = wd.data.digits(), EXPERIMENT.measurements[NAME]
    long, short = measure(TINY, data), measure(dataclasses.replace(TINY, epochs=(1,)), data)
    np.testing.assert_allclose(long.cost.sel(epochs=1), short.cost.sel(epochs=1), rtol=1e-5)


def test_runs_that_collapse_on_the_timescale_are_said_to() -> None:
    given = words(made(lambda tau_run, eta, lmbda: np.log(tau_run) ** 2 / 10, -1.0))
    assert of(given, "is a function of tau/epochs") == {"holds"}
    assert of(given, "is a function of lmbda") == {"fails"}
    assert of(given, "explains more") == of(given, "keeps the timescale") == {"holds"}
    assert of(given, "longest runs, all eta") == {"holds"} and of(given, "does not depend on eta") == {"fails"}


def test_runs_that_collapse_on_lmbda_are_not_taken_for_that() -> None:
    given = words(made(lambda tau_run, eta, lmbda: np.log(lmbda) ** 2 / 10 + 0 * tau_run, 0.0))
    assert of(given, "is a function of tau/epochs") == of(given, "explains more") == {"fails"}
    assert of(given, "is a function of lmbda") == {"holds"}
    assert of(given, "keeps the timescale") == of(given, "varies less") == {"fails"}
    assert of(given, "does not depend on eta") == {"holds"}


def test_an_optimum_at_the_edge_and_a_diverged_run_are_said() -> None:
    runs = made(lambda tau_run, eta, lmbda: np.log(lmbda) ** 2 / 10 + 0 * tau_run, 0.0)[NAME]
    low = runs.copy(deep=True)
    low.cost[0, 0, :, -1] = low.lmbda
    found = analysis.analyse(FULL, None, {NAME: low})
    verdicts = [one for one in found.verdicts if "best" in one.statement]
    assert {one.verdict for one in verdicts} == {"undecided"}
    assert any("8 of 96 optima at the edge of the grid" in one.why for one in verdicts)
    assert "8 at the low end" in {row[-1] for row in found.tables[1].rows}
    gone = runs.copy(deep=True)
    gone.diverged_at[1, 2, 3] = 7
    gone.cost[:, 1, 2, :, 3] = np.nan
    gone.accuracy[:, 1, 2, :, 3] = np.nan
    found = analysis.analyse(FULL, None, {NAME: gone})
    (word,) = (one.verdict for one in found.verdicts if one.statement == "accuracy is a function of lmbda")
    assert word == "diverged" and "holds" not in {one.verdict for one in found.verdicts}
    assert "1 of 256 runs diverged" in found.answer


def test_the_share_is_that_of_an_analysis_of_variance() -> None:
    random = np.random.default_rng(1)
    x = np.repeat([1.0, 2.0, 4.0, 8.0], 5)
    y = np.log2(x)[:, None] + random.normal(size=(20, 1)) + np.zeros(6)
    groups = y[:, 0].reshape(4, 5)
    left = ((groups - groups.mean(1, keepdims=True)) ** 2).sum() / 16
    assert share(x, y) == pytest.approx(1 - left / y[:, 0].var(ddof=1), rel=1e-12)


def test_noise_of_seeds_and_chance_are_taken_off() -> None:
    random = np.random.default_rng(2)
    x, shares, nothing = 2.0 ** np.repeat(np.arange(8), 12), [], []
    for _ in range(40):
        noise = random.normal(size=(96, 8)) + 5 * random.normal(size=8)
        shares.append(share(x, np.log2(x)[:, None] / 4 + noise))
        nothing.append(share(x, random.normal(size=96)[:, None] + noise))
    assert np.mean(shares) == pytest.approx(1, abs=0.02)
    assert np.mean(nothing) == pytest.approx(0, abs=0.05)


def test_nothing_to_explain_or_a_missing_value_is_no_share() -> None:
    x, y = [1.0, 1.0, 2.0, 2.0], np.ones((4, 3))
    assert np.isnan(share(x, y)) and np.isnan(share([1.0, 2.0, 4.0, 8.0], np.random.default_rng(0).normal(size=(4, 3))))
    y[0, 0] = np.nan
    assert np.isnan(share(x, y)) and np.isnan(over_seeds(lambda values: share(x, values), y).low)


def test_the_jackknife_of_a_mean_is_students_interval() -> None:
    y = np.random.default_rng(3).normal(size=9)
    from scipy import stats

    half = stats.t.ppf(0.975, 8) * y.std(ddof=1) / 3
    found = over_seeds(lambda values: float(values.mean()), y)
    np.testing.assert_allclose([found.value, found.low, found.high], y.mean() + half * np.array([0, -1, 1]), rtol=1e-9)
