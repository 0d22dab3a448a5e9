"""A task: members that are trained together, as a value; the same bits on any worker of the same kind of device."""

import dataclasses
import functools
import hashlib
import json
from dataclasses import dataclass
from typing import Any

import jax

from wd_jax.engine import numerics
from wd_jax.hyper import Hyper
from wd_jax.measurement import Probes
from wd_jax.models.model import MLP
from wd_jax.setup import Setup


@dataclass(frozen=True)
class Task:
    """All that decides the numbers of some members, and nothing else.

    Attributes
    ----------
    setup : Setup
        What is trained.
    cells : tuple of Hyper
        Of each member, plain numbers; the last may be repeated, so that all tasks of a group run one program.
    seeds : tuple of int
        Of each member; those of a block are all the same.
    epochs, steps_per_epoch : int
        Passes over the training set, and minibatches of each.
    probes : Probes
        What is measured.
    steps_per_block : int
        K of the blocked method, 0 for the generic one.
    epochs_per_call : int
        Epochs of one call of the compiled program.
    data_sha256 : str
        Hash of the data set.
    own_functions : tuple of (str, str)
        Name and hash of each function of your own that decides the numbers (`wd_jax.engine.fingerprint.of_task`).

    Examples
    --------
    >>> task = Task(Setup(widths=(4, 2)), (Hyper(lmbda=5.0),), (0,), 3, 10, Probes(), 0, 1, "f00d")
    >>> task.method, task.members, Task.from_json(task.json()) == task
    ('generic', 1, True)
    """

    setup: Setup
    cells: tuple[Hyper, ...]
    seeds: tuple[int, ...]
    epochs: int
    steps_per_epoch: int
    probes: Probes
    steps_per_block: int
    epochs_per_call: int
    data_sha256: str
    own_functions: tuple[tuple[str, str], ...] = ()

    @property
    def members(self) -> int:
        """Members computed, copies included."""
        return len(self.cells)

    @property
    def method(self) -> str:
        """How the members are trained: "blocked" or "generic"."""
        return "blocked" if self.steps_per_block else "generic"

    @property
    def program(self) -> tuple[Any, ...]:
        """What has to be compiled to run it: tasks of one program share all compilations but that of the start."""
        return (self.setup.program, self.probes, self.steps_per_block, self.members, self.epochs_per_call)

    @property
    def kind(self) -> tuple[Any, ...]:
        """What its cost depends on: tasks of one kind take the same time and memory."""
        return (self.setup, self.probes, self.steps_per_block, self.members, self.epochs)

    def json(self) -> str:
        """Write it down; the same task, the same text."""
        members = {"cells": [dict(cell) for cell in self.cells], "seeds": self.seeds}
        return json.dumps(shared(self) | members, sort_keys=True)

    @property
    def spec(self) -> str:
        """Write down all that decides its bits on one kind of device: the task, and what computes it."""
        return f'{{"engine": {engine()}, "task": {self.json()}}}'

    @property
    def hash(self) -> str:
        """Hash of `spec`: 64 hexadecimal digits. Two tasks of one hash have the same numbers up to rounding."""
        return hashlib.sha256(self.spec.encode()).hexdigest()

    @property
    def key(self) -> str:
        """Name of its file in a store: the first 32 digits of its hash."""
        return self.hash[:32]

    @property
    def own_schedules(self) -> dict[str, str]:
        """Hash of the factors of each schedule that is a function of your own: its words do not say what it does."""
        own = {name: one for name, one in self.setup.schedules.items() if one.own is not None}
        total = self.epochs * self.steps_per_epoch
        return {name: hashlib.sha256(one.factors(total, name).tobytes()).hexdigest() for name, one in own.items()}

    @classmethod
    def from_json(cls, text: str) -> "Task":
        """Read what `json` or `spec` wrote.

        Raises
        ------
        ValueError
            For a rule, a model, a schedule or a probe that the library does not have: its function is not written down.
        """
        held = json.loads(text)
        held = held.get("task", held)  # a `spec` has it beside the engine
        if "extra" in held["probes"]:
            raise ValueError(f"probes {held['probes']['extra']}: not the library's; make the task anew")
        if "rule" in held["setup"]:
            raise ValueError(f"rule {held['setup']['rule']['name']!r}: not one of the library's; make the task anew")
        if "own_schedules" in held:
            raise ValueError(f"{next(iter(held['own_schedules']))}: a function; make the task anew")
        if "model" in held["setup"]:
            raise ValueError(f"model {held['setup']['model']!r}: not one of the library's; make the task anew")
        beside = {name: held["setup"].pop(name) for name in ("biases", "norm") if name in held["setup"]}
        network = MLP(held["setup"]["widths"], **beside) if beside else None
        held["setup"] = Setup(**held["setup"], network=network)
        held["cells"] = tuple(Hyper.of(cell, held["setup"].rule.numbers) for cell in held["cells"])
        held["probes"] = Probes(**held["probes"])
        return cls(**held | {"seeds": tuple(held["seeds"])})


def engine() -> str:
    """Give, as JSON, what besides a task decides its numbers: the engine's version, JAX's, and how it draws.

    Examples
    --------
    >>> json.loads(engine())["numerics"] == numerics.VERSION
    True
    """
    draws = {"impl": "threefry2x32", "partitionable": bool(jax.config.jax_threefry_partitionable)}  # pyrefly: ignore
    version = ".".join(jax.__version__.split(".")[:2])
    return json.dumps({"numerics": numerics.VERSION, "jax": version, "draws": draws}, sort_keys=True)


def shared(task: Task) -> dict[str, Any]:
    """Give what the tasks of a group share, JSON-ready: all but the members."""
    return _written(dataclasses.replace(task, cells=(), seeds=()))


@functools.lru_cache(maxsize=256)
def _written(task: Task) -> dict[str, Any]:
    held = {field.name: getattr(task, field.name) for field in dataclasses.fields(task)}
    held |= {"setup": task.setup.record(), "probes": task.probes.record()}
    held |= {"own_schedules": task.own_schedules} if task.own_schedules else {}
    return {name: value for name, value in held.items() if value or name != "own_functions"}
