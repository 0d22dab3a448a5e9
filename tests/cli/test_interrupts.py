"""A Ctrl-C is never lost and never a traceback, and what is said of what was kept is true.

Each child presses Ctrl-C on itself at a place of its own choosing, so no test waits for the right moment.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import wd_jax as wd
from wd_jax import files, interrupts
from wd_jax.cli import main
from wd_jax.cli.command import Command, Output
from wd_jax.cli.registry import COMMANDS, Entry
from wd_jax.interrupts import check, heard_at_safe_places

pytestmark = pytest.mark.numeric


@pytest.fixture(autouse=True)
def heard() -> Iterator[None]:
    """Python's own handler: a shell that starts tests in the background has them ignore Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def press(number: int = signal.SIGINT) -> None:
    os.kill(os.getpid(), number)


def test_it_waits_for_a_safe_place_and_is_raised_once() -> None:
    with heard_at_safe_places():
        press()
        with pytest.raises(KeyboardInterrupt):
            check()
        check()


def test_one_inside_a_callback_is_heard_afterwards() -> None:
    # Called from C, as JAX's hook of the garbage collector is: an interrupt raised there is printed and discarded.
    callback = ctypes.CFUNCTYPE(None)(press)
    with heard_at_safe_places(), pytest.raises(KeyboardInterrupt):
        callback()
        check()


def test_a_second_one_does_not_wait() -> None:
    with heard_at_safe_places():
        press()
        with pytest.raises(KeyboardInterrupt):
            press()


def test_where_nothing_checks_it_is_raised_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interrupts, "PATIENCE", 0.01)
    with heard_at_safe_places(), pytest.raises(KeyboardInterrupt):
        press()
        time.sleep(3600)


def test_a_process_of_its_own_leaves_by_the_first_signal_it_heard() -> None:
    left: list[int] = []

    def leave(number: int) -> None:
        left.append(number)
        raise SystemExit

    with heard_at_safe_places(leave), pytest.raises(SystemExit):
        press(signal.SIGTERM)
        press()
    assert left == [signal.SIGTERM]


def test_handlers_are_put_back() -> None:
    held = (*interrupts.signals(), signal.SIGALRM)
    before = [signal.getsignal(number) for number in held]
    with heard_at_safe_places(lambda number: None):
        assert signal.getsignal(signal.SIGINT) is not before[0]
    assert [signal.getsignal(number) for number in held] == before
    check()


def test_a_ledger_tells_whole_files_from_those_in_the_making(tmp_path: Path) -> None:
    seen: list[list[str]] = []
    with files.noted() as ledger:
        files.publish(tmp_path / "one", lambda aside: aside.write_text("1"))
        files.publish(
            tmp_path / "two", lambda aside: seen.append([aside.read_text(), *(p.name for p in ledger.whole())])
        )
        with pytest.raises(OSError, match="full"):
            files.publish(tmp_path / "three", lambda aside: (_ for _ in ()).throw(OSError("full")))
        assert [path.name for path in ledger.whole()] == ["one", "two"] and seen == [["", "one"]]
    files.publish(tmp_path / "four", lambda aside: None)  # outside, nothing is noted
    assert len(ledger.begun) == 3 and sorted(p.name for p in tmp_path.iterdir()) == ["four", "one", "two"]


PRESS = "import os, signal, sys, time\ndef press(*_, number=signal.SIGINT): os.kill(os.getpid(), number)\n"
SWEEP = "sweep --dataset null --widths 16 3 4 --lmbda 1 --epochs 2 --no-budget --no-moved --no-evaluation --out"
NOTHING = "error: interrupted: nothing was written; run the same command again\n"
LOST = (
    "error: interrupted: a sweep into one file is written at its end, so nothing of this one is kept; run the same "
    "command again, or give --out a folder, which keeps what has finished\n"
)
LOADING = """
class Presses:
    def find_spec(self, name, *_):
        if name == {name!r}:
            press()
sys.meta_path.insert(0, Presses())
"""
TRAINING = """
from wd_jax.engine import minibatches
real = minibatches.host_orders
def pressed(*given):
    press({number})
    return real(*given)
minibatches.host_orders = pressed
"""
TWICE = """
from wd_jax.engine import minibatches
def pressed(*given):
    press(); press()
    time.sleep(3600)
minibatches.host_orders = pressed
"""
STUCK = """
from wd_jax import interrupts
from wd_jax.sweeps import threads
interrupts.PATIENCE = 0.01
def stuck(*_, **__):
    press()
    time.sleep(3600)
threads.run = stuck
"""
HALF_WRITTEN = """
import xarray as xr
def half(self, path, **_):
    path.write_bytes(b"CDF half")
    press(); press()
    time.sleep(3600)
xr.Dataset.to_netcdf = half
"""
AFTER_WRITING = """
from wd_jax.results import summary
import wd_jax
def pressed(runs):
    press(); press()
    time.sleep(3600)
wd_jax.summarise = pressed
"""
PLACES = {
    "loading the parser": (LOADING.format(name="tyro"), "predict --eta 0.1 --lmbda 5 --n 50000", NOTHING, 130),
    "loading the commands": (LOADING.format(name="wd_jax.cli.registry"), "info x", NOTHING, 130),
    "loading the engine": (LOADING.format(name="wd_jax.interrupts"), SWEEP, NOTHING, 130),
    "training": (TRAINING.format(number=""), SWEEP, LOST, 130),
    "terminated while training": (TRAINING.format(number="number=signal.SIGTERM"), SWEEP, LOST, 143),
    "twice": (TWICE, SWEEP, LOST, 130),
    "where nothing checks": (STUCK, SWEEP, LOST, 130),
    "twice while writing": (HALF_WRITTEN, SWEEP, LOST, 130),
    "after writing": (AFTER_WRITING, SWEEP, "written, and whole; see `wd-jax info ", 130),
}


