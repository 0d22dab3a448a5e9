"""The way of Q beside its equations, and the decay that dominates a wide start."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from experiments.laboratory.online_perceptron import equations
from experiments.laboratory.online_perceptron.settings import Settings
from wd_jax.figures import style
from wd_jax.stats.estimates import t_intervals

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LOOKS = {
    "traffic": (style.PURPLE, "D", "half of the traffic"),
    "steps": (style.SKY, "v", "the same, |drift| of every step"),
    "net": (style.RED, "P", "outweighs drift − noise"),
}


def figure(preset: Settings, full: xr.Dataset, law: xr.Dataset, found: xr.DataArray) -> "Figure":
    """Draw the way and the thresholds.

    Parameters
    ----------
    preset : Settings
        Its settings.
    full : xarray.Dataset
        Runs with the whole weight vector: Q [seed, record, start].
    law : xarray.Dataset
        The equations: Q [start, record].
    found : xarray.DataArray
        Thresholds [sense, start, seed].

    Returns
    -------
    matplotlib Figure
    """
    drawn, (left, right) = style.panels(2, height=2.8, low=2.5)
    _way(left, preset, full, law)
    _thresholds(right, preset, found)
    style.legend_of(drawn, left, right)
    style.title(
        drawn,
        f"An erf unit with decay learns on-line, saturated at first "
        f"(N {preset.n_in}, η = {preset.eta:g}, left γ = {preset.gamma:g}, "
        f"{full.sizes['seed']} and {found.sizes['seed']} seeds)",
    )
    return drawn


def _way(ax: "Axes", preset: Settings, full: xr.Dataset, law: xr.Dataset) -> None:
    alphas = np.concatenate([[0.0], law.alpha.values])
    for i, start in enumerate(preset.starts):
        ax.plot(
            alphas,
            np.concatenate([[start], law.Q.sel(start=start)]),
            color=style.BLACK,
            lw=1.1,
            label="" if i else "equations",
        )
        ax.plot(
            alphas,
            start * np.exp(-2 * preset.gamma * alphas),
            color=style.GREY,
            ls=":",
            label="" if i else "decay alone",
        )
        seen = full.Q.sel(start=start).isel(record=slice(i, None, 4))
        bars = t_intervals(seen.transpose("record", "seed").values)
        ax.errorbar(
            seen.alpha,
            bars.value,
            yerr=np.abs(np.array([bars.low, bars.high]) - bars.value),
            color=style.SERIES[i],
            marker=style.MARKS[i],
            ls="none",
            label=f"measured, Q(0) = {start:g}",
        )
    ax.set_xlabel("examples over inputs, α")
    ax.set_ylabel("Q = |J|²")
    ax.set_title("the way of Q")
    style.plain_log_y(ax)


def _thresholds(ax: "Axes", preset: Settings, found: xr.DataArray) -> None:
    starts = found.start.values
    line = np.geomspace(starts[0] / 1.3, starts[-1] * 1.3, 60)
    for sense, (color, mark, label) in LOOKS.items():
        ax.plot(line, equations.threshold(sense, preset.eta, line) * line**1.5, color=color)
        wide = "" if sense != "traffic" else "limits for wide starts"
        ax.axhline(equations.wide(sense, preset.eta), color=style.GREY, ls="--", lw=0.9, label=wide)
        bars = t_intervals(found.sel(sense=sense).values * starts[:, None] ** 1.5)
        ends = np.abs(np.array([bars.low, bars.high]) - bars.value)
        ax.errorbar(starts, bars.value, yerr=ends, color=color, marker=mark, ls="none", capsize=2, label=label)
    ax.set_ylim(0)
    ax.set_xlabel("Q at the start, variance of a weighted input")
    ax.set_ylabel("threshold γ · Q$^{3/2}$")
    ax.set_title("claim 1: decay that dominates at R = 0")
    style.plain_log(ax, "x")
    style.ticks_at(ax, starts.tolist())
