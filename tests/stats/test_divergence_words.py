"""Divergence is a result with a word of its own: in verdicts, in what they say they judged, and in what is counted."""

import math

import numpy as np
import pytest
import xarray as xr

import wd_jax as wd
from wd_jax.report import sentences
from wd_jax.results import divergence
from wd_jax.stats.comparison import compare
from wd_jax.stats.estimates import find_plateau, root_in_log, t_interval
from wd_jax.stats.verdict import Verdict

pytestmark = pytest.mark.numeric
SPREAD = np.array([-1.0, 0.0, 1.0, 0.5]) * 1e-3


def measured(*cells: float, lost: list[tuple[int, int]] | None = None, eta: list[float] | None = None) -> xr.DataArray:
    """Four seeds about each mean, over eta; those lost diverged at epoch 1."""
    values = np.add.outer(np.array(cells), SPREAD)
    at = np.full(values.shape, -1)
    for cell, seed in lost or []:
        values[cell, seed], at[cell, seed] = np.nan, 1
    coordinates = {"eta": eta or [0.1 * 10**k for k in range(len(cells))], "seed": range(4), "epoch": 1}
    return xr.DataArray(values, coordinates, ("eta", "seed")).assign_coords(
        diverged_at=(("eta", "seed"), at), lmbda=5.0, n=100
    )


WHOLE = [(1, seed) for seed in range(4)]


def test_a_cell_whose_seeds_all_diverged_does_not_hold() -> None:
    found = compare(measured(1.0, 1.0, lost=WHOLE), 1.0, within=0.01)
    assert found.verdict == "diverged" and found.scope == "eta 0.1 to 1.0 (at eta 1.0)"
    assert (
        found.why
        == "no ratio, asked 1 ± 0.01; 0 seeds, worst of 2 cells of which 1 hold, 95 % for this cell alone; 4 of 8 runs "
        "diverged: lower eta; eta*lmbda/n = 0.05 < 2 there, so it is not decay that diverges"
    )
    assert math.isnan(found.measured) and found.to_dict()["ci95"] == [None, None] and not found.by_number


def test_one_seed_that_diverged_is_enough_not_to_hold() -> None:
    found = compare(measured(1.0, lost=[(0, 2)]), 1.0, within=0.01)
    assert found.verdict == "diverged" and found.why.startswith("ratio 0.99") and "; 1 of 4 runs diverged" in found.why
    assert found.seeds == 3 and found.measured == pytest.approx(1 + np.delete(SPREAD, 2).mean())
    assert compare(measured(1.0), 1.0, within=0.01).verdict == "holds"


def test_what_fails_fails_although_other_runs_diverged() -> None:
    assert compare(measured(1.5, 1.0, lost=WHOLE), 1.0, within=0.01).verdict == "fails"
    assert compare(measured(1.5, lost=[(0, 2)]), 1.0, within=0.01).verdict == "fails"
    undecided = measured(1.0099, 1.0, lost=WHOLE)
    assert compare(undecided.isel(eta=[0]), 1.0, within=0.01).verdict == "undecided"
    assert compare(undecided, 1.0, within=0.01).verdict == "diverged"


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_value_that_no_divergence_explains_is_undecided(value: float) -> None:
    runs = measured(1.0, 1.0)
    runs[1, 0] = value
    found = compare(runs, 1.0, within=0.01)
    assert found.verdict == "undecided" and "1 value(s) missing, not because a run diverged" in found.why
    runs[1] = value
    assert compare(runs.drop_vars("diverged_at"), 1.0, within=0.01).verdict == "undecided"
    runs[1, 1:], runs[1, 0] = 9.0, value  # nor does the rest of a cell decide
    assert compare(runs.isel(eta=[1]), 1.0, within=0.01).verdict == "undecided"
    assert "those that have one would decide" in sentences.would_change(compare(runs, 1.0, within=0.01))


