"""A plan: the tasks of a sweep, decided once, which is what runs. Its repr is the dry run."""

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from wd_jax import display, precision
from wd_jax.data import Dataset
from wd_jax.engine import fingerprint, own_parts
from wd_jax.measurement import Probes
from wd_jax.results import run_settings
from wd_jax.setup import Method, Setup
from wd_jax.sweeps import grid_decay
from wd_jax.sweeps.axes import Axis, Grid, Group, read
from wd_jax.sweeps.chunks import Chunk, cut
from wd_jax.sweeps.cost import Cost, cost
from wd_jax.sweeps.task import Task
from wd_jax.sweeps.workers import chosen

NEXT = "wd.sweep(...) of the same arguments runs it"


@dataclass(frozen=True, repr=False, eq=False)
class Plan:
    """Everything a sweep will run, known before anything is compiled.

    Attributes
    ----------
    grid : Grid
        Axes, groups, cells and seeds.
    probes : Probes
        What is measured.
    data : Dataset
        What is learned.
    chunks, tasks : tuple of Chunk, tuple of Task
        Which members are trained together, and what that takes: a task for each chunk.
    decay_kept : array [group, cell]
        Share of the decay that weights without gradient will keep in the dtype.
    no_budget : str
        Why the decay's part of a step is not measured, though it was asked for; empty if it is.
    workers : tuple of jax.Device
        One for each task that runs at the same time.
    size : Cost
        Compiled programs, bytes and seconds.
    measured : tuple of Probes
        What is measured in each group, once what its rule has not is left out.
    method : {"auto", "blocked", "generic"}
        How to train, as it was asked.
    origin : dict of str to str
        How a shell found the data set, ``word`` and ``folder``, for a worker on another machine; empty if it did not.
    """

    grid: Grid
    probes: Probes
    data: Dataset
    chunks: tuple[Chunk, ...]
    tasks: tuple[Task, ...]
    decay_kept: np.ndarray
    no_budget: str
    workers: tuple[Any, ...]
    size: Cost
    measured: tuple[Probes, ...]
    method: Method
    origin: Mapping[str, str] = field(default_factory=dict)

    @property
    def axes(self) -> tuple[Axis, ...]:
        """Swept dimensions, in the order given."""
        return self.grid.axes

    @property
    def epochs(self) -> int:
        """Passes over the training set."""
        return self.grid.epochs

    @property
    def groups(self) -> tuple[Group, ...]:
        """One per combination of static axes."""
        return self.grid.groups

    @property
    def members(self) -> int:
        """Number of training runs."""
        return len(self.groups) * len(self.grid.cells) * len(self.grid.seeds)

    @property
    def member_steps(self) -> int:
        """Minibatch steps of all members together."""
        steps = sum(group.steps_per_epoch for group in self.groups)
        return steps * len(self.grid.cells) * len(self.grid.seeds) * self.epochs

    @property
    def bytes(self) -> int:
        """Memory for data, chunks and records."""
        return sum(self.size.shares.values())

    @property
    def traced_axes(self) -> tuple[Axis, ...]:
        """Axes that are numbers inside one compiled program."""
        return tuple(axis for axis in self.axes if not axis.static)

    @property
    def static_axes(self) -> tuple[Axis, ...]:
        """Axes that make groups."""
        return tuple(axis for axis in self.axes if axis.static)

    def counts(self) -> str:
        """Say how the members come about: groups times cells times seeds."""
        grid = self.grid
        parts = ((len(grid.groups), "group"), (len(grid.cells), "cell"), (len(grid.seeds), "seed"))
        product = " x ".join(f"{count} {noun}{'s' * (count != 1)}" for count, noun in parts)
        return f"{self.members} member{'s' * (self.members != 1)}: {product}"

    def facts(self) -> dict[str, str]:
        """Return what there is to say, in the order it is printed."""
        size = self.size
        rounded = precision.shares_in_words(self.decay_kept)
        seeds = len(self.grid.seeds)
        facts = {
            "axes": ", ".join(f"{axis.name} = {display.listed(axis.values, 12)}" for axis in self.axes) or "none",
            "members": f"{self.members}, of {seeds} seed(s), in {size.programs} compiled program(s)",
            **run_settings.facts(run_settings.of_plan(self)),
            "chunks": f"{len(self.tasks)}, of which {size.blocked} in the blocked layout",
            "steps": f"{self.member_steps} in all, {self.epochs} epochs",
            "memory": f"about {self.bytes / 2**20:.0f} MiB of data, chunks and records",
            "time": f"about {display.duration(size.seconds)} on {len(self.workers)} core(s) like those of "
            "docs/benchmarks.md",
        }
        facts |= {"no budget": self.no_budget} if self.no_budget else {}
        return facts | ({"rounding": rounded} if rounded else {})

    def record(self) -> dict[str, Any]:
        """Return the same as numbers, JSON-ready."""
        return {
            "dataset": self.data.name,
            "n": self.data.n,
            "axes": {axis.name: axis.values for axis in self.axes},
            "seeds": len(self.grid.seeds),
            "epochs": self.epochs,
            "members": self.members,
            "compiled_programs": self.size.programs,
            "chunks": len(self.tasks),
            "blocked_chunks": self.size.blocked,
            "bytes": self.bytes,
            "estimated_seconds": self.size.seconds,
            "member_steps": self.member_steps,
            "decay_kept": precision.shares_record(self.decay_kept),
            **({"no_budget": self.no_budget} if self.no_budget else {}),
            "settings": run_settings.record(run_settings.of_plan(self)),
        }

    def __repr__(self) -> str:
        """Return the facts, a line each, and how to run it."""
        facts = display.facts_text(self.facts() | {"next": NEXT}, "  ")
        return "\n".join([f"Planned sweep of {self.counts()}", *facts])

    def _repr_html_(self) -> str:
        heading = f"<p><strong>Planned sweep of {self.counts()}</strong></p>"
        return f"<div>{heading}{display.facts_html(self.facts())}{display.commands_html([NEXT])}</div>"


