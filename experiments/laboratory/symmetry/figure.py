"""What decays alone in a network that learns, how exactly, and what becomes of the layers' norms."""

from typing import TYPE_CHECKING

import xarray as xr

from experiments.laboratory.symmetry import analysis, laws
from experiments.laboratory.symmetry.settings import DOUBLE, SINGLE, SPECTRAL
from wd_jax.figures import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN = {"SGD": style.BLUE, "heavy ball": style.RED, "Muon": style.GREEN, "AdamW": style.PURPLE}


def figure(runs: xr.Dataset, rescaled: xr.Dataset, descended: xr.Dataset) -> "Figure":
    """Draw four panels.

    Parameters
    ----------
    runs, rescaled, descended : xarray.Dataset
        From `simulation.protected`, `rescaling` and `descent`.

    Returns
    -------
    matplotlib Figure
    """
    drawn, panels = style.panels(4, height=2.5, low=2.3)
    sums(panels[0], runs)
    errors(panels[1], runs)
    imbalance(panels[2], rescaled)
    norms(panels[3], descended)
    style.legend_of(drawn, panels[0], panels[2], panels[3])
    style.title(drawn, "What symmetries protect from gradients only decays")
    return drawn


def sums(ax: "Axes", runs: xr.Dataset) -> None:
    """Draw the class sums of the last layer over their start against steps: laws as lines, one seed as points."""
    for i, (name, colour) in enumerate(SHOWN.items()):
        found = runs[analysis.SUMS].sel(run=name).isel(seed=0)
        mark = {"marker": style.MARKS[i], "ls": "none", "ms": 3.5, "label": f"{name}: class sums"}
        ax.plot(runs.step, found / found.isel(epoch=0), color=colour, **mark)
    dead = runs[analysis.DEAD].sel(run="AdamW").isel(seed=0)
    ax.plot(runs.step, dead / dead.isel(epoch=0), color=style.SKY, marker="x", ls="none", label="AdamW: dead inputs")
    ax.plot(runs.step, laws.left(runs, "SGD"), color=style.BLACK, lw=1.0, label="law: $(1-\\epsilon)^t$")
    ax.plot(runs.step, laws.left(runs, "heavy ball"), color=style.RED, lw=1.0, ls="--", label="law: heavy ball")
    ax.set(title="class sums", xlabel="step", ylabel="norm / its start")
    style.plain_log_y(ax)


def errors(ax: "Axes", runs: xr.Dataset) -> None:
    """Draw the largest relative error of the law over seeds against steps, in float64 and in float32."""
    for i, (name, colour) in enumerate(SHOWN.items()):
        if name == "AdamW":
            continue
        line = analysis.error(runs, name, analysis.SUMS).max("seed").isel(epoch=slice(1, None))
        ax.plot(runs.step[1:], line.clip(1e-17), color=colour, marker=style.MARKS[i], ms=2.5, lw=0.8)
        if f"{name}, float32" in runs.run.values:
            line = analysis.error(runs, f"{name}, float32", analysis.SUMS).max("seed").isel(epoch=slice(1, None))
            ax.plot(runs.step[1:], line.clip(1e-17), color=colour, marker=style.MARKS[i], ms=2.5, lw=0.8, mfc="white")
    for most, words in ((DOUBLE, "allowed"), (SPECTRAL, "allowed: Muon"), (SINGLE, "allowed: float32 (hollow)")):
        ax.axhline(most.value, color=style.GREY, lw=0.8)
        place = {"xytext": (0, 2), "textcoords": "offset points", "ha": "left", "va": "bottom"}
        ax.annotate(words, (float(runs.step[1]), most.value), fontsize=style.note_size(), **place)
    ax.set(title="class sums: error of the law", xlabel="step", ylabel="relative error")
    ax.set_ylim(1e-17, 1e-3)
    style.plain_log_y(ax)


def imbalance(ax: "Axes", rescaled: xr.Dataset) -> None:
    """Draw the differences of neighbouring layers' squared norms against steps: law, decay alone, and measured."""
    found = laws.measured_imbalance(rescaled).sel(dtype="float64").isel(seed=0)
    law = laws.imbalance(rescaled).sel(dtype="float64").isel(seed=0)
    alone = laws.decay_alone(rescaled)
    every = slice(None, None, max(1, rescaled.sizes["step"] // 16))
    for i, layer in enumerate(found.layer.values):
        colour, pair = style.LAYERS[i], f"layers {layer + 1} − {layer}"
        ax.plot(rescaled.step, law.sel(layer=layer), color=colour, label=f"{pair}: law")
        start = found.sel(layer=layer).isel(step=0)
        ax.plot(rescaled.step, start * alone, color=style.GREY, ls="--", lw=0.9, label="" if i else "decay alone")
        dots = {"color": colour, "marker": style.MARKS[i], "ls": "none", "ms": 3}
        ax.plot(rescaled.step[every], found.sel(layer=layer)[every], label=f"{pair}: measured", **dots)
    ax.axhline(0, color=style.GREY, lw=0.6)
    ax.set(title="imbalance, minibatches", xlabel="step", ylabel="difference of |W|²")


def norms(ax: "Axes", descended: xr.Dataset) -> None:
    """Draw the layers' squared norms under full-batch descent against steps."""
    found = descended.weight_norm2.isel(seed=0)
    for i, layer in enumerate(found.layer.values):
        ax.plot(descended.step, found.sel(layer=layer), color=style.LAYERS[i], label=f"layer {layer}, full batch")
    ax.set(title="norms, full batch", xlabel="step", ylabel="|W|²")
