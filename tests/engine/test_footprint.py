"""What a dry run says, against what is counted by hand."""

import dataclasses

import pytest

import wd_jax as wd
from wd_jax.engine.method import parts
from wd_jax.sweeps.cost import COMPILE_SECONDS, footprint
from wd_jax.sweeps.plan import make_plan

SETUP = wd.Setup(widths=(6, 5, 3), batch_size=5)


def planned(data, **changes):
    options = {"axes": {"lmbda": [0.5, 1.0], "eta": 0.1}, "seeds": 3, "epochs": 4, "probes": wd.Probes()} | changes
    return make_plan(SETUP, data, options["axes"], options["seeds"], options["epochs"], options["probes"])


@pytest.mark.numeric
def test_members_parts_and_the_bytes_of_the_data(tiny) -> None:
    plan = planned(tiny)
    size = footprint(plan, tiny)
    assert size.members == 6
    assert size.parts == len(parts(plan.groups[0], plan.cells, 3, tiny.n))
    assert size.programs == 1
    assert size.data_bytes == 4 * (6 + 3) * (23 + 11 + 9)
    assert size.bytes_on(2) - size.bytes_on(1) == size.data_bytes + size.chunk_bytes


@pytest.mark.numeric
def test_time_grows_with_epochs_and_shrinks_with_probes_and_cores(tiny) -> None:
    def seconds(cores=1, **changes):
        found = footprint(planned(tiny, **changes), tiny, cores=cores)
        return found.seconds - COMPILE_SECONDS * max(1, found.programs / cores)

    few = wd.Probes(moved=False, splits=())
    assert seconds(epochs=8, probes=few) == pytest.approx(2 * seconds(probes=few), rel=1e-9)
    assert seconds(probes=few) < seconds(probes=dataclasses.replace(few, moved=True)) < seconds()
    many = {"axes": {"lmbda": [0.1 * k for k in range(1, 65)], "eta": 0.1}}
    assert seconds(cores=2, **many) == pytest.approx(seconds(**many) / 2, rel=1e-9)


@pytest.mark.numeric
def test_chunks_do_not_grow_with_the_sweep_but_records_do(tiny) -> None:
    small, large = (
        footprint(planned(tiny, axes={"lmbda": [0.01 * k for k in range(1, count)], "eta": 0.1}), tiny)
        for count in (129, 1025)
    )
    assert small.chunk_bytes == large.chunk_bytes
    assert large.result_bytes == 8 * small.result_bytes
