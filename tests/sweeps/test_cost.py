"""What a dry run says, against what is counted by hand."""

import dataclasses

import jax
import pytest

import wd_jax as wd
from wd_jax.sweeps.cost import COMPILE_SECONDS, PROGRAM_BYTES, cost

SETUP = wd.Setup(widths=(6, 5, 3), batch_size=5)


def planned(data, **changes):
    options = {"axes": {"lmbda": [0.5, 1.0], "eta": 0.1}, "seeds": 3, "epochs": 4, "probes": wd.Probes()} | changes
    return wd.dry_run(SETUP, data, **options.pop("axes"), **options)


@pytest.mark.numeric
def test_members_tasks_and_the_bytes_of_the_data(tiny) -> None:
    plan = planned(tiny)
    assert plan.members == 6
    assert plan.size.tasks == len(plan.tasks) == 1
    assert plan.size.programs == 1
    data_bytes = 4 * (6 + 3) * (23 + 11 + 9)
    one, two = (cost(plan.tasks * 2, tiny, ["a device"] * workers).shares for workers in (1, 2))
    assert one["data"] == two["data"] == 2 * data_bytes  # on the device, and as it was read
    assert cost(plan.tasks * 2, tiny, ["one", "two"]).shares["data"] == 3 * data_bytes
    assert two["members in training"] == 2 * one["members in training"]
    assert plan.bytes == sum(plan.size.shares.values()) > PROGRAM_BYTES


@pytest.mark.numeric
def test_time_grows_with_epochs_and_shrinks_with_probes_and_cores(tiny) -> None:
    def seconds(cores=1, **changes):
        found = cost(planned(tiny, **changes).tasks, tiny, ["a device"] * cores)
        return found.seconds - COMPILE_SECONDS * max(1, found.programs / cores)

    few = wd.Probes(moved=False, splits=())
    assert seconds(epochs=8, probes=few) == pytest.approx(2 * seconds(probes=few), rel=1e-9)
    assert seconds(probes=few) < seconds(probes=dataclasses.replace(few, moved=True)) < seconds()
    many = {"axes": {"lmbda": [0.1 * k for k in range(1, 65)], "eta": 0.1}}
    assert seconds(cores=2, **many) == pytest.approx(seconds(**many) / 2, rel=1e-9)


@pytest.mark.numeric
def test_chunks_do_not_grow_with_the_sweep_but_records_do(tiny) -> None:
    small, large = (
        planned(tiny, axes={"lmbda": [0.01 * k for k in range(1, count)], "eta": 0.1}, devices=jax.devices()[:1])
        for count in (129, 1025)
    )
    assert small.size.shares["members in training"] == large.size.shares["members in training"]
    assert large.size.shares["records"] == 8 * small.size.shares["records"]
