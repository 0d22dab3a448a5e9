"""What a plan for an accelerator is: large tasks, calls that its memory holds, a refusal before anything is compiled.

No accelerator is needed: a plan asks a device for its platform and its memory only.
"""

import dataclasses
from dataclasses import dataclass

import jax
import pytest

import wd_jax as wd
from wd_jax.engine import sizes
from wd_jax.sweeps import chunks
from wd_jax.sweeps.store import generations

pytestmark = pytest.mark.numeric
BOOK = wd.Setup(widths=(784, 30, 10))


@dataclass(frozen=True)
class Accelerator:
    """As much of a JAX device as a plan looks at."""

    limit: int | None = 2**40
    platform: str = "gpu"
    device_kind: str = "made up"

    def memory_stats(self):
        return None if self.limit is None else {"bytes_limit": self.limit}


def planned(device, cells=1000, seeds=1, **changes):
    lmbdas = [0.5 + 0.01 * k for k in range(cells)]
    setup = wd.Setup(widths=(64, 30, 10))
    options = {"seeds": seeds, "epochs": 30, "probes": wd.Probes(splits=())} | changes
    return wd.dry_run(setup, wd.data.digits(), lmbda=lmbdas, eta=0.1, devices=[device], **options)


def test_tasks_are_large_there_and_as_before_on_a_cpu() -> None:
    assert [len(set(task.cells)) for task in planned(Accelerator()).tasks] == [1000]
    assert {task.members for task in planned(jax.devices("cpu")[0], method="generic").tasks} == {8}


def test_the_weights_of_a_task_stay_below_their_limit() -> None:
    for members in (1, 700, 800, 5000):
        together = chunks.members_together(BOOK, members, "gpu")
        assert together * BOOK.model.size * 4 <= sizes.CHUNK_BYTES_ON_ACCELERATORS
        assert -(-members // together) * together - members < -(-members // together)  # hardly any copies
    assert chunks.members_together(wd.Setup(widths=(4, 2)), 10**6, "gpu") <= sizes.MAX_CHUNK_ON_ACCELERATORS


def test_a_call_takes_no_more_orders_to_the_device_than_its_limit() -> None:
    (task,) = planned(Accelerator(), cells=4096).tasks
    n = wd.data.digits().n
    assert 4 * task.members * n * task.epochs_per_call <= sizes.ORDER_BYTES_ON_ACCELERATORS
    assert task.epochs % task.epochs_per_call == 0 and task.epochs_per_call > 1
    assert planned(Accelerator(), cells=2).tasks[0].epochs_per_call == 30


def test_what_a_device_cannot_hold_is_refused_in_one_line() -> None:
    with pytest.raises(
        ValueError, match=r"a sweep of 1000 members: needs about .* of a device's memory .*jax\.devices"
    ):
        planned(Accelerator(limit=2**20))
    assert planned(Accelerator(limit=None)).size.device_bytes is None  # nothing is known: nothing is refused


def test_workers_that_share_a_device_share_its_memory() -> None:
    data, setup = wd.data.digits(), wd.Setup(widths=(64, 30, 10))

    def of_device(*devices):
        lmbdas = [0.5 + 0.001 * k for k in range(8192)]
        plan = wd.dry_run(setup, data, lmbda=lmbdas, eta=0.1, epochs=1, devices=devices)
        assert len(plan.tasks) == 2
        return plan.size.of_device

    one, two = Accelerator(), Accelerator(limit=2**41)
    assert of_device(one, one)["members in training"] == 2 * of_device(one, two)["members in training"]
    assert of_device(one, one)["data"] == of_device(one, two)["data"]
    assert planned(one).size.device_bytes == 2**40


def test_a_run_begun_on_a_cpu_goes_on_with_an_accelerators_tasks(tmp_path) -> None:
    """What is published stays as it is; only what is missing is cut anew."""
    options = {"cells": 20, "method": "generic", "epochs": 1}
    lmbdas = [0.5 + 0.01 * k for k in range(20)]
    setup, data = wd.Setup(widths=(64, 30, 10)), wd.data.digits()
    settings = {"eta": 0.1, "epochs": 1, "probes": wd.Probes(splits=()), "method": "generic", "progress": False}
    cpu = jax.devices("cpu")[:1]
    wd.sweep(setup, data, lmbda=lmbdas, out=tmp_path / "run", devices=cpu, **settings)
    store = generations.open_store(tmp_path / "run")
    lost, *kept = store.plan.keys
    store.chunks.path(lost).unlink()
    wanted = dataclasses.replace(planned(Accelerator(), **options), workers=tuple(cpu))  # its decay is measured on them
    grown, plan = generations.begin(tmp_path / "run", wanted, False)
    assert set(kept) < set(grown.plan.keys) and len(grown.missing()) == 1
    assert sum(task.members for task in plan.tasks) >= 20
