"""Figures of runs that diverged: said in one line or in the title, never an empty picture, never the wrong remedy."""

import numpy as np
import pytest
import xarray as xr
from matplotlib.text import Text

import wd_jax as wd
from wd_jax.figures import style
from wd_jax.figures.kinds import KINDS
from wd_jax.figures.plots import verdicts
from wd_jax.figures.style import power_of_ten
from wd_jax.stats.verdict import Verdict

pytestmark = pytest.mark.numeric
NULL = wd.data.null()


def sweep(epsilon: list[float], **more) -> xr.Dataset:
    """Runs of 20 steps an epoch by decay alone; they overflow float32 if epsilon is far above 2."""
    settings = {"lmbda": 1.0, "eta": [e * NULL.n for e in epsilon], "seeds": 2, "epochs": 6, "progress": False}
    return wd.sweep(wd.Setup(widths=(16, 8, 4), batch_size=NULL.n // 20), NULL, **(settings | more))


@pytest.fixture(scope="module")
def lost() -> xr.Dataset:
    with pytest.warns(UserWarning, match="and diverge"):
        return sweep([1e8, 1e9])


def said(figure) -> str:
    return " ".join(text.get_text() for text in figure.findobj(Text)).replace("\n", " ").replace("\u00a0", " ")


@pytest.mark.parametrize("kind", ["budget", "epoch_factor", "trajectories"])
def test_a_figure_of_runs_that_all_diverged_is_refused_and_names_the_cause(kind: str, lost: xr.Dataset) -> None:
    with pytest.raises(ValueError, match=f"^{kind}: needs . epochs? or more of a run, and none got there: ") as caught:
        KINDS[kind].draw(lost.isel(eta=0))
    assert str(caught.value).endswith("2 of 2 runs diverged: lower eta or lmbda; eta*lmbda/n = 1e+08 >= 2 there")
    assert "--no-budget" not in str(caught.value) and "was not measured" not in str(caught.value)


def test_plateaus_and_starts_are_refused_too(lost: xr.Dataset) -> None:
    with pytest.raises(ValueError, match=r"^plateau: needs a run that goes on to its end, .* 4 of 4 runs"):
        KINDS["plateau"].draw(lost)
    with pytest.warns(UserWarning, match="and diverge"):
        starts = sweep([1e8], eta=1e8 * NULL.n, init=["gaussian", "fan_in"])
    with pytest.raises(ValueError, match=r"^two_starts: needs 4 epochs or more of a run, .* 4 of 4 runs"):
        KINDS["two_starts"].draw(starts)


def test_what_was_not_measured_is_still_not_measured(lost: xr.Dataset) -> None:
    with pytest.raises(ValueError, match=r"needs budget_drift, which was not measured: .* without --no-budget"):
        KINDS["budget"].draw(lost.isel(eta=0).drop_vars("budget_drift"))


def test_some_that_diverged_are_counted_in_the_title_and_named_in_the_legend() -> None:
    with pytest.warns(UserWarning, match="and diverge"):
        runs = sweep([0.01], eta=1.0, lmbda=[0.01 * NULL.n, 1e9 * NULL.n])
    with style.style(), pytest.warns(RuntimeWarning, match="used outside its condition"):
        text = said(KINDS["trajectories"].draw(runs))
    assert "2 of 4 runs diverged" in text and f"λ = {1e9 * NULL.n:g} (diverged)" in text
    assert f"λ = {0.01 * NULL.n:g}" in text and f"λ = {0.01 * NULL.n:g} (" not in text
    with style.style():
        plateau = KINDS["plateau"].draw(runs.isel(lmbda=[1, 0, 1]).assign_coords(lmbda=[3.0, 2.0, 1.0]))
    assert "4 of 6 runs diverged" in said(plateau) and "train longer" not in said(plateau)


@pytest.mark.parametrize("eta", [[0.1, 1.0], [1e8, 1e9]])
def test_the_phase_diagram_shows_where_all_diverged(eta: list[float]) -> None:
    lmbda = [1e8 * NULL.n, 1e9 * NULL.n]
    with pytest.warns(UserWarning, match="and diverge"):
        runs = sweep([1.0], eta=eta, lmbda=lmbda)
    with style.style():
        figure = KINDS["phase"].draw(runs)
        figure.canvas.draw()
    crosses = [line for line in figure.axes[0].lines if line.get_marker() == "x"]
    assert len(crosses) == 1 and len(crosses[0].get_xdata()) == 4 and "8 of 8 runs diverged" in said(figure)


def test_bars_end_where_the_runs_end(lost: xr.Dataset) -> None:
    """A change of zero was drawn after the last run had diverged."""
    from wd_jax.figures.plots import budget

    epoch = np.arange(1.0, 5.0)
    parts = {name: xr.DataArray(np.where(epoch < 3, value, np.nan)[None] * [[1.0], [1.1]], {"epoch": epoch},
                                ("seed", "epoch"))
             for name, value in {"decay": -2.0, "drift": 0.5, "noise": 0.5, "sum": -1.0}.items()}  # fmt: skip
    with style.style():
        figure, (ax,) = style.panels(1)
        artists = budget.panel(ax, parts)
        figure.canvas.draw()
    for name in ("decay", "drift", "noise"):
        values = artists[name].get_data().values
        assert np.isfinite(values[:2]).all() and np.isnan(values[2:]).all(), name


def test_a_verdict_that_diverged_has_a_mark_and_is_counted() -> None:
    nan = float("nan")
    one = Verdict(2, "prediction", "factor", "layer 1", 1.0, nan, (nan, nan), 0.1, "diverged", "w", (0.9, 1.1))
    two = Verdict(2, "prediction", "factor", "layer 2", 1.0, 1.0, (0.95, 1.05), 0.1, "holds", "w", (0.9, 1.1))
    with style.style():
        figure = verdicts.sketch([one, two]).figure()
        figure.canvas.draw()
    assert "2 predictions: 1 holds, 1 diverged" in said(figure) and "∞ diverged" in said(figure)
    with style.style():
        assert "diverged" not in said(verdicts.sketch([two]).figure())


def test_a_figure_of_words_fits_its_width(layout) -> None:
    for width in ("one", "two"):
        with style.style(width):
            figure = style.instead("Claim 2: a factor exp(-ηλ/m) per epoch", "3 of 3 runs diverged: lower eta " * 6)
            figure.canvas.draw()
        assert not layout.too_small(figure) and not layout.cut_off(figure) and not layout.overlapping(figure)


@pytest.mark.parametrize("value, text", [(1e5, "10⁵"), (2e5, "2·10⁵"), (5e-7, "5·10⁻⁷"), (1e-6, "10⁻⁶"), (0.0, "")])
def test_a_tick_between_powers_of_ten_is_not_the_power(value: float, text: str) -> None:
    assert power_of_ten(value) == text
