"""A data set refuses what would only fail at epoch seven, and its hash depends on its content alone."""

import dataclasses

import numpy as np
import pytest

from wd_jax.data import Dataset, DatasetError, Split, digits, null, teacher

pytestmark = pytest.mark.numeric
X, Y = np.arange(6.0).reshape(3, 2), np.eye(3)[:, :1]


def with_value(value: float) -> np.ndarray:
    inputs = X.copy()
    inputs[1, 0] = value
    return inputs


@pytest.mark.parametrize("value, shown", [(np.nan, "nan"), (np.inf, "inf"), (-np.inf, "-inf")])
def test_a_value_that_is_not_finite_is_named_by_index(value: float, shown: str) -> None:
    with pytest.raises(DatasetError, match=rf"inputs\[1, 0\] is {shown}: remove the example"):
        Split(with_value(value), Y)


@pytest.mark.parametrize(
    "arrays, message",
    [
        ((X, Y[:2]), "targets has 2 rows and inputs has 3"),
        ((X, Y, np.ones(2)), "loss_weights has 2 rows and inputs has 3"),
        ((X[0], Y), r"inputs has shape \(2,\): give a non-empty array of 2"),
        ((X[:0], Y[:0]), r"inputs has shape \(0, 2\)"),
        ((X[:, :0], Y), r"inputs has shape \(3, 0\)"),
        ((X, Y, np.array([1.0, -1.0, 1.0])), r"loss_weights\[1\] is -1.0"),
        (([["a", "b"]], Y[:1]), "inputs is not an array of numbers"),
        (([[1.0], [1.0, 2.0]], Y[:2]), "inputs is not an array of numbers"),
    ],
    ids=["targets", "weights", "flat", "no rows", "no columns", "negative weight", "text", "ragged"],
)
def test_a_bad_array_is_refused(arrays: tuple, message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        Split(*arrays)


def test_splits_of_different_widths_are_refused() -> None:
    with pytest.raises(DatasetError, match="odd: test targets has 2 columns and train has 1"):
        Dataset("odd", train=Split(X, Y), validation=Split(X, Y), test=Split(X, np.eye(3)[:, :2]))


@pytest.mark.parametrize("change", ["train", "validation", "test"])
def test_the_hash_sees_every_split_and_only_the_content(change: str) -> None:
    def build(other: str | None = None, shift: float = 0.0) -> Dataset:
        names = ("train", "validation", "test")
        return Dataset("a", **{name: Split(X + (shift if name == other else 0), Y) for name in names})

    assert build().sha256 == build().sha256 == dataclasses.replace(build(), name="b").sha256
    assert build().sha256 != build(change, 1e-6).sha256


def test_digits_sizes_range_and_hash() -> None:
    data = digits()
    assert [len(split) for split in (data.train, data.validation, data.test)] == [1200, 297, 300]
    assert (data.n, data.n_in, data.n_out) == (1200, 64, 10)
    assert (data.train.inputs.min(), data.train.inputs.max()) == (0, 1)
    np.testing.assert_array_equal(data.train.targets.sum(axis=1), 1)
    # A new hash means different splits: every number published from them would change.
    assert data.sha256 == "9882f180a84e838b59f10d23beeb31b20d9715e82a92776d90f1f021f02efe66"


def test_digits_splits_are_a_partition_of_the_source() -> None:
    from sklearn.datasets import load_digits

    data = digits()
    rows = np.concatenate([split.inputs for split in (data.train, data.validation, data.test)])
    source = (load_digits().data / 16).astype(np.float32)
    assert sorted(map(bytes, rows)) == sorted(map(bytes, source))
    assert len(set(map(bytes, source))) == len(source)  # no duplicates, so a partition has no overlap


def test_dead_inputs_are_those_zero_on_the_whole_training_set() -> None:
    data = digits()
    np.testing.assert_array_equal(data.dead_inputs, np.abs(data.train.inputs).sum(axis=0) == 0)
    assert 0 < data.dead_inputs.sum() < 64
    assert null(dead=3).dead_inputs.tolist() == [True] * 3 + [False] * 13


def test_teacher_depends_on_its_key_only() -> None:
    assert teacher(1).sha256 == teacher(1).sha256 != teacher(2).sha256
    data = teacher(0, n=400, n_in=5, n_out=3)
    assert (data.n, data.n_in, data.n_out) == (400, 5, 3)
    assert data.train.targets.mean(axis=0).min() > 0.1


def test_teacher_takes_a_jax_key() -> None:
    import jax

    assert teacher(jax.random.key(3)).sha256 == teacher(jax.random.PRNGKey(3)).sha256


@pytest.mark.statistical
def test_teacher_inputs_are_standard_normal() -> None:
    values = teacher(0, n=5000).train.inputs.astype(np.float64)
    count = values.size
    assert abs(values.mean()) * count**0.5 < 5  # z-scores: the mean has variance 1/N, the variance 2/N
    assert abs(values.var() - 1) * (count / 2) ** 0.5 < 5


def test_null_weighs_every_example_zero() -> None:
    for data in (null(), null(digits())):
        for split in (data.train, data.validation, data.test):
            assert not split.loss_weights.any()
    assert null(digits()).name == "null(digits)"
    np.testing.assert_array_equal(null(digits()).train.inputs, digits().train.inputs)


def test_a_prompt_shows_sizes_and_no_numbers() -> None:
    train, rest = Split([[0.0, 0.5]] * 3, [[1.0]] * 3), Split([[0.25, 0.5]], [[1.0]])
    shown = repr(Dataset("mine", train, rest, rest))
    assert shown == (
        "Dataset mine: n = 3, 1 for validation, 1 for tests; 2 inputs, of which 1 are always zero, 1 outputs; "
        "fits wd.Setup(widths=(2, 30, 1))"
    )
    assert repr(train) == "Split of 3 examples: 2 inputs, 1 outputs"
