"""What rounding leaves of a decay: to the nearest, at random, beside noise, and as a factor of float32."""

import math
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from experiments.laboratory.bfloat16 import laws
from experiments.laboratory.bfloat16.settings import NOISE_EPSILON, Settings
from wd_jax import precision
from wd_jax.figures import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def figure(preset: Settings, found: xr.Dataset, theory: xr.Dataset) -> "Figure":
    """Draw four panels.

    Parameters
    ----------
    preset : Settings
        The settings.
    found, theory : xarray.Dataset
        What was measured, and what the laws say.

    Returns
    -------
    matplotlib Figure
    """
    drawn, (near, random, noise, single) = style.panels(4, height=2.3)
    _nearest(near, preset, found)
    _random(random, preset, found, theory)
    _noise(noise, found)
    _single(single, preset, found)
    style.legend_of(drawn)
    style.title(drawn, f"What rounding leaves of a weight decay ({preset.seeds} seeds, 95 % intervals)")
    return drawn


def _points(ax: "Axes", x: xr.DataArray, values: xr.DataArray) -> None:
    from wd_jax.stats.estimates import t_interval

    found = [t_interval(row) for row in values.transpose(..., "seed").values]
    middle = np.array([one.value for one in found])
    reach = np.array([[one.value - one.low, one.high - one.value] for one in found]).T
    ax.errorbar(x, middle, np.abs(reach), fmt="o", color=style.BLUE, capsize=2, label="measured", zorder=3)


def _nearest(ax: "Axes", preset: Settings, found: xr.Dataset) -> None:
    fine = np.geomspace(found.nearest.min().item(), found.nearest.max().item(), 160)
    stopped, moving = fine[(fine > laws.STILL) & (fine < laws.ALL_MOVE)], fine[fine > laws.ALL_MOVE]
    ax.plot([fine[0], laws.STILL], [1, 1], color=style.BLACK, label="law")
    ax.plot(stopped, laws.left_at_rest(stopped), color=style.BLACK)
    left = [
        math.exp(precision.decay_kept(e, "bfloat16", preset.steps(e), "once") * preset.steps(e) * math.log1p(-e))
        for e in moving
    ]
    ax.plot(moving, left, color=style.BLACK)
    unrounded = [math.exp(preset.steps(e) * math.log1p(-e)) for e in fine]
    ax.plot(fine, unrounded, color=style.RED, ls="--", label="usual form")
    _points(ax, found.nearest, np.exp(found.log_left))
    for at, name in ((laws.STILL, "2⁻⁹"), (laws.ALL_MOVE, "2⁻⁸")):
        ax.axvline(at, color=style.GREY, lw=0.8, ls=":")
        ax.annotate(name, (at, 1.06), ha="center", fontsize=style.note_size(), annotation_clip=False)
    ax.set(title="to the nearest", xlabel="decay ε a step", ylabel="left after 1/ε steps", ylim=(0, 1.15))
    style.plain_log(ax, "x")


def _random(ax: "Axes", preset: Settings, found: xr.Dataset, theory: xr.Dataset) -> None:
    fine = np.geomspace(found.at_random.min().item(), found.at_random.max().item(), 25)
    slow = [e for e in fine if e < laws.ALL_MOVE]
    ax.plot(slow, np.sqrt([laws.spread(preset, e) for e in slow]), color=style.BLACK)
    fast = [slow[-1], *(e for e in fine if e >= laws.ALL_MOVE)]
    ax.plot(fast, np.sqrt([laws.path_spread(preset, e) for e in fast]), color=style.BLACK)
    ax.plot(fine, np.sqrt([laws.usual_spread(preset, e) for e in fine]), color=style.RED, ls="--")
    _points(ax, found.at_random, np.sqrt(found.spread))
    ax.set(title="at random", xlabel="decay ε a step", ylabel="standard deviation of ln w")
    style.plain_log(ax, "x")
    style.ticks_at(ax, found.at_random.values)
    style.plain_log(ax, "y")


def _noise(ax: "Axes", found: xr.Dataset) -> None:
    due = 1.5 * laws.GRID * NOISE_EPSILON
    fine = np.linspace(0.05, found.spaces.max().item() * 1.03, 120)
    ax.plot(fine, [laws.kept_beside_noise(s, due) for s in fine], color=style.BLACK)
    ax.axhline(1, color=style.RED, ls="--")
    _points(ax, found.spaces, found.beside)
    ax.set(
        title="beside noise, to the nearest",
        xlabel="noise a step, spaces",
        ylabel="share of the decay kept",
        xlim=(0, None),
    )


def _single(ax: "Axes", preset: Settings, found: xr.Dataset) -> None:
    fine = np.geomspace(found.float32.min().item() / 1.3, found.float32.max().item() * 1.3, 300)
    kept = [precision.decay_kept(e, "float32", preset.float32_steps, "multiply") for e in fine]
    factor = [math.log1p(-precision.applied_decay(e, "float32", "multiply")) / math.log1p(-e) for e in fine]
    ax.plot(fine, kept, color=style.BLACK, lw=1.0)
    ax.plot(fine, factor, color=style.RED, ls="--", lw=1.0)
    _points(ax, found.float32, found.single)
    ax.set(title="a factor of float32", xlabel="decay ε a step", ylabel="rate / rate asked for")
    style.plain_log(ax, "x")
