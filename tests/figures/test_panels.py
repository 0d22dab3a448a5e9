"""Panels of the kinds: what is drawn is what was given, and what was given is what was measured."""

import dataclasses
import math
import re

import numpy as np
import pytest
import xarray as xr
from matplotlib.patches import StepPatch

import wd_jax as wd
from experiments.exercise.dominance import figure as dominance
from experiments.exercise.tail_off import late_weights
from wd_jax.figures import style
from wd_jax.figures.needs import choose, rising
from wd_jax.figures.plots import budget, epoch_factor, phase, plateau, trajectories, two_starts, verdicts
from wd_jax.stats.estimates import exponent, t_interval
from wd_jax.stats.verdict import FAILS, HOLDS, UNDECIDED, Verdict

pytestmark = pytest.mark.numeric
EPOCHS = np.arange(1.0, 5.0)


@pytest.fixture
def axes():
    with style.style():
        _, one = style.new(1, 1)
    return one


def series(values, seeds: int = 3) -> xr.DataArray:
    """Seeds that spread by a few per cent about these values."""
    spread = 1 + 0.03 * np.linspace(-1, 1, seeds)
    return xr.DataArray(np.outer(spread, values), {"seed": range(seeds), "epoch": EPOCHS}, ("seed", "epoch"))


def box(patch: StepPatch) -> tuple[np.ndarray, np.ndarray]:
    data = patch.get_data()
    return np.asarray(data.baseline), np.asarray(data.values)


def test_the_budget_is_stacked_from_zero_and_its_sum_is_the_line(axes) -> None:
    parts = {"decay": series([-9, -9, -9, -9]), "noise": series([1, 2, 3, 4]), "drift": series([-1, -0.5, 2, 5])}
    parts["sum"] = parts["decay"] + parts["noise"] + parts["drift"]
    artists = budget.panel(axes, parts)
    means = {name: part.mean("seed").values for name, part in parts.items()}
    np.testing.assert_allclose(box(artists["decay"]), [[0] * 4, means["decay"]])
    np.testing.assert_allclose(box(artists["noise"]), [[0] * 4, means["noise"]])
    base = np.where(means["drift"] < 0, means["decay"], means["noise"])
    np.testing.assert_allclose(box(artists["drift"]), [base, base + means["drift"]])
    np.testing.assert_allclose(artists["sum"].get_data().values, means["sum"])
    np.testing.assert_allclose(artists["sum"].get_data().edges, np.arange(5.0))
    found = [t_interval(column).ci95 for column in parts["sum"].values.T]
    np.testing.assert_allclose(np.array(box(artists["band"])).T, found)
    hatches = {artists[part].get_hatch() for part in budget.PARTS}
    assert len(hatches) == 3, "parts must differ in black and white"
    assert all(artists[part].get_fill() for part in budget.PARTS) and not artists["sum"].get_fill()


def test_the_parts_of_a_real_budget_add_up_to_the_change_of_the_norm(reproduced) -> None:
    layer = wd.open(reproduced.folder / "claim_2_epoch_decay").sel(layer=1)
    parts = budget.relative(layer)
    np.testing.assert_allclose(parts["decay"] + parts["drift"] + parts["noise"], parts["sum"], atol=1e-9)
    growth = layer.weight_rms.values[:, 1:] ** 2 / layer.weight_rms.values[:, :-1] ** 2
    np.testing.assert_allclose(parts["sum"].transpose("seed", "epoch"), 100 * (growth - 1), atol=1e-9)
    kappa = float(layer.eta * layer.lmbda / layer.m)
    np.testing.assert_allclose(parts["decay"].isel(epoch=0), 100 * np.expm1(-2 * kappa), rtol=0.3)


