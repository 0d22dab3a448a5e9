"""Every experiment, run once with small settings: complete verdicts and tables, and results that can be read."""

import json
import math
import re

import numpy as np
import pytest
import xarray as xr
from matplotlib.text import Text

import experiments
import wd_jax as wd
from experiments import run_sweeps
from experiments.exercise.dominance import analysis as dominance
from experiments.exercise.preset import PRESETS, preset
from experiments.exercise.tail_off import analysis as tail_off
from experiments.exercise.tail_off import late_weights
from wd_jax.figures.style import style
from wd_jax.stats.outcome import Outcome

pytestmark = pytest.mark.numeric
NAMES = experiments.names("exercise")


@pytest.mark.parametrize("name", NAMES)
def test_an_outcome_is_complete(name: str, outcomes: dict[str, Outcome]) -> None:
    outcome = outcomes[name]
    assert outcome.title == experiments.load(name).title and outcome.verdicts and outcome.tables
    for table in outcome.tables:
        assert table.rows and all(len(row) == len(table.columns) for row in table.rows)
    for verdict in outcome.verdicts:
        assert verdict.claim == int(name.split("_")[1])
        assert verdict.kind in ("prediction", "rival", "identity") and verdict.verdict in (
            "holds",
            "fails",
            "undecided",
        )
        assert verdict.statement and verdict.scope and verdict.why and math.isfinite(verdict.tolerance)
        if verdict.verdict != "undecided":
            assert verdict.ci95[0] <= verdict.measured <= verdict.ci95[1]
            assert math.isfinite(verdict.predicted)


def found(outcome: Outcome, statement: str, scope: str = "") -> list[str]:
    return [v.verdict for v in outcome.verdicts if statement in v.statement and scope in v.scope]


def test_claim_1_answers_in_three_senses_per_layer(outcomes: dict[str, Outcome]) -> None:
    outcome = outcomes["claim_1_dominance"]
    for sense in dominance.SENSES.values():
        assert len(found(outcome, sense)) == 2
    assert len(found(outcome, "one example's gradient")) == 2


@pytest.mark.parametrize(
    "axis, values, words",
    [
        ("hidden", [8, 16, 32], "hidden 8, 16 and 32"),
        ("hidden", [8, 32, 256], "hidden 8, 32 and 256"),
        ("hidden", [8, 16, 32, 128], "hidden 8 to 128 (4 values)"),
        ("lmbda", [2.5, 20.0], "lmbda 2.5 and 20"),
        ("hidden", [16], "hidden 16"),
    ],
)
def test_a_scope_of_claim_3_names_every_cell_that_is_left(axis: str, values: list[float], words: str) -> None:
    epochs = {"first": 161.0, "last": 400.0}
    plateau = xr.Dataset({"weight_rms": (axis, np.ones(len(values)))}, {axis: values} | epochs)
    assert tail_off._range(plateau) == f"{words}, epochs 161 to 400"


def test_a_width_dropped_between_two_others_is_not_in_the_scope(reproduced) -> None:
    widths = late_weights.measure(wd.open(reproduced.folder / "claim_3_tail_off_by_width"))
    size = xr.ones_like(widths.weight_rms)
    middle = widths.hidden.values[1]
    found = tail_off._exponents(widths.assign(weight_rms=size.where(size.hidden != middle)).isel(part=0))
    assert {v.scope.split(", epochs")[0] for v in found} == {"layer 1, hidden 6 and 24"}


def test_claim_2_is_exact_on_dead_inputs(outcomes: dict[str, Outcome]) -> None:
    outcome = outcomes["claim_2_epoch_decay"]
    assert found(outcome, "dead inputs: exact factor") == ["holds"]
    assert found(outcome, "dead inputs: factor exp") == ["holds"]
    (exact,) = (v for v in outcome.verdicts if v.statement.startswith("dead inputs: exact"))
    assert exact.kind == "identity" and exact.predicted == pytest.approx(40 * math.log1p(-15 / 1200), rel=1e-12)
    (limit,) = (v for v in outcome.verdicts if v.statement.startswith("dead inputs: factor exp"))
    assert limit.kind == "prediction" and limit.predicted == pytest.approx(-0.5, rel=1e-12)
    assert {v.kind for v in outcome.verdicts if "all weights" in v.statement} == {"prediction"}


def test_claim_3_judges_both_exponents_and_the_balance(outcomes: dict[str, Outcome]) -> None:
    outcome = outcomes["claim_3_tail_off"]
    assert len(found(outcome, "n_w^(-1/2)")) == len(found(outcome, "n_w^(-1) ")) == 3  # two layers and the network
    balance = [v for v in outcome.verdicts if "norm balance" in v.statement]
    same = [v for v in balance if "same run" in v.statement]
    assert [v.kind for v in same] == ["identity"] * 2 and {v.kind for v in balance if v not in same} == {"prediction"}
    assert {v.verdict for v in same} <= {"holds", "undecided"}


