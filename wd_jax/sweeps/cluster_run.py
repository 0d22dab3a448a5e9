"""A run in a folder, its missing tasks done by a Dask cluster: what `wd_jax.sweep(..., engine="dask")` does."""

import contextlib
from collections.abc import Sequence
from typing import Any

from wd_jax.data import Dataset
from wd_jax.sweeps import dask_engine, sinks, worker_data
from wd_jax.sweeps.cost import seconds_of
from wd_jax.sweeps.live.page import StatusPage
from wd_jax.sweeps.progress import shown
from wd_jax.sweeps.store import drivers
from wd_jax.sweeps.store.drivers import Heartbeat
from wd_jax.sweeps.store.generations import RunStore
from wd_jax.sweeps.task import Task


def run(
    store: RunStore,
    tasks: Sequence[Task],
    members: Sequence[int],
    data: Dataset,
    devices: Sequence[str],
    *,
    address: str | None = None,
    processes: int | None = None,
    progress: bool | str = True,
) -> None:
    """Run what is missing of a run; a task that fails is noted in the store, and the others go on.

    Parameters
    ----------
    store : RunStore
        From `wd_jax.sweeps.store.generations.begin`.
    tasks : sequence of Task
        Of its plan.
    members : sequence of int
        Of each task, copies left out.
    data : Dataset
        What is learned.
    devices : sequence of str
        Kinds of those that it was planned for.
    address, processes
        As for `wd_jax.sweeps.dask_engine.run`.
    progress : bool or str
        As for `wd_jax.sweep`.

    Raises
    ------
    ImportError
        If Dask is not installed.
    ValueError
        For a model, a rule, a schedule or a probe of the user's own: no other process has its function.
    wd_jax.sweeps.dask_engine.ClusterLostError
        If the scheduler cannot be reached or is gone.
    wd_jax.sweeps.run_errors.DeterminismAlarm
        If a task gave other numbers than those that are published.
    """
    dask_engine.check_installed()
    missing = store.missing()
    check_portable(tasks)
    worker_data.keep(store.generation, data, store.plan.dataset)
    for index in missing:  # they are tried again
        store.chunks.clear_failures(store.plan.keys[index])
    todo = sorted(missing, key=lambda i: -seconds_of(tasks[i], data))
    steps = [task.epochs * task.steps_per_epoch * own for task, own in zip(tasks, members, strict=True)]
    left = sum(steps[i] for i in todo)
    versions = sinks.provenance(devices)["versions"]
    kind = "dask" if address is None else f"dask {address}"
    heart = Heartbeat(store.generation, drivers.new(kind, store.plan.hash, tuple(devices), versions))
    page = StatusPage(store)
    done, word = 0, "failed"
    try:
        with shown(progress, left, len(todo)) as view:

            def look() -> None:
                view.look()
                heart.beat(tasks_done=done, **view.said(left))
                page.look()

            plan = store.plan
            running = dask_engine.run(
                store.generation, plan.number, plan.keys, todo, address=address, processes=processes, look=look
            )
            with contextlib.closing(running):
                for ended in running:
                    if ended.receipt is not None:
                        done += 1
                        with view.chunk() as tick:
                            tick(steps[ended.index], _diverged(store, ended.index, members[ended.index]))
                    look()
            word = "done" if done == len(todo) else "failed"
    except KeyboardInterrupt:
        word = "interrupted"
        raise
    finally:
        heart.end(word, tasks_done=done)
        page.end()


def check_portable(tasks: Sequence[Task]) -> None:
    """Refuse, before anything is written, what only the program that has the function can run.

    Raises
    ------
    ValueError
        Naming it and the remedy.
    """
    first: dict[Any, Task] = {}
    for task in tasks:
        first.setdefault((task.setup, task.probes), task)
    for task in first.values():
        try:
            Task.from_json(task.json())
        except ValueError as error:
            what = str(error).split(";")[0]
            raise ValueError(f"{what}: other processes do not have it; train in this one, without a cluster") from error


def _diverged(store: RunStore, index: int, members: int) -> int:
    """Count the members of a published task that diverged."""
    found = store.chunks.load(store.plan.keys[index], ["diverged_at"])
    return int((found["diverged_at"][:members] >= 0).sum())
