"""Claim 4: both initialisations side by side, and the book's curve where there is one."""

import numpy as np
import xarray as xr

from wd_jax.estimates import prediction_interval
from wd_jax.figures import style
from wd_jax.figures.bands import band

BOOK_EPOCHS = 30
"""Epochs the book's figures show."""


def figure(
    runs: xr.Dataset, pure: xr.DataArray, published: dict[str, tuple[int, ...]] | None = None, images: int = 10_000
):
    """Draw weights, saturation and accuracy from both starts.

    Parameters
    ----------
    runs : xarray.Dataset
        With dimension init.
    pure : xarray.DataArray [epoch]
        weight_rms from 1 by decay alone.
    published : dict of str to tuple of int, optional
        Correct validation images after each epoch, per init.
    images : int
        Images those counts are of.

    Returns
    -------
    matplotlib Figure
    """
    drawn, axes = style.new(2, 2, 7.2, 5.6)
    hidden, output, saturated, accuracy = axes.flat
    for init in runs.init.values:
        one = runs.sel(init=init)
        look = {"color": style.STARTS[str(init)], "label": style.START_NAMES[str(init)]}
        band(hidden, one.weight_rms.sel(layer=1), **look)
        band(output, one.weight_rms.sel(layer=2), **look)
        band(saturated, one.saturated.sel(layer=1), **look)
        spread(accuracy, one.accuracy.sel(split="validation") * 100, look["color"])
        if published:
            counts = np.array(published[str(init)])
            dots = {"ls": "none", "marker": "o", "ms": 2.5, "mec": style.BLACK, "mew": 0.4}
            accuracy.plot(np.arange(1, len(counts) + 1), counts / images * 100, color=look["color"], **dots)
    hidden.plot(pure.epoch, pure, color=style.BLACK, ls="--", lw=1.1, label="theory: decay alone")
    n_in = float(runs.n_in.sel(layer=1))
    hidden.axhline(n_in**-0.5, color=style.GREY, ls=":", label=r"$1/\sqrt{n_{in}}$, reached by decay alone at t*")
    t_star = float(np.log(n_in) / 2 / (runs.eta * runs.lmbda * runs.steps_per_epoch / runs.n))
    hidden.plot([t_star], [n_in**-0.5], marker="*", ms=9, color=style.BLACK, ls="none")
    hidden.annotate(f"t* = {t_star:.1f}", (t_star, n_in**-0.5), xytext=(5, 5), textcoords="offset points", fontsize=8)
    for ax, title, label in (
        (hidden, "layer 1 (hidden)", "rms weight (dimensionless)"),
        (output, "layer 2 (output)", "rms weight (dimensionless)"),
        (saturated, "hidden units outside [0.1, 0.9]", "fraction saturated"),
        (
            accuracy,
            "validation accuracy (" + ("dots: the book" if published else "band: one run") + ")",
            "right (%)",
        ),
    ):
        ax.set(title=title, ylabel=label, xlabel="epoch")
    style.plain_log_y(hidden)
    hidden.set_ylim(n_in**-0.5 / 2, 1.5)
    book = len(next(iter(published.values()))) if published else BOOK_EPOCHS
    accuracy.set_xlim(0, book + 1)
    shown = runs.accuracy.sel(split="validation", epoch=slice(1, book)) * 100
    accuracy.set_ylim(float(shown.isel(epoch=slice(0, 3)).mean("epoch").min()), min(100.0, float(shown.max()) + 1))
    drawn.legend(*hidden.get_legend_handles_labels(), loc="outside lower center", ncols=4)
    settings = f"{runs.attrs['dataset']}, {runs.sizes['seed']} seeds, 95 % bands"
    drawn.suptitle(f"Claim 4: does decay imitate the better start? ({settings})", fontsize=10)
    return drawn


def spread(ax, series: xr.DataArray, color: str):
    """Draw the mean over seeds and the range in which one more run would lie with 95 % probability.

    Parameters
    ----------
    ax : matplotlib Axes
        Where to draw.
    series : xarray.DataArray [seed, epoch]
        Measurements.
    color : str
        Of the line and the band.

    Returns
    -------
    Line2D, PolyCollection
    """
    low, high = prediction_interval(series.transpose("seed", "epoch").values)
    (mean,) = ax.plot(series.epoch, series.mean("seed"), color=color)
    return mean, ax.fill_between(series.epoch, low, high, color=color, alpha=0.2, lw=0)