def test_runs_that_diverged_where_no_law_predicts_anything_are_a_result() -> None:
    """As in the issue: runs at eta = 1e30 and 1e31 diverged, and no law predicts anything there."""
    runs = measured(1.0, 1.0, 1.0, 1.0, lost=[(c, s) for c in (2, 3) for s in range(4)], eta=[0.1, 1.0, 1e30, 1e31])
    theory = xr.DataArray([1.0, 1.0, np.nan, np.nan], {"eta": runs.eta}, ("eta",))
    found = compare(runs, theory, within=0.01)
    assert found.verdict == "diverged" and "8 of 16 runs diverged: lower eta or lmbda;" in found.why
    assert compare(runs.isel(eta=[0, 1]), theory.isel(eta=[0, 1]), within=0.01).verdict == "holds"


def test_the_scope_names_the_cells_that_were_judged() -> None:
    runs = measured(1.0, 1.0, 1.0, 1.0, eta=[0.1, 1.0, 1e30, 1e31])
    theory = xr.DataArray([1.0, 1.0, np.nan, np.nan], {"eta": runs.eta}, ("eta",))
    found = compare(runs, theory, within=0.01)
    assert found.verdict == "holds" and found.scope.startswith("eta 0.1 to 1.0 (at ")
    assert "2 cell(s) without a prediction not judged" in found.why
    mine = compare(runs, theory, within=0.01, scope="layer 1, epoch 1")
    assert mine.scope.startswith("layer 1, epoch 1, only eta 0.1 to 1.0 (at ")
    runs = measured(1.0, 1.0, 1.0, 1.0, lost=[(c, s) for c in (2, 3) for s in range(4)], eta=[0.1, 1.0, 1e30, 1e31])
    nothing = compare(runs, theory * np.nan, within=0.01)
    assert nothing.verdict == "diverged" and "8 of 16 runs diverged" in nothing.why
    falling = compare(runs.isel(eta=[1, 0]), 1.0, within=0.01)
    assert falling.scope.startswith("eta 0.1 to 1.0 (")


def test_a_hole_in_the_cells_is_part_of_the_scope() -> None:
    values = np.add.outer(np.ones((2, 2)), SPREAD)
    runs = xr.DataArray(values, {"eta": [0.1, 1.0], "lmbda": [1.0, 5.0]}, ("eta", "lmbda", "seed"))
    theory = xr.DataArray([[1.0, 1.0], [1.0, np.nan]], {"eta": [0.1, 1.0], "lmbda": [1.0, 5.0]}, ("eta", "lmbda"))
    assert compare(runs, theory, within=0.01).scope.startswith(
        "eta 0.1 to 1.0, lmbda 1.0 to 5.0 without 1 of these 4 cells (at"
    )


def test_runs_that_predict_may_diverge_too() -> None:
    """Claim 4 holds one start against the other; its prediction is missing where the other diverged."""
    one, other = measured(1.0, 1.0).drop_vars("epoch"), measured(1.0, 1.0, lost=[(1, 3)]).drop_vars("epoch")
    assert compare(one, other, within=0.1).verdict == compare(other, one, within=0.1).verdict == "diverged"
    assert compare(one, other.drop_vars("diverged_at"), within=0.1).verdict == "holds"  # a seed not asked about


def test_a_mean_over_epochs_of_a_run_that_diverged_is_no_value() -> None:
    """xarray's mean skips what is missing: it would be of the epochs before the run diverged."""
    runs = measured(1.0, lost=[(0, 2)]).isel(eta=0, drop=True).drop_vars("epoch")
    series = xr.concat([runs.fillna(1.0), runs], xr.DataArray([0, 1], dims="epoch", name="epoch"))
    assert series.mean("epoch").notnull().all()
    assert compare(series.mean("epoch"), 1.0, within=0.01).verdict == "diverged"
    assert compare(series.sel(epoch=0), 1.0, within=0.01).verdict == "holds"  # it had not diverged yet


