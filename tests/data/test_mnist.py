"""The four files together: found, checked, scaled and split; the real ones where they can be had."""

import dataclasses
import gzip
import hashlib
from pathlib import Path

import numpy as np
import pytest

from wd_jax.data import DatasetError, idx, mnist
from wd_jax.data._mnist import FILES, assemble
from wd_jax.data.idx_file import header

pytestmark = pytest.mark.numeric


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a small MNIST of the same form, and a table of files that expects it."""
    random = np.random.default_rng(0)
    for key, file in FILES.items():
        dims = (6 if key.startswith("train") else 3, *file.dims[1:])
        top = 256 if "images" in key else 10
        expected = dataclasses.replace(file, dims=dims)
        content = header(dims) + random.integers(top, size=dims, dtype=np.uint8).tobytes()
        expected = dataclasses.replace(expected, sha256=hashlib.sha256(content).hexdigest())
        (tmp_path / f"{file.name}.gz").write_bytes(gzip.compress(content))
        monkeypatch.setitem(FILES, key, expected)
    monkeypatch.setattr("wd_jax.data._mnist.TRAIN_SIZE", 4)
    return tmp_path


def test_files_are_found_with_and_without_gz(small: Path) -> None:
    zipped = mnist(small)
    for path in small.glob("*.gz"):
        path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
        path.unlink()
    assert mnist(small).sha256 == zipped.sha256


def test_the_folder_may_come_from_the_environment(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WD_JAX_DATA", str(small))
    assert mnist().n == 4


def test_splits_are_the_files_in_order(small: Path) -> None:
    data = mnist(small)
    assert [len(split) for split in (data.train, data.validation, data.test)] == [4, 2, 3]
    raw = gzip.decompress((small / "train-images-idx3-ubyte.gz").read_bytes())[16:]
    pixels = np.frombuffer(raw, np.uint8).reshape(6, 784) / 256
    np.testing.assert_array_equal(data.train.inputs, pixels[:4].astype(np.float32))
    np.testing.assert_array_equal(data.validation.inputs, pixels[4:].astype(np.float32))


def test_one_bad_file_fails_the_whole_and_is_named(small: Path) -> None:
    path = small / "t10k-labels-idx1-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DatasetError, match=r"t10k-labels-idx1-ubyte\.gz: gzip check failed"):
        mnist(small)


def test_a_missing_file_is_named_with_the_remedy(small: Path) -> None:
    (small / "train-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DatasetError, match=r"train-labels-idx1-ubyte: missing.*put it there, or call"):
        mnist(small)


def rewrite(path: Path, change) -> None:
    """Change the content of a gzipped file, so that it is whole again."""
    path.write_bytes(gzip.compress(change(bytearray(gzip.decompress(path.read_bytes())))))


def other_pixel(content: bytearray) -> bytearray:
    content[20] ^= 1
    return content


def permuted(content: bytearray) -> bytearray:
    head = 4 + 4 * content[3]
    return content[:head] + content[head:][::-1]


def test_whole_files_of_other_content_are_not_called_damaged(small: Path) -> None:
    """Fashion-MNIST and KMNIST have MNIST's names, dimensions and types."""
    for path in small.glob("*.gz"):
        rewrite(path, permuted)
    with pytest.raises(DatasetError) as caught:
        mnist(small)
    message = str(caught.value)
    assert message.startswith(f"{small}: whole IDX files, but not MNIST's")
    assert f"wd.data.idx({str(small)!r})" in message and f"--dataset idx:{small}" in message
    assert "damaged" not in message and "\n" not in message


def test_files_of_other_dimensions_are_another_data_set_too(tmp_path: Path, write_idx) -> None:
    write_idx(tmp_path)
    with pytest.raises(
        DatasetError, match=r"not MNIST's \(train-images-idx3-ubyte: dimensions \(24, 4, 3\).*wd\.data\.idx"
    ):
        mnist(tmp_path)


