"""Class numbers, token numbers and real targets are said, never guessed; what is said is checked and hashed."""

import copy
import pickle

import numpy as np
import pytest

import wd_jax as wd

pytestmark = pytest.mark.numeric
RANDOM = np.random.default_rng(5)
N = 12
INPUTS = RANDOM.random((N, 4))
LABELS = np.r_[0, 1, 2, RANDOM.integers(3, size=N - 3)]
SEQUENCES = RANDOM.integers(5, size=(N, 4))
REAL = RANDOM.normal(3, 2, size=(N, 2))


def dataset(targets, inputs=INPUTS, **said) -> wd.data.Dataset:
    parts = (slice(0, 6), slice(6, 9), slice(9, N))
    return wd.data.Dataset("mine", *(wd.data.Split(inputs[rows], targets[rows], **said) for rows in parts))


def test_class_numbers_need_no_rows() -> None:
    data = dataset(LABELS, classes=3)
    assert (data.target_kind, data.n_out, data.positions, data.train.targets.shape) == ("classes", 3, 1, (6, 1))
    assert data.train.targets.dtype == np.float32 and data.distributions and data.bounded
    assert "fits wd.Setup(widths=(4, 30, 3), loss='softmax')" in repr(data) and "3 classes" in repr(data)


def test_class_numbers_at_several_positions() -> None:
    data = dataset(SEQUENCES, SEQUENCES, classes=5, tokens=5)
    assert (data.n_out, data.positions, data.n_in) == (5, 4, 4)
    assert not data.dead_inputs.any()  # token 0 is no dead input
    assert "fits wd.Setup(model=wd.transformer(vocab=5, length=4), loss='softmax')" in repr(data)
    assert "one of 5 classes at each of 4 positions" in repr(data.train)


def test_real_targets_lie_anywhere() -> None:
    data = dataset(REAL, real=True)
    assert (data.target_kind, data.n_out, data.bounded) == ("real", 2, False)
    assert dataset(np.eye(3)[LABELS], real=True).target_kind == "real" and dataset(0.1 * REAL % 1, real=True).bounded


def test_tokens_are_not_measured_for_their_scale(recwarn) -> None:
    tokens = RANDOM.integers(200, size=(N, 4))
    dataset(LABELS, tokens, classes=3, tokens=200)
    assert not recwarn
    with pytest.warns(UserWarning, match="weights start for inputs of about 1"):
        dataset(LABELS, tokens, classes=3)


def test_what_was_said_is_hashed_and_nothing_else_is() -> None:
    plain = dataset(np.eye(3)[LABELS])
    assert plain.sha256 == dataset(np.eye(3)[LABELS]).sha256 != dataset(np.eye(3)[LABELS], real=True).sha256
    assert dataset(LABELS, classes=3).sha256 != dataset(LABELS, classes=4).sha256
    arrays = np.arange(24, dtype=np.float32).reshape(6, 4) / 24
    split = wd.data.Split(arrays, arrays)
    known = "8355a41c9d7e616695a1415189d66a8dfa4b54e6a593b621566a55acce4bee58"  # of release 0.2.0
    assert wd.data.Dataset("old", split, split, split).sha256 == known


def test_what_was_said_outlives_a_copy() -> None:
    data = dataset(SEQUENCES, SEQUENCES, classes=5, tokens=5)
    for other in (copy.deepcopy(data), pickle.loads(pickle.dumps(data)), wd.data.null(data)):
        assert other.train.declared == data.train.declared and other.n_out == 5


ROWS = np.eye(3)[LABELS]
REFUSED = {
    "a class too many": (dict(targets=LABELS, classes=2), "is 2: classes=2 are numbered 0 to 1; give classes=3, or re"),
    "classes from 1": (dict(targets=LABELS + 1, classes=3), "classes are numbered from 0, give targets - 1"),
    "a class below 0": (dict(targets=LABELS - 1, classes=3), "is -1: classes=3 are numbered 0 to 2; leave these exam"),
    "a half": (dict(targets=LABELS / 2, classes=3), "is 0.5: classes are whole numbers, 0 to 2; real-valued targets"),
    "rows": (dict(targets=ROWS, classes=3), "targets are rows of 0 and 1 with one 1 each: leave classes=3 out"),
    "one class": (dict(targets=0 * LABELS, classes=1), "classes=1: give a whole number of at least 2"),
    "both": (dict(targets=LABELS, classes=3, real=True), "real=True: targets are real numbers or classes=3; give one"),
    "a word": (dict(targets=LABELS, real="yes"), "real='yes': give True or False"),
    "a token too many": (
        dict(targets=LABELS, inputs=SEQUENCES, classes=3, tokens=4),
        "tokens=4 are numbered 0 to 3; give tokens=5, or renumber them",
    ),
    "pixels": (dict(targets=LABELS, classes=3, tokens=4), "tokens are whole numbers, 0 to 3"),
    "numbers without a word": (dict(targets=LABELS), "for classes wd.data.one_hot(targets, 3)"),
    "quantities without a word": (dict(targets=REAL), "or say that they are real, Split(..., real=True), with loss='m"),
}


@pytest.mark.parametrize(("given", "message"), REFUSED.values(), ids=list(REFUSED))
def test_what_was_said_is_checked(given: dict, message: str) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        dataset(**given)
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_all_splits_say_the_same() -> None:
    three, four = (wd.data.Split(INPUTS, LABELS, classes=classes) for classes in (3, 4))
    with pytest.raises(wd.data.DatasetError, match="of the numbers in test classes 4 is said and of those in train cl"):
        wd.data.Dataset("mine", three, three, four)


LOSSES = {
    "numbers for sigmoids": ("cross_entropy", dict(targets=LABELS, classes=3), "give loss='softmax', or rows of targ"),
    "numbers for squares": ("mean_squared_error", dict(targets=LABELS, classes=3), "wd.data.one_hot(y, 3), without cl"),
    "quantities for sigmoids": (
        "quadratic",
        dict(targets=REAL, real=True),
        "sigmoid outputs never reach: give loss='me",
    ),
    "quantities for a softmax": ("softmax", dict(targets=REAL, real=True), "softmax outputs never reach"),
    "a label for linear outputs": (
        "mean_squared_error",
        dict(targets=LABELS[:, None] % 2),
        "give loss='quadratic', or say that the targets are real, Split(..., real=True)",
    ),
}


@pytest.mark.parametrize(("loss", "given", "message"), LOSSES.values(), ids=list(LOSSES))
def test_a_loss_that_means_nothing_is_refused(loss: str, given: dict, message: str) -> None:
    data = dataset(**given)
    with pytest.raises(ValueError) as caught:
        wd.dry_run(wd.Setup(widths=(4, 3, data.n_out), batch_size=3, loss=loss), data, epochs=1)
    assert message in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("targets", [ROWS, LABELS[:, None] % 2], ids=["one_hot", "binary"])
def test_the_remedy_is_taken(targets: np.ndarray) -> None:
    data = dataset(targets, real=True)
    for loss in ("mean_squared_error", "quadratic"):
        wd.dry_run(wd.Setup(widths=(4, 3, data.n_out), batch_size=3, loss=loss), data, epochs=1)
