"""One label an example becomes one row; whatever is no class number is one line that says what to do."""

import numpy as np
import pytest
from sklearn.preprocessing import OneHotEncoder

import wd_jax as wd

pytestmark = pytest.mark.numeric
LABELS = np.array([2, 0, 1, 2, 2, 0])

GOOD = {
    "list": LABELS.tolist(),
    "tuple": tuple(LABELS.tolist()),
    "int64": LABELS,
    "uint8": LABELS.astype(np.uint8),
    "column": LABELS.reshape(-1, 1),
    "float32": LABELS.astype(np.float32),
    "float column": LABELS.reshape(-1, 1) * 1.0,
    "objects": LABELS.astype(object),
    "big-endian": LABELS.astype(">i4"),
    "an array without a masked value": np.ma.array(LABELS),
}


@pytest.mark.parametrize("labels", GOOD.values(), ids=list(GOOD))
def test_it_agrees_with_scikit_learn(labels) -> None:
    found = wd.data.one_hot(labels, 3)
    assert found.dtype == np.float32
    expected = OneHotEncoder(categories=[[0, 1, 2]], sparse_output=False).fit_transform(LABELS.reshape(-1, 1))
    np.testing.assert_array_equal(found, expected)


def test_booleans_and_more_classes_than_labels() -> None:
    np.testing.assert_array_equal(wd.data.one_hot([[True], [False]], 2), [[0, 1], [1, 0]])
    np.testing.assert_array_equal(wd.data.one_hot([1], np.int64(4)), [[0, 1, 0, 0]])
    assert wd.data.one_hot(LABELS, 3).sum() == len(LABELS)


def test_pandas_labels() -> None:
    pandas = pytest.importorskip("pandas")
    expected = wd.data.one_hot(LABELS, 3)
    np.testing.assert_array_equal(wd.data.one_hot(pandas.Series(LABELS), 3), expected)
    np.testing.assert_array_equal(wd.data.one_hot(pandas.DataFrame({"y": LABELS}), 3), expected)
    with pytest.raises(wd.data.DatasetError, match=r"labels\[0\] is the text 'a'"):
        wd.data.one_hot(pandas.Series(["a", "b"], dtype="category"), 2)


BAD = {
    "a fraction": ([0, 0.5], "labels[1] is 0.5: give whole class numbers"),
    "negative": ([0, -3], "labels[1] is -3: class numbers start at 0"),
    "minus and plus one": ([-1, 1, 1], "labels are -1 and 1: class numbers start at 0, give (labels + 1) / 2"),
    "from 1": ([1, 2, 3], "labels run from 1 to 3 and classes=3: class numbers start at 0, give labels - 1"),
    "from 1 as floats": ([[1.0], [2.0], [3.0]], "give labels - 1"),
    "too large": ([0, 1, 2, 3], "labels[3] is 3 and classes=3: give classes=4 or more"),
    "with gaps": ([10, 30, 20], "labels[1] is 30 and classes=3: give classes=31 or more, or number the labels found"),
    "nan": ([0, np.nan], "labels[1] is nan: remove the example or give its class"),
    "infinite": ([np.inf], "labels[0] is inf: remove"),
    "missing": ([1, None], "labels[1] is None"),
    "text": (["cat", "dog"], "labels[0] is the text 'cat': give np.unique(labels, return_inverse=True)[1]"),
    "numbers as text": (["0", "1"], "labels[0] is the text '0': give np.asarray(labels, dtype=float)"),
    "empty": ([], "labels has shape (0,): give at least one label"),
    "one number": (3, "labels has shape (): give one label an example"),
    "a row": ([[0, 1, 2]], "labels has shape (1, 3): one row of many labels; give labels.ravel()"),
    "rows already": (np.eye(3), "labels has shape (3, 3): these are rows already; use them as targets"),
    "two columns": ([[0, 1], [1, 2]], "labels has shape (2, 2): give one label an example, such as labels[:, 0]"),
    "complex": ([1j], "labels[0] is 1j"),
    "masked": (np.ma.array([0, 1], mask=[0, 1]), "labels has 1 masked value"),
    "huge": (np.array([2**64 - 1], np.uint64), "labels[0] is 18446744073709551615 and classes=3: give classes="),
    "None": (None, "labels is None"),
    "a file name": ("labels.npy", "labels='labels.npy' is text: for the file of this name give np.load('labels.npy')"),
}


@pytest.mark.parametrize("labels, message", BAD.values(), ids=list(BAD))
def test_what_is_no_class_number_is_refused(labels, message: str) -> None:
    with pytest.raises(wd.data.DatasetError) as caught:
        wd.data.one_hot(labels, 3)
    assert message in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("classes", [10**7, 10**11, 10**30, 10**400])
def test_more_classes_than_there_can_be_are_refused_before_they_are_built(classes: int) -> None:
    with pytest.raises(
        wd.data.DatasetError, match=r"classes=.*: give at most 1000000, since each example has a target"
    ):
        wd.data.one_hot([0, 1], classes)


@pytest.mark.parametrize("classes", [0, 1, -2, True, 2.0, "3", None])
def test_classes_are_a_whole_number_of_at_least_two(classes) -> None:
    with pytest.raises(wd.data.DatasetError, match=r"classes=.*: give a whole number of at least 2"):
        wd.data.one_hot([0], classes)
