"""A share of a run's tasks in this process: what ``wd-jax worker`` does. Shares know nothing of each other."""

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wd_jax.sweeps import run_chunk, sinks, threads, worker_data, workers
from wd_jax.sweeps.share import Share
from wd_jax.sweeps.store import generations
from wd_jax.sweeps.store.generations import RunStore
from wd_jax.sweeps.work_queue import Batch


@dataclass(frozen=True)
class Outcome:
    """What a process did for a run.

    Attributes
    ----------
    share : Share
        Which tasks were its own.
    own, here : int
        How many those are, and how many of them are published now.
    failed : tuple of str
        Why the others failed, one line each.
    missing : int
        Tasks of the whole run that are not published, those of other shares among them.
    """

    share: Share
    own: int
    here: int
    failed: tuple[str, ...]
    missing: int


def run(root: Path, share: Share, *, progress: bool | str = True, devices: Any = None) -> Outcome:
    """Run the tasks of a share that are not published yet, on all devices of this process.

    Parameters
    ----------
    root : Path
        Folder of the run, whose plan is there.
    share : Share
        Which of its tasks.
    progress : bool or str
        As for `wd_jax.sweep`.
    devices : sequence of jax.Device, optional
        As for `wd_jax.sweep`.

    Raises
    ------
    OSError, ValueError
        If the run, or its data, cannot be used here.
    """
    store = generations.open_store(root)
    own = share.of_tasks(len(store.plan.keys))
    todo = sorted(set(own) & set(store.missing()))
    if todo:
        _train(store, share, todo, progress, workers.chosen(devices))
        with contextlib.suppress(OSError):
            generations.settle(store)
    missing, noted = set(store.missing()), store.chunks.failures()
    lost = [store.plan.keys[task] for task in own if task in missing]
    failed = tuple(f"{key}: {noted[key][-1].error if key in noted else 'not done'}" for key in lost)
    return Outcome(share, len(own), len(own) - len(lost), failed, len(missing))


def _train(store: RunStore, share: Share, todo: list[int], progress: bool | str, devices: tuple[Any, ...]) -> None:
    for device in devices:
        run_chunk.check_device(store.plan, device)
    store.chunks.prepared()
    data = worker_data.load(store.generation, store.plan.dataset)
    tasks: list[Any] = [None] * len(store.plan.keys)
    for index in todo:
        tasks[index] = store.plan.task(index)
    members = [chunk.members for chunk in store.plan.chunks]
    sink = sinks.Stored(store, tasks, f"shard {share}", [str(one.device_kind) for one in devices], only=todo)
    with contextlib.closing(threads.run([Batch(tasks, data, members, sink)], devices, progress=progress)) as found:
        for _ in found:
            pass
