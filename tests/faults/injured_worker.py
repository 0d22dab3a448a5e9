"""Loaded by a Dask worker before anything else.

It notes every start of a task, and makes one task kill its process, or raise, as the environment says.
"""

import os
import signal
from pathlib import Path

from wd_jax.sweeps import run_chunk

whole = run_chunk.compute


def compute(store, task, *given, **named):
    if started := os.environ.get("WD_JAX_TEST_STARTED"):
        with Path(started).open("a") as file:  # one short write: lines of two processes do not mix
            file.write(f"{task.key}\n")
    if task.key == os.environ.get("WD_JAX_TEST_POISON"):
        os.kill(os.getpid(), signal.SIGKILL)
    if task.key == os.environ.get("WD_JAX_TEST_RAISING"):
        raise ArithmeticError("a task that cannot be done\nsecond line " + "x" * 50_000)
    return whole(store, task, *given, **named)


run_chunk.compute = compute
