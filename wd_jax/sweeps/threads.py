"""Tasks on workers: a thread for each, which takes the next task that has no need to wait for a compilation."""

import atexit
import contextlib
import functools
import queue
import threading
from collections.abc import Generator, Sequence
from typing import Any

import jax

from wd_jax import interrupts
from wd_jax.engine.examples import on_device
from wd_jax.sweeps.progress import shown
from wd_jax.sweeps.run_task import HostRecords, numerics, run_on
from wd_jax.sweeps.work_queue import Batch, WorkQueue

THREADS = "wd_jax worker"
"""Beginning of the names of the threads."""


def run(
    batches: Sequence[Batch], workers: Sequence[Any], *, progress: bool | str, member_steps: int
) -> Generator[list[HostRecords], None, None]:
    """Run every task of every batch, and give each batch's records as soon as they are there.

    The workers go on with the next batches while the caller uses the records of one. If a task fails, the rest of its
    batch is left, and its error is raised when that batch is asked for: earlier batches are given first.

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
    left = WorkQueue(batches)
    stop = threading.Event()
    news: queue.SimpleQueue[None] = queue.SimpleQueue()
    found: list[dict[int, HostRecords]] = [{} for _ in batches]
    failed: dict[int, BaseException] = {}
    examples = _moved(batches)
    one_at_a_time = threading.Lock()
    records: list[HostRecords] = []
    with shown(progress, member_steps, sum(len(batch.tasks) for batch in batches)) as view:

        def work(device: Any) -> None:
            while (place := left.take(device)) is not None:
                batch = batches[place.batch]
                task = batch.tasks[place.task]
                ready = functools.partial(left.compiled, place, device)
                try:
                    with numerics(task.setup.dtype), jax.default_device(device), view.chunk() as tick:
                        with one_at_a_time:
                            here = examples(place.batch, device, task.setup.dtype)
                        found[place.batch][place.task] = run_on(
                            task, here, stop, tick, ready, batch.members[place.task]
                        )
                except BaseException as error:  # it is raised where the batch is waited for
                    failed.setdefault(place.batch, error)
                    left.drop(place.batch)
                finally:
                    ready()
                    news.put(None)

        busy = workers[: sum(len(batch.tasks) for batch in batches)]
        threads = [
            threading.Thread(target=work, args=(device,), name=f"{THREADS} {number}", daemon=True)
            for number, device in enumerate(busy)
        ]

        def end() -> None:
            """Let every thread end before its next call, and wait for it."""
            stop.set()
            left.close()
            for thread in threads:
                if thread is not threading.current_thread() and thread.ident is not None:
                    thread.join()

        atexit.register(end)  # a daemon must not run on while the interpreter goes
        try:
            for thread in threads:
                thread.start()
            for number, batch in enumerate(batches):
                while len(found[number]) < len(batch.tasks):
                    if number in failed:
                        raise failed[number]
                    with contextlib.suppress(queue.Empty):
                        news.get(timeout=0.5)
                    view.look()
                    interrupts.check()
                records = [found[number].pop(task) for task in range(len(batch.tasks))]
                found[number] = {}
                if number < len(batches) - 1:
                    yield records
        finally:
            end()
            atexit.unregister(end)
    if batches:  # outside, so that the line of progress has ended
        yield records


def _moved(batches: Sequence[Batch]) -> Any:
    """Give a function that moves a batch's data to a device, the same data once whatever the batch."""
    first = [next(i for i, other in enumerate(batches) if other.data is batch.data) for batch in batches]

    @functools.cache
    def moved(number: int, device: Any, dtype: str) -> Any:
        with jax.default_device(device):
            return on_device(batches[number].data, dtype)

    return lambda number, device, dtype: moved(first[number], device, dtype)
