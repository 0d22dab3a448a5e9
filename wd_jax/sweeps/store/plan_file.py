"""A plan on disk: which tasks a run is made of, and all that is needed to read its result without the data."""

import hashlib
import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from wd_jax.files import ForeignFileError
from wd_jax.hyper import Hyper
from wd_jax.sweeps.assemble import Known, Layout, layout
from wd_jax.sweeps.chunks import Chunk
from wd_jax.sweeps.grid_places import GridPlaces
from wd_jax.sweeps.store import chunk_file, frames
from wd_jax.sweeps.task import Task, shared

if TYPE_CHECKING:
    from wd_jax.sweeps.plan import Plan

OF_CHUNKS = ("group", "steps_per_block", "epochs_per_call")


@dataclass(frozen=True)
class StoredPlan:
    """What a run is made of, as its file says.

    Attributes
    ----------
    number : int
        1 for the first plan of a run, one more for each that extended it.
    hash, asked : str
        Of the tasks, and of those that the same call would plan in an empty folder: the same call goes on.
    keys : tuple of str
        Of each task.
    chunks : tuple of Chunk
        Places of each task's members.
    layout : Layout
        How their arrays become a result.
    groups : tuple of dict
        What the tasks of each group share, but for how they are cut.
    names : tuple of str
        Numbers of the members.
    cells : array [cells, names]
        Those numbers.
    seeds : tuple of int
        Seeds.
    facts : dict
        ``member_steps``, ``estimated_seconds``, ``method`` as asked, ``made_by``.
    dataset : dict
        ``name``, ``sha256``, and how a shell found it: ``word`` and ``folder``.
    """

    number: int
    hash: str
    asked: str
    keys: tuple[str, ...]
    chunks: tuple[Chunk, ...]
    layout: Layout
    groups: tuple[dict[str, Any], ...]
    names: tuple[str, ...]
    cells: np.ndarray
    seeds: tuple[int, ...]
    facts: dict[str, Any]
    dataset: dict[str, Any]

    @property
    def members(self) -> int:
        """Number of training runs."""
        return len(self.groups) * len(self.cells) * len(self.seeds)

    def numbers(self, cell: int) -> dict[str, float]:
        """Give a cell's numbers by name."""
        return dict(zip(self.names, map(float, self.cells[cell]), strict=True))

    def task(self, number: int) -> Task:
        """Build a task again from what is written.

        Parameters
        ----------
        number : int
            Of the task.

        Raises
        ------
        ValueError
            For a rule, a model, a schedule or a probe that the library does not have: only the program that has the
            function can run it.
        ForeignFileError
            If what is built is not the task whose key is written there: another version made it, or it was altered.
        """
        chunk, group = self.chunks[number], dict(self.groups[self.chunks[number].group])
        group |= {"steps_per_block": chunk.steps_per_block, "epochs_per_call": chunk.epochs_per_call}
        group |= {"cells": [self.numbers(cell) for cell in chunk.cells]}
        group |= {"seeds": [self.seeds[seed] for seed in chunk.seeds]}
        task = Task.from_json(json.dumps(group))
        if task.key != self.keys[number]:
            raise ForeignFileError(
                f"task {number} of the plan is {task.key} here and {self.keys[number]} there: the plan was made by "
                "another version of wd_jax or of jax, or altered; run it where it was made, or start a new run"
            )
        return task


def keys_of(plan: "Plan") -> tuple[str, ...]:
    """Give the key of each task of a plan."""
    return tuple(task.key for task in plan.tasks)


def hash_of(keys: Sequence[str]) -> str:
    """Hash a plan by its tasks: 32 hexadecimal digits."""
    return hashlib.sha256("\n".join(keys).encode()).hexdigest()[:32]


