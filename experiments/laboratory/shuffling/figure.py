"""Variance in shuffled epochs over that of independent draws: against the decay per epoch, and inside an epoch."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from experiments.laboratory.shuffling import ridge_analysis
from experiments.laboratory.shuffling.analysis import AVERAGE, END, MIDDLE, SMALL, Laws, laws_of, phases
from wd_jax.figures import style
from wd_jax.figures.bands import points

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = {MIDDLE: style.ORANGE, AVERAGE: style.GREEN, END: style.BLUE}


def figure(runs: xr.Dataset, laws: Laws, kappa: np.ndarray, regression: xr.Dataset) -> "Figure":
    """Draw four panels: variances against the decay and inside an epoch, and both moments of the ridge regression.

    Parameters
    ----------
    runs : xarray.Dataset
        Epochs of many steps (`settings.simulated`).
    laws : Laws
        Of them.
    kappa : array
        Where the lines of the first panel are drawn.
    regression : xarray.Dataset
        The ridge regression (`settings.measure_ridge`).

    Returns
    -------
    matplotlib Figure
    """
    drawn, panels = style.panels(4, height=2.6, low=2.4)
    against_kappa(panels[0], runs, laws, kappa)
    inside(panels[1], runs, laws)
    moments(panels[2], panels[3], regression)
    style.legend_of(drawn, panels[0], panels[2], panels[3])
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
    ax.set(title="phases of the epoch", xlabel="κ = ηλ/m, decay per epoch", ylabel="variance / independent draws")
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
    ax.set(title="inside an epoch", xlabel="share of the epoch", ylabel="variance / independent draws")
    style.plain_log_y(ax)
    ax.set_ylim(top=2)


def moments(left: "Axes", right: "Axes", regression: xr.Dataset) -> None:
    """Draw mean square and mean distance of the ridge regression against the learning rate."""
    eta = np.geomspace(regression.eta.min() / 2, regression.eta.max(), 24)
    laws, dots = ridge_analysis.laws_of(regression, eta), ridge_analysis.laws_of(regression)
    left.plot(eta, laws.square / eta**2, color=style.PURPLE, label="ridge: all orders at once")
    left.plot(eta, laws.additive / eta**2, color=style.GREY, ls="--", label="ridge: noise alone")
    square = regression.square.transpose("eta", "seed").values / regression.eta.values[:, None] ** 2
    points(left, regression.eta, square, style.PURPLE, "")
    first = xr.DataArray(laws.first_order, dims="weight")
    right.plot(eta, ridge_analysis.along(laws.mean, laws) / eta, color=style.PURPLE)
    slope = ridge_analysis.along(first.broadcast_like(laws.mean), laws)
    right.plot(eta, slope, color=style.RED, ls=":", label="ridge: first order in η")
    mean = ridge_analysis.along(regression["mean"], dots).transpose("eta", "seed").values
    points(right, regression.eta, mean / regression.eta.values[:, None], style.PURPLE, "")
    left.set(xlabel="learning rate η", ylabel="mean square distance / η²")
    right.set(xlabel="learning rate η", ylabel="mean distance / η")
    for ax in (left, right):
        ax.set_title("ridge regression, end of an epoch")
        style.plain_log(ax, "x")
    left.set_ylim(bottom=0)
    right.margins(y=0.15)


def _at(runs: xr.Dataset, kappa: np.ndarray) -> xr.Dataset:
    """Give the same settings at other decays per epoch, without measurements."""
    settings = runs.drop_vars(["weight_ms", "lmbda", "kappa"])
    return settings.assign_coords(kappa=kappa, lmbda=("kappa", kappa * float(runs.m / runs.eta)))
