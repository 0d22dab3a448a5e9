"""Tasks on a Dask cluster: on processes of this machine, or on a cluster that is there. The store is what counts.

The scheduler only passes on which task is next: what a task needs lies in the run's folder, and what it gives goes
there. So it may run a task twice, or die, or lose its workers: what is published stays, and the rest is done by the
next call.
"""

import asyncio
import concurrent.futures
import contextlib
import hashlib
import queue
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wd_jax import interrupts
from wd_jax.sweeps import local_cluster, run_chunk
from wd_jax.sweeps.run_errors import DeterminismAlarm
from wd_jax.sweeps.store.chunk_store import ChunkStore, Receipt

IN_FLIGHT = 4
"""Tasks that the scheduler knows of at a time, for each thread of its workers."""
ATTEMPTS = 2
"""At a task that raises an error."""
LOOK = 0.5
"""Seconds between two looks at the cluster."""
PATIENCE = 30.0
"""Seconds without a worker until it is said."""


class ClusterLostError(ConnectionError):
    """The scheduler cannot be reached, or is gone."""


@dataclass(frozen=True)
class Ended:
    """How one task ended.

    Attributes
    ----------
    index : int
        Of the task in the plan.
    receipt : Receipt or None
        Of what is published; None if the task failed for good.
    why : str
        What failed, one line.
    """

    index: int
    receipt: Receipt | None
    why: str = ""


def run(
    generation: Path,
    plan: int,
    keys: Sequence[str],
    todo: Sequence[int],
    *,
    address: str | None = None,
    processes: int | None = None,
    look: Callable[[], None] = lambda: None,
    say: Callable[[str], None] = lambda line: None,
) -> Generator[Ended, None, None]:
    """Run tasks of a run on a cluster, and tell how each ended.

    Parameters
    ----------
    generation : Path
        Folder with plans and tasks, which every worker must see under the same name.
    plan : int
        Number of the plan.
    keys : sequence of str
        Of all its tasks.
    todo : sequence of int
        Which to run, the dearest first.
    address : str, optional
        Of a scheduler, ``tcp://host:port``, or the name of the file that it wrote; by default a cluster is made of this
        machine's cores and closed at the end.
    processes : int, optional
        Of the cluster that is made.
    look : callable
        Called about twice a second.
    say : callable
        Takes a line for the user.

    Yields
    ------
    Ended
        For each task, in the order in which they end.

    Raises
    ------
    ImportError
        If Dask is not installed.
    ClusterLostError
        If the scheduler cannot be reached, or is gone before the end: run the same command again.
    DeterminismAlarm
        If a task gave other numbers than those that another process had published.
    """
    if not todo:
        return
    check_installed()
    with local_cluster.client(address, processes, len(todo)) as client:
        driver = _Driver(
            client, address or "this machine", generation.resolve(), plan, keys, look, say, address is None
        )
        yield from driver.run(todo)


def check_installed() -> None:
    """Refuse, before anything is planned, an engine that is not there.

    Raises
    ------
    ImportError
        With the command that installs it.
    """
    try:
        import distributed  # noqa: F401
    except ImportError as error:
        raise ImportError("engine='dask': Dask is not installed: pip install 'wd-jax[cluster]'") from error


@dataclass
class _Driver:
    """Keeps a few tasks with the scheduler, and decides what becomes of those that fail."""

    client: Any
    name: str
    generation: Path
    plan: int
    keys: Sequence[str]
    look: Callable[[], None]
    say: Callable[[str], None]
    own: bool = False
    flying: dict[Any, int] = field(default_factory=dict)
    attempts: dict[int, int] = field(default_factory=dict)
    blamed: deque[int] = field(default_factory=deque)
    news: "queue.SimpleQueue[Any]" = field(default_factory=queue.SimpleQueue)

    def run(self, todo: Sequence[int]) -> Generator[Ended, None, None]:
        """Run tasks. One whose workers died may have stood beside the one that killed them: it runs alone, last."""
        try:
            yield from self._all(deque(todo), alone=False)
            yield from self._all(self.blamed, alone=True)
        finally:
            with contextlib.suppress(Exception):  # the cluster may be gone
                self.client.cancel(list(self.flying), force=False)

    def _all(self, left: "deque[int]", alone: bool) -> Generator[Ended, None, None]:
        threads = self._threads()
        seen = looked = time.monotonic()
        while left or self.flying:
            while left and len(self.flying) < (1 if alone else max(1, IN_FLIGHT * threads)):
                self._submit(left.popleft())
            future = None
            with contextlib.suppress(queue.Empty):
                future = self.news.get(timeout=LOOK)
            interrupts.check()
            now = time.monotonic()
            if future is None or now - looked > LOOK:
                self.look()
                threads, looked = self._threads(), now
            if threads:
                seen = now
            elif now - seen > PATIENCE:
                self.say(f"the cluster of {self.name} has no worker: waiting for one")
                seen = now
            if future is not None:
                yield from self._ended(future, left, alone)

    def _submit(self, index: int) -> None:
        """Hand a task to the scheduler; two programs with one run share it, and two runs never do."""
        attempt = self.attempts[index] = self.attempts.get(index, 0) + 1
        run = hashlib.sha256(str(self.generation).encode()).hexdigest()[:12]
        future = self.client.submit(
            local_cluster.on_a_core if self.own else run_chunk.run_chunk,
            str(self.generation),
            self.plan,
            index,
            key=f"wd_jax-{run}{self.keys[index]}{attempt}",
            pure=True,
            retries=0,  # which error deserves another attempt is decided here
        )
        self.flying[future] = index
        future.add_done_callback(self.news.put)

    def _ended(self, future: Any, left: "deque[int]", alone: bool) -> Generator[Ended, None, None]:
        """Take one that has ended: done, to be tried again, or failed."""
        from distributed.scheduler import KilledWorker

        index = self.flying.pop(future)
        receipt: Receipt | None = None
        error: Exception | None = None
        try:
            receipt = future.result()
        except (asyncio.CancelledError, concurrent.futures.CancelledError) as lost:
            raise ClusterLostError(
                f"the scheduler of {self.name} is gone: what is published is kept, and the rest is done by the same "
                "command, with a cluster that is there"
            ) from lost
        except Exception as raised:
            error = raised
        future.release()  # so that the death of the worker that holds the receipt costs nothing
        if error is None:
            yield Ended(index, receipt)
        elif isinstance(error, DeterminismAlarm):
            raise error
        elif isinstance(error, KilledWorker) and not alone:
            self.blamed.append(index)
        elif isinstance(error, KilledWorker):
            why = f"{error.allowed_failures + 1} workers died while they ran it alone"
            store = ChunkStore(self.generation)
            store.note_failure(self.keys[index], self._next(store, index), why, str(error))
            yield Ended(index, None, why)
        elif self.attempts[index] < ATTEMPTS:
            left.append(index)
        else:
            yield Ended(index, None, " ".join(f"{type(error).__name__}: {error}".split())[:500])

    def _next(self, store: ChunkStore, index: int) -> int:
        return 1 + len(store.failures().get(self.keys[index], ()))

    def _threads(self) -> int:
        """Count the threads of all workers; 0 while the cluster cannot be asked."""
        try:
            return sum(self.client.nthreads().values())
        except Exception:  # whatever a connection says as it is lost: the futures tell
            return 0
