"""The best decay against batch size, epochs and width, beside the exponents that were proposed."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from experiments.laboratory.best_decay.analysis import CANDIDATES, LETTERS, along, johnstone, many
from experiments.laboratory.best_decay.settings import Settings
from wd_jax.figures import style
from wd_jax.stats.estimates import exp, t_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LOOKS = (("-", style.BLACK), ("--", style.RED))


def figure(preset: Settings, runs: xr.Dataset, best: np.ndarray, spectrum: xr.Dataset) -> "Figure":
    """Draw curves over lmbda, a panel per axis, and the largest singular value on noise.

    Parameters
    ----------
    preset : Settings
        Its settings.
    runs : xarray.Dataset
        ``cost`` [place, lmbda, split, seed] and the places.
    best : array [place, seed]
        Logarithm of the best lmbda.
    spectrum : xarray.Dataset
        ``largest`` [shape, seed] and the shapes.

    Returns
    -------
    matplotlib Figure
    """
    drawn, axes = style.panels(6, height=2.2)
    _curves(axes[0], runs)
    for ax, axis in zip(axes[1:5], CANDIDATES, strict=True):
        _optima(ax, runs, best, axis)
    _edge(axes[5], spectrum)
    style.title(drawn, f"The best decay of AdamW by validation cost ({preset.dataset}, 95 % intervals over seeds)")
    return drawn


def _curves(ax: "Axes", runs: xr.Dataset) -> None:
    for i, place in enumerate(along(runs, "batch_size")):
        cost = runs.cost.sel(split="validation").isel(place=place)
        found = [t_interval(row) for row in cost.transpose("lmbda", "seed").values]
        color = style.SERIES[i % 6]
        label = f"m = {int(runs.value[place])}"
        ax.plot(runs.lmbda, [e.value for e in found], color=color, marker=style.MARKS[i % 6], label=label)
        ax.fill_between(runs.lmbda, [e.low for e in found], [e.high for e in found], color=color, alpha=0.2, lw=0)
    least = float(runs.cost.sel(split="validation").mean("seed").min())
    ax.set_ylim(0.9 * least, 2.4 * least)
    style.plain_log(ax, "x")
    ax.set_xlabel("λ")
    ax.set_ylabel("validation cost")
    ax.legend(loc="upper left", fontsize=style.note_size())


def _optima(ax: "Axes", runs: xr.Dataset, best: np.ndarray, axis: str) -> None:
    places = along(runs, axis)
    x = runs.value.values[places].astype(float)
    found = [exp(t_interval(best[place])) for place in places]
    values = np.asarray([e.value for e in found])
    errors = [[e.value - e.low for e in found], [e.high - e.value for e in found]]
    centre, level = len(x) // 2, values[len(x) // 2]
    if not np.isfinite(level):
        level = np.exp(np.log(runs.lmbda.values).mean())
    for one, (line, color) in zip(CANDIDATES[axis], LOOKS, strict=True):
        ax.plot(
            x, level * (x / x[centre]) ** one.power, ls=line, color=color, lw=1.1, label=f"{one.short}: {one.power:g}"
        )
    ax.errorbar(x, values, errors, color=style.BLUE, marker="o", ls="none", label="measured")
    ax.set_ylim(level / 8, level * 8)
    style.plain_log(ax, "x")
    style.plain_log(ax, "y")
    style.ticks_at(ax, x.tolist())
    ax.set_xlabel(LETTERS[axis])
    ax.set_ylabel("best λ")
    ax.legend(
        loc="lower right" if any(one.power > 0 for one in CANDIDATES[axis]) else "lower left",
        fontsize=style.note_size(),
    )


def _edge(ax: "Axes", spectrum: xr.Dataset) -> None:
    square = np.flatnonzero(spectrum.rows.values == spectrum["columns"].values)
    width = spectrum.rows.values[square].astype(float)
    floor = float(spectrum.floor[square[0]])
    line = np.geomspace(width[0] / 1.2, width[-1] * 1.2, 40)
    ax.plot(line, many(line, line), color=style.RED, ls="--", lw=1.1, label=r"many rows: $2\sqrt{d}$")
    ax.plot(line, johnstone(line, line), color=style.BLACK, lw=1.1, label="finite matrix")
    found = [t_interval(row / floor) for row in spectrum.largest.values[square]]
    values = [e.value for e in found]
    errors = [[e.value - e.low for e in found], [e.high - e.value for e in found]]
    ax.errorbar(width, values, errors, color=style.BLUE, marker="o", ls="none", label="measured")
    style.plain_log(ax, "x")
    style.plain_log(ax, "y")
    ax.set_xlabel("width d of a d × d matrix on noise")
    ax.set_ylabel("largest singular value / $w_{rms}$")
    ax.legend(loc="lower right", fontsize=style.note_size())
