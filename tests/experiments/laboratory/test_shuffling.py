"""Shuffled epochs: the simulation against a plain loop, the analysis on made-up variances, and a tiny run."""

import dataclasses
import itertools

import jax
import numpy as np
import pytest
import xarray as xr

from experiments.laboratory.shuffling import EXPERIMENT, ridge, ridge_analysis, ridge_simulation, simulation
from experiments.laboratory.shuffling.analysis import END, MIDDLE, analyse, laws_of, phases
from experiments.laboratory.shuffling.settings import NAME, RIDGE, SHORT, Settings, measure_ridge, simulated
from wd_jax.figures import style

SIZES = simulation.Sizes(steps_per_epoch=4, m=3, orders=2, weights=5, burn_in=2, epochs=3)
TINY = Settings(
    "none", kappa=(0.5, 2.0), steps_per_epoch=8, short_epoch=4, orders=2, weights=8, burn_in=3, epochs=4, seeds=3,
    ridge_examples=4, ridge_runs=8, ridge_burn_in=2, ridge_epochs=3, ridge_seeds=3,
)  # fmt: skip


def loop(seed: int, epsilon: float, eta: float, sizes: simulation.Sizes) -> np.ndarray:
    """Give the mean squares [sampling, step] by a plain loop, with the same examples and orders."""
    key = jax.random.key(seed)
    examples = np.asarray(simulation.examples_of(seed, sizes), np.float64)
    total = np.zeros((2, sizes.steps_per_epoch))
    for sampling in range(2):
        for run in range(sizes.orders):
            w = np.zeros(sizes.weights)
            for epoch in range(sizes.burn_in + sizes.epochs):
                order = np.asarray(simulation.chosen_of(key, epoch, sizes))[sampling, run]
                for k in range(sizes.steps_per_epoch):
                    batch = examples[run, order[k * sizes.m : (k + 1) * sizes.m]].mean(0)
                    w = (1 - epsilon) * w - eta * batch
                    if epoch >= sizes.burn_in:
                        total[sampling, k] += (w**2).mean() / (sizes.orders * sizes.epochs)
    return total


@pytest.mark.numeric
def test_simulation_against_a_plain_loop():
    epsilon = np.array([0.01, 0.3])
    with jax.enable_x64(True):
        found = np.asarray(simulation.mean_squares(7, simulation.examples_of(7, SIZES), epsilon, 0.2, SIZES))
    for i, each in enumerate(epsilon):
        np.testing.assert_allclose(found[:, i], loop(7, each, 0.2, SIZES), rtol=1e-10)


@pytest.mark.numeric
def test_an_epoch_shows_each_example_once_and_examples_are_standardised():
    key = jax.random.key(1)
    shuffled, drawn = np.asarray(simulation.chosen_of(key, 5, SIZES))
    assert (np.sort(shuffled, axis=1) == np.arange(SIZES.n)).all()
    assert (shuffled[0] != shuffled[1]).any()
    assert ((drawn >= 0) & (drawn < SIZES.n)).all()
    assert (np.sort(drawn, axis=1) != np.arange(SIZES.n)).any()
    examples = np.asarray(simulation.examples_of(1, SIZES), np.float64)
    np.testing.assert_allclose(examples.mean(1), 0, atol=1e-6)
    np.testing.assert_allclose((examples**2).mean(1), 1, rtol=1e-6)


def made_up(preset: Settings, spread: float = 1e-3) -> dict[str, xr.Dataset]:
    """Give variances that are those of the laws, with a little noise over the seeds."""
    generator = np.random.default_rng(0)
    stored = {}
    for name, steps in ((NAME, preset.steps_per_epoch), (SHORT, preset.short_epoch)):
        runs = simulated(dataclasses.replace(preset, burn_in=1, epochs=1, orders=1, weights=1), steps)
        laws = laws_of(runs)
        theory = xr.concat([laws.inside, laws.independent.broadcast_like(laws.inside)], "sampling_of")
        level = theory.assign_coords(sampling_of=runs.sampling_of).broadcast_like(runs.weight_ms)
        noise = np.exp(spread * generator.normal(size=runs.weight_ms.shape))
        stored[name] = runs.assign(weight_ms=level.transpose(*runs.weight_ms.dims) * noise)
    regression = measure_ridge(dataclasses.replace(preset, ridge_runs=1, ridge_burn_in=1, ridge_epochs=1), None)
    laws = ridge_analysis.laws_of(regression)
    for name in ("mean", "square"):
        noise = np.exp(spread * generator.normal(size=regression[name].shape))
        level = getattr(laws, name).broadcast_like(regression[name]).transpose(*regression[name].dims)
        regression[name] = level * noise
    return stored | {RIDGE: regression}


