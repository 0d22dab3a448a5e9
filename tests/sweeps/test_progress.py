"""The live view: counts from many threads, one live line on a terminal, a line a minute elsewhere."""

import io
import re
import threading

import jax
import numpy as np
import pytest

import wd_jax as wd
from wd_jax.sweeps import progress as module
from wd_jax.sweeps.progress import Progress, shown

pytestmark = pytest.mark.numeric


class Terminal(io.StringIO):
    """A stream that says it is a terminal of 100 columns."""

    def isatty(self) -> bool:
        return True

    def lines(self) -> list[str]:
        return [line.strip() for line in re.split(r"[\r\n]", self.getvalue()) if line.strip()]


class Clock:
    """Seconds that pass only when told."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_log_hears_once_a_minute(clock: Clock) -> None:
    stream = io.StringIO()
    view = Progress(1_000_000, 8, "claim 1", stream, clock)
    with view.chunk() as tick:
        clock.now = 20.0  # compiling, which is not counted in the rate
        tick(50_000, 0)
        clock.now = 40.0
        tick(200_000, 2)
        clock.now = 59.0
        view.look()
        assert stream.getvalue() == ""
    clock.now = 60.0
    for _ in range(3):
        view.look()
    clock.now = 119.0
    view.look()
    assert stream.getvalue() == "claim 1: 25%, 10k member-steps/s, 55 s left, 1/8 chunks, 2 diverged\n"
    clock.now = 120.0
    view.look()
    assert stream.getvalue().count("\n") == 2
    view.close()
    assert stream.getvalue().count("\n") == 2


def test_before_the_first_block_a_log_says_no_rate(clock: Clock) -> None:
    stream = io.StringIO()
    view = Progress(10, 1, "", stream, clock)
    clock.now = 61.0
    view.look()
    assert stream.getvalue() == "sweep: 0%, compiling, 0/1 chunks\n"


def test_the_rate_begins_when_every_device_has_compiled(clock: Clock) -> None:
    view = Progress(10_000, 2, "", io.StringIO(), clock)
    with view.chunk() as one, view.chunk() as two:
        clock.now = 5.0
        one(100, 0)
        clock.now = 5.1
        two(100, 0)
        assert view.state() == "0/2 chunks"
        clock.now = 6.1
        one(100, 0)
        assert view.state() == "100 member-steps/s, 97 s left, 0/2 chunks"
        clock.now = 16.1  # the time left passes between two blocks
        assert "87 s left" in view.state()


def test_a_terminal_has_one_live_line(clock: Clock) -> None:
    stream = Terminal()
    view = Progress(400, 2, "claim 3", stream, clock)
    assert "compiling" in stream.lines()[0]
    with view.chunk() as tick:
        tick(100, 0)
        clock.now = 1.0
        tick(100, 1)
    view.look()
    view.close()
    last = stream.lines()[-1]
    assert last.startswith("claim 3:  50%|") and last.endswith("| 100 member-steps/s, 2 s left, 1/2 chunks, 1 diverged")
    assert stream.getvalue().count("\n") == 1  # everything before was drawn over


def test_a_notebook_has_tqdms_widget(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its standard error is no terminal; what draws there is another class of tqdm's."""
    drawn: list = []

    class Widget:
        def __init__(self, **options) -> None:
            self.unit, self.total = options["unit"], options["total"]
            drawn.append(self)

        def update(self, steps: int) -> None:
            self.steps = steps

    monkeypatch.setattr("sys.stderr", io.StringIO())
    monkeypatch.setattr(module, "line_class", lambda: Widget)
    Progress(400, 2, "claim 3", module.sys.stderr, clock)
    assert drawn == []
    monkeypatch.setattr(module, "draws_widgets", lambda: True)
    Progress(400, 2, "claim 3", io.StringIO(), clock)  # a log that is kept there is no notebook
    assert drawn == []
    with Progress(400, 2, "claim 3", module.sys.stderr, clock).chunk() as tick:
        tick(100, 1)
    (bar,) = drawn
    assert bar.total == 400 and "1 diverged" in bar.unit


def test_chunks_of_many_threads_add_up(clock: Clock) -> None:
    view = Progress(8 * 1000, 8, "", io.StringIO(), clock)

    def run() -> None:
        with view.chunk() as tick:
            for step in range(1000):
                tick(1, step // 500)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (view.counts.steps, view.counts.finished, view.counts.diverged) == (8000, 8, 8)


def test_a_chunk_that_fails_is_not_finished(clock: Clock) -> None:
    view = Progress(10, 1, "", io.StringIO(), clock)
    with pytest.raises(KeyboardInterrupt), view.chunk():
        raise KeyboardInterrupt
    assert view.counts.finished == 0


def test_silence_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    with shown(False, 10, 1) as view:
        with view.chunk() as tick:
            tick(10, 0)
        view.look()
    assert stream.getvalue() == ""


def test_the_line_is_left_standing_after_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    with pytest.raises(RuntimeError), shown("a label", 10, 1):
        raise RuntimeError
    assert stream.getvalue().endswith("\n") and stream.lines()[-1].startswith("a label:   0%|")


@pytest.mark.filterwarnings("ignore:eta=.*grow by the factor")
def test_a_sweep_counts_its_steps_and_who_diverged(setup32, tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    """Members are counted once, padding never; each block asks the device for nothing but its records."""
    stream, views = Terminal(), []
    monkeypatch.setattr("sys.stderr", stream)

    class Watched(Progress):
        def __init__(self, *arguments, **options) -> None:
            super().__init__(*arguments, **options)
            views.append(self)

    monkeypatch.setattr(module, "Progress", Watched)
    runs = wd.sweep(
        setup32, tiny, eta=[0.1, 1e30, 0.2], lmbda=1.0, seeds=7, epochs=2, progress="tiny", devices=jax.devices()[:1]
    )
    (view,) = views
    members, steps_per_epoch = 21, 5
    assert view.counts.steps == members * steps_per_epoch * 2
    assert view.counts.diverged == int((runs.diverged_at >= 0).sum()) == 7
    assert stream.lines()[-1].startswith("tiny: 100%|") and "7 diverged" in stream.lines()[-1]
    assert np.isfinite(runs.weight_rms.sel(eta=0.1)).all()
