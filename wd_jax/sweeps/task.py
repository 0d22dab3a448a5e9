"""A task: members that are trained together, as a value; the same bits on any worker of the same kind of device."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from typing import Any

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
        held = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        held |= {"setup": self.setup.record(), "cells": [dict(cell) for cell in self.cells]}
        held |= {"own_schedules": self.own_schedules} if self.own_schedules else {}
        return json.dumps(held | {"probes": self.probes.record()}, sort_keys=True)

    @property
    def own_schedules(self) -> dict[str, str]:
        """Hash of the factors of each schedule that is a function of your own: its words do not say what it does."""
        own = {name: one for name, one in self.setup.schedules.items() if one.own is not None}
        total = self.epochs * self.steps_per_epoch
        return {name: hashlib.sha256(one.factors(total, name).tobytes()).hexdigest() for name, one in own.items()}

    @classmethod
    def from_json(cls, text: str) -> "Task":
        """Read what `json` wrote.

        Raises
        ------
        ValueError
            For a rule, a model, a schedule or a probe that the library does not have: its function is not written down.
        """
        held = json.loads(text)
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

    @property
    def hash(self) -> str:
        """Hash of `json`: 64 hexadecimal digits.

        A function of your own is not in it: two rules of one name, equations and way to decay have one hash whatever
        they do, and so have two models of one name and shapes; own probes are named only. Give each a name of its own.
        """
        return hashlib.sha256(self.json().encode()).hexdigest()
