"""A data set kept in a store comes back the same, or is refused."""

import warnings
from functools import partial

import numpy as np
import pytest

import wd_jax as wd
from wd_jax.data import Dataset, Split
from wd_jax.sweeps.store import data_file
from wd_jax.sweeps.store.chunk_file import CorruptChunk

ARRAYS = ("inputs", "targets", "loss_weights")


def declared() -> Dataset:
    random = np.random.default_rng(3)

    def split(size: int) -> Split:
        return Split(random.integers(0, 5, (size, 4)), random.integers(0, 5, (size, 4)), classes=5, tokens=5)

    return Dataset("a text", split(7), split(3), split(2))


def real() -> Dataset:
    random = np.random.default_rng(4)
    return Dataset(
        "sizes", *(Split(random.normal(size=(n, 3)), random.normal(size=n)[:, None], real=True) for n in (5, 2, 2))
    )


@pytest.mark.parametrize("make", [declared, real, partial(wd.data.load, "teacher"), wd.data.digits])
def test_it_comes_back_the_same(make, tmp_path):
    data = make()
    data_file.write(tmp_path, data)
    back = data_file.read(tmp_path, data.sha256)
    assert (back.name, back.sha256, back.target_kind, back.train.declared) == (
        data.name,
        data.sha256,
        data.target_kind,
        data.train.declared,
    )
    for split in ("train", "validation", "test"):
        for name in ARRAYS:
            one, other = getattr(getattr(data, split), name), getattr(getattr(back, split), name)
            assert one.dtype == other.dtype and one.tobytes() == other.tobytes()
            assert not other.flags.writeable


def test_what_was_warned_of_once_is_not_said_again(tmp_path):
    with pytest.warns(UserWarning, match="inputs lie between"):
        data = Dataset("large", *(Split(np.full((n, 2), 200.0), np.eye(2)[[0] * n]) for n in (4, 2, 2)))
    data_file.write(tmp_path, data)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert data_file.read(tmp_path, data.sha256).sha256 == data.sha256


def test_a_damaged_file_is_refused_and_written_anew(tmp_path, tiny):
    file = data_file.write(tmp_path, tiny)
    whole = file.read_bytes()
    file.write_bytes(whole[:900] + bytes([whole[900] ^ 1]) + whole[901:])
    with pytest.raises(CorruptChunk, match="damaged"):
        data_file.read(tmp_path, tiny.sha256)
    data_file.write(tmp_path, tiny)
    assert file.read_bytes() == whole
    assert not any((tmp_path / "tmp").iterdir())


def test_a_file_under_another_name_is_refused(tmp_path, tiny):
    file = data_file.write(tmp_path, tiny)
    other = "0" * 64
    file.rename(data_file.path(tmp_path, other))
    with pytest.raises(CorruptChunk, match="another data set"):
        data_file.read(tmp_path, other)


def test_a_missing_one_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError):
        data_file.read(tmp_path, "0" * 64)
