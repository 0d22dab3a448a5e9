"""Arrays from an .npz file: which keys are meant, labels of any kind, and nothing that could hurt is read."""

import io
import os
import tracemalloc
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest

from wd_jax.data import DatasetError, npz

pytestmark = pytest.mark.numeric
RANDOM = np.random.default_rng(0)
X, Y = RANDOM.normal(size=(30, 4)), np.arange(30) % 3
IMAGES = RANDOM.integers(256, size=(30, 5, 4), dtype=np.uint8)


def save(folder: Path, **arrays) -> Path:
    np.savez(folder / "own.npz", **arrays)
    return folder / "own.npz"


KEYS = {
    "keras": "x_train y_train x_test y_test",
    "capital": "X_train y_train X_test y_test",
    "backwards": "train_x train_y test_x test_y",
    "words": "train_inputs train_targets test_inputs test_targets",
    "MedMNIST": "train_images train_labels test_images test_labels",
    "no separator": "xtrain ytrain xtest ytest",
}


@pytest.mark.parametrize("keys", KEYS.values(), ids=KEYS.keys())
def test_the_usual_keys_are_known(tmp_path: Path, keys: str) -> None:
    data = npz(save(tmp_path, **dict(zip(keys.split(), (X, Y, X[:7], Y[:7]), strict=True)), note=np.array("mine")))
    np.testing.assert_array_equal(data.train.inputs, X[:25].astype(np.float32))
    np.testing.assert_array_equal(data.validation.inputs, X[25:].astype(np.float32))
    np.testing.assert_array_equal(data.test.targets, np.eye(3)[Y[:7]])
    assert data.name == "npz:own"


def test_a_validation_set_is_taken_as_it_is(tmp_path: Path) -> None:
    data = npz(save(tmp_path, x_train=X, y_train=Y, x_val=X[:5], y_val=Y[:5], x_test=X[:7], y_test=Y[:7]))
    assert [len(part) for part in (data.train, data.validation, data.test)] == [30, 5, 7]


@pytest.mark.parametrize("keys", ["X y", "x y", "inputs targets", "data target", "images labels", "features label"])
def test_one_pair_is_shuffled_and_cut_the_same_way_each_time(tmp_path: Path, keys: str) -> None:
    path = save(tmp_path, **dict(zip(keys.split(), (X, Y), strict=True)))
    data = npz(path)
    assert [len(part) for part in (data.train, data.validation, data.test)] == [20, 5, 5]
    order = np.argsort(np.random.PCG64(2015).random_raw(30), kind="stable")  # as digits
    np.testing.assert_array_equal(data.train.inputs, X[order[:20]].astype(np.float32))
    np.testing.assert_array_equal(data.test.targets, np.eye(3)[Y[order[25:]]])
    assert npz(path).sha256 == data.sha256


def test_images_are_flattened_and_pixels_divided_with_a_word(tmp_path: Path) -> None:
    for images in (IMAGES, IMAGES.astype(np.int64), IMAGES.astype(np.float32)):
        with pytest.warns(UserWarning, match="pixels of 0 to 255, so they were divided by 256"):
            data = npz(save(tmp_path, x_train=images, y_train=Y, x_test=images[:6], y_test=Y[:6]))
        np.testing.assert_array_equal(data.train.inputs, IMAGES[:25].reshape(25, 20) / np.float32(256))


@pytest.mark.parametrize(
    "inputs",
    [IMAGES / 255, IMAGES // 255, IMAGES.astype(float) + 0.5, IMAGES.astype(np.int64) - 1, IMAGES.astype(np.int64) * 2],
    ids=["scaled", "black and white", "fractions", "below 0", "above 255"],
)
def test_what_are_no_pixels_is_left_as_it_is(tmp_path: Path, inputs: np.ndarray) -> None:
    inputs[0, 0, 0] = inputs.min()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="(?!.*divided by 256)")  # a Dataset may have its own word on a range
        data = npz(save(tmp_path, x_train=inputs, y_train=Y, x_test=inputs[:6], y_test=Y[:6]))
    np.testing.assert_array_equal(data.train.inputs, inputs[:25].reshape(25, 20).astype(np.float32))


