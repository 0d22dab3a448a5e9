"""Tasks on workers: a thread for each, which takes the next task that has no need to wait for a compilation."""

import contextlib
import functools
import queue
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import jax

from wd_jax import interrupts
from wd_jax.data import Dataset
from wd_jax.engine.examples import on_device
from wd_jax.sweeps.cost import seconds_of
from wd_jax.sweeps.progress import shown
from wd_jax.sweeps.run_task import HostRecords, numerics, run_on
from wd_jax.sweeps.task import Task


class Batch(NamedTuple):
    """Tasks whose records are wanted together, and the data set that they all learn."""

    tasks: Sequence[Task]
    data: Dataset


def run(
    batches: Sequence[Batch], workers: Sequence[Any], *, progress: bool | str, member_steps: int
) -> Iterator[list[HostRecords]]:
    """Run every task of every batch, and give each batch's records as soon as they are there.

    The workers go on with the next batches while the caller uses the records of one.

    Parameters
    ----------
    batches : sequence of Batch
        In the order in which their records are given; within a batch the dearest tasks run first.
    workers : sequence of jax.Device
        From `wd_jax.sweeps.workers.chosen`; several may share a device.
    progress : bool or str
        Whether to show it; a text is its label.
    member_steps : int
        Of all members together, for the progress.

    Yields
    ------
    list of dict
        For each batch, what `wd_jax.sweeps.run_task.run` gives for each of its tasks, in their order.
    """
    left = _Queue(batches)
    stop = threading.Event()
    done: queue.SimpleQueue[_Place] = queue.SimpleQueue()
    found: list[dict[int, HostRecords]] = [{} for _ in batches]
    examples = _moved(batches)
    one_at_a_time = threading.Lock()
    with shown(progress, member_steps, sum(len(batch.tasks) for batch in batches)) as view:

        def work(device: Any) -> None:
            while (place := left.take(device)) is not None:
                task = batches[place.batch].tasks[place.task]
                try:
                    with numerics(task.setup.dtype), jax.default_device(device), view.chunk() as tick:
                        with one_at_a_time:
                            here = examples(place.batch, device, task.setup.dtype)

                        def ticked(steps: int, diverged: int) -> None:
                            left.compiled(place, device)
                            tick(steps, diverged)

                        found[place.batch][place.task] = run_on(task, here, stop, ticked)
                finally:
                    left.compiled(place, device)
                done.put(place)

        busy = workers[: sum(len(batch.tasks) for batch in batches)]
        with ThreadPoolExecutor(len(busy)) as pool:
            futures = [pool.submit(work, device) for device in busy]
            try:
                for number, batch in enumerate(batches):
                    while len(found[number]) < len(batch.tasks):
                        with contextlib.suppress(queue.Empty):
                            done.get(timeout=0.5)
                        for future in futures:
                            if future.done():
                                future.result()
                        view.look()
                        interrupts.check()
                    records = [found[number].pop(task) for task in range(len(batch.tasks))]
                    found[number] = {}
                    yield records
            except BaseException:
                stop.set()
                left.close()
                pool.shutdown(wait=True, cancel_futures=True)
                raise


def _moved(batches: Sequence[Batch]) -> Any:
    """Give a function that moves a batch's data to a device, the same data once whatever the batch."""
    first = [next(i for i, other in enumerate(batches) if other.data is batch.data) for batch in batches]

    @functools.cache
    def moved(number: int, device: Any, dtype: str) -> Any:
        with jax.default_device(device):
            return on_device(batches[number].data, dtype)

    return lambda number, device, dtype: moved(first[number], device, dtype)


class _Place(NamedTuple):
    """Number of a batch, and of a task in it."""

    batch: int
    task: int


class _Queue:
    """What is left to run. One worker of a device compiles a program, and the others take other tasks meanwhile."""

    def __init__(self, batches: Sequence[Batch]) -> None:
        self._left: list[_Place] = []
        self._programs: dict[_Place, Any] = {}
        for number, batch in enumerate(batches):
            dearest = sorted(range(len(batch.tasks)), key=lambda i: -seconds_of(batch.tasks[i], batch.data))
            self._left += [_Place(number, i) for i in dearest]
            self._programs |= {_Place(number, i): task.program for i, task in enumerate(batch.tasks)}
        self._compiling: set[Any] = set()
        self._ready: set[Any] = set()
        self._changed = threading.Condition()

    def take(self, device: Any) -> _Place | None:
        """Wait for a task whose program is compiled or that nobody compiles, and take it; None if none is left."""
        with self._changed:
            while self._left:
                for place in self._left:
                    program = (device, self._programs[place])
                    if program not in self._compiling:
                        self._left.remove(place)
                        if program not in self._ready:
                            self._compiling.add(program)
                        return place
                self._changed.wait()
            return None

    def compiled(self, place: _Place, device: Any) -> None:
        """Note that a task's program is there, or will not be."""
        program = (device, self._programs[place])
        if program in self._compiling:
            with self._changed:
                self._compiling.discard(program)
                self._ready.add(program)
                self._changed.notify_all()

    def close(self) -> None:
        """Give out nothing more."""
        with self._changed:
            self._left.clear()
            self._changed.notify_all()
