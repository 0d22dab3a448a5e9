"""Who works on a run: each process writes, every few seconds, that it lives and how far it is."""

import dataclasses
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wd_jax.sweeps.store import aside

BETWEEN = 5.0
"""Seconds between two signs of life."""
SILENT = 60.0
"""Seconds without one after which a process elsewhere counts as gone; one of this host is asked."""
LARGEST = 2**20


@dataclass(frozen=True)
class Driver:
    """One process that runs tasks, as it last said.

    Attributes
    ----------
    host, pid, kind : str, int, str
        Where, which, and how: "threads", "dask" or "shard 1/3".
    started, seen : float
        Seconds since 1970.
    plan : str
        Hash of the plan.
    tasks_done, members_done, members_diverged : int
        By this process, this time.
    member_steps_done, member_steps_all : int
        Of what it has to do.
    rate : float
        Member-steps per second; 0 while nothing is known.
    running : tuple of str
        Keys of the tasks in work.
    devices : tuple of str
        Kinds.
    versions : dict of str to str
        Of packages.
    ended : str or None
        "done", "interrupted" or "failed"; None while it runs.
    """

    host: str
    pid: int
    kind: str
    started: float
    seen: float
    plan: str
    tasks_done: int = 0
    members_done: int = 0
    members_diverged: int = 0
    member_steps_done: int = 0
    member_steps_all: int = 0
    rate: float = 0.0
    running: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    versions: dict[str, str] = dataclasses.field(default_factory=dict)
    ended: str | None = None

    @property
    def alive(self) -> bool:
        """Whether it still works, as far as can be told from here."""
        if self.ended is not None:
            return False
        if self.host == aside.host():
            return aside.alive(self.pid)
        return time.time() - self.seen < SILENT


class Heartbeat:
    """Writes the signs of life of this process.

    Parameters
    ----------
    generation : Path
        Folder with plans and tasks.
    driver : Driver
        What there is to say at the beginning.
    clock : callable
        () -> seconds since 1970.
    """

    def __init__(self, generation: Path, driver: Driver, clock: Callable[[], float] = time.time) -> None:
        self._path = generation / "drivers" / f"{driver.host}.{driver.pid}.json"
        self._driver, self._clock = driver, clock
        self._write()

    def beat(self, **said: Any) -> None:
        """Say how far it is, if the last time is long enough ago."""
        if self._clock() - self._driver.seen >= BETWEEN:
            self._say(**said)

    def end(self, word: str, **said: Any) -> None:
        """Say how it ended: "done", "interrupted" or "failed"."""
        self._say(ended=word, running=(), **said)

    def _say(self, **said: Any) -> None:
        self._driver = dataclasses.replace(self._driver, seen=self._clock(), **said)
        self._write()

    def _write(self) -> None:
        """Write it whole; a full disk must not end a run for this."""
        try:
            aside.replace(self._path, json.dumps(dataclasses.asdict(self._driver)), self._path.parents[1] / "tmp")
        except OSError:
            return


def new(kind: str, plan: str, devices: tuple[str, ...] = (), versions: dict[str, str] | None = None) -> Driver:
    """Describe this process at its beginning.

    Examples
    --------
    >>> new("threads", "f00d").alive
    True
    """
    now = time.time()
    return Driver(aside.host(), os.getpid(), kind, now, now, plan, devices=devices, versions=versions or {})


def listed(generation: Path) -> tuple[Driver, ...]:
    """Read what all processes last said, the latest first; what cannot be read is left out."""
    found = []
    for entry in aside.listed(generation / "drivers"):
        if entry.name.endswith(".json") and not entry.name.startswith(".") and entry.is_file(follow_symlinks=False):
            found += _read(Path(entry.path))
    return tuple(sorted(found, key=lambda one: -one.seen))


def alive(generation: Path) -> tuple[Driver, ...]:
    """List the processes that still work on a run, this one left out."""
    here = (aside.host(), os.getpid())
    return tuple(one for one in listed(generation) if one.alive and (one.host, one.pid) != here)


def _read(path: Path) -> list[Driver]:
    try:
        with path.open("rb") as file:
            held = json.loads(file.read(LARGEST))
        known = {one.name: one.type for one in dataclasses.fields(Driver)}
        values: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in held.items() if n in known}
        driver = Driver(**values)
        numbers = (driver.started, driver.seen, driver.rate, driver.tasks_done, driver.member_steps_done, driver.pid)
        return [driver] if all(isinstance(one, int | float) for one in numbers) else []
    except (OSError, ValueError, TypeError, AttributeError):
        return []
