"""Rates of decay against the decay per step, a few paths, and how far the approximations are off."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from experiments.laboratory.momentum import analysis, laws
from experiments.laboratory.momentum.settings import TITLES
from experiments.laboratory.momentum.simulation import critical
from wd_jax.figures import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


PATHS = (style.RED, style.PURPLE, style.SKY)


def figure(runs: xr.Dataset, first: xr.Dataset) -> "Figure":
    """Draw four panels: rates of heavy ball and of Nesterov, paths, and errors of the approximations.

    Parameters
    ----------
    runs, first : xarray.Dataset
        Of epochs, and of single steps (`simulation.simulated`).

    Returns
    -------
    matplotlib Figure
    """
    drawn, panels = style.panels(4, height=2.5, low=2.3)
    rates(panels[0], runs, "momentum")
    rates(panels[1], runs, "nesterov")
    paths(panels[2], first)
    errors(panels[3], runs)
    style.legend_of(drawn, panels[0], panels[2], panels[3])
    style.title(drawn, "Decay with momentum: exact, approximate and measured")
    return drawn


def _dense(runs: xr.Dataset, rule: str) -> xr.Dataset:
    """Give the settings at many shares of the critical decay, from the least to the largest."""
    share = np.geomspace(float(runs.share.min()), float(runs.share.max()), 161)
    share = share[abs(share - 1) > 1e-9]
    meets = np.array([critical(rule, mu) for mu in runs.momentum.values])
    decay = meets[:, None] * share
    coords = {
        "rule": [rule],
        "share": share,
        "epsilon": (("rule", "momentum", "share"), decay[None]),
        "lmbda": (("rule", "momentum", "share"), (decay * runs.n.values[:, None] / float(runs.eta))[None]),
    }
    kept = runs[["momentum", "n", "eta"]].reset_coords(drop=False)
    return xr.Dataset(coords=coords | {name: kept[name] for name in ("momentum", "n", "eta")})


def rates(ax: "Axes", runs: xr.Dataset, rule: str) -> None:
    """Draw the rate of decay in the long run against epsilon: exact, the two approximations, and measured."""
    dense = _dense(runs, rule)
    law, found = laws.rate(dense, rule), analysis.measured_rate(runs, rule).mean("seed")
    for i, mu in enumerate(runs.momentum.values):
        colour = style.SERIES[i % len(style.SERIES)]
        epsilon = dense.epsilon.sel(rule=rule, momentum=mu)
        ax.plot(epsilon, law.sel(momentum=mu), color=colour, label=f"μ = {mu:g}: law")
        naive = {"color": style.GREY, "ls": "--", "lw": 0.9}
        ax.plot(epsilon, laws.naive_rate(epsilon, mu), label="" if i else "ε/(1 − μ)", **naive)
        if rule == "momentum":
            swing = laws.oscillator_rate(epsilon, dense.momentum.sel(momentum=mu))
            ax.plot(epsilon, swing, color=style.BLACK, ls=":", lw=1.3, label="" if i else "oscillator ODE")
        at = runs.epsilon.sel(rule=rule, momentum=mu)
        marker = {"color": colour, "marker": style.MARKS[i % len(style.MARKS)], "ls": "none", "ms": 3.5}
        ax.plot(at, found.sel(momentum=mu), label=f"μ = {mu:g}: measured", **marker)
    ax.set(title=TITLES[rule], xlabel="ε = ηλ/n, decay per step", ylabel="rate of decay per step")
    style.plain_log(ax, "x")
    style.plain_log_y(ax)


def paths(ax: "Axes", first: xr.Dataset) -> None:
    """Draw the first steps of heavy ball at a middle momentum: slow, nearly critical, and oscillating."""
    mu = float(first.momentum.values[len(first.momentum) // 2])
    below, above = first.share[first.share < 1].values, first.share[first.share > 1].values
    found = first.weight.sel(rule="momentum", momentum=mu).isel(seed=0)
    law = laws.path(first, "momentum").sel(momentum=mu)
    for share, colour in zip((below[len(below) // 2], below[-1], above[-1]), PATHS, strict=True):
        epsilon = first.epsilon.sel(rule="momentum", momentum=mu, share=share)
        swing = laws.oscillator_path(epsilon, first.momentum.sel(momentum=mu), first.record)
        ax.plot(first.record, law.sel(share=share), color=colour, label=f"ε = {share:g} of critical: law")
        ax.plot(first.record, np.exp(-laws.naive_rate(epsilon, mu) * first.record), color=style.GREY, ls="--", lw=0.9)
        ax.plot(first.record, swing, color=style.BLACK, ls=":", lw=1.3)
        dots = (found.sel(share=share) / found.sel(share=share).isel(record=0))[::5]
        ax.plot(first.record[::5], dots, color=colour, marker="o", ls="none", ms=2.5)
    ax.axhline(0, color=style.GREY, lw=0.6)
    ax.set(title=f"heavy ball, μ = {mu:g}", xlabel="step", ylabel="weight / its start")


def errors(ax: "Axes", runs: xr.Dataset) -> None:
    """Draw how far the approximations of heavy ball's rate are off, against the decay over the critical one."""
    dense = _dense(runs, "momentum")
    law = laws.rate(dense, "momentum")
    epsilon = dense.epsilon.sel(rule="momentum", drop=True)
    lines = {
        "naive": laws.naive_rate(epsilon, dense.momentum),
        "oscillator": laws.oscillator_rate(epsilon, dense.momentum),
    }
    looks = {"naive": {"ls": "--"}, "oscillator": {"ls": ":"}}
    for i, mu in enumerate(runs.momentum.values):
        colour = style.SERIES[i % len(style.SERIES)]
        for name, line in lines.items():
            ax.plot(dense.share, abs(line / law - 1).sel(momentum=mu), color=colour, **looks[name])
            off = abs(analysis.off(runs, "momentum", name)).sel(momentum=mu)
            ax.plot(runs.share, off, color=colour, marker=style.MARKS[i % len(style.MARKS)], ls="none", ms=3)
    ax.axhline(0.01, color=style.GREY, lw=0.8)
    ax.axvline(1, color=style.GREY, lw=0.6)
    ax.set(title="heavy ball, approximations", xlabel="ε / critical decay", ylabel="relative error of the rate")
    style.plain_log(ax, "x")
    style.plain_log_y(ax)
