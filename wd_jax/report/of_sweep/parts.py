"""A sweep cut into parts that a law can speak of: one update rule, one schedule, one network each."""

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from wd_jax.results import divergence, status
from wd_jax.results.status import FAILED, MISSING
from wd_jax.results.variables import VARIABLES

WITHIN = ("seed", "layer", "epoch")


@dataclass(frozen=True)
class Part:
    """A part of a sweep, with what tells it from the others.

    Attributes
    ----------
    where : tuple of (str, object)
        Axes of words and the part's values; empty where the sweep is one part.
    runs : xarray.Dataset
        With the dimensions seed, layer, epoch and the axes of numbers.
    """

    where: tuple[tuple[str, Any], ...]
    runs: xr.Dataset

    @property
    def label(self) -> str:
        """The values of the axes of words, such as "optimiser adamw"; empty where the sweep is one part."""
        return ", ".join(f"{axis} {value}" for axis, value in self.where)

    @property
    def of_laboratory(self) -> bool:
        """Whether gradients were made up."""
        return "gradients" in self.runs.coords

    @property
    def scheduled(self) -> bool:
        """Whether a schedule changes the rate or the decay."""
        names = ("eta_schedule", "lmbda_schedule")
        return any(name in self.runs.coords and self.runs[name].item() != "constant" for name in names)


def axes(runs: xr.Dataset) -> tuple[str, ...]:
    """Name the swept axes.

    Examples
    --------
    >>> axes(xr.Dataset({"weight_rms": (("lmbda", "seed", "layer", "epoch"), np.ones((2, 1, 1, 1)))}))
    ('lmbda',)
    """
    return tuple(str(dim) for dim in runs.weight_rms.dims if dim not in WITHIN)


def whole(runs: xr.Dataset) -> xr.Dataset:
    """Give a result its dimensions seed and layer back where one value of them was selected.

    Parameters
    ----------
    runs : xarray.Dataset
        From `wd_jax.sweep`, `wd_jax.lab` or `wd_jax.open`, or a selection.

    Raises
    ------
    ValueError
        For one without records over time, or without labels of what was selected.
    """
    runs = divergence.carried(runs)
    for dim, owners in (("seed", ("diverged_at", status.STATUS)), ("layer", ("n_w", "n_in", "layer_name"))):
        if dim in runs.weight_rms.dims:
            continue
        if dim not in runs.coords:
            raise ValueError(f"runs has no {dim}: give the whole result of sweep, or select with runs.sel({dim}=[...])")
        own = [str(name) for name in runs.data_vars if dim == "seed" or "layer" in _dims(str(name))]
        value, bare = runs[dim].item(), runs.drop_vars(dim)
        grown = {name: bare[name].expand_dims({dim: [value]}) for name in (*own, *owners) if name in bare.variables}
        runs = bare.assign_coords({name: grown.pop(name) for name in owners if name in grown}).assign(grown)
    if "epoch" not in runs.weight_rms.dims:
        raise ValueError("runs has no dimension epoch: give the whole result of sweep, with all of its records")
    return status.added(runs)


def _dims(name: str) -> tuple[str, ...]:
    """Name the dimensions of a variable besides the members' and the records'."""
    return (*VARIABLES[name].dims,) if name in VARIABLES else ("layer",) * name.startswith("weight_")


def parts(runs: xr.Dataset) -> tuple[Part, ...]:
    """Cut a sweep along its axes of words.

    Parameters
    ----------
    runs : xarray.Dataset
        With the dimensions seed, layer and epoch.

    Examples
    --------
    >>> rms = (("optimiser", "seed", "layer", "epoch"), np.ones((2, 1, 1, 1)))
    >>> [part.label for part in parts(xr.Dataset({"weight_rms": rms}, {"optimiser": ["sgd", "adamw"]}))]
    ['optimiser sgd', 'optimiser adamw']
    """
    words = [axis for axis in axes(runs) if axis in runs.coords and runs[axis].dtype.kind not in "iuf"]
    found = []
    for values in itertools.product(*(runs[axis].values.tolist() for axis in words)):
        where = tuple(zip(words, values, strict=True))
        found.append(Part(where, runs.sel(dict(where))))
    return tuple(found)


def there(runs: xr.Dataset) -> xr.DataArray:
    """Say of each cell whether any member of it was run: one of a run that goes on may be missing whole."""
    if status.STATUS not in runs.coords:
        return xr.DataArray(True)
    known = runs[status.STATUS].reset_coords(drop=True)
    run = (known != MISSING) & (known != FAILED)
    return run.any("seed") if "seed" in run.dims else run


def absent(runs: xr.Dataset) -> int:
    """Count the members that are not there: not run yet, or failed."""
    if status.STATUS not in runs.coords:
        return 0
    return int(np.isin(runs[status.STATUS].values, [MISSING, FAILED]).sum())