ALWAYS = ("loading the parser", "training", "twice while writing")  # the other places are tried by make test-all


@pytest.mark.parametrize(
    "place", [pytest.param(place, marks=() if place in ALWAYS else pytest.mark.slow) for place in PLACES]
)
def test_wherever_it_comes_it_is_one_true_line(place: str, tmp_path: Path) -> None:
    code, line, said, status = PLACES[place]
    out = tmp_path / "runs.nc"
    argv = [*line.split(), *([str(out)] if line is SWEEP else [])]
    program = f"{PRESS}{code}\nfrom wd_jax.cli import main\nsys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", program, *argv], capture_output=True, text=True, check=False,
        env=os.environ | {"JAX_NUM_CPU_DEVICES": "1"},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (status, ""), done.stderr
    *others, last = done.stderr.splitlines(keepends=True)
    assert said in last and last.startswith("error: interrupted: "), done.stderr
    assert not [other for other in others if "Traceback" in other or "ignored" in other or "error" in other]
    left = [path.name for path in tmp_path.iterdir()]
    assert left == (["runs.nc"] if place == "after writing" else [])
    if left:
        wd.open(out)


IN_A_FOLDER = {
    "training": (TRAINING.format(number=""), "no task had finished; run the same command again, which goes on", False),
    "where nothing checks": (STUCK, "no task had finished; run the same command again, which goes on", False),
    "after writing": (AFTER_WRITING, "1 of 1 tasks had finished and are kept; run the same command again", True),
}


@pytest.mark.parametrize(
    "place", [pytest.param(place, marks=pytest.mark.slow if place != "after writing" else ()) for place in IN_A_FOLDER]
)
def test_of_a_run_in_a_folder_it_says_what_is_kept(place: str, tmp_path: Path) -> None:
    """Two looks at the host: a Ctrl-C during the first is heard before the second."""
    code, said, whole = IN_A_FOLDER[place]
    line = SWEEP.replace("--epochs 2", "--epochs 9000") if place == "training" else SWEEP
    argv = [*line.split(), str(tmp_path / "runs")]
    program = f"{PRESS}{code}\nfrom wd_jax.cli import main\nsys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", program, *argv], capture_output=True, text=True, check=False,
        env=os.environ | {"JAX_NUM_CPU_DEVICES": "1"},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (130, ""), done.stderr
    assert said in done.stderr.splitlines()[-1]
    assert [path.name for path in tmp_path.iterdir()] == ["runs"]
    if whole:
        assert (wd.open(tmp_path / "runs").status == "ok").all()


def test_a_program_that_calls_main_goes_on_after_an_interruption(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Options(Command):
        def run(self) -> Output:
            for name in ("a", "b", "c", "d"):
                files.publish(tmp_path / name, lambda aside: None)
            press()
            check()
            return Output("", {})

    class Pressed(Entry):
        def load(self) -> type[Command]:
            return Options

    monkeypatch.setitem(COMMANDS, "pressed", Pressed("", "interrupts itself"))
    assert main(["pressed"]) == 130
    out, err = capsys.readouterr()
    named = ", ".join(str(tmp_path / name) for name in "abc")
    assert (out, err) == (
        "",
        f"error: interrupted: {named} and 1 more: written, and whole; run the same command again\n",
    )


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_reader_that_has_left_is_no_failure(stream: str, tmp_path: Path) -> None:
    """As after ``| head``, or ``2>&1 | head``: the sweep is written all the same."""
    noisy = "import warnings; from wd_jax.sweeps import threads; real = threads.run\n"
    noisy += "def run(*a, **k):\n    warnings.warn('heard by nobody'); return real(*a, **k)\nthreads.run = run\n"
    program = f"import sys\n{noisy}sys.stdin.read()\nfrom wd_jax.cli import main\nsys.exit(main())"
    pipes = {name: subprocess.PIPE for name in ("stdin", "stdout", "stderr")}
    argv = [sys.executable, "-c", program, *SWEEP.split(), str(tmp_path / "runs")]
    with subprocess.Popen(argv, text=True, env=os.environ | {"JAX_NUM_CPU_DEVICES": "1"}, **pipes) as child:
        closed, other = (child.stdout, child.stderr) if stream == "stdout" else (child.stderr, child.stdout)
        closed.close()
        child.stdin.close()  # only now does it begin
        text = other.read()
    assert child.returncode == 0 and "Traceback" not in text and "BrokenPipe" not in text
    assert wd.open(tmp_path / "runs").sizes["epoch"] == 3


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full is Linux's")
def test_a_full_disk_is_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "wd_jax.cli", *"predict --eta 0.1 --lmbda 5 --n 50000".split()],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == "error: standard output: no space left on device: nothing could be printed\n"
