"""Figures by their structure: what is on the axes, that it is the data given, and that nothing global is touched."""

import ast
import re
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr
from matplotlib import _pylab_helpers
from matplotlib.collections import PolyCollection
from matplotlib.text import Text

import experiments
import wd_jax.figures
from experiments.exercise.dominance import figure as dominance
from experiments.exercise.epoch_decay import figure as epoch_decay
from experiments.exercise.tail_off import figure as tail_off
from wd_jax.figures import bands, style
from wd_jax.figures.plots import two_starts
from wd_jax.stats.estimates import prediction_interval, t_interval

pytestmark = pytest.mark.numeric
NAMES = experiments.names("exercise")
SMALLEST = 6.0  # points


def labels(axes) -> list[str]:
    return axes.get_legend_handles_labels()[1]


@pytest.mark.parametrize("name", NAMES)
def test_every_axis_says_what_it_shows(name: str, drawn: dict) -> None:
    for axes in drawn[name, "two"].axes:
        assert axes.get_xlabel(), f"{name}: an axis of x without a label"
    rows = {axes.get_subplotspec().rowspan.start: axes for axes in reversed(drawn[name, "two"].axes)}
    assert all(first.get_ylabel() for first in rows.values()), f"{name}: the first axis of a row without a label of y"
    for axes in drawn[name, "two"].axes:
        if axes.get_xlabel() != "epoch" and "λ" in axes.get_xlabel():
            assert axes.get_xscale() == "log"


@pytest.mark.parametrize("name", NAMES)
def test_there_is_a_legend_of_all_that_is_labelled_and_a_title(name: str, drawn: dict) -> None:
    figure = drawn[name, "two"]
    shown = {text.get_text() for legend in figure.legends for text in legend.get_texts()}
    shown |= {text.get_text() for axes in figure.axes if axes.get_legend() for text in axes.get_legend().get_texts()}
    used = {label for axes in figure.axes for label in labels(axes) if label and not label.startswith("_")}
    assert used and used <= shown
    assert "Claim" in figure.get_suptitle() and "digits" in figure.get_suptitle()


@pytest.mark.parametrize("name", NAMES)
def test_theory_is_a_line_without_marks_and_simulation_has_its_spread(name: str, drawn: dict) -> None:
    figure = drawn[name, "two"]
    theory = [
        line for axes in figure.axes for line in axes.get_lines()
        if re.match("[^_].*(theory|n_w|n_in|virial|floor)|theory", str(line.get_label()))
    ]  # fmt: skip
    assert theory
    for line in theory:
        assert line.get_linestyle() not in ("None", "") and line.get_marker() in ("None", "", None)
    for axes in figure.axes:
        bars = [c for c in axes.containers if type(c).__name__ == "ErrorbarContainer"]
        fills = [c for c in axes.collections if isinstance(c, PolyCollection)]
        assert bars or fills, f"{name}: a panel without bands or points with intervals"


@pytest.mark.parametrize("name", NAMES)
def test_no_text_is_too_small_and_none_lies_outside(name: str, drawn: dict) -> None:
    figure = drawn[name, "two"]
    box = figure.bbox
    for text in figure.findobj(Text):
        if not (text.get_visible() and text.get_text().strip()):
            continue
        assert text.get_fontsize() >= SMALLEST, text
    for legend in figure.legends:
        extent = legend.get_window_extent()
        assert box.x0 - 1 <= extent.x0 and extent.x1 <= box.x1 + 1 and box.y0 - 1 <= extent.y0, f"{name}: legend cut"


@pytest.mark.parametrize("name", NAMES)
def test_drawing_leaves_no_trace(name: str, outcomes: dict) -> None:
    before = dict(mpl.rcParams)
    with style.style():
        outcomes[name].draw()
    assert dict(mpl.rcParams) == before and not _pylab_helpers.Gcf.figs


