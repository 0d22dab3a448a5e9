"""Run one task: a host loop over calls of its compiled programs. What comes back is plain arrays."""

import contextlib
import dataclasses
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import jax
import numpy as np

from wd_jax.data import Dataset
from wd_jax.engine import minibatches, programs, rates
from wd_jax.engine.examples import Examples, on_device
from wd_jax.engine.hyper_tree import stacked
from wd_jax.engine.member import Records
from wd_jax.engine.probes import registry
from wd_jax.models.forward import Network
from wd_jax.models.model import MLP
from wd_jax.sweeps import carried, provenance
from wd_jax.sweeps.progress import Tick
from wd_jax.sweeps.store.checkpoints import Checkpoints
from wd_jax.sweeps.task import Task

HostRecords = dict[str, np.ndarray]
SECONDS_BETWEEN = 30.0
"""Of training, at least, from one checkpoint to the next: a kill loses little more."""
SECONDS_BEFORE_STOP = 3.0
"""Since the last checkpoint, at least, for one more when the task is stopped."""


def run(task: Task, data: Dataset, checkpoints: Checkpoints | None = None) -> HostRecords:
    """Train and measure a task's members: pure, and the same bits on any worker of the same kind of device.

    Parameters
    ----------
    task : Task
        What to run.
    data : Dataset
        The data set that its hash names.
    checkpoints : Checkpoints, optional
        Where what a long task has reached is kept, and where it goes on from.

    Returns
    -------
    dict of str to array
        Each variable, [members, records, ...] of float64; `diverged_at`, [members]; and the weights kept.

    Raises
    ------
    ValueError
        For another data set than the task's.
    """
    if data.sha256 != task.data_sha256:
        raise ValueError(f"data: {data.name!r} is not what this task was planned for; give the data set of its plan")
    with numerics(task.setup.dtype):
        examples = on_device(data, task.setup.dtype)
        return run_on(task, examples, threading.Event(), lambda steps, diverged: None, checkpoints=checkpoints)


@contextlib.contextmanager
def numerics(dtype: str) -> Iterator[None]:
    """Make float32 mean float32 on any device, and allow float64 where it is asked for; both only in this thread."""
    with jax.default_matmul_precision("highest"), jax.enable_x64(dtype == "float64"):
        yield


def run_on(
    task: Task,
    examples: Examples,
    stop: threading.Event,
    tick: Tick,
    compiled: Callable[[], None] = lambda: None,
    members: int | None = None,
    checkpoints: Checkpoints | None = None,
    between: float = SECONDS_BETWEEN,
) -> HostRecords:
    """Do as `run` with the data on a device, under `numerics`, telling how far it is after every call.

    Parameters
    ----------
    task : Task
        What to run.
    examples : Examples
        Its data set on the device.
    stop : threading.Event
        Set to end the task before its next call.
    tick : callable
        (member-steps, members diverged so far) -> nothing.
    compiled : callable
        Called when all its programs are compiled, while the first call runs.
    members : int, optional
        How many of its members are counted: the copies at the end are not.
    checkpoints : Checkpoints, optional
        Where to keep what it has reached; it begins from the newest, and the numbers are the same bit for bit.
    between : float
        Seconds, at least, from one checkpoint to the next.

    Raises
    ------
    InterruptedError
        If it was stopped.
    """
    probes, per_epoch = task.probes, task.probes.records_per_epoch
    program = dataclasses.replace(task.setup.program, own=task.own_functions)
    inside, outside = registry.inside(probes), registry.outside(probes)
    hyper = stacked(task.cells, program.rule, program.dtype)
    own = task.members if members is None else members
    evaluating = bool(registry.on_splits(probes))
    order_of = _OrderOfMembers(task, examples.n)
    factors = rates.of_run(task.setup, task.epochs, task.steps_per_epoch)
    found = _Found(task.members, task.epochs * per_epoch + 1)

    begin = (
        dataclasses.replace(task.setup.start, own=task.own_functions),
        program,
        inside,
        hyper,
        examples,
        np.asarray(task.seeds, np.uint32),
        rates.of_first_step(factors),
    )
    if checkpoints is not None:
        checkpoints = dataclasses.replace(checkpoints, where=checkpoints.where or _where(examples))
    resumed = _resumed(task, checkpoints, begin, found) if checkpoints is not None else None
    if resumed is not None:
        carry, reached = resumed
        tick(reached * task.steps_per_epoch * own, found.lost(reached * per_epoch, own))
    else:
        reached = 0
        carry, records = programs.begin(*begin)
        registry.check_own(inside, records, program.model.layers)
        found.put(0, records)
        if evaluating:
            records = programs.measure(program.objective, outside, examples, carry)
            registry.check_own(outside, records, program.model.layers)
            found.put(0, records)
    saved_at = time.monotonic()
    for first in range(reached, task.epochs, task.epochs_per_call):
        if stop.is_set():
            late = time.monotonic() - saved_at >= min(between, SECONDS_BEFORE_STOP)
            if checkpoints is not None and first > reached and late:
                _saved(checkpoints, first, carry, found.arrays)
            raise InterruptedError("the sweep was stopped")
        done = first + task.epochs_per_call
        orders = order_of.epochs(first, task.epochs_per_call)
        carry, records = programs.advance(
            program,
            inside,
            task.steps_per_block,
            hyper,
            examples,
            carry,
            np.int32(first),
            orders,
            rates.cut(factors, first, task.epochs_per_call),
        )
        compiled()
        found.put_all(first * per_epoch + 1, records)
        if evaluating and (done % probes.evaluate_every == 0 or done == task.epochs):
            found.put(done * per_epoch, programs.measure(program.objective, outside, examples, carry))
        tick(task.epochs_per_call * task.steps_per_epoch * own, found.lost(done * per_epoch, own))
        if checkpoints is not None and done < task.epochs and time.monotonic() - saved_at >= between:
            checkpoints = checkpoints if _saved(checkpoints, done, carry, found.arrays) else None
            reached, saved_at = done, time.monotonic()
    arrays = found.arrays
    for probe in registry.asked(probes):
        arrays = arrays | probe.derived(arrays, program.model)
    arrays |= {"diverged_at": np.asarray(carry.diverged_at)}
    if probes.keep_weights:
        arrays |= _kept(program.model, carry.params)
    return arrays


