"""One task of a run in whatever process this is: look, compute, publish. A cluster calls nothing else.

It may be called twice for one task, here and elsewhere, at once: the first to publish wins, and the numbers are the
same. What a process needs for all tasks, the plan, the data and the compiled programs, it keeps.
"""

import contextlib
import functools
import json
import queue
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jax

from wd_jax import compile_cache
from wd_jax.engine.examples import Examples, on_device
from wd_jax.sweeps import provenance, run_task, worker_data, workers
from wd_jax.sweeps.progress import Tick
from wd_jax.sweeps.store import plan_file
from wd_jax.sweeps.store.checkpoints import Checkpoints
from wd_jax.sweeps.store.chunk_store import ChunkStore, Receipt
from wd_jax.sweeps.store.plan_file import StoredPlan
from wd_jax.sweeps.task import Task


def run_chunk(generation: str, plan: int, index: int) -> Receipt:
    """Make sure that one task of a run is published.

    Parameters
    ----------
    generation : str
        Folder with plans and tasks, on a disk that this process sees.
    plan : int
        Number of the plan.
    index : int
        Of the task in it.

    Returns
    -------
    Receipt
        Of what is published, by whomever.

    Raises
    ------
    ForeignFileError
        For a task that this process, having other versions, would compute otherwise.
    DeterminismAlarm
        If another process published other numbers meanwhile.
    Exception
        Whatever the task raised; it is noted in the store too.
    """
    folder = Path(generation)
    stored, store = _plan(folder, plan), ChunkStore(folder)
    with noting(store, stored.keys[index]):
        found = store.receipt(stored.keys[index])
        if found is not None:
            return found
        with _devices().borrowed() as device:
            task = stored.task(index)
            check_device(stored, device)
            examples = _examples(folder, plan, device, task.setup.dtype)
            return compute(store, task, examples, device)


def compute(
    store: ChunkStore,
    task: Task,
    examples: Examples,
    device: Any,
    stop: threading.Event | None = None,
    tick: Tick = lambda steps, diverged: None,
    compiled: Callable[[], None] = lambda: None,
    members: int | None = None,
) -> Receipt:
    """Train a task's members, from its newest checkpoint if it has one, and publish what was measured.

    Parameters
    ----------
    store : ChunkStore
        Where to.
    task : Task
        What to run.
    examples : Examples
        Its data set on the device.
    device : jax.Device
        Where.
    stop, tick, compiled, members
        As for `wd_jax.sweeps.run_task.run_on`.

    Raises
    ------
    InterruptedError
        If it was stopped.
    DeterminismAlarm
        If another process published other numbers meanwhile.
    """
    begun = time.monotonic()
    checkpoints = Checkpoints(store.folder, task.key, provenance.where(device))
    stop = threading.Event() if stop is None else stop
    with run_task.numerics(task.setup.dtype), jax.default_device(device):
        arrays = run_task.run_on(task, examples, stop, tick, compiled, members, checkpoints=checkpoints)
    return store.publish(task.spec, arrays, provenance.of(device, time.monotonic() - begun))


@contextlib.contextmanager
def noting(store: ChunkStore, key: str) -> Iterator[None]:
    """Note in the store that a task raised an error, and raise it; an interruption is none.

    What ends a task and is no fault of its own, a full disk and the like, is noted too: whoever looks at the run sees
    why it is not there.
    """
    try:
        yield
    except InterruptedError:
        raise
    except Exception as error:
        with contextlib.suppress(OSError):  # the disk may be what failed
            store.note_failure(key, 1 + len(store.failures().get(key, ())), error, traceback.format_exc())
        raise


def check_device(stored: StoredPlan, device: Any) -> None:
    """Refuse another kind of device than a run was planned for: its result says on what it was computed.

    Raises
    ------
    ValueError
        Naming both and the remedy.
    """
    environment = stored.layout.frame.coords.get("environment")
    planned = set(json.loads(str(environment.values.ravel()[0]))["devices"]) if environment is not None else set()
    if planned and ("cpu" in planned) != (device.platform == "cpu"):
        remedy = "set JAX_PLATFORMS=cpu" if "cpu" in planned else "run it where such a device is"
        raise ValueError(
            f"the run was planned for {', '.join(sorted(planned))} and this process has {device.device_kind}: {remedy}"
        )


@functools.lru_cache(maxsize=8)
def _plan(folder: Path, number: int) -> StoredPlan:
    """Read a plan once: its file never changes."""
    return plan_file.read(folder / "plan" / f"{number}.npz")


_ONE_AT_A_TIME = threading.Lock()


def _examples(folder: Path, number: int, device: Any, dtype: str) -> Examples:
    """Give a plan's data on a device, moved there once."""
    with _ONE_AT_A_TIME:
        return _moved(folder, number, device, dtype)


@functools.lru_cache(maxsize=16)
def _moved(folder: Path, number: int, device: Any, dtype: str) -> Examples:
    with warnings.catch_warnings(), run_task.numerics(dtype), jax.default_device(device):
        warnings.simplefilter("ignore")  # what there is to say of the data was said where the run was planned
        return on_device(_data(folder, number), dtype)


@functools.lru_cache(maxsize=2)
def _data(folder: Path, number: int) -> Any:
    return worker_data.load(folder, _plan(folder, number).dataset)


class _Devices:
    """The devices of this process: each runs one task at a time, on a plain CPU one on each core."""

    def __init__(self) -> None:
        self._free: queue.LifoQueue[Any] = queue.LifoQueue()
        for device in reversed(workers.chosen(None)):
            self._free.put(device)

    @contextlib.contextmanager
    def borrowed(self) -> Iterator[Any]:
        """Wait for a device that is free, and give it back."""
        device = self._free.get()
        try:
            yield device
        finally:
            self._free.put(device)


@functools.cache
def _devices() -> _Devices:
    """Find the devices of this process, once; programs that are compiled here are kept for the next worker."""
    compile_cache.use()
    return _Devices()
