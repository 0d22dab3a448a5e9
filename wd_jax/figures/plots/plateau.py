"""How the plateau of the weights scales with a swept number, with the exponent of each part, or its local ones."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from wd_jax.figures import style
from wd_jax.figures.bands import points
from wd_jax.figures.needs import SYMBOLS, Needs, axes, check_sweeps, diverged, rising, settings, usable
from wd_jax.figures.sketch import Sketch, of_none
from wd_jax.results import divergence
from wd_jax.stats.estimates import Estimate, exponent, find_plateau
from wd_jax.stats.plateau import MOVES_LESS, NETWORK
from wd_jax.stats.power_law import NOTHING, PowerLaw, in_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from wd_jax.figures.drawn import Drawn

AXES = {
    "hidden": "number of weights $n_w$",
    "lmbda": "regularisation rate λ",
    "eta": "learning rate η",
    "batch_size": "minibatch size m",
}
BETWEEN = {
    "hidden": "from width to width",
    "lmbda": "from λ to λ",
    "eta": "from η to η",
    "batch_size": "from m to m",
}
NEEDS = Needs(
    one_of=tuple(AXES),
    variables=("weight_norm2",),
    epochs=6,
    to_the_end=True,
    example="--hidden 8 16 32 64 --lmbda 5 --seeds 6 --epochs 160",
)


def plateau(
    runs: xr.Dataset | Sequence[xr.Dataset], ax: "Axes | Sequence[Axes] | None" = None, *, width: style.Width = "two"
) -> "Drawn":
    """Draw the rms weight at the plateau against hidden, lmbda, eta or batch_size, with fitted exponents.

    Parameters
    ----------
    runs : xarray.Dataset or sequence of xarray.Dataset
        Results of `wd_jax.sweep`, each over one of those, a panel each. The exponent of each part of the network is a
        least-squares fit of log rms against the logarithm of the axis, with a 95 % interval over the seeds.
    ax : Axes or sequence of Axes, optional
        Where to draw, one a sweep; by default a figure is made.
    width : {"one", "two"}
        Columns of a paper that a figure made here is as wide as: 3.25 or 6.75 inches.

    Returns
    -------
    wd_jax.figures.Drawn
        Figure, axes and artists. Nothing is shown: a notebook shows it, ``.save("plateau.png")`` writes it.

    Raises
    ------
    TypeError, ValueError
        In one line with the remedy, for what is no such sweep, and for too many or too few axes.

    Examples
    --------
    >>> import wd_jax as wd
    >>> runs = wd.lab("sgd", steps=200, records=40, lmbda=[0.5, 1.0, 2.0], eta=0.1, shape=20_000, seeds=3)
    >>> drawn = wd.figures.plateau(runs)
    >>> points, line, exponent = drawn.artists["by λ"]["network"]
    >>> line is None, drawn.axes[0].get_legend().get_texts()[-1].get_text()  # the run is too short to tell
    (True, 'network: no exponent, 0 of 3 on a plateau')
    """
    with style.around(ax, width):
        given = [runs] if not isinstance(runs, Sequence) or isinstance(runs, str) else list(runs)
        if not given:
            raise ValueError(f"plateau: no sweep in runs={runs!r}: give one or some")
        return sketch(*(usable("plateau", NEEDS, one) for one in given)).draw("plateau", ax, width)


def sketch(*sweeps: xr.Dataset) -> Sketch:
    """Lay out one panel per sweep.

    Parameters
    ----------
    *sweeps : xarray.Dataset
        Each over one of hidden, lmbda, eta and batch_size, and over seed.
    """
    check_sweeps(*sweeps)

    def draw(runs: xr.Dataset, ax: "Axes") -> dict[str, Any]:
        artists = panel(ax, measure(runs))
        ax.set_title(_heading(runs))
        style.legend_below(ax)
        return artists

    panels = {}
    for k, runs in enumerate(sweeps, start=1):
        name = _heading(runs)
        panels[name if name not in panels else f"{name} ({k})"] = partial(draw, runs)
    title = f"Size of the weights at the plateau ({settings(sweeps[0], 'eta')}, 95 % intervals)"
    doubts = [words for runs in sweeps for words in diverged(runs)]
    return Sketch(title, panels, height=2.8, low=2.5, legend=of_none, doubt=", ".join(doubts))


def measure(runs: xr.Dataset) -> xr.Dataset:
    """Average the weights over the stationary end of every cell, per layer and for the whole network.

    Parameters
    ----------
    runs : xarray.Dataset
        One swept axis besides seed, in any order.

    Returns
    -------
    xarray.Dataset
        ``weight_rms`` over (axis, seed, part), the axis rising, NaN where a part is still moving and for a seed that
        diverged, and ``x`` over (axis, part): the number of weights where the axis is `hidden`, else the axis itself.
        The attribute ``diverged`` counts the runs that did.
    """
    (axis,) = axes(runs)
    runs = rising(runs)
    cells = []
    for value in runs[axis].values:
        cell = runs.sel({axis: value})
        cell = cell.where(~divergence.lost(cell.isel(epoch=-1)))
        starts = {k: find_plateau(cell.weight_rms.sel(layer=k), MOVES_LESS).first for k in cell.layer.values}
        reached = [first for first in starts.values() if first is not None]
        latest = max(reached) if len(reached) == len(starts) else None
        n_w = cell.n_w.broadcast_like(cell.layer)
        rms = [_from(cell.weight_norm2.sel(layer=k), first) / n_w.sel(layer=k) for k, first in starts.items()]
        rms.append(_from(cell.weight_norm2.sum("layer", skipna=False), latest) / n_w.sum())
        sizes = [*n_w.values.tolist(), float(n_w.sum())]
        part = xr.DataArray([f"layer {k}" for k in starts] + [NETWORK], dims="part", name="part")
        found = xr.concat([np.sqrt(one.reset_coords(drop=True)) for one in rms], part, coords="minimal")
        x = sizes if axis == "hidden" else [float(value)] * len(sizes)
        cells.append(xr.Dataset({"weight_rms": found, "x": ("part", x)}))
    return xr.concat(cells, xr.DataArray(runs[axis].values, dims=axis, name=axis)).assign_attrs(
        axis=axis, diverged=int(divergence.who(runs).sum())
    )


def _heading(runs: xr.Dataset) -> str:
    (axis,) = axes(runs)
    fixed = [
        f"{SYMBOLS[name]} = {runs[name].item():g}"
        for name in ("lmbda", "hidden")
        if name != axis and name in runs and not runs[name].ndim
    ]
    return ", ".join([f"by {'width' if axis == 'hidden' else SYMBOLS[axis]}", *fixed])


def _from(norm2: xr.DataArray, first: float | None) -> xr.DataArray:
    return norm2.sel(epoch=slice(first, None)).mean("epoch") if first is not None else norm2.isel(epoch=0) * np.nan


def panel(ax: "Axes", plateau: xr.Dataset) -> dict[str, tuple[Any, Any, Estimate]]:
    """Draw every part's plateau as points, with its exponent in the legend and the power law as a line.

    Where the curve is curved there is no one exponent: the legend has the range of the local ones, and the line joins
    the geometric means of neighbouring cells.

    Parameters
    ----------
    ax : matplotlib Axes
        Where to draw.
    plateau : xarray.Dataset
        From `measure`.

    Returns
    -------
    dict of str to (ErrorbarContainer, Line2D or None, Estimate)
        Points, line and exponent per part.
    """
    axis, gone = str(plateau.attrs["axis"]), int(plateau.attrs.get("diverged", 0))
    artists: dict[str, tuple[Any, Any, Estimate]] = {}
    for i, part in enumerate(str(part) for part in plateau.part.values):
        color = style.BLACK if part == NETWORK else style.LAYERS[i % len(style.LAYERS)]
        x = plateau["x"].sel(part=part).values
        sample = plateau.weight_rms.sel(part=part).transpose(axis, "seed").values
        kept = np.isfinite(sample).all(axis=1)
        found = exponent(x[kept], sample[kept]) if kept.sum() >= 3 else PowerLaw(*vars(NOTHING).values())
        name = f"{part}: no exponent, {kept.sum()} of {len(kept)} on a plateau"
        line = None
        if np.isfinite(found.value):
            name = f"{part}: {in_words(x[kept], sample[kept], BETWEEN[axis])}"
            (line,) = ax.plot(x[kept], _law(x[kept], sample[kept], found), color=color, lw=1.0)
        bars = points(ax, x, sample, color, name, marker=style.MARKS[i % len(style.MARKS)], zorder=5)
        artists[part] = (bars, line, found)
    if plateau.weight_rms.notnull().any():
        ax.set_xscale("log")
        ax.set_yscale("log")
        style.plain_log(ax, "x")
        style.plain_log(ax, "y")
        if axis != "hidden":
            style.ticks_at(ax, plateau[axis].values.tolist())
    else:
        ax.set(xticks=[], yticks=[])
        what = f"no plateau reached, {gone} runs diverged" if gone else "no plateau reached: train longer"
        ax.annotate(what, (0.5, 0.5), xycoords="axes fraction", ha="center")
    ax.set_xlabel(AXES[axis])
    ax.set_ylabel("rms weight at plateau")
    return artists


def _law(x: np.ndarray, sample: np.ndarray, found: PowerLaw) -> np.ndarray:
    """Values of the power law through the middle of the points; where there is none, the geometric means."""
    means = np.log(sample).mean(axis=1)
    return np.exp(means if found.curved else means.mean() + found.value * (np.log(x) - np.log(x).mean()))
