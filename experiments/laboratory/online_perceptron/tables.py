"""Tables of the on-line perceptron."""

from typing import Any

import numpy as np
import xarray as xr

from experiments.laboratory.online_perceptron import equations
from experiments.laboratory.online_perceptron.settings import Settings
from wd_jax.stats.estimates import Estimate, t_interval
from wd_jax.stats.outcome import Table


def _interval(sample: Any, value: str = ".4g") -> str:
    found: Estimate = t_interval(np.asarray(sample))
    return found.with_digits(value, ".2g")


def way(preset: Settings, full: xr.Dataset, chains: xr.Dataset, law: xr.Dataset, places: list[int]) -> Table:
    """Lay out Q at some records.

    Parameters
    ----------
    preset : Settings
        Its starts.
    full, chains : xarray.Dataset
        Runs with the whole weight vector, and chains of Q and R.
    law : xarray.Dataset
        The equations: Q [start, record].
    places : list of int
        Which records.
    """
    chain, rows = chains.sel(size=preset.n_in), []
    for start in preset.starts:
        for place in places:
            alpha = float(full.alpha[place])
            rows.append(
                (
                    f"{start:g}",
                    f"{alpha:g}",
                    f"{float(law.Q.sel(start=start)[place]):.4f}",
                    _interval(full.Q.sel(start=start).isel(record=place), ".4f"),
                    _interval(chain.Q.sel(start=start).isel(record=place).mean("run"), ".4f"),
                    f"{start * np.exp(-2 * preset.gamma * alpha):.4f}",
                )
            )
    columns = ("Q(0)", "α", "equations", "whole weight vector", "chain of Q and R", "decay alone")
    note = f"Q at N = {preset.n_in}; mean over runs or seeds with 95 % interval."
    return Table("On the way", columns, tuple(rows), note)


def sizes(deviations: dict[int, xr.DataArray]) -> Table:
    """Lay out deviations from the equations [start, seed], by the number of inputs."""
    rows = []
    for size, found in deviations.items():
        for start in found.start.values.tolist():
            off = found.sel(start=start)
            rows.append((size, f"{start:g}", _interval(100 * off, ".3f"), _interval(100 * off * np.sqrt(size), ".3g")))
    columns = ("N", "Q(0)", "deviation, %", "times √N")
    return Table("How far a run is from the equations", columns, tuple(rows), "Root mean square of Q/Q(equations) − 1.")


def roots(preset: Settings, found: xr.DataArray, senses: dict[str, str]) -> Table:
    """Lay out thresholds [sense, start, seed] beside the law and its limit."""
    rows = []
    for sense, words in senses.items():
        for start in found.start.values.tolist():
            law = float(equations.threshold(sense, preset.eta, start))
            limit = equations.wide(sense, preset.eta) * start**-1.5
            rows.append(
                (words, f"{start:g}", _interval(found.sel(sense=sense, start=start)), f"{law:.4g}", f"{limit:.4g}")
            )
    columns = ("sense", "Q", "γ measured", "law at R = 0", "its limit for wide starts")
    return Table("Decay that dominates a wide start", columns, tuple(rows))
