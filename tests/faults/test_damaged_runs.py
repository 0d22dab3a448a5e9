"""Cases 7 to 13, from one end to the other: what `wd_jax.sweep` and the shell do with a store in a bad state.

What the store itself does is tested in tests/sweeps/store; here the run on it must say so, mend it, or refuse.
"""

import errno
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pytest

import wd_jax as wd
from tests.faults import small_runs
from tests.faults.test_killed_sweeps import by_call, same_bits
from wd_jax.cli import main
from wd_jax.files import ForeignFileError
from wd_jax.sweeps import threads
from wd_jax.sweeps.run_errors import DeterminismAlarm
from wd_jax.sweeps.store import aside, chunk_file, reading
from wd_jax.sweeps.store.generations import open_store
from wd_jax.sweeps.store.verify import verify

pytestmark = pytest.mark.fault
SHELL = ["sweep", "--dataset", "teacher", "--lmbda", "0.5", "1", "--seeds", "2", "--epochs", "1"]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run of three tasks, and its result."""
    root = tmp_path_factory.mktemp("finished") / "run"
    return root, small_runs.swept("FEW", root)


@pytest.fixture
def run(finished, tmp_path):
    """A copy of it, to be damaged."""
    shutil.copytree(finished[0], tmp_path / "run")
    return tmp_path / "run"


def again(run, finished, monkeypatch) -> int:
    """Run the same sweep again, check every bit of its result, and count the tasks that were trained."""
    count, original = [], threads.run_on

    def run_on(task, *rest, **options):
        count.append(task.key)
        return original(task, *rest, **options)

    with monkeypatch.context() as patch:
        patch.setattr(threads, "run_on", run_on)
        found = small_runs.swept("FEW", run)
    assert same_bits(found, finished[1])
    return len(count)


def opened(run):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return wd.open(run)


def never_read_as_data(run, finished) -> bool:
    """Whether a member whose numbers differ from the true ones is said to be missing; True if any is."""
    found, true = opened(run), finished[1]
    there = found.status == "ok"
    for name in true.data_vars:
        assert (found[name].where(there).fillna(-1) == true[name].where(there).fillna(-1)).all(), name
        assert found[name].where(~there).isnull().all(), name
    assert set(np.unique(found.status)) <= {"ok", "missing"}
    return not bool(there.all())


@pytest.mark.parametrize("by", ["call", "shell"])
def test_7_other_numbers_for_one_task_raise_an_alarm(by, tmp_path, monkeypatch, capsys, row) -> None:
    """Another process, whose machine computes something else, is quicker with one of the tasks."""
    root, original, first = tmp_path / "run", threads.run_on, []

    def run_on(task, *rest, **options):
        records = original(task, *rest, **options)
        if not first:
            first.append(task.key)
            other = {name: array + (name == "weight_norm2") * 1e-9 for name, array in records.items()}
            other["diverged_at"] = records["diverged_at"]
            open_store(root).chunks.publish(task.spec, other, {"seconds": 0.0})
        return records

    monkeypatch.setattr(threads, "run_on", run_on)
    if by == "call":
        with pytest.raises(DeterminismAlarm) as raised:
            small_runs.swept("FEW", root)
        said = str(raised.value)
    else:
        assert main([*SHELL, "--out", str(root)]) != 0
        said = capsys.readouterr().err
    store = open_store(root)
    kept = chunk_file.header(store.chunks.path(first[0])).shas["weight_norm2"]
    assert first[0] in said and kept[:16] in said and "the first are kept" in said
    assert not store.missing()  # the others were kept too
    row(f"7: other numbers for a task, by {by}", 1)


def test_8_a_full_disk_is_said_and_the_run_goes_on_later(children, tmp_path, row) -> None:
    (once,) = children(by_call(str(tmp_path / "undisturbed"), str(tmp_path / "journal.txt")))
    assert once["code"] == 0, once["said"]
    size = max(path.stat().st_size for path in (tmp_path / "undisturbed").rglob("*.npz"))
    limits = [0, 100, 1000, 3000, size // 2, size - 1]
    for number, limit in enumerate(limits):
        root = tmp_path / f"run {number}"
        asked = by_call(str(root), str(tmp_path / "journal.txt"))
        (full,) = children(asked | {"largest_file": limit, "kill_after": 60.0})
        assert full["code"] == 1, (limit, full)
        assert limit < 1000 or "OSError: [Errno 27] File too large" in full["said"], (limit, full)  # of the log too
        if root.exists():
            assert not [path for path in root.rglob("*") if path.is_file() and path.parent.name == "tmp"]
            assert [path for path in root.rglob("*.npz")] == [] or verify(root, full=True).sound
        (after,) = children(asked)
        assert after["code"] == 0, after["said"]
        assert same_bits(wd.open(root), wd.open(tmp_path / "undisturbed"))
    row("8: no room for a file", len(limits))


def test_8_a_disk_that_fills_keeps_what_was_published(tmp_path, finished, monkeypatch) -> None:
    write, count = chunk_file.write, []

    def full(path, arrays, meta):
        count.append(path)
        if len(count) > 2:  # the plan and one task
            path.write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, arrays, meta)

    with monkeypatch.context() as patch:
        patch.setattr(chunk_file, "write", full)
        with pytest.raises(OSError, match="No space left on device"):
            small_runs.swept("FEW", tmp_path / "run")
    store = open_store(tmp_path / "run")
    assert len(store.missing()) == 2 and not list((store.generation / "tmp").iterdir())
    assert again(tmp_path / "run", finished, monkeypatch) == 2


def test_9_a_task_cut_short_is_trained_anew(run, finished, monkeypatch, row) -> None:
    store = open_store(run)
    for part in range(16):
        path = store.chunks.path(store.plan.keys[part % 3])
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) * part // 16])
        if part % 2:
            assert never_read_as_data(run, finished)
        assert again(run, finished, monkeypatch) == 1
    assert len(list((store.generation / "quarantine").iterdir())) == 16
    row("9: a task's file cut short", 16)


def test_10_a_flipped_bit_is_never_read_as_data(run, finished, monkeypatch, row) -> None:
    store, random, missing = open_store(run), np.random.default_rng(10), 0
    for trial in range(50):
        path = store.chunks.path(store.plan.keys[trial % 3])
        data = bytearray(path.read_bytes())
        data[random.integers(len(data))] ^= 1 << random.integers(8)
        path.write_bytes(data)
        found = never_read_as_data(run, finished) if trial % 5 else True
        missing += found
        assert again(run, finished, monkeypatch) == 1
    assert missing == 50
    row("10: a bit flipped", 50)


def test_10_in_a_result_too_large_to_be_loaded_it_is_said(run, finished, monkeypatch) -> None:
    store = open_store(run)
    path = store.chunks.path(store.plan.keys[0])
    entry, data = chunk_file.header(path).arrays["weight_rms"], bytearray(path.read_bytes())
    data[entry.at + 3] ^= 1
    path.write_bytes(data)
    monkeypatch.setattr(reading, "LOADED", 0)
    lazy = wd.open(run)
    assert (lazy.status == "ok").all()
    with pytest.warns(UserWarning, match="SHA-256 of weight_rms.*moved to .*quarantine.*until then they are NaN"):
        lazy.weight_rms.load()
    assert len(store.missing()) == 1 and (opened(run).status == "missing").any()
    data[10] ^= 1
    path.write_bytes(data)
    monkeypatch.undo()
    assert again(run, finished, monkeypatch) == 1


def test_11_what_is_deleted_is_missing_and_trained_again(run, finished, monkeypatch, row) -> None:
    store = open_store(run)
    for number in range(3):
        store.chunks.path(store.plan.keys[number]).unlink()
        with pytest.warns(UserWarning, match="of 24 members are missing, and NaN"):
            assert (wd.open(run).status == "missing").sum() == 8
        assert again(run, finished, monkeypatch) == 1
    shutil.rmtree(store.generation / "chunks")
    assert again(run, finished, monkeypatch) == 3
    row("11: files of tasks deleted", 4)


def test_11_a_run_that_may_not_be_written_is_refused_before_anything_is_computed(finished, monkeypatch) -> None:
    """As another user, since root may write everywhere."""
    folder, user = Path(tempfile.mkdtemp()), os.geteuid()
    run = folder / "run"
    shutil.copytree(finished[0], run)
    open_store(run).chunks.path(open_store(run).plan.keys[0]).unlink()
    monkeypatch.setattr(threads, "run_on", lambda *_, **__: pytest.fail("it was computed"))
    folders = [folder, *(path for path in folder.rglob("*") if path.is_dir())]
    for path in folders:
        path.chmod(0o555)
    try:
        if user == 0:
            os.seteuid(65534)
        with pytest.raises(PermissionError, match=r"cannot write there \(Permission denied\)"):
            small_runs.swept("FEW", run)
        with pytest.raises(PermissionError, match=r"cannot write there \(Permission denied\)"):
            small_runs.swept("FEW", folder / "new")
        assert (opened(run).status == "missing").sum() == 8  # reading needs no right to write
    finally:
        os.seteuid(user)
        for path in folders:
            path.chmod(0o755)
        shutil.rmtree(folder)


def test_11_a_run_that_is_gone_is_an_error(run, tmp_path, monkeypatch, capsys) -> None:
    for call in (lambda: wd.open(tmp_path / "none"), lambda: verify(tmp_path / "none")):
        with pytest.raises(FileNotFoundError, match="none"):
            call()
    assert main(["info", str(tmp_path / "none")]) != 0 and "none" in capsys.readouterr().err
    original = threads.run_on

    def run_on(*given, **options):
        found = original(*given, **options)
        shutil.rmtree(tmp_path / "lost", ignore_errors=True)
        return found

    monkeypatch.setattr(threads, "run_on", run_on)
    with pytest.raises(FileNotFoundError, match=r"run-1: the folder of the run is gone"):
        small_runs.swept("FEW", tmp_path / "lost")
    assert not (tmp_path / "lost").exists()
    shutil.rmtree(run / "run-1")
    with pytest.raises(ForeignFileError, match="run-1: holds no plan"):
        wd.open(run)
    with pytest.raises(FileNotFoundError, match="run-1: the folder of the run is gone; put it back"):
        small_runs.swept("FEW", run)


def test_12_a_newer_format_is_refused_and_nothing_is_written(run, capsys, row) -> None:
    (run / "FORMAT").write_text('{"format": "wd_jax run", "version": 2, "current": "run-1"}')
    before = {path: path.stat().st_mtime_ns for path in run.rglob("*")}
    said = "written by a newer version of wd_jax .* install the version that wrote it"
    for call in (
        lambda: wd.open(run),
        lambda: small_runs.swept("FEW", run),
        lambda: small_runs.swept("FEW", run, overwrite=True),
        lambda: verify(run),
    ):
        with pytest.raises(ForeignFileError, match=said):
            call()
    for command in ([*SHELL, "--out"], [*SHELL, "--overwrite", "--out"], ["info"], ["verify"]):
        assert main([*command, str(run)]) != 0
        err = capsys.readouterr().err
        assert "newer version of wd_jax" in err and "Traceback" not in err, command
    assert {path: path.stat().st_mtime_ns for path in run.rglob("*")} == before
    row("12: a newer format", 8)


def test_13_temporary_files_of_the_dead_are_swept_by_the_next_run(run, finished, monkeypatch, row) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    tmp = run / "run-1" / "tmp"
    theirs, living = (tmp / f"{'ab' * 16}.{aside.host()}.{pid}.0123abcd" for pid in (dead.pid, os.getpid()))
    theirs.write_bytes(b"half"), living.write_bytes(b"half")
    assert again(run, finished, monkeypatch) == 0
    assert list(tmp.iterdir()) == [living]
    row("13: temporary files of the dead and the living", 2)
