"""What happens to a small run on a cluster: `python -m tests.faults.cluster_cases CASE FOLDER`.

Each case prints one line of JSON, and ends by itself or is killed by the test that started it.
"""

import json
import os
import signal
import sys
from pathlib import Path

import numpy as np

import wd_jax as wd
from wd_jax.sweeps import dask_engine, local_cluster, worker_data
from wd_jax.sweeps.store import generations

POISON, RAISING = "WD_JAX_TEST_POISON", "WD_JAX_TEST_RAISING"
TASKS = 8
PRELOAD = {"distributed.worker.preload": ["tests.faults.injured_worker"], "distributed.scheduler.allowed-failures": 1}
"""Two deaths, not four, so that the tests take less long."""


def plan() -> wd.sweeps.plan.Plan:
    """8 tasks of 8 members, all of one program."""
    setup = wd.Setup(widths=(16, 8, 4))
    options = {"lmbda": [0.5, 1.0, 5.0, 20.0], "seeds": 16, "method": "generic"}
    return wd.dry_run(setup, wd.data.load("teacher"), epochs=int(os.environ.get("EPOCHS", "3")), **options)


def begun(folder: Path) -> generations.RunStore:
    planned = plan()
    store, planned = generations.begin(folder, planned, False)
    assert len(planned.tasks) == TASKS
    worker_data.keep(store.generation, planned.data, store.plan.dataset)
    return store


def drive(store: generations.RunStore, address: str | None, on_ended=lambda ended: None) -> list[dask_engine.Ended]:
    """Run what is missing."""
    found = []
    keys, number = store.plan.keys, store.plan.number
    for ended in dask_engine.run(store.generation, number, keys, store.missing(), address=address, processes=2):
        found.append(ended)
        on_ended(ended)
    return found


def killed_worker(folder: Path) -> dict:
    """SIGKILL one worker after two tasks are there, in the middle of another."""
    store, killed, before = begun(folder), [], []
    started = folder.with_name("started")
    os.environ["WD_JAX_TEST_STARTED"] = str(started)
    import dask

    with dask.config.set(PRELOAD), local_cluster.made(2) as cluster:

        def kill(ended: dask_engine.Ended) -> None:
            if len(store.missing()) <= TASKS - 2 and not killed:
                before.extend(sorted(store.chunks.keys()))
                killed.append(next(iter(cluster.workers.values())).process.pid)
                os.kill(killed[0], signal.SIGKILL)

        ended = drive(store, cluster.scheduler_address, kill)
    starts = started.read_text().split()
    receipts = [one.receipt is not None for one in ended]
    return {"killed": killed, "receipts": receipts, "before": before, "starts": starts, "keys": list(store.plan.keys)}


def injured(folder: Path) -> dict:
    """Workers in which one task kills its process, or raises an error, each time."""
    store = begun(folder)
    name = os.environ["INJURY"]
    os.environ[name] = store.plan.keys[3]
    import dask

    with dask.config.set(PRELOAD):
        ended = drive(store, None)
    noted = {key: [one.error for one in notes] for key, notes in store.chunks.failures().items()}
    longest = max((len(one.traceback) for notes in store.chunks.failures().values() for one in notes), default=0)
    return {
        "failed": [one.index for one in ended if one.receipt is None],
        "why": [one.why for one in ended if one.receipt is None],
        "missing": store.missing(),
        "noted": noted,
        "key": store.plan.keys[3],
        "traceback": longest,
    }


def swept(folder: Path) -> dict:
    """The whole way of a user, on the cluster of ADDRESS or on one made here."""
    options = {"lmbda": [0.5, 1.0, 5.0, 20.0], "seeds": 16, "method": "generic", "progress": False}
    engine = os.environ.get("ENGINE", "dask")
    address = os.environ.get("ADDRESS") if engine == "dask" else None
    epochs = int(os.environ.get("EPOCHS", "3"))
    data = wd.data.load("teacher")
    setup = wd.Setup(widths=(16, 8, 4))
    runs = wd.sweep(setup, data, epochs=epochs, out=folder, engine=engine, address=address, **options)
    return {"members": int(np.prod(runs.status.shape)), "ok": int((runs.status == "ok").sum())}


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](Path(sys.argv[2]))), flush=True)
