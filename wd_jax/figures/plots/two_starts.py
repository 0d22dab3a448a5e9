"""Claim 4: both initialisations side by side, and the book's curve where there is one."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from wd_jax.figures import style
from wd_jax.figures.bands import band
from wd_jax.figures.needs import Needs, check_sweeps, diverged, settings, usable
from wd_jax.figures.sketch import Sketch
from wd_jax.stats.estimates import prediction_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from wd_jax.figures.drawn import Drawn

NEEDS = Needs(
    axes=("init",),
    values=(("init", ("gaussian", "fan_in")),),
    variables=("weight_rms", "saturated", "accuracy"),
    epochs=4,
    example="--init gaussian fan_in --lmbda 5 --seeds 8 --epochs 240",
)
SATURATED = "hidden units outside [0.1, 0.9]"
BOOK_EPOCHS = 30
"""Epochs the book's figures show."""


def two_starts(
    runs: xr.Dataset,
    ax: "Axes | Sequence[Axes] | None" = None,
    *,
    published: Mapping[str, tuple[int, ...]] | None = None,
    images: int = 10_000,
    width: style.Width = "two",
) -> "Drawn":
    """Draw weights, saturation and accuracy from N(0, 1) and from N(0, 1/n_in), and a published curve if there is one.

    Parameters
    ----------
    runs : xarray.Dataset
        Result of `wd_jax.sweep` over init, gaussian and fan_in, with accuracies.
    ax : Axes or sequence of Axes, optional
        Where to draw, four; by default a figure is made.
    published : mapping of str to tuple of int, optional
        Right validation images after each epoch, by init.
    images : int
        Images that those counts are of.
    width : {"one", "two"}
        Columns of a paper that a figure made here is as wide as: 3.25 or 6.75 inches.

    Returns
    -------
    wd_jax.figures.Drawn
        Figure, axes and artists. Nothing is shown: a notebook shows it, ``.save("two_starts.png")`` writes it.

    Raises
    ------
    TypeError, ValueError
        In one line with the remedy, for what is no such sweep, and for too many or too few axes.

    Examples
    --------
    >>> import wd_jax as wd
    >>> setup, starts = wd.Setup(widths=(64, 8, 10)), ["gaussian", "fan_in"]
    >>> runs = wd.sweep(setup, wd.data.digits(), init=starts, lmbda=5.0, eta=0.1, seeds=2, epochs=4, progress=False)
    >>> [ax.get_ylabel() for ax in wd.figures.two_starts(runs).axes]
    ['rms weight', 'rms weight', 'fraction saturated', 'right (%)']
    """
    with style.around(ax, width):
        return sketch(usable("two_starts", NEEDS, runs), published, images).draw("two_starts", ax, width)


def sketch(runs: xr.Dataset, published: Mapping[str, tuple[int, ...]] | None = None, images: int = 10_000) -> Sketch:
    """Lay out weights, saturation and accuracy from both starts.

    Parameters
    ----------
    runs : xarray.Dataset
        With dimension init.
    published : mapping of str to tuple of int, optional
        Correct validation images after each epoch, per init.
    images : int
        Images those counts are of.
    """
    check_sweeps(runs)
    from wd_jax import theory

    large = runs.sel(init="gaussian", layer=1)
    start = large.weight_rms.sel(epoch=0, drop=True).mean("seed")
    pure = theory.evaluate("epoch_decay", "weight_rms", large, weight_rms_0=start)
    n_in = float(runs.n_in.sel(layer=1))
    t_star = float(theory.evaluate("initialisation", "epochs_to_fan_in", large, n_in=n_in))
    last = runs.layer.values[-1]
    right = runs.accuracy.sel(split="validation") * 100
    book = {init: np.array(counts) / images * 100 for init, counts in (published or {}).items()}
    seen = "dots: the book" if published else "band: one more run"

    def hidden(ax: "Axes") -> dict[str, Any]:
        return by_start(ax, runs.weight_rms.sel(layer=1)) | target(ax, pure, n_in**-0.5, t_star)

    def draw(title: str, label: str, fill: Callable[["Axes"], dict[str, Any]], ax: "Axes") -> dict[str, Any]:
        artists = fill(ax)
        ax.set(title=title, ylabel=label, xlabel="epoch")
        return artists

    drawers: tuple[tuple[str, str, Callable[[Axes], dict[str, Any]]], ...] = (
        (style.layer_name(1, runs), "rms weight", hidden),
        (style.layer_name(last, runs), "rms weight", partial(by_start, series=runs.weight_rms.sel(layer=last))),
        (SATURATED, "fraction saturated", partial(by_start, series=runs.saturated.sel(layer=1))),
        (f"validation accuracy ({seen})", "right (%)", partial(against_book, right=right, book=book)),
    )
    title = f"Claim 4: does decay imitate the better start? ({settings(runs)}, 95 % bands)"
    panels = {name: partial(draw, name, label, fill) for name, label, fill in drawers}
    return Sketch(title, panels, height=2.4, low=1.8, doubt=", ".join(diverged(runs)))


