"""Four IDX files of any of MNIST's relatives: found, paired, split and named; what does not belong together is told."""

import os
from pathlib import Path

import numpy as np
import pytest

from wd_jax.data import DatasetError, idx

pytestmark = pytest.mark.numeric
FORMS = {
    "MNIST's names": {},
    "gzipped": {"zipped": True},
    "dotted": {"dotted": True},
    "dotted, gzipped": {"dotted": True, "zipped": True},
    "EMNIST's names": {"prefix": "emnist-letters-", "test_name": "test"},
    "underscores": {"prefix": "my_set_"},
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_the_files_are_found_scaled_and_split(tmp_path: Path, write_idx, form: dict) -> None:
    made = write_idx(tmp_path / "fashion", **form)
    data = idx(tmp_path / "fashion")
    pixels = {part: made[f"{part} images"].reshape(-1, 12) / 256 for part in ("train", "test")}
    np.testing.assert_array_equal(data.train.inputs, pixels["train"][:20])
    np.testing.assert_array_equal(data.validation.inputs, pixels["train"][20:])  # 24 // 6 = 4
    np.testing.assert_array_equal(data.test.inputs, pixels["test"])
    np.testing.assert_array_equal(data.train.targets, np.eye(3)[made["train labels"][:20]])
    assert data.name == "idx:" + (form.get("prefix", "").rstrip("-_") or "fashion")


def test_labels_need_not_start_at_0(tmp_path: Path, write_idx) -> None:
    """EMNIST letters are 1 to 26."""
    made = write_idx(tmp_path, first_label=1, classes=26, train=26 * 3, test=26)
    data = idx(tmp_path)
    assert data.n_out == 26
    np.testing.assert_array_equal(data.test.targets.argmax(axis=1) + 1, made["test labels"])
    write_idx(
        tmp_path, **{"train labels": np.array([7, 200] * 12, np.uint8), "test labels": np.array([200] * 6, np.uint8)}
    )
    np.testing.assert_array_equal(idx(tmp_path).test.targets, [[0, 1]] * 6)


@pytest.mark.parametrize("strange", [0, 2, 27])
def test_a_test_label_that_training_has_not_is_refused(tmp_path: Path, write_idx, strange: int) -> None:
    labels = np.array([1, 3, 4, strange, 1, 3], np.uint8)
    write_idx(tmp_path, **{"train labels": np.array([1, 3, 4, 5] * 6, np.uint8), "test labels": labels})
    with pytest.raises(DatasetError, match=f"label {strange} at index 3 is not among the 4 classes 1 to 5"):
        idx(tmp_path)


def test_validation_may_be_chosen(tmp_path: Path, write_idx) -> None:
    write_idx(tmp_path)
    assert [len(part) for part in (idx(tmp_path, validation=9).train, idx(tmp_path, validation=9).validation)] == [
        15,
        9,
    ]


@pytest.mark.parametrize("validation", [0, -1, 24, 25, 2.0, True, "4"])
def test_a_validation_split_that_leaves_nothing_is_refused(tmp_path: Path, write_idx, validation) -> None:
    write_idx(tmp_path)
    with pytest.raises(DatasetError, match=r"validation=.*: give a whole number of at least 1 and below the 24"):
        idx(tmp_path, validation=validation)


def test_files_sorted_by_class_are_shuffled_with_a_word(tmp_path: Path, write_idx) -> None:
    made = write_idx(tmp_path, **{"train labels": np.repeat([0, 1, 2], 8).astype(np.uint8)})
    with pytest.warns(UserWarning, match="the rows come class by class, so they were shuffled"):
        data = idx(tmp_path)
    rows = np.concatenate([data.train.inputs, data.validation.inputs])
    labels = np.concatenate([data.train.targets, data.validation.targets]).argmax(axis=1)
    expected = made["train images"].reshape(24, 12) / 256
    for row, label in zip(rows, labels, strict=True):  # each image keeps its label
        [place] = np.flatnonzero((expected == row).all(axis=1))
        assert made["train labels"][place] == label
    with pytest.warns(UserWarning):
        assert idx(tmp_path).sha256 == data.sha256


def test_a_class_without_a_training_row_is_refused(tmp_path: Path, write_idx) -> None:
    labels = np.array([0, 1] * 11 + [2, 0], np.uint8)
    write_idx(tmp_path, **{"train labels": labels})
    with pytest.raises(DatasetError, match="class 2 has no row among the 20 to train on"):
        idx(tmp_path)


def test_one_class_is_refused(tmp_path: Path, write_idx) -> None:
    write_idx(tmp_path, **{"train labels": np.full(24, 4, np.uint8)})
    with pytest.raises(DatasetError, match="every label is 4: give labels of at least two classes"):
        idx(tmp_path)


def test_several_data_sets_in_one_folder_are_asked_about(tmp_path: Path, write_idx) -> None:
    write_idx(tmp_path, prefix="emnist-digits-", test_name="test", classes=2)
    write_idx(tmp_path, prefix="emnist-letters-", test_name="test", classes=4)
    with pytest.raises(DatasetError) as caught:
        idx(tmp_path)
    message = str(caught.value)
    assert "several data sets, with the prefixes 'emnist-digits', 'emnist-letters'" in message
    assert f"--dataset idx:{tmp_path}/emnist-letters" in message and "prefix='emnist-letters'" in message
    assert idx(tmp_path, prefix="emnist-digits").n_out == 2
    assert idx(tmp_path, prefix="emnist-letters-").n_out == 4
    assert idx(tmp_path, prefix="emnist-letters").name == "idx:emnist-letters"
    write_idx(tmp_path, classes=3)
    assert idx(tmp_path, prefix="").n_out == 3


@pytest.mark.parametrize("prefix", ["letters", "../other/emnist", "emnist-letters-train", "*"])
def test_a_prefix_that_is_not_there_is_refused(tmp_path: Path, write_idx, prefix: str) -> None:
    write_idx(tmp_path / "here", prefix="emnist-letters-")
    write_idx(tmp_path / "other", prefix="emnist-")
    with pytest.raises(DatasetError, match=r"no IDX files in .* begin with it: give one of 'emnist-letters'"):
        idx(tmp_path / "here", prefix=prefix)


def test_what_is_missing_is_named(tmp_path: Path, write_idx) -> None:
    write_idx(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(DatasetError, match=r"the test labels are missing.*put t10k-labels-idx1-ubyte there"):
        idx(tmp_path)
    (tmp_path / "train-labels-idx1-ubyte").unlink()
    with pytest.raises(DatasetError, match="put train-labels-idx1-ubyte and t10k-labels-idx1-ubyte there"):
        idx(tmp_path)


@pytest.mark.parametrize(
    "part, count, message",
    [("train", 10, "24 images, but 10 labels in train-labels"), ("test", 7, "6 images, but 7 labels in t10k-labels")],
)
def test_numbers_that_differ_are_told(tmp_path: Path, write_idx, part: str, count: int, message: str) -> None:
    write_idx(tmp_path, **{f"{part} labels": (np.arange(count) % 3).astype(np.uint8)})
    with pytest.raises(DatasetError, match=message):
        idx(tmp_path)


def test_images_of_another_size_are_told(tmp_path: Path, write_idx) -> None:
    write_idx(tmp_path, **{"test images": np.zeros((6, 3, 4), np.uint8)})
    with pytest.raises(DatasetError, match=r"images of \(3, 4\) pixels where the training images have \(4, 3\)"):
        idx(tmp_path)


def test_colours_and_rows_are_images_too(tmp_path: Path, write_idx) -> None:
    random = np.random.default_rng(1)
    for shape in ((5,), (2, 2, 3)):
        images = {
            f"{part} images": random.integers(256, size=(count, *shape), dtype=np.uint8)
            for part, count in (("train", 24), ("test", 6))
        }
        write_idx(tmp_path, **images)
        assert idx(tmp_path).n_in == np.prod(shape)


def test_a_damaged_file_is_still_damaged(tmp_path: Path, write_idx) -> None:
    write_idx(tmp_path, zipped=True)
    path = tmp_path / "train-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(DatasetError, match=r"train-images-idx3-ubyte\.gz: gzip check failed.*download it again"):
        idx(tmp_path)


def test_swapped_files_are_told(tmp_path: Path, write_idx) -> None:
    write_idx(tmp_path)
    images, labels = tmp_path / "train-images-idx3-ubyte", tmp_path / "train-labels-idx1-ubyte"
    images.rename(tmp_path / "aside")
    labels.rename(images)
    (tmp_path / "aside").rename(labels)
    with pytest.raises(DatasetError, match=r"it holds labels where images are expected.*exchange the names"):
        idx(tmp_path)


def test_a_wrong_folder_says_where_the_files_are(tmp_path: Path, write_idx) -> None:
    """torchvision keeps them in FashionMNIST/raw."""
    write_idx(tmp_path / "FashionMNIST" / "raw")
    with pytest.raises(
        DatasetError, match=r"no IDX files with names such as .*: they are in .*FashionMNIST/raw, give that"
    ):
        idx(tmp_path / "FashionMNIST")
    assert idx(tmp_path / "FashionMNIST" / "raw").name == "idx:FashionMNIST"
    with pytest.raises(DatasetError, match="name the folder that holds them"):
        idx(tmp_path)
    with pytest.raises(DatasetError, match="no such folder"):
        idx(tmp_path / "absent")
    with pytest.raises(DatasetError, match="this is a file"):
        idx(tmp_path / "FashionMNIST" / "raw" / "t10k-labels-idx1-ubyte")
    with pytest.raises(DatasetError, match=r"no such folder|null byte"):
        idx("a\0b")


def test_two_test_sets_are_asked_about(tmp_path: Path, write_idx) -> None:
    write_idx(tmp_path)
    write_idx(tmp_path, test_name="test")
    with pytest.raises(DatasetError, match="keep the one that is the test set"):
        idx(tmp_path)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path, write_idx) -> None:
    write_idx(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte").unlink()
    os.mkfifo(tmp_path / "t10k-labels-idx1-ubyte")
    with pytest.raises(DatasetError, match="it is not a regular file"):
        idx(tmp_path)


def test_the_name_can_be_printed_anywhere(tmp_path: Path, write_idx) -> None:
    folder = tmp_path / "[x](javascript:1) \x1b[31m données"
    write_idx(folder)
    assert idx(folder).name == "idx:x-javascript-1-31m-donnees"
