"""Singular values and norms with free features, and the values of a real network beside the same law."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from experiments.laboratory.neural_collapse.analysis import NAME, TITLE, predicted, with_own_decay
from experiments.laboratory.neural_collapse.free import Settings
from wd_jax.figures import style
from wd_jax.figures.bands import points

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLLAPSED = "√(L_W L_H) over that of collapse"


def figure(preset: Settings, stored: dict[str, xr.Dataset]) -> "Figure":
    """Draw three panels.

    Parameters
    ----------
    preset : Settings
        With which it was measured.
    stored : dict of str to xarray.Dataset
        Measurements by name.

    Returns
    -------
    matplotlib Figure
    """
    drawn, (values, norms, network, angles) = style.panels(4, height=2.5)
    measured, trained = stored[NAME], stored[f"{NAME}_network"]
    share, whole = np.linspace(0, max(preset.shares), 200), np.sqrt(preset.class_size)
    values.plot(share, whole * np.maximum(1 - share, 0), color=style.BLACK, lw=1, label="law")
    for i, ratio in enumerate(measured.ratio.values):
        at, look = (
            measured.sel(ratio=ratio),
            {"color": style.SERIES[i], "marker": style.MARKS[i], "ls": "none", "ms": 4},
        )
        moved = at.share + 0.015 * (i - 1)
        values.plot(moved, at.value.mean(("seed", "class")), label=f"L_W/L_H = {ratio:g}", **look)
        norms.plot(share, preset.classes * whole * np.maximum(1 - share, 0) / np.sqrt(ratio), color=style.BLACK, lw=1)
        norms.plot(at.share, at.weight_norm2.mean("seed"), **look)
    values.set(title="free features: outputs", xlabel=COLLAPSED, ylabel="singular values")
    norms.set(title="free features: last layer", xlabel=COLLAPSED, ylabel="|W|²")
    _network(network, preset, trained)
    _angles(angles, trained)
    style.legend_of(drawn)
    style.title(drawn, f"{TITLE} ({preset.seeds} seeds)")
    return drawn


def _network(ax: "Axes", preset: Settings, trained: xr.Dataset) -> None:
    law = predicted(with_own_decay(trained)).mean("seed")
    for i, decay in enumerate(trained.decay.values):
        color, at = style.SERIES[3 + i], trained.sel(decay=decay)
        ax.axhline(float(law.sel(decay=decay)), color=color, lw=1, ls="--", label="" if i else "law, own L_H")
        place = np.arange(trained.sizes["class"]) + 1 + 0.2 * i
        values = at.value.transpose("class", "seed").values
        points(ax, place, values, color, f"network, decay {decay:g}", ms=3.5, marker=style.MARKS[3 + i])
    ax.axhline(np.sqrt(preset.network_size), color=style.GREY, ls=":", lw=1, label="targets")
    ax.set(title="a real network: outputs", xlabel="singular value, the smallest first", ylabel="singular values")


def _angles(ax: "Axes", trained: xr.Dataset) -> None:
    names = ("spread", "angle")
    for i in range(trained.sizes["decay"]):
        samples = np.stack([trained[name].isel(decay=i).values for name in names])
        points(ax, np.arange(2) + 0.1 * i, samples, style.SERIES[3 + i], "", ms=4, marker=style.MARKS[3 + i])
    ax.set_xticks([0.05, 1.05], ["variance\nwithin classes", "largest cosine\nof two classes"])
    ax.set_xlim(-0.5, 1.6)
    style.plain_log_y(ax)
    ax.set(title="a real network: features", ylabel="0 with free features")
