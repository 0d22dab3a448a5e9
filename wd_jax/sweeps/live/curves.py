"""The first curves of a run, and how many members diverged: each task is read once, as much as a moment allows."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from wd_jax import display
from wd_jax.sweeps.assemble import DIVERGED
from wd_jax.sweeps.store.chunk_store import CorruptChunk
from wd_jax.sweeps.store.generations import RunStore

LINES = 6
"""Most lines of a panel."""
RMS, COST = "weight_rms", "cost"


@dataclass(frozen=True)
class Line:
    """The mean over finished members of one value of an axis; NaN where there is none."""

    label: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class Panel:
    """Lines of one quantity over epochs."""

    title: str
    epochs: tuple[float, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Seen:
    """What was read so far.

    Attributes
    ----------
    members, diverged : int
        Members of the tasks that were read, and those of them that diverged.
    panels : tuple of Panel
        Curves.
    """

    members: int
    diverged: int
    panels: tuple[Panel, ...]


NOTHING = Seen(0, 0, ())
"""Where no task was read."""


@dataclass
class _Sum:
    """Sums and counts of one panel, [lines, epochs]."""

    total: np.ndarray
    count: np.ndarray


@dataclass
class Curves:
    """Reads a run's tasks as they are published.

    Parameters
    ----------
    store : RunStore
        The run, of one plan.
    """

    store: RunStore
    _read: set[int] = field(default_factory=set)
    _sums: dict[str, _Sum] = field(default_factory=dict)
    _members: int = 0
    _diverged: int = 0

    def __post_init__(self) -> None:
        """Choose the axis whose values make the lines: the first of several values, numbers before words."""
        laid_out = self.store.plan.layout
        sizes = dict(zip(laid_out.places.dims, laid_out.places.sizes, strict=True))
        several = [dim for dim, size in sizes.items() if size > 1]
        numbers = [dim for dim in several if laid_out.frame[dim].dtype.kind in "iuf"]
        self._axis = next(iter(numbers or several), None)
        size = sizes[self._axis] if self._axis else 1
        self._shown = np.unique(np.linspace(0, size - 1, min(size, LINES)).round().astype(int))
        self._line_of = np.full(size, -1)
        self._line_of[self._shown] = np.arange(self._shown.size)

    def look(self, seconds: float) -> Seen:
        """Read tasks that are new, for so long at most, and give what is known."""
        end = time.monotonic() + seconds
        there = self.store.chunks.keys()
        for number, key in enumerate(self.store.plan.keys):
            if key in there and number not in self._read:
                self._read.add(number)
                self._take(number, key)
                if time.monotonic() > end:
                    break
        return Seen(self._members, self._diverged, self._panels())

    def _take(self, number: int, key: str) -> None:
        """Add a task's members; one that cannot be read is left out: the next run makes it again."""
        chunk = self.store.plan.chunks[number]
        try:
            arrays = self._load(key)
        except (CorruptChunk, KeyError, OSError):
            return
        own = slice(0, chunk.members)  # copies come last
        at = arrays[DIVERGED]
        self._members += chunk.members
        self._diverged += int((at[own] >= 0).sum())
        places = dict(zip(self.store.plan.layout.places.dims, self.store.plan.layout.places.of(chunk), strict=False))
        lines = self._line_of[places[self._axis]] if self._axis else np.zeros(chunk.size, int)
        for title, values in self._quantities(arrays, at):
            self._add(title, lines[own], values[own])

    def _load(self, key: str) -> dict[str, np.ndarray]:
        """Read what is drawn; a task has a cost only where splits are evaluated."""
        try:
            return self.store.chunks.load(key, [RMS, DIVERGED, COST])
        except KeyError:
            return self.store.chunks.load(key, [RMS, DIVERGED])

    def _quantities(self, arrays: dict[str, np.ndarray], at: np.ndarray) -> list[tuple[str, np.ndarray]]:
        """Give what is drawn of a task, each [members, epochs]."""
        laid_out = self.store.plan.layout
        rms = laid_out.members(RMS, arrays[RMS], at)
        found = [("rms weight, first layer", rms[:, 0])]
        found += [("rms weight, last layer", rms[:, -1])] if rms.shape[1] > 1 else []
        if COST in arrays:
            cost = laid_out.members(COST, arrays[COST], at)
            splits = [str(split) for split in laid_out.frame["split"].values]
            split = splits.index("validation") if "validation" in splits else 0
            found.append((f"cost, {splits[split]}", cost[:, split]))
        return found

    def _add(self, title: str, lines: np.ndarray, values: np.ndarray) -> None:
        if title not in self._sums:
            shape = (self._shown.size, values.shape[-1])
            self._sums[title] = _Sum(np.zeros(shape), np.zeros(shape, int))
        good = np.isfinite(values) & (lines >= 0)[:, None]
        np.add.at(self._sums[title].total, np.maximum(lines, 0), np.where(good, values, 0.0))
        np.add.at(self._sums[title].count, np.maximum(lines, 0), good)

    def _panels(self) -> tuple[Panel, ...]:
        epochs = tuple(map(float, self.store.plan.layout.frame["epoch"].values))
        return tuple(Panel(title, epochs, self._lines(one)) for title, one in self._sums.items())

    def _lines(self, one: _Sum) -> tuple[Line, ...]:
        with np.errstate(invalid="ignore"):
            means = one.total / one.count  # 0/0 is the NaN that is wanted
        labels = self._labels()
        rows = zip(labels, means.tolist(), one.count.max(axis=1).tolist(), strict=True)
        return tuple(Line(label, tuple(values)) for label, values, there in rows if there)

    def _labels(self) -> Sequence[str]:
        if self._axis is None:
            return [""]
        values: Any = self.store.plan.layout.frame[self._axis].values
        return [f"{self._axis} = {display.number(value)}" for value in values[self._shown].tolist()]