def _resumed(task: Task, checkpoints: Checkpoints, begin: tuple[Any, ...], found: "_Found") -> tuple[Any, int] | None:
    """Take up the newest checkpoint: the state and the epochs done; None if there is none that fits the task."""
    newest = checkpoints.newest()
    if newest is None or newest.epoch >= task.epochs or newest.epoch % task.epochs_per_call:
        return None
    carry = carried.from_host(newest.leaves, programs.shapes_of_start(*begin))
    return (carry, newest.epoch) if carry is not None and found.take(newest.records) else None


def _where(examples: Examples) -> str:
    """Name what decides the bits beside the task: a state from another kind of device is not gone on with."""
    return provenance.where(next(iter(jax.tree.leaves(examples)[0].devices())))


def _saved(checkpoints: Checkpoints, epoch: int, carry: Any, records: HostRecords) -> bool:
    """Keep what was reached; a task whose state no file can hold, or a full disk, only goes without."""
    try:
        checkpoints.save(epoch, carried.to_host(carry), records)
        return True
    except (OSError, TypeError) as error:
        warnings.warn(f"no checkpoint of a long task ({error}); if it is killed it starts anew", stacklevel=2)
        return False


def _kept(model: Network, params: Any) -> HostRecords:
    """Name the final parameters: of an MLP weights and biases by layer; all others that there are by their number."""
    if isinstance(model, MLP):
        kinds = {"w": "weights", "b": "biases", "gain": "gains", "offset": "offsets"}
        places = [(f"{kinds[name]}_{i}", leaf) for i, one in enumerate(params, 1) for name, leaf in one.items()]
        return {name: np.asarray(leaf) for name, leaf in places}
    found: HostRecords = {}
    for leaf in jax.tree.leaves(params):
        kind = "weights" if leaf.ndim > 2 else "others"  # the members are on the first axis
        number = 1 + sum(name.startswith(kind) for name in found)
        found[f"{kind}_{number}"] = np.asarray(leaf)
    return found


class _OrderOfMembers:
    """The examples' orders of a task's members, drawn once for each seed among them."""

    def __init__(self, task: Task, n: int) -> None:
        shared = task.setup.order == "shared"
        seeds = np.zeros(task.members, np.uint32) if shared else np.asarray(task.seeds, np.uint32)
        self._seeds, self._whose = np.unique(seeds[:1] if task.steps_per_block else seeds, return_inverse=True)
        self._n, self._sampling = n, task.setup.sampling

    def epochs(self, first: int, count: int) -> np.ndarray:
        """Give the orders of some epochs, [members, count, n]; of a block, whose members share one, [1, count, n]."""
        return minibatches.host_orders(self._seeds, first, count, self._n, self._sampling)[self._whose]


class _Found:
    """Records as they come in: NaN where nothing was measured."""

    def __init__(self, members: int, records: int) -> None:
        self.arrays: HostRecords = {}
        self._shape = (members, records)

    def put(self, at: int, records: Records) -> None:
        """Keep one record of every member, each variable [M, ...]."""
        for name, array in records.items():
            self._place(name, np.shape(array)[1:])[:, at] = array

    def put_all(self, first: int, records: Records) -> None:
        """Keep the records from number `first` on, each variable [M, records, ...]."""
        for name, array in records.items():
            place = self._place(name, np.shape(array)[2:])
            place[:, first : first + np.shape(array)[1]] = array

    def lost(self, at: int, own: int) -> int:
        """Count the first `own` members whose record is NaN, those that diverged: no look at the device is needed."""
        return int(np.isnan(self.arrays["weight_norm2"][:own, at, 0]).sum())

    def take(self, records: HostRecords) -> bool:
        """Go on with records kept before; False if they are of another shape."""
        if "weight_norm2" not in records or any(array.shape[:2] != self._shape for array in records.values()):
            return False
        self.arrays = dict(records)
        return True

    def _place(self, name: str, of_one: tuple[int, ...]) -> np.ndarray:
        if name not in self.arrays:
            self.arrays[name] = np.full((*self._shape, *of_one), np.nan)
        return self.arrays[name]