LABELS = {
    "columns": (Y[:, None], 3),
    "whole floats": (Y.astype(float), 3),
    "from 1": (Y + 1, 3),
    "-1 and 1": (np.where(Y == 0, -1, 1), 2),
    "booleans": (Y == 0, 2),
    "text": (np.array(["cat", "dog", "eel"])[Y], 3),
    "bytes": (np.array([b"cat", b"dog", b"eel"])[Y], 3),
    "text of numbers": (np.array(["10", "9", "8"])[Y], 3),
    "one-hot": (np.eye(3)[Y], 3),
}


@pytest.mark.parametrize("labels, classes", LABELS.values(), ids=LABELS.keys())
def test_labels_become_one_hot_rows_in_ascending_order(tmp_path: Path, labels: np.ndarray, classes: int) -> None:
    data = npz(save(tmp_path, x_train=X, y_train=labels, x_test=X, y_test=labels))
    assert data.n_out == classes
    if labels.ndim == 2 and labels.shape[1] > 1:
        expected = labels
    else:
        numbers = labels.ravel().astype(float) if labels.dtype.kind not in "SU" or labels[0] == "10" else labels.ravel()
        expected = np.array([[value == one for one in sorted(set(numbers.tolist()))] for value in numbers.tolist()])
    np.testing.assert_array_equal(data.test.targets, expected)


class Trap:
    """Notes when it is unpickled; what a hostile file would do instead, it does not."""

    unpickled = False

    def __reduce__(self) -> tuple:
        return setattr, (Trap, "unpickled", True)


MISTAKES = {
    "other keys": ({"a": X, "b": Y}, r"its keys are 'a', 'b': name the arrays X and y, or x_train, y_train, x_test"),
    "K49's key": ({"arr_0": X}, "its keys are 'arr_0'"),
    "no test set": ({"x_train": X, "y_train": Y}, "its keys are 'x_train', 'y_train': name the arrays"),
    "no labels": ({"x_train": X, "x_test": X}, "its keys are 'x_train', 'x_test'"),
    "both forms": ({"X": X, "y": Y, "x_train": X, "y_train": Y, "x_test": X, "y_test": Y}, "its keys are"),
    "two of a role": ({"x": X, "inputs": X, "y": Y}, "'x' and 'inputs' may both be meant: keep one"),
    "rows that differ": ({"X": X, "y": Y[:-1]}, r"y has shape \(29,\) and X \(30, 4\)"),
    "flat inputs": ({"X": X[:, 0], "y": Y}, r"X has shape \(30,\)"),
    "no rows": ({"X": X[:0], "y": Y[:0]}, r"X has shape \(0, 4\)"),
    "text inputs": ({"X": X.astype(str), "y": Y}, "dtype <U32: give numbers"),
    "complex inputs": ({"X": X + 1j, "y": Y}, "dtype complex128 where numbers"),
    "dates": ({"X": X, "y": Y.astype("M8[s]")}, "where numbers are expected"),
    "targets that are no classes": ({"X": X, "y": X[:, 0]}, r"label .* is no class: give whole numbers or words; for"),
    "labels that count": ({"X": X, "y": np.arange(30)}, "30 different labels in 30 rows are no classes"),
    "a label that is missing": ({"X": X, "y": np.where(Y == 1, np.nan, Y)}, "label nan at index 1"),
    "a word that is missing": ({"X": X, "y": np.array(["a", "b", ""])[Y]}, r"label at index 2 is missing \(''\)"),
    "one class": ({"X": X, "y": Y * 0}, "every label is 0"),
    "a value that is not finite": ({"X": np.where(X == X[3, 2], np.nan, X), "y": Y}, r"X\[3, 2\] is nan"),
    "a value too large": ({"X": np.where(X == X[3, 2], 1e300, X), "y": Y}, r"X\[3, 2\] is 1e\+300"),
    "inputs that differ": (
        {"x_train": X, "y_train": Y, "x_test": X[:, :3], "y_test": Y},
        r"shape \(3,\) and of \(4,\)",
    ),
    "labels that differ": (
        {"x_train": X, "y_train": Y, "x_test": X, "y_test": Y.astype(str)[:, None] + np.array(["a"])},
        "labels in another form",
    ),
    "a new class in the test": (
        {"x_train": X, "y_train": Y, "x_test": X, "y_test": Y + 1},
        "label 3 at index 2 is not",
    ),
    "two rows": ({"X": X[:2], "y": Y[:2]}, r"2 row\(s\) cannot be split"),
}