def test_no_figure_uses_pyplot_or_shows_itself() -> None:
    for file in Path(wd_jax.figures.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
                assert not any("pyplot" in name for name in names), file
            assert not (isinstance(node, ast.Attribute) and node.attr == "show"), file


def polygon(fill: PolyCollection, at) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper edge of a filled band at the given places."""
    corners = fill.get_paths()[0].vertices
    ends = [corners[np.isclose(corners[:, 0], x)][:, 1] for x in at]
    return np.array([e.min() for e in ends]), np.array([e.max() for e in ends])


@pytest.fixture
def axes():
    _, one = style.new(1, 1)
    return one


@pytest.fixture
def seeds() -> xr.DataArray:
    values = np.random.default_rng(0).lognormal(0, 0.2, (5, 4))
    return xr.DataArray(values, {"seed": range(5), "epoch": np.arange(4.0)}, ("seed", "epoch"))


def test_a_band_is_the_mean_and_its_interval(axes, seeds: xr.DataArray) -> None:
    line, fill = bands.band(axes, seeds.transpose("epoch", "seed"), "C0", "x")
    found = [t_interval(column) for column in seeds.values.T]
    np.testing.assert_allclose(line.get_xydata(), [(k, e.value) for k, e in enumerate(found)])
    np.testing.assert_allclose(polygon(fill, range(4)), np.array([e.ci95 for e in found]).T)


def test_points_are_the_means_and_their_intervals(axes, seeds: xr.DataArray) -> None:
    bars = bands.points(axes, [1, 2, 4, 8], seeds.values.T, "C0", "x")
    found = [t_interval(column) for column in seeds.values.T]
    np.testing.assert_allclose(bars[0].get_xydata()[:, 1], [e.value for e in found])
    ends = np.array([segment[:, 1] for segment in bars[2][0].get_segments()])
    np.testing.assert_allclose(ends, [e.ci95 for e in found])


def test_the_spread_is_that_of_one_more_run(axes, seeds: xr.DataArray) -> None:
    line, fill = two_starts.spread(axes, seeds, "C0")
    np.testing.assert_allclose(line.get_ydata(), seeds.mean("seed"))
    np.testing.assert_allclose(polygon(fill, range(4)), prediction_interval(seeds.values))


def test_trajectories_are_relative_to_the_start_and_theory_is_the_line_given(axes, seeds: xr.DataArray) -> None:
    runs = xr.Dataset({"weight_rms": seeds.expand_dims(layer=[1, 2]), "dead_input_rms": seeds * 2})
    runs = runs.assign_coords(eta=0.1, lmbda=5.0, n=1200, m=10, steps_per_epoch=120)
    theory = xr.DataArray([1.0, 0.9, 0.8, 0.7], {"epoch": np.arange(4.0)}, "epoch")
    epoch_decay.trajectories(axes, runs, theory)
    lines = {line.get_label(): line for line in axes.get_lines()}
    np.testing.assert_allclose(lines["theory: decay alone"].get_ydata(), theory)
    relative = (seeds / seeds.sel(epoch=0)).mean("seed")
    np.testing.assert_allclose(lines["layer 1 (hidden)"].get_ydata(), relative)
    np.testing.assert_allclose(lines["weights on dead inputs"].get_ydata(), relative)
    assert axes.get_yscale() == "log"


def test_without_dead_inputs_none_are_drawn(axes, seeds: xr.DataArray) -> None:
    runs = xr.Dataset({"weight_rms": seeds.expand_dims(layer=[1, 2]), "dead_input_rms": seeds * np.nan})
    epoch_decay.trajectories(axes, runs, seeds.mean("seed"))
    assert "weights on dead inputs" not in labels(axes)


def test_the_dominance_panel_shows_shares_and_thresholds(axes) -> None:
    grid = np.geomspace(0.1, 10, 5)
    excess = xr.DataArray(np.log(grid)[:, None] + [0.0, 0.1, -0.1], {"lmbda": grid}, ("lmbda", "seed"))
    senses = tuple(dominance.SENSE_COLORS)
    found = {sense: t_interval([0.9, 1.0, 1.1]) for sense in senses}
    artists = dominance.panel(axes, dict.fromkeys(senses, excess), found)
    for sense in senses:
        shares = 1 / (1 + np.exp(-excess))
        np.testing.assert_allclose(artists[sense][0].get_ydata(), shares.mean("seed"))
    bars = [c for c in axes.containers if type(c).__name__ == "ErrorbarContainer"]
    assert len(bars) == 3 and tuple(bars[0][0].get_xydata()[0]) == (1.0, 0.5)
    np.testing.assert_allclose(bars[0][2][0].get_segments()[0][:, 0], found[senses[0]].ci95)
    assert axes.get_ylim() == (0, 1)


def test_plateaus_and_candidates_are_drawn_where_they_are(axes) -> None:
    n_w = np.array([100.0, 200, 400])
    rms = n_w[:, None] ** -0.5 * np.exp(np.random.default_rng(0).normal(0, 0.01, (3, 4)))
    plateau = xr.Dataset(
        {"weight_rms": (("hidden", "seed"), rms), "n_w": ("hidden", n_w)}, {"hidden": [10, 20, 40], "seed": range(4)}
    )
    names = list(tail_off.LINES)
    candidates = xr.DataArray(
        np.arange(1.0, len(names) + 1)[:, None, None] * rms, dims=("candidate", "hidden", "seed"),
        coords={"candidate": names, "hidden": [10, 20, 40]},
    )  # fmt: skip
    mixed = {"hidden": [2, 0, 1]}  # a line joins its points from left to right, in whatever order they were swept
    tail_off.by_width(axes, plateau.isel(mixed), candidates.isel(mixed))
    lines = {line.get_label(): line for line in axes.get_lines()}
    for k, name in enumerate(names, start=1):
        line = lines[tail_off.NAMES.get(name, name)]
        np.testing.assert_allclose(line.get_xydata(), np.column_stack([n_w, k * rms.mean(axis=1)]))
    (bars,) = (c for c in axes.containers if type(c).__name__ == "ErrorbarContainer")
    np.testing.assert_allclose(bars[0].get_xydata(), np.column_stack([n_w, rms.mean(axis=1)]))
    (note,) = axes.texts
    assert re.match(r"exponent [-−]0\.\d+ ± 0\.\d+", note.get_text())
    assert axes.get_xscale() == axes.get_yscale() == "log"


def test_a_curved_plateau_has_the_range_of_its_exponents_below_all_lines(axes) -> None:
    """Exponents of -1 and -4, by hand; two lines of text stand clear of the lowest candidate."""
    n_w = np.array([100.0, 200, 400])
    rms = np.array([1.0, 1 / 2, 1 / 32])[:, None] * [0.99, 1.0, 1.01]
    plateau = xr.Dataset({"weight_rms": (("hidden", "seed"), rms), "n_w": ("hidden", n_w)}, {"hidden": [10, 20, 40]})
    names = list(tail_off.LINES)
    sizes = (n_w**-1.0)[None, :, None] * np.ones((len(names), 3, 3))
    candidates = xr.DataArray(sizes, dims=("candidate", "hidden", "seed"), coords={"candidate": names})
    tail_off.by_width(axes, plateau, candidates)
    (note,) = axes.texts
    assert note.get_text() == "exponents −4.00 to −1.00\nfrom width to width"
    axes.figure.canvas.draw()
    box = note.get_window_extent()
    lowest = axes.transData.transform([(n, 1 / n) for n in np.geomspace(100, 400, 50)])
    assert not [point for point in lowest if box.contains(*point)]


def test_a_width_without_a_plateau_is_left_blank_and_not_fitted(axes) -> None:
    rms = np.array([[0.1, 0.11], [np.nan, np.nan], [0.05, 0.055]])
    plateau = xr.Dataset(
        {"weight_rms": (("hidden", "seed"), rms), "n_w": ("hidden", [100.0, 200, 400])}, {"hidden": [10, 20, 40]}
    )
    names = list(tail_off.LINES)
    candidates = xr.DataArray(
        np.ones((len(names), 3, 2)), dims=("candidate", "hidden", "seed"), coords={"candidate": names}
    )
    tail_off.by_width(axes, plateau, candidates)
    assert not axes.texts


def test_the_books_points_are_drawn_over_the_band(reproduced) -> None:
    import wd_jax as wd

    runs = wd.open(reproduced.folder / "claim_4_initialisation")
    book = {"gaussian": (8000, 8500, 9000), "fan_in": (9000, 9100, 9200)}
    with style.style():
        figure = two_starts.sketch(runs, book).figure()
        without = two_starts.sketch(runs).figure()
    accuracy = figure.axes[3]
    drawn = [line.get_xydata() for line in accuracy.get_lines() if line.get_marker() == "o"]
    expected = [np.column_stack([[1, 2, 3], np.array(counts) / 100]) for counts in book.values()]
    np.testing.assert_allclose(drawn, expected)
    assert not [line for line in without.axes[3].get_lines() if line.get_marker() == "o"]
