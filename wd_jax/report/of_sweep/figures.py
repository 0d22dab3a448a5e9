"""The figures of a sweep's page: measured over predicted, the weights over time, and every kind the sweep supports."""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from wd_jax.figures import needs, style
from wd_jax.figures.kinds import KINDS
from wd_jax.figures.plots import plateau, trajectories
from wd_jax.figures.sketch import Key, Sketch, of_all
from wd_jax.report.of_sweep.answering import SYMBOLS
from wd_jax.report.of_sweep.formulas import Silent
from wd_jax.report.of_sweep.judging import Cell, Found
from wd_jax.report.of_sweep.parts import Part, axes
from wd_jax.report.of_sweep.resting import rest
from wd_jax.report.of_sweep.tolerances import STILL
from wd_jax.stats.plateau import MOVES_LESS

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
        "Measured over predicted: a point is one cell, with its 95 % interval over seeds: its shape says which layer "
        "it is, its colour and filling the word. The grey band is what is allowed; a triangle lies beyond the panel."
        f"{_left(left, 'law', 'in the tables')}"
    )

    def draw() -> "Figure":
        panels = {name: partial(_panel, name, some) for name, some in shown}
        return Sketch("Measured over predicted", panels, height=2.5, legend=_key).figure()

    return Drawing("ratios", caption, draw)


def _key(axes: "Sequence[Axes]") -> Key:
    """Explain the words first, then the layers."""
    pairs = sorted(zip(*of_all(axes), strict=True), key=lambda pair: pair[1].startswith("layer "))
    return [handle for handle, _ in pairs], [label for _, label in pairs]


def _left(count: int, thing: str, what: str) -> str:
    """Say what of so many more; nothing where there are none."""
    return f" {count} more {thing}{' is' if count == 1 else 's are'} {what}." if count > 0 else ""


def _panel(name: str, some: Sequence[Found], ax: "Axes") -> dict[str, Any]:
    cells = [cell for one in some for cell in one.cells if math.isfinite(cell.ratio)]
    axis, places, ticks = _places(cells)
    tolerance = some[0].verdict.tolerance
    ax.axhspan(1 - tolerance, 1 + tolerance, color="#d9d9d9", lw=0, label="allowed")
    ax.axhline(1, color=style.GREY, lw=0.8)
    layers = list(dict.fromkeys(dict(cell.where).get("layer") for cell in cells))
    marks = {layer: MARKS[i % len(MARKS)] for i, layer in enumerate(sorted(layers, key=_number))}
    drawn: dict[str, Any] = {}
    for (word, (color, filled)), (layer, mark) in itertools.product(LOOKS.items(), marks.items()):
        look = {"color": color, "marker": mark, "ls": "none", "fillstyle": filled}
        here = [
            (x, c) for x, c in zip(places, cells, strict=True) if (c.word, dict(c.where).get("layer")) == (word, layer)
        ]
        inside = [(x, cell) for x, cell in here if LOWEST <= cell.ratio <= HIGHEST]
        if inside:
            y = np.array([cell.ratio for _, cell in inside])
            ends = np.array([[cell.ratio - cell.low, cell.high - cell.ratio] for _, cell in inside]).T
            ends = np.where(np.isfinite(ends), ends, 0.0)
            drawn[f"{word}, layer {layer}"] = ax.errorbar([x for x, _ in inside], y, yerr=ends, ms=5, **look)
        for x, cell in here:
            if not LOWEST <= cell.ratio <= HIGHEST:
                edge, beyond = (HIGHEST, "^") if cell.ratio > HIGHEST else (LOWEST, "v")
                drawn[f"{word}, layer {layer}, beyond"] = ax.plot([x], [edge], ms=7, **{**look, "marker": beyond})
    for word, (color, filled) in LOOKS.items():
        if any(cell.word == word for cell in cells):
            ax.plot([], [], color=color, marker="o", ls="none", ms=5, fillstyle=filled, label=word)
    for layer, mark in marks.items() if len(marks) > 1 else ():
        ax.plot([], [], color=style.GREY, marker=mark, ls="none", ms=5, label=f"layer {layer}")
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
    "holds": (style.GREEN, "full"),
    "fails": (style.RED, "full"),
    "undecided": (style.ORANGE, "none"),
    "diverged": (style.PURPLE, "left"),
}
"""Colour and filling of a word's points: green and red, whose cells lie inside and outside of the band, are full."""
MARKS = ("o", "s", "D", "P", "X")
"""Of the layers of a panel, in their order."""


def _number(layer: object) -> float:
    return float(str(layer)) if isinstance(layer, int | float) else -1.0


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
        more = _left(len(parts) - MOST_PARTS, "part", "not drawn") if k == 0 else ""
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
            why = kind.needs.lacking(one) or (_no_plateau(part, one) if name == "plateau" else "")
            if not why:
                where = ", ".join(filter(None, (part.label, at)))
                text = f"{kind.summary[:1].upper()}{kind.summary[1:]}{f'; {where}' if where else ''}."
                text += f" A point needs {OWN_REST}." if name == "plateau" else ""
                made.append(Drawing(name, text, partial(kind.draw, one)))
                break
        if why:
            missing.append((name, why))
    return tuple(made), tuple(missing)


OWN_REST = (
    f"means over the thirds of a window that differ by less than {100 * MOVES_LESS:g} %: the figure's own measure of "
    f"rest, stricter than the {100 * STILL.value:g} % by which this page asks laws of weights at rest"
)
"""What the figure of plateaus takes for rest."""


def _no_plateau(part: Part, one: xr.Dataset) -> str:
    """Say why a figure of plateaus would be empty: by the page's measure of rest, then by its own."""
    found = rest(part)
    if isinstance(found, Silent):
        return found.why
    if bool(plateau.measure(one).weight_rms.notnull().any()):
        return ""
    return f"no layer is at rest by it: a point needs {OWN_REST}. Train longer, or with more seeds"


def _fitted(runs: xr.Dataset, asked: needs.Needs) -> tuple[xr.Dataset, str]:
    """Choose the first value of axes that a kind does not draw, and say which."""
    swept = axes(runs)
    drawn = {*asked.axes, *asked.optional, *[axis for axis in asked.one_of if axis in swept][:1]}
    others = [axis for axis in swept if axis not in drawn or runs.sizes[axis] == 1]
    first = {axis: _first(runs, axis) for axis in others}
    said = [f"{SYMBOLS.get(axis, axis)} {runs[axis].values[first[axis]]}" for axis in others if runs.sizes[axis] > 1]
    return _existing(runs.isel(first)), ", ".join(said)
