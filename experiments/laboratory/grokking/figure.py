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
    one = {"part": network.part.values[0], "decay": network.decay.values[0]}
    _way(way, network, one)
    _norm(norm, preset, network, one)
    _delays(delay, network)
    style.legend_of(drawn)
    style.title(drawn, f"Grokking: where decay sets the delay, and where not ({preset.seeds} seeds)")
    return drawn


def _linear(ax: "Axes", preset: Settings, linear: xr.Dataset) -> None:
    ax.plot(linear.decay, analysis.predicted(preset, linear).mean("seed"), color=style.BLACK, label="law")
    norms = analysis.of_norms(preset, linear).mean("seed")
    ax.plot(linear.decay, norms, color=style.RED, ls="--", label="norms of all weights, with the ½")
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


def _way(ax: "Axes", network: xr.Dataset, one: dict[str, float]) -> None:
    at = network.path.isel(start=0).sel(one).dropna("step")
    for what, color in (("trained on", style.SKY), ("others", style.PURPLE)):
        ax.plot(
            at.step, at.sel(what=what), color=color, label=f"pairs {what}" if what == "trained on" else "other pairs"
        )
    ax.set(
        title=f"network, {one['part']:.0%} of the pairs, L = {one['decay']:g}",
        xlabel="step",
        ylabel="share added rightly",
        ylim=(0, 1.05),
    )


def _norm(ax: "Axes", preset: Settings, network: xr.Dataset, one: dict[str, float]) -> None:
    for i, start in enumerate(network.start.values):
        at = network.path.sel(one).sel(start=start, what="norm2").dropna("step")
        color = (style.GREEN, style.ORANGE)[i % 2]
        ax.plot(at.step, at, color=color, label=f"start {start:g}")
        first = network.memorised.sel(one).sel(start=start).isel(seed=0).item()
        if np.isfinite(first):
            height = at.sel(step=first).item()
            ax.plot([first], [height], marker="o", color=color, ls="none")
            after = at.step.where(at.step >= first, drop=True)
            alone = height * np.exp(-2 * preset.eta * one["decay"] * (after - first))
            ax.plot(after, alone, color=style.RED, ls=":", label="decay alone from memorising on")
    ax.set(title="its squared norm", xlabel="step", ylabel="|w|²")
    style.plain_log(ax, "y")


def _delays(ax: "Axes", network: xr.Dataset) -> None:
    delay = network.generalised - network.memorised
    for i, start in enumerate(network.start.values):
        for k, part in enumerate(network.part.values):
            at = delay.sel(start=start, part=part)
            color, mark = (style.GREEN, style.ORANGE)[i % 2], style.MARKS[1 + k % 3]
            label = f"{part:.0%} of the pairs" if not i else ""
            _points(ax, network.decay, at, color, mark, label)
            mean = at.mean("seed")
            if np.isfinite(mean[0]):
                scaled = mean.values[0] * network.decay.values[0] / network.decay
                ax.plot(
                    network.decay, scaled, color=color, ls="-.", lw=0.9, label="" if i or k else "in proportion to 1/L"
                )
    ax.set(title="network", xlabel="decay L", ylabel="delay, steps")
    style.plain_log(ax, "x")
    style.ticks_at(ax, network.decay.values)
    style.plain_log(ax, "y")