def test_a_record_of_half_an_epoch_is_shown_per_epoch() -> None:
    """Without gradient, two halves compound to the whole: (1 + s/2)^2 = 1 + w, with s and w in shares per epoch."""
    setup, probes = wd.Setup(widths=(16, 4), batch_size=10), wd.Probes(splits=(), moved=False, records_per_epoch=2)
    runs = choose(wd.sweep(setup, wd.data.null(), lmbda=5.0, seeds=2, epochs=2, probes=probes), {}).sel(layer=1)
    half, whole = budget.relative(runs), budget.relative(runs.isel(epoch=slice(0, None, 2)))["sum"] / 100
    assert whole.epoch.values.tolist() == [1.0, 2.0] and float(whole.max()) < -0.01
    for part in ("sum", "decay"):
        assert half[part].epoch.values.tolist() == [0.5, 1.0, 1.5, 2.0]
        np.testing.assert_allclose((1 + half[part].isel(epoch=[1, 3]) / 200) ** 2, 1 + whole, rtol=1e-5)


def test_factors_are_ratios_of_whole_epochs_and_theory_is_where_it_was_given(axes) -> None:
    epoch = np.arange(0, 3.5, 0.5)
    rms = xr.DataArray(np.exp(-0.2 * epoch)[None, None], dims=("seed", "layer", "epoch"))
    runs = xr.Dataset({"weight_rms": rms, "dead_input_rms": rms.isel(layer=0)}, {"epoch": epoch, "layer": [1]})
    found = epoch_factor.factors(runs)
    assert list(found) == ["layer 1 (output)", epoch_factor.DEAD]
    for factor in found.values():
        np.testing.assert_allclose(factor, np.exp(-0.2))
        np.testing.assert_allclose(factor.epoch, [1, 2, 3])
    artists = epoch_factor.panel(axes, {"layer 1": series([0.9, 0.91, 0.92, 0.93])}, 0.95, 0.96)
    np.testing.assert_allclose(artists["layer 1"][0].get_ydata(), [0.9, 0.91, 0.92, 0.93])
    assert artists["exact"].get_ydata()[0] == 0.95 and artists["limit"].get_ydata()[0] == 0.96
    assert artists["exact"].get_linestyle() != artists["limit"].get_linestyle()


def test_distances_are_from_the_limit(axes) -> None:
    artists = epoch_factor.distances(axes, {"layer 1": series([0.9, 0.95, 1.0, 1.1], seeds=2)}, 0.999, 1.0)
    expected = abs(series([0.9, 0.95, 1.0, 1.1], seeds=2) - 1).mean("seed")
    np.testing.assert_allclose(artists["layer 1"][0].get_ydata(), expected)
    assert artists["exact"].get_ydata()[0] == pytest.approx(0.001) and axes.get_yscale() == "log"


def test_a_trajectory_and_its_theory_share_a_colour_and_no_two_share_a_mark(axes) -> None:
    lmbda = xr.DataArray([2.0, 5.0], {"lmbda": [2.0, 5.0]}, "lmbda")
    rms, pure = series([1, 0.8, 0.7, 0.6]) / lmbda, xr.DataArray(np.exp(-EPOCHS), {"epoch": EPOCHS}, "epoch") / lmbda
    artists = trajectories.panel(axes, rms, pure, "lmbda")
    assert list(artists) == ["λ = 2", "λ = 5"]
    for value, (line, _, theory) in zip((2, 5), artists.values(), strict=True):
        np.testing.assert_allclose(line.get_ydata(), np.array([1, 0.8, 0.7, 0.6]) / value)
        np.testing.assert_allclose(theory.get_ydata(), np.exp(-EPOCHS) / value)
        assert line.get_color() == theory.get_color() and theory.get_marker() in ("None", None, "")
    assert len({line.get_marker() for line, _, _ in artists.values()}) == 2


def test_of_many_values_some_are_drawn_and_the_title_says_so(reproduced) -> None:
    one = wd.open(reproduced.folder / "claim_3_tail_off_by_lmbda").isel(lmbda=0, drop=True)
    one = one.drop_vars(["config", "penalty"])  # which would contradict the labels put on below
    many = xr.concat([one] * 9, xr.DataArray(np.geomspace(1, 100, 9), dims="lmbda", name="lmbda"))
    with style.style():
        figure = trajectories.sketch(many).figure()
    assert "6 of 9 values of λ" in figure.get_suptitle().replace("\n", " ")
    names = figure.axes[0].get_legend_handles_labels()[1]
    assert names[0] == "λ = 1" and names[5] == "λ = 100" and len(names) == 7


