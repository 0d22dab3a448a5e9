"""Claim 3: late weights against the number of weights and against lmbda, with the candidates."""

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from wd_jax.figures import style
from wd_jax.figures.bands import points
from wd_jax.stats.estimates import t_interval
from wd_jax.stats.power_law import in_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LINES: dict[str, dict[str, Any]] = {
    "1/√n_w": {"color": style.BLACK, "ls": "--"},
    "1/n_w": {"color": style.GREY, "ls": ":"},
    "1/√n_in": {"color": style.ORANGE, "ls": "-."},
    "virial, full-batch gradient": {"color": style.GREEN, "ls": "-"},
    "noise floor": {"color": style.PURPLE, "ls": (0, (6, 1, 1, 1, 1, 1))},
}
_ROOM = 0.18
NAMES = {
    "virial, full-batch gradient": "virial (measured gradient of the same run)",
    "noise floor": "noise floor (measured gradient noise)",
    "1/√n_w": r"$1/\sqrt{n_w}$",
    "1/n_w": r"$1/n_w$",
    "1/√n_in": r"$1/\sqrt{n_{in}}$",
}


def figure(widths: xr.Dataset, lmbdas: xr.Dataset, candidates: xr.DataArray, dataset: str) -> "Figure":
    """Draw the network and its layers by width, and the layers by lmbda.

    Parameters
    ----------
    widths, lmbdas : xarray.Dataset
        From ``experiments.exercise.tail_off.late_weights.measure``.
    candidates : xarray.DataArray [candidate, hidden, seed, part]
        Sizes they might have.
    dataset : str
        For the title.

    Returns
    -------
    matplotlib Figure
    """
    drawn, axes = style.panels(4, height=2.6, low=1.85)
    parts = ["network", *(str(p) for p in widths.part.values if p != "network")]
    for ax, part in zip(axes[:3], parts, strict=False):
        by_width(ax, widths.sel(part=part), candidates.sel(part=part))
        ax.set_title(
            "whole network" if part == "network" else f"{part} ({'hidden' if part == 'layer 1' else 'output'})"
        )
    by_lmbda(axes[3], lmbdas)
    style.legend_of(drawn, axes[1])
    lost = sum(int((one.diverged_at >= 0).sum()) for one in (widths, lmbdas) if "diverged_at" in one.coords)
    every = (widths.sizes["hidden"] + lmbdas.sizes["lmbda"]) * widths.sizes["seed"]
    fate = f", {lost} of {every} runs diverged" if lost else ""
    seen = f"{style.plain(dataset)}, {widths.sizes['seed']} seeds, 95 % bands{fate}"
    style.title(drawn, f"Claim 3: does decay tail off at $1/\\sqrt{{n_w}}$? ({seen})")
    return drawn


def by_width(ax: "Axes", late: xr.Dataset, candidates: xr.DataArray) -> list[Any]:
    """Draw late weights against n_w with every candidate as a line.

    Returns
    -------
    list of artists
    """
    order = late.n_w.values.argsort()
    late, candidates = late.isel(hidden=order), candidates.isel(hidden=order)
    n_w = late.n_w.values
    artists: list[Any] = [
        ax.plot(n_w, candidates.sel(candidate=name).mean("seed"), lw=1.2, label=NAMES.get(name, name), **look)
        for name, look in LINES.items()
    ]
    sample = late.weight_rms.transpose("hidden", "seed").values
    artists.append(points(ax, n_w, sample, style.BLUE, "measured, late in the run", zorder=5))
    kept, note = np.isfinite(sample).all(axis=1), ""
    if kept.sum() >= 3:
        note = in_words(n_w[kept], sample[kept], "from width to width").replace(" from", "\nfrom")
        ax.annotate(
            note,
            (0.03, 0.04),
            xycoords="axes fraction",
            ha="left",
            va="bottom",
            fontsize=style.note_size(),
            color=style.BLUE,
        )
    if not np.isfinite(sample).any():
        _not_tailed_off(ax, late)
    ax.set_xscale("log")
    ax.set_yscale("log")
    if "\n" in note:  # two lines of text need room below the lowest candidate
        bottom, top = ax.get_ylim()
        ax.set_ylim(bottom * (bottom / top) ** _ROOM, top)
    style.plain_log(ax, "x")
    style.plain_log(ax, "y")
    ax.set_xlabel("number of weights $n_w$")
    ax.set_ylabel("late rms weight")
    return artists


def by_lmbda(ax: "Axes", late: xr.Dataset) -> list[Any]:
    """Draw each layer's late weights against lmbda, with the slope -1/2 it would have if Q did not depend on lmbda.

    Returns
    -------
    list of artists
    """
    late = late.sortby("lmbda")
    artists: list[Any] = []
    for i, part in enumerate(p for p in late.part.values if p != "network"):
        sample = late.weight_rms.sel(part=part).transpose("lmbda", "seed").values
        artists.append(
            points(ax, late.lmbda.values, sample, style.LAYERS[i], str(part), marker=style.MARKS[i % len(style.MARKS)])
        )
        mean = np.array([t_interval(row).value for row in sample])
        anchor = np.flatnonzero(np.isfinite(mean))
        if anchor.size:
            line = mean[anchor[-1]] * (late.lmbda / late.lmbda[anchor[-1]]) ** -0.5
            label = r"$\propto\lambda^{-1/2}$ through the last point" if i == 0 else None
            artists += ax.plot(late.lmbda, line, color=style.LAYERS[i], ls="--", lw=1, label=label)
    ax.set_xscale("log")
    ax.set_xticks(late.lmbda.values, [f"{value:g}" for value in late.lmbda.values])
    ax.set_xticks([], minor=True)
    ax.set_title("by regularisation rate")
    ax.set_xlabel("regularisation rate λ")
    ax.set_ylabel("late rms weight")
    if late.weight_rms.notnull().any():
        style.plain_log_y(ax)
        bottom, top = ax.get_ylim()
        ax.set_ylim(bottom, top * 4)
    else:
        _not_tailed_off(ax, late)
    ax.legend(loc="upper right")
    return artists


def _not_tailed_off(ax: "Axes", late: xr.Dataset) -> None:
    """Say in an empty panel why nothing was measured."""
    gone = int((late.diverged_at >= 0).sum()) if "diverged_at" in late.coords else 0
    what = f"{gone} runs diverged" if gone else "decay has not tailed off"
    ax.annotate(what, (0.5, 0.5), xycoords="axes fraction", ha="center", fontsize=style.note_size())
