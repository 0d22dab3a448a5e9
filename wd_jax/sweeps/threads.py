"""Run a plan: chunks on devices, a host loop over blocks of epochs; what comes back is plain arrays."""

import contextlib
import dataclasses
import functools
import itertools
import logging
import math
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from wd_jax import conventions, interrupts
from wd_jax.data import Dataset
from wd_jax.engine import blocked, member, minibatches
from wd_jax.engine.examples import Examples, on_device
from wd_jax.engine.method import Part, parts
from wd_jax.engine.probes import registry
from wd_jax.results.variables import table
from wd_jax.setup import HYPER_FIELDS, Hyper, Method, Probes, Setup
from wd_jax.sweeps.plan import Chunk, Group, Plan, member_steps
from wd_jax.sweeps.progress import Tick, shown

STEPS_PER_BLOCK = 4000
"""Steps between two looks at the host: progress and Ctrl-C answer after about this many."""
WEIGHTS_OF_OVERHEAD = 2000
"""A step's fixed cost at m = 10, in weights per example: used only to share work between devices."""

HostRecords = dict[str, np.ndarray]
Job = list[tuple[Group, Part]]


def run(
    plan: Plan, data: Dataset, *, progress: bool | str, devices: Sequence[Any], path: Method = "auto"
) -> list[HostRecords]:
    """Run every chunk of every group.

    Returns
    -------
    list of dict
        Per group, each record as an array [cells, seeds, records, ...] of float64.
    """
    where = tuple(devices)
    platform = where[0].platform
    work = [
        [(g, part) for part in parts(g, plan.cells, len(plan.seeds), data.n, path, platform, plan.probes)]
        for g in plan.groups
    ]
    # Whole groups per device, since each device compiles what it runs; a group that would outlast the others is cut.
    even = sum(_cost(group) for group in work) / len(where)
    jobs = [job for group in work for job in ([group] if _cost(group) <= even else [[one] for one in group])]
    found: dict[int, list[tuple[Chunk, HostRecords]]] = {id(group): [] for group in plan.groups}
    stop = threading.Event()
    if progress and platform == "cpu" and len(where) == 1 < sum(map(len, work)):
        _tell_of_devices()
    with shown(progress, member_steps(plan, data.n), sum(map(len, work))) as view:

        def do(device: Any, share: list[Job]) -> None:
            examples = functools.cache(functools.partial(on_device, data))  # one copy a device and dtype
            for group, part in itertools.chain.from_iterable(share):
                steps = conventions.steps_per_epoch(data.n, group.setup.batch_size)
                with _numerics(group.setup.dtype), jax.default_device(device), view.chunk() as tick:
                    records = _run_chunk(plan, group, part, examples(group.setup.dtype), steps, stop, tick)
                found[id(group)].append((part.chunk, records))

        shares = zip(where, _shares(jobs, len(where)), strict=True)
        _in_threads([functools.partial(do, device, share) for device, share in shares if share], stop, view.look)
    return [_join(found[id(group)], len(plan.cells), len(plan.seeds)) for group in plan.groups]


