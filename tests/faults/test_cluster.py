"""Workers, schedulers and drivers of a Dask cluster are killed: what is published stays, and the rest is done."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import wd_jax as wd
from wd_jax.sweeps.store import generations
from wd_jax.sweeps.sweep import run as run_plan

pytest.importorskip("distributed", reason="needs the extra cluster: pip install 'wd-jax[cluster]'")

from tests.faults import cluster_cases

pytestmark = pytest.mark.fault
ROOT = Path(__file__).parents[2]
LIMIT = 240
"""Seconds for one process."""


@pytest.fixture
def start():
    """Start processes, each the head of a group; whatever is left of a group at the end is killed."""
    started = []

    def begin(*command: str, **environment: str) -> subprocess.Popen:
        path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        process = subprocess.Popen(
            [sys.executable, *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": path, **environment},
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.communicate()


def case(start, name: str, folder: Path, **environment: str) -> dict:
    process = start("-m", "tests.faults.cluster_cases", name, str(folder), **environment)
    out, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, err[-3000:]
    return json.loads(out.splitlines()[-1])


@pytest.fixture(scope="module")
def clean(tmp_path_factory) -> dict[str, str]:
    """Hash of every task's arrays, of a run that nothing disturbed."""
    folder = tmp_path_factory.mktemp("clean") / "run"
    run_plan(cluster_cases.plan(), out=folder, progress=False)
    return hashes(folder)


def hashes(folder: Path) -> dict[str, str]:
    """Load, and so check, every task of a run."""
    store = generations.open_store(folder)
    assert store.missing() == []
    for key in store.plan.keys:
        store.chunks.load(key)
    return {key: store.chunks.receipt(key).sha256 for key in store.plan.keys}


def test_a_killed_worker_costs_its_own_task_and_no_other(start, tmp_path, clean):
    found = case(start, "killed_worker", tmp_path / "run")
    assert found["killed"] and found["before"]
    assert found["receipts"] == [True] * cluster_cases.TASKS
    assert set(found["starts"]) == set(found["keys"])
    assert len(found["starts"]) <= cluster_cases.TASKS + 1  # the one that the worker was at
    assert all(found["starts"].count(key) == 1 for key in found["before"])
    assert hashes(tmp_path / "run") == clean


def test_a_task_that_kills_its_worker_is_given_up_and_all_others_finish(start, tmp_path):
    found = case(start, "injured", tmp_path / "run", INJURY=cluster_cases.POISON)
    assert found["failed"] == found["missing"] == [3]
    assert list(found["noted"]) == [found["key"]]
    assert "2 workers died" in found["why"][0] and "2 workers died" in found["noted"][found["key"]][0]


def test_a_task_that_raises_is_tried_again_and_then_given_up(start, tmp_path):
    found = case(start, "injured", tmp_path / "run", INJURY=cluster_cases.RAISING)
    assert found["failed"] == found["missing"] == [3]
    assert [len(notes) for notes in found["noted"].values()] == [2]
    assert all("ArithmeticError" in note and "\n" not in note for note in found["noted"][found["key"]])
    assert 100 < found["traceback"] <= 20_000


def scheduler(start, folder: Path) -> tuple[subprocess.Popen, Path]:
    file = folder / "scheduler.json"
    process = start("-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
                    "--scheduler-file", str(file))  # fmt: skip
    wait(file.exists, process)
    return process, file


def worker(start, file: Path) -> subprocess.Popen:
    options = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--death-timeout", "20", "--host", "127.0.0.1")
    return start("-m", "distributed.cli.dask_worker", "--scheduler-file", str(file), *options)


def wait(until, process: subprocess.Popen) -> None:
    pause = threading.Event()
    for _ in range(LIMIT * 20):
        if until():
            return
        assert process.poll() is None, process.communicate()[1][-3000:]
        pause.wait(0.05)
    raise AssertionError("nothing came")


def published(folder: Path) -> int:
    return len(list(folder.glob("run-1/chunks/*/*.npz")))


def test_a_scheduler_is_killed_and_the_next_run_does_only_what_is_missing(start, tmp_path, clean):
    head, file = scheduler(start, tmp_path)
    run = tmp_path / "run"
    driver = start("-m", "tests.faults.cluster_cases", "swept", str(run), ADDRESS=str(file))  # before any worker
    hands = [worker(start, file), worker(start, file)]
    wait(lambda: published(run) >= 2, driver)
    os.kill(head.pid, signal.SIGKILL)
    _, err = driver.communicate(timeout=LIMIT)
    assert driver.returncode != 0 and "same command" in err
    for hand in hands:  # each finishes what it has begun, and goes
        hand.communicate(timeout=LIMIT)
    kept = {path: path.stat().st_mtime_ns for path in run.glob("run-1/chunks/*/*.npz")}
    assert 2 <= len(kept) <= cluster_cases.TASKS
    assert case(start, "swept", run, ENGINE="threads")["ok"] == 64
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert hashes(run) == clean


def test_workers_join_and_leave(start, tmp_path, clean):
    _, file = scheduler(start, tmp_path)
    run = tmp_path / "run"
    driver = start("-m", "tests.faults.cluster_cases", "swept", str(run), ADDRESS=str(file))
    first = worker(start, file)
    wait(lambda: published(run) >= 1, driver)
    worker(start, file)
    first.terminate()
    out, err = driver.communicate(timeout=LIMIT)
    assert driver.returncode == 0, err[-3000:]
    assert json.loads(out.splitlines()[-1])["ok"] == 64
    assert hashes(run) == clean


def test_two_drivers_on_one_run_publish_every_task_once(start, tmp_path, clean):
    run = tmp_path / "run"
    both = [start("-m", "tests.faults.cluster_cases", "swept", str(run), ENGINE=one) for one in ("dask", "threads")]
    for process in both:
        _, err = process.communicate(timeout=LIMIT)
        assert process.returncode == 0, err[-3000:]
    assert hashes(run) == clean
    assert published(run) == cluster_cases.TASKS
    assert not generations.open_store(run).chunks.failures()
    assert float(wd.open(run).weight_rms.min()) > 0
