"""Tasks on workers: a thread for each, which takes the next task that has no need to wait for a compilation."""

import atexit
import contextlib
import functools
import queue
import threading
import time
from collections.abc import Callable, Generator, Sequence
from typing import Any

import jax

from wd_jax import interrupts
from wd_jax.engine.examples import on_device
from wd_jax.sweeps.progress import shown
from wd_jax.sweeps.run_task import numerics, run_on
from wd_jax.sweeps.work_queue import Batch, Place, WorkQueue

THREADS = "wd_jax worker"
"""Beginning of the names of the threads."""


def run(batches: Sequence[Batch], workers: Sequence[Any], *, progress: bool | str) -> Generator[Batch, None, None]:
    """Run every task of every batch, and give each batch as soon as its sink has all of them.

    The workers go on with the next batches while the caller uses one. If a task fails and its sink does not bear that,
    the rest of its batch is left, and the error is raised when that batch is asked for: earlier ones are given first.

    Parameters
    ----------
    batches : sequence of Batch
        In the order in which they are given; within a batch the dearest tasks run first.
    workers : sequence of jax.Device
        From `wd_jax.sweeps.workers.chosen`; several may share a device.
    progress : bool or str
        Whether to show it; a text is its label.

    Yields
    ------
    Batch
        Whose sink has what `wd_jax.sweeps.run_task.run` gives for each of its tasks.
    """
    left = WorkQueue(batches)
    stop = threading.Event()
    news: queue.SimpleQueue[None] = queue.SimpleQueue()
    failed: dict[int, BaseException] = {}
    examples = _moved(batches)
    one_at_a_time = threading.Lock()
    count = sum(len(batch.left) for batch in batches)
    steps = [batch.member_steps for batch in batches]
    ended: set[int] = set()
    with shown(progress, sum(steps), count) as view:

        def attempt(place: Place, device: Any, ready: Callable[[], None], number: int) -> bool:
            """Run a task once, and say whether it is to be run again."""
            batch = batches[place.batch]
            task = batch.tasks[place.task]
            began = time.monotonic()
            try:
                with numerics(task.setup.dtype), jax.default_device(device), view.chunk() as tick:
                    with one_at_a_time:
                        here = examples(place.batch, device, task.setup.dtype)
                    records = run_on(
                        task,
                        here,
                        stop,
                        tick,
                        ready,
                        batch.members[place.task],
                        checkpoints=batch.sink.checkpoints(place.task),
                    )
            except InterruptedError:
                raise
            except Exception as error:
                return batch.sink.failed(place.task, number, error)
            batch.sink.put(place.task, records, time.monotonic() - began)
            return False

        def work(device: Any) -> None:
            while (place := left.take(device)) is not None:
                ready = functools.partial(left.compiled, place, device)
                try:
                    number = 1
                    while attempt(place, device, ready, number) and not stop.is_set():
                        number += 1
                except BaseException as error:  # it is raised where the batch is waited for
                    failed.setdefault(place.batch, error)
                    left.drop(place.batch)
                finally:
                    ready()
                    news.put(None)

        threads = [
            threading.Thread(target=work, args=(device,), name=f"{THREADS} {number}", daemon=True)
            for number, device in enumerate(workers[:count])
        ]

        def end() -> None:
            """Let every thread end before its next call, wait for it, and for what it gave to be kept."""
            stop.set()
            left.close()
            for thread in threads:
                if thread is not threading.current_thread() and thread.ident is not None:
                    thread.join()
            for number in set(range(len(batches))) - ended:
                ended.add(number)
                errors = [
                    error for error in failed.values() if not isinstance(error, InterruptedError | KeyboardInterrupt)
                ]
                batches[number].sink.end("failed" if errors else "interrupted")

        atexit.register(end)  # a daemon must not run on while the interpreter goes
        try:
            for thread in threads:
                thread.start()
            for number, batch in enumerate(batches):
                while batch.sink.settled < len(batch.tasks):
                    if number in failed:
                        raise failed[number]
                    with contextlib.suppress(queue.Empty):
                        news.get(timeout=0.5)
                    view.look()
                    batch.sink.look(**(view.said(steps[number]) if len(batches) == 1 else {}))
                    interrupts.check()
                ended.add(number)
                batch.sink.end("done")
                if number < len(batches) - 1:
                    yield batch
        finally:
            end()
            atexit.unregister(end)
    if batches:  # outside, so that the line of progress has ended
        yield batches[-1]


def _moved(batches: Sequence[Batch]) -> Any:
    """Give a function that moves a batch's data to a device, the same data once whatever the batch."""
    first = [next(i for i, other in enumerate(batches) if other.data is batch.data) for batch in batches]

    @functools.cache
    def moved(number: int, device: Any, dtype: str) -> Any:
        with jax.default_device(device):
            return on_device(batches[number].data, dtype)

    return lambda number, device, dtype: moved(first[number], device, dtype)
