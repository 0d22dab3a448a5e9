"""A formula as a picture: its curve over one symbol, or a curve for each value of a second one."""

from __future__ import annotations

import io
import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from derivations.errors import ValidityError
from derivations.output import arguments, backends
from derivations.output.rendering import prose
from derivations.output.shown import ShownFormula
from derivations.symbols import QUANTITIES, Quantity

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

FINE = 200
"""Places at which a curve is evaluated between the values given."""
MOST_CURVES = 6
FEW = 30
"""Values up to which each is marked on its curve."""
DECADES = 30.0
"""Largest over smallest number from which an axis is logarithmic."""
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9")
SIZE = (4.6, 3.2)
PIXELS = 100
LONGEST = 60
"""Characters of an expression in a title."""


@dataclass(frozen=True, repr=False, eq=False)
class Plotted:
    """What `Formula.plot` drew; a notebook shows it, if the figure was made here.

    Attributes
    ----------
    figure : matplotlib Figure
        The one it is in.
    axes : matplotlib Axes
        Where it was drawn.
    curves : mapping of str to Line2D
        By what each is: the fixed numbers, or the value of the second symbol.
    left_out : mapping of str to int
        How many of the values given have no point on each curve: the formula does not hold there, or is infinite.
    own : bool
        Whether the figure was made here.
    """

    figure: Figure
    axes: Axes
    curves: Mapping[str, Line2D]
    left_out: Mapping[str, int]
    own: bool

    def _repr_png_(self) -> tuple[bytes, dict[str, int]] | None:
        if not self.own:
            return None
        held = io.BytesIO()
        self.figure.savefig(held, format="png", dpi=2 * PIXELS)
        inches = self.figure.get_size_inches()
        return held.getvalue(), {"width": round(inches[0] * PIXELS), "height": round(inches[1] * PIXELS)}

    def __repr__(self) -> str:
        """Say what it is and what it has."""
        curves = f"{len(self.curves)} curve{'s' * (len(self.curves) != 1)} ({'; '.join(self.curves)})"
        return f"Plotted: {curves}; has .figure, .axes, .curves and .left_out; .figure.savefig('formula.png')"