def test_one_file_that_differs_beside_three_that_do_not_is_damaged(small: Path) -> None:
    path = small / "train-images-idx3-ubyte.gz"
    rewrite(path, other_pixel)
    with pytest.raises(DatasetError, match=r"3 of the four files are MNIST's; it is damaged.*download=True"):
        mnist(small)


def test_a_file_under_anothers_name_is_told(small: Path) -> None:
    (small / "t10k-images-idx3-ubyte.gz").write_bytes((small / "train-images-idx3-ubyte.gz").read_bytes())
    with pytest.raises(DatasetError, match=r"it is MNIST's train-images-idx3-ubyte\): give the files their own names"):
        mnist(small)


def test_dotted_names_are_found(small: Path) -> None:
    before = mnist(small).sha256
    for path in small.glob("*.gz"):
        path.rename(small / path.name.replace("-idx", ".idx"))
    assert mnist(small).sha256 == before


def test_other_idx_files_in_the_folder_are_named(tmp_path: Path, write_idx) -> None:
    write_idx(tmp_path, prefix="emnist-letters-")
    with pytest.raises(
        DatasetError, match=r"train-images-idx3-ubyte: missing.*holds 'emnist-letters': that is for wd.data.idx"
    ):
        mnist(tmp_path)


def test_files_in_a_folder_inside_are_pointed_to(small: Path) -> None:
    """torchvision keeps them in MNIST/raw."""
    raw = small / "raw"
    raw.mkdir()
    for path in small.glob("*.gz"):
        path.rename(raw / path.name)
    with pytest.raises(DatasetError, match=f"missing.*there are IDX files in {raw}, if you meant that"):
        mnist(small)
    assert mnist(raw).n == 4


def test_a_folder_called_like_a_file_is_refused(small: Path) -> None:
    (small / "train-labels-idx1-ubyte").mkdir()
    assert mnist(small).n == 4  # beside the file it does not matter: Kaggle's archive has both
    (small / "train-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DatasetError, match="it is a directory where a file is expected"):
        mnist(small)


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda folder: folder / "absent", "no such folder"),
        (lambda folder: folder / "t10k-labels-idx1-ubyte.gz", "this is a file"),
    ],
    ids=["absent", "file"],
)
def test_what_is_not_a_folder_is_refused(small: Path, make, message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        mnist(make(small))


def test_no_folder_at_all_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WD_JAX_DATA", raising=False)
    with pytest.raises(DatasetError, match="WD_JAX_DATA is not set: name the folder"):
        mnist()


def test_a_folder_and_a_download_exclude_each_other(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="give one or the other"):
        mnist(tmp_path, download=True)


def test_no_float64_copy_is_made() -> None:
    arrays = {
        f"{part} {kind}": np.ones((5, 2, 2) if kind == "images" else 5, np.uint8)
        for part in ("train", "test")
        for kind in ("images", "labels")
    }
    data = assemble(arrays, 3)
    assert {split.inputs.dtype for split in (data.train, data.validation, data.test)} == {np.dtype(np.float32)}


@pytest.mark.mnist
def test_the_real_files(mnist_folder: Path) -> None:
    data = mnist(mnist_folder)
    assert (data.n, data.n_in, data.n_out) == (50_000, 784, 10)
    assert (len(data.validation), len(data.test)) == (10_000, 10_000)
    assert data.train.inputs.max() == np.float32(255 / 256)
    assert int(data.dead_inputs.sum()) == 67  # RELIABILITY 4.1
    # The first training digit is a 5, and every class is there about equally often.
    assert data.train.targets[0].argmax() == 5
    assert 0.08 < data.train.targets.mean(axis=0).min() < data.train.targets.mean(axis=0).max() < 0.12
    assert idx(mnist_folder).sha256 == data.sha256
    assert data.sha256 == "f1549a664701c08c403bd93ece1fdebea5d3be3b76cce538849fe7396c240563"
