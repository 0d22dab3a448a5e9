"""What a long sweep shows while it runs: one live line on a terminal, a line a minute where there is none.

Everything is counted on the host, from records that are there anyway: nothing is added to the compiled programs. On a
terminal `tqdm` draws the line. Elsewhere (a log, a pipe, a notebook) a sweep of less than a minute says nothing.
"""

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TextIO

from tqdm import tqdm

from wd_jax.views import duration, magnitude

SECONDS_BETWEEN_LINES = 60.0
FORMAT = "{desc}{percentage:3.0f}%|{bar}| {rate_noinv_fmt}, {remaining} left{postfix}"

Tick = Callable[[int, int], None]
"""(member-steps made since the last call, members of this chunk diverged so far) -> nothing."""


@dataclass
class Counts:
    """What has been done: member-steps and chunks, and how many members have diverged."""

    steps: int = 0
    finished: int = 0
    diverged: int = 0


class Progress:
    """Add up what chunks report, from any thread, and show it.

    Parameters
    ----------
    steps, chunks : int
        Member-steps and chunks in all.
    label : str
        What is run, for the beginning of the line.
    stream : file
        Where to write; its ``isatty`` decides between a live line and a line a minute.
    clock : callable
        () -> seconds, rising.
    """

    def __init__(
        self,
        steps: int,
        chunks: int,
        label: str,
        stream: TextIO,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.counts = Counts()
        self._steps, self._chunks, self._label = steps, chunks, label
        self._stream, self._clock = stream, clock
        self._started = self._spoke = clock()
        self._lock = threading.Lock()
        self._bar = None
        if stream.isatty():
            self._bar = tqdm(
                total=steps, desc=f"{label}: " if label else None, file=stream, unit=" member-steps", unit_scale=True, smoothing=0.05,
                bar_format=FORMAT, dynamic_ncols=True, postfix="compiling",
            )  # fmt: skip

    @contextlib.contextmanager
    def chunk(self) -> Iterator[Tick]:
        """Open the account of one chunk; it counts as done when the block is left without an error."""
        known = 0

        def tick(steps: int, diverged: int) -> None:
            nonlocal known
            with self._lock:
                self.counts.steps += steps
                self.counts.diverged += diverged - known
                known = diverged
                self._draw(steps)

        yield tick
        with self._lock:
            self.counts.finished += 1
            self._draw(0)

    def look(self) -> None:
        """Bring the time left up to date; called every half second or so from the thread that waits."""
        if self._bar is not None:
            self._bar.refresh()
            return
        now = self._clock()
        if now - self._spoke >= SECONDS_BETWEEN_LINES:
            self._spoke = now
            self._stream.write(self.line(now - self._started) + "\n")
            self._stream.flush()

    def line(self, seconds: float) -> str:
        """Say in a line what has been done after so many seconds."""
        done = self.counts.steps
        parts = [f"{100 * done // self._steps}%"]
        if done:
            left = duration(seconds * (self._steps - done) / done)
            parts += [f"{magnitude(done / seconds)} member-steps/s", f"about {left} left"]
        return f"{self._label or 'sweep'}: {', '.join([*parts, self._state()])}"

    def close(self) -> None:
        """Leave the live line as it stands."""
        if self._bar is not None:
            self._bar.close()

    def _draw(self, steps: int) -> None:
        if self._bar is not None:
            self._bar.set_postfix_str(self._state(), refresh=False)
            self._bar.update(steps)

    def _state(self) -> str:
        diverged = f", {self.counts.diverged} diverged" if self.counts.diverged else ""
        return f"{self.counts.finished}/{self._chunks} chunks{diverged}"


class Silence:
    """A `Progress` that shows nothing."""

    @contextlib.contextmanager
    def chunk(self) -> Iterator[Tick]:
        """Count nothing."""
        yield lambda steps, diverged: None

    def look(self) -> None:
        """Show nothing."""


@contextlib.contextmanager
def shown(progress: bool | str, steps: int, chunks: int) -> Iterator[Progress | Silence]:
    """Show the progress of a sweep on standard error while the block runs.

    Parameters
    ----------
    progress : bool or str
        Whether to show it; a text is its label.
    steps, chunks : int
        Member-steps and chunks in all.
    """
    if not progress:
        yield Silence()
        return
    view = Progress(steps, chunks, progress if isinstance(progress, str) else "", sys.stderr)
    try:
        yield view
    finally:
        view.close()
