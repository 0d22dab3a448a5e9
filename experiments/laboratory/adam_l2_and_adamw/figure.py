"""Decay alone beside the rate of decay against noise, under Adam with L2 and AdamW."""

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from experiments.laboratory.adam_l2_and_adamw.settings import Settings
from wd_jax.figures import style
from wd_jax.stats.estimates import t_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def figure(preset: Settings, alone: xr.Dataset, rates: xr.Dataset) -> "Figure":
    """Draw both.

    Parameters
    ----------
    preset : Settings
        Its settings.
    alone : xarray.Dataset
        ``adam_l2`` and ``adamw`` [lmbda, step].
    rates : xarray.Dataset
        ``measured`` [rule, sigma, lmbda, seed] and the laws.

    Returns
    -------
    matplotlib Figure
    """
    drawn, (left, right) = style.panels(2, height=2.6)
    _alone(left, preset, alone)
    _rates(right, rates)
    style.legend_of(drawn)
    style.title(drawn, "Adam with L2 forgets λ where decay acts alone, else divides it by the noise (95 % intervals)")
    return drawn


def _alone(ax: "Axes", preset: Settings, alone: xr.Dataset) -> None:
    steps = alone.step.values
    count = len(alone.lmbda)
    laws = np.exp(steps * np.log1p(-preset.alone_eta * alone.lmbda.values[:, None]))
    for i, law in enumerate(laws):
        ax.plot(steps, law, color=style.BLACK, ls="--", lw=1.0, label="AdamW, law: $(1-ηL)^t$" if i == 0 else None)
        for values, color, rule, mark in (
            (alone.adam_l2, style.BLUE, "Adam with L2", "o"), (alone.adamw, style.RED, "AdamW", "s"),
        ):  # fmt: skip
            every = slice(20 + 40 * i, None, 40 * count)
            look = {
                "color": color,
                "marker": mark,
                "ls": "none",
                "mfc": "none" if mark == "s" else color,
                "label": f"{rule}, measured" if i == 0 else None,
            }
            ax.plot(steps[every], values.isel(lmbda=i).values[every], **look)
    shared = alone.adam_l2.mean("lmbda").values
    ax.plot(steps, shared, color=style.BLUE, lw=1.0, label="Adam with L2: one course for all λ")
    ax.set_xlabel("step")
    ax.set_ylabel("$w/w_0$, no gradient")
    ax.set_ylim(min(shared[-1], laws[-1, -1]) - 0.08, 1.05)
    first, *_, last = alone.lmbda.values
    beside = (
        (f"AdamW, λ = {first:g} to {alone.lmbda.values[-2]:g}", float(alone.adamw[0, -1]) - 0.03, "top"),
        (f"AdamW, λ = {last:g}", float(laws[-1, int(0.6 * len(steps))]) + 0.02, "bottom"),
    )
    for text, height, side in beside:
        ax.annotate(text, (steps[-1], height), ha="right", va=side, fontsize=style.note_size())


def _rates(ax: "Axes", rates: xr.Dataset) -> None:
    sigma = np.geomspace(float(rates.sigma.min()) / 1.3, float(rates.sigma.max()) * 1.3, 60)
    ax.plot(sigma, 1 / sigma, color=style.BLUE, lw=1.0, label="Adam with L2, law: $ηL/σ$")
    ax.plot(sigma, np.ones_like(sigma), color=style.BLACK, ls="--", lw=1.0)
    looks: tuple[tuple[str, dict[str, Any]], ...] = (
        ("adam_l2", {"color": style.BLUE, "marker": "o", "ms": 3.5}),
        ("adamw", {"color": style.RED, "marker": "s", "mfc": "none", "ms": 6}),
    )
    for rule, look in looks:
        for lmbda in rates.lmbda.values:
            one = (rates.measured / rates.adamw).sel(rule=rule, lmbda=lmbda)
            found = [t_interval(row) for row in one.transpose("sigma", "seed").values]
            values = np.asarray([e.value for e in found])
            errors = np.asarray([[e.value - e.low for e in found], [e.high - e.value for e in found]])
            ax.errorbar(rates.sigma.values, values, errors, ls="none", **look)
    style.plain_log(ax, "x")
    style.plain_log(ax, "y")
    ax.set_xlabel("deviation σ of the gradients")
    ax.set_ylabel("decay rate / $ηL$")
