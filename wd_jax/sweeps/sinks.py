"""Where the records of finished tasks go: into memory, or into the store of a run."""

import importlib.metadata
import os
import queue
import threading
import traceback
from collections.abc import Collection, Sequence
from typing import Any, Protocol

import wd_jax
from wd_jax.sweeps.live.page import StatusPage
from wd_jax.sweeps.run_errors import DeterminismAlarm
from wd_jax.sweeps.run_task import HostRecords
from wd_jax.sweeps.store import drivers
from wd_jax.sweeps.store.checkpoints import Checkpoints
from wd_jax.sweeps.store.drivers import Heartbeat
from wd_jax.sweeps.store.generations import RunStore
from wd_jax.sweeps.task import Task

ATTEMPTS = 2
"""Of a task that raises an error, in one run."""
WAITING = 4
"""Most tasks whose records wait to be written: a slow disk holds the workers back."""


class Sink(Protocol):
    """What becomes of tasks. All but `put` and `failed` are called from the thread that waits for them."""

    @property
    def done(self) -> Collection[int]:
        """Numbers of tasks that need not run."""

    @property
    def settled(self) -> int:
        """How many tasks are done or given up, those that need not run among them."""

    def put(self, task: int, records: HostRecords, seconds: float) -> None:
        """Keep what a task gave; called by a worker."""

    def failed(self, task: int, attempt: int, error: Exception) -> bool:
        """Take note of an error, and say whether the task is tried again; what cannot be borne is raised."""

    def checkpoints(self, task: int) -> Checkpoints | None:
        """Give the place for a long task's checkpoints."""

    def look(self, **said: Any) -> None:
        """Say how far the run is, and raise what a thread in the background met."""

    def end(self, word: str) -> None:
        """Wait until what was put is kept: "done", "interrupted" or "failed"."""


class Memory:
    """Keeps records in memory; the first error ends all."""

    def __init__(self) -> None:
        self.done: Collection[int] = ()
        self.found: dict[int, HostRecords] = {}

    @property
    def settled(self) -> int:
        """How many tasks are done."""
        return len(self.found)

    def put(self, task: int, records: HostRecords, seconds: float) -> None:
        """Keep what a task gave."""
        self.found[task] = records

    def taken(self) -> list[HostRecords]:
        """Give the records of all tasks in their order, and forget them."""
        found, self.found = self.found, {}
        return [found[task] for task in range(len(found))]

    def failed(self, task: int, attempt: int, error: Exception) -> bool:
        """Bear no error."""
        raise error

    def checkpoints(self, task: int) -> None:
        """Keep none."""

    def look(self, **said: Any) -> None:
        """Say nothing."""

    def end(self, word: str) -> None:
        """Wait for nothing."""


class Stored:
    """Publishes records in the store of a run, by a thread of its own: workers do not wait for the disk.

    Parameters
    ----------
    store : RunStore
        Of the run.
    tasks : sequence of Task
        Of its plan.
    kind : str
        Of this process, for a reader.
    devices : sequence of str
        Kinds of devices, for a reader and for the provenance.
    only : collection of int, optional
        Numbers of the tasks that are this process's: the others are left to others.
    """

    def __init__(
        self,
        store: RunStore,
        tasks: Sequence[Task],
        kind: str,
        devices: Sequence[str],
        only: Collection[int] | None = None,
    ) -> None:
        self._store, self._tasks = store, tasks
        missing = set(store.missing()) if only is None else set(store.missing()) & set(only)
        self.done: Collection[int] = frozenset(set(range(len(tasks))) - missing)
        self._published, self._given_up = 0, 0
        self._alarm: Exception | None = None
        self._broken: BaseException | None = None
        self._waiting: queue.Queue[tuple[int, HostRecords, float] | None] = queue.Queue(WAITING)
        self._provenance = provenance(devices)
        versions = self._provenance["versions"]
        self._page = StatusPage(store)
        self._heart = Heartbeat(store.generation, drivers.new(kind, store.plan.hash, tuple(devices), versions))
        for key in {store.plan.keys[task] for task in missing} & set(store.chunks.failures()):
            store.chunks.clear_failures(key)  # they are tried again
        self._writer = threading.Thread(target=self._write, name="wd_jax store", daemon=True)
        self._writer.start()

    @property
    def settled(self) -> int:
        """How many tasks are published or given up."""
        return len(self.done) + self._published + self._given_up

    def put(self, task: int, records: HostRecords, seconds: float) -> None:
        """Hand a task's records to the thread that publishes them."""
        self._waiting.put((task, records, seconds))

    def failed(self, task: int, attempt: int, error: Exception) -> bool:
        """Note an error; the last attempt gives the task up, and the others go on."""
        key = self._store.plan.keys[task]
        self._store.chunks.note_failure(key, attempt, error, "".join(traceback.format_exception(error)))
        if attempt < ATTEMPTS:
            return True
        self._given_up += 1
        return False

    def checkpoints(self, task: int) -> Checkpoints:
        """Give the place for a task's checkpoints."""
        return Checkpoints(self._store.generation, self._store.plan.keys[task])

    def look(self, **said: Any) -> None:
        """Give a sign of life; raise what publishing met, a full disk for one."""
        if self._broken is not None:
            raise self._broken
        self._heart.beat(tasks_done=self._published, **said)
        self._page.look()

    def end(self, word: str) -> None:
        """Publish what waits, and say how the run ended."""
        self._waiting.put(None)
        self._writer.join()
        failed = self._broken is not None or self._alarm is not None or self._given_up
        self._heart.end("failed" if failed and word == "done" else word, tasks_done=self._published)
        self._page.end()
        if word == "done" and (broken := self._broken or self._alarm) is not None:
            raise broken

    def _write(self) -> None:
        """Publish until told to end; after an error on the disk records are let go, so that no worker waits."""
        while (given := self._waiting.get()) is not None:
            task, records, seconds = given
            if self._broken is not None:
                continue
            try:
                self._store.chunks.publish(self._tasks[task].spec, records, self._provenance | {"seconds": seconds})
                self.checkpoints(task).clear()
            except DeterminismAlarm as error:
                self._alarm = error
            except BaseException as error:
                self._broken = error
                continue
            self._published += 1


def provenance(devices: Sequence[str]) -> dict[str, Any]:
    """Say what computes: nothing of it decides which task it is.

    Parameters
    ----------
    devices : sequence of str
        Kinds.
    """
    names = ("jax", "jaxlib", "numpy")
    versions = {"wd_jax": wd_jax.__version__, **{name: importlib.metadata.version(name) for name in names}}
    return {"devices": sorted(set(devices)), "versions": versions, "xla_flags": os.environ.get("XLA_FLAGS", "")}
