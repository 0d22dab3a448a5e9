"""Member-steps per second on an accelerator: both methods at several sizes of a task, plain jax.vmap, whole sweeps."""

import dataclasses
import functools
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import jax
import numpy as np

import wd_jax as wd
from benchmarks.cases import ETA, Case
from benchmarks.subjects import jax_vmap, optax_vmap
from wd_jax.data import Dataset, Split
from wd_jax.engine import method as methods
from wd_jax.setup import Method
from wd_jax.sweeps import run_task
from wd_jax.sweeps.plan import make_plan
from wd_jax.sweeps.task import Task

Prepare = Callable[[], tuple[Callable[[], None], float]]
"""Makes something to time, and says how much work it is: member-steps, or operations of a matrix product."""

SIZE = 4096
"""Of the square matrix product that is the device's limit here."""


@dataclasses.dataclass(frozen=True)
class Sizes:
    """What is measured.

    Parameters
    ----------
    members : tuple of int
        Members of one task.
    rules : tuple of str
        Rules besides plain SGD, each at the second largest number of members.
    n, epochs : int
        Examples and epochs of one repeat.
    product : int
        Side of the matrix product.
    repeats : int
        Timed runs of each.
    """

    members: tuple[int, ...] = (8, 64, 512, 4096)
    rules: tuple[str, ...] = ("adamw", "momentum")
    n: int = 1000
    epochs: int = 20
    product: int = SIZE
    repeats: int = 3

    @property
    def steps(self) -> int:
        """Steps of a member in one repeat."""
        return self.epochs * self.n // Case().m


SMALL = Sizes(members=(4, 8), rules=("adamw",), n=200, epochs=2, product=512, repeats=1)
"""For a rehearsal."""


def rates(devices: Sequence[Any], cpus: Sequence[Any], sizes: Sizes) -> Iterator[dict[str, Any]]:
    """Measure, what matters most first, and give a row as soon as it is there; one that fails says why.

    Parameters
    ----------
    devices : sequence of jax.Device
        The accelerators: one task runs on the first, a whole sweep on all.
    cpus : sequence of jax.Device
        A worker each for the same sweep on the CPU.
    sizes : Sizes
        How much.
    """
    device, some, most = devices[0], sizes.members[-2], sizes.members[-1]
    data = _data(Case(n=sizes.n, probes="none"))
    asked: list[tuple[str, int, Prepare]] = [
        (f"matrix product, {sizes.product}", 0, functools.partial(_product, device, sizes.product))
    ]
    for members in sizes.members:
        for how in ("generic", "blocked"):
            task = functools.partial(_task, device, data, members, how, "sgd", sizes)
            asked.append((f"engine, {how}", members, task))
        asked.append(("plain jax.vmap", members, functools.partial(_vmap, device, members, "sgd", sizes)))
    for name, members, where in (
        ("whole sweep", most, [*devices]),
        ("whole sweep, two workers a device", most, [*devices, *devices]),
        ("whole sweep on the CPU", some, [*cpus]),
    ):
        asked.append((name, members, functools.partial(_sweep, where, data, members, sizes)))
    for rule in sizes.rules:
        for how in ("generic", *(("blocked",) if rule == "momentum" else ())):
            task = functools.partial(_task, device, data, some, how, rule, sizes)
            asked.append((f"engine, {how}, {rule}", some, task))
        asked.append((f"jax.vmap of optax, {rule}", some, functools.partial(_vmap, device, some, rule, sizes)))
    for name, members, prepare in asked:
        row: dict[str, Any] = {"name": name, "members": members, "steps": sizes.steps, "error": None}
        try:
            start = time.perf_counter()
            run, work = prepare()
            run()
            row["first"] = time.perf_counter() - start
            seconds = [_seconds(run) for _ in range(sizes.repeats)]
            row |= {"seconds": seconds, "rate": work / statistics.median(seconds)}
        except Exception as error:  # the row says so, and the others go on
            row["error"] = f"{type(error).__name__}: {' '.join(str(error).split())}"[:200]
        yield row


def _seconds(run: Callable[[], None]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def _data(case: Case) -> Dataset:
    inputs, targets = case.examples(case.n + 20)
    parts = (slice(0, case.n), slice(case.n, case.n + 10), slice(case.n + 10, None))
    return Dataset("benchmark", *(Split(inputs[rows], targets[rows]) for rows in parts))


def _task(
    device: Any, data: Dataset, members: int, how: Method, rule: str, sizes: Sizes
) -> tuple[Callable[[], None], float]:
    """Prepare one task of so many members of one seed, without probes of whole splits, its data on the device."""
    setup = wd.Setup(widths=(data.n_in, Case().hidden, data.n_out), optimiser=rule)
    probes = wd.Probes(budget=False, moved=False, splits=())
    axes = {"lmbda": 1.0, "eta": ETA[rule]}
    plan = make_plan(setup, data, axes, epochs=sizes.epochs, probes=probes, method="generic", devices=[device])
    lmbdas = np.linspace(1, 5, members).tolist()
    cells = tuple(wd.Hyper.of({"lmbda": lmbda, "eta": ETA[rule]}, setup.rule.numbers) for lmbda in lmbdas)
    k = methods.steps_per_block(setup, members) if how == "blocked" else 0
    task = dataclasses.replace(plan.tasks[0], cells=cells, seeds=(0,) * members, steps_per_block=k)
    return _running(device, task, data), float(members * sizes.steps)


def _running(device: Any, task: Task, data: Dataset) -> Callable[[], None]:
    def run() -> None:
        with jax.default_device(device):
            run_task.run(task, data)

    return run


def _vmap(device: Any, members: int, rule: str, sizes: Sizes) -> tuple[Callable[[], None], float]:
    """Prepare the peer on the same device, at the engine's precision: float32 that is float32."""
    case = Case(cells=members, n=sizes.n, epochs=sizes.epochs, probes="none", rule=rule)
    peer = jax_vmap if rule == "sgd" else optax_vmap
    with jax.default_device(device), run_task.numerics("float32"):
        prepared = peer.prepare(case)

    def run() -> None:
        with jax.default_device(device), run_task.numerics("float32"):
            prepared()

    return run, float(members * sizes.steps)


def _sweep(devices: list[Any], data: Dataset, members: int, sizes: Sizes) -> tuple[Callable[[], None], float]:
    """Prepare a whole call of `wd_jax.sweep` with the usual probes: plan, records, labels and all, four seeds."""
    setup = wd.Setup(widths=(data.n_in, Case().hidden, data.n_out))
    lmbdas = np.linspace(1, 5, max(1, members // 4)).tolist()

    def run() -> None:
        wd.sweep(setup, data, lmbda=lmbdas, eta=0.1, seeds=4, epochs=sizes.epochs, devices=devices, progress=False)

    return run, float(4 * len(lmbdas) * sizes.steps)


def _product(device: Any, size: int) -> tuple[Callable[[], None], float]:
    """Prepare eight float32 products at full precision; the work is in floating-point operations."""
    with jax.default_device(device), run_task.numerics("float32"):
        a = jax.numpy.asarray(np.random.default_rng(0).random((size, size), np.float32))
        product = jax.jit(lambda a: a @ a).lower(a).compile()

    def run() -> None:
        for _ in range(8):
            product(a).block_until_ready()

    return run, 8.0 * 2 * size**3
