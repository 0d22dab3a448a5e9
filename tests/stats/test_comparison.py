"""Verdicts: three words, an interval over seeds, Bonferroni over cells, and what is left out is said."""

import math

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from wd_jax.stats.comparison import compare, judged, undecided
from wd_jax.stats.estimates import Estimate, exp

numeric = pytest.mark.numeric
statistical = pytest.mark.statistical


def cells(means, half: float, seeds: int = 5) -> xr.DataArray:
    """Cells whose 95 % intervals, before Bonferroni, are exactly mean ± half."""
    shape = np.linspace(-1, 1, seeds)
    shape *= half / (stats.t.ppf(0.975, seeds - 1) * shape.std(ddof=1) / math.sqrt(seeds))
    return xr.DataArray(
        np.add.outer(np.asarray(means), shape), {"lmbda": 1.0 + np.arange(len(means))}, ("lmbda", "seed")
    )


@numeric
@pytest.mark.parametrize(
    "mean, half, word",
    [(1.0, 0.009, "holds"), (1.005, 0.006, "undecided"), (1.005, 0.02, "undecided"), (1.02, 0.009, "fails"),
     (0.98, 0.009, "fails"), (1.02, 0.011, "undecided"), (0.995, 0.004, "holds")],
)  # fmt: skip
def test_the_interval_of_the_ratio_decides(mean: float, half: float, word: str) -> None:
    found = compare(3 * cells([mean], half), 3.0, within=0.01, claim=2, statement="s", scope="here")
    assert (found.verdict, found.claim, found.kind, found.statement, found.scope) == (
        word,
        2,
        "prediction",
        "s",
        "here",
    )
    assert (found.predicted, found.tolerance) == (3.0, 0.01)
    assert found.measured == pytest.approx(3 * mean)
    assert found.ci95 == pytest.approx((3 * (mean - half), 3 * (mean + half)))


@numeric
def test_a_negative_prediction_has_its_ends_in_order() -> None:
    found = compare(-2 * cells([1.0], 0.01), -2.0, within=0.02)
    assert found.verdict == "holds" and found.ci95 == pytest.approx((-2.02, -1.98))


@numeric
def test_bonferroni_widens_the_interval_of_cells_that_are_off_and_of_no_other() -> None:
    """All cells holding is an intersection of claims: each at its own level. One failing is a union."""
    wider = stats.t.ppf(1 - 0.05 / 8, 4) / stats.t.ppf(0.975, 4)
    for count in (1, 4):
        inside = compare(cells([1.0] * count, 0.008), 1.0, within=0.01)
        assert inside.verdict == "holds" and inside.ci95 == pytest.approx((0.992, 1.008))
    assert inside.cells == 1 and "95 % for this cell alone" in inside.why
    alone, together = (compare(cells([1.02] * k, 0.009), 1.0, within=0.01) for k in (1, 4))
    assert alone.ci95[1] - 1.02 == pytest.approx(0.009) and together.ci95[1] - 1.02 == pytest.approx(0.009 * wider)
    assert (alone.verdict, together.verdict, together.cells) == ("fails", "undecided", 4)
    assert "95 % for all 4 together (Bonferroni)" in together.why


@numeric
def test_a_factor_is_judged_on_the_logarithm() -> None:
    sample = np.array([0.5, 1.0, 4.0, 2.0])
    found = compare(xr.DataArray(3 * sample, dims="seed"), 3.0, within=40, factor=True)
    low, high = stats.t.interval(0.95, 3, np.log(sample).mean(), stats.sem(np.log(sample)))
    assert found.measured == pytest.approx(3 * stats.gmean(sample)) and found.verdict == "holds"
    assert found.ci95 == pytest.approx((3 * math.exp(low), 3 * math.exp(high))) and "geometric mean" in found.why


@numeric
@pytest.mark.parametrize("odd", [0.0, -1.0])
def test_a_ratio_without_a_logarithm_decides_nothing_and_is_said(odd: float) -> None:
    found = compare(xr.DataArray([1.0, 1.01, odd], dims="seed"), 1.0, within=2, factor=True)
    assert found.verdict == "undecided" and "1 ratio(s) not above 0 have no logarithm" in found.why
    everywhere = compare(xr.DataArray([odd, odd], dims="seed"), 1.0, within=2, factor=True)
    assert everywhere.verdict == "undecided" and "2 ratio(s) not above 0" in everywhere.why


