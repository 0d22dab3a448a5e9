"""What people hand over where an array belongs: taken as it is meant, or refused with the call that mends it."""

import datetime
import decimal
import fractions
import pathlib

import numpy as np
import pytest
import scipy.sparse
from sklearn.datasets import load_digits

import wd_jax as wd

pytestmark = pytest.mark.numeric
X = np.array([[0.0, 0.5], [1.0, 0.25], [0.125, 0.75]])
Y = np.eye(2)[[0, 1, 1]]
ONE = Y[:1]


class Tensor:
    """Behaves as a PyTorch tensor that NumPy cannot convert: on another device, or one that needs a gradient."""

    is_sparse = False

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("Can't call numpy() on Tensor that requires grad.\nUse tensor.detach().numpy() instead.")

    def detach(self):
        return self


class Converts(Tensor):
    """Behaves as a PyTorch tensor in the machine's memory: NumPy sees that very memory."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return self.values


EXACT = {
    "lists": (X.tolist(), X),
    "booleans": (X > 0.3, X > 0.3),
    "integers": (np.array([[3, -7]] * 3), [[3, -7]] * 3),
    "half precision": (X.astype(np.float16), X),
    "long double": (X.astype(np.longdouble), X),
    "big-endian": (X.astype(">f4"), X),
    "columns first": (np.asfortranarray(X, np.float32), X),
    "no masked value": (np.ma.array(X), X),
    "ranges": ([range(2)] * 3, [[0, 1]] * 3),
    "decimals and fractions": ([[decimal.Decimal("0.5"), fractions.Fraction(1, 4)]] * 3, [[0.5, 0.25]] * 3),
    "objects": (X.astype(object), X),
    "the largest exact whole number": ([[2**24, 2**40]] * 3, [[2**24, 2**40]] * 3),
    "the smallest int64": ([[-(2**63), 0]] * 3, [[-(2.0**63), 0]] * 3),
    "a tensor": (Converts(X.astype(np.float32)), X),
}


@pytest.mark.parametrize("given, expected", EXACT.values(), ids=list(EXACT))
def test_what_can_be_meant_is_taken_exactly(given, expected) -> None:
    found = wd.data.Split(given, Y).inputs
    assert found.dtype == np.float32 and found.flags.c_contiguous
    np.testing.assert_array_equal(found, np.asarray(expected, np.float64))


def test_a_tensors_memory_is_not_shared() -> None:
    memory = X.astype(np.float32)
    split = wd.data.Split(Converts(memory), Y)
    memory -= 1
    np.testing.assert_array_equal(split.inputs, X)


REFUSED = {
    "a CSV file": (
        "train.csv",
        "inputs='train.csv' is text: for the file of this name give np.loadtxt('train.csv', del",
    ),
    "a path": (pathlib.Path("a") / "b.npz", "give np.load('a/b.npz')[\"inputs\"]"),
    "a folder": ("data/fashion", "a folder of IDX files is read by wd.data.idx(folder)"),
    "None": (None, "inputs is None: give an array with one row per example"),
    "a Bunch": (load_digits(), "inputs is a Bunch of data, target, frame, "),
    "a dict": ({"x": X, "y": Y}, "inputs is a dict of x, y: give one of its arrays, such as inputs['x']"),
    "a generator": (
        (row for row in X),
        "inputs is a generator, which has no rows to count: give np.array(list(inputs))",
    ),
    "a set": ({1.0, 2.0}, "inputs is a set"),
    "a Split": (wd.data.Split(X, Y), "inputs is a Split: give an array with one row per example"),
    "a function": (np.ones, "give an array with one row per example"),
    "sparse": (scipy.sparse.csr_matrix(X), "inputs is a SciPy sparse matrix (csr_matrix): give inputs.toarray()"),
    "a sparse array": (scipy.sparse.coo_array(X), "inputs is a SciPy sparse matrix (coo_array): give inputs.toarray()"),
    "sparse rows": ([scipy.sparse.csr_matrix(row) for row in X], "give scipy.sparse.vstack(inputs).toarray()"),
    "masked": (
        np.ma.masked_equal(X, 0.5),
        "inputs has 1 masked value: leave these examples out, or give inputs.filled",
    ),
    "masked rows in a list": ([np.ma.masked_less(row, 0.3) for row in X], "inputs has 3 masked values"),
    "complex": (X + 0j, "inputs holds complex numbers (complex128): give np.real(inputs), or both parts"),
    "one complex object": (np.array([[1.0, 1j]], object), "[0, 1] is complex, 1j"),
    "dates": (
        np.array([["2020-01-01"]], "M8[D]"),
        "inputs holds dates or times (datetime64[D]): give (inputs - inputs",
    ),
    "durations": (np.array([[3]], "m8[s]"), "give inputs / np.timedelta64(1, 'D')"),
    "date objects": ([[datetime.date(2020, 1, 2)]], "[0, 0] is the date 2020-01-02"),
    "text": ([["a", "b"]], "inputs is not an array of numbers ([0, 0] is the text 'a'): give numbers"),
    "text behind a number": ([[1.0, "b"]], "[0, 1] is the text 'b'"),
    "numbers as text": ([["1.5", "2"]], "[0, 0] is the text '1.5'): give np.asarray(inputs, dtype=float)"),
    "numbers as text among objects": (np.array([["1.5", 2]], object), "give np.asarray(inputs, dtype=float)"),
    "a header": ([["age", "size"], ["1", "2"]], "(row 0 holds names): give np.asarray(inputs[1:], dtype=float)"),
    "a missing value": ([[None, 1.0]], "[0, 0] is missing, None): remove the example or give a number"),
    "named fields": (np.array([(1, 2.0)], [("a", int), ("b", float)]), "fields a, b: give np.lib.recfunctions.struct"),
    "ragged": ([[1.0], [1.0, 2.0]], "(row 1 has 2 values and row 0 has 1): give a rectangular array"),
    "ragged objects": (np.array([[1, [2, 3]]], object), "[0, 1] is a list of 2): give a rectangular array"),
    "objects": ([[object()]], "[0, 0] is a object): give numbers"),
    "a rounded whole number": (
        [[2**24 + 1]],
        "inputs[0, 0] is 16777217, which float32 stores as 16777216: scale it first",
    ),
    "a rounded object": (
        [[10**25]],
        "inputs[0, 0] is 10000000000000000000000000, which float32 stores as 9999999562023",
    ),
    "a whole number without end": ([[10**400]], "inputs[0, 0] is a whole number of 401 digits: scale it"),
    "beyond float32": ([[1.0, 1e300]], "inputs[0, 1] is 1e+300: scale it, since float32 ends at 3.4e+38"),
    "images": (
        np.ones((3, 28, 28)),
        "inputs has shape (3, 28, 28): give a non-empty array of 2 dimensions, inputs.resha",
    ),
    "colour images": (np.ones((3, 8, 8, 3)), "2 dimensions, inputs.reshape(len(inputs), -1)"),
    "one number": (3.0, "inputs has shape (): give a non-empty array of 2 dimensions"),
    "one input": (X[:, 0], "inputs.reshape(-1, 1) for one input per example"),
    "transposed": (np.ones((5, 3)), "targets has 3 rows and inputs has 5: give one row per example, inputs.T"),
    "a tensor": (Tensor(), "inputs is a tensor that NumPy cannot read: give inputs.detach().cpu().float().numpy()"),
    "tensors": ([Tensor(), Tensor()], "give torch.stack(inputs).detach().cpu().float().numpy()"),
}


@pytest.mark.parametrize("given, message", REFUSED.values(), ids=list(REFUSED))
def test_what_would_lose_something_is_refused(given, message: str) -> None:
    with pytest.raises(wd.data.DatasetError) as caught:
        wd.data.Split(given, Y)
    assert message in str(caught.value) and "\n" not in str(caught.value)


TARGETS = {
    "text": (["a", "b", "a"], "give wd.data.one_hot(np.unique(targets, return_inverse=True)[1], 2)"),
    "a column of text": ([["a"], ["b"], ["c"]], "give wd.data.one_hot(np.unique(targets, return_inverse=True)[1], 3)"),
    "a flag": ([0, 1, 1], "for classes wd.data.one_hot(targets, 2), or targets.reshape(-1, 1) for one output"),
    "a quantity": (
        [0.1, 0.2, 0.3],
        "targets has shape (3,): give a non-empty array of 2 dimensions, targets.reshape(-1, 1)",
    ),
    "a Bunch": (load_digits(), "such as targets['target']"),
    "transposed": (np.ones((4, 3)), "targets has 4 rows and inputs has 3: give one row per example, targets.T"),
    "sparse": (scipy.sparse.csr_matrix(Y), "give targets.toarray()"),
    "masked": (np.ma.masked_equal(Y, 1), "targets has 3 masked values"),
}


@pytest.mark.parametrize("given, message", TARGETS.values(), ids=list(TARGETS))
def test_targets_are_refused_with_their_remedy(given, message: str) -> None:
    with pytest.raises(wd.data.DatasetError) as caught:
        wd.data.Split(X, given)
    assert message in str(caught.value) and "\n" not in str(caught.value)


WEIGHTS = {
    "one number": (
        0.5,
        "loss_weights has shape (): give a non-empty array of 1 dimension, np.full(len(inputs), weight)",
    ),
    "a column": (np.ones((3, 1)), "give a non-empty array of 1 dimension, loss_weights.ravel()"),
    "class weights": ({0: 1.0, 1: 2.0}, "loss_weights is a dict: give one weight per example"),
    "a word": ("balanced", "loss_weights='balanced' is text: give the numbers themselves, one row per example"),
}


@pytest.mark.parametrize("given, message", WEIGHTS.values(), ids=list(WEIGHTS))
def test_weights_are_refused_with_their_remedy(given, message: str) -> None:
    with pytest.raises(wd.data.DatasetError) as caught:
        wd.data.Split(X, Y, given)
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_tables_of_pandas() -> None:
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"a": [0.5, 1.0], "b": [3, 4]})
    for more in ({}, {"c": [True, False]}, {"c": pandas.array([1, 2], dtype="Int64")}):
        found = wd.data.Split(table.assign(**more), pandas.get_dummies(["u", "v"]))
        np.testing.assert_array_equal(found.inputs[:, :2], [[0.5, 3], [1, 4]])
        np.testing.assert_array_equal(found.targets, [[1, 0], [0, 1]])
    for column, message in (
        (["x", "y"], r"\[0, 'c'\] is the text 'x'\): give pd.get_dummies\(inputs, dtype=float\), or leave the column"),
        (["1", "2"], r"\[0, 'c'\] is the text '1'\): give np.asarray\(inputs, dtype=float\)"),
        (pandas.array([1, None], dtype="Int64"), r"\[1, 'c'\] is missing"),
        (pandas.to_datetime(["2020", "2021"]), r"\[0, 'c'\] is the date 2020"),
    ):
        with pytest.raises(wd.data.DatasetError, match=message):
            wd.data.Split(table.assign(c=column), ONE)
    with pytest.raises(wd.data.DatasetError, match=r"targets has shape \(2,\): .*wd.data.one_hot\(targets, 2\)"):
        wd.data.Split(table, pandas.Series([0, 1]))
