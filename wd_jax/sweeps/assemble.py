"""From measured arrays to a labelled `xarray.Dataset`: each member's numbers into their place."""

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from wd_jax.results import divergence, status
from wd_jax.results.variables import described, table
from wd_jax.sweeps import frame
from wd_jax.sweeps.chunks import Chunk
from wd_jax.sweeps.grid_places import GridPlaces
from wd_jax.sweeps.run_task import HostRecords

if TYPE_CHECKING:
    from wd_jax.sweeps.plan import Plan

DIVERGED = "diverged_at"


@dataclass(frozen=True)
class Known:
    """A variable that a probe measures, as a result needs it: its own dimensions and its attributes."""

    dims: tuple[str, ...]
    attributes: Mapping[str, str]


@dataclass(frozen=True)
class Layout:
    """How the arrays of tasks become variables over the swept axes.

    Attributes
    ----------
    frame : xarray.Dataset
        The coordinates.
    places : GridPlaces
        Where members lie.
    known : dict of str to Known
        What probes measure; anything else is a final parameter, or `diverged_at`.
    """

    frame: xr.Dataset
    places: GridPlaces
    known: Mapping[str, Known]

    @property
    def grid(self) -> tuple[int, ...]:
        """Sizes of the swept axes, and of `seed`."""
        return (*self.places.sizes, self.frame.sizes["seed"])

    @functools.cached_property
    def _epoch(self) -> np.ndarray:
        return np.asarray(self.frame.epoch.values)

    def dims(self, name: str, array_dims: int) -> tuple[str, ...]:
        """Name the dimensions of a variable in the result.

        Parameters
        ----------
        name : str
            Of the variable.
        array_dims : int
            Dimensions of a task's array of it.
        """
        members = (*self.places.dims, "seed")
        if name in self.known:
            return (*members, *self.known[name].dims, "epoch")
        return (*members, *(f"{name}_{i}" for i in range(array_dims - 1)))

    def shape(self, name: str, shapes: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
        """Give the shape of a variable in the result, from those of the tasks' arrays of it, [members, ...]."""
        inner = [self.inner(name, shape) for shape in shapes]
        largest = tuple(max(sizes) for sizes in zip(*inner, strict=True))
        dims = self.dims(name, len(largest) + 1)[len(self.grid) :]
        return (*self.grid, *(self.frame.sizes.get(dim, size) for dim, size in zip(dims, largest, strict=True)))

    def inner(self, name: str, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Give the shape of one member's part of a variable: records last."""
        return (*shape[2:], shape[1]) if name in self.known else shape[1:]

    def members(self, name: str, array: np.ndarray, diverged_at: np.ndarray) -> np.ndarray:
        """Give a task's array as the result has it, [members, ..., epoch]: no number from where a member diverged on.

        Parameters
        ----------
        name : str
            Of the variable.
        array : array [members, records, ...], or [members, ...] of a final parameter
            As the task gave it.
        diverged_at : array [members]
            Epoch, -1 for none.
        """
        if name not in self.known:
            return array
        moved = np.moveaxis(array, 1, -1)
        if (diverged_at < 0).all():
            return moved
        epoch = self._epoch
        gone = (diverged_at[:, None] >= 0) & (epoch[None] >= diverged_at[:, None])
        return np.where(gone.reshape(len(array), *(1,) * (moved.ndim - 2), epoch.size), np.nan, moved)

    def attributes(self, name: str) -> dict[str, str]:
        """Say what a variable is."""
        return dict(self.known[name].attributes) if name in self.known else described(name)


def layout(plan: "Plan") -> Layout:
    """Lay out a plan's result."""
    axes = plan.axes
    names, sizes = tuple(axis.name for axis in axes), tuple(len(axis.values) for axis in axes)
    places = GridPlaces(names, sizes, tuple(axis.static for axis in axes))
    variables = table(plan.probes)
    known = {name: Known(one.dims, described(name, variables)) for name, one in variables.items()}
    return Layout(frame.frame(plan), places, known)


def assemble(plan: "Plan", found: Sequence[HostRecords]) -> xr.Dataset:
    """Label the arrays of all tasks and join them.

    Parameters
    ----------
    plan : Plan
        What was run.
    found : sequence of dict
        What each of its tasks gave, arrays [members, records, ...].

    Returns
    -------
    xarray.Dataset
        Dimensions: the swept axes in the order given, seed, layer or split, epoch. From the epoch at which a member
        diverged its values are NaN, and the coordinate ``diverged_at`` says when.
    """
    return filled(layout(plan), plan.chunks, found)


def filled(laid_out: Layout, chunks: Sequence[Chunk], found: Sequence[HostRecords]) -> xr.Dataset:
    """Put every task's arrays into their places; a variable that a group has not is NaN there."""
    names = dict.fromkeys(name for records in found for name in records)
    shapes = {name: {records[name].shape for records in found if name in records} for name in names}
    variables = {}
    for name in names:
        target = _empty(name, laid_out.shape(name, shapes[name]), found)
        for chunk, records in zip(chunks, found, strict=True):
            if name in records:
                part = laid_out.members(name, records[name], records[DIVERGED])
                inner = tuple(slice(size) for size in part.shape[1:])
                target[(*laid_out.places.of(chunk), *inner)] = part
        dims = laid_out.dims(name, target.ndim - len(laid_out.grid) + 1)
        variables[name] = (dims, target, laid_out.attributes(name))
    return status.added(divergence.carried(laid_out.frame.assign(variables)))


def _empty(name: str, shape: tuple[int, ...], found: Sequence[HostRecords]) -> np.ndarray:
    """Make room for a variable; whole numbers have no NaN, and all members have theirs."""
    dtypes = {records[name].dtype for records in found if name in records}
    dtype = np.result_type(*dtypes)
    whole = np.issubdtype(dtype, np.integer)
    return np.zeros(shape, dtype) if whole else np.full(shape, np.nan, dtype)
