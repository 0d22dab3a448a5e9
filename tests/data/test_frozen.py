"""What a data set holds cannot change under it: neither by the caller's array nor by what it hands back."""

import copy
import dataclasses
import pickle
import tracemalloc

import numpy as np
import pytest

import wd_jax as wd
from wd_jax.data.arrays import cut
from wd_jax.data.dataset import adopt

pytestmark = pytest.mark.numeric
ARRAYS = ("inputs", "targets", "loss_weights")
SPLITS = ("train", "validation", "test")


def arrays(dtype: str = "float32") -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    targets = random.integers(2, size=(30, 1)).astype(dtype)
    return {"inputs": random.random((30, 4)).astype(dtype), "targets": targets, "loss_weights": np.ones(30, dtype)}


def change(array: np.ndarray) -> None:
    array[...] = 0.25


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ARRAYS)
def test_a_change_of_the_callers_array_changes_nothing(name: str, dtype: str) -> None:
    given = arrays(dtype)
    split = wd.data.Split(**given)
    data = wd.data.Dataset("mine", split, split, split)
    before, digest = getattr(split, name).copy(), data.sha256
    change(given[name])  # the caller's own array is still the caller's
    np.testing.assert_array_equal(getattr(split, name), before)
    again = wd.data.Dataset("mine", split, split, split)
    assert again.sha256 == digest


@pytest.mark.parametrize("view", [lambda a: a[:], lambda a: a.T.copy().T, np.asfortranarray, lambda a: a[::1].view()])
def test_views_and_read_only_arrays_of_the_caller_are_copied_too(view) -> None:
    owner = arrays()["inputs"]
    given = view(owner)
    given.flags.writeable = False
    split = wd.data.Split(given, arrays()["targets"])
    assert not np.shares_memory(split.inputs, owner) and not np.shares_memory(split.inputs, given)


def test_cutting_copies_each_part() -> None:
    given = arrays()
    data = cut("mine", given["inputs"], given["targets"], (20, 5, 5))
    digest = dataclasses.replace(data).sha256
    change(given["inputs"])
    assert dataclasses.replace(data).sha256 == digest


MAKE = {
    "Split": lambda data: data,
    "cut": lambda data: cut("mine", arrays()["inputs"], arrays()["targets"], (20, 5, 5)),
    "null(like)": wd.data.null,
    "null": lambda data: wd.data.null(),
    "digits": lambda data: wd.data.digits(),
    "teacher": lambda data: wd.data.teacher(0),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda data: pickle.loads(pickle.dumps(data)),
    "replaced weights": lambda data: dataclasses.replace(
        data, train=dataclasses.replace(data.train, loss_weights=np.zeros(30))
    ),
}


@pytest.mark.parametrize("make", MAKE.values(), ids=list(MAKE))
def test_what_is_handed_back_is_read_only(make) -> None:
    split = wd.data.Split(**arrays())
    data = make(wd.data.Dataset("mine", split, split, split))
    handed = [getattr(getattr(data, part), name) for part in SPLITS for name in ARRAYS]
    for array in [*handed, data.dead_inputs]:
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    for array in handed:
        with pytest.raises(ValueError, match="WRITEABLE"):
            array.flags.writeable = True


def test_a_copy_has_the_same_content() -> None:
    split = wd.data.Split(**arrays())
    data = wd.data.Dataset("mine", split, split, split)
    for other in (copy.deepcopy(data), pickle.loads(pickle.dumps(data))):
        assert dataclasses.replace(other).sha256 == data.sha256


def test_the_librarys_own_arrays_are_not_copied() -> None:
    given = arrays()
    split = adopt(**given)
    assert all(np.shares_memory(getattr(split, name), given[name]) for name in ARRAYS)
    assert not given["inputs"].flags.writeable
    data = wd.data.digits()
    assert np.shares_memory(wd.data.null(data).train.inputs, data.train.inputs)


@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8"])
def test_at_most_one_copy_is_made(dtype: str) -> None:
    inputs, targets = np.ones((2000, 500), dtype), np.ones((2000, 1), np.float32)
    tracemalloc.start()
    split = wd.data.Split(inputs, targets)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert split.inputs.nbytes <= peak < 1.5 * split.inputs.nbytes