def test_a_seed_counted_twice_is_refused() -> None:
    runs = measured(1.0)
    for repeated in (runs.isel(seed=[0, 0, 0]), xr.concat([runs.isel(seed=0)] * 3, "seed")):
        with pytest.raises(ValueError, match=r"^seed=0 occurs 3 times: .*sweep with seeds=3$"):
            compare(repeated, 1.0, within=0.01)
    twice = xr.concat([runs, runs], "seed")
    with pytest.raises(ValueError, match=r"occurs 2 times: .* give each seed once"):
        compare(twice, 1.0, within=0.01)


def test_a_deterministic_measurement_has_an_interval_of_no_width() -> None:
    alike = xr.DataArray([2.0, 2.0, 2.0], {"seed": [0, 1, 2]}, ("seed",))
    found = compare(alike, 2.0, within=0.01)
    assert found.verdict == "holds" and found.ci95 == (2.0, 2.0)


@pytest.fixture(scope="module")
def runs() -> xr.Dataset:
    """Real runs of which those at the larger eta diverge in the first epoch by decay alone."""
    with pytest.warns(UserWarning, match="eta\\*lmbda/n = "):
        return wd.sweep(wd.Setup(widths=(16, 8, 4)), wd.data.null(), lmbda=5.0, eta=[0.1, 1e30], seeds=3, epochs=2,
                        progress=False)  # fmt: skip


def test_every_variable_of_a_sweep_says_who_diverged(runs: xr.Dataset, tmp_path) -> None:
    assert "diverged_at" in runs.coords and runs.weight_rms.diverged_at.values.tolist() == [[-1] * 3, [1] * 3]
    old = runs.reset_coords("diverged_at")  # as files before it was a coordinate
    old.to_netcdf(tmp_path / "old.nc", engine="scipy")
    assert "diverged_at" in wd.open(tmp_path / "old.nc").weight_rms.coords
    assert divergence.counted(runs).startswith("3 of 6 runs diverged: lower eta or lmbda; eta*lmbda/n = ")
    assert divergence.counted(runs.sel(eta=0.1)) == ""


def test_compare_judges_the_sweep_of_the_issue(runs: xr.Dataset) -> None:
    rms = runs.weight_rms.sel(layer=1, epoch=1)
    start = runs.weight_rms.sel(layer=1, epoch=0, drop=True)
    found = compare(rms, start * 0.99, within=0.5)
    assert found.verdict == "diverged" and "3 of 6 runs diverged" in found.why
    with pytest.warns(RuntimeWarning, match="used outside its condition"):
        theory = wd.theory.evaluate("epoch_decay", "weight_rms", runs)
    assert "diverged_at" not in theory.coords  # the law says nothing there, whatever the runs do
    lawful = compare(rms, theory, within=0.01)
    assert lawful.verdict == "diverged" and "3 of 6 runs diverged" in lawful.why
    assert compare(rms.sel(eta=[0.1]), theory.sel(eta=[0.1]), within=0.01).verdict == "holds"


def test_a_law_of_measured_inputs_lacks_what_diverged(runs: xr.Dataset) -> None:
    Q = xr.ones_like(runs.weight_rms.sel(epoch=1)).where(runs.weight_rms.sel(epoch=1).notnull())
    theory = wd.theory.evaluate("tail_off", "plateau_rms", runs.sel(epoch=1), Q=Q)
    assert "diverged_at" in theory.coords
    assert compare(theory, theory, within=0.01).verdict == "diverged"


def test_a_summary_counts_them_cell_by_cell(runs: xr.Dataset) -> None:
    summary = wd.summarise(runs)
    assert [row["diverged"] for row in summary.rows] == [0, 3]
    (warning,) = summary.warnings
    assert warning.startswith("3 of 6 members diverged and are left out of the means: lower eta or lmbda; eta*lmbda/n")
    joined = xr.concat([runs, runs], xr.DataArray([1, 2], dims="copy", name="copy"))
    assert wd.summarise(joined).facts["members"] == "12, of 3 seeds; 6 diverged"
    assert "diverged" not in wd.summarise(runs.sel(eta=[0.1])).rows[0]


