"""``wd-jax watch`` and ``wd-jax info`` of a run in a folder."""

import dataclasses
import io
import json
import os
import threading
import time

import pytest

import wd_jax as wd
from wd_jax.cli import main
from wd_jax.cli.watch import View
from wd_jax.sweeps.live.state import watched
from wd_jax.sweeps.store import drivers

pytestmark = pytest.mark.numeric
DATA = wd.data.teacher(0, n=20, n_validation=4, n_test=4, n_in=4, n_hidden=4, n_out=2)


@pytest.fixture
def run(tmp_path):
    """Ten members in two tasks."""
    setup, root = wd.Setup(widths=(4, 3, 2), batch_size=5), tmp_path / "run"
    wd.sweep(setup, DATA, out=root, lmbda=[0.5, 1.0], eta=0.1, seeds=5, epochs=2, method="generic", progress=False)
    return root


@pytest.fixture
def stopped(run):
    """One of them."""
    store = watched(run)
    store.chunks.path(store.plan.keys[1]).unlink()
    return run


def at_work(root):
    store = watched(root)
    driver = dataclasses.replace(drivers.new("threads", store.plan.hash, ("made up",)), pid=os.getpid())
    path = store.generation / "drivers" / f"{driver.host}.{driver.pid}.json"
    path.write_text(json.dumps(dataclasses.asdict(driver)))
    return path


def test_a_finished_run_is_shown_once(run, capsys) -> None:
    assert main(["watch", str(run)]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"{run}: done\n") and "10 of 10 done" in said and "rms weight, first layer" in said


def test_a_run_that_nobody_works_on_ends_the_view_and_says_what_to_do(stopped, capsys) -> None:
    assert main(["watch", str(stopped)]) == 0
    said = capsys.readouterr().out
    assert "stopped: nothing works on it now" in said and "next: run the sweep's own command again" in said


def test_a_run_at_work_is_watched_until_it_ends(stopped, capsys) -> None:
    path = at_work(stopped)

    def end() -> None:
        time.sleep(0.5)
        path.unlink()

    ending = threading.Thread(target=end)
    ending.start()
    assert main(["watch", str(stopped), "--every", "0.1", "--json"]) == 0
    ending.join()
    captured = capsys.readouterr()
    record = json.loads(captured.out)
    assert record["word"] == "stopped" and record["tasks_done"] == 1 and record["members_seen"] == 5
    assert "running" in captured.err and captured.err.count("\n") == 1  # a line a minute where there is no terminal


def test_one_look_at_a_run_at_work(stopped, capsys) -> None:
    at_work(stopped)
    assert main(["watch", str(stopped), "--once", "--json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["word"] == "running" and captured.err == ""


def test_what_is_no_run_is_one_line(tmp_path, capsys) -> None:
    assert main(["watch", str(tmp_path / "none")]) == 1
    assert capsys.readouterr().err == (
        f"error: {tmp_path / 'none'}: holds no run (there is no such folder); name the folder that a sweep wrote\n"
    )
    assert main(["watch", str(tmp_path), "--every", "0"]) == 2


def test_a_terminal_is_drawn_over_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.setenv("LINES", "3")

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    view = View(stream)
    view.show("first line that is far too long\nsecond\nthird\nfourth")
    assert stream.getvalue() == "first line that is \nsecond\n"
    view.show("again")
    assert stream.getvalue().endswith("\x1b[2A\x1b[Jagain\n")
    view.clear()
    view.clear()
    assert stream.getvalue().endswith("again\n\x1b[1A\x1b[J")


def test_info_says_how_far_a_run_is_and_what_it_holds(stopped, capsys) -> None:
    assert main(["info", str(stopped)]) == 0
    captured = capsys.readouterr()
    assert "stopped: nothing works on it now" in captured.out and "1 of 2 done" in captured.out
    assert "weight_rms_1" in captured.out and "5 of 10 members are missing" in captured.err
    assert main(["info", str(stopped), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["run"]["tasks_done"] == 1 and record["run"]["processes"][0]["ended"] == "done"
    assert record["run"]["processes"][0]["versions"]["jax"] and record["run"]["processes"][0]["devices"]


def test_info_of_a_run_of_which_nothing_is_done(stopped, capsys) -> None:
    store = watched(stopped)
    store.chunks.path(store.plan.keys[0]).unlink()
    assert main(["info", str(stopped)]) == 0
    said = capsys.readouterr().out
    assert "0 of 2 done" in said and "weight_rms" not in said
