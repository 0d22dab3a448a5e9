"""Run a plan: chunks on devices, a host loop over blocks of epochs, one `xarray.Dataset` at the end."""

import contextlib
import dataclasses
import functools
import threading
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from tqdm import tqdm

from wd_jax import conventions, evaluation, results, sampling, store, training
from wd_jax.config import HYPER_FIELDS, Hyper, Probes, Setup
from wd_jax.plan import Chunk, Group, Plan, chunks, make_plan

STEPS_PER_BLOCK = 4000
"""Steps between two looks at the host: progress and Ctrl-C answer after about this many."""

HostRecords = dict[str, np.ndarray]


def sweep(
    setup: Setup,
    data: Any,
    *,
    seeds: int | Sequence[int] = 1,
    epochs: int,
    out: str | Path | None = None,
    overwrite: bool = False,
    probes: Probes = Probes(),
    progress: bool | str = True,
    devices: Sequence[Any] | None = None,
    **axes: Any,
) -> xr.Dataset:
    """Train every combination of the axes and seeds, and measure it.

    Parameters
    ----------
    setup : Setup
        Static description; a list given for one of its fields in `axes` becomes a dimension.
    data : wd_jax.data.Dataset
        What is learned.
    seeds : int or sequence of int
        A number of seeds (0, 1, ...), or the seeds.
    epochs : int
        Passes over the training set.
    out : path, optional
        A NetCDF file to write the result to; refused before anything runs if it exists, unless `overwrite`.
    probes : Probes
        What is measured, and how often.
    progress : bool
        Show a bar on standard error, where that is a terminal; a text labels it.
    devices : sequence of jax.Device, optional
        Where chunks run, one at a time each; all local devices by default. Numbers do not depend on it.
    **axes
        `eta`, `lmbda`, `init_scale`, `momentum`, `beta1`, `beta2`, any field of `Setup`, `hidden`, `depth`:
        a scalar, or a list that becomes a dimension of that name.

    Returns
    -------
    xarray.Dataset
        DESIGN's variables over the swept axes, `seed`, and layer or split, and epoch.

    Raises
    ------
    ValueError
        For an argument that cannot be meant, or a decay that the dtype cannot represent.
    FileExistsError
        If `out` exists and `overwrite` is not set.

    Examples
    --------
    >>> import wd_jax as wd
    >>> runs = wd.sweep(wd.Setup(widths=(16, 8, 4)), wd.data.null(), lmbda=[1.0, 10.0], seeds=2, epochs=3, progress=False)
    >>> runs.weight_rms.dims
    ('lmbda', 'seed', 'layer', 'epoch')
    """
    plan = make_plan(setup, data, axes, seeds, epochs, probes)
    check_decay(plan, data.n)
    target = store.claim(out, overwrite) if out is not None else None
    measured = run(plan, data, progress=progress, devices=devices)
    runs = results.assemble(plan, data, measured)
    if target is not None:
        store.write(runs, target)
    return runs


def check_decay(plan: Plan, n: int) -> None:
    """Refuse a decay per step that float32 loses, and warn of one that it distorts where no gradient dithers it."""
    for group in plan.groups:
        if group.setup.dtype != "float32":
            continue
        for cell in plan.cells:
            epsilon = conventions.per_step_decay(cell.eta, cell.lmbda, n)
            what = f"eta={cell.eta}, lmbda={cell.lmbda}, n={n} decay by {epsilon:.3g} per step"
            if 0 < epsilon <= conventions.FLOAT32_LOST:
                raise ValueError(f"{what}, which float32 rounds to nothing: use dtype='float64'")
            if 0 < epsilon < conventions.FLOAT32_DOUBTFUL:
                warnings.warn(f"{what}, which float32 distorts on weights without gradient: use dtype='float64'", stacklevel=3)


def run(plan: Plan, data, *, progress: bool | str, devices: Sequence[Any] | None) -> list[HostRecords]:
    """Run every chunk of every group.

    Returns
    -------
    list of dict
        Per group, each record as an array [cells, seeds, records, ...] of float64.
    """
    where = tuple(devices) if devices is not None else tuple(jax.local_devices())
    work = [[(g, chunk) for chunk in chunks(g, len(plan.cells), len(plan.seeds))] for g in plan.groups]
    # Whole groups per device where there are enough of them: each device compiles what it runs.
    jobs = work if len(work) >= len(where) else [[one] for group in work for one in group]
    jobs.sort(key=lambda job: -sum(_cost(group, chunk) for group, chunk in job))
    found: dict[int, list[tuple[Chunk, HostRecords]]] = {id(group): [] for group in plan.groups}
    steps = {id(g): conventions.steps_per_epoch(data.n, g.setup.batch_size) for g in plan.groups}
    stop = threading.Event()
    free = list(where)
    total = plan.members * plan.epochs
    label = progress if isinstance(progress, str) else None
    with tqdm(total=total, desc=label, unit="epoch", disable=None if progress else True, smoothing=0.05) as bar:

        def do(job) -> None:
            device = free.pop()
            try:
                for group, chunk in job:
                    with _numerics(group.setup.dtype), jax.default_device(device):
                        records = _run_chunk(plan, group, chunk, data, steps[id(group)], stop, bar.update)
                    found[id(group)].append((chunk, records))
            finally:
                free.append(device)

        _in_threads([functools.partial(do, job) for job in jobs], len(where), stop)
    return [_join(found[id(group)], len(plan.cells), len(plan.seeds)) for group in plan.groups]


