"""A task's file carries its own checksums: whatever a disk does to it, it is seen, or changes nothing that is read."""

import json
import os
import zipfile

import hypothesis
import hypothesis.extra.numpy as arrays_of
import hypothesis.strategies as some
import ml_dtypes
import numpy as np
import pytest

from wd_jax.files import ForeignFileError
from wd_jax.sweeps.store import chunk_file
from wd_jax.sweeps.store.chunk_file import CorruptChunk

pytestmark = pytest.mark.numeric
ARRAYS = {
    "weight_norm2": np.random.default_rng(0).normal(size=(3, 5, 2)),
    "diverged_at": np.array([-1, 4, -1], np.int32),
    "nothing": np.empty((0, 3)),
    "one": np.float32(2.5),
    "low": np.arange(3).astype(ml_dtypes.bfloat16),
    "odd": np.array([np.nan, -0.0, np.inf]),
    "name": np.array(["ok", "größer"]),
}
META = {"spec": '{"lmbda": "0x1.4p+2"}', "provenance": {"seconds": 1.5}}


def equal(one, other) -> bool:
    names = list(one)
    return names == list(other) and all(
        one[name].dtype == other[name].dtype
        and one[name].shape == other[name].shape
        and one[name].tobytes() == other[name].tobytes()
        for name in names
    )


@pytest.fixture
def path(tmp_path):
    chunk_file.write(tmp_path / "a.npz", ARRAYS, META)
    return tmp_path / "a.npz"


def test_what_was_written_is_read(path) -> None:
    meta, arrays = chunk_file.read(path)
    assert meta == META and equal(arrays, {name: np.asarray(array) for name, array in ARRAYS.items()})
    assert all(array.flags.writeable and array.flags.aligned for array in arrays.values())
    assert list(chunk_file.read(path, ["one"])[1]) == ["one"]
    assert chunk_file.header(path).shas.keys() == ARRAYS.keys()
    with pytest.raises(KeyError, match="cost"):
        chunk_file.read(path, ["cost"])


