"""Tasks on workers: a thread for each, which takes the next task that has no need to wait for a compilation."""

import functools
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import Any

import jax

from wd_jax import interrupts
from wd_jax.data import Dataset
from wd_jax.engine.examples import on_device
from wd_jax.sweeps.cost import seconds_of
from wd_jax.sweeps.progress import shown
from wd_jax.sweeps.run_task import HostRecords, numerics, run_on
from wd_jax.sweeps.task import Task


def run(
    tasks: Sequence[Task], data: Dataset, workers: Sequence[Any], *, progress: bool | str, member_steps: int
) -> list[HostRecords]:
    """Run every task.

    Parameters
    ----------
    tasks : sequence of Task
        In any order: the dearest run first.
    data : Dataset
        What is learned.
    workers : sequence of jax.Device
        From `wd_jax.sweeps.workers.chosen`; several may share a device.
    progress : bool or str
        Whether to show it; a text is its label.
    member_steps : int
        Of all members together, for the progress.

    Returns
    -------
    list of dict
        What `wd_jax.sweeps.run_task.run` gives for each task, in the order given.
    """
    queue = _Queue(tasks, data)
    stop = threading.Event()
    # The data once a device and dtype.
    examples = functools.cache(lambda device, dtype: on_device(data, dtype))
    one_at_a_time = threading.Lock()
    found: list[HostRecords] = [{}] * len(tasks)
    with shown(progress, member_steps, len(tasks)) as view:

        def work(device: Any) -> None:
            while (number := queue.take(device)) is not None:
                task = tasks[number]
                try:
                    with numerics(task.setup.dtype), jax.default_device(device), view.chunk() as tick:
                        with one_at_a_time:
                            here = examples(device, task.setup.dtype)

                        def ticked(steps: int, diverged: int) -> None:
                            queue.compiled(number, device)
                            tick(steps, diverged)

                        found[number] = run_on(task, here, stop, ticked)
                finally:
                    queue.compiled(number, device)

        busy = workers[: len(tasks)]
        _in_threads([functools.partial(work, device) for device in busy], stop, queue, view.look)
    return found


class _Queue:
    """What is left to run. One worker of a device compiles a program, and the others take other tasks meanwhile."""

    def __init__(self, tasks: Sequence[Task], data: Dataset) -> None:
        self._left = sorted(range(len(tasks)), key=lambda number: -seconds_of(tasks[number], data))
        self._programs = [task.program for task in tasks]
        self._compiling: set[Any] = set()
        self._ready: set[Any] = set()
        self._changed = threading.Condition()
        self._closed = False

    def take(self, device: Any) -> int | None:
        """Wait for a task whose program is compiled or that nobody compiles, and take it; None if none is left."""
        with self._changed:
            while self._left and not self._closed:
                for number in self._left:
                    program = (device, self._programs[number])
                    if program not in self._compiling:
                        self._left.remove(number)
                        if program not in self._ready:
                            self._compiling.add(program)
                        return number
                self._changed.wait()
            return None

    def compiled(self, number: int, device: Any) -> None:
        """Note that a task's program is there, or will not be."""
        program = (device, self._programs[number])
        if program in self._compiling:
            with self._changed:
                self._compiling.discard(program)
                self._ready.add(program)
                self._changed.notify_all()

    def close(self) -> None:
        """Give out nothing more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


def _in_threads(
    calls: list[Callable[[], None]], stop: threading.Event, queue: _Queue, look: Callable[[], None]
) -> None:
    """Run the calls side by side, looking in between; on an error or Ctrl-C the others end at their next block."""
    with ThreadPoolExecutor(len(calls)) as pool:
        futures = [pool.submit(call) for call in calls]
        try:
            pending = set(futures)
            while pending:
                done, pending = wait(pending, timeout=0.5, return_when=FIRST_COMPLETED)
                for future in done:
                    future.result()
                look()
                interrupts.check()
        except BaseException:
            stop.set()
            queue.close()
            pool.shutdown(wait=True, cancel_futures=True)
            raise
