"""What networks start with, over what the law says, and the lmbda that would dominate."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from experiments.laboratory.saturation.settings import LAYERS, REST, Settings
from experiments.laboratory.saturation.tables import PARTS, SENSES, over
from wd_jax.data import Dataset
from wd_jax.figures import style
from wd_jax.stats.estimates import t_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LOOKS = {"hidden": (style.BLUE, "o", 0.13), "output": (style.RED, "s", -0.13)}


def figure(
    preset: Settings, data: Dataset, runs: xr.Dataset, law: xr.Dataset, found: xr.Dataset, said: xr.Dataset
) -> "Figure":
    """Draw measured over predicted, and the thresholds.

    Parameters
    ----------
    preset, data
        As of the analysis.
    runs, law : xarray.Dataset
        Measured [hidden, layer, seed] and predicted [hidden, layer].
    found, said : xarray.Dataset
        Thresholds, measured and predicted.

    Returns
    -------
    matplotlib Figure
    """
    width = 30 if 30 in preset.hidden else preset.hidden[0]
    runs, law, found, said = (one.sel(hidden=width) for one in (runs, law, found, said))
    drawn, (left, right) = style.panels(2, height=3.1, low=2.8)
    _parts(left, runs, law, PARTS)
    _thresholds(right, preset, found, said, SENSES)
    style.legend_of(drawn, right)
    style.title(
        drawn,
        f"The start at N(0, 1): units, gradients, and the λ that would dominate "
        f"({data.name}, {width} hidden units, {runs.sizes['seed']} seeds)",
    )
    return drawn


def _parts(ax: "Axes", runs: xr.Dataset, law: xr.Dataset, names: dict[str, str]) -> None:
    places = np.arange(len(names))[::-1]
    for layer in LAYERS:
        color, mark, aside = LOOKS[layer]
        bars = [over(runs[name].sel(layer=layer), law[name].sel(layer=layer), name.endswith("_ms")) for name in names]
        middle = np.array([one.value for one in bars])
        ends = np.abs(np.array([[one.low for one in bars], [one.high for one in bars]]) - middle)
        ax.errorbar(middle, places + aside, xerr=ends, color=color, marker=mark, ls="none", capsize=1.5)
    ax.axvspan(1 - REST.value, 1 + REST.value, color=style.GREY, alpha=0.2, lw=0)
    ax.axvline(1, color=style.BLACK, lw=1)
    ax.set_yticks(places, [_short(words) for words in names.values()])
    ax.set_xlabel("measured / law")
    ax.set_title("units and gradients")


def _short(words: str) -> str:
    """Shorten a name to fit beside an axis."""
    for long in ("gradient of an ", "gradient of a ", "gradient of the "):
        words = words.replace(long, "gradient, ")
    return words.removesuffix(" (rms)")


def _thresholds(ax: "Axes", preset: Settings, found: xr.Dataset, said: xr.Dataset, senses: dict[str, str]) -> None:
    places = np.arange(len(senses))[::-1]
    for layer in LAYERS:
        color, mark, aside = LOOKS[layer]
        bars = [t_interval(found[sense].sel(layer=layer).values) for sense in senses]
        middle = np.array([one.value for one in bars])
        ends = np.abs(np.array([[one.low for one in bars], [one.high for one in bars]]) - middle)
        ax.errorbar(
            middle,
            places + aside,
            xerr=ends,
            color=color,
            marker=mark,
            ls="none",
            capsize=1.5,
            label=f"{layer} layer, measured",
        )
        law = [float(said[sense].sel(layer=layer)) for sense in senses]
        ax.plot(law, places + aside, color=color, marker="|", ms=11, ls="none", label=f"{layer} layer, law")
        label = "law of gradients without a mean" if layer == "hidden" else ""
        plain = float(said.zero_mean.sel(layer=layer))
        ax.plot([plain], [places[0] + aside], color=style.GREY, marker="x", ms=5, ls="none", label=label)
    ax.axvline(preset.lmbda, color=style.BLACK, ls=":", lw=1, label=f"λ = {preset.lmbda:g}")
    ax.set_yticks(places, [words.replace(", ", "\n").replace(" of ", "\nof ") for words in senses.values()])
    ax.set_ylim(-0.6, len(senses) - 0.4)
    ax.set_xlabel("λ above which decay dominates")
    ax.set_title("the first step")
    style.plain_log(ax, "x")
