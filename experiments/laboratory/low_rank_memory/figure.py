"""Spectra of what was added, and rank against its bound, with what the network knows."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from experiments.laboratory.low_rank_memory.analysis import CUT, SHARE, TITLE, bounds, rank_within, tails
from experiments.laboratory.low_rank_memory.measuring import Settings
from wd_jax.data import Dataset
from wd_jax.figures import style
from wd_jax.figures.bands import points

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FLOOR = 1e-18
"""Below this a singular value is drawn as this."""


def figure(preset: Settings, data: Dataset, measured: xr.Dataset) -> "Figure":
    """Draw four panels.

    Parameters
    ----------
    preset : Settings
        With which it was measured.
    data : Dataset
        On what.
    measured : xarray.Dataset
        From `measuring.spectra`.

    Returns
    -------
    matplotlib Figure
    """
    drawn, (added, distance, rank, right) = style.panels(4, height=2.7)
    _added(added, measured)
    _distance(distance, preset, data, measured)
    _ranks(rank, preset, data, measured)
    _right(right, preset, data, measured)
    style.legend_of(drawn, rank)
    style.title(drawn, f"{TITLE} ({data.name}, {preset.seeds} seeds)")
    return drawn


def _added(ax: "Axes", measured: xr.Dataset) -> None:
    lmbda = measured.lmbda.values[min(1, len(measured.lmbda) - 1)]
    m = measured.batch_size.values[min(1, len(measured.batch_size) - 1)]
    one = measured.added.sel(lmbda=lmbda, batch_size=m).isel(seed=0)
    looks = [k for k in measured.back.values if m * k < measured.sizes["value"]]
    for i, k in enumerate(looks):
        color = style.SERIES[i % len(style.SERIES)]
        ax.plot(one.value, np.maximum(one.sel(back=k), FLOOR), color=color, lw=1, marker=style.MARKS[i % 6], ms=2)
        ax.axvline(m * k + 0.5, color=color, ls=":", lw=1)
        look = {"rotation": 90, "fontsize": style.note_size(), "color": color, "ha": "left", "va": "center"}
        ax.annotate(f"k = {k}", (m * k + 0.5, 1e-9), xytext=(1, 0), textcoords="offset points", **look)
    ax.axhline(CUT.value, color=style.GREY, ls="--", lw=1)
    ax.annotate(
        "taken for 0", (0.68 * float(one.value.max()), CUT.value), ha="center", va="bottom", fontsize=style.note_size()
    )
    ax.set(yscale="log", ylim=(FLOOR / 3, 10), xlabel="number of the singular value", ylabel="over the largest of W")
    ax.set_title(f"added by k steps, m = {m}, λ = {lmbda:g}; dotted: m k")


def _distance(ax: "Axes", preset: Settings, data: Dataset, measured: xr.Dataset) -> None:
    m, side = measured.batch_size.values[0], measured.sizes["value"]
    ks = np.arange(1, min((side - 1) // m, measured.sizes["ago"] - 1) + 1)
    for i, lmbda in enumerate(measured.lmbda.values[[min(1, len(measured.lmbda) - 1), -1]]):
        one = measured.sel(lmbda=lmbda, batch_size=m).isel(seed=0)
        color, left = style.LAYERS[i], tails(one.spectrum).values
        bound = one.norm.values[ks] * (1 - preset.eta * lmbda / data.n) ** ks / one.norm.values[0]
        ax.plot(m * ks, bound, color=color, lw=1)
        ax.plot(np.arange(side), left / left[0], color=color, ls="none", marker=style.MARKS[i], ms=2.5)
        place = {"xytext": (2, 5), "textcoords": "offset points", "fontsize": style.note_size()}
        middle = len(ks) // 2
        ax.annotate(f"bound, λ = {lmbda:g}", (m * ks[middle], bound[middle]), color=color, **place)
    ax.set(
        title=f"distance from low rank, m = {m}",
        xlabel="rank",
        ylabel="over |W|",
        yscale="log",
        ylim=(1e-5, 3),
    )


def _ranks(ax: "Axes", preset: Settings, data: Dataset, measured: xr.Dataset) -> None:
    rank, bound = rank_within(measured.spectrum), bounds(preset, data, measured)
    side = measured.sizes["value"]
    epsilon = preset.eta * measured.lmbda.values / data.n
    for i, m in enumerate(measured.batch_size.values):
        line = bound.sel(batch_size=m)
        ax.plot(epsilon, line, color=style.SERIES[i], ls="-", lw=1)
        values = rank.sel(batch_size=m).transpose("lmbda", "seed").values
        points(ax, epsilon * (1 + 0.06 * (i - 1)), values, style.SERIES[i], f"m = {m}", ms=3.5, marker=style.MARKS[i])
    ax.plot([], [], color=style.BLACK, lw=1, label="bound")
    ax.axhline(side, color=style.GREY, ls="--", lw=1, label=f"shorter side, {side}")
    ax.set_xscale("log")
    ax.set_yscale("log")
    style.plain_log(ax, "x")
    style.plain_log_y(ax)
    ax.set(title=f"rank within {SHARE:.0%} of the norm", xlabel="decay per step ηλ/n", ylabel="rank of the first layer")


def _right(ax: "Axes", preset: Settings, data: Dataset, measured: xr.Dataset) -> None:
    epsilon = preset.eta * measured.lmbda.values / data.n
    says = bounds(preset, data, measured) < measured.sizes["value"]
    for i, m in enumerate(measured.batch_size.values):
        values = measured.accuracy.sel(batch_size=m).transpose("lmbda", "seed").values
        points(ax, epsilon * (1 + 0.06 * (i - 1)), values, style.SERIES[i], "", ms=3.5, marker=style.MARKS[i])
        here = says.sel(batch_size=m).values
        ax.plot(epsilon[here] * (1 + 0.06 * (i - 1)), values[here].mean(1), "o", mfc="none", color=style.BLACK, ms=9)
    if says.any():
        ax.annotate(
            "circled: the bound says something", (0.03, 0.03), xycoords="axes fraction", fontsize=style.note_size()
        )
    ax.set_xscale("log")
    style.plain_log(ax, "x")
    ax.set(
        title="what the network knows", xlabel="decay per step ηλ/n", ylabel="right on validation", ylim=(-0.08, 1.02)
    )
