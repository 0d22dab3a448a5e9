"""Figures from Python: listed, light, in axes of one's own, and what cannot be drawn is refused before anything is."""

import dataclasses
import importlib
import inspect
import subprocess
import sys
from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr
from matplotlib import _pylab_helpers
from matplotlib.figure import Figure

import wd_jax as wd
from wd_jax.figures import style
from wd_jax.figures.kinds import KINDS
from wd_jax.figures.remedies import call
from wd_jax.stats.outcome import Outcome

pytestmark = pytest.mark.numeric
FIGURES = (*KINDS, "diagnosis", "laboratory")
FIELDS = ("8 seeds", (0.8, 1.2))
VERDICT = wd.Verdict(2, "prediction", "factor", "layer 1", 1.0, 1.1, (1.05, 1.15), 0.2, "holds", *FIELDS)


@pytest.fixture(scope="module")
def runs() -> xr.Dataset:
    """Weights that only decay, under two values of lmbda."""
    setup = wd.Setup(widths=(16, 8, 4))
    return wd.sweep(setup, wd.data.null(), lmbda=[1.0, 10.0], eta=0.1, seeds=2, epochs=3, progress=False)


def outcome(name: str = "toy") -> Outcome:
    """A result whose figure has one labelled line."""

    def draw() -> Figure:
        figure, (ax,) = style.panels(1)
        ax.plot([1, 2], label="theory")
        ax.set_title("a panel")
        style.title(figure, "A toy")
        return figure

    return Outcome(name, name, "", (VERDICT,), (), draw)


def test_every_kind_is_listed_documented_and_a_function_whatever_was_imported_before() -> None:
    for name in FIGURES:
        if name != "laboratory":
            importlib.import_module(f"wd_jax.figures.plots.{name}")
        function = getattr(wd.figures, name)
        assert name in dir(wd.figures) and name in wd.figures.__all__
        assert inspect.isfunction(function) and function.__name__ == name
        for part in ("Parameters", "Returns", "Raises", "Examples"):
            assert part in (function.__doc__ or "")
    assert sorted(wd.figures.__all__) == dir(wd.figures)


def test_what_is_not_there_is_named_with_what_is() -> None:
    with pytest.raises(AttributeError, match=r"no attribute 'trajectory'; it has .*trajectories"):
        wd.figures.trajectory  # noqa: B018


