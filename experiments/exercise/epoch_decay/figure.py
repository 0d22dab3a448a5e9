"""Claim 2: the factor per epoch and the weights' trajectory, against the exact law and its limit."""

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from wd_jax.figures import style
from wd_jax.figures.bands import band
from wd_jax.figures.needs import settings

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def figure(runs: xr.Dataset, theory: xr.DataArray) -> "Figure":
    """Draw trajectories beside rates.

    Parameters
    ----------
    runs : xarray.Dataset
        Claim 2's sweep.
    theory : xarray.DataArray [epoch]
        Weights that only decay, over their start.

    Returns
    -------
    matplotlib Figure
    """
    drawn, (left, right) = style.panels(2, height=2.7)
    trajectories(left, runs, theory)
    rates(right, runs)
    style.legend_of(drawn, left)
    kappa = float(runs.eta * runs.lmbda / runs.m)
    style.title(drawn, f"Claim 2: a factor exp(−κ) per epoch, κ = ηλ/m = {kappa:g}? ({settings(runs)}, 95 % bands)")
    return drawn


def trajectories(ax: "Axes", runs: xr.Dataset, theory: xr.DataArray) -> list[Any]:
    """Draw weight_rms over its start against epochs, measured as bands and theory as a line.

    Returns
    -------
    list of artists
    """
    relative = runs.weight_rms / runs.weight_rms.sel(epoch=0, drop=True)
    artists: list[Any] = [
        band(
            ax, relative.sel(layer=layer), style.LAYERS[i], _name(runs, layer), **style.mark(i + 1, runs.sizes["epoch"])
        )
        for i, layer in enumerate(runs.layer.values)
    ]
    if np.isfinite(runs.dead_input_rms).any():
        dead = (runs.dead_input_rms / runs.dead_input_rms.sel(epoch=0, drop=True)).mean("seed")
        artists += ax.plot(
            dead.epoch, dead, color=style.GREEN, marker="o", ms=2.5, ls="none", label="weights on dead inputs"
        )
    artists += ax.plot(theory.epoch, theory, color=style.BLACK, ls="--", lw=1.1, label="theory: decay alone")
    style.plain_log_y(ax)
    ax.set_xlabel("epoch")
    ax.set_ylabel("rms weight / its start")
    return artists


def rates(ax: "Axes", runs: xr.Dataset) -> list[Any]:
    """Draw the decay since the start over that of the limit, ln(w/w_0)/(-κ·epoch), with a band of 1 %.

    Returns
    -------
    list of artists
    """
    kappa = float(runs.eta * runs.lmbda * runs.steps_per_epoch / runs.n)

    def relative(rms: xr.DataArray) -> xr.DataArray:
        return (np.log(rms / rms.sel(epoch=0, drop=True)) / (-kappa * rms.epoch)).isel(epoch=slice(1, None))

    artists: list[Any] = [
        band(
            ax,
            relative(runs.weight_rms.sel(layer=layer)),
            style.LAYERS[i],
            "",
            **style.mark(i + 1, runs.sizes["epoch"]),
        )
        for i, layer in enumerate(runs.layer.values)
    ]
    if np.isfinite(runs.dead_input_rms).any():
        dead = relative(runs.dead_input_rms).mean("seed")
        artists += ax.plot(dead.epoch, dead, color=style.GREEN, marker="o", ms=2.5, ls="none")
    ax.axhspan(0.99, 1.01, color=style.GREY, alpha=0.3, lw=0)
    ax.axhline(1, color=style.BLACK, ls="--", lw=1.1)
    place = {"xycoords": ("axes fraction", "data"), "xytext": (-2, 5), "textcoords": "offset points", "ha": "right"}
    ax.annotate("claim ± 1 %", (1, 1), fontsize=style.note_size(), **place)
    ax.axhline(0, color=style.GREY, lw=0.8)
    ax.set_xlabel("epoch")
    ax.set_ylabel("decay so far / decay claimed")
    return artists


def _name(runs: xr.Dataset, layer: int) -> str:
    return style.layer_name(layer, runs)