def test_claim_4_times_the_descent_of_dead_inputs(outcomes: dict[str, Outcome]) -> None:
    """At kappa = 0.5 the limit's t* = ln 64 is 0.63 % late, so it holds; the hidden layer never gets there."""
    outcome = outcomes["claim_4_initialisation"]
    (dead,) = (v for v in outcome.verdicts if v.scope == "weights on dead inputs")
    assert dead.verdict == "holds" and dead.predicted == pytest.approx(math.log(64), rel=1e-12)
    assert dead.measured == pytest.approx(math.log(8) / -(40 * math.log1p(-15 / 1200)), rel=1e-3)
    assert len(found(outcome, "same weight_rms")) == 4 and len(found(outcome, "same share of errors")) == 1


def test_claim_2s_results_are_in_double_precision(reproduced) -> None:
    assert wd.open(reproduced.folder / "claim_2_epoch_decay")["dtype"] == "float64"


def test_the_stored_runs_are_those_the_settings_describe(reproduced) -> None:
    settings = json.loads((reproduced.folder / "settings.json").read_text())
    assert settings["experiments"] == list(NAMES) and settings["seeds"] == 3 and settings["widths"] == [6, 12, 24]
    widths = wd.open(reproduced.folder / "claim_3_tail_off_by_width")
    assert widths.hidden.values.tolist() == [6, 12, 24]
    assert (widths.sizes["seed"], float(widths.epoch[-1])) == (4, 24)
    starts = wd.open(reproduced.folder / "claim_4_initialisation")
    assert starts.init.values.tolist() == ["gaussian", "fan_in"] and bool(starts.independent_seeds)


def test_every_preset_is_nielsens_network(reproduced) -> None:
    for (dataset, _), one in PRESETS.items():
        assert (one.dataset, one.hidden, one.batch_size, one.eta, one.lmbda) == (dataset, 30, 10, 0.1, 5.0)
        assert one.seeds >= 5 and one.epochs_of_book == 30 and one.epochs_of_starts >= one.epochs_of_book
        grid = one.lmbda_grid()
        assert grid == sorted(grid) and (grid[0], grid[-1]) == pytest.approx(one.lmbda_range)
    assert preset("digits", "quick").widths == (8, 16, 32, 64, 128)


def test_an_unknown_preset_or_experiment_is_named() -> None:
    with pytest.raises(KeyError, match=r"no preset 'huge' for dataset 'digits': there are .*mnist full"):
        preset("digits", "huge")
    with pytest.raises(KeyError, match=r"no experiment 'claim_5': choose among claim_1_dominance"):
        experiments.load("claim_5")


def diverged(runs: dict[str, xr.Dataset], seed: int | None = None, at: int = 1) -> dict[str, xr.Dataset]:
    """The same runs with one seed, or all, lost from an epoch on, as a sweep says it."""
    return {name: lost(one, (one.seed == seed) | (seed is None), at) for name, one in runs.items()}


def lost(one: xr.Dataset, which: xr.DataArray, at: int) -> xr.Dataset:
    epoch = xr.where(which, at, one.diverged_at).transpose(*one.diverged_at.dims)
    epoch = epoch.reset_coords("diverged_at", drop=True)
    changed = one.assign_coords(diverged_at=epoch)
    alive = (epoch < 0) | (one.epoch < epoch)
    return changed.map(lambda x: x.where(alive).transpose(*x.dims) if "epoch" in x.dims else x, keep_attrs=True)


def calm(one: xr.Dataset) -> xr.Dataset:
    """The same runs without the largest lmbdas, whose weights grow with every step."""
    return one.sel(lmbda=one.lmbda * one.eta / one.n < 2) if "lmbda" in one.dims else one


def test_a_seed_without_a_threshold_decides_nothing_in_claim_1(reproduced) -> None:
    """Leaving it out would shift the mean: it has none because its threshold lies elsewhere, or it diverged."""
    module, stored = experiments.load("claim_1_dominance"), calm(wd.open(reproduced.folder / "claim_1_dominance"))
    small = preset("digits", "quick", **small_changes(reproduced))
    gone = diverged({"claim_1_dominance": stored}, 2)
    missing = {name: one.assign_coords(diverged_at=stored.diverged_at) for name, one in gone.items()}
    for runs, word in ((gone, "diverged"), (missing, "undecided")):
        verdicts = module.analyse(small, wd.data.digits(), runs).verdicts
        assert {v.verdict for v in verdicts if "epoch 1" in v.scope} == {word}


