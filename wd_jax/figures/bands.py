"""Simulation as points or bands: a mean over seeds with its interval."""

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from wd_jax.stats.estimates import t_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def band(ax: "Axes", series: xr.DataArray, color: str, label: str, x: str = "epoch", **line: Any) -> tuple[Any, Any]:
    """Draw the seeds' mean as a line and their 95 % interval of the mean as a band.

    Parameters
    ----------
    ax : matplotlib Axes
        Where to draw.
    series : xarray.DataArray [seed, x]
        Measurements; x is the name of the other dimension.
    color, label : str
        Of the line.
    **line
        Passed on to ``ax.plot``.

    Returns
    -------
    Line2D, PolyCollection
    """
    values = series.transpose(x, "seed").values
    found = [t_interval(row) for row in values]
    where = series[x].values
    (mean,) = ax.plot(where, [e.value for e in found], color=color, label=label, **line)
    fill = ax.fill_between(where, [e.low for e in found], [e.high for e in found], color=color, alpha=0.25, lw=0)
    return mean, fill


def points(ax: "Axes", x: Any, samples: np.ndarray, color: str, label: str, **marker: Any) -> Any:
    """Draw means over seeds as points with 95 % intervals.

    Parameters
    ----------
    ax : matplotlib Axes
        Where to draw.
    x : array [cell]
        Positions.
    samples : array [cell, seed]
        Measurements.
    color, label : str
        Of the points.

    Returns
    -------
    ErrorbarContainer
    """
    found = [t_interval(row) for row in samples]
    value = np.array([e.value for e in found])
    half = np.array([(e.high - e.low) / 2 for e in found])
    look: dict[str, Any] = {"marker": "o", "ls": "none", "ms": 4, "capsize": 2} | marker
    return ax.errorbar(x, value, yerr=half, color=color, label=label, **look)
