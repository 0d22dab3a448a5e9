"""A store on a disk that is full, gone, not to be written, without hard links, or laid with links."""

import errno
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from tests.sweeps.store.publisher import arrays_of, spec_of
from tests.sweeps.store.stored import files_of
from wd_jax.files import ForeignFileError
from wd_jax.sweeps.run_errors import DeterminismAlarm
from wd_jax.sweeps.store import aside, chunk_file, chunk_store
from wd_jax.sweeps.store.chunk_store import ChunkStore, key_of

pytestmark = pytest.mark.numeric
SPEC, ARRAYS = spec_of(0), arrays_of(0)
KEY = key_of(SPEC)


def test_a_deleted_file_is_a_task_not_done(store) -> None:
    store.publish(SPEC, ARRAYS, {})
    store.path(KEY).unlink()
    assert not store.has(KEY) and store.receipt(KEY) is None
    with pytest.raises(FileNotFoundError):
        store.load(KEY)
    assert store.publish(SPEC, ARRAYS, {}).new


def test_a_store_that_is_gone_is_an_error_and_not_made_again(store) -> None:
    shutil.rmtree(store.folder)
    for call in (
        store.prepared,
        store.keys,
        lambda: store.publish(SPEC, ARRAYS, {}),
        lambda: store.note_failure(KEY, 1, "lost", ""),
    ):
        with pytest.raises(FileNotFoundError, match="run-1: the folder of the run is gone; put it back"):
            call()
    assert not store.folder.exists()


def test_a_store_that_may_not_be_written_is_refused_before_anything_is_computed() -> None:
    """As another user, since root may write everywhere."""
    folder = Path(tempfile.mkdtemp())
    store = ChunkStore(folder).prepared()
    store.publish(SPEC, ARRAYS, {})
    folder.chmod(0o755)
    for part in chunk_store.PARTS:
        (folder / part).chmod(0o555)
    user = os.geteuid()
    try:
        if user == 0:
            os.seteuid(65534)
        with pytest.raises(PermissionError, match=r"tmp: cannot write there \(Permission denied\); make it writable"):
            store.prepared()
        with pytest.raises(PermissionError):
            store.publish(spec_of(1), ARRAYS, {})
        assert store.load(KEY).keys() == ARRAYS.keys()
    finally:
        os.seteuid(user)
        for part in chunk_store.PARTS:
            (folder / part).chmod(0o755)
        shutil.rmtree(folder)


FULL = """
import resource, signal, sys
from pathlib import Path
from tests.sweeps.store.publisher import arrays_of, spec_of
from wd_jax.sweeps.store.chunk_store import ChunkStore
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = ChunkStore(Path(sys.argv[1]))
store.publish(spec_of(0), arrays_of(0), {})
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
try:
    store.publish(spec_of(1), arrays_of(1), {})
except OSError as error:
    print(error.errno)
"""


@pytest.mark.parametrize("limit", [0, 100, 1000, 3000])
def test_a_full_disk_leaves_nothing_half_written(store, limit) -> None:
    command = [sys.executable, "-c", FULL, str(store.folder), str(limit)]
    root = Path(__file__).parents[3]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=root)
    assert done.stdout.strip() == str(errno.EFBIG), done.stderr
    assert files_of(store.folder) == [f"chunks/{KEY[:2]}/{KEY}.npz"]
    assert store.publish(spec_of(1), arrays_of(1), {}).new and len(store.keys()) == 2


def test_no_space_is_said_and_leaves_nothing(store, monkeypatch) -> None:
    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(chunk_file.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        store.publish(SPEC, ARRAYS, {})
    assert files_of(store.folder) == []


@pytest.mark.parametrize("code", [errno.EPERM, errno.ENOTSUP, errno.ENOSYS])
def test_without_hard_links_a_file_is_renamed(store, monkeypatch, code) -> None:
    def none(*_, **__):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(aside.os, "link", none)
    assert store.publish(SPEC, ARRAYS, {}).new
    assert not store.publish(SPEC, ARRAYS, {}).new
    with pytest.raises(DeterminismAlarm):
        store.publish(SPEC, ARRAYS | {"n": np.int64(7)}, {})
    assert store.load(KEY).keys() == ARRAYS.keys() and len(files_of(store.folder)) == 1


def test_another_error_of_link_is_raised(store, monkeypatch) -> None:
    def broken(*_, **__):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(aside.os, "link", broken)
    with pytest.raises(OSError, match="Input/output"):
        store.publish(SPEC, ARRAYS, {})
    assert files_of(store.folder) == []


def test_a_link_whose_answer_was_lost_is_the_same_file(store, monkeypatch) -> None:
    """A network's file system can make the link, lose the answer, and refuse the second try."""
    link = os.link

    def twice(*arguments, **options):
        link(*arguments, **options)
        raise FileExistsError(errno.EEXIST, "File exists")

    monkeypatch.setattr(aside.os, "link", twice)
    assert store.publish(SPEC, ARRAYS, {}).new


@pytest.mark.parametrize("part", ["chunks", "chunks/ab", "tmp", "failed", "quarantine", "checkpoints"])
def test_a_folder_that_is_a_link_is_refused(store, tmp_path, part) -> None:
    number = next(number for number in range(10_000) if key_of(spec_of(number)).startswith("ab"))
    outside, inside = tmp_path / "outside", store.folder / part
    outside.mkdir()
    if inside.exists():
        inside.rmdir()
    inside.symlink_to(outside)
    with pytest.raises(ForeignFileError, match=f"{Path(part).name}: is a symbolic link"):
        store.prepared()
        store.publish(spec_of(number), ARRAYS, {})
    if part.startswith("chunks"):
        with pytest.raises(ForeignFileError, match="is a symbolic link"):
            store.load(key_of(spec_of(number)))
    if part == "failed":
        with pytest.raises(ForeignFileError, match="is a symbolic link"):
            store.note_failure(KEY, 1, "lost", "")
    assert list(outside.iterdir()) == []


def test_a_file_that_is_a_link_is_no_task(store, tmp_path) -> None:
    store.publish(SPEC, ARRAYS, {})
    store.path(KEY).rename(tmp_path / "outside.npz")
    store.path(KEY).symlink_to(tmp_path / "outside.npz")
    assert not store.has(KEY) and store.keys() == frozenset()
    with pytest.raises(ForeignFileError, match="is a symbolic link"):
        store.load(KEY)
    with pytest.raises(ForeignFileError, match="is a symbolic link"):
        store.publish(SPEC, ARRAYS, {})
