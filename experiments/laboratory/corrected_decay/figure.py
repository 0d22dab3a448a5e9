"""AdamW's rms weight and |g|/|w| of a layer over a cosine, with both decays: laws as lines, simulation as points."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from experiments.laboratory.corrected_decay.settings import Settings, shares
from experiments.laboratory.scheduled import recursion
from wd_jax.figures import style
from wd_jax.stats.estimates import t_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = {"ordinary": style.RED, "corrected": style.BLUE}
NAMES = {"ordinary": "ordinary decay, ηL", "corrected": "corrected decay, η²L/$η_{max}$"}


def figure(preset: Settings, size: xr.DataArray, turning: xr.DataArray) -> "Figure":
    """Draw both.

    Parameters
    ----------
    preset : Settings
        Numbers of the run.
    size : DataArray [gradients, way, step, seed]
        AdamW's rms weight over the one at rest.
    turning : DataArray [way, step, seed]
        Growth of |g|/|w| of plain SGD's layer.

    Returns
    -------
    matplotlib Figure
    """
    drawn, (left, right) = style.panels(2, height=2.7)
    _sizes(left, preset, size)
    _ratios(right, preset, turning)
    style.legend_of(drawn)
    style.title(drawn, "Ordinary and corrected decay under a cosine (95 % intervals over seeds)")
    return drawn


def _sizes(ax: "Axes", preset: Settings, size: xr.DataArray) -> None:
    rates, (rest, total) = preset.rates(False), preset.steps(False)
    run = np.arange(total + 1) / total
    level = preset.epsilon / 2
    later = size.sel(step=size.step >= 0)
    for way, share in shares(rates).items():
        path = recursion.on_noise_short(rates, share, level, preset.beta1, preset.beta2)
        law = np.sqrt(path / level)[rest:]
        ax.plot(run, law, color=COLOURS[way], label=NAMES[way])
        for kind, marker, shift in (("noise", "o", -0.006), ("layer", "s", 0.006)):
            found = [t_interval(row) for row in later.sel(gradients=kind, way=way).transpose("step", "seed").values]
            value = np.array([one.value for one in found])
            ends = np.array([[one.value - one.low, one.high - one.value] for one in found]).T
            look = {"marker": marker, "color": COLOURS[way], "ls": "none", "capsize": 2, "mfc": "none"}
            ax.errorbar(later.step.values / total + shift, value, yerr=ends, **look)
    still = np.sqrt(rates[rest:] / preset.epsilon)
    ax.plot(run[:-1], still, color=style.GREY, ls="--", label="quasi-static")
    for marker, words in (("o", "measured, noise"), ("s", "measured, layer")):
        ax.plot([], [], color=style.BLACK, marker=marker, mfc="none", ls="none", label=words)
    ax.set(xlabel="share of the run", ylabel="rms weight / $\\sqrt{η_{max}/2L}$", title="AdamW", ylim=(0, 1.15))


def _ratios(ax: "Axes", preset: Settings, turning: xr.DataArray) -> None:
    rates, (rest, total) = preset.rates(True), preset.steps(True)
    run = np.arange(total) / total
    some = np.unique(np.linspace(0, total - 1, 17).round().astype(int))
    for way, share in shares(rates).items():
        norm2 = recursion.scale_invariant(rates, share, (preset.layer_epsilon / 2) ** 0.5)[rest:]
        ax.plot(run, (norm2[0] / norm2)[:-1], color=COLOURS[way])
        found = turning.sel(way=way).isel(step=some).mean("seed")
        ax.plot(run[some], found, color=COLOURS[way], marker="s", mfc="none", ls="none")
    ax.plot(run, (rates[rest:] / preset.layer_epsilon) ** -0.5, color=style.GREY, ls="--")
    ax.set(
        xlabel="share of the run", ylabel="growth of |g|/|w|", title="plain SGD, scale-invariant layer", ylim=(0.9, 20)
    )
    style.plain_log_y(ax)
