"""Checks of an accelerator: the same tasks on it and on the CPU, and what can be known without a CPU."""

import dataclasses
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

import wd_jax as wd
from benchmarks.accelerator.trials import Trial, trials
from wd_jax.data import Dataset
from wd_jax.hyper import Hyper
from wd_jax.sweeps import run_task
from wd_jax.sweeps.plan import make_plan
from wd_jax.sweeps.run_task import HostRecords
from wd_jax.sweeps.task import Task

TOLERANCE = {"float64": 1e-11, "float32": 1e-5, "bfloat16": 0.05}
"""How far a number may be from the CPU's, as a share of the variable's largest: some hundred roundings of the dtype."""
UNSETTLED = {"float64": 1e-6, "float32": 0.002, "bfloat16": 0.2}
"""The same for rules where rounding may turn a step round."""
OF_ROUNDING = 4.0
"""Or so many times as far as float32 is from float64 on the CPU, if that is more: training enlarges rounding."""
PRODUCT = 1e-5
"""Of a float32 matrix product, as a share of its largest number: TF32 is off by 5e-4, float32 by 1e-6."""
DISCRETE = ("accuracy", "saturated")
"""Shares of things that are counted: rounding moves them by whole things."""


class Found(NamedTuple):
    """One check's answer; `within` is what was allowed, and `note` says where, or what went wrong."""

    name: str
    dtype: str
    off: float
    within: float
    note: str

    @property
    def holds(self) -> bool:
        """Whether it does; a number that is none does not."""
        return self.off <= self.within


def on(device: Any, task: Task, data: Dataset) -> HostRecords:
    """Run a task on a device."""
    with jax.default_device(device):
        return run_task.run(task, data)


def distance(found: HostRecords, wanted: HostRecords) -> tuple[float, str]:
    """Compare records: the largest difference of any variable as a share of its largest number, and that variable.

    A number where the other has none is infinitely far away.

    Examples
    --------
    >>> distance({"a": np.array([1.0, 2.5]), "b": np.array([3.0])}, {"a": np.array([1.0, 2.0]), "b": np.array([3.0])})
    (0.25, 'a')
    """
    worst, where = 0.0, ""
    for name, array in wanted.items():
        mine, theirs = np.asarray(found[name], np.float64), np.asarray(array, np.float64)
        if name in DISCRETE:
            continue
        if not np.array_equal(np.isfinite(mine), np.isfinite(theirs)):
            return float("inf"), name
        largest = np.max(np.abs(theirs), initial=0.0, where=np.isfinite(theirs))
        apart = np.max(np.abs(mine - theirs), initial=0.0, where=np.isfinite(theirs))
        if apart > worst * max(largest, 1e-300):
            worst, where = float(apart / max(largest, 1e-300)), name
    return worst, where


def compared(trial: Trial, device: Any, cpu: Any, epochs: int) -> Found:
    """Run one trial on both, and in float64 on the CPU to know how much is rounding."""
    task, data = trial.task(epochs)
    wanted = on(cpu, task, data)
    off, where = distance(on(device, task, data), wanted)
    allowed = (TOLERANCE if trial.settled else UNSETTLED)[trial.dtype]
    rounding = 0.0
    if trial.dtype != "float64":
        exact = dataclasses.replace(task, setup=dataclasses.replace(task.setup, dtype="float64"))
        rounding, _ = distance(wanted, on(cpu, exact, data))
    said = [where, f"{trial.dtype} is {rounding:.0e} from float64 on the CPU" if rounding else ""]
    return Found(trial.name, trial.dtype, off, max(allowed, OF_ROUNDING * rounding), "; ".join(filter(None, said)))


def product(device: Any) -> Found:
    """Multiply two float32 matrices as the engine does, beside NumPy in float64."""
    random = np.random.default_rng(0)
    a, b = (random.standard_normal((784, 784)).astype(np.float32) for _ in range(2))
    with run_task.numerics("float32"), jax.default_device(device):
        made = np.asarray(jax.jit(jnp.matmul)(a, b), np.float64)
    exact = a.astype(np.float64) @ b.astype(np.float64)
    off = np.max(np.abs(made - exact)) / np.max(np.abs(exact))
    return Found("float32 is float32", "float32", float(off), PRODUCT, "a matrix product beside NumPy's in float64")


def decay_alone(device: Any) -> Found:
    """Train without gradients: the weights follow (1 - eta*lmbda/n)**steps, which needs no other device to know."""
    data, eta, lmbda, epochs = wd.data.null(), 0.1, 2.0, 5
    axes = {"lmbda": lmbda, "eta": eta}
    plan = make_plan(wd.Setup(widths=(16, 8, 4)), data, axes, epochs=epochs, method="generic")
    (task,) = plan.tasks
    rms = on(device, task, data)["weight_rms"][0]
    exact = (1 - eta * lmbda / data.n) ** (task.steps_per_epoch * np.arange(epochs + 1.0))
    off = np.max(np.abs(rms / rms[:1] / exact[:, None] - 1))
    return Found("decay alone", "float32", float(off), 1e-5, "beside (1 - ηλ/n)^steps")


