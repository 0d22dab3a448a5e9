"""How far every form is from what was measured, at rest and on the way there."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from experiments.laboratory.ridge.settings import Settings
from wd_jax.figures import style
from wd_jax.stats.estimates import t_intervals

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LOOKS = {
    "exact": (style.BLUE, "o", "exact law"),
    "additive": (style.ORANGE, "s", "noise independent of the weights"),
    "flow": (style.RED, "^", "Ornstein–Uhlenbeck"),
}


def figure(preset: Settings, over: xr.Dataset, way: xr.Dataset) -> "Figure":
    """Draw the forms over the measurement at rest, and the mean square distance on the way.

    Parameters
    ----------
    preset : Settings
        Its cases.
    over : xarray.Dataset
        Every form over what was measured [case, seed].
    way : xarray.Dataset
        What `analysis.on_the_way` returned.

    Returns
    -------
    matplotlib Figure
    """
    drawn, (left, right) = style.panels(2, height=2.9, low=2.7)
    _rest(left, preset, over)
    _way(right, way)
    style.legend_of(drawn, left, right)
    style.title(
        drawn,
        f"Ridge regression, minibatches with replacement: the covariance at rest and the way there "
        f"(n {preset.n}, {way.sizes['seed']} seeds)",
    )
    return drawn


def _rest(ax: "Axes", preset: Settings, over: xr.Dataset) -> None:
    places = np.arange(len(preset.cases))[::-1]
    for name, (color, mark, label) in LOOKS.items():
        found = t_intervals(over[name].values)
        ends = np.abs(np.array([found.low, found.high]) - found.value)
        ax.errorbar(found.value, places, xerr=ends, color=color, marker=mark, ls="none", capsize=2, label=label)
    ax.axvline(1, color=style.BLACK, lw=1)
    ax.set_yticks(places, [_label(case, preset.tested) for case in preset.cases])
    ax.set_ylim(-0.6, len(places) - 0.4)
    ax.set_xlabel("covariance by the form / measured (trace)")
    ax.set_title("at rest")


def _label(case: tuple, tested: tuple) -> str:
    """Name the tested case in full, and another by the number that differs."""
    if case == tested:
        return "η {:g}, m {}\nλ {:g}, d {}".format(*case)
    names = ("η", "m", "λ", "d")
    return ", ".join(f"{name} {new:g}" for name, new, old in zip(names, case, tested, strict=True) if new != old)


def _way(ax: "Axes", way: xr.Dataset) -> None:
    for name, key in (("exact", "square_exact"), ("additive", "square_additive")):
        ax.plot(way.step, way[key].mean("seed"), color=LOOKS[name][0], ls="-" if name == "exact" else "--")
    seen = way.isel(step=slice(0, None, 2))
    ax.plot(
        seen.step, seen.square.mean("seed"), color=style.BLACK, marker="o", ls="none", ms=3, label="measured", zorder=3
    )
    ax.set_xticks(range(0, int(way.step[-1]) + 1, 5))
    ax.set_xlabel("steps from weights of 0")
    ax.set_ylabel("mean square distance |e|²")
    ax.set_title("on the way")
    style.plain_log_y(ax)