@functools.cache
def _tell_of_devices() -> None:
    """Say once how to let several cores take chunks: a library must not configure JAX by itself."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if cores > 1:
        logging.getLogger("wd_jax").warning(
            "one JAX device runs the chunks one after another; for one device per core call "
            "jax.config.update('jax_num_cpu_devices', %d) before JAX's first use",
            cores,
        )


def _shares(jobs: list[Job], count: int) -> list[list[Job]]:
    """Deal jobs out, the dearest first, to the least loaded: the same way every time, so that compiles are reused."""
    shares, loads = [[] for _ in range(count)], [0] * count
    for job in sorted(jobs, key=_cost, reverse=True):
        least = loads.index(min(loads))
        shares[least].append(job)
        loads[least] += _cost(job)
    return shares


def _cost(job: Job) -> int:
    """Work of an example, in weights: a small batch's step costs a fixed overhead besides."""
    return sum(
        part.chunk.members * (sum(group.setup.n_w) + WEIGHTS_OF_OVERHEAD * 10 // group.setup.batch_size)
        for group, part in job
    )


@contextlib.contextmanager
def _numerics(dtype: str) -> Iterator[None]:
    """Make float32 mean float32 on any device, and allow float64 where it is asked for; both only in this thread."""
    with jax.default_matmul_precision("highest"), jax.enable_x64(dtype == "float64"):
        yield


def _in_threads(calls: list[Callable[[], None]], stop: threading.Event, look: Callable[[], None]) -> None:
    """Run the calls side by side, looking in between; on an error or Ctrl-C the others end at their next block."""
    with ThreadPoolExecutor(len(calls)) as pool:
        futures = [pool.submit(call) for call in calls]
        try:
            pending = set(futures)
            while pending:
                done, pending = wait(pending, timeout=0.5, return_when=FIRST_COMPLETED)
                for future in done:
                    future.result()
                look()
                interrupts.check()
        except BaseException:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _run_chunk(
    plan: Plan,
    group: Group,
    part: Part,
    examples: Examples,
    steps: int,
    stop: threading.Event,
    tick: Tick,
) -> HostRecords:
    """Train one part, block of epochs by block of epochs, evaluating at the ends of blocks."""
    setup, probes, chunk = group.setup, plan.probes, part.chunk
    cells, seeds = [plan.cells[i] for i in chunk.cells], [plan.seeds[i] for i in chunk.seeds]
    hyper = Hyper(**{f: jnp.asarray([getattr(c, f) for c in cells], setup.dtype) for f in HYPER_FIELDS})
    starting = Setup(setup.widths, init=setup.init, optimiser=setup.optimiser, dtype=setup.dtype)
    carry = _start(starting, hyper, jnp.asarray(seeds, jnp.uint32))
    # The compiled programs do not depend on how members start or how examples are drawn.
    setup = dataclasses.replace(setup, init="gaussian", sampling="reshuffle", order="seed")
    shape = (len(seeds), len(cells), plan.epochs * probes.records_per_epoch + 1)
    found: HostRecords = {}
    inside, outside = registry.inside(probes), registry.outside(probes)

    def put(first: int, last: int, records: member.Records) -> None:
        for name, array in records.items():
            values = np.asarray(array).reshape(*shape[:2], last - first, -1)
            where = found.setdefault(name, np.full((*shape, values.shape[-1]), np.nan))
            where[:, :, first:last] = values

    own = np.ix_(*(np.unique(which, return_index=True)[1] for which in (chunk.seeds, chunk.cells)))  # without padding
    evaluating = bool(registry.on_splits(probes))
    put(0, 1, _initial_record(setup, inside, hyper, examples, carry))
    if evaluating:
        put(0, 1, _measure(setup, outside, examples, carry))
    block = block_length(plan.epochs, steps, probes.evaluate_every if evaluating else plan.epochs)
    order_seeds = np.zeros(len(seeds), np.uint32) if group.setup.order == "shared" else np.asarray(seeds, np.uint32)
    for first in range(0, plan.epochs, block):
        if stop.is_set():
            raise InterruptedError("the sweep was stopped")
        orders = minibatches.host_orders(order_seeds, first, block, examples.n, group.setup.sampling)
        epoch = jnp.asarray(first, jnp.int32)
        carry, records = _advance(
            setup, registry.inside(probes), part.steps_per_block, hyper, examples, carry, epoch, orders
        )
        last = (first + block) * probes.records_per_epoch + 1
        put(first * probes.records_per_epoch + 1, last, records)
        if evaluating and ((first + block) % probes.evaluate_every == 0 or first + block == plan.epochs):
            put(last - 1, last, _measure(setup, outside, examples, carry))
        # A member's record is NaN once it has diverged: no look at the device is needed.
        lost = np.isnan(found["weight_norm2"][:, :, last - 1, 0][own])
        tick(block * steps * lost.size, int(lost.sum()))
    known = table(probes)
    joined = {name: array if known[name].dims else array[..., 0] for name, array in found.items()}
    joined["diverged_at"] = np.asarray(carry.diverged_at)
    if probes.keep_weights:
        for layer, leaf in enumerate(carry.params, start=1):
            joined |= {f"weights_{layer}": np.asarray(leaf["w"]), f"biases_{layer}": np.asarray(leaf["b"])}
    return {name: np.swapaxes(array, 0, 1) for name, array in joined.items()}


def block_length(epochs: int, steps: int, evaluate_every: int) -> int:
    """Epochs per call of the compiled program: every block is as long, and an evaluation falls on the end of one.

    Examples
    --------
    >>> block_length(epochs=120, steps=120, evaluate_every=10), block_length(epochs=30, steps=5000, evaluate_every=1)
    (10, 1)
    """
    common = math.gcd(epochs, evaluate_every)
    return max(b for b in range(1, min(common, max(1, STEPS_PER_BLOCK // steps)) + 1) if common % b == 0)


def _join(parts: list[tuple[Chunk, HostRecords]], cells: int, seeds: int) -> HostRecords:
    """Put chunks back in the plan's order."""
    joined = {}
    for name, example in parts[0][1].items():
        joined[name] = np.empty((cells, seeds, *example.shape[2:]), example.dtype)
        for chunk, records in parts:
            joined[name][np.ix_(chunk.cells, chunk.seeds)] = records[name]
    return joined


def _compiled(function: Callable, **options: Any) -> Callable:
    """Jit with LLVM's cheaper passes: compiling takes two thirds of the time and the programs run no slower."""
    return jax.jit(function, compiler_options={"xla_backend_optimization_level": 1}, **options)


@functools.partial(_compiled, static_argnums=(0, 1, 2), donate_argnums=(5,))
def _advance(
    setup: Setup,
    probes: Probes,
    steps_per_block: int,
    hyper: Hyper,
    data: Examples,
    carry: member.Carry,
    first: jax.Array,
    orders: Any,
) -> tuple[member.Carry, member.Records]:
    if steps_per_block:
        return blocked.advance(setup, probes, steps_per_block, hyper, data, carry, first, orders)
    one = functools.partial(member.advance, setup, probes)
    cells = jax.vmap(one, in_axes=(0, None, 0, None, None))
    return jax.vmap(cells, in_axes=(None, None, 0, None, 0))(hyper, data, carry, first, orders)


@functools.partial(_compiled, static_argnums=0)
def _start(setup: Setup, hyper: Hyper, seeds: jax.Array) -> member.Carry:
    def one(seed: jax.Array) -> member.Carry:
        key = minibatches.member_key(seed)
        return jax.vmap(lambda cell: member.start(setup, cell, key))(hyper)

    return jax.vmap(one)(seeds)


@functools.partial(_compiled, static_argnums=(0, 1))
def _initial_record(setup: Setup, probes: Probes, hyper: Hyper, data: Examples, carry: member.Carry) -> member.Records:
    one = functools.partial(member.initial_record, setup, probes)
    return jax.vmap(jax.vmap(one, in_axes=(0, None, 0)), in_axes=(None, None, 0))(hyper, data, carry)


@functools.partial(_compiled, static_argnums=(0, 1))
def _measure(setup: Setup, probes: Probes, data: Examples, carry: member.Carry) -> member.Records:
    one = functools.partial(member.measure, setup, probes, data)
    return jax.vmap(jax.vmap(one))(carry)