def test_lines_over_a_swept_axis_do_not_depend_on_its_order(reproduced) -> None:
    runs = wd.open(reproduced.folder / "claim_3_tail_off_by_lmbda")
    mixed = runs.isel(lmbda=np.roll(np.arange(runs.sizes["lmbda"]), 1))
    xr.testing.assert_identical(plateau.measure(mixed), plateau.measure(runs))
    xr.testing.assert_identical(rising(mixed), runs)
    drawn = []
    with style.style():
        for one in (runs, mixed):
            lines = trajectories.sketch(one).figure().axes[0].get_lines()
            drawn.append([(str(line.get_label()), line.get_color(), line.get_ydata().tolist()) for line in lines])
    assert [(a, b) for a, b, _ in drawn[0]] == [(a, b) for a, b, _ in drawn[1]]
    for (_, _, one), (_, _, other) in zip(*drawn, strict=True):
        np.testing.assert_array_equal(one, other)


def test_shares_are_joined_from_left_to_right(axes) -> None:
    lmbda = np.array([10.0, 0.1, 1.0])
    excess = xr.DataArray(np.log(lmbda)[:, None] + [0.0, 0.1], {"lmbda": lmbda}, ("lmbda", "seed"))
    found = dict.fromkeys(dominance.SENSE_COLORS, t_interval([0.9, 1.0, 1.1]))
    line, _ = dominance.panel(axes, dict.fromkeys(dominance.SENSE_COLORS, excess), found)["force"]
    np.testing.assert_allclose(line.get_xydata()[:, 0], [0.1, 1.0, 10.0])
    np.testing.assert_allclose(line.get_ydata(), (1 / (1 + np.exp(-excess.sortby("lmbda")))).mean("seed"))


def test_the_number_of_weights_is_claim_3s(reproduced) -> None:
    runs = wd.open(reproduced.folder / "claim_3_tail_off_by_width")
    found = plateau.measure(runs)["x"].transpose("hidden", "part")
    np.testing.assert_allclose(found, late_weights.measure(runs).n_w.transpose("hidden", "part"))


def test_the_line_of_a_plateau_is_its_power_law(axes) -> None:
    lmbda = np.array([1.0, 4.0, 16.0])
    rms = 3 * lmbda[:, None] ** -0.5 * np.exp(np.random.default_rng(0).normal(0, 0.01, (3, 4)))
    data = xr.Dataset(
        {"weight_rms": (("lmbda", "seed", "part"), rms[..., None]), "x": (("lmbda", "part"), lmbda[:, None])},
        {"lmbda": lmbda, "part": ["layer 1"]},
        {"axis": "lmbda"},
    )
    bars, line, found = plateau.panel(axes, data)["layer 1"]
    assert found == exponent(lmbda, rms) and abs(found.value + 0.5) < 0.05
    np.testing.assert_allclose(bars[0].get_xydata(), np.column_stack([lmbda, rms.mean(axis=1)]))
    np.testing.assert_allclose(line.get_xydata()[:, 0], lmbda)
    np.testing.assert_allclose(np.diff(np.log(line.get_ydata())) / np.diff(np.log(lmbda)), found.value)
    np.testing.assert_allclose(np.log(line.get_ydata()).mean(), np.log(rms).mean())
    assert axes.get_legend_handles_labels()[1] == [
        f"layer 1: exponent −{-found.value:.3f} ± {(found.high - found.low) / 2:.3f}"
    ]


def test_a_curve_has_no_single_exponent_and_its_line_joins_the_points(axes) -> None:
    """From 1 to 1/2 over a factor of 2, and from 1/2 to 1/32 over another 2: exponents of -1 and -4."""
    lmbda, seeds = np.array([1.0, 2.0, 4.0]), np.array([0.99, 1.0, 1.01])
    rms = np.array([1.0, 1 / 2, 1 / 32])[:, None] * seeds
    data = xr.Dataset(
        {"weight_rms": (("lmbda", "seed", "part"), rms[..., None]), "x": (("lmbda", "part"), lmbda[:, None])},
        {"lmbda": lmbda, "part": ["layer 1"]},
        {"axis": "lmbda"},
    )
    _, line, found = plateau.panel(axes, data)["layer 1"]
    assert found.curved and axes.get_legend_handles_labels()[1] == ["layer 1: exponents −4.00 to −1.00 from λ to λ"]
    np.testing.assert_allclose(line.get_ydata(), np.exp(np.log(rms).mean(axis=1)))


