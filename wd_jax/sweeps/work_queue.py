"""What is left to run, and who may take it: a program is compiled once where workers share a device."""

import threading
from collections.abc import Sequence
from typing import Any, NamedTuple

from wd_jax.data import Dataset
from wd_jax.sweeps.cost import seconds_of
from wd_jax.sweeps.sinks import Sink
from wd_jax.sweeps.task import Task


class Batch(NamedTuple):
    """Tasks whose records are wanted together, the data set that they all learn, and how many members each has.

    The members of the last task may be fewer than it computes: the rest are copies, which no progress counts. `sink`
    takes the records, and knows which tasks are done already.
    """

    tasks: Sequence[Task]
    data: Dataset
    members: Sequence[int]
    sink: Sink

    @property
    def left(self) -> list[int]:
        """Numbers of the tasks that are to be run."""
        return [i for i in range(len(self.tasks)) if i not in self.sink.done]

    @property
    def member_steps(self) -> int:
        """Minibatch steps of those tasks' members together."""
        tasks = ((self.tasks[i], self.members[i]) for i in self.left)
        return sum(task.epochs * task.steps_per_epoch * members for task, members in tasks)


class Place(NamedTuple):
    """Number of a batch, and of a task in it."""

    batch: int
    task: int


class WorkQueue:
    """What is left to run. One worker of a device compiles a program, and the others take other tasks meanwhile."""

    def __init__(self, batches: Sequence[Batch]) -> None:
        self._left: list[Place] = []
        self._programs: dict[Place, Any] = {}
        for number, batch in enumerate(batches):
            dearest = sorted(batch.left, key=lambda i: -seconds_of(batch.tasks[i], batch.data))
            self._left += [Place(number, i) for i in dearest]
            self._programs |= {Place(number, i): batch.tasks[i].program for i in dearest}
        self._compiling: set[Any] = set()
        self._ready: set[Any] = set()
        self._begun: set[Any] = set()
        self._changed = threading.Condition()

    def take(self, device: Any) -> Place | None:
        """Wait for a task that has no need to wait for a compilation, and take it; None if none is left."""
        with self._changed:
            while self._left:
                place = self._next(device)
                if place is not None:
                    program = self._programs[place]
                    self._left.remove(place)
                    self._begun.add(program)
                    if (device, program) not in self._ready:
                        self._compiling.add((device, program))
                    return place
                self._changed.wait()
            return None

    def _next(self, device: Any) -> Place | None:
        """Choose a task whose program is compiled for the device, or for none yet; else one to compile once more."""
        again = None
        for place in self._left:
            program = self._programs[place]
            if (device, program) in self._ready or program not in self._begun:
                return place
            if again is None and (device, program) not in self._compiling:
                again = place
        return again

    def compiled(self, place: Place, device: Any) -> None:
        """Note that a task's program is there, or will not be."""
        program = (device, self._programs[place])
        if program in self._compiling:
            with self._changed:
                self._compiling.discard(program)
                self._ready.add(program)
                self._changed.notify_all()

    def drop(self, batch: int) -> None:
        """Give out no more of a batch."""
        with self._changed:
            self._left = [place for place in self._left if place.batch != batch]
            self._changed.notify_all()

    def close(self) -> None:
        """Give out nothing more."""
        with self._changed:
            self._left.clear()
            self._changed.notify_all()