def plot(formula: ShownFormula, ax: Axes | None, values: Mapping[str, Any]) -> Plotted:
    """Draw a formula over the first symbol that is given as a list; a second list gives a curve for each of its values.

    Parameters
    ----------
    formula : Formula
        What is drawn.
    ax : matplotlib Axes or None
        Where to draw; None makes a figure.
    values : mapping of str to number or array
        One for each parameter, by name and in its unit.

    Returns
    -------
    Plotted

    Raises
    ------
    TypeError
        If an argument is missing, unknown or no number, or `ax` is no Axes.
    ValueError
        If no symbol is swept, or more than two.
    ValidityError
        If the formula holds for none of the values.
    """
    from matplotlib.axes import Axes

    backends.bind(formula, values)
    given = {name: arguments.numbers(name, value) for name, value in values.items()}
    along, across = _swept(formula, given)
    if ax is not None and not isinstance(ax, Axes):
        raise TypeError(f"{formula.name}.plot: ax is a {type(ax).__name__}, no Axes: give one, ax=figure.subplots()")
    fixed = {name: array.item() for name, array in given.items() if not array.ndim}
    cells = {_said(fixed) or formula.name: fixed}
    if across is not None:
        cells = {_said({across: value}): fixed | {across: value} for value in given[across].tolist()}
    at = np.sort(given[along])
    fine = _between(along, at)
    curves = {label: _numbers(formula, cell, along, fine)[0] for label, cell in cells.items()}
    marks = {label: _numbers(formula, cell, along, at) for label, cell in cells.items()}
    if not any(np.isfinite(y).any() for y in curves.values()):
        formula(**given)  # names the condition that is violated
        raise ValueError(f"{formula.name}.plot: not finite for any {along} given: give others")
    target = _axes() if ax is None else ax
    lines, left_out = {}, {}
    for color, (label, (y, why)) in zip(COLOURS, marks.items(), strict=False):
        left_out[label] = int((~np.isfinite(y)).sum())
        left = f"{left_out[label]} of {at.size} values left out: {why}" if left_out[label] else ""
        said = "\n".join(textwrap.wrap(f"{label} ({left})" if left else label, LONGEST // 2))
        (lines[label],) = target.plot(fine, curves[label], color=color, lw=1.4, label=said)
        if at.size <= FEW:
            target.plot(at, y, marker="o", ms=3.5, ls="none", color=color)
    _dress(formula, target, along, at, list(curves.values()))
    if across is not None or any(left_out.values()):
        target.legend(frameon=False, fontsize="small")
    if ax is None:
        head = f" = {formula.line()}" if len(formula.line()) <= LONGEST else ""
        target.set_title(f"{formula.name}{head}\n{_said(fixed)}".rstrip().replace("$", r"\$"), fontsize="medium")
    return Plotted(target.figure.figure, target, lines, left_out, ax is None)  # pyrefly: ignore


def _swept(formula: ShownFormula, given: Mapping[str, np.ndarray]) -> tuple[str, str | None]:
    """Name the symbol along the axis of x, and the one that has a curve for each value, if there is one."""
    name = formula.name
    swept = [parameter for parameter, array in given.items() if array.ndim]
    if not swept:
        raise ValueError(f"{name}.plot: every symbol is one number: give a list for one of {', '.join(given)}")
    if len(swept) > 2:
        raise ValueError(f"{name}.plot: {', '.join(swept)} are lists: give one for the axis of x, one for the curves")
    if many := [one for one in swept if given[one].ndim > 1]:
        raise ValueError(f"{name}.plot: {many[0]} has {given[many[0]].ndim} dimensions: give a plain list of numbers")
    if missing := [one for one in swept if not np.isfinite(given[one]).all()]:
        raise ValueError(f"{name}.plot: {missing[0]} has a value that is no finite number: leave it out")
    along, across = swept[0], swept[1] if len(swept) == 2 else None
    if np.unique(given[along]).size < 2:
        raise ValueError(f"{name}.plot: {along} has one value: give two or more for the axis of x")
    if across is not None and not 0 < np.unique(given[across]).size == given[across].size <= MOST_CURVES:
        raise ValueError(f"{name}.plot: {across} gives a curve for each value: give 1 to {MOST_CURVES}, no value twice")
    return along, across


def _numbers(formula: ShownFormula, cell: Mapping[str, float], along: str, x: np.ndarray) -> tuple[np.ndarray, str]:
    """Evaluate along an axis: NaN where the formula does not hold or is infinite, and why."""
    try:
        y = np.asarray(formula(**cell, **{along: x}), dtype=float)
        return np.where(np.isfinite(y), y, np.nan), "infinite"
    except ValidityError:
        y, why = np.full(x.size, np.nan), dict[str, None]()
    for k, value in enumerate(x.tolist()):
        try:
            one = float(formula(**cell, **{along: value}))
        except ValidityError as error:
            why |= dict.fromkeys(f"not {violated.partition(' (met')[0]}" for violated in error.violations)
            continue
        y[k] = one if math.isfinite(one) else math.nan
        why |= {} if math.isfinite(one) else {"infinite": None}
    return y, ", ".join(why)


def _logarithmic(x: np.ndarray) -> bool:
    """Whether an axis of these numbers is logarithmic: all positive, over more than one decade and a half."""
    there = x[np.isfinite(x)]
    return bool(there.size and there.min() > 0 and there.max() >= DECADES * there.min())


def _between(along: str, at: np.ndarray) -> np.ndarray:
    """Add places between few values, as far apart on the axis; whole numbers only where the symbol is one."""
    if at.size > FEW:
        return at
    grid = (np.geomspace if _logarithmic(at) else np.linspace)(at[0], at[-1], FINE)
    whole = _quantity(along).symbol.is_integer
    return np.unique(np.concatenate([np.round(grid) if whole else grid[1:-1], at]))


def _quantity(name: str) -> Quantity:
    return QUANTITIES.get(name, Quantity(sp.Symbol(name), "a number", "1", name, name))


def _said(values: Mapping[str, float]) -> str:
    return ", ".join(f"{_quantity(name).unicode} = {value:g}" for name, value in values.items())


def _axes() -> Axes:
    """Make a figure without pyplot's global state."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE, layout="constrained")
    FigureCanvasAgg(figure)
    return figure.subplots()


def _dress(formula: ShownFormula, ax: Axes, along: str, at: np.ndarray, curves: Sequence[np.ndarray]) -> None:
    """Name both axes, with their units, and make them logarithmic where their numbers ask for it."""
    quantity = _quantity(along)
    unit = "" if quantity.unit == "1" else f" [{quantity.unit}]"
    long = quantity.meaning.partition(":")[0]
    ax.set_xlabel("\n".join(textwrap.wrap(f"{long} {quantity.unicode}{unit}", LONGEST)))
    unit = "" if formula.unit == "1" else f" [{formula.unit}]"
    ax.set_ylabel("\n".join(textwrap.wrap(f"{prose(formula.meaning)}{unit}", LONGEST // 2)).replace("$", r"\$"))
    if _logarithmic(at):
        ax.set_xscale("log")
    if _logarithmic(np.concatenate(curves)):
        ax.set_yscale("log")
    ax.spines[["top", "right"]].set_visible(False)
