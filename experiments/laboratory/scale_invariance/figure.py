"""Norm and angle at rest over the laws, the way to rest, and the angle under a schedule."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from experiments.laboratory.scale_invariance import analysis, published
from experiments.laboratory.scale_invariance.preset import CASES, RELAXATIONS, Settings
from wd_jax.figures import style
from wd_jax.stats.estimates import t_intervals

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = dict(zip(CASES, style.SERIES, strict=True))
SIMPLE = {"AdamW, beta2 0.9": style.GREY, "AdamW, beta2 0.999": style.RED, "Lion 0.9, 0.99": style.PURPLE}


def figure(preset: Settings, rest: xr.Dataset, relaxing: xr.Dataset, schedule: xr.Dataset) -> "Figure":
    """Draw four panels.

    Parameters
    ----------
    preset : Settings
        What was simulated.
    rest, relaxing, schedule : xarray.Dataset
        As the simulation gives them.

    Returns
    -------
    matplotlib Figure
    """
    drawn, (angles, norms, ways, turns) = style.panels(4, height=2.3)
    _at_rest(angles, preset, rest, "angle")
    _at_rest(norms, preset, rest, "norm2")
    _ways(ways, preset, relaxing)
    _turns(turns, schedule)
    style.legend_of(drawn, angles, ways, turns)
    style.title(drawn, f"Scale-invariant neurons: laws, and dashed the usual forms (d = {preset.dim}, 95 %)")
    return drawn


def _at_rest(ax: "Axes", preset: Settings, rest: xr.Dataset, what: str) -> None:
    """Draw a quantity over its law against eta L: measured, and the published form."""
    fine = np.geomspace(preset.epsilons[0] / 1.3, preset.epsilons[-1] * 1.3, 25)
    ax.axhline(1, color=style.BLACK, lw=1.0, label="law")
    power = 1.0 if what == "angle" else 0.5
    for i, (case, (rule, numbers)) in enumerate(CASES.items()):
        law, dense = analysis.law(preset, case, what), analysis.curve(case, what, fine, preset.dim)
        at = xr.DataArray(fine, {"epsilon": fine}, ("epsilon",))
        usual = (
            published.angle(rule, numbers, at) if what == "angle" else published.norm2(rule, numbers, at, preset.dim)
        )
        ax.plot(fine, (usual / dense) ** power, color=COLOURS[case], ls="--", lw=0.9)
        found = t_intervals(((rest[what].sel(case=case) / law) ** power).transpose("epsilon", "seed").values)
        shift = 1.06 ** (i - 2.5)
        ends = np.array([found.value - found.low, found.high - found.value])
        look = {"color": COLOURS[case], "marker": style.MARKS[i], "ls": "none", "lw": 0.9}
        ax.errorbar(np.array(preset.epsilons) * shift, found.value, ends, label=case, **look)
    name = "angle of a step" if what == "angle" else "|w|"
    ax.set(xlabel="decay per step, ηL", ylabel=f"{name} / law", title=f"{name} at rest")
    ax.set_xscale("log")
    style.ticks_at(ax, preset.epsilons)


def _ways(ax: "Axes", preset: Settings, relaxing: xr.Dataset) -> None:
    """Draw what is left of a deviation of the squared norm against time."""
    for i, (case, (rule, numbers)) in enumerate(RELAXATIONS.items()):
        one = relaxing.sel(case=case)
        colour = COLOURS.get(case, SIMPLE.get(case, style.GREY))
        left, law = (analysis.spread(path) for path in (one, analysis.predicted(preset, one)))
        mean, theory = ((each / each.isel(time=0)).mean("seed") for each in (left, law))
        every = slice(2 * i, None, 8)
        usual = np.exp(-published.relaxation(rule, numbers, float(one.epsilon)) * one.time / preset.relaxing)
        ax.plot(one.time, theory, color=colour, lw=1.0)
        ax.plot(one.time, usual, color=colour, ls="--", lw=0.9)
        label = case if case not in COLOURS else None
        ax.plot(one.time[every], mean[every], color=colour, marker=style.MARKS[i], ls="none", label=label)
    style.plain_log_y(ax)
    ax.set(xlabel="time × ηL (with momentum / (1 − μ))", ylabel="share of a deviation left", title="|w|² on its way")


def _turns(ax: "Axes", schedule: xr.Dataset) -> None:
    """Draw the tangent of the angle under a cosine: measured, the law's, and as if at rest."""
    one = schedule.sel(precision="float64", schedule="cosine").isel(seed=0)
    turned, still = analysis.tangents(one)
    law = analysis.next_tangent(one)
    ax.plot(one.step[1:], law, color=style.BLACK, lw=1.0)
    ax.plot(one.step, still, color=style.GREY, ls="--", lw=1.1, label="as if at rest at this η")
    every = slice(3, None, 12)
    ax.plot(one.step[every], turned[every], color=style.GREEN, marker="o", ls="none", ms=2.5, label="neuron on data")
    ax.set(xlabel="step, η falling as a cosine", ylabel="tangent of the angle, ΦG", title="under a schedule")
