"""Run a plan of the laboratory: the seeds share a compiled program, and a thread for each core takes them in turn."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import numpy as np

from wd_jax.engine.hyper_tree import Hyper, restored
from wd_jax.engine.probes import registry
from wd_jax.laboratory import program, time_mean
from wd_jax.laboratory.plan import LabPlan
from wd_jax.sweeps.run_task import HostRecords, numerics

WORK_OF_A_CALL = 5e7
"""Weights times steps of one call of a program: a second or two, so that an interruption is seen."""


def run(plan: LabPlan, workers: Sequence[Any]) -> HostRecords:
    """Run every seed of a plan.

    Parameters
    ----------
    plan : LabPlan
        What is run.
    workers : sequence of jax.Device
        Where, a thread each; how many there are changes no bit.

    Returns
    -------
    dict of str to array
        Each variable, [seed, record, cell, ...] of float64, and ``diverged_at``, the step that was lost, [seed, cell].
    """
    stop = threading.Event()
    devices = [workers[i % len(workers)] for i in range(len(plan.seeds))]
    with ThreadPoolExecutor(len(workers)) as threads:
        try:
            tasks = [threads.submit(_one_seed, plan, *one, stop) for one in zip(plan.seeds, devices, strict=True)]
            found = [task.result() for task in tasks]
        finally:
            stop.set()
            threads.shutdown(cancel_futures=True)
    arrays: HostRecords = {name: np.stack([one[name] for one in found]) for name in found[0]}
    for probe in plan.what.probes:
        arrays |= probe.derived(arrays, plan.what.tensor)  # pyrefly: ignore
    return arrays


def _one_seed(plan: LabPlan, seed: int, device: Any, stop: threading.Event) -> HostRecords:
    """Run all cells of one seed, each record [cell, ...]."""
    what, key = plan.what, np.uint32(seed)
    a_call = max(1, int(WORK_OF_A_CALL / (len(plan.cells) * what.tensor.size)))
    with numerics(what.dtype), jax.default_device(device):
        hyper = _stacked(plan)
        running, records = program.begin(what, hyper, key)
        own: dict[str, Any] = {name: array for name, array in records.items() if name not in time_mean.PROBE.names}
        registry.check_own(plan.asked, own, what.tensor.layers)
        found: list[dict[str, Any]] = [records]
        done = 0
        for end in plan.ends[1:].tolist():
            while done < end:
                if stop.is_set():
                    raise InterruptedError("the laboratory was stopped")
                count = min(a_call, end - done)
                running = program.advance(what, hyper, key, running, np.int32(done), np.int32(count))
                done += count
            running, records = program.measure(what, hyper, running)
            found.append(_of_weights_alone(what, records) if end == plan.burn_in else records)
        arrays = {name: np.stack([np.asarray(one[name], np.float64) for one in found]) for name in found[0]}
        return arrays | {"diverged_at": np.asarray(running.members.diverged_at)}


def _of_weights_alone(what: program.Experiment, records: dict[str, Any]) -> dict[str, Any]:
    """Keep what the weights at the end of the burn-in show; what is of its steps is NaN: they are no record."""
    of_steps = {name for probe in what.probes if probe.start is not None for name in probe.names}
    return {name: np.full_like(array, np.nan) if name in of_steps else array for name, array in records.items()}


def _stacked(plan: LabPlan) -> Hyper:
    """Put the numbers of all cells into arrays, each [cell], of the run's dtype."""
    numbers = {one.name: [cell[one.name] for cell in plan.cells] for one in plan.coefficients}
    return restored({name: jax.numpy.asarray(values, plan.what.dtype) for name, values in numbers.items()})