def _cost(group: Group, chunk: Chunk) -> int:
    return chunk.members * sum(group.setup.n_w)


@contextlib.contextmanager
def _numerics(dtype: str):
    """Make float32 mean float32 on any device, and allow float64 where it is asked for; both only in this thread."""
    with jax.default_matmul_precision("highest"), jax.enable_x64(dtype == "float64"):
        yield


def _in_threads(calls: list[Callable[[], None]], workers: int, stop: threading.Event) -> None:
    """Run the calls, a fixed number at a time; on an error or Ctrl-C the others end at their next block."""
    with ThreadPoolExecutor(workers) as pool:
        futures = [pool.submit(call) for call in calls]
        try:
            pending = set(futures)
            while pending:
                done, pending = wait(pending, timeout=0.5, return_when=FIRST_COMPLETED)
                for future in done:
                    future.result()
        except BaseException:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _run_chunk(plan: Plan, group: Group, chunk: Chunk, data, steps: int, stop, tick) -> HostRecords:
    """Train one chunk, block by block."""
    setup, probes = group.setup, plan.probes
    cells, seeds = [plan.cells[i] for i in chunk.cells], [plan.seeds[i] for i in chunk.seeds]
    hyper = Hyper(**{f: jnp.asarray([getattr(c, f) for c in cells], setup.dtype) for f in HYPER_FIELDS})
    on_device = evaluation.on_device(data, setup.dtype)
    carry = _start(setup, hyper, jnp.asarray(seeds, jnp.uint32))
    # The compiled program does not depend on how members start or how examples are drawn.
    compiled = dataclasses.replace(setup, init="gaussian", sampling="reshuffle", order="seed")
    first_record = _first_record(compiled, probes, hyper, on_device, carry)
    records = [{name: np.asarray(array)[:, :, None] for name, array in first_record.items()}]
    block = _block_length(plan.epochs, steps)
    order_seeds = np.zeros(len(seeds), np.uint32) if setup.order == "shared" else np.asarray(seeds)
    for first in range(0, plan.epochs, block):
        if stop.is_set():
            raise InterruptedError("the sweep was stopped")
        orders = sampling.host_orders(order_seeds, first, block, data.n, setup.sampling)
        carry, measured = _advance(compiled, probes, hyper, on_device, carry, jnp.asarray(first, jnp.int32), orders)
        records.append({name: np.asarray(array) for name, array in measured.items()})
        tick(block * len(set(chunk.cells)) * len(set(chunk.seeds)))
    joined = {name: np.concatenate([r[name] for r in records], axis=2).astype(np.float64) for name in records[0]}
    joined["diverged_at"] = np.asarray(carry.diverged_at)
    if probes.keep_weights:
        for layer, leaf in enumerate(carry.params, start=1):
            joined |= {f"weights_{layer}": np.asarray(leaf["w"]), f"biases_{layer}": np.asarray(leaf["b"])}
    return {name: np.swapaxes(array, 0, 1) for name, array in joined.items()}


def _block_length(epochs: int, steps: int) -> int:
    """Largest divisor of `epochs` with at most `STEPS_PER_BLOCK` steps: every block then runs the same program."""
    return max(b for b in range(1, epochs + 1) if epochs % b == 0 and (b == 1 or b * steps <= STEPS_PER_BLOCK))


def _join(parts: list[tuple[Chunk, HostRecords]], cells: int, seeds: int) -> HostRecords:
    """Put chunks back in the plan's order."""
    joined = {}
    for name, example in parts[0][1].items():
        joined[name] = np.empty((cells, seeds, *example.shape[2:]), example.dtype)
        for chunk, records in parts:
            joined[name][np.ix_(chunk.cells, chunk.seeds)] = records[name]
    return joined


def _over_members(function: Callable, carry_axis: int | None, order_axis: int | None) -> Callable:
    """Vmap over seeds, and inside over cells: a seed's cells see one gathered minibatch."""
    cells = jax.vmap(function, in_axes=(0, None, carry_axis, None, None))
    return jax.vmap(cells, in_axes=(None, None, carry_axis, None, order_axis))


@functools.partial(jax.jit, static_argnums=(0, 1), donate_argnums=(4,))
def _advance(setup: Setup, probes: Probes, hyper: Hyper, data, carry, first, orders):
    return _over_members(functools.partial(training.advance, setup, probes), 0, 0)(hyper, data, carry, first, orders)


@functools.partial(jax.jit, static_argnums=0)
def _start(setup: Setup, hyper: Hyper, seeds):
    def one(seed):
        key = sampling.member_key(seed)
        return jax.vmap(lambda cell: training.start(setup, cell, key))(hyper)

    return jax.vmap(one)(seeds)


@functools.partial(jax.jit, static_argnums=(0, 1))
def _first_record(setup: Setup, probes: Probes, hyper: Hyper, data, carry):
    def one(cell, data, carry, *_):
        return training.initial_record(setup, probes, cell, data, carry)

    return _over_members(one, 0, None)(hyper, data, carry, None, None)
