"""Shares of a run, each in a process of its own, give together what one process gives, bit for bit."""

import os
import subprocess
import sys
from pathlib import Path

import optax
import pytest

import wd_jax as wd
from wd_jax.cli import main
from wd_jax.sweeps import planning, shard, sweep
from wd_jax.sweeps.share import Share
from wd_jax.sweeps.store import generations

ROOT = Path(__file__).parents[2]


@pytest.fixture
def plan(tiny):
    """6 tasks; the data are kept in the run, since no name leads to them."""
    setup = wd.Setup(widths=(6, 5, 3), batch_size=5)
    options = {"lmbda": [0.5, 2.0, 4.0], "eta": 0.3, "seeds": 16, "method": "generic"}
    plan = wd.dry_run(setup, tiny, epochs=2, **options)
    assert len(plan.tasks) == 6
    return plan


def hashes(folder: Path) -> list[str]:
    store = generations.open_store(folder)
    assert store.missing() == []
    return [store.chunks.receipt(key).sha256 for key in store.plan.keys]


def test_three_shards_give_what_threads_give(plan, tmp_path, capsys):
    whole = sweep.run(plan, out=tmp_path / "whole", progress=False)
    assert planning.begin(plan, tmp_path / "shards") == (6, 6)
    command = [sys.executable, "-m", "wd_jax", "worker", str(tmp_path / "shards"), "--json", "--shard"]
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    running = [
        subprocess.Popen([*command, f"{i}/3"], env={**os.environ, "PYTHONPATH": path}, stderr=subprocess.PIPE)
        for i in (1, 2, 3)
    ]
    for process in running:
        _, err = process.communicate(timeout=300)
        assert process.returncode == 0, err.decode()
    assert hashes(tmp_path / "shards") == hashes(tmp_path / "whole")
    assert wd.open(tmp_path / "shards").drop_vars("environment").identical(whole.drop_vars("environment"))
    assert main(["worker", str(tmp_path / "shards")]) == 0  # finds nothing to do
    assert "the run is whole" in capsys.readouterr().out


def test_a_shard_does_its_own_tasks_only(plan, tmp_path):
    planning.begin(plan, tmp_path / "run")
    found = shard.run(tmp_path / "run", Share(2, 3), progress=False)
    assert (found.own, found.here, found.failed, found.missing) == (2, 2, (), 4)
    assert generations.open_store(tmp_path / "run").missing() == [0, 2, 3, 5]


def test_a_task_that_fails_in_a_shard_is_named_and_the_others_finish(plan, tmp_path, monkeypatch, capsys):
    from wd_jax.sweeps import threads

    planning.begin(plan, tmp_path / "run")
    key, whole = generations.open_store(tmp_path / "run").plan.keys[1], threads.run_on

    def failing(task, *given, **named):
        if task.key == key:
            raise ArithmeticError("no such number")
        return whole(task, *given, **named)

    monkeypatch.setattr(threads, "run_on", failing)
    assert main(["worker", str(tmp_path / "run"), "--shard", "2/3"]) == 1
    err = capsys.readouterr().err
    assert "1 of 2 tasks are published" in err and "ArithmeticError: no such number" in err
    assert generations.open_store(tmp_path / "run").missing() == [0, 1, 2, 3, 5]


@pytest.mark.parametrize("given", ["0/3", "4/3", "3", "a/b", "1/0", "1/3/4", "-1/3", "1/" + "9" * 30])
def test_a_share_that_is_none_is_refused(given, tmp_path, capsys):
    assert main(["worker", str(tmp_path), f"--shard={given}"]) == 2
    assert capsys.readouterr().err.startswith("error: --shard: ")


def test_shares_cover_every_task_once():
    for count in (1, 5, 6, 7):
        tasks = [task for i in (1, 2, 3) for task in Share(i, 3).of_tasks(count)]
        assert sorted(tasks) == list(range(count))


def test_what_is_no_run_is_refused(tmp_path, capsys):
    assert main(["worker", str(tmp_path / "none")]) == 1
    assert "holds no run" in capsys.readouterr().err


def test_an_own_function_cannot_leave_its_process(tiny, tmp_path):
    rule = wd.rule(lambda h: optax.chain(optax.add_decayed_weights(h.weight_decay), optax.sgd(h.eta)), name="mine")
    plan = wd.dry_run(wd.Setup(widths=(6, 5, 3), optimiser=rule), tiny, lmbda=1.0, epochs=1)
    with pytest.raises(ValueError, match=r"'mine'.*other processes do not have it"):
        planning.begin(plan, tmp_path / "run")
    assert not (tmp_path / "run").exists()  # before anything is written


def test_a_plan_for_another_kind_of_device_is_refused(plan, tmp_path):
    from types import SimpleNamespace

    from wd_jax.sweeps.run_chunk import check_device

    planning.begin(plan, tmp_path / "run")
    stored = generations.open_store(tmp_path / "run").plan
    check_device(stored, SimpleNamespace(platform="cpu", device_kind="cpu"))
    with pytest.raises(ValueError, match="planned for cpu and this process has NVIDIA H200: set JAX_PLATFORMS=cpu"):
        check_device(stored, SimpleNamespace(platform="gpu", device_kind="NVIDIA H200"))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"engine": "ray"}, "engine='ray': give one of 'threads', 'dask'"),
        ({"address": "tcp://here:1"}, "threads have none"),
        ({"engine": "dask"}, "out is missing"),
        ({"engine": "dask", "out": "a.nc"}, "is one file"),
        ({"engine": "dask", "out": "a", "address": 8786}, "address=8786"),
    ],
)
def test_an_engine_that_cannot_be_meant_is_refused(given, said, tiny, setup32):
    with pytest.raises(ValueError, match=said):
        wd.sweep(setup32, tiny, epochs=1, progress=False, **given)


@pytest.mark.parametrize("more", [["--out", "a.nc"], ["--out", "a", "--dry-run"]])
def test_a_plan_needs_a_folder(more, capsys):
    assert main(["sweep", "--plan-only", *more]) == 2
    assert capsys.readouterr().err.startswith("error: --plan-only: needs --out with the name of a folder")
