"""One word for a data set: each form is told apart, and what names none is one line."""

from pathlib import Path

import numpy as np
import pytest

from wd_jax.data import DatasetError, csv, digits, idx, load, mnist, npz, teacher

pytestmark = pytest.mark.numeric


def test_names_are_what_they_name() -> None:
    assert load("digits").sha256 == digits().sha256
    assert load("teacher").sha256 == teacher(0).sha256
    assert load("null").name == "null"


def test_files_and_folders_are_told_by_their_form(tmp_path: Path, write_idx, monkeypatch: pytest.MonkeyPatch) -> None:
    write_idx(tmp_path / "fashion")
    write_idx(tmp_path / "emnist", prefix="emnist-letters-", classes=4)
    write_idx(tmp_path / "emnist", prefix="emnist-digits-", classes=2)
    np.savez(tmp_path / "own.npz", X=np.eye(12), y=np.arange(12) % 2)
    (tmp_path / "own.csv").write_text("1.5,a\n2.5,b\n" * 6)
    (tmp_path / "own.tsv").write_text("1.5\ta\n2.5\tb\n" * 6)
    (tmp_path / "own.data").write_text("1.5\ta\n2.5\tb\n" * 6)
    assert load(f"idx:{tmp_path}/fashion").name == "idx:fashion"
    assert load(f"idx:{tmp_path}/emnist/emnist-letters").n_out == 4
    assert load(f"idx:{tmp_path}/emnist/emnist-digits-").n_out == 2
    assert load(f"{tmp_path}/own.npz").name == load(f"npz:{tmp_path}/own.npz").name == "npz:own"
    assert (
        load(tmp_path / "own.csv").sha256
        == load(f"csv:{tmp_path}/own.data").sha256
        == load(tmp_path / "own.tsv").sha256
    )
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load("idx:~/fashion").name == "idx:fashion"  # no shell expands ~ after a colon
    with pytest.raises(DatasetError, match="not MNIST's"):
        load(f"mnist:{tmp_path}/fashion")


@pytest.mark.parametrize(
    "spec, message",
    [
        ("cifar10", "'cifar10': no such data set: give one of digits, mnist, teacher, null, idx:FOLDER"),
        ("", "'': no such data set"),
        ("idx:", "names no folder: give idx:FOLDER"),
        ("idx", "names no folder: give idx:FOLDER"),
        ("npz:", "names no file: give npz:FILE"),
        ("IDX:here", "no such data set"),
        ("model.pt", "no such data set"),
        ("data.csv.gz", "not a form that is read"),
        ("a\0b", "no such data set"),
        ("a" * 5000, "no such data set|too long"),
        ("~nobody-of-that-name/x", "no such data set"),
        (None, "a NoneType names no data set"),
        (np.eye(2), "a ndarray names no data set"),
    ],
)
def test_what_names_no_data_set_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spec, message: str) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DatasetError, match=message) as caught:
        load(spec)
    assert "\n" not in str(caught.value)


def test_a_folder_and_another_file_are_told_how_to_be_given(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=f"is a folder: if it holds IDX files, give idx:{tmp_path}"):
        load(tmp_path)
    (tmp_path / "x.pkl").write_bytes(b"")
    with pytest.raises(DatasetError, match=r"not a form that is read: save it as FILE.npz or FILE.csv"):
        load(tmp_path / "x.pkl")


@pytest.mark.parametrize("read", [csv, idx, mnist, npz])
@pytest.mark.parametrize("value", [np.eye(2), 3, b"x.csv", [1]], ids=["array", "number", "bytes", "list"])
def test_what_is_no_path_is_told(read, value) -> None:
    with pytest.raises(DatasetError, match=f"a {type(value).__name__} where a path is expected"):
        read(value)


def test_a_prefix_that_is_no_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="prefix=3: give text"):
        idx(tmp_path, prefix=3)