QUIET = dataclasses.replace(EXPERIMENT.preset("none", "quick"), seeds=8)


@pytest.mark.statistical
def test_what_follows_the_law_holds_and_the_usual_floor_fails():
    outcome = analyse(QUIET, None, made_up(QUIET))
    words = {one.statement: one.verdict for one in outcome.verdicts}
    assert all(one.verdict == "holds" for one in outcome.verdicts if one.kind == "prediction")
    assert [words[name] for name in words if "floor of independent draws would" in name] == ["fails"]
    assert [words[name] for name in words if "limit of many steps" in name] == ["fails"]
    assert [words[name] for name in words if "does not depend" in name or "to first order" in name] == ["fails"] * 2


@pytest.mark.statistical
@pytest.mark.parametrize(
    ("sampling", "step", "failing"),
    [
        ("shuffled", 48, {"end of", "each quarter", "apart"}),
        ("shuffled", 24, {"middle", "each quarter"}),
        ("shuffled", None, {"end of", "middle", "average", "each quarter", "apart"}),
        ("independent", None, {"independent", "apart"}),
    ],
)
def test_each_verdict_can_fail(sampling, step, failing):
    stored = made_up(QUIET)
    runs = stored[NAME]
    there = (runs.sampling_of == sampling) & (True if step is None else runs.step == step)
    changed = stored | {NAME: runs.assign(weight_ms=runs.weight_ms.where(~there, 1.03 * runs.weight_ms))}
    verdicts = [one for one in analyse(QUIET, None, changed).verdicts if one.kind == "prediction"][:6]
    starts = {name: f"shuffled, {name}" for name in ("end of", "middle", "average", "each quarter")}
    starts |= {"independent": "independent draws:", "apart": "independent draws over"}
    words = {name: one.verdict for name, start in starts.items() for one in verdicts if one.statement.startswith(start)}
    assert len(words) == len(verdicts)
    assert {name for name, word in words.items() if word == "fails"} == failing


@pytest.mark.statistical
def test_a_tiny_run_gives_its_verdicts_and_a_figure_in_both_widths():
    stored = {name: measure(TINY, None) for name, measure in EXPERIMENT.measurements.items()}
    assert stored[NAME].weight_ms.dims == ("sampling_of", "kappa", "seed", "step")
    outcome = EXPERIMENT.analyse(TINY, None, stored)
    of_one_weight, of_ridge = ["prediction"] * 6 + ["rival"] * 5, ["prediction"] * 2 + ["identity"] + ["rival"] * 2
    assert [one.kind for one in outcome.verdicts] == of_one_weight + of_ridge
    assert len(outcome.tables[0].rows) == 2 * 3 * len(TINY.kappa)
    for width in style.WIDTHS:
        with style.style(width):
            assert len(outcome.draw().axes) == 4


@pytest.mark.numeric
def test_phases_are_the_last_step_the_middle_one_and_the_mean():
    inside = xr.DataArray([1.0, 2.0, 3.0, 6.0], dims="step", coords={"step": [1, 2, 3, 4]})
    found = phases(inside)
    assert (float(found[END]), float(found[MIDDLE]), float(found["average over the epoch"])) == (6, 2, 3)


def regression(n: int = 4) -> ridge.Problem:
    generator = np.random.default_rng(1)
    inputs = generator.normal(size=(n, 2))
    return ridge.problem(inputs, inputs @ [1.0, -1.0] + generator.normal(size=n), 0.2)


