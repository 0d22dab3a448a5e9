"""A task is a value: it can be written down, it names itself, and gives the same bits on any worker."""

import dataclasses
import json
import threading

import jax
import numpy as np
import pytest

import wd_jax as wd
from wd_jax.inputs import limits
from wd_jax.optimisers.rule import Rule
from wd_jax.sweeps import run_task, threads, workers
from wd_jax.sweeps.sinks import Memory
from wd_jax.sweeps.sweep import run_all
from wd_jax.sweeps.task import Task
from wd_jax.sweeps.threads import THREADS
from wd_jax.sweeps.work_queue import Batch, WorkQueue

pytestmark = pytest.mark.numeric
DATA = wd.data.teacher(0, n=20, n_validation=4, n_test=4, n_in=4, n_hidden=4, n_out=2)
SETUP = wd.Setup(widths=(4, 3, 2), batch_size=5)
CHEAP = wd.Probes(moved=False, splits=())


def planned(**axes):
    return wd.dry_run(SETUP, DATA, **{"lmbda": [0.5, 1.0], "seeds": 2, "epochs": 3, "probes": CHEAP} | axes)


def test_it_is_written_down_and_read_again() -> None:
    for task in planned(optimiser=["sgd", "adamw"], init=["gaussian", "fan_in"]).tasks:
        again = Task.from_json(task.json())
        assert again == task and again.hash == task.hash
        assert json.loads(task.json())["data_sha256"] == DATA.sha256


def test_another_number_is_another_task_and_only_the_program_may_be_the_same() -> None:
    (task,) = planned().tasks
    (other,) = planned(lmbda=[0.5, 2.0]).tasks
    assert other.hash != task.hash and other.program == task.program
    assert planned(lmbda=[0.5, 1.0], sampling="iid").tasks[0].program == task.program
    assert planned(batch_size=4).tasks[0].program != task.program


def test_a_rule_or_a_probe_of_ones_own_is_not_read_from_text() -> None:
    own = Rule("slow", lambda hyper: __import__("optax").identity(), equations=("u = eta*g",))
    (task,) = wd.dry_run(wd.Setup((4, 3, 2), rule=own, batch_size=5), DATA, epochs=1).tasks
    with pytest.raises(ValueError, match="rule 'slow': not one of the library's; make the task anew"):
        Task.from_json(task.json())


def test_what_a_sweep_gives_is_what_its_tasks_give() -> None:
    plan = planned()
    runs = wd.sweep(SETUP, DATA, lmbda=[0.5, 1.0], seeds=2, epochs=3, probes=CHEAP, progress=False)
    for chunk, task in zip(plan.chunks, plan.tasks, strict=True):
        alone = run_task.run(Task.from_json(task.json()), DATA)
        for place, (cell, seed) in enumerate(zip(chunk.cells, chunk.seeds, strict=True)):
            expected = runs.weight_norm2.isel(lmbda=cell, seed=seed).transpose("epoch", "layer")
            np.testing.assert_array_equal(alone["weight_norm2"][place], expected)


def test_it_refuses_other_data() -> None:
    (task,) = planned().tasks
    with pytest.raises(ValueError, match="is not what this task was planned for"):
        run_task.run(task, wd.data.null())


def test_a_cpu_that_nobody_configured_has_a_worker_for_each_core(monkeypatch) -> None:
    (device,) = jax.local_devices()
    monkeypatch.setattr(workers, "cores", lambda: 3)
    assert workers.chosen(None) == (device,) * 3
    with jax.default_device(device):
        assert workers.chosen(None) == (device,)
    assert workers.chosen([device]) == (device,)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_number_of_workers_changes_no_bit(count: int, monkeypatch) -> None:
    monkeypatch.setattr(workers, "cores", lambda: count)
    plan = planned(hidden=[2, 3], seeds=9)
    assert len(plan.workers) == count and len(plan.tasks) == 6
    (runs,) = run_all([plan], progress=False)
    monkeypatch.setattr(workers, "cores", lambda: 1)
    (alone,) = run_all([planned(hidden=[2, 3], seeds=9)], progress=False)
    assert runs.equals(alone)