def test_without_three_plateaus_there_is_no_exponent(axes) -> None:
    rms = np.array([[0.1, 0.11], [np.nan, np.nan], [0.05, 0.055]])[..., None]
    data = xr.Dataset(
        {"weight_rms": (("lmbda", "seed", "part"), rms), "x": (("lmbda", "part"), [[1.0], [2.0], [4.0]])},
        {"lmbda": [1.0, 2.0, 4.0], "part": ["layer 1"]},
        {"axis": "lmbda"},
    )
    _, line, _ = plateau.panel(axes, data)["layer 1"]
    assert line is None
    assert axes.get_legend_handles_labels()[1] == ["layer 1: no exponent, 2 of 3 on a plateau"]


def test_one_seed_has_no_spread(axes) -> None:
    line, fill = two_starts.spread(axes, series([1, 2, 3, 4], seeds=1) / 0.97, "C0")
    np.testing.assert_allclose(line.get_ydata(), [1, 2, 3, 4])
    assert fill is None


VERDICT = Verdict(1, "prediction", "lmbda_crit < 5", "layer 1 (at hidden 8)", 5.0, 10.0, (9.0, 11.0), 0.0, FAILS, "")


@pytest.mark.parametrize(
    "predicted, asked, value, deviation",
    [
        (0.0, (0.0, 0.0), 0.0, 0.0),  # an exact law that allows no error at all
        (0.0, (0.0, 0.0), 2.0, math.inf),
        (1.0, (0.99, 1.01), 1.0, 0.0),
        (1.0, (0.99, 1.01), 0.95, -5.0),
        (-0.05, (-0.0505, -0.0495), -0.0505, -1.0),
        (-0.5, (-0.5 - 1 / 12, -0.5 + 1 / 12), -1.0, -6.0),
        (2.0, (1.0, 4.0), 16.0, 3.0),
        (2.0, (1.0, 4.0), 0.5, -2.0),
        (5.0, (0.0, 5.0), 10.0, 2.0),
        (0.0, (0.0, 0.4), 0.1, 0.25),
        (0.0, (-0.3, 0.3), -0.6, -2.0),
        (1.0, (0.9, 1.0), 0.95, -0.5),
        (1.0, (1 - 1e-9, 1 + 1e-9), -1.0, -2e9),
        (1.0, (0.5, 2.0), 0.25, -2.0),
        (1.0, (0.5, 2.0), 0.0, -math.inf),
        (1.0, (0.5, 2.0), -0.1, -math.inf),
        (-1.0, (-2.0, -0.5), -8.0, -3.0),
        (-1.0, (-2.0, -0.5), -0.5, 1.0),
        (-1.0, (-2.0, -0.5), 0.1, math.inf),
        (1.0, None, 1.0, math.nan),
        (math.nan, (0.0, 1.0), math.nan, math.nan),
    ],
)
def test_a_deviation_is_1_where_the_range_asked_ends(predicted, asked, value, deviation) -> None:
    verdict = dataclasses.replace(VERDICT, predicted=predicted, asked=asked)
    assert verdicts.deviation(verdict, value) == pytest.approx(deviation, nan_ok=True)


def test_where_a_row_stands_says_what_its_word_says(outcomes: dict) -> None:
    judged = [verdict for outcome in outcomes.values() for verdict in outcome.verdicts]
    rows = [verdicts.row(verdict) for verdict in judged]
    seen = [row for row in rows if math.isfinite(row.low)]
    assert len(seen) > 15
    for row in seen:
        inside = -1 - 1e-9 <= row.low and row.high <= 1 + 1e-9
        outside = row.low > 1 or row.high < -1
        assert row.verdict.verdict == (HOLDS if inside else FAILS if outside else UNDECIDED), row


