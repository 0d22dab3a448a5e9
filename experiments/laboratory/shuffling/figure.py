"""Variance in shuffled epochs over that of independent draws: against the decay per epoch, and inside an epoch."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from experiments.laboratory.shuffling.analysis import AVERAGE, END, MIDDLE, SMALL, Laws, laws_of, phases
from wd_jax.figures import style
from wd_jax.figures.bands import points

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = {MIDDLE: style.ORANGE, AVERAGE: style.GREEN, END: style.BLUE}


def figure(runs: xr.Dataset, laws: Laws, kappa: np.ndarray) -> "Figure":
    """Draw both panels.

    Parameters
    ----------
    runs : xarray.Dataset
        Epochs of many steps (`settings.simulated`).
    laws : Laws
        Of them.
    kappa : array
        Where the lines of the left panel are drawn.

    Returns
    -------
    matplotlib Figure
    """
    drawn, (left, right) = style.panels(2, height=2.9, low=2.6)
    against_kappa(left, runs, laws, kappa)
    inside(right, runs, laws)
    style.legend_of(drawn, left)
    steps = int(runs.steps_per_epoch)
    style.title(drawn, f"Shuffled epochs against independent draws ({steps} steps an epoch, 95 % intervals)")
    return drawn


def against_kappa(ax: "Axes", runs: xr.Dataset, laws: Laws, kappa: np.ndarray) -> None:
    """Draw the three phases against the decay per epoch: exact, in the limit of small kappa, and measured."""
    dense = laws_of(_at(runs, kappa))
    found = phases(runs.weight_ms.sel(sampling_of="shuffled", drop=True))
    ax.axhline(1, color=style.BLACK, lw=1.1, label="independent draws: law")
    drawn = runs.weight_ms.sel(sampling_of="independent", drop=True).mean("step") / laws.independent
    points(ax, runs.kappa, drawn.transpose("kappa", "seed").values, style.BLACK, "measured")
    for phase, colour in COLOURS.items():
        ax.plot(kappa, phases(dense.inside)[phase] / dense.floor, color=colour, label=f"shuffled, {phase}: law")
        formula, small = SMALL[phase]
        ax.plot(kappa, small(kappa), color=colour, ls=":", lw=1.0, label=f"small κ: {formula}")
        samples = (found[phase] / laws.floor).transpose("kappa", "seed").values
        points(ax, runs.kappa, samples, colour, "")
    ax.set(xlabel="κ = ηλ/m, decay per epoch", ylabel="variance / floor of independent draws")
    ax.set_ylim(5e-6, 3)
    style.plain_log(ax, "x")
    style.plain_log_y(ax)


def inside(ax: "Axes", runs: xr.Dataset, laws: Laws) -> None:
    """Draw the variance after each step of an epoch, exact as lines and measured as points."""
    steps = runs.sizes["step"]
    share = runs.step / runs.steps_per_epoch
    found = runs.weight_ms.sel(sampling_of="shuffled", drop=True) / laws.floor
    apart = max(1, steps // 16)
    for kappa in runs.kappa.values:
        line = (laws.inside / laws.floor).sel(kappa=kappa)
        ax.plot(share, line, color=style.GREY)
        samples = found.sel(kappa=kappa).transpose("step", "seed").values
        for place in range(apart - 1, steps, apart):
            colour = {steps: style.BLUE, steps // 2: style.ORANGE}.get(place + 1, style.GREY)
            points(ax, [float(share[place])], samples[place : place + 1], colour, "", ms=3, capsize=0)
        last = kappa == runs.kappa.values[-1]
        where = {"xytext": (0, 4 if last else -4), "va": "bottom" if last else "top", "ha": "center"}
        at = (0.5, float(line.isel(step=steps // 2 - 1)))
        ax.annotate(f"κ = {kappa:g}", at, textcoords="offset points", fontsize=style.note_size(), **where)
    ax.set(xlabel="share of the epoch", ylabel="variance / floor of independent draws")
    style.plain_log_y(ax)
    ax.set_ylim(top=2)


def _at(runs: xr.Dataset, kappa: np.ndarray) -> xr.Dataset:
    """Give the same settings at other decays per epoch, without measurements."""
    settings = runs.drop_vars(["weight_ms", "lmbda", "kappa"])
    return settings.assign_coords(kappa=kappa, lmbda=("kappa", kappa * float(runs.m / runs.eta)))
