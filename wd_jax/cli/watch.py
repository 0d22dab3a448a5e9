"""``wd-jax watch``: a run seen while it goes on, from any terminal that sees its folder."""

import shutil
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from wd_jax.cli import checks
from wd_jax.cli.command import Command, Output
from wd_jax.cli.fields import Run

READING = 0.5
"""Seconds of each look that may go to reading tasks."""
BETWEEN_LINES = 60.0
"""Seconds between two lines where there is no terminal."""


@dataclass(frozen=True, kw_only=True)
class Options(Command):
    """Show how far the run in a folder is until nothing works on it: done, failed, diverged, time left, curves."""

    run_: Run
    """Folder that a sweep writes."""
    every: float = 2.0
    """Seconds between two looks."""
    once: bool = False
    """Look once, and stop."""

    def __post_init__(self) -> None:
        """Refuse a time that is none."""
        checks.positive("--every", self.every)

    def interrupted(self, whole: Sequence[Path]) -> str:
        """Say that a view is only a view."""
        return "the view has ended, and the run goes on as before"

    def run(self) -> Output:
        """Look again and again, and give what was seen last."""
        from wd_jax.sweeps.live import words
        from wd_jax.sweeps.live.curves import Curves
        from wd_jax.sweeps.live.state import RUNNING, Sizes, state, watched

        store, view = watched(self.run_), View(sys.stderr)
        curves, sizes = Curves(store), Sizes.of(store.plan)
        while True:
            now, seen = state(store, sizes), curves.look(READING)
            if self.once or now.word != RUNNING:
                break
            view.show(words.text(now, seen))
            time.sleep(self.every)
            fresh = watched(self.run_)
            if (fresh.generation, fresh.plan.hash) != (store.generation, store.plan.hash):
                store, curves, sizes = fresh, Curves(fresh), Sizes.of(fresh.plan)
        view.clear()
        return Output(words.text(now, seen), words.record(now, seen))


class View:
    """Several lines of a terminal, drawn over again; elsewhere the first two of them, a minute apart.

    Parameters
    ----------
    stream : file
        Where to draw.
    clock : callable
        () -> seconds, rising.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._clock = stream, clock
        self._lines, self._spoke = 0, -BETWEEN_LINES

    def show(self, text: str) -> None:
        """Draw."""
        if self._stream.isatty():
            size = shutil.get_terminal_size()
            lines = [line[: size.columns - 1] for line in text.split("\n")][: size.lines - 1]
            self._write(self._back() + "\n".join(lines) + "\n")
            self._lines = len(lines)
        elif self._clock() - self._spoke >= BETWEEN_LINES:
            self._spoke = self._clock()
            self._write(
                ", ".join(" ".join(line.split()) for line in (text.split("\n")[0], *text.split("\n")[2:4])) + "\n"
            )

    def clear(self) -> None:
        """Remove what was drawn."""
        if self._lines:
            self._write(self._back())
            self._lines = 0

    def _back(self) -> str:
        return f"\x1b[{self._lines}A\x1b[J" if self._lines else ""

    def _write(self, text: str) -> None:
        """Write what the terminal's encoding has, and a question mark for the rest."""
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        self._stream.write(text.encode(encoding, "replace").decode(encoding))
        self._stream.flush()
