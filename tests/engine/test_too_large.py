"""A cost that is finite and without meaning is a divergence: dated, frozen, and the same by both methods."""

import numpy as np
import pytest
import xarray as xr

import wd_jax as wd
from wd_jax.engine import too_large
from wd_jax.results.divergence import counted

pytestmark = pytest.mark.numeric
QUICK = wd.Probes(budget=False, moved=False)
STEPS, EPOCHS = 5, 6  # 20 examples in batches of 4


@pytest.fixture(scope="module")
def data() -> wd.data.Dataset:
    return wd.data.teacher(0, n=20, n_validation=4, n_test=4, n_in=3, n_hidden=4, n_out=2)


def swept(data: wd.data.Dataset, method: str, eta: list[float], **beside) -> xr.Dataset:
    setup = wd.Setup(widths=(3, 2), loss="mean_squared_error", batch_size=4, dtype="float64")
    return wd.sweep(setup, data, eta=eta, seeds=2, epochs=EPOCHS, probes=QUICK, method=method, progress=False, **beside)


@pytest.fixture(scope="module", params=["generic", "blocked"])
def runs(request: pytest.FixtureRequest, data: wd.data.Dataset) -> xr.Dataset:
    """Linear regression whose error grows some tenfold a step in one cell: 1e15 is passed, 1e308 is not."""
    return swept(data, request.param, [0.3, 9.0])


def cost_of(data: wd.data.Dataset, weights: np.ndarray, biases: np.ndarray) -> float:
    x, y = (np.asarray(one, np.float64)[:4] for one in (data.train.inputs, data.train.targets))
    return float(np.mean((x @ weights + biases - y) ** 2) / np.mean(1 + np.mean(y**2, axis=1)))


def test_it_is_dated_at_the_first_record_past_the_limit(runs, data, monkeypatch) -> None:
    """The weights of each epoch by shorter runs without a limit; their cost in NumPy."""
    found = runs.diverged_at.sel(eta=9.0, seed=0).item()
    monkeypatch.setattr(too_large, "LARGEST", 1e300)
    import jax

    jax.clear_caches()
    costs = []
    for epochs in range(1, EPOCHS + 1):
        setup = wd.Setup(widths=(3, 2), loss="mean_squared_error", batch_size=4, dtype="float64")
        probes = wd.Probes(budget=False, moved=False, splits=(), keep_weights=True)
        short = wd.sweep(setup, data, eta=9.0, epochs=epochs, probes=probes, method="generic", progress=False)
        assert short.diverged_at.item() == -1
        costs.append(cost_of(data, short.weights_1.values[0], short.biases_1.values[0]))
    jax.clear_caches()
    assert found == next(epoch for epoch, cost in enumerate(costs, 1) if cost > 1e15)
    assert 1 < found < EPOCHS and costs[-1] < 1e300


def test_it_has_no_numbers_from_there_on_and_is_counted(runs) -> None:
    at = runs.diverged_at.sel(eta=9.0).max().item()
    gone = runs.sel(eta=9.0, epoch=slice(at, None))
    assert all(bool(gone[name].isnull().all()) for name in ("weight_rms", "cost", "penalty"))
    assert bool(runs.sel(eta=9.0, epoch=slice(0, 1)).weight_rms.notnull().all())
    assert counted(runs) == "2 of 4 runs diverged: lower eta"


def test_the_others_are_untouched_to_the_last_bit(runs, data) -> None:
    method = "blocked" if "blocked" in runs.method.values.tolist()[0] else "generic"
    healthy = swept(data, method, [0.3, 0.2])
    for name in healthy.data_vars:
        np.testing.assert_array_equal(runs[name].sel(eta=0.3), healthy[name].sel(eta=0.3))
    assert (healthy.diverged_at == -1).all()


def test_a_cost_of_nothing_is_not_too_large() -> None:
    """Without loss weights there is no cost, whatever the weights are."""
    runs = wd.sweep(
        wd.Setup(widths=(16, 8, 4)), wd.data.null(), eta=0.1, init_scale=1e12, epochs=1, probes=QUICK, progress=False
    )
    assert runs.diverged_at.item() == -1
