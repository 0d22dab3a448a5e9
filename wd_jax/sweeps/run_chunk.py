"""One task of a store on whatever process this is: look, compute, publish. A cluster calls nothing else.

It may be called twice for one task, here and elsewhere at once: the first to publish wins, and the numbers are the
same. What a process needs for all tasks, the plan, the data and the compiled programs, it keeps.
"""

import contextlib
import functools
import queue
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jax

from wd_jax.engine.examples import Examples, on_device
from wd_jax.sweeps import run_task, workers
from wd_jax.sweeps.provenance import provenance
from wd_jax.sweeps.store import worker_data
from wd_jax.sweeps.store.checkpoints import Checkpoints
from wd_jax.sweeps.store.chunk_store import DeterminismAlarm, Receipt
from wd_jax.sweeps.store.generations import RunStore, open_store


def run_chunk(folder: str, index: int, key: str) -> Receipt:
    """Make sure that one task of a store is published.

    Parameters
    ----------
    folder : str
        Of the run, on a disk that this process sees.
    index : int
        Of the task in the run's plan.
    key : str
        Of the same task, in case that the plan has changed.

    Returns
    -------
    Receipt
        Of what is published, by whomever.

    Raises
    ------
    ValueError
        For a task that this process would compute otherwise, having other versions.
    DeterminismAlarm
        If another process published other numbers meanwhile.
    Exception
        Whatever the task raised; it is noted in the store too.
    """
    store = _store(folder, key)
    found = store.chunks.receipt(key)
    if found is not None:
        return found
    try:
        with _a_device() as device:
            return compute(store, index, device)
    except (InterruptedError, DeterminismAlarm):
        raise
    except Exception as error:
        attempt = 1 + len(store.chunks.failures().get(key, ()))
        store.chunks.note_failure(key, attempt, error, traceback.format_exc())
        raise
