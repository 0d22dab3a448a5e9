"""The result of a run in a folder, whole or not, read lazily: a variable's numbers are read when they are asked for."""

import functools
import itertools
import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from xarray.backends import BackendArray
from xarray.core import indexing

from wd_jax.results import divergence, status
from wd_jax.results.status import FAILED, MISSING, OK, STATUS
from wd_jax.results.variables import described
from wd_jax.sweeps.assemble import DIVERGED
from wd_jax.sweeps.run_errors import IncompleteError
from wd_jax.sweeps.store import chunk_file
from wd_jax.sweeps.store.chunk_store import CorruptChunk
from wd_jax.sweeps.store.generations import RunStore, open_store

LOADED = 2**25
"""Bytes of a result that is read at once; a larger one stays on disk until its numbers are asked for."""
AT_LEAST = ("weight_rms", "weight_norm2")
"""Variables of a run of which nothing is published yet."""


def open_run(root: str | Path) -> xr.Dataset:
    """Read the result of a run in a folder, also while it goes on.

    Parameters
    ----------
    root : path
        The folder.

    Returns
    -------
    xarray.Dataset
        As `wd_jax.sweep` gives it, and a coordinate ``status`` over the swept axes and seed: "ok", "missing" (not run
        yet), "failed" or "diverged". Members that are missing or failed are NaN.

    Raises
    ------
    FileNotFoundError, ForeignFileError
        If there is no run, or none that can be read.
    """
    return dataset(open_store(Path(root)))


def whole(store: RunStore) -> xr.Dataset:
    """Read a run that has ended, and refuse one of which tasks failed.

    What is found damaged is put aside, and missing then. Of a result that is too large to be read at once the headers
    are checked, which finds what was cut short; `wd_jax.sweeps.store.verify` in full reads every byte.

    Raises
    ------
    IncompleteError
        Naming how many failed, the first reason and the remedy.
    """
    missing, failed = store.missing(), store.chunks.failures()
    if missing:
        reasons = [failed[key][-1].error for i in missing if (key := store.plan.keys[i]) in failed]
        first = f", the first by {reasons[0]}" if reasons else ""
        raise IncompleteError(
            f"{store.root}: {len(missing)} of {len(store.plan.keys)} tasks failed{first}: the others are kept; "
            f"see `wd-jax info {store.root}`, and run the same again to try them once more"
        )
    runs = dataset(store)
    if not runs[STATUS].variable._in_memory:
        for key in store.plan.keys:
            store.chunks.receipt(key)
    return runs


def dataset(store: RunStore) -> xr.Dataset:
    """Give a run as a data set; small ones are read at once, which also checks every number."""
    reader = Reader(store)
    laid_out, members = store.plan.layout, (*store.plan.layout.places.dims, "seed")
    lazy = {name: reader.lazy(name, laid_out.shape(name, shapes)) for name, shapes in reader.shapes().items()}
    lazy[STATUS] = reader.lazy(STATUS, reader.grid)
    small = laid_out.frame.nbytes + sum(one.nbytes for one in lazy.values()) <= LOADED
    arrays = reader.everything(lazy) if small else {name: _on_disk(one) for name, one in lazy.items()}
    variables: dict[str, Any] = {}
    for name, array in arrays.items():
        if name == STATUS:
            variables[name] = xr.Variable(members, array, described(STATUS))
        else:
            dims = laid_out.dims(name, len(lazy[name].shape) - len(reader.grid) + 1)
            variables[name] = xr.Variable(dims, array, laid_out.attributes(name))
    return divergence.carried(laid_out.frame.assign(variables).set_coords(STATUS))


def _on_disk(array: "Lazy") -> Any:
    """Leave numbers on disk until they are asked for; as xarray does with files, what was read once is kept."""
    return indexing.MemoryCachedArray(indexing.LazilyIndexedArray(array))


