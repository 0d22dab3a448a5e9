"""A connection to a Dask cluster: one that is there, or one made of processes of this machine."""

import contextlib
import functools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from wd_jax.sweeps import run_chunk, workers
from wd_jax.sweeps.store.chunk_store import Receipt

REACH = 20.0
"""Seconds in which a scheduler must answer."""
THREADS = {**dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"), "NPROC": "2"}
"""Few threads for each worker, whatever the machine has: as many workers as cores, and none waits for another.

XLA takes NPROC for the number of cores. It is 2 and not 1, which would give other bits (`wd_jax.sweeps.workers`).
"""
FLAG = "--xla_cpu_multi_thread_eigen=false"


@contextlib.contextmanager
def client(address: str | None, processes: int | None, tasks: int) -> Iterator[Any]:
    """Connect to a cluster for as long as the block runs.

    Parameters
    ----------
    address : str, optional
        Of a scheduler, or of the file that it wrote; by default a cluster is made here, and closed at the end.
    processes : int, optional
        Of the cluster that is made, one for each core by default.
    tasks : int
        How many there are: no more processes are started.

    Raises
    ------
    ConnectionError
        If no scheduler answers.
    ValueError
        For a cluster of processes where the devices are no CPU.
    """
    import distributed

    if address is None:
        with made(min(processes or workers.cores(), tasks)) as cluster, distributed.Client(cluster) as found:
            yield found
        return
    named = {"scheduler_file": address} if Path(address).is_file() else {"address": address}
    try:
        found = distributed.Client(**named, timeout=REACH, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ConnectionError(
            f"{address}: no Dask scheduler answers there; start one (dask scheduler), or leave the address out"
        ) from error
    with found:
        yield found


@contextlib.contextmanager
def made(processes: int) -> Iterator[Any]:
    """Make a cluster of processes of this machine that nothing outside it can reach.

    They are spawned, never forked: JAX's threads do not survive a fork, and the child would wait for ever.

    Parameters
    ----------
    processes : int
        How many, one task at a time each.
    """
    import dask
    import distributed
    import jax

    if jax.default_backend() != "cpu":
        raise ValueError(
            f"engine='dask' without an address makes processes for the cores of a CPU, and JAX's devices here are "
            f"{jax.default_backend()}: leave engine out, which uses all of them, or give the address of a cluster"
        )
    settings = {
        "distributed.nanny.pre-spawn-environ": environment(),
        "distributed.nanny.environ": {},
        "distributed.worker.multiprocessing-method": "spawn",
        "distributed.comm.retry.count": 2,
        "distributed.logging.distributed": "error",
    }
    with dask.config.set(settings):
        cluster = distributed.LocalCluster(
            n_workers=processes,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            memory_limit=0,  # the plan has looked at the memory; a worker that is ended for its size loses its task
            silence_logs="ERROR",
        )
        with cluster:
            yield cluster


def environment() -> dict[str, str]:
    """Give the variables that bound a worker's threads, beside what XLA_FLAGS says already.

    Examples
    --------
    >>> environment()["OMP_NUM_THREADS"]
    '1'
    """
    said = os.environ.get("XLA_FLAGS", "")
    flags = said if "xla_cpu_multi_thread_eigen" in said else f"{said} {FLAG}".strip()
    return {**THREADS, "XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"}


def on_a_core(generation: str, plan: int, index: int) -> Receipt:
    """Do `run_chunk.run_chunk` on a core that this worker keeps to: side by side, two programs cost each other a third.

    Parameters
    ----------
    generation, plan, index
        As for `wd_jax.sweeps.run_chunk.run_chunk`.
    """
    _keep_to_a_core()
    return run_chunk.run_chunk(generation, plan, index)


@functools.cache
def _keep_to_a_core() -> None:
    """Choose the core by the worker's number, before JAX starts its threads, which follow the one that starts them."""
    import distributed

    name = distributed.get_worker().name
    if isinstance(name, int) and hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        with contextlib.suppress(OSError):  # a system that forbids it is only slower
            os.sched_setaffinity(0, {cores[name % len(cores)]})