def test_several_plans_come_in_order_while_the_next_are_run(monkeypatch) -> None:
    """The first result is in the caller's hands before the last task ends: it waits for the caller."""
    released, original = threading.Event(), threads.run_on

    def held(task, *arguments, **options):
        if task.epochs == 2:
            assert released.wait(60)
        return original(task, *arguments, **options)

    monkeypatch.setattr(threads, "run_on", held)
    results = run_all([planned(epochs=1), planned(epochs=2)], progress=False)
    assert next(results).sizes["epoch"] == 2
    released.set()
    assert next(results).sizes["epoch"] == 3


def test_a_caller_who_stops_reading_ends_the_rest() -> None:
    results = run_all([planned(epochs=1), planned(epochs=2000)], progress=False)
    next(results)
    results.close()
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith(THREADS)]


def test_a_program_is_compiled_by_one_worker_while_others_take_other_tasks(monkeypatch) -> None:
    """Two widths of 2 tasks each, two workers: nobody waits beside the first task of a width for its compilation."""
    plan = planned(hidden=[2, 3], lmbda=[0.1 * k for k in range(1, 17)], seeds=1, optimiser="sgdw")
    order = []
    queue = WorkQueue([Batch(plan.tasks, DATA, [task.members for task in plan.tasks], Memory())])
    for _ in range(2):
        order.append(queue.take("device"))
    programs = [plan.tasks[place.task].program for place in order]
    assert programs[0] != programs[1]
    queue.compiled(order[0], "device")
    third = queue.take("device")
    assert plan.tasks[third.task].program == programs[0]


def test_a_task_says_how_it_is_trained() -> None:
    (task,) = planned().tasks
    assert task.method == "generic"
    assert dataclasses.replace(task, steps_per_block=3).method == "blocked"


def test_an_error_is_raised_where_its_plan_is_waited_for(monkeypatch) -> None:
    """The second plan fails while the first is still running: what the first finds is not lost."""
    failing, original = threading.Event(), threads.run_on

    def broken(task, *arguments, **options):
        if task.epochs == 2:
            failing.set()
            raise RuntimeError("lost")
        assert failing.wait(60)
        return original(task, *arguments, **options)

    monkeypatch.setattr(threads, "run_on", broken)
    monkeypatch.setattr(workers, "cores", lambda: 2)
    results = run_all([planned(epochs=1), planned(epochs=2)], progress=False)
    assert next(results).sizes["epoch"] == 2
    with pytest.raises(RuntimeError, match="lost"):
        next(results)


def test_on_several_devices_a_group_stays_where_it_is_compiled() -> None:
    plan = planned(hidden=[2, 3], lmbda=[0.1 * k for k in range(1, 17)], seeds=1, optimiser="sgdw")
    queue = WorkQueue([Batch(plan.tasks, DATA, [task.members for task in plan.tasks], Memory())])
    first, second = queue.take("one"), queue.take("another")
    queue.compiled(first, "one")
    queue.compiled(second, "another")
    for device, before in (("one", first), ("another", second)):
        assert plan.tasks[queue.take(device).task].program == plan.tasks[before.task].program


def test_the_memory_of_several_workers_is_no_reason_to_refuse(monkeypatch) -> None:
    monkeypatch.setattr(workers, "cores", lambda: 4)
    wide = {"hidden": [2, 3], "seeds": 9}
    four = planned(**wide)
    monkeypatch.setattr(limits, "memory_bytes", lambda: four.bytes - 1)
    assert len(four.workers) == 4 and len(planned(**wide).workers) == 3


def test_members_that_are_alike_are_counted_and_copies_are_not() -> None:
    """For sgd four values of momentum are the same numbers: each is a member all the same."""
    plan = planned(optimiser=["sgd", "sgdw"], lmbda=1.0, momentum=[0.1, 0.2, 0.3], seeds=3)
    assert sum(chunk.members for chunk in plan.chunks) == plan.members == 18
    assert sum(task.members for task in plan.tasks) == 20  # nine members in two tasks of five, twice


def test_no_plan_is_no_result() -> None:
    assert list(run_all([], progress=False)) == []