@pytest.mark.parametrize("arrays, message", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_one_line_that_names_the_file(tmp_path: Path, arrays: dict, message: str) -> None:
    path = save(tmp_path, **arrays)
    with pytest.raises(DatasetError, match=message) as caught:
        npz(path)
    assert str(caught.value).startswith(f"{path}: ") and "\n" not in str(caught.value)


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    path = save(tmp_path, X=np.array([Trap()] * 6, dtype=object), y=np.arange(6))
    with pytest.raises(DatasetError, match=r"X check failed .*only pickle could read"):
        npz(path)
    assert not Trap.unpickled


def npy(array: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


def archive(folder: Path, members: dict[str, bytes]) -> Path:
    path = folder / "made.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in members.items():
            out.writestr(name, content)
    return path


def test_headers_that_state_too_much_are_refused_before_memory_is_taken(tmp_path: Path) -> None:
    honest = npy(np.zeros((4, 4)))
    for shape, message in (("(9999999, 4)", "which is not what the file holds"), ("(99999999999, 4)", "at most")):
        old = b"(4, 4), }" + b" " * 20
        assert honest.count(old) == 1
        lie = honest.replace(old, f"{shape}, }}".encode().ljust(len(old)))
        tracemalloc.start()
        with pytest.raises(DatasetError, match=message):
            npz(archive(tmp_path, {"X.npy": lie, "y.npy": npy(np.arange(4))}))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 3_000_000


def test_zeros_that_deflate_to_nothing_are_refused_by_their_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wd_jax.data.npz_arrays.MOST_BYTES", 1_000_000)  # in place of 4 GiB
    path = archive(tmp_path, {"X.npy": npy(np.zeros((1000, 1000))), "y.npy": npy(np.arange(1000) % 2)})
    tracemalloc.start()
    with pytest.raises(
        DatasetError, match=r"its arrays state more than the 1000000 bytes that are read\): give fewer rows"
    ):
        npz(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000


FILES = {
    "empty": (b"", "no .npz file"),
    "a .npy file": (npy(X), "one .npy array"),
    "text": (b"1,2,3\n", "no .npz file"),
    "a web page": (b"<html>", "a web page"),
    "a zip cut short": (b"PK\x03\x04" + bytes(20), "zip check failed"),
}


@pytest.mark.parametrize("content, message", FILES.values(), ids=FILES.keys())
def test_another_file_is_told(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "x.npz").write_bytes(content)
    with pytest.raises(DatasetError, match=message):
        npz(tmp_path / "x.npz")


def test_any_flipped_byte_gives_data_or_a_data_set_error(tmp_path: Path) -> None:
    path = tmp_path / "own.npz"
    np.savez_compressed(path, X=np.eye(12), y=Y[:12])
    whole = path.read_bytes()
    for index in range(0, len(whole), 3):
        path.write_bytes(whole[:index] + bytes([whole[index] ^ 0xFF]) + whole[index + 1 :])
        try:
            npz(path)
        except DatasetError as error:
            assert "\n" not in str(error)


def test_a_key_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path, {"X.npy": npy(X), "y.npy": npy(Y)})
    with zipfile.ZipFile(path, "a") as out, pytest.warns(UserWarning, match="Duplicate name"):
        out.writestr("y.npy", npy(Y))
    with pytest.raises(DatasetError, match=r"'y'.*(keep one|twice)"):
        npz(path)


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no such file"):
        npz(tmp_path / "absent.npz")
    with pytest.raises(DatasetError, match="it is a directory"):
        npz(tmp_path)
    os.mkfifo(tmp_path / "pipe.npz")
    with pytest.raises(DatasetError, match="not a regular file"):
        npz(tmp_path / "pipe.npz")