def test_an_interval_across_zero_is_drawn_from_the_edge_of_a_factors_axis(axes) -> None:
    """An interval that holds negative sizes, against a claim within a factor of 2."""
    verdict = wd.compare(xr.DataArray([0.05, 0.4, 0.1], dims="seed"), 1.0, 2, factor=True)
    verdict = dataclasses.replace(verdict, measured=0.55 / 3, ci95=(-0.3, 0.7))
    row = verdicts.row(verdict)
    assert row.low == -math.inf and row.value == pytest.approx(math.log2(0.55 / 3)) and -1 < row.high < 0
    wrong = verdicts.row(dataclasses.replace(verdict, measured=-1.0, ci95=(-2.0, -0.5)))
    assert wrong.value == wrong.low == wrong.high == -math.inf
    artists = verdicts.panel(axes, [row, wrong])
    for place, one in enumerate((row, wrong)):
        ((start, y), (end, _)) = artists[place][2][0].get_segments()[0]
        assert axes.get_xlim()[0] < start < -10
        assert end == pytest.approx(one.high if math.isfinite(one.high) else start)
        marks = [line for line in axes.get_lines() if line.get_marker() == "<" and len(line.get_xydata())]
        arrows = [line.get_xydata()[0].tolist() for line in marks]
        assert [start, y] in arrows and len(arrows) == 2
    assert "arrow: zero or the other sign" in axes.get_legend_handles_labels()[1]
    assert artists[0][0].get_marker() == "D" and artists[1][0].get_marker() == "none"


def test_the_overview_draws_every_number_once_and_words_every_verdict(axes, outcomes: dict) -> None:
    judged = [verdict for outcome in outcomes.values() for verdict in outcome.verdicts]
    judged[1] = dataclasses.replace(judged[1], measured=math.nan, ci95=(math.nan, math.nan), verdict=UNDECIDED)
    with style.style():
        figure = verdicts.sketch(judged, "digits").figure()
    (axes,) = figure.axes
    rows = [verdicts.row(verdict) for verdict in judged]
    points = sorted(float(bar[0].get_xdata()[0]) for bar in axes.containers)
    np.testing.assert_allclose(points, sorted(row.value for row in rows if math.isfinite(row.value)))
    words = {text.get_position()[1]: text.get_text() for text in axes.texts if text.get_text()[:1] in "✓✗?"}
    assert len(words) == len(judged)
    words_by_value = {bar[0].get_xdata()[0]: words[bar[0].get_ydata()[0]] for bar in axes.containers}
    for row in rows:
        if math.isfinite(row.value):
            assert words_by_value[row.value].startswith(verdicts.LOOKS[row.verdict.verdict][0])
    said = {text.get_text().replace("\n", " ") for text in axes.texts}
    shared = {k: verdicts._shared([row.scope for row in rows if row.verdict.claim == k]) for k in range(1, 5)}
    assert shared[3].startswith(", epochs ")  # what all scopes of a claim share stands in its heading
    scopes = {row.scope.replace(shared[row.verdict.claim], "") for row in rows}
    assert {row.statement for row in rows} | scopes <= said
    assert {f"Claim {k}{shared[k]}" for k in range(1, 5)} <= said
    predictions = [verdict for verdict in judged if verdict.kind == "prediction"]
    counts = [sum(verdict.verdict == word for verdict in predictions) for word in (HOLDS, FAILS, UNDECIDED)]
    others = [sum(verdict.kind == kind for verdict in judged) for kind in ("rival", "identity")]
    dependent = sum(bool(verdict.rests_on) for verdict in predictions)
    expected = [len(predictions), dependent, *(n for n in counts if n), *others]
    assert [int(n) for n in re.findall(r"\d+", figure.get_suptitle())][: len(expected)] == expected


def test_a_row_leaves_out_the_cell_and_prints_lmbda_as_it_is_written() -> None:
    row = verdicts.row(dataclasses.replace(VERDICT, scope="layer 1 (hidden), epochs 1 to 30 (at epoch 3)"))
    assert (row.statement, row.scope) == ("λ_crit < 5", "layer 1, epochs 1–30")


