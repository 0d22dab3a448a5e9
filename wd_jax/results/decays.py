"""How the rules of a result decay, and by how much in a step: read from the result itself."""

import numpy as np
import xarray as xr

from wd_jax.optimisers import rules
from wd_jax.optimisers.decays import ways
from wd_jax.optimisers.decays.decay import Decay


def of_runs(runs: xr.Dataset | xr.DataArray) -> dict[str, Decay]:
    """Give the way to decay of each rule of a result, by the rule's name.

    Parameters
    ----------
    runs : xarray.Dataset or xarray.DataArray
        A result of `wd_jax.sweep`, or a part of one; empty where it does not name its rules.

    Examples
    --------
    >>> of_runs(xr.Dataset(coords={"optimiser": ("x", ["sgd", "adam_l2"])}))
    {'sgd': Decay('decoupled'), 'adam_l2': Decay('coupled')}
    """
    if "optimiser" not in runs.coords:
        return {}
    texts = runs.coords["update_rule"] if "update_rule" in runs.coords else xr.DataArray("")
    both = xr.broadcast(runs.coords["optimiser"].reset_coords(drop=True), texts.reset_coords(drop=True))
    pairs = zip(*(np.ravel(one.values).tolist() for one in both), strict=True)
    named = {name: text for name, text in pairs if name == name}
    return {
        name: rules.LIBRARY[name].decay if name in rules.LIBRARY else ways.said(str(text))
        for name, text in named.items()
    }


def per_rule(runs: xr.Dataset) -> dict[str, tuple[Decay, xr.DataArray]]:
    """Give, for each rule, its way to decay and the decay per step of a weight without gradient, its memory settled.

    Parameters
    ----------
    runs : xarray.Dataset
        A result of `wd_jax.sweep`.

    Returns
    -------
    dict of str to (Decay, xarray.DataArray)
        The latter over the dimensions of the numbers it depends on, dimensionless; NaN where a decay has no rate, and
        where another rule was run.
    """
    found = of_runs(runs)
    if len(found) == 1:
        return {name: (decay, _rate(name, decay, runs)) for name, decay in found.items()}
    return {name: (decay, _rate(name, decay, runs).where(runs.optimiser == name)) for name, decay in found.items()}


def _rate(rule: str, decay: Decay, runs: xr.Dataset) -> xr.DataArray:
    idle = decay.idle
    if idle is None:
        return xr.DataArray(np.nan)
    if decay.symbol:  # works on arrays
        return xr.DataArray(idle({name: runs[name] for name in ("eta", "lmbda", "n")}))
    needed = [name for name in (*rules.LIBRARY[rule].names, "n") if name != "init_scale"]

    def one(*values: float) -> float:
        there = all(value == value for value in values)
        return idle(dict(zip(needed, values, strict=True))) if there else np.nan

    return xr.apply_ufunc(np.vectorize(one, otypes=[float]), *(runs[name] for name in needed))
