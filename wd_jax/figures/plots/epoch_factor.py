"""The factor of the weights per epoch: measured, exact and in the limit, and how far each is from the limit."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from wd_jax.figures import style
from wd_jax.figures.bands import band
from wd_jax.figures.needs import Needs, check_sweeps, diverged, settings, usable
from wd_jax.figures.sketch import Sketch, of_all

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from wd_jax.figures.drawn import Drawn

NEEDS = Needs(epochs=2, example="--lmbda 5 --eta 0.1 --seeds 8 --epochs 30 --dtype float64")
DEAD = "weights on dead inputs"


def epoch_factor(runs: xr.Dataset, ax: "Axes | Sequence[Axes] | None" = None, *, width: style.Width = "two") -> "Drawn":
    """Draw the factor of the weights per epoch, measured, exact and in the limit, and how far each is from the limit.

    Parameters
    ----------
    runs : xarray.Dataset
        Result of `wd_jax.sweep`, of one cell: ``runs.sel(lmbda=5)`` chooses one.
    ax : Axes or sequence of Axes, optional
        Where to draw, two; by default a figure is made.
    width : {"one", "two"}
        Columns of a paper that a figure made here is as wide as: 3.25 or 6.75 inches.

    Returns
    -------
    wd_jax.figures.Drawn
        Figure, axes and artists. Nothing is shown: a notebook shows it, ``.save("epoch_factor.png")`` writes it.

    Raises
    ------
    TypeError, ValueError
        In one line with the remedy, for what is no such sweep, and for too many or too few axes.

    Examples
    --------
    >>> import wd_jax as wd
    >>> setup = wd.Setup(widths=(16, 8, 4))
    >>> runs = wd.sweep(setup, wd.data.null(), lmbda=10.0, eta=0.1, seeds=2, epochs=3, progress=False)
    >>> drawn = wd.figures.epoch_factor(runs)
    >>> list(drawn.artists["factor"])
    ['layer 1 (hidden)', 'layer 2 (output)', 'weights on dead inputs', 'exact', 'limit']
    """
    with style.around(ax, width):
        return sketch(usable("epoch_factor", NEEDS, runs)).draw("epoch_factor", ax, width)


def sketch(runs: xr.Dataset) -> Sketch:
    """Lay out the factors beside their distance from the limit.

    Parameters
    ----------
    runs : xarray.Dataset
        One cell of a sweep: dimensions seed, layer, epoch.
    """
    check_sweeps(runs)
    from wd_jax import theory

    measured = factors(runs)
    exact, limit = (float(theory.evaluate("epoch_decay", name, runs)) for name in
                    ("per_epoch_factor", "per_epoch_factor_limit"))  # fmt: skip
    title = f"Factor per epoch ({settings(runs, 'eta', 'lmbda', 'm')}, 95 % bands)"
    panels = {
        "factor": partial(panel, measured=measured, exact=exact, limit=limit),
        "distance from the limit": partial(distances, measured=measured, exact=exact, limit=limit),
    }
    return Sketch(title, panels, height=2.6, legend=of_all, doubt=", ".join(diverged(runs)))


def factors(runs: xr.Dataset) -> dict[str, xr.DataArray]:
    """Give w(e)/w(e-1) for whole epochs e, per layer and for weights on dead inputs where there are any.

    Returns
    -------
    dict of str to xarray.DataArray [seed, epoch]
        Dimensionless, without epoch 0.
    """
    whole = runs.sel(epoch=np.isclose(runs.epoch % 1, 0))
    rms = {style.layer_name(k, runs): whole.weight_rms.sel(layer=k, drop=True) for k in runs.layer.values}
    if "dead_input_rms" in whole and whole.dead_input_rms.notnull().any():
        rms[DEAD] = whole.dead_input_rms
    return {name: (series / series.shift(epoch=1)).isel(epoch=slice(1, None)) for name, series in rms.items()}


def panel(ax: "Axes", measured: Mapping[str, xr.DataArray], exact: float, limit: float) -> dict[str, Any]:
    """Draw measured factors as bands, the exact one and its limit as lines.

    Parameters
    ----------
    ax : matplotlib Axes
        Where to draw.
    measured : mapping of str to xarray.DataArray [seed, epoch]
        Factors per epoch, dimensionless.
    exact, limit : float
        (1 - eta lmbda/n)^(n/m) and exp(-eta lmbda/m).

    Returns
    -------
    dict of str to artists
    """
    artists: dict[str, Any] = {}
    for i, (name, series) in enumerate(measured.items()):
        artists[name] = band(ax, series, style.LAYERS[i], name, **style.mark(i, series.sizes["epoch"]))
    artists |= _theory(ax, {"exact": exact, "limit": limit})
    ax.axhline(1, color=style.GREY, lw=0.8)
    ax.set_xlabel("epoch")
    ax.set_ylabel("factor of the rms weight")
    return artists


def distances(ax: "Axes", measured: Mapping[str, xr.DataArray], exact: float, limit: float) -> dict[str, Any]:
    """Draw how far the factors are from the limit, abs(factor/limit - 1), on a logarithmic axis.

    Returns
    -------
    dict of str to artists
    """
    artists: dict[str, Any] = {}
    for i, (name, series) in enumerate(measured.items()):
        far = abs(series / limit - 1)
        artists[name] = band(ax, far, style.LAYERS[i], "", **style.mark(i, series.sizes["epoch"]))
    artists |= _theory(ax, {"exact": abs(exact / limit - 1)}, labelled=False)
    style.plain_log(ax, "y")
    ax.set_xlabel("epoch")
    ax.set_ylabel("|factor / limit − 1|")
    return artists


def _theory(ax: "Axes", levels: Mapping[str, float], labelled: bool = True) -> dict[str, Any]:
    names = {"exact": "theory: (1 − ηλ/n)$^{n/m}$", "limit": "theory: limit exp(−ηλ/m)"}
    looks = {"exact": {"ls": "--", "lw": 1.2}, "limit": {"ls": ":", "lw": 1.6}}
    return {
        name: ax.axhline(level, color=style.BLACK, label=names[name] if labelled else None, zorder=4, **looks[name])
        for name, level in levels.items()
        if np.isfinite(level)  # from eta lmbda/n = 1 on there is no exact factor
    }