def write(path: Path, plan: "Plan", keys: Sequence[str], number: int, asked: str, made_by: str = "") -> None:
    """Write a plan to a new file.

    Parameters
    ----------
    path : Path
        Of a file that is not there; the caller publishes it.
    plan : Plan
        What will run.
    keys : sequence of str
        From `keys_of`.
    number, asked
        As in `StoredPlan`.
    made_by : str
        The command, for a reader.
    """
    laid_out, grid, data = layout(plan), plan.grid, plan.data
    arrays, frame = frames.packed(laid_out.frame)
    sizes = np.array([chunk.size for chunk in plan.chunks], np.int64)
    names = [one.name for one in grid.coefficients]
    arrays |= {name: np.array([getattr(chunk, name) for chunk in plan.chunks], np.int64) for name in OF_CHUNKS}
    arrays |= {
        "keys": np.array(keys, "S32"),
        "ends": np.cumsum(sizes),
        "chunk_cells": np.concatenate([np.asarray(chunk.cells, np.int64) for chunk in plan.chunks]),
        "chunk_seeds": np.concatenate([np.asarray(chunk.seeds, np.int64) for chunk in plan.chunks]),
        "cells": np.array([[cell[name] for name in names] for cell in grid.cells], np.float64),
        "seeds": np.array(grid.seeds, np.int64),
    }
    meta = {
        "plan": {
            "number": number,
            "hash": hash_of(keys),
            "asked": asked,
            "names": names,
            "groups": groups_of(plan),
            "facts": {"member_steps": plan.member_steps, "estimated_seconds": plan.size.seconds, "made_by": made_by},
            "method": plan.method,
            "dataset": {"name": data.name, "sha256": data.sha256, "n": data.n, **plan.origin},
            "frame": frame,
            "places": {name: list(getattr(laid_out.places, name)) for name in ("dims", "sizes", "static")},
            "known": {name: [list(one.dims), dict(one.attributes)] for name, one in laid_out.known.items()},
        }
    }
    chunk_file.write(path, arrays, meta)


def groups_of(plan: "Plan") -> list[dict[str, Any]]:
    """Give what the tasks of each group share, but for how they are cut, JSON-ready."""
    found: dict[int, dict[str, Any]] = {}
    for chunk, task in zip(plan.chunks, plan.tasks, strict=True):
        if chunk.group not in found:
            found[chunk.group] = {name: one for name, one in shared(task).items() if name not in OF_CHUNKS}
    return [json.loads(json.dumps(found[number])) for number in sorted(found)]


def read(path: Path) -> StoredPlan:
    """Read a plan, checked.

    Raises
    ------
    CorruptChunk, OSError
        As `wd_jax.sweeps.store.chunk_file.read`.
    """
    meta, arrays = chunk_file.read(path)
    try:
        return _built(meta["plan"], arrays)
    except (KeyError, TypeError, IndexError, ValueError) as error:
        reason = " ".join(f"{type(error).__name__} {error}".split())[:80]
        raise ForeignFileError(f"{path}: not the plan of a run ({reason}); start a new run") from error


def _built(held: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> StoredPlan:
    starts = np.concatenate([[0], arrays["ends"]]).tolist()
    cells, seeds = arrays["chunk_cells"].tolist(), arrays["chunk_seeds"].tolist()
    group, block, call = (arrays[name].tolist() for name in OF_CHUNKS)
    chunks = tuple(
        Chunk(group[i], tuple(cells[first:last]), tuple(seeds[first:last]), block[i], call[i])
        for i, (first, last) in enumerate(itertools.pairwise(starts))
    )
    places = GridPlaces(*(tuple(held["places"][name]) for name in ("dims", "sizes", "static")))
    known = {name: Known(tuple(dims), attributes) for name, (dims, attributes) in held["known"].items()}
    frame = frames.unpacked(dict(arrays), held["frame"])
    keys = tuple(key.decode() for key in arrays["keys"].tolist())
    if hash_of(keys) != held["hash"] or len(keys) != len(chunks):
        raise ValueError("its keys are not those of its hash")
    return StoredPlan(
        number=int(held["number"]),
        hash=held["hash"],
        asked=held["asked"],
        keys=keys,
        chunks=chunks,
        layout=Layout(frame, places, known),
        groups=tuple(held["groups"]),
        names=tuple(held["names"]),
        cells=arrays["cells"],
        seeds=tuple(arrays["seeds"].tolist()),
        facts={**held["facts"], "method": held["method"]},
        dataset=dict(held["dataset"]),
    )


def full_numbers(stored: StoredPlan, cell: int, coefficients: Sequence[Any]) -> tuple[float, ...]:
    """Give a cell's numbers in the order of other coefficients, those it has not by default: to find it elsewhere."""
    held = {one.name for one in coefficients}
    given = {name: value for name, value in stored.numbers(cell).items() if name in held}
    return tuple(Hyper.of(given, coefficients).values())
