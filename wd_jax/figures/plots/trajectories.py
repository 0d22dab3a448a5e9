"""The rms weight over the epochs beside weights that only decay, for each value of an axis, a panel per layer."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from wd_jax.figures import style
from wd_jax.figures.bands import band
from wd_jax.figures.needs import (
    FEWER,
    SYMBOLS,
    Needs,
    axes,
    check_sweeps,
    diverged,
    layers,
    rising,
    settings,
    usable,
)
from wd_jax.figures.sketch import Sketch
from wd_jax.results import divergence

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from wd_jax.figures.drawn import Drawn

NEEDS = Needs(one_of=(), optional=("lmbda",), epochs=2, example="--lmbda 2.5 5 10 20 --eta 0.1 --seeds 8 --epochs 60")
AT_MOST = len(style.SERIES)
"""Values of an axis that are drawn: more could not be told apart."""


def trajectories(
    runs: xr.Dataset,
    ax: "Axes | Sequence[Axes] | None" = None,
    *,
    layer: int | Sequence[int] | None = None,
    width: style.Width = "two",
) -> "Drawn":
    """Draw the rms weight over the epochs beside weights that only decay, for each lmbda if it is swept.

    Parameters
    ----------
    runs : xarray.Dataset
        Result of `wd_jax.sweep`, of one cell or over lmbda; measured weights are lines with 95 % bands over the seeds.
    ax : Axes or sequence of Axes, optional
        Where to draw, one a layer; by default a figure is made.
    layer : int or sequence of int, optional
        Which layers, a panel each; all by default.
    width : {"one", "two"}
        Columns of a paper that a figure made here is as wide as: 3.25 or 6.75 inches.

    Returns
    -------
    wd_jax.figures.Drawn
        Figure, axes and artists. Nothing is shown: a notebook shows it, ``.save("trajectories.png")`` writes it.

    Raises
    ------
    TypeError, ValueError
        In one line with the remedy, for what is no such sweep, and for too many or too few axes.

    Examples
    --------
    >>> import wd_jax as wd
    >>> setup = wd.Setup(widths=(16, 8, 4))
    >>> runs = wd.sweep(setup, wd.data.null(), lmbda=[1.0, 10.0], eta=0.1, seeds=2, epochs=3, progress=False)
    >>> drawn = wd.figures.trajectories(runs)
    >>> list(drawn.artists), list(drawn.artists["layer 1 (hidden)"])
    (['layer 1 (hidden)', 'layer 2 (output)'], ['λ = 1', 'λ = 10'])

    Into axes of your own, here the output layer alone:

    >>> from matplotlib.figure import Figure
    >>> wd.figures.trajectories(runs, Figure().subplots(), layer=2).axes[0].get_title()
    'layer 2 (output)'
    """
    with style.around(ax, width):
        shown = usable("trajectories", NEEDS, runs)
        return sketch(shown, layer).draw("trajectories", ax, width)


def sketch(runs: xr.Dataset, layer: int | Sequence[int] | None = None) -> Sketch:
    """Lay out one panel per layer.

    Parameters
    ----------
    runs : xarray.Dataset
        Dimensions seed, layer, epoch, and lmbda where it is swept, in any order: it is drawn rising.
    layer : int or sequence of int, optional
        Which layers.
    """
    check_sweeps(runs)
    axis = next(iter(axes(runs)), None)
    shown = _some(rising(runs), axis)
    pure = _pure(shown)

    def draw(one: int, ax: "Axes") -> dict[str, Any]:
        artists = panel(ax, shown.weight_rms.sel(layer=one), None if pure is None else pure.sel(layer=one), axis)
        ax.set_title(style.layer_name(one, runs))
        if style.leads(ax):
            ax.set_ylabel("rms weight")
        return artists

    left = f", {shown.sizes[axis]} of {runs.sizes[axis]} values of {SYMBOLS.get(axis, axis)}" if axis and (
        shown.sizes[axis] < runs.sizes[axis]) else ""  # fmt: skip
    said = f"{_rule(runs)}{settings(runs, 'eta', 'lmbda', 'm')}, 95 % bands{left}"
    title = f"Weights{'' if pure is None else ' and pure decay'} ({said})"
    panels = {style.layer_name(one, runs): partial(draw, one) for one in layers(runs, layer)}
    return Sketch(title, panels, height=2.6, doubt=", ".join(diverged(runs)), fewer=FEWER)


def _rule(runs: xr.Dataset) -> str:
    """Name the update rules, if any is not plain SGD, and made-up gradients."""
    names = [str(name) for name in np.unique(runs.optimiser)] if "optimiser" in runs else []
    gradients = [f"{name} gradients" for name in np.unique(runs.gradients)] if "gradients" in runs else []
    return "".join(f"{style.plain(name)}, " for name in [*(names if names != ["sgd"] else []), *gradients])


def _pure(runs: xr.Dataset) -> xr.DataArray | None:
    """Give the weights that only decay: by the law, or, where a schedule changes the decay, by the factor kept.

    None where a step's decay has no factor, as in the gradient of momentum, and in the laboratory.
    """
    if "decay_log_factor" in runs.coords and bool(runs.decay_log_factor.notnull().all()):
        since_start = runs.decay_log_factor.cumsum("epoch").assign_coords(epoch=runs.epoch)
        return (runs.weight_rms.sel(epoch=0, drop=True) * np.exp(since_start)).mean("seed")
    factor = runs.coords.get("per_step_factor", xr.DataArray(1.0))
    if "gradients" in runs.coords or bool(factor.isnull().all()):
        return None
    from wd_jax import theory

    return theory.evaluate("epoch_decay", "weight_rms", runs).mean("seed")


def panel(ax: "Axes", rms: xr.DataArray, pure: xr.DataArray | None, axis: str | None = None) -> dict[str, Any]:
    """Draw measured weights as bands and pure decay as dashed lines of the same colour.

    Parameters
    ----------
    ax : matplotlib Axes
        Where to draw.
    rms : xarray.DataArray [axis, seed, epoch]
        rms weight of one layer, dimensionless; without the first dimension if `axis` is None.
    pure : xarray.DataArray [axis, epoch] or None
        The same for weights that only decay; nothing is drawn of them without it.
    axis : str, optional
        Name of the swept axis.

    Returns
    -------
    dict of str to (Line2D, PolyCollection, Line2D)
        Measured line, its band and the theory, by label; without theory the first two.
    """
    artists: dict[str, Any] = {}
    cells = [{axis: value} for value in rms[axis].values] if axis else [{}]
    for i, cell in enumerate(cells):
        label = f"{SYMBOLS.get(axis, axis)} = {cell[axis]:g}" if axis else "measured"
        label += _fate(rms.sel(cell)) if axis else ""
        color = style.SERIES[i % AT_MOST]
        series = rms.sel(cell)
        artists[label] = band(ax, series, color, label, **style.mark(i, series.sizes["epoch"]))
        if pure is not None:
            theory = pure.sel(cell)
            artists[label] = (*artists[label], *ax.plot(theory.epoch, theory, color=color, ls="--", lw=1.0))
    if pure is not None:
        ax.plot([], [], color=style.BLACK, ls="--", lw=1.0, label="theory: decay alone")
    finite = rms.where(rms > 0)
    if not (gone := divergence.lost(rms.isel(epoch=-1))).all():
        finite = finite.where(~gone)  # a run that diverged would leave no room for the others
    ax.set_yscale("log")
    if finite.notnull().any():
        ax.set_ylim(0.7 * float(finite.min()), 1.3 * float(finite.max()))
    style.plain_log(ax, "y")
    ax.set_xlabel("epoch")
    return artists


def _fate(rms: xr.DataArray) -> str:
    """Say in a label how many seeds of a cell diverged; nothing if none did."""
    if "diverged_at" not in rms.coords or not (gone := int((rms.diverged_at >= 0).sum())):
        return ""
    return " (diverged)" if gone == rms.diverged_at.size else f" ({gone} of {rms.diverged_at.size} diverged)"


def _some(runs: xr.Dataset, axis: str | None) -> xr.Dataset:
    """Keep as many values of the axis as can be told apart, the first and the last among them."""
    if axis is None or runs.sizes[axis] <= AT_MOST:
        return runs
    return runs.isel({axis: np.unique(np.linspace(0, runs.sizes[axis] - 1, AT_MOST).round().astype(int))})
