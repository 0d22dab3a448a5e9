"""A member that diverges is a result of its own: flagged, frozen, NaN from its epoch on, and nobody else's business."""

import numpy as np
import pytest
import xarray as xr

import wd_jax as wd
from wd_jax.results.variables import VARIABLES

UNSTABLE = "ignore:eta=.*grow by the factor"  # what these runs do on purpose is warned of: test_stability.py
pytestmark = [pytest.mark.numeric, pytest.mark.filterwarnings(UNSTABLE)]
SETTINGS = {"lmbda": 1.0, "seeds": 2, "epochs": 6, "progress": False}
HUGE = 1e30


def numbers(runs: xr.Dataset) -> xr.Dataset:
    return runs.reset_coords(drop=True).drop_attrs(deep=False)


@pytest.fixture(scope="module")
def broken(setup32, tiny):
    return wd.sweep(setup32, tiny, eta=[0.3, HUGE], **SETTINGS)


def test_the_first_epoch_is_named_and_its_values_are_gone(broken) -> None:
    member = broken.sel(eta=HUGE)
    assert (member.diverged_at == 1).all()
    for name in VARIABLES:
        if name in broken:
            assert member[name].isel(epoch=slice(1, None)).isnull().all(), name
    assert member.weight_rms.isel(epoch=0).notnull().all() and member.cost.isel(epoch=0).notnull().all()


def test_the_others_keep_every_bit(setup32, tiny, broken) -> None:
    healthy = wd.sweep(setup32, tiny, eta=[0.3, 0.2], **SETTINGS)
    xr.testing.assert_identical(numbers(broken.sel(eta=0.3)), numbers(healthy.sel(eta=0.3)))
    assert (healthy.diverged_at == -1).all() and healthy.weight_rms.notnull().all()


@pytest.fixture(scope="module")
def blown(tiny):
    """Decay alone, growing by 24 a step: float32 overflows in a later epoch, with no gradient and finite biases."""
    probes = wd.Probes(splits=(), budget=False, moved=False, records_per_epoch=5, keep_weights=True)
    setup = wd.Setup(widths=(6, 5, 3), batch_size=5)
    null = wd.data.null(tiny)
    return wd.sweep(setup, null, eta=25.0, lmbda=[23.0, 0.1], epochs=6, probes=probes, progress=False)


def test_overflow_by_decay_is_dated_by_the_recursion(blown) -> None:
    """In float32 the squared norm leaves the range at 3.4e38; the cost stays zero up to there."""
    member = blown.sel(lmbda=23.0).isel(seed=0)
    norm2 = member.weight_norm2.isel(epoch=0).max()
    steps = next(k for k in range(1000) if float(norm2) * 24.0 ** (2 * k) > 3.4028234e38)
    assert int(member.diverged_at) == -(-steps // 5)
    assert 1 < int(member.diverged_at) < 6
    finite = member.weight_norm2.notnull().all("layer")
    np.testing.assert_array_equal(finite, np.arange(31) < steps)  # 5 steps an epoch, a record each


def test_a_diverged_member_freezes_at_finite_weights(blown) -> None:
    assert np.isfinite(blown.weights_1).all() and np.isfinite(blown.biases_2).all()
    assert int(blown.sel(lmbda=0.1).diverged_at.item()) == -1


def test_a_record_after_the_failing_step_is_never_a_frozen_number(tiny) -> None:
    """eta = 1e30 fails in the first fifth of the first epoch: the records at 0.4 to 1.0 must not look measured."""
    probes = wd.Probes(splits=("validation",), records_per_epoch=5)
    setup = wd.Setup(widths=(6, 5, 3), batch_size=5)
    runs = wd.sweep(setup, tiny, eta=[HUGE, 0.3], lmbda=1.0, epochs=2, probes=probes, progress=False)
    member = runs.sel(eta=HUGE).isel(seed=0)
    assert int(member.diverged_at) == 1
    assert member.weight_rms.isel(epoch=slice(2, None)).isnull().all()
    assert member.penalty.isel(epoch=slice(2, None)).isnull().all()
    assert runs.weight_rms.sel(eta=0.3).notnull().all()
