"""A process that trains one long task with a checkpoint after every call, and publishes it: to be killed."""

import sys
import threading
from pathlib import Path

import wd_jax as wd
from wd_jax.engine.examples import on_device
from wd_jax.sweeps.run_task import numerics, run_on
from wd_jax.sweeps.store.checkpoints import Checkpoints
from wd_jax.sweeps.store.chunk_store import ChunkStore
from wd_jax.sweeps.task import Task

DATA = wd.data.teacher(0, n=20, n_validation=4, n_test=4, n_in=4, n_hidden=4, n_out=2)


def task(kills: int) -> Task:
    """A task of more calls than it will be killed."""
    setup = wd.Setup(widths=(4, 3, 2), batch_size=5)
    epochs = 4 * (kills + 1)
    plan = wd.dry_run(setup, DATA, lmbda=[0.5, 1.0], seeds=2, epochs=epochs, probes=wd.Probes(evaluate_every=1))
    return plan.tasks[0]


def main(folder: str, kills: str) -> None:
    """Train from the newest checkpoint; say the epochs done there, then each call."""
    wanted, store = task(int(kills)), ChunkStore(Path(folder)).prepared()
    kept = Checkpoints(store.folder, wanted.key)
    newest = kept.newest()
    print("from", 0 if newest is None else newest.epoch, flush=True)
    with numerics(wanted.setup.dtype):
        here = on_device(DATA, wanted.setup.dtype)

        def tick(steps: int, diverged: int) -> None:
            print("call", flush=True)

        records = run_on(wanted, here, threading.Event(), tick, checkpoints=kept, between=0.0)
    store.publish(wanted.spec, records, {})
    print("published", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
