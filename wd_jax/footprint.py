"""What a plan will take, before anything is compiled: parts, memory, and a time to be taken with a grain of salt."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wd_jax.conventions import steps_per_epoch
from wd_jax.paths import Part, Path, parts
from wd_jax.plan import Group, Plan

GIGAFLOPS_PER_CORE = {"blocked": 70.0, "generic": 25.0}
"""Measured on [784, 30, 10] with m = 10 on the machine of docs/benchmarks.md, float32."""
COMPILE_SECONDS = 3.0
"""Of one program, on that machine."""
OPERATIONS_PER_WEIGHT = 4
"""Of one example on a first-layer weight: a product forwards and one for the gradient."""


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
    data_bytes, chunk_bytes, result_bytes : int
        The data set on one device, the largest chunk's weights and their copies, and all records.
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
    seconds: float

    def bytes_on(self, devices: int) -> int:
        """Memory with this many devices at work."""
        return devices * (self.data_bytes + self.chunk_bytes) + self.result_bytes


def footprint(plan: Plan, data, *, path: Path = "auto", cores: int = 1) -> Footprint:
    """Add up what a plan will take.

    Parameters
    ----------
    plan : Plan
        From `wd_jax.plan.make_plan`.
    data : Dataset
        What is learned.
    path : {"auto", "blocked", "generic"}
        As for `wd_jax.sweep`.
    cores : int
        Devices that take chunks side by side.
    """
    work = [(g, part) for g in plan.groups for part in parts(g, plan.cells, len(plan.seeds), data.n, path)]
    programs = {(g.setup, len(p.chunk.cells), len(p.chunk.seeds), p.steps_per_block) for g, p in work}
    splits = (data.train, data.validation, data.test)
    itemsize = max(np.dtype(g.setup.dtype).itemsize for g in plan.groups)
    examples = sum(split.inputs.size + split.targets.size for split in splits)
    seconds = sum(_gigaflop(g, p, data.n) * plan.epochs / GIGAFLOPS_PER_CORE[p.path] for g, p in work)
    return Footprint(
        members=plan.members,
        parts=len(work),
        blocked=sum(part.steps_per_block > 0 for _, part in work),
        programs=len(programs),
        data_bytes=examples * itemsize,
        chunk_bytes=max(_chunk_bytes(g, p, plan) for g, p in work),
        result_bytes=_result_bytes(plan),
        seconds=(seconds + COMPILE_SECONDS * len(programs)) / min(cores, len(work)),
    )


def _gigaflop(group: Group, part: Part, n: int) -> float:
    """Work of one epoch of a part, in 1e9 operations."""
    rows = steps_per_epoch(n, group.setup.batch_size) * group.setup.batch_size
    return part.chunk.members * rows * OPERATIONS_PER_WEIGHT * sum(group.setup.n_w) / 1e9


def _chunk_bytes(group: Group, part: Part, plan: Plan) -> int:
    """Weights at the block's two ends and while they are moved; with `moved`, their start and the sums by decay too."""
    copies = 3 + (2 if plan.probes.moved else 0)
    return part.chunk.members * sum(group.setup.n_w) * np.dtype(group.setup.dtype).itemsize * copies


def _result_bytes(plan: Plan) -> int:
    """Count records as float64, and final weights if they are kept."""
    probes = plan.probes
    per_layer = 2 + 3 * probes.budget + 2 * probes.moved + 3 * probes.full_gradient
    records = plan.epochs * probes.records_per_epoch + 1
    layers: Sequence[int] = [g.setup.layers for g in plan.groups]
    numbers = sum(layers) * per_layer * records + len(plan.groups) * (2 + 2 * len(probes.splits)) * records
    kept = sum(sum(g.setup.n_w) for g in plan.groups) if probes.keep_weights else 0
    return math.ceil(len(plan.cells) * len(plan.seeds) * (8 * numbers + 8 * kept))