def smallest_decay(device: Any) -> Found:
    """Do the same with a decay of 1e-7 a step and compensated rounding: a compiler that reorders sums would lose it."""
    data, eta, epsilon, epochs = wd.data.null(), 0.1, 1e-7, 50
    setup = wd.Setup(widths=(16, 8, 4), rounding="compensated")
    axes = {"lmbda": epsilon * data.n / eta, "eta": eta}
    (task,) = make_plan(setup, data, axes, epochs=epochs, method="generic").tasks
    rms = on(device, task, data)["weight_rms"][0]
    decayed = np.log(rms[-1] / rms[0]) / (task.steps_per_epoch * epochs * np.log1p(-epsilon))
    off = float(np.max(np.abs(decayed - 1)))
    return Found("decay alone, 1e-7 a step, compensated", "float32", off, 0.01, "of the decay that is wanted")


def again(trial: Trial, device: Any, epochs: int) -> Found:
    """Run the same task twice: the same bits."""
    task, data = trial.task(epochs)
    first, second = on(device, task, data), on(device, task, data)
    other = [name for name in first if not np.array_equal(first[name], second[name], equal_nan=True)]
    return Found(f"{trial.name}: the same bits again", trial.dtype, float(len(other)), 0.0, ", ".join(other[:3]))


def alone(device: Any, epochs: int) -> Found:
    """Let one of eight members diverge: the seven others keep their bits, and it is flagged."""
    task, data = Trial("SGD").task(epochs)
    wild = Hyper(lmbda=0.0, eta=1e30)
    cells = (*task.cells[:3], wild, *task.cells[4:])
    calm, shaken = on(device, task, data), on(device, dataclasses.replace(task, cells=cells), data)
    others = [place for place in range(task.members) if place != 3]
    kept = {name: np.array_equal(calm[name][others], shaken[name][others], equal_nan=True) for name in calm}
    moved = [name for name, same in kept.items() if not same]
    unseen = int(shaken["diverged_at"][3] < 0)
    note = "" if not (moved or unseen) else ", ".join(moved[:3]) or "it is not flagged"
    return Found("one diverges, seven keep their bits", "float32", float(len(moved) + unseen), 0.0, note)


def whole(devices: list[Any], cpu: Any, epochs: int) -> Found:
    """Run a whole sweep on all devices and on the CPU, each with its own plan."""
    setup, data = wd.Setup(widths=(64, 30, 10)), wd.data.digits()
    lmbdas = [0.5 * k for k in range(12)]
    options: dict[str, Any] = {"lmbda": lmbdas, "eta": 0.1, "seeds": 3, "epochs": epochs, "progress": False}
    runs, wanted = (wd.sweep(setup, data, devices=where, **options) for where in (devices, [cpu]))
    names = [str(name) for name in wanted.data_vars if name not in DISCRETE]
    off, where = distance({n: runs[n].values for n in names}, {n: wanted[n].values for n in names})
    return Found("a whole sweep, two plans", "float32", off, TOLERANCE["float32"], where)


def checks(devices: list[Any], cpu: Any, epochs: int, workers: int) -> Iterator[Found]:
    """Make every check, several at a time since most of the time is compilation, and give each as it ends.

    Parameters
    ----------
    devices : list of jax.Device
        The accelerators; all but a whole sweep use the first.
    cpu : jax.Device
        What they are compared with.
    epochs : int
        Of each training.
    workers : int
        Checks at a time.
    """
    device, (sgd, blocked, *rest) = devices[0], trials()
    asked: list[tuple[str, Callable[[], Found]]] = [
        ("float32 is float32", lambda: product(device)),
        ("decay alone", lambda: decay_alone(device)),
        ("decay alone, 1e-7 a step, compensated", lambda: smallest_decay(device)),
        *((one.name, _comparing(one, device, cpu, epochs)) for one in (sgd, blocked)),
        ("one diverges, seven keep their bits", lambda: alone(device, epochs)),
        *((f"{one.name}: the same bits again", _repeating(one, device, epochs)) for one in (sgd, blocked)),
        ("a whole sweep, two plans", lambda: whole(devices, cpu, epochs)),
        *((one.name, _comparing(one, device, cpu, epochs)) for one in rest),
        *((f"{one.name}: the same bits again", _repeating(one, device, epochs)) for one in rest if one.model != "mlp"),
    ]
    with ThreadPoolExecutor(workers) as pool:
        running = {pool.submit(check): name for name, check in asked}
        for ended in as_completed(running):
            error = ended.exception()
            name = running[ended]
            yield ended.result() if error is None else Found(name, "", float("nan"), 0.0, _one_line(error))


def _comparing(trial: Trial, device: Any, cpu: Any, epochs: int) -> Callable[[], Found]:
    return lambda: compared(trial, device, cpu, epochs)


def _repeating(trial: Trial, device: Any, epochs: int) -> Callable[[], Found]:
    return lambda: again(trial, device, epochs)


def _one_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:200]
