"""Delays of a linear model against its law, and a network that waits while its norm grows."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from experiments.laboratory.grokking import analysis
from experiments.laboratory.grokking.settings import Settings
from wd_jax.figures import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def figure(preset: Settings, linear: xr.Dataset, network: xr.Dataset) -> "Figure":
    """Draw the linear model's delays, one network's way, the norms, and the network's delays.

    Parameters
    ----------
    preset : Settings
        The settings.
    linear, network : xarray.Dataset
        What was measured.

    Returns
    -------
    matplotlib Figure
    """
    drawn, (line, way, norm, delay) = style.panels(4, height=2.3)
    _linear(line, preset, linear)
    decay = network.decay.values[len(network.decay) // 2]
    _way(way, network, decay)
    _norm(norm, preset, network, decay)
    _delays(delay, network)
    style.legend_of(drawn)
    style.title(drawn, f"Grokking: where decay sets the delay, and where not ({preset.seeds} seeds)")
    return drawn


def _linear(ax: "Axes", preset: Settings, linear: xr.Dataset) -> None:
    ax.plot(linear.decay, analysis.predicted(preset, linear).mean("seed"), color=style.BLACK, label="law")
    norms = analysis.of_norms(preset, linear).mean("seed")
    ax.plot(linear.decay, norms, color=style.RED, ls="--", label="law with norms of all weights")
    _points(ax, linear.decay, linear.right - linear.fitted, style.BLUE, "o", "measured")
    ax.set(title="linear model", xlabel="decay L", ylabel="delay, steps")
    style.plain_log(ax, "x")
    style.ticks_at(ax, linear.decay.values)
    style.plain_log(ax, "y")


def _points(ax: "Axes", x: xr.DataArray, values: xr.DataArray, color: str, mark: str, label: str) -> None:
    from wd_jax.stats.estimates import t_interval

    each = [
        t_interval(row[np.isfinite(row)]) for row in values.transpose(..., "seed").values if np.isfinite(row).sum() > 1
    ]
    there = [
        at for at, row in zip(x.values, values.transpose(..., "seed").values, strict=True) if np.isfinite(row).sum() > 1
    ]
    reach = [[one.value - one.low for one in each], [one.high - one.value for one in each]]
    ax.errorbar(there, [one.value for one in each], np.abs(reach), fmt=mark, color=color, capsize=2, label=label)


def _way(ax: "Axes", network: xr.Dataset, decay: float) -> None:
    at = network.path.isel(start=0).sel(decay=decay).dropna("step")
    for what, color in (("trained on", style.SKY), ("others", style.PURPLE)):
        ax.plot(
            at.step, at.sel(what=what), color=color, label=f"pairs {what}" if what == "trained on" else "other pairs"
        )
    ax.set(title=f"network, L = {decay:g}", xlabel="step", ylabel="share added rightly", ylim=(0, 1.05))


def _norm(ax: "Axes", preset: Settings, network: xr.Dataset, decay: float) -> None:
    for i, start in enumerate(network.start.values):
        at = network.path.sel(start=start, decay=decay, what="norm2").dropna("step")
        color = (style.GREEN, style.ORANGE)[i % 2]
        ax.plot(at.step, at, color=color, label=f"start {start:g}")
        first = network.memorised.sel(start=start, decay=decay).isel(seed=0).item()
        if np.isfinite(first):
            height = at.sel(step=first).item()
            ax.plot([first], [height], marker="o", color=color, ls="none")
            after = at.step.where(at.step >= first, drop=True)
            alone = height * np.exp(-2 * preset.eta * decay * (after - first))
            ax.plot(after, alone, color=style.RED, ls=":", label="decay alone from memorising on")
    ax.set(title=f"its squared norm, L = {decay:g}", xlabel="step", ylabel="|w|²")
    style.plain_log(ax, "y")


def _delays(ax: "Axes", network: xr.Dataset) -> None:
    delay = network.generalised - network.memorised
    for i, start in enumerate(network.start.values):
        color, mark = ((style.GREEN, "s"), (style.ORANGE, "^"))[i % 2]
        _points(ax, network.decay, delay.sel(start=start), color, mark, "")
        mean = delay.sel(start=start).mean("seed")
        if np.isfinite(mean).any():
            at = int(np.flatnonzero(np.isfinite(mean.values))[-1])
            scaled = mean.values[at] * network.decay.values[at] / network.decay
            ax.plot(
                network.decay, scaled, color=style.BLACK, ls="-.", lw=0.9, label="in proportion to 1/L" if not i else ""
            )
    ax.set(title="network", xlabel="decay L", ylabel="delay, steps")
    style.plain_log(ax, "x")
    style.ticks_at(ax, network.decay.values)
    style.plain_log(ax, "y")
