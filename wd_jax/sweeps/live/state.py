"""How far a run is: the store says what is done, the signs of life of its processes say who works and how fast."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from wd_jax.sweeps.store import drivers, generations
from wd_jax.sweeps.store.drivers import Driver
from wd_jax.sweeps.store.failures import Failure
from wd_jax.sweeps.store.generations import RunStore
from wd_jax.sweeps.store.plan_file import StoredPlan

DONE, RUNNING, FAILED, STOPPED = "done", "running", "failed", "stopped"


@dataclass(frozen=True)
class State:
    """A run at one moment.

    Attributes
    ----------
    root : str
        Its folder, as it was given.
    plan : str
        Hash of its plan.
    dataset : str
        Name of what is learned.
    word : {"done", "running", "failed", "stopped"}
        Whether all is done; else whether a process works on it; else whether all that is missing has failed.
    tasks, tasks_done, tasks_running, tasks_failed : int
        How many. Failed ones are missing, and their errors are known.
    members, members_done, members_failed : int
        The same in training runs.
    steps, steps_done : int
        Member-steps; those of tasks in work are counted as far as their processes say.
    rate : float
        Member-steps per second of all processes; 0 if it is not known.
    left : float or None
        Seconds until all is done; None if that cannot be known.
    workers, gone : tuple of Driver
        Processes that work on the plan, and those that have ended, the latest first.
    failures : tuple of Failure
        The last attempt at each failed task.
    at : float
        Seconds since 1970.
    replaces : bool
        Whether it is to replace the run that `wd_jax.open` still reads.
    tasks_begun : int
        Tasks that are not done and have a checkpoint.
    """

    root: str
    plan: str
    dataset: str
    word: str
    tasks: int
    tasks_done: int
    tasks_running: int
    tasks_failed: int
    members: int
    members_done: int
    members_failed: int
    steps: int
    steps_done: int
    rate: float
    left: float | None
    workers: tuple[Driver, ...]
    gone: tuple[Driver, ...]
    failures: tuple[Failure, ...]
    at: float
    replaces: bool = False
    tasks_begun: int = 0

    @property
    def share(self) -> float:
        """Part of the member-steps that is done, from 0 to 1."""
        return self.steps_done / self.steps if self.steps else 1.0

    @property
    def processes(self) -> tuple[Driver, ...]:
        """Those that work, else the last one that did."""
        return self.workers or self.gone[:1]


def watched(root: Path) -> RunStore:
    """Open what is to be watched of a run: a replacement that is being written, else what is read.

    Raises
    ------
    FileNotFoundError, wd_jax.files.ForeignFileError
        If there is no run, or none that can be read.
    """
    store = generations.open_store(root)
    for generation in sorted(root.glob("run-*")):
        if generation != store.generation and generations.GENERATION.fullmatch(generation.name):
            if any(driver.alive for driver in drivers.listed(generation)):
                return generations.open_generation(root, generation.name)
    return store


@dataclass(frozen=True)
class Sizes:
    """Members and member-steps of each task of a plan: counted once for many looks."""

    members: tuple[int, ...]
    steps: tuple[int, ...]

    @classmethod
    def of(cls, plan: StoredPlan) -> "Sizes":
        """Count."""
        members = tuple(chunk.members for chunk in plan.chunks)
        each = [int(group["epochs"]) * int(group["steps_per_epoch"]) for group in plan.groups]
        return cls(members, tuple(n * each[chunk.group] for n, chunk in zip(members, plan.chunks, strict=True)))


def state(store: RunStore, sizes: Sizes | None = None, now: float | None = None) -> State:
    """Look at a run.

    Parameters
    ----------
    store : RunStore
        The run, as it was opened.
    sizes : Sizes, optional
        Of its plan, where they are known already.
    now : float, optional
        Seconds since 1970.
    """
    plan, there, failures = store.plan, store.chunks.keys(), store.chunks.failures()
    sizes = sizes or Sizes.of(plan)
    members, steps = sizes.members, sizes.steps
    done = [i for i, key in enumerate(plan.keys) if key in there]
    failed = [i for i, key in enumerate(plan.keys) if key not in there and key in failures]
    everyone = [driver for driver in drivers.listed(store.generation) if driver.plan == plan.hash]
    workers = tuple(driver for driver in everyone if driver.alive)
    missing = len(plan.keys) - len(done)
    word = DONE if not missing else RUNNING if workers else FAILED if missing == len(failed) else STOPPED
    all_steps, mean = sum(steps), sum(steps) / max(1, len(steps))
    steps_done = sum(steps[i] for i in done)
    begun = sum(_begun(driver, mean) for driver in workers) if word == RUNNING else 0.0
    rates = [_rate(driver, mean) for driver in workers] if word == RUNNING else []
    return State(
        root=str(store.root),
        plan=plan.hash,
        dataset=str(plan.dataset.get("name", "")),
        word=word,
        tasks=len(plan.keys),
        tasks_done=len(done),
        tasks_running=len({key for driver in workers for key in driver.running} - there),
        tasks_failed=len(failed),
        members=sum(members),
        members_done=sum(members[i] for i in done),
        members_failed=sum(members[i] for i in failed),
        steps=all_steps,
        steps_done=int(min(all_steps, steps_done + begun)),
        rate=sum(rates),
        left=_left(workers, rates, all_steps - steps_done - begun),
        workers=workers,
        gone=tuple(driver for driver in everyone if not driver.alive),
        failures=tuple(failures[plan.keys[i]][-1] for i in failed),
        at=time.time() if now is None else now,
        replaces=not store.current,
        tasks_begun=store.checkpointed(),
    )


def _begun(driver: Driver, mean: float) -> float:
    """Count what a process has made of tasks that it has not finished, in member-steps; `mean` are those of a task."""
    return max(0.0, driver.member_steps_done - driver.tasks_done * mean)


def _rate(driver: Driver, mean: float) -> float:
    """Give the member-steps per second of a process: as it says, else by the tasks that it has finished."""
    lived = driver.seen - driver.started
    return driver.rate if driver.rate > 0 or lived <= 0 else driver.tasks_done * mean / lived


def _left(workers: Sequence[Driver], rates: Sequence[float], missing: float) -> float | None:
    """Guess the seconds until the last process has done its part; None where nothing is known of the pace."""
    if not rates or sum(rates) <= 0:
        return None
    if len(workers) == 1 or any(not driver.kind.startswith("shard") for driver in workers):
        return max(0.0, missing) / sum(rates)
    pairs = zip(workers, rates, strict=True)
    own = [(driver.member_steps_all - driver.member_steps_done) / rate for driver, rate in pairs if rate > 0]
    return max(0.0, *own)