def cells(**changes) -> xr.Dataset:
    """Four cells over eta and lmbda, whose budget says decay alone unless changed."""
    coordinates = {"eta": [0.1, 1.0], "lmbda": [1.0, 100.0], "seed": [0, 1], "epoch": np.arange(7.0)}
    shape = (2, 2, 2, 7)
    values = {"budget_decay": -1.0, "budget_drift": 0.0, "budget_noise": 0.0, "weight_rms": 1.0} | changes
    runs = xr.Dataset(
        {name: (tuple(coordinates), np.full(shape, value)) for name, value in values.items()}, coordinates
    )
    runs["diverged_at"] = (("eta", "lmbda", "seed"), np.full((2, 2, 2), -1))
    return runs.assign_coords(n=1200, m=10, steps_per_epoch=120, n_w=400.0, n_in=64, init="gaussian")


@pytest.mark.parametrize(
    "changes, state",
    [
        ({}, "decay dominates, not balanced"),
        ({"budget_noise": 0.95}, "decay dominates, then balanced"),
        ({"budget_drift": 0.6, "budget_noise": 0.45}, "gradient dominates, balanced"),
        ({"budget_noise": 4.0}, "gradient dominates, not balanced"),
    ],
)
def test_the_state_of_a_cell_follows_from_its_budget(changes: dict, state: str) -> None:
    runs = cells(**changes)
    runs.diverged_at[1, 1, 0] = 3
    found = phase.state(phase.measure(runs))
    assert found.sel(eta=1.0, lmbda=100.0) == "diverged"
    assert set(found.values.ravel()[:3]) == {state}


def test_the_borders_are_those_of_the_laws() -> None:
    noise = 120 * 400 * 0.1**2 * 0.25
    found = phase.borders(cells(budget_noise=noise))
    border = found.critical_lmbda
    # lmbda_crit = eta n <g^2> / (2 w^2), with <g^2> = 1/4 at eta = 0.1 and 1/400 at eta = 1: the same noise.
    expected = np.interp(np.log(border.eta), np.log([0.1, 1.0]), np.log([1200 * 0.25 / 2, 1200 * 0.0025 / 2]))
    np.testing.assert_allclose(border, np.exp(expected) * border.eta, rtol=1e-9)
    corner = found.sel(eta=found.eta[3], lmbda=found.lmbda[5])
    np.testing.assert_allclose(corner.epsilon, corner.eta * corner.lmbda / 1200)
    np.testing.assert_allclose(corner.t_star, 10 * np.log(64) / (2 * corner.eta * corner.lmbda))
    assert "t_star" not in phase.borders(cells(budget_noise=noise).assign_coords(init="fan_in"))


def test_the_borders_do_not_depend_on_the_order_of_the_sweep() -> None:
    runs = cells(budget_noise=1.0)
    runs = xr.concat([runs.isel(eta=0, drop=True)] * 4, xr.DataArray([0.01, 0.1, 1.0, 10.0], dims="eta", name="eta"))
    runs["budget_noise"] = runs.budget_noise * runs.eta**1.5
    mixed = runs.isel(eta=[3, 0, 2, 1], lmbda=[1, 0])
    xr.testing.assert_identical(phase.borders(mixed), phase.borders(runs))
    slope = np.diff(np.log(phase.borders(runs).critical_lmbda)) / np.diff(np.log(phase.borders(runs).eta))
    assert (slope > 0).all() and len(set(slope.round(6))) > 1


def test_every_cell_is_drawn_once_under_its_state_and_borders_lie_where_they_should(axes) -> None:
    runs = cells(budget_noise=0.95).assign_coords(lmbda=[1.0, 1e4])
    runs.diverged_at[1, 1, 0] = 3
    artists = phase.panel(axes, phase.measure(runs), phase.borders(runs), 6.0)
    drawn = {name: artists[name].get_xydata().tolist() for name in phase.STATES if name in artists}
    assert sorted(drawn["decay dominates, then balanced"]) == [[0.1, 1.0], [0.1, 1e4], [1.0, 1.0]]
    assert drawn["diverged"] == [[1.0, 1e4]] and len(drawn) == 2
    for name, law in {"diverges": 2 * 1200, "tails off": 10 * np.log(64) / 12}.items():
        edge = np.concatenate([path.vertices for path in artists[name].get_paths()])
        assert len(edge) > 10
        np.testing.assert_allclose(edge[:, 0] * edge[:, 1], law, rtol=0.01)
    assert axes.get_xscale() == axes.get_yscale() == "log"
