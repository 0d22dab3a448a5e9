"""Class numbers train as their rows do, in blocks and one by one; a linear output rests where ridge regression does."""

import numpy as np
import pytest

import wd_jax as wd

pytestmark = pytest.mark.numeric
RANDOM = np.random.default_rng(2)
INPUTS = RANDOM.normal(size=(40, 5))
LABELS = RANDOM.integers(3, size=40)
PARTS = (slice(0, 24), slice(24, 32), slice(32, 40))


def dataset(targets: np.ndarray, **said) -> wd.data.Dataset:
    return wd.data.Dataset("mine", *(wd.data.Split(INPUTS[rows], targets[rows], **said) for rows in PARTS))


@pytest.mark.parametrize("method", ["blocked", "generic"])
def test_class_numbers_train_as_their_rows(method: str) -> None:
    setup = wd.Setup(widths=(5, 4, 3), loss="softmax", batch_size=5, dtype="float64")
    asked = dict(eta=0.3, lmbda=[0.1, 1.0], epochs=4, progress=False, method=method)
    rows, numbers = (
        wd.sweep(setup, data, probes=wd.Probes(moved=False), **asked)
        for data in (dataset(np.eye(3)[LABELS]), dataset(LABELS, classes=3))
    )
    for name in rows.data_vars:
        np.testing.assert_allclose(numbers[name], rows[name], rtol=1e-12, atol=1e-14, err_msg=str(name))
    assert numbers.target_kind == "classes" and "fraction of positions" in numbers.accuracy_means.item()
    assert numbers.dataset_sha256 != rows.dataset_sha256


def test_one_linear_output_rests_where_ridge_regression_does() -> None:
    """Cost (z - y)^2 and lmbda/(2n) w^2: alpha of ridge regression is lmbda/2."""
    targets = 3 + 2 * INPUTS @ RANDOM.normal(size=(5, 1)) + RANDOM.normal(size=(40, 1))
    setup = wd.Setup(widths=(5, 1), loss="mean_squared_error", batch_size=24, dtype="float64")
    probes = wd.Probes(keep_weights=True, evaluate_every=400)
    runs = wd.sweep(
        setup, dataset(targets, real=True), eta=0.1, lmbda=[1.0, 30.0], epochs=800, probes=probes, progress=False
    )
    x, y = INPUTS[:24].astype(np.float32), targets[:24].astype(np.float32)
    x, y = x - x.mean(axis=0), y - y.mean()  # the bias is not decayed
    for lmbda in (1.0, 30.0):
        rest = np.linalg.solve(x.T @ x + lmbda / 2 * np.eye(5), x.T @ y)
        np.testing.assert_allclose(runs.weights_1.sel(lmbda=lmbda, seed=0), rest, rtol=1e-5)
    assert runs.accuracy.isnull().all()
