"""A run whose files were damaged: the same sweep mends it, trains only what was lost, and gives the same numbers."""

import json
import shutil

import numpy as np
import pytest

import wd_jax as wd
from wd_jax.files import ForeignFileError
from wd_jax.sweeps import threads
from wd_jax.sweeps.extend import OtherSweepError
from wd_jax.sweeps.store import generations
from wd_jax.sweeps.store.chunk_file import CorruptChunk
from wd_jax.sweeps.store.verify import verify

pytestmark = pytest.mark.numeric
DATA = wd.data.teacher(0, n=20, n_validation=4, n_test=4, n_in=4, n_hidden=4, n_out=2)
SETUP = wd.Setup(widths=(4, 3, 2), batch_size=5)
AXES = {"lmbda": [0.5, 1.0], "hidden": [2, 3], "seeds": 9}


def swept(out=None, **axes):
    return wd.sweep(SETUP, DATA, **AXES | {"epochs": 2, "progress": False, "out": out} | axes)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    root = tmp_path_factory.mktemp("runs") / "x"
    return root, swept(root)


@pytest.fixture
def run(finished, tmp_path):
    return shutil.copytree(finished[0], tmp_path / "x")


@pytest.fixture
def trained(monkeypatch):
    """The keys of the tasks that are trained."""
    keys, original = [], threads.run_on

    def run_on(task, *rest, **options):
        keys.append(task.key)
        return original(task, *rest, **options)

    monkeypatch.setattr(threads, "run_on", run_on)
    return keys


def flip(path, random) -> None:
    data = bytearray(path.read_bytes())
    bit = int(random.integers(8 * len(data)))
    data[bit // 8] ^= 1 << bit % 8
    path.write_bytes(data)


@pytest.mark.parametrize("seed", range(4))
def test_a_flipped_bit_is_found_put_aside_and_trained_again(run, finished, trained, seed) -> None:
    random = np.random.default_rng(seed)
    store = generations.open_store(run)
    key = store.plan.keys[int(random.integers(len(store.plan.keys)))]
    flip(store.chunks.path(key), random)
    assert [fault.path for fault in verify(run, full=True).faults] == [store.chunks.path(key)]
    assert swept(run).identical(finished[1])
    assert trained == [key] and verify(run, full=True).sound


@pytest.mark.parametrize("how", ["cut", "empty", "gone"])
def test_a_file_that_lost_bytes_is_trained_again(run, finished, trained, how) -> None:
    store = generations.open_store(run)
    key = store.plan.keys[1]
    path = store.chunks.path(key)
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[: -1 if how == "cut" else 0])
    verify(run)
    assert swept(run).identical(finished[1]) and trained == [key]


def test_a_damaged_plan_is_written_again_and_nothing_is_trained(run, finished, trained) -> None:
    plan = run / "run-1" / "plan" / "1.npz"
    flip(plan, np.random.default_rng(0))
    with pytest.raises(CorruptChunk, match=r"1\.npz: damaged.*the same command again, which keeps what is published"):
        wd.open(run)
    with pytest.raises(OtherSweepError, match="its plan was damaged, and 6 of its tasks are not of this sweep"):
        swept(run, epochs=3)
    with pytest.raises(ForeignFileError, match="holds no plan; run the command that made it again"):
        wd.open(run)
    assert swept(run).identical(finished[1]) and trained == []
    assert verify(run, full=True).sound and plan.exists()


def test_a_damaged_extension_falls_back_on_the_plan_before(run, trained) -> None:
    more = swept(run, seeds=10)
    count = len(trained)
    assert count
    flip(run / "run-1" / "plan" / "2.npz", np.random.default_rng(0))
    assert swept(run, seeds=10).identical(more) and len(trained) == count


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"format": "wd_jax run", "version": 2, "current": "run-1"}', "newer version of wd_jax"),
        ('{"format": "wd_jax run", "version": 1, "current": "../../etc"}', "no part of a run"),
        ('{"format": "other", "version": 1, "current": "run-1"}', "not of a run of wd_jax"),
    ],
)
def test_a_pointer_that_is_none_of_ours_is_refused_and_nothing_is_written(run, text, said) -> None:
    (run / "FORMAT").write_text(text)
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    for call in (swept, wd.open, verify):
        with pytest.raises(ForeignFileError, match=said):
            call(run)
    with pytest.raises(ForeignFileError, match=said):
        swept(run, overwrite=True)
    assert before == {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}


def test_a_plan_with_another_key_is_refused(run) -> None:
    """The key of each task is computed again from what is written of it."""
    store = generations.open_store(run)
    keys = list(store.plan.keys)
    object.__setattr__(store.plan, "keys", (keys[1], keys[0], *keys[2:]))
    with pytest.raises(ForeignFileError, match=f"task 0 of the plan is {keys[0]} here and {keys[1]} there"):
        store.plan.task(0)
    assert json.loads((run / "FORMAT").read_text())["current"] == "run-1"
