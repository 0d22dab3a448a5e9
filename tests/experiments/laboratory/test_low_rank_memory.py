"""Low-rank memory: the network against a loop in NumPy, and what the analysis says of right and wrong numbers."""

from collections.abc import Callable

import jax
import numpy as np
import pytest
import xarray as xr

import wd_jax as wd
from experiments.laboratory.low_rank_memory import EXPERIMENT, measuring, simulation
from experiments.laboratory.low_rank_memory.analysis import NAME, analyse, bounds, rank_within, tails
from wd_jax.figures import style
from wd_jax.stats.estimates import t_interval

pytestmark = pytest.mark.numeric
TINY = measuring.Settings(
    "digits", seeds=3, hidden=20, lmbda=(5.0, 400.0), batch_size=(1, 3), steps=60, looks_back=(1, 2, 5)
)


@pytest.fixture(scope="module")
def data() -> wd.data.Dataset:
    """The digits."""
    return wd.data.digits()


@pytest.fixture(scope="module")
def measured(data: wd.data.Dataset) -> xr.Dataset:
    """A small run."""
    return EXPERIMENT.measurements[NAME](TINY, data)


def _sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def test_the_network_is_trained_as_by_hand() -> None:
    generator = np.random.default_rng(0)
    x, y = generator.normal(size=(12, 5)), np.eye(3)[generator.integers(0, 3, 12)]
    rows = simulation.orders(12, 4, 7, seed=1)
    W, b, V, c = simulation.start(5, 6, 3, seed=1)
    eta, decay, seen = 0.3, 0.2, [W]
    with jax.enable_x64(True):
        params, old, norms = simulation.train((W, b, V, c), x, y, rows, eta, decay, (1, 3))
        right = float(simulation.accuracy(params, x, y))
    for batch in rows:
        hidden = _sigmoid(x[batch] @ W + b)
        e = np.exp(hidden @ V + c)
        delta = (e / e.sum(1, keepdims=True) - y[batch]) / 4
        behind = (delta @ V.T) * hidden * (1 - hidden)
        W, b = (1 - eta * decay) * W - eta * x[batch].T @ behind, b - eta * behind.sum(0)
        V, c = (1 - eta * decay) * V - eta * hidden.T @ delta, c - eta * delta.sum(0)
        seen.append(W)
    for one, wanted in zip(params, (W, b, V, c), strict=True):
        assert np.allclose(one, wanted, rtol=1e-11, atol=1e-13)
    assert np.allclose(old, [seen[-2], seen[-4]], rtol=1e-11, atol=1e-13)
    assert np.allclose(norms, [np.linalg.norm(one) for one in seen], rtol=1e-12)
    wanted = np.mean((_sigmoid(x @ W + b) @ V + c).argmax(1) == y.argmax(1))
    assert right == pytest.approx(wanted, rel=1e-6)  # a share is counted in float32


def test_an_epoch_sees_each_example_once() -> None:
    rows = simulation.orders(12, 4, 7, seed=1)
    assert rows.shape == (7, 4) and sorted(rows[3:6].ravel()) == list(range(12))
    assert not np.array_equal(rows, simulation.orders(12, 4, 7, seed=2))


def test_distance_and_rank() -> None:
    matrix = np.random.default_rng(2).normal(size=(5, 7))
    U, s, V = np.linalg.svd(matrix, full_matrices=False)
    found = tails(xr.DataArray(s, dims="value")).values
    for rank in range(5):
        assert found[rank] == pytest.approx(np.linalg.norm(matrix - (U[:, :rank] * s[:rank]) @ V[:rank]), rel=1e-12)
    assert int(rank_within(xr.DataArray([3.0, 1.0, 0.2], dims="value"), 0.1)) == 2


def test_the_bound_is_whole_steps(measured: xr.Dataset, data: wd.data.Dataset) -> None:
    found = bounds(TINY, data, measured)
    for m in TINY.batch_size:
        for lmbda in TINY.lmbda:
            q, k = 1 - TINY.eta * lmbda / data.n, 0
            while q**k > 0.1:
                k += 1
            assert float(found.sel(batch_size=m, lmbda=lmbda)) == m * k


def test_its_shape(measured: xr.Dataset, data: wd.data.Dataset) -> None:
    assert dict(measured.added.sizes) == {"batch_size": 2, "lmbda": 2, "seed": 3, "back": 3, "value": 20}
    outcome = analyse(TINY, data, {NAME: measured})
    assert [one.verdict for one in outcome.verdicts[:2]] == ["holds", "holds"]
    assert [one.kind for one in outcome.verdicts] == ["identity", "identity", "rival", "rival"]
    with style.style("one"):
        assert len(outcome.draw().axes) == 4


def test_where_every_bound_is_empty_nothing_is_said_of_it(measured: xr.Dataset, data: wd.data.Dataset) -> None:
    weak = TINY.__class__(**{**vars(TINY), "lmbda": (5.0,)})
    outcome = analyse(weak, data, {NAME: measured.sel(lmbda=[5.0])})
    assert [one.verdict for one in outcome.verdicts[2:]] == ["undecided", "undecided"]
    assert "empty in every cell" in outcome.answer


def _one_more(measured: xr.Dataset) -> xr.Dataset:
    return measured.assign(added=measured.added + 1e-9)


def _farther(measured: xr.Dataset) -> xr.Dataset:
    return measured.assign(spectrum=measured.spectrum + measured.spectrum.isel(value=0, drop=True))


def _none_right(measured: xr.Dataset) -> xr.Dataset:
    return measured.assign(accuracy=measured.accuracy * 0 + 0.1)


@pytest.mark.parametrize(("place", "change"), [(0, _one_more), (1, _farther), (3, _none_right)])
def test_each_verdict_can_fail(place: int, change: Callable, measured: xr.Dataset, data: wd.data.Dataset) -> None:
    assert analyse(TINY, data, {NAME: change(measured)}).verdicts[place].verdict == "fails"


def test_the_rivals_can_hold(measured: xr.Dataset, data: wd.data.Dataset) -> None:
    bound = bounds(TINY, data, measured)
    flat = xr.where(measured.value <= bound, 1.0, 0.0).broadcast_like(measured.spectrum)
    good = measured.assign(spectrum=flat, accuracy=measured.accuracy * 0 + 0.9)
    found = analyse(TINY, data, {NAME: good}).verdicts
    assert [one.verdict for one in found[2:]] == ["holds", "holds"]


def test_the_best_of_several_cells_is_judged_for_all_of_them(measured: xr.Dataset, data: wd.data.Dataset) -> None:
    strong = measured.assign_coords(lmbda=[380.0, 400.0])
    says = int((bounds(TINY, data, strong) < strong.sizes["value"]).sum())
    assert says > 1
    drawn = np.linspace(-0.05, 0.05, measured.sizes["seed"])
    found = analyse(TINY, data, {NAME: strong.assign(accuracy=strong.accuracy * 0 + 0.7 + drawn)}).verdicts[3]
    assert found.cells == says
    assert found.ci95 == pytest.approx(t_interval(0.7 + drawn, says).ci95)


def test_a_missing_number_is_not_passed_over(measured: xr.Dataset, data: wd.data.Dataset) -> None:
    gone = measured.assign(added=measured.added.where(measured.seed > 0))
    assert analyse(TINY, data, {NAME: gone}).verdicts[0].verdict == "undecided"
