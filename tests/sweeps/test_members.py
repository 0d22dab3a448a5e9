"""A member's numbers are its own: alone, in company, in another chunk or through `train`, it is the same run.

Another number of members is another program, which may order its sums differently: float32, 30 steps, a few 1e-7 each
that the network hardly amplifies, so 1e-5 relative. Within one chunk shape the numbers are equal to the last bit.
"""

import jax
import numpy as np
import pytest
import xarray as xr

import wd_jax as wd
from wd_jax.engine import minibatches, sizes
from wd_jax.engine.examples import on_device

pytestmark = pytest.mark.numeric
CLOSE = {"rtol": 1e-5, "atol": 1e-5}
SETTINGS = {"eta": 0.3, "seeds": 2, "epochs": 6, "progress": False}


def numbers(runs: xr.Dataset) -> xr.Dataset:
    """Only what was measured: a coordinate may be a dimension in one and a scalar in the other."""
    return runs.reset_coords(drop=True).drop_attrs(deep=False)


def test_alone(setup32, tiny, pair) -> None:
    alone = wd.sweep(setup32, tiny, eta=0.3, lmbda=2.0, seeds=[1], epochs=6, progress=False)
    xr.testing.assert_allclose(numbers(alone.sel(seed=1)), numbers(pair.sel(lmbda=2.0, seed=1)), **CLOSE)


def test_another_neighbour_changes_no_bit(setup32, tiny, pair) -> None:
    other = wd.sweep(setup32, tiny, lmbda=[0.5, 7.0], **SETTINGS)
    xr.testing.assert_identical(numbers(other.sel(lmbda=0.5)), numbers(pair.sel(lmbda=0.5)))


def test_the_place_in_the_chunk_changes_no_bit(setup32, tiny, pair) -> None:
    other = wd.sweep(setup32, tiny, lmbda=[7.0, 0.5], **SETTINGS)
    xr.testing.assert_identical(numbers(other.sel(lmbda=0.5)), numbers(pair.sel(lmbda=0.5)))


def test_adding_values_and_cutting_into_padded_chunks(setup32, tiny, pair, monkeypatch) -> None:
    monkeypatch.setattr(sizes, "MAX_CHUNK", 4)  # 10 members: three tasks of 4, the last padded with copies
    more = wd.sweep(setup32, tiny, lmbda=[0.0, 2.0, 9.0, 0.5, 1.0], **SETTINGS)
    xr.testing.assert_allclose(numbers(more.sel(lmbda=[0.5, 2.0])), numbers(pair), **CLOSE)
    assert len(np.unique(more.weight_rms.isel(epoch=-1, layer=0))) == 10
    assert bool(more.weight_rms.notnull().all())


def test_train_is_the_same_run(setup32, tiny, pair) -> None:
    hyper = wd.Hyper(eta=0.3, lmbda=2.0)
    train = jax.jit(lambda key: wd.train(setup32, hyper, on_device(tiny, "float32"), key, epochs=6))
    carry, records = train(minibatches.member_key(1))
    member = pair.sel(lmbda=2.0, seed=1)
    assert int(carry.diverged_at) == -1
    for name, record in records.items():
        np.testing.assert_allclose(record, member[name].transpose("epoch", ...), **CLOSE, err_msg=name)


def test_seeds_differ_and_cells_of_a_seed_see_the_same_batches(pair, tiny) -> None:
    """Without decay's pull the paths of two lmbda stay together; two seeds never do."""
    start = pair.weight_rms.isel(epoch=0)
    assert (start.sel(lmbda=0.5) == start.sel(lmbda=2.0)).all()
    assert (start.sel(seed=0) != start.sel(seed=1)).all()
    gradient = pair.moved_by_gradient.isel(epoch=1)
    between = abs(np.log(gradient.sel(lmbda=0.5) / gradient.sel(lmbda=2.0))).max()
    assert float(between) < 0.2 * float(abs(np.log(gradient.sel(seed=0) / gradient.sel(seed=1))).max())


@pytest.mark.parametrize(
    "cells, seeds, limit", [(1, 1, 16), (3, 7, 16), (17, 3, 16), (5, 2, 4), (40, 1, 16), (2, 33, 8)]
)
def test_tasks_cover_every_member_and_have_one_shape(cells: int, seeds: int, limit: int, tiny, monkeypatch) -> None:
    monkeypatch.setattr(sizes, "MAX_CHUNK", limit)
    setup, lmbdas = wd.Setup(widths=(6, 5, 3), optimiser="sgdw"), [0.1 * k for k in range(1, cells + 1)]
    plan = wd.dry_run(setup, tiny, lmbda=lmbdas, seeds=seeds, epochs=1)
    assert len({task.members for task in plan.tasks}) == 1 and plan.tasks[0].members <= limit
    covered = [pair for chunk in plan.chunks for pair in set(zip(chunk.cells, chunk.seeds, strict=True))]
    assert sorted(covered) == [(c, s) for c in range(cells) for s in range(seeds)]