def test_the_words_follow_from_the_decay_per_step() -> None:
    facts = {"eta": 0.1, "lmbda": ("lmbda", [5.0, 1e4, 3e4, 5e4, 9e4]), "n": 1000}
    at = xr.Dataset({"weight_rms": (("lmbda", "seed"), np.ones((5, 2)))}, facts)
    for gone, words in {
        (): "",
        (0,): "2 of 10 runs diverged: lower eta; eta*lmbda/n = 0.0005 < 2 there, so it is not decay that diverges",
        (1, 2): "4 of 10 runs diverged: lower eta or lmbda; eta*lmbda/n = 3 >= 2 in 2 of them",
        (2, 3): "4 of 10 runs diverged: lower eta or lmbda; eta*lmbda/n = 3 and 5 >= 2 there",
        (2, 3, 4): "6 of 10 runs diverged: lower eta or lmbda; eta*lmbda/n = 3, 5 and 9 >= 2 there",
    }.items():  # fmt: skip
        lost = np.full((5, 2), -1)
        lost[list(gone)] = 1
        assert divergence.counted(at.assign(diverged_at=(("lmbda", "seed"), lost))) == words
    assert divergence.said(xr.DataArray([True, False], dims="seed"), xr.Dataset()) == "1 of 2 runs diverged: lower eta"


def test_a_threshold_is_sought_where_runs_have_values() -> None:
    grid = [1.0, 4.0, 16.0, 64.0]
    assert np.exp(root_in_log(grid, [-1.0, 1.0, 2.0, math.nan])) == pytest.approx(2.0)
    assert np.exp(root_in_log(grid, [-1.0, 1.0, 2.0, 3.0])) == pytest.approx(2.0)
    for hole in ([-1.0, math.nan, 2.0, 3.0], [-1.0, 1.0, math.nan, 3.0], [math.nan, -1.0, 1.0, 2.0], [math.nan] * 4,
                 [-1.0, -0.5, math.nan, math.nan], [-1.0, -0.5, math.inf, 1.0]):  # fmt: skip
        assert math.isnan(root_in_log(grid, hole)), hole


def test_a_plateau_is_not_of_the_epochs_before_a_run_diverged() -> None:
    """One seed stands still up to epoch 50 and is gone; the others still move and no window may be found through it."""
    epoch = np.arange(61.0)
    values = np.stack([np.ones(61), *(np.exp(-0.01 * epoch) * (1 + s) for s in SPREAD)])
    values[0, 51:] = np.nan
    series = xr.DataArray(values, {"epoch": epoch}, ("seed", "epoch"))
    found = find_plateau(series, 0.01)
    assert not found.reached and (found.drift.n, found.drift.left_out) == (4, 1)
    still = find_plateau(xr.ones_like(series).where(series.notnull()), 0.01)
    assert still.reached and still.drift.left_out == 1


def test_an_estimate_without_a_number_is_printed_in_words() -> None:
    assert str(t_interval([math.nan])) == "no number" and str(t_interval([2.0])) == "2 (no interval)"


def test_a_verdict_that_diverged_is_a_sentence_and_says_what_to_do() -> None:
    nan, why = math.nan, "3 of 3 runs diverged: lower eta"
    found = Verdict(2, "prediction", "factor", "layer 1", 1.0, nan, (nan, nan), 0.1, "diverged", why, (0.9, 1.1))
    assert repr(found).startswith("claim 2 diverged: factor, layer 1; measured no number")
    assert sentences.measured(found) == "No number was measured: runs diverged."
    assert sentences.would_change(found) == "Runs that do not diverge: the reason says how many did, and what to lower."
    some = Verdict(2, "prediction", "factor", "", 1.0, 1.0, (0.95, 1.05), 0.1, "diverged", why, (0.9, 1.1))
    assert sentences.measured(some) == "Runs diverged; those that did not gave 1, 95 % interval [0.95, 1.05]."