def by_start(ax: "Axes", series: xr.DataArray) -> dict[str, Any]:
    """Draw one quantity from both starts.

    Parameters
    ----------
    ax : matplotlib Axes
        Where to draw.
    series : xarray.DataArray [init, seed, epoch]
        Measurements.

    Returns
    -------
    dict of str to (Line2D, PolyCollection)
    """
    names = [str(init) for init in series.init.values]
    return {
        init: band(ax, series.sel(init=init), style.STARTS[init], style.START_NAMES[init],
                   **style.mark(i + 1, series.sizes["epoch"]))
        for i, init in enumerate(names)
    }  # fmt: skip


def target(ax: "Axes", pure: xr.DataArray, size: float, t_star: float) -> dict[str, Any]:
    """Draw pure decay, the size 1/sqrt(n_in) and the time t* at which the one reaches the other.

    Returns
    -------
    dict of str to artists
    """
    (decay,) = ax.plot(pure.epoch, pure, color=style.BLACK, ls="--", lw=1.1, label="theory: decay alone")
    level = ax.axhline(size, color=style.GREY, ls=":", label=r"$1/\sqrt{n_{in}}$, reached by decay alone at t*")
    (star,) = ax.plot([t_star], [size], marker="*", ms=9, color=style.BLACK, ls="none")
    note = ax.annotate(f"t* = {t_star:.1f}", (t_star, size), xytext=(5, 5), textcoords="offset points",
                       fontsize=style.note_size())  # fmt: skip
    ax.set_yscale("log")
    ax.set_ylim(size / 2, 1.5)
    style.plain_log(ax, "y")
    return {"decay": decay, "level": level, "t*": star, "note": note}


def against_book(ax: "Axes", right: xr.DataArray, book: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Draw the accuracy from both starts with the range of one more run, and the book's points over it.

    Parameters
    ----------
    ax : matplotlib Axes
        Where to draw.
    right : xarray.DataArray [init, seed, epoch]
        Per cent right.
    book : mapping of str to array [epoch]
        Published per cent after each epoch, from the first; may be empty.

    Returns
    -------
    dict of str to artists
        Per start, and per start with " book".
    """
    artists: dict[str, Any] = {}
    for i, init in enumerate(str(init) for init in right.init.values):
        artists[init] = spread(ax, right.sel(init=init), style.STARTS[init], **style.mark(i + 1, 30))
        if init in book:
            dots = {"ls": "none", "marker": "o", "ms": 2.5, "mec": style.BLACK, "mew": 0.4}
            epochs = np.arange(1, len(book[init]) + 1)
            (artists[f"{init} book"],) = ax.plot(epochs, book[init], color=style.STARTS[init], **dots)
    last = max((len(values) for values in book.values()), default=BOOK_EPOCHS)
    ax.set_xlim(0, last + 1)
    shown = right.sel(epoch=slice(1, last))
    if shown.notnull().any():
        top = min(100.0, float(shown.max()) + 1)
        ax.set_ylim(min(float(shown.isel(epoch=slice(0, 3)).mean("epoch").min()), top - 1), top)
    return artists


def spread(ax: "Axes", series: xr.DataArray, color: str, **line: Any) -> tuple[Any, Any]:
    """Draw the mean over seeds and the range in which one more run would lie with 95 % probability.

    Parameters
    ----------
    ax : matplotlib Axes
        Where to draw.
    series : xarray.DataArray [seed, epoch]
        Measurements.
    color : str
        Of the line and the band.
    **line
        Passed on to ``ax.plot``.

    Returns
    -------
    Line2D, PolyCollection or None
        No band from fewer than two seeds that did not diverge.
    """
    (mean,) = ax.plot(series.epoch, series.mean("seed"), color=color, **line)
    if series.sizes["seed"] < 2:
        return mean, None
    values = series.transpose("seed", "epoch").values
    whole = values[np.isfinite(values[:, -1])]  # a seed that diverged says nothing of one more run
    if len(whole) < 2:
        return mean, None
    low, high = prediction_interval(whole)
    return mean, ax.fill_between(series.epoch, low, high, color=color, alpha=0.2, lw=0)
