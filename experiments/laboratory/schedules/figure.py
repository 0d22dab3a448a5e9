"""What decay alone leaves under five schedules, and the size of AdamW's weights on noise under two."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from experiments.laboratory.schedules import law
from experiments.laboratory.schedules.settings import NOISY_SHAPES, SHAPES, Settings
from wd_jax.figures import style
from wd_jax.stats.estimates import t_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WORDS = {"inverse_time": "inverse time"}
COLOURS = {"adamw": style.BLACK, "adamw_absolute": style.SKY}
NAMES = {"adamw": "decay ηL", "adamw_absolute": "absolute decay"}


def figure(preset: Settings, alone: xr.Dataset, size: xr.DataArray) -> "Figure":
    """Draw one panel of decay alone, and one for each schedule on noise.

    Parameters
    ----------
    preset : Settings
        Numbers of the run.
    alone : Dataset
        Of `settings.measure`.
    size : DataArray [shape, rule, step, seed]
        Rms weights on noise over the one at rest.

    Returns
    -------
    matplotlib Figure
    """
    drawn, (left, *rest) = style.panels(3, height=2.5, columns=3)
    _alone(left, preset, alone)
    for ax, shape, words in zip(rest, NOISY_SHAPES, ("AdamW, noise: cosine", "AdamW, noise: wsd"), strict=True):
        _noise(ax, preset, size.sel(shape=shape), shape)
        ax.set(title=words)
    rest[0].set(ylabel=r"rms weight / $\sqrt{η_{max}/2L}$")
    style.legend_of(drawn)
    style.title(drawn, "Decay under a schedule: the exact product, and the recursion on noise (95 % intervals)")
    return drawn


def _alone(ax: "Axes", preset: Settings, alone: xr.Dataset) -> None:
    step = alone.step.values
    theory: xr.DataArray = xr.ufuncs.exp(law.products(preset, step))
    left: xr.DataArray = xr.ufuncs.exp(alone.log_left.mean(("seed", "layer")))
    for i, shape in enumerate(SHAPES):
        colour, some = style.SERIES[i % len(style.SERIES)], slice(10 + 5 * i, None, 30)
        ax.plot(step, theory.sel(rule="sgd", shape=shape), color=colour)
        look = {"color": colour, "marker": style.MARKS[i % len(style.MARKS)], "ls": "none"}
        ax.plot(step[some], left.sel(rule="sgd", shape=shape)[some], label=WORDS.get(shape, shape), **look)
    ax.set(xlabel="step", ylabel="weight / its start", title="decay alone")
    style.plain_log_y(ax)


def _noise(ax: "Axes", preset: Settings, size: xr.DataArray, shape: str) -> None:
    every = np.arange(0, preset.steps + 1, max(1, preset.steps // 200))
    exact, still = (law.on_noise(preset, every, form).sel(shape=shape) for form in ("law", "mean field"))
    later = size.sel(step=size.step >= 0)
    for i, (rule, colour) in enumerate(COLOURS.items()):
        ax.plot(every, exact.sel(rule=rule), color=colour)
        ax.plot(every, still.sel(rule=rule), color=colour, ls="--")
        found = [t_interval(row) for row in later.sel(rule=rule).transpose("step", "seed").values]
        value = np.array([one.value for one in found])
        ends = np.array([[one.value - one.low, one.high - one.value] for one in found]).T
        look = {"color": colour, "marker": "os"[i], "ls": "none", "capsize": 2, "mfc": "none"}
        ax.errorbar(later.step.values, value, yerr=ends, label=NAMES[rule], **look)
    ax.plot([], [], color=style.GREY, label="law")
    ax.plot([], [], color=style.GREY, ls="--", label="mean field")
    ax.set(xlabel="step of the schedule", ylim=(0, 1.15))