def test_runs_that_diverge_above_the_threshold_shorten_the_grid_and_are_counted(reproduced) -> None:
    module, stored = experiments.load("claim_1_dominance"), calm(wd.open(reproduced.folder / "claim_1_dominance"))
    small, data = preset("digits", "quick", **small_changes(reproduced)), wd.data.digits()
    top = lost(stored, (stored.lmbda == stored.lmbda[-1]) & (stored.seed == 0), 1)
    whole, short = (module.analyse(small, data, {"claim_1_dominance": runs}) for runs in (stored, top))
    for one, other in zip(short.verdicts, whole.verdicts, strict=True):
        assert (one.verdict, one.measured) == (other.verdict, other.measured)
        assert one.scope == other.scope + (", lmbda to 100" if "epoch 1" in one.scope else "")
        assert ("1 of 18 runs diverged" in one.why) == ("epoch 1" in one.scope)
    said = "1 of 18 runs diverged: lower eta; eta*lmbda/n = 0.833 < 2 there, so it is not decay that diverges."
    assert short.answer == f"{whole.answer} {said}"


@pytest.mark.parametrize("name", NAMES[1:])
def test_a_diverged_seed_is_left_out_of_the_numbers_and_named_by_the_word(name: str, reproduced) -> None:
    """The numbers of 3 seeds of which one diverged are those of the other two; what does not fail has diverged."""
    data, small = wd.data.digits(), preset("digits", "quick", **small_changes(reproduced))
    stored = {sweep: run_sweeps.opened(reproduced.folder, sweep) for sweep in experiments.load(name).sweeps}
    last = max(int(one.seed[-1]) for one in stored.values())
    outcome = experiments.load(name).analyse(small, data, diverged(stored, last))
    assert "runs diverged: lower eta; eta*lmbda/n = 0.0125 < 2 there" in outcome.answer
    fewer = {key: one.isel(seed=slice(0, -1)) for key, one in stored.items()}
    without = experiments.load(name).analyse(small, data, fewer).verdicts
    for one, other in zip(outcome.verdicts, without, strict=True):
        if "epoch 0" in one.scope:
            continue  # measured before any training: nothing has diverged yet
        if "Q of other seeds" in one.statement:
            continue  # which seeds predict which depends on how many there are
        if "reach 1/√n_in" in one.statement:
            continue  # a crossing: whether it came first is not asked
        assert one.verdict == ("fails" if other.verdict == "fails" else "diverged")
        if other.measured != other.measured or (name == NAMES[2] and "(at " in one.scope):
            continue  # of several widths another may have the word
        np.testing.assert_allclose([one.measured, *one.ci95], [other.measured, *other.ci95], rtol=1e-9)


OF_THE_RUN = ("format", "experiments", "size", "dataset", "dataset_sha256", "made_by")


def small_changes(reproduced) -> dict:
    settings = json.loads((reproduced.folder / "settings.json").read_text())
    settings = {key: tuple(value) if isinstance(value, list) else value for key, value in settings.items()}
    return {key: settings[key] for key in settings if key not in OF_THE_RUN}


@pytest.mark.parametrize("name", NAMES)
def test_experiments_whose_runs_all_diverged_say_so_in_every_place(name: str, reproduced) -> None:
    """The issue: six of six experiments answered "lmbda must exceed nan and nan"."""
    data, small = wd.data.digits(), preset("digits", "quick", **small_changes(reproduced))
    stored = {sweep: run_sweeps.opened(reproduced.folder, sweep) for sweep in experiments.load(name).sweeps}
    outcome = experiments.load(name).analyse(small, data, diverged(stored))
    for verdict in outcome.verdicts:
        assert verdict.verdict == "diverged" or "epoch 0" in verdict.scope
        assert "runs diverged: lower eta" in verdict.why or "epoch 0" in verdict.scope
    assert "runs diverged: lower eta" in outcome.answer
    cells = [str(cell) for table in outcome.tables for row in table.rows for cell in row]
    assert not any(re.search(r"\b(nan|inf)", text) for text in (outcome.answer, *cells))
    assert "no number" in cells or "runs diverged" in cells
    with style():
        figure = outcome.draw()
    said = " ".join(text.get_text() for text in figure.findobj(Text)).replace("\n", " ").replace("\u00a0", " ")
    assert "runs diverged" in said and ("Nothing to draw" in said or name == NAMES[0])


@pytest.mark.parametrize("name", NAMES)
def test_values_that_are_missing_without_divergence_leave_everything_undecided(name: str, reproduced) -> None:
    data, small = wd.data.digits(), preset("digits", "quick", **small_changes(reproduced))
    stored = {sweep: run_sweeps.opened(reproduced.folder, sweep) for sweep in experiments.load(name).sweeps}
    missing = {key: calm(one).where(one.epoch == 0).assign_attrs(one.attrs) for key, one in stored.items()}
    outcome = experiments.load(name).analyse(small, data, missing)
    assert {v.verdict for v in outcome.verdicts if "epoch 0" not in v.scope} == {"undecided"}
    assert "nan" not in outcome.answer.replace("dominan", "") and "diverged" not in outcome.answer
