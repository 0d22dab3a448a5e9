"""Every fault an IDX file can have is refused before its content is used, in one line that names the file."""

import gzip
import hashlib
import os
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from wd_jax.data import DatasetError
from wd_jax.data.idx import IdxFile, read_idx

pytestmark = pytest.mark.numeric
IMAGES = struct.pack(">HBB3I", 0, 8, 3, 4, 2, 2) + bytes(range(16))
LABELS = struct.pack(">HBBI", 0, 8, 1, 4) + bytes([3, 1, 9, 0])


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


FILE = IdxFile("images", (4, 2, 2), sha(IMAGES))


def write(folder: Path, content: bytes) -> Path:
    path = folder / "images"
    path.write_bytes(content)
    return path


def flipped(content: bytes, index: int) -> bytes:
    return content[:index] + bytes([content[index] ^ 0x10]) + content[index + 1 :]


@pytest.mark.parametrize("wrap", [bytes, gzip.compress], ids=["raw", "gzip"])
def test_reads_what_was_written(tmp_path: Path, wrap) -> None:
    array = read_idx(write(tmp_path, wrap(IMAGES)), FILE)
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
    "wrong dimensions": (flipped(IMAGES, 7), "dimensions"),
    "one bit of a pixel": (flipped(IMAGES, 20), "sha256"),
}


@pytest.mark.parametrize("content, check", FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_names_the_file_the_check_and_the_remedy(tmp_path: Path, content: bytes, check: str) -> None:
    path = write(tmp_path, content)
    with pytest.raises(DatasetError) as caught:
        read_idx(path, FILE)
    message = str(caught.value)
    assert message.startswith(f"{path}: {check} check failed (")
    assert message.endswith("): download it again, or call wd_jax.data.mnist(download=True)")
    assert "\n" not in message


def test_a_label_out_of_range_is_named(tmp_path: Path) -> None:
    content = flipped(LABELS, 10)  # label 9 becomes 25
    with pytest.raises(DatasetError, match=r"label range check failed \(label 25 at index 2"):
        read_idx(write(tmp_path, content), IdxFile("labels", (4,), sha(content)))
    ten = LABELS[:-1] + bytes([10])
    with pytest.raises(DatasetError, match="label 10 at index 3"):
        read_idx(write(tmp_path, ten), IdxFile("labels", (4,), sha(ten)))
    np.testing.assert_array_equal(read_idx(write(tmp_path, LABELS), IdxFile("labels", (4,), sha(LABELS))), [3, 1, 9, 0])


def test_a_bomb_is_refused_without_being_inflated(tmp_path: Path) -> None:
    path = write(tmp_path, gzip.compress(bytes(50_000_000)))
    # Room for the bomb's compressed form: only the decompressed size can refuse it.
    roomy = IdxFile("images", (1000, 10, 10), sha(b""))
    tracemalloc.start()
    with pytest.raises(DatasetError, match=r"size check failed \(more than the 100016 bytes"):
        read_idx(path, roomy)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"absent: read check failed \(no such file or directory\)"):
        read_idx(tmp_path / "absent", FILE)


def test_a_folder_in_place_of_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    with pytest.raises(DatasetError, match="it is a directory where a file is expected"):
        read_idx(tmp_path / "images", FILE)


def test_a_device_is_refused(tmp_path: Path) -> None:
    (tmp_path / "images").symlink_to(os.devnull)  # a pipe would show the same, but hang the test if it were read
    with pytest.raises(DatasetError, match="not a regular file"):
        read_idx(tmp_path / "images", FILE)


def test_an_unreadable_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, IMAGES)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)  # as root, a file without permissions can still be read
    with pytest.raises(DatasetError, match=r"read check failed \(permission denied\)"):
        read_idx(path, FILE)
