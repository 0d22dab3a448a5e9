"""The sweeps that the fault suite disturbs, and how a disturbed process tells what it has done."""

import functools
import os
from pathlib import Path
from typing import Any

import wd_jax as wd
from wd_jax.sweeps import threads
from wd_jax.sweeps.store import chunk_store
from wd_jax.sweeps.store.checkpoints import Checkpoints

MANY = {"lmbda": [0.25, 0.5, 1.0, 2.0], "eta": [0.1, 0.3], "seeds": 40, "epochs": 3, "method": "generic"}
"""40 tasks of one program."""
FEW = {"lmbda": [0.5, 1.0], "seeds": 12, "epochs": 2, "method": "generic"}
"""Three tasks of one program."""
LONG = {"lmbda": [0.5, 1.0], "seeds": 2, "epochs": 40, "probes": wd.Probes(evaluate_every=1)}
"""One task that looks at the host after every epoch."""
AXES = {"MANY": MANY, "FEW": FEW, "LONG": LONG}


@functools.cache
def data() -> Any:
    """A task to learn that takes no time to load."""
    return wd.data.teacher(0, n=200, n_validation=20, n_test=20, n_in=6, n_hidden=4, n_out=3)


def swept(name: str, out: str | Path | None = None, **options: Any) -> Any:
    """Run one of the sweeps."""
    setup = wd.Setup(widths=(6, 4, 3), batch_size=10)
    return wd.sweep(setup, data(), **AXES[name] | {"out": out, "progress": False} | options)


def told(journal: str) -> None:
    """From now on write down each task that begins, is kept in a checkpoint, or is published, in one write each.

    What was written is there after a SIGKILL: the system has it, not this process.
    """
    file = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    run_on, publish, save = threads.run_on, chunk_store.ChunkStore.publish, Checkpoints.save

    def noted_run(task: Any, *rest: Any, **options: Any) -> Any:
        os.write(file, f"begun {task.key}\n".encode())
        return run_on(task, *rest, **options)

    def noted_publish(store: Any, *rest: Any) -> Any:
        receipt = publish(store, *rest)
        os.write(file, f"published {receipt.key} {receipt.sha256}\n".encode())
        return receipt

    def noted_save(kept: Any, epoch: int, *rest: Any) -> None:
        save(kept, epoch, *rest)
        os.write(file, f"checkpoint {kept.key} {epoch}\n".encode())

    threads.run_on, chunk_store.ChunkStore.publish, Checkpoints.save = noted_run, noted_publish, noted_save


def sweep(name: str, out: str, journal: str, between: float | None = None) -> None:
    """Run one of the sweeps in a process of its own; with `between` its checkpoints come so many seconds apart."""
    told(journal)
    if between is not None:
        threads.run_on = functools.partial(threads.run_on, between=between)
    swept(name, out)


def shell(arguments: list[str], journal: str) -> int:
    """Do as the command line does."""
    from wd_jax import cli

    told(journal)
    return cli.main(arguments) or 0
