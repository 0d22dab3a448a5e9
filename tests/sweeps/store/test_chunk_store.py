"""A store of tasks: published whole or not at all, once, and never anything else than what was published."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.sweeps.store.publisher import arrays_of, spec_of
from tests.sweeps.store.stored import files_of
from wd_jax.sweeps.run_errors import DeterminismAlarm
from wd_jax.sweeps.store import aside, chunk_file, chunk_store
from wd_jax.sweeps.store.chunk_file import CorruptChunk
from wd_jax.sweeps.store.chunk_store import key_of

pytestmark = pytest.mark.numeric
PUBLISHER = str(Path(__file__).with_name("publisher.py"))
SPEC, ARRAYS = spec_of(0), arrays_of(0)
KEY = key_of(SPEC)


def damage(path, at=0.5) -> None:
    data = bytearray(path.read_bytes())
    data[int(at * len(data))] ^= 4
    path.write_bytes(data)


def process(store, first, last, wait_for="", **options):
    command = [sys.executable, PUBLISHER, str(store.folder), str(first), str(last), str(wait_for)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, **options
    )


def test_what_is_published_is_loaded(store) -> None:
    assert not store.has(KEY) and store.keys() == frozenset() and store.receipt(KEY) is None
    receipt = store.publish(SPEC, ARRAYS, {"seconds": 2.5, "device": "cpu"})
    assert (receipt.key, receipt.seconds, receipt.new, receipt.host) == (KEY, 2.5, True, aside.host())
    assert store.has(KEY) and store.keys() == {KEY}
    assert files_of(store.folder) == [f"chunks/{KEY[:2]}/{KEY}.npz"]
    found = store.load(KEY)
    assert found.keys() == ARRAYS.keys() and all(found[name].tobytes() == ARRAYS[name].tobytes() for name in found)
    assert list(store.load(KEY, ["cost"])) == ["cost"]
    meta = store.meta(KEY)
    assert meta["spec"] == SPEC and meta["provenance"]["device"] == "cpu" and meta["provenance"]["pid"] == os.getpid()
    again = store.receipt(KEY)
    assert (again.sha256, again.seconds, again.new) == (receipt.sha256, 2.5, False)


def test_the_file_has_the_mode_of_an_ordinary_one(store, tmp_path) -> None:
    store.publish(SPEC, ARRAYS, {})
    (tmp_path / "ordinary").touch()
    assert store.path(KEY).stat().st_mode == (tmp_path / "ordinary").stat().st_mode


def test_the_same_again_is_no_second_file(store) -> None:
    first = store.publish(SPEC, ARRAYS, {"seconds": 1.0})
    before = store.path(KEY).read_bytes()
    second = store.publish(SPEC, ARRAYS, {"seconds": 9.0})
    assert second.sha256 == first.sha256 and first.new and not second.new
    assert store.path(KEY).read_bytes() == before and len(files_of(store.folder)) == 1


@pytest.mark.parametrize("change", ["value", "dtype", "shape", "name", "sign of zero"])
def test_other_numbers_for_one_task_raise_an_alarm(store, change) -> None:
    first = {"x": np.array([0.0, 1.0, 2.0]), "y": np.ones(2)}
    changed = {
        "value": {"x": np.array([0.0, 1.0, np.nextafter(2.0, 3.0)])},
        "dtype": {"x": first["x"].astype("f4")},
        "shape": {"x": first["x"][None]},
        "name": {"z": np.ones(1)},
        "sign of zero": {"x": np.array([-0.0, 1.0, 2.0])},
    }[change]
    store.publish(SPEC, first, {})
    before = store.path(KEY).read_bytes()
    with pytest.raises(DeterminismAlarm) as said:
        store.publish(SPEC, first | changed, {})
    (name,) = changed
    shas = chunk_file.header(store.path(KEY)).shas
    assert str(store.path(KEY)) in str(said.value) and f"({name}: SHA-256" in str(said.value)
    assert shas.get(name, "absent")[:16] in str(said.value) and "\n" not in str(said.value)
    assert store.path(KEY).read_bytes() == before and len(files_of(store.folder)) == 1


def test_processes_that_race_publish_each_task_once(store, tmp_path) -> None:
    """Four processes, the same hundred tasks, started together: one of them wins each, and nobody sees an error."""
    go = tmp_path / "go"
    racers = [process(store, 0, 100, go) for _ in range(4)]
    try:
        for racer in racers:
            assert racer.stdout.readline() == "ready\n"
        go.touch()
        said = [racer.communicate(timeout=120) for racer in racers]
    finally:
        for racer in racers:
            racer.kill()
    assert [racer.returncode for racer in racers] == [0] * 4, [err for _, err in said]
    lines = [line.split() for out, _ in said for line in out.splitlines()]
    keys = {key_of(spec_of(number)) for number in range(100)}
    assert sorted(key for key, _, new in lines if new == "1") == sorted(keys) == sorted(store.keys())
    assert len({(key, sha) for key, sha, _ in lines}) == 100
    assert len(files_of(store.folder)) == 100


@pytest.mark.parametrize("links", [True, False])
def test_writers_that_are_ready_at_once_publish_once(store, monkeypatch, links) -> None:
    """Each of four has written its file before any of them gives it the name."""
    together, linked = threading.Barrier(4), aside.linked

    def all_ready(written, final):
        together.wait(60)
        return linked(written, final)

    def none(*_, **__):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(aside, "linked", all_ready)
    if not links:
        monkeypatch.setattr(aside.os, "link", none)
    for number in range(20):
        with ThreadPoolExecutor(4) as writers:
            work = [writers.submit(store.publish, spec_of(number), arrays_of(number), {}) for _ in range(4)]
            receipts = [one.result(60) for one in work]
        assert len({receipt.sha256 for receipt in receipts}) == 1
        assert sum(receipt.new for receipt in receipts) == 1 if links else any(receipt.new for receipt in receipts)
    assert len(files_of(store.folder)) == 20


@pytest.mark.parametrize("number", range(16))
def test_a_file_cut_short_is_put_aside_and_done_anew(store, number) -> None:
    store.publish(SPEC, ARRAYS, {})
    good = store.path(KEY).read_bytes()
    store.path(KEY).write_bytes(good[: len(good) * number // 16])
    assert store.has(KEY) == (number > 0) == (KEY in store.keys())
    with pytest.raises(CorruptChunk, match="run the same command again") as said:
        store.load(KEY)
    assert str(store.path(KEY)) in str(said.value) and "\n" not in str(said.value)
    assert not store.has(KEY) and store.keys() == frozenset()
    (aside_,) = (store.folder / "quarantine").iterdir()
    assert aside_.read_bytes() == good[: len(good) * number // 16]
    assert store.publish(SPEC, ARRAYS, {}).new
    assert store.load(KEY)["cost"].tobytes() == ARRAYS["cost"].tobytes()


@pytest.mark.parametrize("seed", range(50))
def test_a_flipped_bit_is_never_read_as_data(store, seed) -> None:
    store.publish(SPEC, ARRAYS, {})
    good = store.path(KEY).read_bytes()
    bit = int(np.random.default_rng(seed).integers(8 * len(good)))
    data = bytearray(good)
    data[bit // 8] ^= 1 << bit % 8
    store.path(KEY).write_bytes(data)
    with pytest.raises(CorruptChunk):
        store.load(KEY)
    assert not store.has(KEY)


def test_whoever_asks_for_little_meets_damage_where_it_is(store) -> None:
    store.publish(SPEC, ARRAYS, {})
    entry = chunk_file.header(store.path(KEY)).arrays["cost"]
    damage(store.path(KEY), (entry.at + 5) / store.path(KEY).stat().st_size)
    assert store.load(KEY, ["n"])["n"] == 0 and store.meta(KEY)["spec"] == SPEC
    with pytest.raises(CorruptChunk, match="the SHA-256 of cost"):
        store.load(KEY, ["cost"])


def test_damage_is_mended_by_the_next_who_publishes(store) -> None:
    store.publish(SPEC, ARRAYS, {})
    damage(store.path(KEY), 0.01)
    receipt = store.publish(SPEC, ARRAYS, {})
    assert receipt.new and store.load(KEY).keys() == ARRAYS.keys()
    assert len(list((store.folder / "quarantine").iterdir())) == 1


def test_a_file_under_another_tasks_name_is_not_read(store) -> None:
    store.publish(SPEC, ARRAYS, {})
    other = key_of(spec_of(1))
    store.path(other).parent.mkdir(exist_ok=True)
    shutil.copy(store.path(KEY), store.path(other))
    with pytest.raises(CorruptChunk, match=rf"{other}\.npz: damaged, it holds another task \({KEY}\)"):
        store.load(other)
    assert store.has(KEY) and not store.has(other)


def test_a_file_that_was_mended_meanwhile_is_not_put_aside(store, monkeypatch) -> None:
    """Another process replaces the damaged file between the read that fails and the move."""
    store.publish(SPEC, ARRAYS, {})
    good = store.path(KEY).read_bytes()
    damage(store.path(KEY))
    read = chunk_file.read

    def then_mended(path, names=None):
        try:
            return read(path, names)
        except CorruptChunk:
            path.write_bytes(good)
            raise

    monkeypatch.setattr(chunk_store.chunk_file, "read", then_mended)
    assert store.load(KEY).keys() == ARRAYS.keys()
    assert list((store.folder / "quarantine").iterdir()) == []


@pytest.mark.parametrize(
    "key", ["", "../../../etc/passwd", "/etc/passwd", "AB" * 16, KEY[:-1], KEY + "\n", "ab\0" + KEY]
)
def test_only_a_hash_becomes_part_of_a_path(store, key) -> None:
    for call in (store.path, store.has, store.load, store.meta, store.receipt, store.clear_failures):
        with pytest.raises(ValueError, match="no key of a task"):
            call(key)
    with pytest.raises(ValueError, match="no key of a task"):
        store.note_failure(key, 1, "lost", "")


def test_what_lies_about_is_no_task(store) -> None:
    chunks = store.folder / "chunks"
    (chunks / "notes.txt").write_text("mine")
    (chunks / "ab").mkdir()
    (chunks / "ab" / f"{KEY}.npz").write_text("in the wrong folder" if KEY[:2] != "ab" else "")
    (chunks / "ab" / ".DS_Store").write_text("x")
    (chunks / "ab" / ("ab" * 16 + ".npz")).mkdir()
    assert store.keys() == frozenset()


def test_failures_are_noted_in_bounds(store) -> None:
    try:
        raise RuntimeError("lost\n" * 1000)
    except RuntimeError as error:
        store.note_failure(KEY, 1, error, traceback.format_exc() * 100)
    store.note_failure(KEY, 2, "KilledWorker", "")
    other = key_of(spec_of(1))
    store.note_failure(other, 1, ValueError("λ"), "")
    (store.folder / "failed" / f"{other}.2.json").write_text("{half")
    found = store.failures()
    assert [one.attempt for one in found[KEY]] == [1, 2]
    first = found[KEY][0]
    assert first.error.startswith("RuntimeError: lost lost") and len(first.error) <= 500 and "\n" not in first.error
    assert len(first.traceback) <= 20_000 and first.host == aside.host()
    assert [one.error for one in found[other]] == [
        "ValueError: λ",
        f"{other}.2.json: the note of this failure cannot be read",
    ]
    store.clear_failures(KEY)
    assert list(store.failures()) == [other]
    assert json.loads((store.folder / "failed" / f"{other}.1.json").read_text())["error"] == "ValueError: λ"


def test_temporary_files_of_the_dead_are_swept_and_of_the_living_left(store) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    tmp, host = store.folder / "tmp", aside.host()
    names = {
        "dead": f"{KEY}.{host}.{dead.pid}.0123abcd",
        "living": f"{KEY}.{host}.{os.getpid()}.0123abcd",
        "elsewhere": f"{KEY}.elsewhere.{dead.pid}.0123abcd",
        "elsewhere, old": f"{KEY}.elsewhere.{dead.pid}.ffffffff",
        "living, old": f"{KEY}.{host}.{os.getpid()}.ffffffff",
        "someone's": "notes.txt",
        "out of range": f"{KEY}.{host}.{10**30}.0123abcd",
    }
    for label, name in names.items():
        (tmp / name).write_text("half")
        if "old" in label:
            os.utime(tmp / name, (0, 0))
    swept = store.sweep_temporary()
    gone = {"dead", "elsewhere, old", "living, old", "out of range"}
    assert set(swept) == {names[label] for label in gone}
    assert {path.name for path in tmp.iterdir()} == {names[label] for label in set(names) - gone}


@pytest.mark.fault
def test_a_process_killed_at_random_moments_loses_nothing(store, kills) -> None:
    """Whatever it said was published is there, and nothing that is there is half a file."""
    random, said, first = np.random.default_rng(0), set(), 0
    for _ in range(kills):
        running = process(store, first, 10**6)
        try:
            assert running.stdout.readline() == "ready\n"
            stop = int(random.integers(1, 12))
            lines = [running.stdout.readline() for _ in range(stop)]
            os.kill(running.pid, signal.SIGKILL)
            lines += running.communicate(timeout=60)[0].splitlines()
        finally:
            running.kill()
        said |= {line.split()[0] for line in lines if len(line.split()) == 3}
        first = len(said)
    present = store.keys()
    assert said <= present and len(present - said) <= kills
    expected = {key_of(spec_of(number)): number for number in range(len(present) + kills)}
    for key in present:
        found = store.load(key)
        assert all(found[name].tobytes() == array.tobytes() for name, array in arrays_of(expected[key]).items())
    store.sweep_temporary()
    assert list((store.folder / "tmp").iterdir()) == []
