"""How Lion and AdamW come to the least squares in the box, get into it from outside, and how slowly AdamW does."""

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from experiments.laboratory.box_constraint.settings import ADAMW, SCHEDULES, SIGNS, Settings
from wd_jax.figures import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def figure(preset: Settings, found: xr.Dataset, bound: np.ndarray) -> "Figure":
    """Draw the way to the solution for each decay, the way into the box, and AdamW's rate.

    Parameters
    ----------
    preset : Settings
        The settings.
    found : xarray.Dataset
        What was measured.
    bound : array [step]
        What no weight exceeds from outside.

    Returns
    -------
    matplotlib Figure
    """
    decays = found.decay.values.tolist()
    drawn, axes = style.panels(len(decays) + 2, height=2.4)
    for ax, decay in zip(axes, decays, strict=False):
        _way(ax, found, decay)
    _into(axes[-2], found, bound)
    _rate(axes[-1], preset, found)
    style.legend_of(drawn)
    style.title(drawn, f"Lion and AdamW solve least squares in the box |w| ≤ 1/L ({preset.seeds} problems)")
    return drawn


def _way(ax: "Axes", found: xr.Dataset, decay: float) -> None:
    for i, rule in enumerate(found.rule.values):
        at = found.distance.sel(rule=rule, decay=decay, schedule=SCHEDULES[0])
        ax.fill_between(at.step, at.min("seed"), at.max("seed"), color=style.SERIES[i], alpha=0.15, lw=0)
        ax.plot(at.step, at.median("seed"), color=style.SERIES[i], **style.mark(i, at.sizes["step"]), label=str(rule))
    for tolerance, name in ((SIGNS, "asked of Lion"), (ADAMW, "asked of AdamW")):
        ax.axhline(tolerance.value, color=style.GREY, lw=0.8, ls=":" if tolerance is SIGNS else "-.", label=name)
    ax.set(title=f"L = {decay:g}", xlabel="step", ylabel="farthest weight: distance")
    ax.set_xticks([0, found.step.max().item() // 2, found.step.max().item()])
    style.plain_log_y(ax)


def _into(ax: "Axes", found: xr.Dataset, bound: np.ndarray) -> None:
    ax.plot(found.outside_step, bound, color=style.BLACK, label="law", zorder=2)
    ax.axhline(1, color=style.GREY, lw=0.8)
    for run, color, line in zip(found.run.values, (style.SKY, style.BLUE, style.RED), ("-", "--", "--"), strict=True):
        at = found.outside.sel(run=run).max("seed")
        wide: dict[str, Any] = {"lw": 4, "alpha": 0.6} if line == "-" else {}
        ax.plot(found.outside_step, at, color=color, ls=line, label=str(run), **wide, zorder=3 if line == "--" else 1)
    ax.set(title="from outside", xlabel="step", ylabel="largest weight, in 1/L", ylim=(0, None))


def _rate(ax: "Axes", preset: Settings, found: xr.Dataset) -> None:
    from wd_jax.stats.estimates import t_interval

    fine = np.linspace(0, 0.99, 100)
    ax.plot(fine, (1 - fine**2) / 2, color=style.BLACK)
    for i, b in enumerate(found.beta2.values):
        each = [t_interval(-found.rate.sel(beta2=b, share=u).values / (1 - b)) for u in found.share.values]
        values = [one.value for one in each]
        reach = [[one.value - one.low for one in each], [one.high - one.value for one in each]]
        ax.errorbar(
            found.share, values, np.abs(reach), fmt=style.MARKS[4 + i], color=style.PURPLE if i else style.SKY,
            capsize=2, label=f"measured, β2 = {b:g}",
        )  # fmt: skip
    ax.set(
        title="AdamW's way to its rest", xlabel="place of the weight, in 1/L", ylabel="fall of ln g a step / (1 − β2)"
    )
