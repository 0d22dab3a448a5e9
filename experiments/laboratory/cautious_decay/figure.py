"""Size on noise over the ordinary one, and the bias at a minimum over the ordinary one: law and simulation."""

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from experiments.laboratory.cautious_decay import law
from wd_jax.figures import style
from wd_jax.stats.estimates import t_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from experiments.laboratory.cautious_decay.analysis import Settings


def figure(preset: "Settings", ratio: xr.DataArray, adamw: xr.DataArray, share: xr.DataArray) -> "Figure":
    """Draw both.

    Parameters
    ----------
    preset : Settings
        Numbers of the run.
    ratio : DataArray [beta1, epsilon, seed]
        Measured size over the ordinary one.
    adamw : DataArray [beta1, epsilon, seed]
        The same of AdamW.
    share : DataArray [noise, seed]
        Bias over the ordinary one.

    Returns
    -------
    matplotlib Figure
    """
    drawn, (left, right) = style.panels(2, height=2.7)
    _sizes(left, ratio, adamw)
    _biases(right, preset, share)
    style.legend_of(drawn)
    style.title(drawn, "Cautious decay: larger weights on noise, and up to half of the bias (95 % intervals)")
    return drawn


def points(ax: "Axes", at: np.ndarray, sample: np.ndarray, **look: Any) -> None:
    """Draw means with their intervals over seeds, sample [at, seed]."""
    found = [t_interval(row) for row in sample]
    value = np.array([one.value for one in found])
    ends = np.array([[one.value - one.low, one.high - one.value] for one in found]).T
    ax.errorbar(at, value, yerr=ends, ls="none", capsize=2, **look)


def _sizes(ax: "Axes", ratio: xr.DataArray, adamw: xr.DataArray) -> None:
    epsilon = np.geomspace(float(ratio.epsilon[0]) / 1.5, float(ratio.epsilon[-1]) * 1.5, 25)
    for i, beta1 in enumerate(ratio.beta1.values):
        colour = style.SERIES[i % len(style.SERIES)]
        at = {"beta1": [beta1], "epsilon": epsilon}
        like = xr.DataArray(np.ones((1, epsilon.size)), dims=("beta1", "epsilon"), coords=at)
        ax.plot(epsilon, (law.size(like) / law.ordinary(like)).values[0], color=colour)
        look = {"color": colour, "marker": style.MARKS[i % len(style.MARKS)]}
        sample = ratio.sel(beta1=beta1).transpose("epsilon", "seed").values
        points(ax, ratio.epsilon.values, sample, label=f"β₁ = {beta1:g}", **look)
    sample = adamw.isel(beta1=0).transpose("epsilon", "seed").values
    points(
        ax,
        adamw.epsilon.values * 1.12,
        sample,
        color=style.BLACK,
        marker="x",
        label=f"AdamW, β₁ = {float(adamw.beta1[0]):g}",
    )
    ax.plot([], [], color=style.BLACK, label="law")
    ax.axhline(np.sqrt(2), color=style.GREY, ls="--", label="√2")
    ax.axhline(1, color=style.GREY, ls=":", label="ordinary decay")
    ax.set(xlabel="decay per step ε = ηL", ylabel="rms weight / under ordinary decay", title="on noise")
    style.plain_log(ax, "x")
    style.plain_log_y(ax)


def _biases(ax: "Axes", preset: "Settings", share: xr.DataArray) -> None:
    noise = np.geomspace(float(share.noise[0]) / 5, float(share.noise[-1]) * 1.3, 40)
    ordinary = preset.decay / (preset.curvature + preset.decay)
    curve = law.bias(xr.DataArray(noise, dims="noise", coords={"noise": noise}), preset)
    ax.plot(noise, curve / ordinary, color=style.BLUE)
    sample = share.transpose("noise", "seed").values
    points(ax, share.noise.values, sample, color=style.BLUE, marker="o")
    ax.axhline(law.half_bias(preset) / ordinary, color=style.GREY, ls="-.", label="half the decay")
    ax.axhline(1, color=style.GREY, ls=":")
    ax.set_ylim(0, 1.08)
    ax.set(
        xlabel="noise of a gradient / pull of decay, s/(Lw*)",
        ylabel="bias / under ordinary decay",
        title="at a minimum",
    )
    style.plain_log(ax, "x")
