"""Who diverged, and how it is said: one place for comparisons, experiments, figures and summaries."""

from typing import TypeVar

import numpy as np
import xarray as xr

from wd_jax.conventions import per_step_decay
from wd_jax.optimisers.decays import decoupled
from wd_jax.results import decays

UNSTABLE = 2.0
"""Decay per step, eta lmbda/n, from which a step takes a weight farther beyond zero than it was away from it."""
_NAMED = 3
Runs = TypeVar("Runs", xr.Dataset, xr.DataArray)


def carried(runs: Runs) -> Runs:
    """Make `diverged_at` a coordinate, which travels with every variable taken from the result.

    Examples
    --------
    >>> runs = xr.Dataset({"weight_rms": ("seed", [1.0, 2.0]), "diverged_at": ("seed", [-1, 4])})
    >>> carried(runs).weight_rms.diverged_at.values.tolist()
    [-1, 4]
    """
    if isinstance(runs, xr.Dataset) and "diverged_at" in runs.data_vars:
        return runs.set_coords("diverged_at")
    return runs


def lost(runs: xr.Dataset | xr.DataArray) -> xr.DataArray:
    """Which members have no value because they diverged.

    Parameters
    ----------
    runs : xarray.Dataset or xarray.DataArray
        A result of `wd_jax.sweep`, a part of it, or what was computed from it.

    Returns
    -------
    xarray.DataArray of bool
        Over the dimensions of `diverged_at`, and over `epoch` where there is one: a member is lost from the epoch on at
        which it diverged. Where epochs were averaged or selected away it is lost altogether, as it has no number for
        all of them. False without dimensions if `runs` does not say who diverged.

    Examples
    --------
    >>> runs = xr.DataArray([1.0, 2.0], {"diverged_at": ("seed", [-1, 4])}, "seed")
    >>> lost(runs).values.tolist(), lost(runs.assign_coords(epoch=3)).values.tolist()
    ([False, True], [False, False])
    """
    if "diverged_at" not in (runs.variables if isinstance(runs, xr.Dataset) else runs.coords):
        return xr.DataArray(False)
    epoch = runs["diverged_at"].reset_coords(drop=True)
    gone = epoch >= 0
    return gone & (runs.epoch.reset_coords(drop=True) >= epoch) if "epoch" in runs.coords else gone


def who(runs: xr.Dataset) -> xr.DataArray:
    """Give which members of a result diverged at any time.

    Parameters
    ----------
    runs : xarray.Dataset
        With `weight_rms`.

    Returns
    -------
    xarray.DataArray of bool
        Over the swept axes and, where there are several, `seed`.
    """
    one = runs["weight_rms"].isel({dim: 0 for dim in ("layer", "epoch") if dim in runs["weight_rms"].dims})
    at = runs["diverged_at"].reset_coords(drop=True) if "diverged_at" in runs.variables else xr.DataArray(-1)
    return (at >= 0).broadcast_like(one.reset_coords(drop=True)).transpose(*one.dims)


def counted(runs: xr.Dataset) -> str:
    """Say how many members of a result diverged at any time, and what to lower; nothing if none did.

    Examples
    --------
    >>> dims, facts = ("lmbda", "seed"), {"eta": 0.1, "lmbda": [5.0, 3e4], "n": 1000}
    >>> runs = xr.Dataset({"weight_rms": (dims, [[1.0, 2.0]] * 2), "diverged_at": (dims, [[-1, -1], [1, 1]])}, facts)
    >>> counted(runs)
    '2 of 4 runs diverged: lower eta or lmbda; eta*lmbda/n = 3 >= 2 there'
    """
    return said(who(runs), runs)


def said(gone: xr.DataArray, runs: xr.Dataset | xr.DataArray, what: str = "runs diverged") -> str:
    """Say how many members diverged, and what to lower; nothing if none did.

    Parameters
    ----------
    gone : xarray.DataArray of bool
        Over the axes and `seed`: who diverged.
    runs : xarray.Dataset or xarray.DataArray
        With coordinates from which the decay per step follows, where it has them.
    what : str
        Who did what, in words.
    """
    count = int(gone.sum())
    if not count:
        return ""
    first = f"{count} of {gone.size} {what}"
    known = decays.of_runs(runs)
    plain = all(one == decoupled.DECAY for one in known.values())
    decay = _decay(runs) if plain else None
    if decay is None:
        return f"{first}: lower eta{' or lmbda' if known else ''}"
    there = xr.broadcast(decay.reset_coords(drop=True), gone.reset_coords(drop=True))
    values = np.sort(there[0].values[there[1].values])
    if not values.any():
        return f"{first}: lower eta"
    over = values[~(values < UNSTABLE)]
    if not over.size:
        return f"{first}: lower eta; eta*lmbda/n = {_span(values)} < 2 there, so it is not decay that diverges"
    if over.size < values.size:
        return f"{first}: lower eta or lmbda; eta*lmbda/n = {_span(over)} >= 2 in {over.size} of them"
    return f"{first}: lower eta or lmbda; eta*lmbda/n = {_span(over)} >= 2 there"


def _decay(runs: xr.Dataset | xr.DataArray) -> xr.DataArray | None:
    """Give the decay per step of each cell, from the coordinates that a result has."""
    known = runs.variables if isinstance(runs, xr.Dataset) else runs.coords
    if all(name in known for name in ("eta", "lmbda", "n")):
        return per_step_decay(runs["eta"].astype(float), runs["lmbda"].astype(float), runs["n"])
    return 1 - runs["per_step_factor"] if "per_step_factor" in known else None


def _span(values: np.ndarray) -> str:
    """Name sorted numbers: each of a few, the ends of many."""
    texts = list(dict.fromkeys(f"{value:.3g}" for value in values))
    if len(texts) <= _NAMED:
        return " and ".join(filter(None, (", ".join(texts[:-1]), texts[-1])))
    return f"{texts[0]} to {texts[-1]}"
