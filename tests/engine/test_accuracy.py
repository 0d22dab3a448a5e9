"""Accuracy against scikit-learn's, from a forward pass in NumPy with the stored weights; NaN where there is none."""

import numpy as np
import pytest
from sklearn import metrics
from sklearn.datasets import load_breast_cancer

import wd_jax as wd
from wd_jax.data.arrays import cut
from wd_jax.data.targets import ACCURACY

pytestmark = pytest.mark.numeric
RANDOM = np.random.default_rng(5)
N, SIZES = 90, (50, 20, 20)
INPUTS = RANDOM.standard_normal((N, 5))
LABELS = RANDOM.integers(3, size=N)
ROWS = np.eye(3)[LABELS]
BITS = RANDOM.integers(2, size=(N, 1))
SEVERAL = RANDOM.integers(2, size=(N, 4))
PROBABILITIES = RANDOM.dirichlet([1, 1, 1], N)


def trained(targets: np.ndarray, loss: str, inputs: np.ndarray = INPUTS, sizes: tuple = SIZES, method: str = "auto"):
    """Sweep one member per seed, and give each one's logits on the test split, epoch 0 being judged from init alone."""
    data = cut("mine", inputs, targets, sizes)
    setup = wd.Setup(widths=(data.n_in, 4, data.n_out), loss=loss, activation="tanh", batch_size=10, dtype="float64")
    probes = wd.Probes(keep_weights=True)
    runs = wd.sweep(setup, data, eta=0.3, lmbda=0.1, seeds=3, epochs=3, probes=probes, progress=False, method=method)
    logits = []
    for seed in runs.seed.values:
        one = runs.sel(seed=seed)
        hidden = np.tanh(data.test.inputs @ one.weights_1.values + one.biases_1.values)
        logits.append(hidden @ one.weights_2.values + one.biases_2.values)
    return data, runs, logits


def by_label(z, y):
    return metrics.accuracy_score(y.argmax(axis=1), z.argmax(axis=1))


def by_column(z, y):
    return metrics.accuracy_score(y > 0.5, z > 0)


def by_decision(z, y):
    return 1 - metrics.hamming_loss(y > 0.5, z > 0)


CASES = {
    "one-hot, cross-entropy": (ROWS, "cross_entropy", "one_hot", by_label),
    "one-hot, softmax": (ROWS, "softmax", "one_hot", by_label),
    "one-hot, quadratic": (ROWS, "quadratic", "one_hot", by_label),
    "smoothed rows": (0.1 + 0.8 * ROWS, "cross_entropy", "one_hot", by_label),
    "probabilities": (PROBABILITIES, "softmax", "distribution", by_label),
    "one column": (BITS, "cross_entropy", "binary", by_column),
    "one column, quadratic": (BITS, "quadratic", "binary", by_column),
    "a smoothed column": (0.2 + 0.6 * BITS, "cross_entropy", "binary", by_column),
    "several labels": (SEVERAL, "cross_entropy", "multilabel", by_decision),
    "several labels, quadratic": (SEVERAL, "quadratic", "multilabel", by_decision),
}


@pytest.mark.parametrize("targets, loss, kind, expected", CASES.values(), ids=list(CASES))
def test_accuracy_is_scikit_learns(targets, loss: str, kind: str, expected) -> None:
    data, runs, logits = trained(targets, loss)
    assert data.target_kind == kind == runs.target_kind.item()
    found = runs.accuracy.sel(split="test").isel(epoch=-1).values
    np.testing.assert_allclose(found, [expected(z, data.test.targets) for z in logits], rtol=1e-14)
    assert runs.accuracy_means.item() == ACCURACY[kind]


def test_both_paths_judge_alike() -> None:
    blocked, generic = (trained(BITS, "cross_entropy", method=way)[1].accuracy for way in ("blocked", "generic"))
    np.testing.assert_array_equal(blocked, generic)


def test_random_labels_before_training_are_right_half_of_the_time() -> None:
    """800 coin flips against an untrained network: 0.5 with a standard error of 0.018; it was 1.0."""
    data = cut("coins", RANDOM.standard_normal((820, 5)), RANDOM.integers(2, size=(820, 1)), (800, 10, 10))
    runs = wd.sweep(wd.Setup(widths=(5, 8, 1)), data, seeds=2, epochs=1, progress=False)
    first = runs.accuracy.sel(split="train", epoch=0)
    assert (abs(first - 0.5) < 5 * 0.018).all()


def test_breast_cancer() -> None:
    cancer = load_breast_cancer()
    order = RANDOM.permutation(569)
    inputs = ((cancer.data - cancer.data.mean(axis=0)) / cancer.data.std(axis=0))[order]
    data, runs, logits = trained(cancer.target.reshape(-1, 1)[order], "cross_entropy", inputs, (369, 100, 100))
    found = runs.accuracy.sel(split="test").isel(epoch=-1).values
    np.testing.assert_allclose(found, [by_column(z, data.test.targets) for z in logits], rtol=1e-14)
    assert 0.8 < found.min() and found.min() < 1


@pytest.mark.parametrize("targets", [RANDOM.random((N, 1)), RANDOM.random((N, 2))], ids=["a column", "rows"])
def test_real_targets_have_no_accuracy_and_say_why(targets, tmp_path) -> None:
    _, runs, _ = trained(targets, "quadratic")
    assert runs.accuracy.isnull().all() and runs.cost.notnull().all()
    reason = "no number: real-valued targets have no right and wrong, read the cost"
    assert runs.accuracy_means.item() == reason
    summary = wd.summarise(runs)
    assert summary.facts["accuracy_means"] == reason and reason in repr(summary)
    assert (summary.record["target_kind"], summary.record["accuracy_means"]) == ("real", reason)
    from wd_jax.results import netcdf

    netcdf.write(runs, tmp_path / "runs.nc")
    with wd.open(tmp_path / "runs.nc") as again:
        assert again.accuracy_means.item() == reason


def test_a_tie_between_probabilities_has_no_number_and_leaves_other_splits_theirs() -> None:
    targets = PROBABILITIES.copy()
    targets[0] = [0.4, 0.4, 0.2]  # in the training split
    _, runs, _ = trained(targets, "softmax")
    assert runs.accuracy.sel(split="train").isnull().all()
    assert runs.accuracy.sel(split="test").notnull().all()


def test_a_control_run_is_judged_as_its_data() -> None:
    data = wd.data.null(cut("mine", INPUTS, BITS, SIZES))
    runs = wd.sweep(wd.Setup(widths=(5, 1)), data, lmbda=1.0, epochs=1, progress=False)
    assert (runs.cost == 0).all() and runs.target_kind.item() == "binary"
    assert 0 < float(runs.accuracy.sel(split="train", seed=0, epoch=0)) < 1
