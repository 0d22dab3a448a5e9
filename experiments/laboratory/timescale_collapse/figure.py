"""Accuracy against the timescale and against lmbda, what explains it, and where the best decay is."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from experiments.laboratory.timescale_collapse.settings import Settings
from wd_jax.figures import style
from wd_jax.stats.estimates import Estimate, exp, t_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WORDS = {"tau_run": "τ/T", "tau": "τ", "lmbda": "λ", "eta": "η", "epochs": "T", "path": "ηT"}
LINES = ("-", "--", ":", "-.")


def figure(
    preset: Settings,
    runs: xr.Dataset,
    numbers: dict[str, xr.DataArray],
    shares: dict[str, dict[str, Estimate]],
    log_lmbda: xr.DataArray,
) -> "Figure":
    """Draw four panels.

    Parameters
    ----------
    preset : Settings
        Its settings.
    runs : xarray.Dataset
        ``accuracy`` [split, eta, lmbda, epochs, seed].
    numbers : dict of array [eta, lmbda, epochs]
        Candidates by name.
    shares : dict of dict of Estimate
        Share of variance, by measure and candidate.
    log_lmbda : xarray.DataArray [eta, epochs, seed]
        Logarithm of the best lmbda.

    Returns
    -------
    matplotlib Figure
    """
    drawn, (first, second, third, fourth) = style.panels(4, height=2.3)
    accuracy = runs.accuracy.sel(split="test").mean("seed")
    for ax, name, label in ((first, "tau_run", "τ/T, timescale over run"), (second, "lmbda", "λ")):
        _curves(ax, numbers[name], accuracy, runs)
        style.plain_log(ax, "x")
        ax.set_xlabel(label)
        ax.set_ylabel("test accuracy")
    _bars(third, shares)
    _best(fourth, runs, log_lmbda)
    handles, labels = _legend(runs)
    style.legend(drawn, handles, labels)
    style.title(
        drawn, f"Runs of AdamW against their timescale τ = m/(ηλ) epochs, T epochs in all ({preset.dataset}, 95 %)"
    )
    return drawn


def _curves(ax: "Axes", x: xr.DataArray, y: xr.DataArray, runs: xr.Dataset) -> None:
    for i, eta in enumerate(runs.eta.values):
        for j, epochs in enumerate(runs.epochs.values):
            place = {"eta": eta, "epochs": epochs}
            look = {
                "color": style.SERIES[i % 6],
                "ls": LINES[j % 4],
                "marker": style.MARKS[j % 6],
                "ms": 2.5,
                "lw": 0.9,
            }
            ax.plot(x.sel(place).values, y.sel(place).values, **look)


def _bars(ax: "Axes", shares: dict[str, dict[str, Estimate]]) -> None:
    looks = (("accuracy", style.BLUE, "o", -0.12), ("cost", style.RED, "s", 0.12))
    for which, color, mark, shift in looks:
        found = list(shares[which].values())
        values = np.asarray([e.value for e in found])
        errors = [[e.value - e.low for e in found], [e.high - e.value for e in found]]
        ax.errorbar(np.arange(len(found)) + shift, values, errors, color=color, marker=mark, ls="none", label=which)
    ax.axhline(0.9, color=style.BLACK, ls="--", lw=0.9)
    ax.set_xticks(range(len(WORDS)), list(WORDS.values()))
    ax.set_ylim(min(-0.15, ax.get_ylim()[0]), 1.25)
    ax.set_ylabel("share explained")
    ax.set_xlabel("by a function of")
    ax.set_xlim(-0.5, len(WORDS) - 0.5)
    place = {"xycoords": ("axes fraction", "data"), "xytext": (-2, 3), "textcoords": "offset points", "ha": "right"}
    ax.annotate("collapse", (1, 0.9), fontsize=style.note_size(), **place)
    ax.legend(loc="upper left", ncols=2, fontsize=style.note_size())


def _best(ax: "Axes", runs: xr.Dataset, log_lmbda: xr.DataArray) -> None:
    eta = runs.eta.values
    for j, epochs in enumerate(runs.epochs.values):
        found = [exp(t_interval(row)) for row in log_lmbda.sel(epochs=epochs).transpose("eta", "seed").values]
        values = np.asarray([e.value for e in found])
        errors = [[e.value - e.low for e in found], [e.high - e.value for e in found]]
        shift = 1.04 ** (j - 1)
        ax.errorbar(eta * shift, values, errors, color=style.GREY, marker=style.MARKS[j % 6], ls=LINES[j % 4], lw=0.9)
    inside = log_lmbda.isel(epochs=-1).values
    inside = inside[np.isfinite(inside)]
    level = np.exp(inside.mean() if inside.size else np.log(runs.lmbda.values).mean())
    kept = level * np.exp(np.log(eta).mean()) / eta
    ax.plot(eta, kept, color=style.BLACK, lw=1.1)
    style.plain_log(ax, "x")
    style.plain_log(ax, "y")
    place = {"xytext": (14, 0), "textcoords": "offset points", "va": "center"}
    ax.annotate("if the optimum kept τ", (eta[0], kept[0]), fontsize=style.note_size(), **place)
    ax.set_xlabel("learning rate η")
    ax.set_ylabel("best λ (validation cost)")


def _legend(runs: xr.Dataset) -> tuple[list, list[str]]:
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], color=style.SERIES[i % 6]) for i in range(runs.sizes["eta"])]
    labels = [f"η = {eta:g}" for eta in runs.eta.values]
    handles += [
        Line2D([], [], color=style.GREY, ls=LINES[j % 4], marker=style.MARKS[j % 6])
        for j in range(runs.sizes["epochs"])
    ]
    return handles, labels + [f"T = {epochs}" for epochs in runs.epochs.values]