def halves(seeds: int = 8, spread: float = 0.1) -> tuple[xr.DataArray, xr.DataArray]:
    values = np.exp(spread * np.random.default_rng(3).normal(size=(2, seeds)))
    both = xr.DataArray(values, {"lmbda": [1.0, 2.0], "seed": range(seeds)}, ("lmbda", "seed"))
    return both.isel(seed=slice(seeds // 2, None)), both.isel(seed=slice(None, seeds // 2))


@numeric
def test_a_fitted_prediction_brings_its_own_error() -> None:
    """SciPy's Welch interval on the logarithms of both samples."""
    measured, fitted = halves()
    found = compare(measured, fitted, within=0.9, fitted=True)
    intervals = [
        stats.ttest_ind(np.log(a), np.log(b), equal_var=False).confidence_interval()
        for a, b in zip(measured.values, fitted.values, strict=True)
    ]
    level = found.predicted
    assert any(found.ci95 == pytest.approx((level * np.exp(one.low), level * np.exp(one.high))) for one in intervals)
    assert any(level == pytest.approx(one) for one in stats.gmean(fitted.values, axis=1))
    assert "fitted to 4 other seeds, whose spread is counted" in found.why and found.seeds is None


@numeric
def test_a_prediction_fitted_to_what_it_predicts_is_refused() -> None:
    measured, _ = halves()
    with pytest.raises(ValueError, match=r"seed=4 was fitted to and is measured: fit to other seeds"):
        compare(measured, measured, within=0.1, fitted=True)
    with pytest.raises(ValueError, match=r"fitted=True: give theory a 'seed' dimension"):
        compare(measured, 1.0, within=0.1, fitted=True)


@numeric
@pytest.mark.parametrize("gone, word", [(True, "diverged"), (False, "undecided")])
def test_a_seed_lost_from_the_fit_holds_nothing(gone: bool, word: str) -> None:
    measured, fitted = halves(spread=0.001)
    lost = xr.DataArray([[-1] * 4, [-1, 3, -1, -1]], coords=fitted.coords)
    spoilt = fitted.where(lost < 0)
    spoilt = spoilt.assign_coords(diverged_at=lost) if gone else spoilt
    assert compare(measured, fitted, within=0.1, fitted=True).verdict == "holds"
    found = compare(measured, spoilt, within=0.1, fitted=True)
    assert found.verdict == word and f"1 value(s) to fit to {'diverged' if gone else 'missing'}" in found.why


@numeric
@pytest.mark.parametrize(
    "means, word, where",
    [([1.0, 1.0, 1.5], "fails", 1.5), ([1.0, 1.095, 1.0], "undecided", 1.095), ([1.095, 0.5, 1.3], "fails", 0.5),
     ([1.0, 0.99, 1.02], "holds", 1.02)],
)  # fmt: skip
def test_the_worst_cell_speaks_for_all(means: list[float], word: str, where: float) -> None:
    found = compare(cells(means, 0.01), 1.0, within=0.1)
    assert found.verdict == word and found.measured == pytest.approx(where)
    assert found.scope.startswith("lmbda 1.0 to 3.0 (at lmbda ") and "worst of 3 cells" in found.why
    assert found.scope.endswith(f"{1.0 + means.index(where)})")


@numeric
@pytest.mark.parametrize(
    "mean, word", [(0.55, "holds"), (1.9, "holds"), (0.4, "fails"), (2.2, "fails"), (2.0, "undecided")]
)
def test_a_factor_allows_as_much_below_as_above(mean: float, word: str) -> None:
    assert compare(cells([mean], 0.04), 1.0, within=2, factor=True).verdict == word


@numeric
def test_theory_is_matched_by_name_not_by_place() -> None:
    theory = xr.DataArray([5.0, 10.0], {"lmbda": [2.0, 1.0]}, "lmbda")  # in another order
    measured = cells([1.0, 1.0], 0.001) * xr.DataArray([10.0, 5.0], {"lmbda": [1.0, 2.0]}, "lmbda")
    assert compare(measured, theory, within=0.01).verdict == "holds"
    assert compare(measured.transpose("seed", "lmbda"), theory, within=0.01).verdict == "holds"


@numeric
def test_a_prediction_per_seed_is_compared_seed_by_seed() -> None:
    level = xr.DataArray([1.0, 2.0, 4.0, 8.0], dims="seed")
    measured = level * [1.001, 0.999, 1.002, 0.998]
    assert compare(measured, level, within=0.01).verdict == "holds"
    assert compare(measured, float(level.mean()), within=0.01).verdict == "undecided"


@numeric
def test_a_missing_value_decides_nothing_and_is_counted() -> None:
    measured = cells([1.0, 1.0], 0.001)
    measured[1, 2] = np.nan
    found = compare(measured, 1.0, within=0.01)
    assert found.verdict == "undecided" and "1 value(s) missing, not because a run diverged" in found.why
    assert "missing" not in compare(cells([1.0], 0.001), 1.0, within=0.01).why


@numeric
def test_a_cell_with_one_seed_left_decides_nothing() -> None:
    measured = cells([1.0, 1.0], 0.001)
    measured[1, 1:] = np.nan
    assert compare(measured, 1.0, within=0.01).verdict == "undecided"


@numeric
@pytest.mark.parametrize("missing", [0.0, math.nan, math.inf])
def test_cells_without_a_prediction_are_not_judged_and_said(missing: float) -> None:
    theory = xr.DataArray([1.0, missing], {"lmbda": [1.0, 2.0]}, "lmbda")
    found = compare(cells([1.0, 9.0], 0.008), theory, within=0.01)
    assert found.verdict == "holds" and "1 cell(s) without a prediction not judged" in found.why
    assert found.cells == 1  # and no Bonferroni for it


@numeric
def test_nothing_to_judge_is_undecided_and_says_why() -> None:
    found = compare(cells([np.nan], 0.1), 1.0, within=0.01, claim=3, scope="x")
    assert found.verdict == "undecided" and "no cell has a finite measurement" in found.why
    assert math.isnan(found.predicted) and math.isnan(found.measured) and found.tolerance == 0.01


@numeric
def test_a_measurement_of_zero_is_judged_without_a_warning() -> None:
    assert compare(xr.DataArray([0.0, 0.0, 0.0], dims="seed"), 1.0, within=0.1).verdict == "fails"


@numeric
def test_without_independent_seeds_there_is_no_interval() -> None:
    with pytest.raises(ValueError, match=r"an interval needs a 'seed' dimension"):
        compare(cells([1.0], 0.1).isel(seed=0), 1.0, within=0.1)
    shared = cells([1.0], 0.1).assign_coords(independent_seeds=False)  # as order="shared" labels its result
    with pytest.raises(ValueError, match=r"order='shared': .*order='seed'"):
        compare(shared, 1.0, within=0.2)
    assert compare(shared.assign_coords(independent_seeds=True), 1.0, within=0.2).verdict == "holds"


@statistical
def test_a_ratio_on_the_edge_of_the_tolerance_rarely_fails_however_many_cells() -> None:
    """Ten cells whose true ratio is the limit itself: each may fail with 0.25 %, so the family with 2.47 %."""
    random, trials, size = np.random.default_rng(5), 500, 10
    fails = sum(
        compare(xr.DataArray(random.normal(1.1, 0.05, (size, 6)), dims=("cell", "seed")), 1.0, within=0.1).verdict
        == "fails"
        for _ in range(trials)
    )
    expected = 1 - (1 - 0.0025) ** size
    assert abs(fails - trials * expected) < 4 * math.sqrt(trials * expected)


@numeric
def test_an_estimate_is_judged_with_its_range_and_counts() -> None:
    estimate = Estimate(-0.4, -0.41, -0.39, 6, 2)
    fields = {
        "predicted": -0.5,
        "tolerance": 1 / 12,
        "why": "w",
        "claim": 3,
        "kind": "prediction",
        "statement": "s",
        "scope": "",
    }
    found = judged(estimate, -0.5 - 1 / 12, -0.5 + 1 / 12, **fields)
    assert found.verdict == "undecided" and (found.measured, found.ci95) == (-0.4, (-0.41, -0.39))
    assert found.why == "w; 6 seeds; 2 seed(s) without a value left out"
    assert judged(Estimate(-0.4, -0.41, -0.39, 8), -0.6, -0.5, **fields).verdict == "fails"
    for one, word in ((estimate, "fails"), (Estimate(-0.5, -0.51, -0.49, 6, 2), "diverged")):
        found = judged(one, -0.5 - 1 / 12, -0.5 + 1 / 12, **fields, diverged="2 of 8 runs diverged: lower eta")
        assert found.verdict == word and found.why.endswith("left out; 2 of 8 runs diverged: lower eta")
    assert judged(Estimate(math.nan, math.nan, math.nan, 0), -1, 1, **fields).verdict == "undecided"


@numeric
def test_a_question_that_cannot_be_put_has_no_numbers() -> None:
    found = undecided("because", claim=3, statement="s", scope="x", tolerance=0.1)
    assert found.to_dict() == {
        "claim": 3, "kind": "prediction", "statement": "s", "scope": "x", "predicted": None, "measured": None,
        "ci95": [None, None], "tolerance": 0.1, "verdict": "undecided", "why": "because", "again": None,
        "rests_on": "",
    }  # fmt: skip


def test_what_a_verdict_rests_on_and_its_kind_are_passed_on() -> None:
    rests = {"kind": "rival", "rests_on": "the exact factor"}
    found = compare(xr.DataArray([1.0, 1.1], dims="seed"), 1.0, within=0.5, **rests)
    none = compare(xr.DataArray([math.nan, math.nan], dims="seed"), 1.0, within=0.5, **rests)
    for one in (found, none):
        assert (one.kind, one.rests_on) == ("rival", "the exact factor")
        assert one.to_dict()["rests_on"] == "the exact factor"
    with pytest.raises(TypeError, match="rests_on=3: give a text"):
        compare(xr.DataArray([1.0, 1.1], dims="seed"), 1.0, within=0.5, rests_on=3)  # type: ignore[arg-type]


def test_a_mean_of_logarithms_is_as_likely_again_as_the_logarithms_are() -> None:
    """A bound of 0 is infinitely far away: the same as judging the logarithms below ln 5 alone."""
    logs = Estimate(1.0, 0.7, 1.3, 8)
    fields = {"predicted": 5.0, "tolerance": 0.0, "why": "w", "claim": 1, "kind": "prediction", "statement": "s"}
    sizes = judged(exp(logs), 0.0, 5.0, of_logarithm=True, scope="x", **fields)
    bare = judged(logs, -1e9, math.log(5.0), scope="x", **fields)
    assert sizes.verdict == bare.verdict == "holds" and sizes.of_logarithm
    assert sizes.again == pytest.approx(bare.again, abs=1e-12) and 0.5 < sizes.again < 1
