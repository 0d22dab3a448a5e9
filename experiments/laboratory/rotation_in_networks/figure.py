"""Angles and norms of layers against the laws: by their signal, and by what the gradient does along the weights."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from experiments.laboratory.rotation_in_networks import laws
from experiments.laboratory.rotation_in_networks.preset import RULES, Settings
from experiments.laboratory.rotation_in_networks.tolerances import LITTLE, WITHIN
from wd_jax.figures import style
from wd_jax.stats.estimates import t_intervals

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NETWORKS = {"perceptron": style.GREEN, "convolutional": style.BLUE, "transformer": style.ORANGE}
MARKS = dict(zip(RULES, style.MARKS, strict=False))


def figure(preset: Settings, first: xr.Dataset, second: xr.Dataset) -> "Figure":
    """Draw four panels.

    Parameters
    ----------
    preset : Settings
        What was trained.
    first, second : xarray.Dataset
        Means over the stretches (`laws.stretches`).

    Returns
    -------
    matplotlib Figure
    """
    drawn, (angles, shares, norms, resisted) = style.panels(4, height=2.6)
    little, half = (first.signal < LITTLE.value).values, first.sizes["seed"] // 2
    angle, norm = (xr.ufuncs.sqrt(second[name]).transpose("cell", "seed") for name in ("angle2", "norm2"))
    by_signal = np.where(little, style.SKY, style.RED)
    law, lengths = laws.angles(preset, first).values, laws.norms(preset, first).values
    _against(angles, first, law, angle, by_signal)
    angles.set(xlabel="angle by the noise law, rad", ylabel="angle measured, rad", title="angle of a step")
    _against(norms, first, lengths, norm, by_signal)
    norms.set(xlabel="norm by the noise law", ylabel="norm measured", title="norm of a layer")
    _by_coherence(shares, first, (angle / xr.DataArray(law, dims=("cell",))).mean("seed").values)
    colours = np.array([NETWORKS[str(name)] for name in first.network.values])
    others, predicted = first.isel(seed=slice(None, half)).mean("seed"), angle.isel(seed=slice(half, None))
    _against(resisted, first, laws.angles_with(preset, others).values, predicted, colours)
    resisted.set(
        xlabel="angle by the law, f of other seeds, rad",
        ylabel="angle measured, rad",
        title="with f, the decay resisted",
    )
    _keys(angles, shares)
    style.legend_of(drawn, angles, shares)
    style.title(drawn, f"Layers of networks against laws of noise: bands ± {WITHIN.value:.0%} (95 % intervals)")
    return drawn


def _against(ax: "Axes", first: xr.Dataset, law: np.ndarray, measured: xr.DataArray, colours: np.ndarray) -> None:
    """Draw measured against predicted with the diagonal and its band; filled marks are scale-invariant layers."""
    found = t_intervals(measured.values)
    ends = np.maximum([found.value - found.low, found.high - found.value], 0)
    looks = list(zip(map(str, first.rule.values), colours.tolist(), first.invariant.values.tolist(), strict=True))
    for rule, colour, invariant in dict.fromkeys(looks):
        some = [i for i, look in enumerate(looks) if look == (rule, colour, invariant)]
        look = {"marker": MARKS[rule], "color": colour, "mfc": colour if invariant else "none", "lw": 0.8, "mew": 0.9}
        ax.errorbar(law[some], found.value[some], ends[:, some], ls="none", **look)
    low, high = min(law.min(), found.value.min()) / 1.3, max(law.max(), found.value.max()) * 1.3
    line = np.array([low, high])
    ax.plot(line, line, color=style.BLACK, lw=1.0)
    ax.fill_between(line, line * (1 - WITHIN.value), line * (1 + WITHIN.value), color=style.GREY, alpha=0.3, lw=0)
    ax.set(xlim=(low, high), ylim=(low, high))
    style.plain_log(ax, "x")
    style.plain_log(ax, "y")


def _by_coherence(ax: "Axes", first: xr.Dataset, ratio: np.ndarray) -> None:
    """Draw the angle over the noise law's against the coherence, with what it would be in the worst case."""
    at = first.coherence.values
    for i, rule in enumerate(first.rule.values):
        colour = NETWORKS[str(first.network.values[i])]
        filled = colour if int(first.invariant[i]) else "none"
        ax.plot([at[i]], [ratio[i]], marker=MARKS[str(rule)], color=colour, mfc=filled, ls="none", mew=0.9)
    fine = np.geomspace(1, max(at.max(), 2) * 1.2, 60)
    worst = laws.slowed(xr.DataArray(2 * (fine - 1))).values
    ax.plot(fine, worst, color=style.BLACK, ls="--", lw=1.0, label="all signal along W")
    ax.axhline(1, color=style.BLACK, lw=1.0, label="law")
    ax.axvline(1 + LITTLE.value / 2, color=style.GREY, lw=0.9, ls=":")
    style.plain_log(ax, "x")
    style.plain_log(ax, "y")
    ax.set(xlabel="coherence of gradients over a memory", ylabel="angle / noise law", title="does the signal say it?")


def _keys(angles: "Axes", shares: "Axes") -> None:
    """Put what marks and colours mean into the legend."""
    for rule, shape in MARKS.items():
        angles.plot([], [], marker=shape, color=style.GREY, mfc="none", ls="none", label=rule)
    angles.plot([], [], marker="o", color=style.GREY, ls="none", label="filled: scale-invariant")
    angles.plot([], [], marker="o", color=style.SKY, ls="none", label="little signal")
    angles.plot([], [], marker="o", color=style.RED, ls="none", label="much signal")
    for name, colour in NETWORKS.items():
        shares.plot([], [], marker="o", color=colour, ls="none", label=name)
