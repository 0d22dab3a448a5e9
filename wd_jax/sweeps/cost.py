"""What tasks will take, before anything is compiled: memory, and a time to be taken with a grain of salt."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wd_jax.data import Dataset
from wd_jax.engine.probes import registry
from wd_jax.engine.probes.probe import Probe
from wd_jax.inputs import limits
from wd_jax.models.footprint import numbers_per_example, rows_at_once
from wd_jax.sweeps.task import Task

GIGAFLOPS_PER_CORE = {"blocked": 75.0, "generic": 30.0}
"""Of plain SGD on [784, 30, 10] with m = 10 on the machine of docs/benchmarks.md, float32."""
WITH_AVERAGES = 0.55
"""Share of that which rules reach that keep averages of gradients: momentum in blocks, AdamW and Lion one by one."""
AVERAGES = 2
"""Arrays of the weights' size that such a rule keeps, at most."""
EVALUATION_GIGAFLOPS_PER_CORE = 130.0
COMPILE_SECONDS = 3.0
"""Of one program, on that machine."""
STEP_OPERATIONS = 4
"""Of a step, for each weight and example: a product forwards, and one for the gradient."""
WEIGHT_COPIES = 3
"""Arrays of the weights' size that a step holds: at a block's two ends, and while they are moved."""
PROGRAM_BYTES = 400 * 2**20
"""Python, JAX and its compiler."""


@dataclass(frozen=True)
class Cost:
    """Size of a sweep.

    Attributes
    ----------
    tasks, blocked : int
        Chunks of members trained together, and how many of them in blocks.
    programs : int
        Compiled programs for training.
    shares : dict of str to int
        Bytes with all workers busy, by what they are for.
    of_device : dict of str to int
        The same of the memory of one accelerator.
    device_bytes : int or None
        What the smallest accelerator has; None on a CPU, or where it is unknown.
    seconds : float
        On as many cores as there are workers, like those of the benchmarks' page.
    """

    tasks: int
    blocked: int
    programs: int
    shares: dict[str, int]
    of_device: dict[str, int]
    device_bytes: int | None
    seconds: float

    def fits(self) -> bool:
        """Whether the machine's memory can hold it, as far as that is known."""
        there = limits.memory_bytes()
        return there is None or sum(self.shares.values()) <= there

    def check(self, members: int) -> None:
        """Refuse a sweep that needs more memory than there is, saying what for and what to reduce.

        Parameters
        ----------
        members : int
            Training runs, for the words.

        Raises
        ------
        ValueError
            As `wd_jax.inputs.limits.check_memory`.
        """
        remedy = "give fewer seeds, values, epochs or records per epoch, narrower layers, or keep no weights"
        what = f"a sweep of {members} member{'s' * (members != 1)}"
        limits.check_memory(what, self.shares, remedy)
        if self.device_bytes is not None:
            remedy = 'give narrower layers, a smaller batch_size or fewer examples, or devices=jax.devices("cpu")'
            limits.check_memory(what, self.of_device, remedy, self.device_bytes, "a device's memory")


def cost(tasks: Sequence[Task], data: Dataset, workers: Sequence[Any]) -> Cost:
    """Add up what tasks will take.

    Parameters
    ----------
    tasks : sequence of Task
        What will run.
    data : Dataset
        What is learned.
    workers : sequence of jax.Device
        Of each task that runs at the same time; several may share a device, and with it the data.
    """
    alike = {task.kind: task for task in tasks}
    counts = Counter(task.kind for task in tasks)
    busy = min(len(workers), len(tasks))
    devices = len(set(workers[:busy]))
    there = [size for size in map(limits.device_bytes, set(workers[:busy])) if size is not None]
    sharing = max(workers[:busy].count(device) for device in workers[:busy]) if busy else 0
    training = max((_training_bytes(task, data.n_in) for task in alike.values()), default=0)
    splits = (data.train, data.validation, data.test)
    itemsize = max(np.dtype(task.setup.arithmetic).itemsize for task in alike.values())
    data_bytes = sum(split.inputs.size + split.targets.size for split in splits) * itemsize
    programs = len({task.program for task in alike.values()})
    seconds = sum(count * seconds_of(alike[key], data) for key, count in counts.items())
    return Cost(
        tasks=len(tasks),
        blocked=sum(task.steps_per_block > 0 for task in tasks),
        programs=programs,
        shares={
            "records": sum(count * _record_bytes(alike[key]) for key, count in counts.items()),
            "weights kept": sum(count * _weights_bytes(alike[key]) for key, count in counts.items()),
            "data": (devices + 1) * data_bytes,  # once more as it was read
            "members in training": busy * training,
            "the program": PROGRAM_BYTES,
        },
        of_device={"data": data_bytes, "members in training": sharing * training},
        device_bytes=min(there, default=None),
        seconds=seconds / busy + COMPILE_SECONDS * max(1, programs / len(workers)),
    )


def seconds_of(task: Task, data: Dataset) -> float:
    """Train and evaluate a task on one core, without its compilation; also how tasks are put in order.

    Parameters
    ----------
    task : Task
        What would run.
    data : Dataset
        What is learned.
    """
    setup, probes = task.setup, task.probes
    n_w = setup.model.size * task.members / 1e9
    rows = task.steps_per_epoch * setup.batch_size
    operations = STEP_OPERATIONS + sum(probe.step_operations for probe in registry.in_training(probes))
    rate = GIGAFLOPS_PER_CORE[task.method] * (1.0 if setup.rule.plain else WITH_AVERAGES)
    training = task.epochs * rows * operations * n_w / rate
    seen = sum(probe.example_operations * _examples(probe, task, data) for probe in registry.on_splits(probes))
    return training + (task.epochs / probes.evaluate_every + 1) * seen * n_w / EVALUATION_GIGAFLOPS_PER_CORE


def _examples(probe: Probe, task: Task, data: Dataset) -> int:
    """Count the examples that an evaluation reads."""
    sizes = {"train": len(data.train), "validation": len(data.validation), "test": len(data.test)}
    asked = {*(task.probes.splits if "splits" in probe.needs else ()), *(("train",) if "train" in probe.needs else ())}
    return sum(sizes[split] for split in asked)


def _training_bytes(task: Task, n_in: int) -> int:
    """Weights while they are stepped, what probes hold beside them, and the batch or the examples evaluated."""
    setup, members = task.setup, task.members
    copies = WEIGHT_COPIES + sum(probe.copies for probe in registry.in_training(task.probes))
    copies += (0 if setup.rule.plain else AVERAGES) + setup.held.compensated
    rows = setup.batch_size * max(1, task.steps_per_block)
    orders = 1 if task.steps_per_block else members
    made = numbers_per_example(setup.model, n_in)
    batch = orders * rows * (n_in + rows) + 4 * rows * made * members
    evaluated = 2 * rows_at_once(setup.model, n_in) * made * members if registry.on_splits(task.probes) else 0
    return (members * setup.model.size * copies + max(batch, evaluated)) * np.dtype(setup.arithmetic).itemsize


def _record_bytes(task: Task) -> int:
    """Count the numbers of every record, as float64."""
    variables = [variable for probe in registry.asked(task.probes) for variable in probe.variables]
    sizes = {"layer": task.setup.layers, "split": len(task.probes.splits)}
    records = task.epochs * task.probes.records_per_epoch + 1
    numbers = sum(math.prod(sizes[dim] for dim in variable.dims) for variable in variables)
    return 8 * task.members * records * numbers


def _weights_bytes(task: Task) -> int:
    """Count final weights, as float64, if they are kept."""
    return 8 * task.members * task.setup.model.size if task.probes.keep_weights else 0