@pytest.mark.numeric
def test_all_orders_at_once_against_each_order_by_itself():
    given, eta, start = regression(), 0.15, np.array([0.7, -0.4])
    orders = list(itertools.permutations(range(4)))
    mean, square = np.zeros(2), np.zeros((2, 2))
    for order in orders:
        e = start
        for i in order:
            x = given.inputs[i]
            e = e - eta * (x * (x @ e) + 0.2 * e + given.residuals[i])
        mean, square = mean + e / len(orders), square + np.outer(e, e) / len(orders)
    found = ridge.epoch_map(given, eta) @ np.concatenate([[1], start, np.outer(start, start).ravel()])
    np.testing.assert_allclose(found, np.concatenate([[1], mean, square.ravel()]), rtol=1e-12, atol=1e-15)
    settled, spread = ridge.at_epoch_end(given, eta)
    state = np.concatenate([[1], settled, spread.ravel()])
    np.testing.assert_allclose(ridge.epoch_map(given, eta) @ state, state, rtol=1e-12)


@pytest.mark.numeric
def test_the_optimum_and_the_bias_of_small_learning_rates():
    given = regression(6)
    np.testing.assert_allclose(given.residuals.sum(0), 0, atol=1e-13)
    exact = ridge.at_epoch_end(given, 1e-5)[0] / 1e-5
    np.testing.assert_allclose(exact, ridge.bias_per_eta(given), rtol=1e-3)
    np.testing.assert_allclose(ridge.bias_extrapolated(given, 1e-3), ridge.bias_per_eta(given), rtol=1e-4)


@pytest.mark.numeric
def test_too_many_examples_and_too_large_a_rate_are_refused():
    with pytest.raises(ValueError, match=r"15 examples: .* give at most 14"):
        ridge.epoch_map(regression(15), 0.1)
    with pytest.raises(ValueError, match="eta=5: the weights do not settle"):
        ridge.at_epoch_end(regression(), 5.0)


@pytest.mark.numeric
def test_the_regressions_simulation_against_a_plain_loop():
    given, rates, runs = regression(), np.array([0.05, 0.2]), 3
    with jax.enable_x64(True):
        numbers = (given.inputs, given.residuals, given.decay)
        mean, square = ridge_simulation.moments(5, *numbers, rates, runs, 2, 4)
        bits = [jax.random.bits(jax.random.fold_in(jax.random.key(5), k), (4, runs), np.uint32) for k in range(6)]
    orders = np.argsort(np.array(bits), axis=1)
    for i, eta in enumerate(rates):
        ends = []
        for run in range(runs):
            e = np.zeros(2)
            for epoch in range(6):
                for j in orders[epoch, :, run]:
                    x = given.inputs[j]
                    e = e - eta * (x * (x @ e) + 0.2 * e + given.residuals[j])
                if epoch >= 2:
                    ends.append(e)
        np.testing.assert_allclose(mean[i], np.mean(ends, 0), rtol=1e-10)
        np.testing.assert_allclose(square[i], np.mean(np.sum(np.square(ends), 1)), rtol=1e-10)


@pytest.mark.statistical
@pytest.mark.parametrize(("name", "mark"), [("square", "mean square distance"), ("mean", "the mean distance")])
def test_each_verdict_of_the_regression_can_fail(name, mark):
    stored = made_up(QUIET)
    changed = stored | {RIDGE: stored[RIDGE].assign({name: 1.03 * stored[RIDGE][name]})}
    found = [one for one in analyse(QUIET, None, changed).verdicts[-5:] if one.kind == "prediction"]
    assert [mark in one.statement for one in found if one.verdict == "fails"] == [True]


@pytest.mark.numeric
def test_the_law_of_the_bias_can_fail(monkeypatch):
    stored, right = made_up(QUIET), ridge.bias_per_eta
    monkeypatch.setattr(ridge, "bias_per_eta", lambda given: 1.02 * right(given))
    assert analyse(QUIET, None, stored).verdicts[-3].verdict == "fails"
