"""Every figure drawn once, and what a reader would circle: text that is too small, cut off, or on other text."""

import itertools
from pathlib import Path
from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr
from matplotlib import _pylab_helpers
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from experiments import figure_sources
from wd_jax.figures.kinds import KINDS
from wd_jax.figures.style import style

SMALLEST = 6.0  # points


def texts(figure: Figure) -> list[Text]:
    """All text a drawn figure shows; labels of ticks outside the limits are not shown."""
    ticks = [
        tick.label1 for axes in figure.axes if axes.axison for axis in (axes.xaxis, axes.yaxis)
        for tick in axis._update_ticks()
    ]  # fmt: skip
    hidden = {
        id(text) for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)
        for tick in (*axis.majorTicks, *axis.minorTicks) for text in (tick.label1, tick.label2)
    }  # fmt: skip
    others = [text for text in figure.findobj(Text) if id(text) not in hidden]
    return [text for text in (*ticks, *others) if text.get_visible() and text.get_text().strip()]


def too_small(figure: Figure) -> list[str]:
    return [text.get_text() for text in texts(figure) if text.get_fontsize() < SMALLEST]


def cut_off(figure: Figure) -> list[str]:
    box = figure.bbox.padded(1.0)
    found = [(text.get_text(), text.get_window_extent()) for text in texts(figure)]
    found += [("legend", legend.get_window_extent()) for legend in figure.legends]
    return [
        name for name, e in found if e.x0 < box.x0 or e.x1 > box.x1 or e.y0 < box.y0 or e.y1 > box.y1
    ]  # fmt: skip


def overlapping(figure: Figure) -> list[tuple[str, str]]:
    boxes = [(text.get_text(), text.get_window_extent().padded(-0.75)) for text in texts(figure)]
    return [(a, b) for (a, one), (b, two) in itertools.combinations(boxes, 2) if Bbox.intersection(one, two)]


@pytest.fixture(scope="session")
def layout() -> SimpleNamespace:
    """The checks above, by name."""
    return SimpleNamespace(texts=texts, too_small=too_small, cut_off=cut_off, overlapping=overlapping)


def phases() -> xr.Dataset:
    """A sweep over eta and lmbda as it would be if a layer only decayed and a constant gradient made noise."""
    eta, lmbda, seed = np.geomspace(0.01, 10, 4), np.geomspace(0.1, 10_000, 6), np.arange(2)
    layer, epoch = [1, 2], np.arange(10.0)
    coordinates = {"eta": eta, "lmbda": lmbda, "seed": seed, "layer": layer, "epoch": epoch}
    one = xr.DataArray(1.0, coordinates, tuple(coordinates))
    n, m, n_w, gradient = 1200, 10, 400.0, 1.0
    epsilon = one.eta * one.lmbda / n
    keep = np.maximum((1 - epsilon) ** 2, 1e-30)
    over_epoch = keep ** (n // m)
    supply = (one.eta * gradient) ** 2 * (1 + 0.1 * one.seed)
    norm2 = [one.isel(epoch=0) * n_w]
    for _ in epoch[1:]:
        norm2.append(norm2[-1] * over_epoch + supply * (1 - over_epoch) / (1 - keep))
    norm2 = xr.concat(norm2, one.epoch).transpose(*one.dims)
    noise = (supply * (n // m)).broadcast_like(one)
    runs = xr.Dataset({"weight_norm2": norm2, "weight_rms": np.sqrt(norm2 / n_w), "budget_noise": noise})
    runs["budget_drift"] = 0 * noise
    runs["budget_decay"] = norm2 - norm2.shift(epoch=1) - noise
    runs = runs.where(epsilon < 2).assign(diverged_at=xr.where(epsilon * (one.seed + 1) < 2 * (one.seed + 1), -1, 1))
    facts = {"n": n, "m": m, "steps_per_epoch": n // m, "init": "gaussian", "n_w": ("layer", [n_w, n_w])}
    return runs.assign_coords(facts | {"n_in": ("layer", [64, 30])}).assign_attrs(dataset="digits")


def draw(name: str, outcomes: dict, folder: Path) -> Figure:
    if name in outcomes:
        return outcomes[name].draw()
    kind = KINDS[name]
    if name == "phase":
        return kind.draw(phases())
    if not kind.of_sweeps:
        return kind.draw([verdict for outcome in outcomes.values() for verdict in outcome.verdicts], "digits")
    return kind.draw(*figure_sources.sweeps(kind, folder, {}))


class Drawn(dict):
    """Figures by name and width, each drawn when it is first asked for."""

    def __init__(self, outcomes: dict, folder: Path) -> None:
        self.outcomes, self.folder = outcomes, folder

    def __missing__(self, key: tuple[str, str]) -> Figure:
        before = dict(mpl.rcParams)
        name, width = key
        with style(width):
            self[key] = draw(name, self.outcomes, self.folder)
            self[key].canvas.draw()
        assert dict(mpl.rcParams) == before and not _pylab_helpers.Gcf.figs
        return self[key]


@pytest.fixture(scope="session")
def drawn(outcomes: dict, reproduced) -> Drawn:
    """Every kind and every experiment's figure, at either width."""
    return Drawn(outcomes, reproduced.folder)
