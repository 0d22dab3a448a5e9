"""How far a run is, from what lies in its folder: beside counts by hand."""

import dataclasses
import json
import os
from pathlib import Path

import pytest

from wd_jax.sweeps.live.state import State, state, watched
from wd_jax.sweeps.store import aside, drivers, generations

pytestmark = pytest.mark.numeric
STEPS = 3 * 4  # epochs times minibatches, of one member


def at_work(root: Path, **said) -> drivers.Driver:
    """Write the sign of life of a process that is there: this one, as far as its number goes."""
    store = watched(root)
    for old in (store.generation / "drivers").iterdir():
        old.unlink()
    given = {"pid": os.getpid(), "started": 100.0, "seen": 110.0} | said
    driver = dataclasses.replace(drivers.new("threads", store.plan.hash, ("made up",)), **given)
    path = store.generation / "drivers" / f"{driver.host}.{driver.pid}.{driver.kind.replace('/', '-')}.json"
    path.write_text(json.dumps(dataclasses.asdict(driver)))
    return driver


def looked(root: Path) -> State:
    return state(watched(root), now=120.0)


def test_a_finished_run_is_done(run) -> None:
    found = looked(run)
    assert (found.word, found.tasks, found.tasks_done, found.members, found.members_done) == ("done", 3, 3, 20, 20)
    assert found.steps == found.steps_done == 20 * STEPS and found.share == 1.0 and found.left is None
    assert not found.workers and found.gone[0].ended == "done" and found.processes == found.gone[:1]


def test_what_is_missing_and_has_nobody_is_stopped(halved) -> None:
    found = looked(halved)
    assert (found.word, found.tasks_done, found.members_done) == ("stopped", 1, 7)
    assert found.steps_done == 7 * STEPS and found.rate == 0 and found.left is None


def test_a_process_at_work_says_how_fast_and_how_long(halved) -> None:
    at_work(halved, tasks_done=0, member_steps_done=36, member_steps_all=13 * STEPS, rate=12.0)
    found = looked(halved)
    assert found.word == "running" and found.rate == 12.0
    assert found.steps_done == 7 * STEPS + 36
    assert found.left == pytest.approx((13 * STEPS - 36) / 12.0)


def test_a_pace_that_is_not_said_follows_from_the_tasks_done(halved) -> None:
    at_work(halved, tasks_done=1)  # of three tasks, in ten seconds
    assert looked(halved).rate == pytest.approx(20 * STEPS / 3 / 10.0)


def test_nothing_is_said_of_a_pace_that_nobody_knows(halved) -> None:
    at_work(halved)
    found = looked(halved)
    assert found.word == "running" and found.left is None


def test_shards_end_when_the_last_of_them_does(halved) -> None:
    first = at_work(halved, kind="shard 1/2", member_steps_done=10, member_steps_all=30, rate=10.0)
    second = dataclasses.replace(first, kind="shard 2/2", member_steps_done=0, member_steps_all=60, rate=10.0)
    folder = watched(halved).generation / "drivers"
    (folder / "other.1.json").write_text(json.dumps(dataclasses.asdict(second)))
    assert looked(halved).left == pytest.approx(6.0)


def test_a_dead_process_is_gone_and_one_of_another_plan_is_not_counted(halved) -> None:
    at_work(halved, pid=2**22 + 1)  # no process has this number
    found = looked(halved)
    assert found.word == "stopped" and found.gone and not found.workers
    at_work(halved, plan="f00d")
    assert looked(halved).word == "stopped" and not looked(halved).processes


def test_a_silent_process_of_another_host_is_gone(halved) -> None:
    at_work(halved, host="elsewhere", seen=1.0)
    assert looked(halved).word == "stopped"


def test_failures_are_named_and_those_mended_are_not(halved) -> None:
    store = watched(halved)
    for key in store.plan.keys:
        store.chunks.note_failure(key, 1, ValueError("first"), "")
        store.chunks.note_failure(key, 2, ValueError("it broke"), "")
    found = looked(halved)
    assert (found.word, found.tasks_failed, found.members_failed) == ("failed", 2, 13)
    assert [one.error for one in found.failures] == ["ValueError: it broke"] * 2
    at_work(halved)
    assert looked(halved).word == "running"


def test_a_replacement_is_what_is_watched_while_somebody_writes_it(run) -> None:
    other = run / "run-2"
    (run / "run-1").rename(other)
    (run / "run-1").mkdir()
    for part in ("plan", "chunks", "drivers"):
        (run / "run-1" / part).mkdir()
    (run / "run-1" / "plan" / "1.npz").write_bytes((other / "plan" / "1.npz").read_bytes())
    assert watched(run).generation.name == "run-1"
    driver = dataclasses.replace(drivers.new("threads", watched(run).plan.hash), pid=os.getpid())
    (other / "drivers" / "x.json").write_text(json.dumps(dataclasses.asdict(driver)))
    assert watched(run).generation.name == "run-2" and looked(run).replaces


def test_a_folder_without_a_run_is_refused(tmp_path) -> None:
    with pytest.raises(FileNotFoundError, match="holds no run"):
        watched(tmp_path)


def test_here_is_this_host() -> None:
    assert drivers.new("threads", "f00d").host == aside.host()
    assert generations.STATUS_PAGE == "status.html"