def make_plan(
    setup: Setup,
    data: Dataset,
    axes: dict[str, Any],
    *,
    seeds: int | Sequence[int] = 1,
    epochs: int,
    probes: Probes = Probes(),
    method: Method = "auto",
    devices: Sequence[Any] | None = None,
    stacklevel: int = 2,
) -> Plan:
    """Check a sweep's arguments, and decide what will run.

    Parameters
    ----------
    setup, data, axes, seeds, epochs, probes
        As for `wd_jax.sweeps.axes.read`.
    method : {"auto", "blocked", "generic"}
        How members are trained.
    devices : sequence of jax.Device, optional
        As for `wd_jax.sweep`.
    stacklevel : int
        Of the caller that a warning names, as seen from here.

    Raises
    ------
    ValueError
        Naming the argument, its value and the remedy; for a decay that the dtype cannot represent, or a size that is
        more than a limit (`wd_jax.inputs.limits`) or the machine's memory.
    TypeError
        For a setup, a data set, probes or devices that are none.
    """
    grid = read(setup, data, axes, seeds, epochs, probes)
    workers = chosen(devices)
    chunks = cut(grid, probes, method, workers[0].platform)
    kept = grid_decay.checked(grid, stacklevel)
    measured = [own_parts.checked(group.setup, data.n, probes) for group in grid.groups]
    tasks = tuple(tasks_of(grid, chunks, [probes for probes, _ in measured], data))
    size = cost(tasks, data, workers)
    while devices is None and len(workers) > 1 and not size.fits():
        workers = workers[:-1]  # fewer at a time need less memory, and give the same numbers
        size = cost(tasks, data, workers)
    size.check(len(grid.groups) * len(grid.cells) * len(grid.seeds))
    of_groups = tuple(probes for probes, _ in measured)
    return Plan(grid, probes, data, chunks, tasks, kept, measured[0][1], workers, size, of_groups, method)


def tasks_of(grid: Grid, chunks: Sequence[Chunk], measured: Sequence[Probes], data: Dataset) -> Iterator[Task]:
    """Give what each chunk's members are trained with.

    Parameters
    ----------
    grid : Grid
        Groups, cells and seeds.
    chunks : sequence of Chunk
        Members that are trained together.
    measured : sequence of Probes
        Of each group.
    data : Dataset
        What is learned.
    """
    rules = [group.setup.rule for group in grid.groups]
    own = [fingerprint.of_task(g.setup, p.extra, data.n_in) for g, p in zip(grid.groups, measured, strict=True)]
    # Thousands of tasks share the numbers of a cell, and hold them once.
    numbers = functools.cache(lambda group, cell: grid.cells[cell].for_rule(rules[group]))
    for chunk in chunks:
        group = grid.groups[chunk.group]
        yield Task(
            setup=group.setup,
            cells=tuple(numbers(chunk.group, i) for i in chunk.cells),
            seeds=tuple(grid.seeds[i] for i in chunk.seeds),
            epochs=grid.epochs,
            steps_per_epoch=group.steps_per_epoch,
            probes=measured[chunk.group],
            steps_per_block=chunk.steps_per_block,
            epochs_per_call=chunk.epochs_per_call,
            data_sha256=data.sha256,
            own_functions=own[chunk.group],
        )
