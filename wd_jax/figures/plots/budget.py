"""The budget of ‖W‖²: decay, drift and noise of every epoch stacked, a panel per layer."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from wd_jax.figures import style
from wd_jax.figures.needs import FEWER, Needs, check_sweeps, diverged, layers, settings, usable
from wd_jax.figures.sketch import Sketch
from wd_jax.stats.estimates import t_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from wd_jax.figures.drawn import Drawn

NEEDS = Needs(
    variables=("weight_norm2", "budget_decay", "budget_drift", "budget_noise"),
    example="--lmbda 5 --eta 0.1 --seeds 8 --epochs 30",
)
PARTS = {"decay": (style.BLUE, ""), "noise": (style.ORANGE, "...."), "drift": (style.GREEN, "////")}
"""Colour and hatch of each part, in the order they are stacked from zero outwards."""


def budget(
    runs: xr.Dataset,
    ax: "Axes | Sequence[Axes] | None" = None,
    *,
    layer: int | Sequence[int] | None = None,
    width: style.Width = "two",
) -> "Drawn":
    """Draw decay, drift and noise of each layer's squared norm, stacked epoch by epoch, in per cent of it per epoch.

    Parameters
    ----------
    runs : xarray.Dataset
        Result of `wd_jax.sweep` with the budget, of one cell: ``runs.sel(lmbda=5)`` chooses one.
    ax : Axes or sequence of Axes, optional
        Where to draw, one a layer; by default a figure is made.
    layer : int or sequence of int, optional
        Which layers, a panel each; all by default.
    width : {"one", "two"}
        Columns of a paper that a figure made here is as wide as: 3.25 or 6.75 inches.

    Returns
    -------
    wd_jax.figures.Drawn
        Figure, axes and artists. Nothing is shown: a notebook shows it, ``.save("budget.png")`` writes it.

    Raises
    ------
    TypeError, ValueError
        In one line with the remedy, for what is no such sweep, and for too many or too few axes.

    Examples
    --------
    >>> import wd_jax as wd
    >>> setup = wd.Setup(widths=(16, 8, 4))
    >>> runs = wd.sweep(setup, wd.data.null(), lmbda=[1.0, 10.0], eta=0.1, seeds=2, epochs=3, progress=False)
    >>> list(wd.figures.budget(runs.sel(lmbda=10), layer=1).artists["layer 1 (hidden)"])
    ['decay', 'noise', 'drift', 'band', 'sum']
    """
    with style.around(ax, width):
        return sketch(usable("budget", NEEDS, runs), layer).draw("budget", ax, width)


def sketch(runs: xr.Dataset, layer: int | Sequence[int] | None = None) -> Sketch:
    """Lay out one panel per layer.

    Parameters
    ----------
    runs : xarray.Dataset
        One cell of a sweep: dimensions seed, layer, epoch.
    layer : int or sequence of int, optional
        Which layers.
    """
    check_sweeps(runs)

    def draw(one: int, ax: "Axes") -> dict[str, Any]:
        artists = panel(ax, relative(runs.sel(layer=one)))
        ax.set_title(style.layer_name(one, runs))
        if style.leads(ax):
            ax.set_ylabel("change of ‖W‖² (% per epoch)")
        return artists

    title = f"What changes ‖W‖², epoch by epoch ({settings(runs, 'eta', 'lmbda')}, 95 % band of the sum)"
    panels = {style.layer_name(one, runs): partial(draw, one) for one in layers(runs, layer)}
    return Sketch(title, panels, doubt=", ".join(diverged(runs)), fewer=FEWER)


def relative(layer: xr.Dataset) -> dict[str, xr.DataArray]:
    """Give each part's change of a layer's squared norm, in per cent of what it was one record before, per epoch.

    Parameters
    ----------
    layer : xarray.Dataset [seed, epoch]
        One layer, with one or several records per epoch.

    Returns
    -------
    dict of str to xarray.DataArray [seed, epoch]
        Per part, and "sum", the measured change itself; without epoch 0. A change over half an epoch counts twice.
    """
    before = layer.weight_norm2.shift(epoch=1)
    epochs = layer.epoch.diff("epoch")
    parts = {part: layer[f"budget_{part}"] for part in PARTS} | {"sum": layer.weight_norm2 - before}
    return {name: (100 * change / before).isel(epoch=slice(1, None)) / epochs for name, change in parts.items()}


def panel(ax: "Axes", parts: Mapping[str, xr.DataArray]) -> dict[str, Any]:
    """Stack the parts' means over seeds, what shrinks the norm below zero; their sum is a line with its interval.

    Parameters
    ----------
    ax : matplotlib Axes
        Where to draw.
    parts : mapping of str to xarray.DataArray [seed, epoch]
        decay, drift, noise and sum, in per cent per epoch; each holds over the record that ends at its coordinate.

    Returns
    -------
    dict of str to StepPatch
        Per part; "sum" and "band".
    """
    ends = parts["sum"].epoch.values.astype(float)
    edges = np.concatenate([[2 * ends[0] - ends[1] if len(ends) > 1 else ends[0] - 1], ends])
    below, above = np.zeros(len(ends)), np.zeros(len(ends))
    artists: dict[str, Any] = {}
    for part, (color, hatch) in PARTS.items():
        value = parts[part].mean("seed").values  # no number once all seeds have diverged: nothing is drawn there
        base = np.where(value < 0, below, above)
        look = {"facecolor": color, "edgecolor": "white", "linewidth": 0, "hatch": hatch, "label": part}
        artists[part] = ax.stairs(base + value, edges, baseline=base, fill=True, **look)
        below, above = np.where(value < 0, base + value, below), np.where(value < 0, above, base + value)
    found = [t_interval(row) for row in parts["sum"].transpose("epoch", "seed").values]
    band = {"fill": True, "color": style.BLACK, "alpha": 0.3, "linewidth": 0}
    artists["band"] = ax.stairs([e.high for e in found], edges, baseline=[e.low for e in found], **band)
    line = {"baseline": None, "color": style.BLACK, "linewidth": 1.2, "label": "sum: change of ‖W‖²"}
    artists["sum"] = ax.stairs([e.value for e in found], edges, **line)
    ax.axhline(0, color=style.GREY, lw=0.8)
    ax.set_xlim(edges[0], edges[-1])
    ax.set_xlabel("epoch")
    return artists