class Lazy(BackendArray):
    """A variable of a run, or its status, of which xarray asks for parts."""

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype, reader: "Reader", name: str) -> None:
        self.shape, self.dtype = shape, dtype
        self._reader, self._name = reader, name

    @property
    def nbytes(self) -> int:
        """Length of its numbers in bytes."""
        return math.prod(self.shape) * self.dtype.itemsize

    def __getitem__(self, key: indexing.ExplicitIndexer) -> np.ndarray:
        """Read what is asked for."""
        outer = indexing.IndexingSupport.OUTER
        return indexing.explicit_indexing_adapter(key, self.shape, outer, self._read)

    def _read(self, key: tuple[Any, ...]) -> np.ndarray:
        """Read a part: each index a whole number, a slice or an array."""
        lists = [np.atleast_1d(np.arange(size)[one]) for size, one in zip(self.shape, key, strict=True)]
        found = self._reader.part(self._name, lists, self.dtype)
        kept = tuple(slice(None) if not isinstance(one, int | np.integer) else 0 for one in key)
        return found[kept]


@dataclass(frozen=True, eq=False)
class Reader:
    """Reads members from the tasks of a run."""

    store: RunStore

    @property
    def grid(self) -> tuple[int, ...]:
        """Sizes of the swept axes and of `seed`."""
        return self.store.plan.layout.grid

    @functools.cached_property
    def _published(self) -> np.ndarray:
        """Whether each task is published."""
        there = self.store.chunks.keys()
        return np.array([key in there for key in self.store.plan.keys])

    @functools.cached_property
    def _lookup(self) -> tuple[np.ndarray, np.ndarray]:
        return self.store.plan.layout.places.lookup(self.store.plan.chunks, self.grid[-1])

    @property
    def diverged_type(self) -> np.dtype:
        """Whole numbers have no NaN for a member that is missing."""
        return np.dtype(np.int32 if self._published.all() else np.float64)

    def shapes(self) -> dict[str, set[tuple[int, ...]]]:
        """Give the shapes of every variable's arrays, from one task of each group."""
        found: dict[str, set[tuple[int, ...]]] = {}
        seen: set[int] = set()
        for number, chunk in enumerate(self.store.plan.chunks):
            if self._published[number] and chunk.group not in seen:
                header = self._header(number)
                if header is not None:
                    seen.add(chunk.group)
                    for name, entry in header.arrays.items():
                        found.setdefault(name, set()).add((0, *entry.shape[1:]))
        if not found:
            frame = self.store.plan.layout.frame
            sizes = (0, frame.sizes["epoch"], frame.sizes["layer"])
            found = {name: {sizes} for name in AT_LEAST} | {DIVERGED: {(0,)}}
        return found

    def lazy(self, name: str, shape: tuple[int, ...]) -> Lazy:
        """Give a variable of a shape whose numbers are read when they are asked for."""
        types = {STATUS: np.dtype("<U8"), DIVERGED: self.diverged_type}
        return Lazy(shape, types.get(name, np.dtype(np.float64)), self, name)

    def everything(self, wanted: Mapping[str, Lazy]) -> dict[str, np.ndarray]:
        """Read all variables, each task's file once and every byte of it.

        Parameters
        ----------
        wanted : dict of str to Lazy
            The variables, of their shapes and types.
        """
        found = {
            name: np.full(one.shape, MISSING if name == STATUS else np.nan, one.dtype if name == STATUS else np.float64)
            for name, one in wanted.items()
        }
        laid_out = self.store.plan.layout
        for number, chunk in enumerate(self.store.plan.chunks):
            places = laid_out.places.of(chunk)
            arrays = self._whole(number)
            found[STATUS][places] = self._words(number, arrays)
            for name in arrays:
                part = laid_out.members(name, arrays[name], arrays[DIVERGED])
                found[name][(*places, *map(slice, part.shape[1:]))] = part  # a group may have fewer layers
        damaged = bool(np.isnan(found[DIVERGED]).any())  # found only now: whole numbers have no NaN
        return {
            name: array if name == DIVERGED and damaged else array.astype(wanted[name].dtype, copy=False)
            for name, array in found.items()
        }

    def part(self, name: str, lists: Sequence[np.ndarray], dtype: np.dtype) -> np.ndarray:
        """Read some members' part of a variable.

        Parameters
        ----------
        name : str
            Of the variable, or `STATUS`.
        lists : sequence of array
            For each dimension the places that are wanted.
        dtype : dtype
            Of the result.
        """
        axes = len(self.grid)
        members = np.ix_(*lists[:axes])
        chunk_of, place_in = (one[members] for one in self._lookup)
        shape = tuple(one.size for one in lists)
        found = np.full(shape, MISSING if name == STATUS else np.nan, dtype if name == STATUS else np.float64)
        flat = found.reshape(-1, *shape[axes:])
        whose = chunk_of.reshape(-1)
        order = np.argsort(whose, kind="stable")
        for number, group in itertools.groupby(order.tolist(), key=lambda i: whose[i]):
            rows = np.fromiter(group, np.int64)
            places = place_in.reshape(-1)[rows]
            if name == STATUS:
                flat[rows] = self._status(int(number), places)
            elif self._published[number]:
                arrays = self._arrays(int(number), (name, DIVERGED))
                if name in arrays:
                    laid = self.store.plan.layout.members(name, arrays[name], arrays[DIVERGED])[places]
                    inner = list(zip(lists[axes:], laid.shape[1:], strict=True))  # a group may have fewer layers
                    to = [np.flatnonzero(one < size) for one, size in inner]
                    of = [one[one < size] for one, size in inner]
                    flat[np.ix_(rows, *to)] = laid[np.ix_(np.arange(rows.size), *of)]
        if dtype.kind == "i":
            found = np.nan_to_num(found, nan=-1)  # damage found only now, of which a warning has been given
        return found.astype(dtype, copy=False)

    def _status(self, number: int, places: np.ndarray) -> np.ndarray:
        """Say what became of the members of a task."""
        arrays = self._arrays(number, (DIVERGED,)) if self._published[number] else {}
        words = self._words(number, arrays)
        return words[places] if arrays else np.full(places.size, words)

    def _words(self, number: int, arrays: Mapping[str, np.ndarray]) -> np.ndarray:
        """Say what became of each member of a task; in one word where its arrays are not there."""
        if not arrays:
            return np.asarray(FAILED if self.store.plan.keys[number] in self._failures else MISSING)
        return np.where(arrays[DIVERGED] >= 0, status.DIVERGED, OK)

    @functools.cached_property
    def _failures(self) -> Mapping[str, Any]:
        return self.store.chunks.failures()

    def _header(self, number: int) -> chunk_file.Header | None:
        try:
            return chunk_file.header(self.store.chunks.path(self.store.plan.keys[number]))
        except (CorruptChunk, FileNotFoundError):
            return None

    def _whole(self, number: int) -> dict[str, np.ndarray]:
        """Read a task; nothing of one that is not published or damaged, which counts as missing."""
        try:
            return self.store.chunks.load(self.store.plan.keys[number]) if self._published[number] else {}
        except (CorruptChunk, FileNotFoundError):
            return {}

    def _arrays(self, number: int, names: Sequence[str]) -> dict[str, np.ndarray]:
        """Read arrays of a task, those that it has; nothing of one that is damaged, which counts as missing."""
        key, asked = self.store.plan.keys[number], list(dict.fromkeys(names))
        try:
            try:
                return self.store.chunks.load(key, asked)
            except KeyError:  # a group of other probes
                header = self._header(number)
                asked = [] if header is None else [name for name in asked if name in header.arrays]
                return self.store.chunks.load(key, asked) if asked else {}
        except FileNotFoundError as error:  # it was there when the run was opened, and its status may have been read
            if self.store.chunks.quarantined(key):
                return {}  # of which a warning was given
            root = self.store.root
            raise FileNotFoundError(
                f"{root}: was replaced, moved or altered after it was opened ({error.filename} is gone); open it again"
            ) from error
        except CorruptChunk as error:  # its status may have been read before, as "ok"
            warnings.warn(f"{error}; until then they are NaN", stacklevel=2)
            return {}
