"""The figures of a sweep's page: measured over predicted, the weights over time, and every kind the sweep supports."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from wd_jax.figures import needs, style
from wd_jax.figures.kinds import KINDS
from wd_jax.figures.plots import trajectories
from wd_jax.figures.sketch import Sketch, of_all
from wd_jax.report.of_sweep.answering import SYMBOLS
from wd_jax.report.of_sweep.formulas import Silent
from wd_jax.report.of_sweep.judging import Cell, Found
from wd_jax.report.of_sweep.parts import Part, axes
from wd_jax.report.of_sweep.resting import rest

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_PANELS, MOST_PARTS = 6, 4
LOWEST, HIGHEST = -0.5, 2.5
"""Ratios beyond these are drawn at the edge, as triangles."""


@dataclass(frozen=True)
class Drawing:
    """A figure of the page.

    Attributes
    ----------
    name, caption : str
        Unique, and what it shows.
    draw : callable
        () -> matplotlib Figure, called inside `wd_jax.figures.style.style`.
    """

    name: str
    caption: str
    draw: "Callable[[], Figure]"


def ratios(found: Sequence[Found]) -> Drawing | None:
    """Draw measured over predicted in every cell, a panel a law; None where nothing was asked."""
    by_law: dict[str, list[Found]] = {}
    for one in found:
        if any(math.isfinite(cell.ratio) for cell in one.cells):
            by_law.setdefault(one.law.name, []).append(one)
    shown = list(by_law.items())[:MOST_PANELS]
    if not shown:
        return None
    left = len(by_law) - len(shown)
    caption = (
        "Measured over predicted: a point is one cell, with its 95 % interval over seeds; the grey band is what is "
        f"allowed, and a triangle lies beyond the panel.{f' {left} more laws are in the tables.' if left else ''}"
    )

    def draw() -> "Figure":
        panels = {name: partial(_panel, name, some) for name, some in shown}
        return Sketch("Measured over predicted", panels, height=2.5, legend=of_all).figure()

    return Drawing("ratios", caption, draw)


def _panel(name: str, some: Sequence[Found], ax: "Axes") -> dict[str, Any]:
    cells = [cell for one in some for cell in one.cells if math.isfinite(cell.ratio)]
    axis, places, ticks = _places(cells)
    tolerance = some[0].verdict.tolerance
    ax.axhspan(1 - tolerance, 1 + tolerance, color="#d9d9d9", lw=0, label="allowed")
    ax.axhline(1, color=style.GREY, lw=0.8)
    drawn: dict[str, Any] = {}
    for word, (color, marker) in LOOKS.items():
        here = [(x, cell) for x, cell in zip(places, cells, strict=True) if cell.word == word]
        inside = [(x, cell) for x, cell in here if LOWEST <= cell.ratio <= HIGHEST]
        if inside:
            y = np.array([cell.ratio for _, cell in inside])
            ends = np.array([[cell.ratio - cell.low, cell.high - cell.ratio] for _, cell in inside]).T
            ends = np.where(np.isfinite(ends), ends, 0.0)
            at = [x for x, _ in inside]
            drawn[word] = ax.errorbar(at, y, yerr=ends, ls="none", ms=4.5, label=word, color=color, marker=marker)
        for x, cell in here:
            if not LOWEST <= cell.ratio <= HIGHEST:
                edge, mark = (HIGHEST, "^") if cell.ratio > HIGHEST else (LOWEST, "v")
                drawn[f"{word}, beyond"] = ax.plot([x], [edge], color=color, marker=mark, ls="none", ms=6)
    reach = max([4 * tolerance] + [1.3 * abs(float(np.clip(c.ratio, LOWEST, HIGHEST)) - 1) for c in cells])
    ax.set_ylim(1 - reach, 1 + reach)
    ax.set_title("\n".join(_wrapped(name)))
    if style.leads(ax):
        ax.set_ylabel("measured / predicted")
    ax.set_xlabel(axis)
    if ticks is not None:
        ax.set_xticks(*ticks)
        ax.set_xlim(-0.5, len(ticks[0]) - 0.5)
    return drawn


LOOKS = {
    "holds": (style.GREEN, "o"),
    "fails": (style.RED, "X"),
    "undecided": (style.ORANGE, "D"),
    "diverged": (style.PURPLE, "v"),
}
"""Colour and mark of a word."""


def _wrapped(text: str) -> list[str]:
    import textwrap

    return textwrap.wrap(style.plain(text), 44)


def _places(cells: Sequence[Cell]) -> tuple[str, list[float], tuple[list[int], list[str]] | None]:
    """Say where each cell stands from left to right: by its values of the axis with most of them, side by side."""
    names = list(dict.fromkeys(name for cell in cells for name, _ in cell.where))
    values = {name: list(dict.fromkeys(dict(cell.where).get(name) for cell in cells)) for name in names}
    numbers = {name: some for name, some in values.items() if all(isinstance(one, int | float) for one in some)}
    several = [name for name in numbers if len(numbers[name]) > 1 and name != "layer"]
    name = max(several, key=lambda one: len(numbers[one]), default="layer" if "layer" in numbers else "")
    if not name:
        return "cell", [float(i) for i in range(len(cells))], (list(range(len(cells))), [""] * len(cells))
    order = sorted(float(str(one)) for one in numbers[name])
    at = [order.index(float(dict(cell.where)[name])) for cell in cells]
    beside = {place: [i for i, one in enumerate(at) if one == place] for place in set(at)}
    places = [place + (beside[place].index(i) + 0.5) / len(beside[place]) * 0.6 - 0.3 for i, place in enumerate(at)]
    shown = [f"{one:g}" if len(order) <= 8 or i % math.ceil(len(order) / 8) == 0 else "" for i, one in enumerate(order)]
    return SYMBOLS.get(name, name), places, (list(range(len(order))), shown)


def weights(parts: Sequence[Part]) -> tuple[Drawing, ...]:
    """Draw the weights over the epochs, a figure a part."""
    made = []
    for k, part in enumerate(parts[:MOST_PARTS]):
        if part.runs.sizes["epoch"] < 2:
            continue
        one, at = _one_axis(part.runs)
        where = ", ".join(filter(None, (part.label, at)))
        more = f" {len(parts) - MOST_PARTS} more parts are not drawn." if k == 0 and len(parts) > MOST_PARTS else ""
        caption = (
            "The rms weight of a layer over the epochs, with a 95 % band over the seeds, beside decay alone (dashed) "
            f"where it has a formula{f'; {where}' if where else ''}.{more}"
        )
        made.append(Drawing(f"weights-{k}", caption, lambda one=one: trajectories.sketch(one).figure()))
    return tuple(made)


def _one_axis(runs: xr.Dataset) -> tuple[xr.Dataset, str]:
    """Leave one axis of numbers, lmbda if it is swept; of the others take the first value, and say so."""
    swept = [axis for axis in axes(runs) if runs.sizes[axis] > 1]
    kept = "lmbda" if "lmbda" in swept else swept[0] if swept else ""
    first = {axis: _first(runs, axis) for axis in axes(runs) if axis != kept}
    said = [f"{SYMBOLS.get(axis, axis)} {runs[axis].values[first[axis]]:g}" for axis in swept if axis != kept]
    return _existing(runs.isel(first)), ", ".join(said)


def _existing(runs: xr.Dataset) -> xr.Dataset:
    """Leave out layers that the networks chosen do not have."""
    there = runs.weight_rms.notnull()
    kept = there.any([dim for dim in there.dims if dim != "layer"]).values
    return runs.isel(layer=kept) if kept.any() else runs


def _first(runs: xr.Dataset, axis: str) -> int:
    """Give the place of the first value of an axis of which anything is there: a run may still go on."""
    there = runs.weight_rms.notnull()
    return int(there.any([dim for dim in there.dims if dim != axis]).values.argmax())


def kinds(parts: Sequence[Part]) -> tuple[tuple[Drawing, ...], tuple[tuple[str, str], ...]]:
    """Draw every other kind of figure of the library that the sweep supports.

    Returns
    -------
    tuple of Drawing
        Of the first part that supports a kind, at the first value of axes that it does not draw.
    tuple of (str, str)
        Kinds that it does not support, and why.
    """
    made, missing = [], []
    for name, kind in KINDS.items():
        if not kind.of_sweeps or name == "trajectories" or kind.needs is None:
            continue
        why = ""
        for part in parts:
            one, at = _fitted(part.runs, kind.needs)
            why = kind.needs.lacking(one) or (_no_plateau(part) if name == "plateau" else "")
            if not why:
                where = ", ".join(filter(None, (part.label, at)))
                text = f"{kind.summary[:1].upper()}{kind.summary[1:]}{f'; {where}' if where else ''}."
                made.append(Drawing(name, text, partial(kind.draw, one)))
                break
        if why:
            missing.append((name, why))
    return tuple(made), tuple(missing)


def _no_plateau(part: Part) -> str:
    """Say why a figure of plateaus would be empty."""
    found = rest(part)
    return found.why if isinstance(found, Silent) else ""


def _fitted(runs: xr.Dataset, asked: needs.Needs) -> tuple[xr.Dataset, str]:
    """Choose the first value of axes that a kind does not draw, and say which."""
    swept = axes(runs)
    drawn = {*asked.axes, *asked.optional, *[axis for axis in asked.one_of if axis in swept][:1]}
    others = [axis for axis in swept if axis not in drawn or runs.sizes[axis] == 1]
    first = {axis: _first(runs, axis) for axis in others}
    said = [f"{SYMBOLS.get(axis, axis)} {runs[axis].values[first[axis]]}" for axis in others if runs.sizes[axis] > 1]
    return _existing(runs.isel(first)), ", ".join(said)
