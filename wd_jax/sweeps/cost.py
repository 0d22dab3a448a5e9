"""What a plan will take, before anything is compiled: parts, memory, and a time to be taken with a grain of salt."""

import functools
import math
from dataclasses import dataclass

import numpy as np

from wd_jax.conventions import steps_per_epoch
from wd_jax.data import Dataset
from wd_jax.engine.examples import BATCH
from wd_jax.engine.method import Part, parts
from wd_jax.engine.probes import registry
from wd_jax.engine.probes.probe import Probe
from wd_jax.inputs import limits
from wd_jax.setup import Method
from wd_jax.sweeps.plan import Group, Plan

GIGAFLOPS_PER_CORE = {"blocked": 75.0, "generic": 30.0}
"""Of training on [784, 30, 10] with m = 10 on the machine of docs/benchmarks.md, float32."""
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
class Footprint:
    """Size of a sweep.

    Attributes
    ----------
    members : int
        Training runs.
    parts : int
        Chunks of members trained together.
    blocked : int
        How many of the parts are trained in blocks.
    programs : int
        Compiled programs for training.
    data_bytes, chunk_bytes, result_bytes, weights_bytes : int
        The data set on one device, what the largest chunk needs to train, all records, and the weights kept.
    seconds : float
        On `cores` cores like those of the benchmarks' page.
    """

    members: int
    parts: int
    blocked: int
    programs: int
    data_bytes: int
    chunk_bytes: int
    result_bytes: int
    weights_bytes: int
    seconds: float

    def bytes_on(self, devices: int) -> int:
        """Memory with this many devices at work; the data once more as it was read."""
        return sum(self.shares_on(devices).values())

    def shares_on(self, devices: int) -> dict[str, int]:
        """Give what `bytes_on` adds up, by what the bytes are for."""
        return {
            "records": self.result_bytes,
            "weights kept": self.weights_bytes,
            "data": (devices + 1) * self.data_bytes,
            "members in training": devices * self.chunk_bytes,
            "the program": PROGRAM_BYTES,
        }

    def check(self, devices: int) -> None:
        """Refuse a sweep that needs more memory than there is, saying what for and what to reduce.

        Parameters
        ----------
        devices : int
            At work side by side.

        Raises
        ------
        ValueError
            As `wd_jax.inputs.limits.check_memory`.
        """
        remedy = "give fewer seeds, values, epochs or records per epoch, narrower layers, or keep no weights"
        limits.check_memory(f"a sweep of {self.members} members", self.shares_on(devices), remedy)


def footprint(plan: Plan, data: Dataset, *, path: Method = "auto", cores: int = 1, platform: str = "cpu") -> Footprint:
    """Add up what a plan will take.

    Parameters
    ----------
    plan : Plan
        From `wd_jax.sweeps.plan.make_plan`.
    data : Dataset
        What is learned.
    path : {"auto", "blocked", "generic"}
        As for `wd_jax.sweep`.
    cores : int
        Devices that take chunks side by side.
    platform : str
        Of those devices.
    """
    cut = functools.partial(parts, cells=plan.cells, seeds=len(plan.seeds), n=data.n, method=path, platform=platform)
    work = [(g, part) for g in plan.groups for part in cut(g, probes=plan.probes)]
    programs = {(g.setup, len(p.chunk.cells), len(p.chunk.seeds), p.steps_per_block) for g, p in work}
    splits = (data.train, data.validation, data.test)
    itemsize = max(np.dtype(g.setup.dtype).itemsize for g in plan.groups)
    examples = sum(split.inputs.size + split.targets.size for split in splits)
    seconds = sum(_seconds(g, p, plan, data) for g, p in work)
    return Footprint(
        members=plan.members,
        parts=len(work),
        blocked=sum(part.steps_per_block > 0 for _, part in work),
        programs=len(programs),
        data_bytes=examples * itemsize,
        chunk_bytes=max(_chunk_bytes(g, p, plan) for g, p in work),
        result_bytes=_result_bytes(plan),
        weights_bytes=_weights_bytes(plan),
        # With fewer groups than devices, every device compiles every program.
        seconds=seconds / min(cores, len(work)) + COMPILE_SECONDS * max(1, len(programs) / cores),
    )


def _seconds(group: Group, part: Part, plan: Plan, data: Dataset) -> float:
    """Train and evaluate a part on one core, without its compilation."""
    probes, n_w = plan.probes, sum(group.setup.n_w) * part.chunk.members / 1e9
    rows = steps_per_epoch(data.n, group.setup.batch_size) * group.setup.batch_size
    operations = STEP_OPERATIONS + sum(probe.step_operations for probe in registry.in_training(probes))
    training = plan.epochs * rows * operations * n_w / GIGAFLOPS_PER_CORE[part.method]
    seen = sum(probe.example_operations * _examples(probe, plan, data) for probe in registry.on_splits(probes))
    return training + (plan.epochs / probes.evaluate_every + 1) * seen * n_w / EVALUATION_GIGAFLOPS_PER_CORE


def _examples(probe: Probe, plan: Plan, data: Dataset) -> int:
    """Count the examples that an evaluation reads."""
    sizes = {"train": len(data.train), "validation": len(data.validation), "test": len(data.test)}
    asked = {*(plan.probes.splits if "splits" in probe.needs else ()), *(("train",) if "train" in probe.needs else ())}
    return sum(sizes[split] for split in asked)


def _chunk_bytes(group: Group, part: Part, plan: Plan) -> int:
    """Weights while they are stepped, what probes hold beside them, and the batch or the examples evaluated."""
    setup, members = group.setup, part.chunk.members
    copies = WEIGHT_COPIES + sum(probe.copies for probe in registry.in_training(plan.probes))
    rows = setup.batch_size * max(1, part.steps_per_block)
    batch = len(part.chunk.seeds) * rows * (setup.widths[0] + rows) + 4 * rows * sum(setup.widths[1:]) * members
    evaluated = 2 * BATCH * sum(setup.widths[1:]) * members if registry.on_splits(plan.probes) else 0
    return (members * sum(setup.n_w) * copies + max(batch, evaluated)) * np.dtype(setup.dtype).itemsize


def _result_bytes(plan: Plan) -> int:
    """Count the numbers of every record, as float64."""
    variables = [variable for probe in registry.asked(plan.probes) for variable in probe.variables]
    records = plan.epochs * plan.probes.records_per_epoch + 1
    numbers = 0
    for group in plan.groups:
        sizes = {"layer": group.setup.layers, "split": len(plan.probes.splits)}
        numbers += records * sum(math.prod(sizes[dim] for dim in variable.dims) for variable in variables)
    return 8 * numbers * len(plan.cells) * len(plan.seeds)


def _weights_bytes(plan: Plan) -> int:
    """Count final weights, as float64, if they are kept."""
    kept = sum(sum(g.setup.n_w) for g in plan.groups) if plan.probes.keep_weights else 0
    return 8 * kept * len(plan.cells) * len(plan.seeds)
