"""Every fault an IDX file can have is refused before its content is used, in one line that names the file."""

import gzip
import os
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from wd_jax.data import DatasetError
from wd_jax.data.idx_file import LARGEST, read_idx

pytestmark = pytest.mark.numeric
IMAGES = struct.pack(">HBB3I", 0, 8, 3, 4, 2, 2) + bytes(range(16))
LABELS = struct.pack(">HBBI", 0, 8, 1, 4) + bytes([3, 1, 9, 0])


def write(folder: Path, content: bytes) -> Path:
    path = folder / "images"
    path.write_bytes(content)
    return path


def flipped(content: bytes, index: int) -> bytes:
    return content[:index] + bytes([content[index] ^ 0x10]) + content[index + 1 :]


@pytest.mark.parametrize("wrap", [bytes, gzip.compress], ids=["raw", "gzip"])
def test_reads_what_was_written(tmp_path: Path, wrap) -> None:
    array = read_idx(write(tmp_path, wrap(IMAGES)), "images")
    assert array.dtype == np.uint8
    assert not array.flags.writeable
    np.testing.assert_array_equal(array, np.arange(16).reshape(4, 2, 2))


ZIPPED = gzip.compress(IMAGES)
FAULTS = {
    "empty": (b"", "size"),
    "truncated raw": (IMAGES[:-1], "size"),
    "longer raw": (IMAGES + b"\0", "size"),
    "truncated gzip": (ZIPPED[:-9], "gzip"),
    "gzip without its trailer": (ZIPPED[:-8], "gzip"),
    "gzip header only": (ZIPPED[:5], "gzip"),
    "gzip with a wrong checksum": (flipped(ZIPPED, len(ZIPPED) - 6), "gzip"),
    "gzip with an appended member": (ZIPPED + gzip.compress(b"more"), "gzip"),
    "gzip with an empty appended member": (ZIPPED + gzip.compress(b""), "gzip"),
    "gzip with garbage after it": (ZIPPED + b"garbage", "gzip"),
    "gzip of something shorter": (gzip.compress(IMAGES[:-4]), "size"),
    "gzip of something longer": (gzip.compress(IMAGES + b"\0"), "size"),
    "wrong magic": (flipped(IMAGES, 2), "magic number"),
    "wrong number of dimensions": (flipped(IMAGES, 3), "magic number"),
    "a header of more examples": (flipped(IMAGES, 7), "size"),
    "a header of more examples, gzip": (gzip.compress(flipped(IMAGES, 7)), "size"),
    "a header cut short": (IMAGES[:9], "size"),
    "a header cut short, gzip": (gzip.compress(IMAGES[:9]), "size"),
    "no examples": (struct.pack(">HBB3I", 0, 8, 3, 0, 2, 2), "dimensions"),
    "a web page": (b"<!DOCTYPE html><html><body>404 Not Found</body></html>", "magic number"),
    "a Git LFS pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "magic number"),
    "a zip archive": (b"PK\x03\x04" + bytes(30), "magic number"),
}


@pytest.mark.parametrize("content, check", FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_names_the_file_the_check_and_the_remedy(tmp_path: Path, content: bytes, check: str) -> None:
    path = write(tmp_path, content)
    with pytest.raises(DatasetError) as caught:
        read_idx(path, "images")
    message = str(caught.value)
    assert message.startswith(f"{path}: {check} check failed (")
    assert message.endswith("): download it again")
    assert "\n" not in message


@pytest.mark.parametrize("wrap", [bytes, gzip.compress], ids=["raw", "gzip"])
def test_labels_are_read_whatever_their_range(tmp_path: Path, wrap) -> None:
    np.testing.assert_array_equal(read_idx(write(tmp_path, wrap(LABELS)), "labels"), [3, 1, 9, 0])


def test_swapped_images_and_labels_are_told(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"it holds labels where images are expected.*exchange the names"):
        read_idx(write(tmp_path, LABELS), "images")
    with pytest.raises(DatasetError, match=r"it holds images where labels are expected.*exchange the names"):
        read_idx(write(tmp_path, gzip.compress(IMAGES)), "labels")


@pytest.mark.parametrize(
    "code, what",
    [
        (9, "signed bytes"),
        (11, "16-bit integers"),
        (12, "32-bit integers"),
        (13, "32-bit floats"),
        (14, "64-bit floats"),
    ],
)
def test_other_types_of_number_are_named(tmp_path: Path, code: int, what: str) -> None:
    with pytest.raises(DatasetError, match=f"type 0x{code:02x}, {what}, where 0x08, unsigned bytes.*\\.npz"):
        read_idx(write(tmp_path, IMAGES[:2] + bytes([code]) + IMAGES[3:]), "images")


def test_a_bomb_is_refused_without_being_inflated(tmp_path: Path) -> None:
    path = write(tmp_path, gzip.compress(struct.pack(">HBB3I", 0, 8, 3, 1000, 10, 10) + bytes(50_000_000)))
    tracemalloc.start()
    with pytest.raises(DatasetError, match=r"size check failed \(more bytes than its header states"):
        read_idx(path, "images")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3_000_000


@pytest.mark.parametrize("wrap", [bytes, gzip.compress], ids=["raw", "gzip"])
def test_a_header_of_too_much_is_refused_before_memory_is_taken(tmp_path: Path, wrap) -> None:
    rows = LARGEST // (1000 * 1000) + 1
    for dims in ((rows, 1000, 1000), (2**32 - 1,) * 3):
        path = write(tmp_path, wrap(struct.pack(">HBB3I", 0, 8, 3, *dims) + bytes(1000)))
        tracemalloc.start()
        with pytest.raises(
            DatasetError, match=f"its header states {dims[0] * dims[1] * dims[2]} bytes.*at most {LARGEST}"
        ):
            read_idx(path, "images")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 3_000_000


def test_a_small_file_that_states_much_is_cut_short(tmp_path: Path) -> None:
    path = write(tmp_path, struct.pack(">HBB3I", 0, 8, 3, 1000, 1000, 1000) + bytes(1000))
    tracemalloc.start()
    with pytest.raises(DatasetError, match="1016 bytes where its header states 1000000016; it is cut short"):
        read_idx(path, "images")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3_000_000


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"absent: read check failed \(no such file or directory\)"):
        read_idx(tmp_path / "absent", "images")


def test_a_folder_in_place_of_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    with pytest.raises(DatasetError, match="it is a directory where a file is expected"):
        read_idx(tmp_path / "images", "images")


def test_a_device_is_refused(tmp_path: Path) -> None:
    (tmp_path / "images").symlink_to(os.devnull)  # a pipe would show the same, but hang the test if it were read
    with pytest.raises(DatasetError, match="not a regular file"):
        read_idx(tmp_path / "images", "images")


def test_an_unreadable_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, IMAGES)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)  # as root, a file without permissions can still be read
    with pytest.raises(DatasetError, match=r"read check failed \(permission denied\)"):
        read_idx(path, "images")