def test_listing_loads_nothing() -> None:
    code = (
        "import sys, wd_jax as wd; dir(wd.figures); "
        "sys.exit(bool({'jax', 'matplotlib', 'numpy', 'xarray', 'sympy', 'experiments'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_figure_of_its_own_has_the_look_and_leaves_no_trace(runs: xr.Dataset) -> None:
    before = dict(mpl.rcParams)
    drawn = wd.figures.trajectories(runs)
    assert dict(mpl.rcParams) == before and not _pylab_helpers.Gcf.figs
    assert drawn.figure.get_figwidth() == style.WIDTHS["two"] and drawn.width == "two"
    assert drawn.axes == tuple(drawn.figure.axes) and len(drawn.axes) == len(drawn.artists) == 2
    assert not drawn.axes[0].spines["top"].get_visible()
    assert drawn.figure.get_suptitle().replace("\n", " ").replace("\xa0", " ") == drawn.title.replace("\xa0", " ")
    for ax, artists in zip(drawn.axes, drawn.artists.values(), strict=True):
        assert all(one.axes is ax for members in artists.values() for one in members)
    narrow = wd.figures.trajectories(runs, width="one", layer=2)
    assert narrow.figure.get_figwidth() == style.WIDTHS["one"] and list(narrow.artists) == ["layer 2 (output)"]


@pytest.mark.parametrize("kind", ["trajectories", "budget", "epoch_factor"])
def test_in_axes_of_the_callers_only_the_panels_are_drawn(kind: str, runs: xr.Dataset) -> None:
    one = runs.sel(lmbda=10.0)
    before = dict(mpl.rcParams)
    figure = Figure(figsize=(9, 4))
    axes = figure.subplots(1, 2)
    drawn = getattr(wd.figures, kind)(one, ax=axes)
    assert dict(mpl.rcParams) == before and drawn.figure is figure and drawn.axes == tuple(axes)
    assert figure.get_size_inches().tolist() == [9, 4] and not figure.get_suptitle() and not figure.legends
    assert axes[0].spines["top"].get_visible() and drawn.width is None
    assert drawn.axes[0].get_legend() and drawn.title
    alone = getattr(wd.figures, kind)(one)
    for mine, theirs in zip(drawn.axes, alone.axes, strict=True):
        lines = [[line.get_ydata() for line in ax.get_lines()] for ax in (mine, theirs)]
        assert len(lines[0]) == len(lines[1])
        for a, b in zip(*lines, strict=True):
            np.testing.assert_array_equal(a, b)
        assert mine.get_xlabel() == theirs.get_xlabel() and mine.get_title() == theirs.get_title()


def test_one_layer_goes_into_one_axes_and_keeps_its_name(runs: xr.Dataset) -> None:
    ax = Figure().subplots()
    assert list(wd.figures.budget(runs.sel(lmbda=1.0), ax, layer=1).artists) == ["layer 1 (hidden)"]
    assert ax.get_title() == "layer 1 (hidden)"
    assert list(wd.figures.trajectories(runs.sel(layer=[1])).artists) == ["layer 1 (hidden)"]


def test_all_verdicts_go_into_one_axes_and_one_verdict_is_a_figure() -> None:
    ax = Figure(figsize=(9, 4)).subplots()
    several = SimpleNamespace(verdicts=(VERDICT, VERDICT))
    assert len(wd.figures.verdicts(several, ax).artists["verdicts"]) == 2
    assert wd.figures.verdicts(VERDICT).title == wd.figures.verdicts([VERDICT]).title == "1 prediction: 1 holds"


@pytest.mark.parametrize("width", style.WIDTHS)
@pytest.mark.parametrize("count", [1, 3])
def test_few_verdicts_stand_clear_of_each_other(count: int, width, layout) -> None:
    several = [dataclasses.replace(VERDICT, scope=f"layer {k}") for k in range(count)]
    assert not layout.overlapping(wd.figures.verdicts(several, width=width).figure)


def test_runs_that_diverged_are_counted_in_axes_of_the_callers(runs: xr.Dataset) -> None:
    gone = xr.where(runs.seed == 1, 2, -1).broadcast_like(runs.diverged_at)
    some = runs.assign_coords(diverged_at=gone).where((gone < 0) | (runs.epoch < 2))
    ax = Figure().subplots()
    assert wd.figures.trajectories(some, ax, layer=1).axes[0].get_title().endswith("(2 of 4 runs diverged)")


NO_AXES = Figure().subplots(1, 3)


@pytest.mark.parametrize(
    ("draw", "error", "words"),
    [
        (
            lambda runs: wd.figures.trajectories(runs, NO_AXES),
            ValueError,
            "trajectories draws 2 panels (layer 1 (hidden), layer 2 (output)) and got 3 Axes: give 2 Axes, "
            "ax=figure.subplots(1, 2), or layer=1 for one panel",
        ),
        (lambda runs: wd.figures.trajectories(runs, NO_AXES[0]), ValueError, "and got 1 Axes: give 2 Axes"),
        (lambda runs: wd.figures.trajectories(runs, [NO_AXES[0]] * 2), ValueError, "the same Axes twice: give 2 Axes"),
        (lambda runs: wd.figures.trajectories(runs, 3), TypeError, "ax=3 is no Axes: give 2 Axes"),
        (lambda runs: wd.figures.verdicts([VERDICT], NO_AXES), ValueError, "give one Axes, ax=figure.subplots()"),
        (lambda runs: wd.figures.trajectories(runs, layer=3), ValueError, "layer=3: the result has 1, 2"),
        (lambda runs: wd.figures.trajectories(runs, width="three"), ValueError, "width='three': give 'one' or 'two'"),
        (lambda runs: wd.figures.budget(runs), ValueError, "budget: draws one lmbda, and the sweep has lmbda 1, 10: "
         "choose with runs.sel(lmbda=1)"),
        (lambda runs: wd.figures.phase(runs), ValueError, "phase: needs axes eta and lmbda, no eta: run "
         "wd.sweep(setup, data, eta=[0.01, 0.1, 1, 10], "),
        (lambda runs: wd.figures.budget(runs.sel(lmbda=1).drop_vars("budget_drift")), ValueError,
         "run the sweep again without budget=False in wd.Probes"),
        (lambda runs: wd.figures.budget("x.nc"), TypeError, "budget: runs='x.nc': give the whole result of sweep"),
        (lambda runs: wd.figures.budget(runs.weight_rms), TypeError, "budget: runs=a DataArray: give the whole"),
        (lambda runs: wd.figures.budget(runs.mean("seed")), ValueError, "budget: runs has no dimension seed"),
        (lambda runs: wd.figures.trajectories(runs.sel(layer=1)), ValueError, "has no dimension layer: give the whole"),
        (lambda runs: wd.figures.plateau([]), ValueError, "plateau: no sweep in runs=[]: give one or some"),
        (lambda runs: wd.figures.verdicts([]), ValueError, "verdicts: none were given"),
        (lambda runs: wd.figures.verdicts(runs), TypeError, "give a list of Verdict, as wd.compare returns them"),
        (lambda runs: wd.figures.laboratory(runs), TypeError, "give what experiments.run or experiments.open returned"),
        (lambda runs: wd.figures.laboratory("."), FileNotFoundError, "holds no run"),
        (lambda runs: wd.figures.trajectories(runs).save("x.gif"), ValueError, "the suffix must be one of .svg, "),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_refused_in_one_line_before_anything_is(draw, error, words: str, runs) -> None:
    with pytest.raises(error) as caught:
        draw(runs)
    assert words in str(caught.value) and "\n" not in str(caught.value)
    assert not any(ax.has_data() for ax in NO_AXES)


@pytest.mark.filterwarnings("ignore:eta=.*grow by the factor")  # the phase diagram's shows where runs diverge
def test_every_example_in_a_refusal_can_be_planned() -> None:
    setup, data = wd.Setup(widths=(64, 8, 10)), wd.data.digits()
    for kind in KINDS.values():
        if kind.needs is not None:
            assert eval(call(kind.needs.example).replace("wd.sweep", "wd.dry_run"), {"wd": wd} | locals())


def test_a_notebook_shows_its_own_figure_once_and_never_the_callers(runs: xr.Dataset, tmp_path) -> None:
    drawn = wd.figures.trajectories(runs)
    png, size = drawn._repr_png_()
    assert png.startswith(b"\x89PNG") and size["width"] == 675
    assert int.from_bytes(png[16:20]) == 2 * size["width"]
    assert "\n" not in repr(drawn) and "layer 2 (output)" in repr(drawn)
    figure = Figure()
    theirs = wd.figures.trajectories(runs, figure.subplots(), layer=1)
    assert theirs._repr_png_() is None
    assert theirs.save(tmp_path / "theirs.png").read_bytes().startswith(b"\x89PNG")


def test_in_a_part_of_a_figure_the_whole_is_given_back(runs: xr.Dataset) -> None:
    figure = Figure()
    part = figure.subfigures(1, 2)[0]
    assert wd.figures.trajectories(runs, part.subplots(), layer=1).figure is figure


def test_of_weights_without_gradients_the_phase_has_no_border_of_noise() -> None:
    setup, values = wd.Setup(widths=(16, 8, 4)), {"eta": [0.1, 1.0], "lmbda": [1.0, 100.0]}
    still = wd.sweep(setup, wd.data.null(), **values, seeds=2, epochs=3, progress=False)
    assert wd.figures.phase(still, layer=1).artists["layer 1 (hidden)"]


def test_a_plateau_of_made_up_gradients_has_no_width_to_name() -> None:
    still = wd.lab("sgd", steps=40, records=10, lmbda=[0.5, 1.0, 2.0], eta=0.1, shape=100, seeds=2)
    assert list(wd.figures.plateau(still).artists) == ["by λ"]


def test_the_shell_draws_the_same_figure(runs: xr.Dataset, tmp_path) -> None:
    from wd_jax.cli.dispatch import main
    from wd_jax.results import netcdf

    stored = netcdf.write(runs, tmp_path / "runs.nc")
    assert main(["figure", "trajectories", str(stored or tmp_path / "runs.nc"), "-o", str(tmp_path / "shell.svg")]) == 0
    python = wd.figures.trajectories(runs).save(tmp_path / "python.svg")
    assert python.read_bytes() == (tmp_path / "shell.svg").read_bytes()


def test_a_result_of_the_laboratory_is_found_by_its_name_or_the_beginning_of_it() -> None:
    judged = SimpleNamespace(outcomes=(outcome("claim_1_dominance"), outcome("claim_2_epoch_decay")))
    drawn = wd.figures.laboratory(judged, "claim_2")
    assert (drawn.kind, drawn.title, list(drawn.artists)) == ("claim_2_epoch_decay", "A toy", ["a panel"])
    assert list(drawn.artists["a panel"]) == ["theory"]
    assert wd.figures.laboratory(outcome()).kind == "toy"
    with pytest.raises(ValueError, match="source holds claim_1_dominance, claim_2_epoch_decay: choose one"):
        wd.figures.laboratory(judged)
    with pytest.raises(ValueError, match="name='claim_3': source holds no such experiment: it has claim_1_dominance"):
        wd.figures.laboratory(judged, "claim_3")


def test_the_folder_of_a_run_gives_the_figure_of_any_of_its_experiments(reproduced) -> None:
    drawn = wd.figures.laboratory(reproduced.folder, "claim_2")
    assert drawn.kind == "claim_2_epoch_decay" and drawn.axes and drawn.title
    with pytest.raises(ValueError, match=r"holds claim_1_dominance, .* choose one"):
        wd.figures.laboratory(str(reproduced.folder))