def test_numpy_and_zipfile_read_it_too(path) -> None:
    """It is an ordinary .npz, whose checksums the two agree with: nothing of ours is needed in ten years."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None and archive.namelist()[0] == "meta"
        assert json.loads(archive.read("meta"))["meta"] == META
    with np.load(path, allow_pickle=False) as found:
        for name in set(ARRAYS) - {"low"}:
            np.testing.assert_array_equal(found[name], ARRAYS[name])


def test_equal_arrays_give_equal_bytes(path, tmp_path) -> None:
    first = path.read_bytes()
    big = {
        name: np.asarray(array).astype(np.asarray(array).dtype.newbyteorder(">"))
        for name, array in ARRAYS.items()
        if name != "low"
    }
    turned = {name: np.asarray(array, order="F") for name, array in (ARRAYS | big).items()}
    chunk_file.write(tmp_path / "b.npz", turned, META)
    assert (tmp_path / "b.npz").read_bytes() == first


@hypothesis.given(
    array=arrays_of.arrays(
        some.sampled_from(["f8", "f4", "f2", "i8", "i4", "u1", "?", "c16", ">f8"]),
        arrays_of.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
    ),
    name=some.text("abcdefgλ_ 12", min_size=1, max_size=12),
)
def test_any_array_comes_back(array, name, tmp_path_factory) -> None:
    path = tmp_path_factory.mktemp("a") / "a.npz"
    chunk_file.write(path, {name: array}, {})
    (found,) = chunk_file.read(path)[1].values()
    assert found.shape == array.shape and found.dtype == array.dtype.newbyteorder("<")
    assert found.astype(array.dtype).tobytes() == array.tobytes()


@pytest.mark.parametrize("step", [7, pytest.param(1, marks=pytest.mark.slow)])
def test_every_bit_of_a_file_is_guarded(step, tmp_path) -> None:
    """A read of the whole file passes no changed bit over, a read of some arrays only what changes none of them."""
    path = tmp_path / "a.npz"
    chunk_file.write(path, {"x": np.arange(4.0)}, {"spec": "s"})
    good, harmless = path.read_bytes(), 0
    for bit in range(0, 8 * len(good), step):
        data = bytearray(good)
        data[bit // 8] ^= 1 << bit % 8
        path.write_bytes(data)
        with pytest.raises(CorruptChunk):
            chunk_file.read(path)
        try:
            meta, arrays = chunk_file.read(path, ["x"])
        except CorruptChunk:
            continue
        harmless += step
        assert meta == {"spec": "s"} and arrays["x"].tobytes() == np.arange(4.0).tobytes()
    assert harmless < 0.6 * 8 * len(good)  # headers and the directory, which only other programs read


def test_a_file_cut_anywhere_is_seen(path) -> None:
    good = path.read_bytes()
    for length in [*range(0, len(good), 7), len(good) - 1]:
        path.write_bytes(good[:length])
        for names in (None, [], ["one"]):
            with pytest.raises(CorruptChunk, match=r"a\.npz: damaged, it fails a check \("):
                chunk_file.read(path, names)


def test_so_is_a_torn_page_and_what_was_added(path) -> None:
    good = path.read_bytes()
    for start in range(0, len(good) - 64, 64):
        path.write_bytes(good[:start] + bytes(64) + good[start + 64 :])
        with pytest.raises(CorruptChunk):
            chunk_file.read(path)
    for more in (b"\0", good, b"PK\5\6" + bytes(18)):
        path.write_bytes(good + more)
        with pytest.raises(CorruptChunk):
            chunk_file.header(path)


def test_what_is_none_of_ours_is_refused(tmp_path) -> None:
    """Also files with an object in them: nothing is unpickled, for no array but those of meta is looked at."""
    canary = tmp_path / "canary"

    class Evil:
        def __reduce__(self):
            return (open, (str(canary), "w"))

    np.savez(tmp_path / "evil.npz", np.array([Evil()], object))
    np.savez(tmp_path / "plain.npz", x=np.ones(3))
    (tmp_path / "text.npz").write_text("hello")
    (tmp_path / "empty.npz").touch()
    for name in ("evil", "plain", "text", "empty"):
        with pytest.raises(CorruptChunk, match="does not begin as a file of the store"):
            chunk_file.read(tmp_path / f"{name}.npz")
    assert not canary.exists()


def forged(path, change) -> None:
    """Write a file of which all hashes are right, with other words in its meta."""
    original = chunk_file._sealed
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(chunk_file, "_sealed", lambda held: original(change(json.loads(json.dumps(held)))))
        try:
            chunk_file.write(path, {"x": np.arange(4.0)}, {})
        except (ValueError, KeyError, TypeError, AttributeError):
            assert path.exists()  # what it wrote is what we want to read


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("dtype", "|O"),
        ("dtype", "<M8[s]"),
        ("dtype", "no type"),
        ("dtype", None),
        ("shape", [10**15]),
        ("shape", [-4]),
        ("shape", [2.0, 2.0]),
        ("shape", 4),
        ("at", -(10**6)),
        ("at", 10**6),
        ("at", "0"),
        ("sha256", 7),
    ],
)
def test_meta_that_lies_takes_no_memory(name, value, tmp_path) -> None:
    def change(held):
        held["arrays"]["x.npy"][name] = value
        return held

    forged(tmp_path / "a.npz", change)
    with pytest.raises(CorruptChunk):
        chunk_file.read(tmp_path / "a.npz", ["x"])


@pytest.mark.parametrize("held", [{"arrays": []}, {"rest": "1"}, {"arrays": None}, {"meta": 3}])
def test_nor_does_one_of_another_form(held, tmp_path) -> None:
    forged(tmp_path / "a.npz", lambda good: good | held)
    with pytest.raises(CorruptChunk):
        chunk_file.read(tmp_path / "a.npz", ["x"])


def test_a_later_version_names_itself(tmp_path) -> None:
    forged(tmp_path / "a.npz", lambda held: held | {"version": 2})
    with pytest.raises(ForeignFileError, match="version 2; install the wd_jax that wrote it") as said:
        chunk_file.read(tmp_path / "a.npz")
    assert not isinstance(said.value, CorruptChunk)


def test_links_and_pipes_are_not_read(path, tmp_path) -> None:
    (tmp_path / "link.npz").symlink_to(path)
    os.mkfifo(tmp_path / "pipe.npz")
    with pytest.raises(ForeignFileError, match=r"link\.npz: is a symbolic link"):
        chunk_file.read(tmp_path / "link.npz")
    with pytest.raises(ForeignFileError, match=r"pipe\.npz: is no plain file"):
        chunk_file.read(tmp_path / "pipe.npz")
    with pytest.raises(FileNotFoundError):
        chunk_file.read(tmp_path / "absent.npz")


@pytest.mark.parametrize("array", [np.array([object()]), np.array(["2020"], "M8[s]"), np.zeros(2, [("a", "f8")])])
def test_what_it_cannot_hold_is_refused_before_a_byte_is_written(array, tmp_path) -> None:
    with pytest.raises(TypeError, match=r"x: an array of .* cannot be stored"):
        chunk_file.write(tmp_path / "a.npz", {"x": array}, {})
    assert not (tmp_path / "a.npz").exists()


@pytest.mark.parametrize("name", ["", "../x", "a/b", "a\0b", 'a"b', "a\nb", "x" * 300])
def test_names_are_plain(name, tmp_path) -> None:
    with pytest.raises(ValueError, match="no name for an array"):
        chunk_file.write(tmp_path / "a.npz", {name: np.ones(2)}, {})


def test_nan_in_meta_and_a_file_that_is_there_are_refused(path, tmp_path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        chunk_file.write(tmp_path / "b.npz", {}, {"seconds": float("nan")})
    with pytest.raises(FileExistsError):
        chunk_file.write(path, {}, {})


def test_more_than_a_file_may_hold_is_refused(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(chunk_file.zip_layout, "LARGEST", 1000)
    with pytest.raises(ValueError, match=r"a\.npz: .* bytes are more than one file"):
        chunk_file.write(tmp_path / "a.npz", {"x": np.zeros(200)}, {})
    assert not (tmp_path / "a.npz").exists()
    monkeypatch.setattr(chunk_file.zip_layout, "LARGEST", 2**32)
    with pytest.raises(ValueError, match=r"a\.npz: 65535 arrays are more than one file"):
        chunk_file.write(tmp_path / "a.npz", {str(number): np.zeros(0) for number in range(65535)}, {})
