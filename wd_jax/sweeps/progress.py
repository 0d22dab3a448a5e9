"""What a long sweep shows while it runs: one live line on a terminal, a line a minute where there is none.

Everything is counted on the host, from records that are there anyway: nothing is added to the compiled programs. On a
terminal, and in a notebook with ipywidgets, `tqdm` draws the line. Elsewhere (a log, a pipe, a notebook without them) a
sweep of less than a minute says nothing.
"""

import contextlib
import importlib.util
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TextIO

from wd_jax.display import duration, magnitude

SECONDS_BETWEEN_LINES = 60.0
FORMAT = "{desc}{percentage:3.0f}%|{bar}| {unit}"
"""The unit's place is tqdm's only one for a text without a comma in front."""

Tick = Callable[[int, int], None]
"""(member-steps made since the last call, members of this chunk diverged so far) -> nothing."""


@dataclass
class Counts:
    """What has been done: member-steps and chunks, and how many members have diverged."""

    steps: int = 0
    finished: int = 0
    diverged: int = 0


@dataclass(frozen=True)
class Mark:
    """So many member-steps had been made at this time, seconds."""

    steps: int
    time: float


def line_class() -> type[Any]:
    """Give tqdm's own choice for where this runs: a widget in a notebook, a line of text on a terminal."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a notebook without ipywidgets has a line a minute, and needs no advice
        from tqdm.auto import tqdm
    return tqdm


def draws_widgets() -> bool:
    """Whether this is a notebook's kernel with the ipywidgets that tqdm needs."""
    return "ipykernel.zmqshell" in sys.modules and importlib.util.find_spec("ipywidgets") is not None


class Progress:
    """Add up what chunks report, from any thread, and show it.

    The rate counts from the end of each device's first block on, since that block compiles. Where a later group of
    chunks compiles a program of its own (another width, another size of minibatch), that time is in the rate and in the
    time left: just after it the sweep looks slower than it is, and the longer it goes on the less so.

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
        self._spoke = clock()
        self._since = self._latest = Mark(0, self._spoke)
        self._lock = threading.Lock()
        self._bar = None
        if stream.isatty() or (stream is sys.stderr and draws_widgets()):
            self._bar = line_class()(
                total=steps, desc=f"{label}: " if label else None, file=stream, bar_format=FORMAT, dynamic_ncols=True,
                unit=self.state(),
            )  # fmt: skip

    @contextlib.contextmanager
    def chunk(self) -> Iterator[Tick]:
        """Open the account of one chunk; it counts as done when the block is left without an error."""
        known, starting = 0, self.counts.steps == 0

        def tick(steps: int, diverged: int) -> None:
            nonlocal known, starting
            with self._lock:
                self.counts.steps += steps
                self.counts.diverged += diverged - known
                self._latest = Mark(self.counts.steps, self._clock())
                if starting:  # the first block of each device was compiled: the rate is that of what comes after
                    self._since = self._latest
                known, starting = diverged, False
                self._draw(steps)

        yield tick
        with self._lock:
            self.counts.finished += 1
            self._draw(0)

    def look(self) -> None:
        """Bring the time left up to date; called every half second or so from the thread that waits."""
        now = self._clock()
        if self._bar is not None:
            with self._lock, _unheard():
                self._draw(0)
                self._bar.refresh()
        elif now - self._spoke >= SECONDS_BETWEEN_LINES:
            self._spoke = now
            percent = 100 * self.counts.steps // self._steps
            with _unheard():
                self._stream.write(f"{self._label or 'sweep'}: {percent}%, {self.state()}\n")
                self._stream.flush()

    def said(self, steps: int) -> dict[str, Any]:
        """Give how far it is, for who watches from elsewhere; of `steps` member-steps in all."""
        made, seconds = self._latest.steps - self._since.steps, self._latest.time - self._since.time
        return {
            "member_steps_done": self.counts.steps,
            "member_steps_all": steps,
            "members_diverged": self.counts.diverged,
            "rate": made / seconds if made and seconds > 0 else 0.0,
        }

    def state(self) -> str:
        """Say how fast it goes, how long it will take, and what has been done."""
        counts = self.counts
        parts = [f"{counts.finished}/{self._chunks} chunks", *([f"{counts.diverged} diverged"] * bool(counts.diverged))]
        made, seconds = self._latest.steps - self._since.steps, self._latest.time - self._since.time
        if made and seconds > 0:
            left = (self._steps - counts.steps) * seconds / made - (self._clock() - self._latest.time)
            time_left = [f"{duration(max(0.0, left))} left"] if counts.steps < self._steps else []
            parts = [f"{magnitude(made / seconds)} member-steps/s", *time_left, *parts]
        return ", ".join(parts if counts.steps else ["compiling", *parts])

    def close(self) -> None:
        """Leave the live line as it stands."""
        if self._bar is not None:
            with _unheard():
                self._bar.close()

    def _draw(self, steps: int) -> None:
        if self._bar is not None:
            self._bar.unit = self.state()
            with _unheard():
                self._bar.update(steps)


def _unheard() -> contextlib.suppress:
    """Go on where nobody reads any more, as after ``2>&1 | head``: a sweep is worth more than its progress."""
    return contextlib.suppress(OSError)


class Silence:
    """A `Progress` that shows nothing."""

    @contextlib.contextmanager
    def chunk(self) -> Iterator[Tick]:
        """Count nothing."""
        yield lambda steps, diverged: None

    def look(self) -> None:
        """Show nothing."""

    def said(self, steps: int) -> dict[str, Any]:
        """Know nothing."""
        return {"member_steps_all": steps}


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
