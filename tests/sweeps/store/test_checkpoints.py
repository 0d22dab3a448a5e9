"""A long task that was killed goes on from its checkpoint, and its numbers are the same bit for bit."""

import dataclasses
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import jax
import numpy as np
import optax
import pytest

import wd_jax as wd
from tests.sweeps.store import trainer
from wd_jax.engine.examples import on_device
from wd_jax.sweeps import carried, run_task
from wd_jax.sweeps.run_task import numerics, run_on
from wd_jax.sweeps.store import checkpoints as module
from wd_jax.sweeps.store import chunk_file
from wd_jax.sweeps.store.checkpoints import Checkpoints
from wd_jax.sweeps.store.chunk_store import ChunkStore

pytestmark = pytest.mark.numeric
DATA = wd.data.teacher(0, n=20, n_validation=4, n_test=4, n_in=4, n_hidden=4, n_out=2)
SETUP = wd.Setup(widths=(4, 3, 2), batch_size=5)
EPOCHS = 6
KEY = "ab" * 16
TRAINER = Path(trainer.__file__)


def planned(**axes):
    probes = axes.pop("probes", wd.Probes(evaluate_every=2))
    setup = axes.pop("setup", SETUP)
    (task,) = wd.dry_run(
        setup, DATA, **{"lmbda": [0.5, 1.0], "seeds": 2, "epochs": EPOCHS, "probes": probes} | axes
    ).tasks
    return task


def run(task, kept=None, stop_after=None, between=0.0):
    """Run a task; stop it after so many epochs, as a kill would between two calls."""
    stop, steps = threading.Event(), []

    def tick(done, diverged):
        steps.append(done)
        if stop_after is not None and sum(steps) >= stop_after * task.steps_per_epoch * task.members:
            stop.set()

    with numerics(task.setup.dtype):
        examples = on_device(DATA, task.setup.dtype)
        try:
            return run_on(task, examples, stop, tick, checkpoints=kept, between=between), steps
        except InterruptedError:
            return None, steps


def same(first, second) -> None:
    assert first.keys() == second.keys()
    for name, array in first.items():
        assert array.dtype == second[name].dtype
        assert array.tobytes() == second[name].tobytes(), name


@pytest.fixture
def kept(tmp_path):
    return Checkpoints(tmp_path, KEY)


KINDS = {
    "generic": {},
    "blocked": {"method": "blocked", "seeds": 1, "lmbda": [0.5, 1.0]},
    "adamw": {"optimiser": "adamw", "eta": 0.01},
    "momentum": {"optimiser": "sgdw", "momentum": 0.9},
    "float64": {"dtype": "float64"},
    "schedule": {"eta_schedule": "cosine"},
    "compensated": {"dtype": "bfloat16", "rounding": "compensated"},
    "weights": {"probes": wd.Probes(keep_weights=True, records_per_epoch=2, evaluate_every=2)},
    "diverging": {"eta": 1e30},
}


@pytest.mark.filterwarnings("ignore:eta=1e")
@pytest.mark.parametrize("kind", KINDS)
def test_stopped_at_every_epoch_it_goes_on_bit_for_bit(kind: str, tmp_path) -> None:
    task = planned(**KINDS[kind])
    undisturbed, steps = run(task)
    calls = range(task.epochs_per_call, EPOCHS, task.epochs_per_call)
    assert len(calls) > 1
    for epoch in calls:
        kept = Checkpoints(tmp_path / str(epoch), KEY)
        kept.folder.mkdir()
        assert run(task, kept, stop_after=epoch)[0] is None
        assert kept.newest().epoch == epoch
        again, left = run(task, kept)
        same(undisturbed, again)
        assert sum(left) == sum(steps) and len(left) == 1 + len(steps) - epoch // task.epochs_per_call


def test_it_really_begins_from_the_checkpoint(kept) -> None:
    """With other weights in the checkpoint the end is another: nothing was trained anew behind its back."""
    task = planned()
    run(task, kept, stop_after=4)
    found = kept.newest()
    path = kept.folder / "checkpoints" / KEY / f"{found.epoch}.npz"
    here = dataclasses.replace(kept, where=chunk_file.header(path).meta["where"])
    moved = [leaf + leaf.dtype.type(0.25) * (leaf.dtype.kind == "f") for leaf in found.leaves]
    here.save(found.epoch, moved, found.records)
    assert not np.array_equal(run(task)[0]["weight_norm2"], run(task, kept)[0]["weight_norm2"])


def test_none_is_written_before_its_time(kept) -> None:
    run(planned(), kept, between=3600.0)
    assert kept.newest() is None and not (kept.folder / "checkpoints").exists()


def test_a_task_that_is_stopped_keeps_one_more(kept, monkeypatch) -> None:
    task = planned()
    run(task, kept, stop_after=4, between=3600.0)
    assert kept.newest() is None  # so soon after the start there is little to keep
    monkeypatch.setattr(run_task, "SECONDS_BEFORE_STOP", 0.0)
    run(task, kept, stop_after=4, between=3600.0)
    assert kept.newest().epoch == 4
    same(run(task)[0], run(task, kept, between=3600.0)[0])


def test_two_are_kept_and_a_damaged_newest_falls_back(kept) -> None:
    task = planned()
    undisturbed, _ = run(task)
    run(task, kept, stop_after=4)
    folder = kept.folder / "checkpoints" / KEY
    first, last = sorted(folder.iterdir(), key=lambda path: int(path.stem))
    data = bytearray(last.read_bytes())
    data[len(data) // 2] ^= 1
    last.write_bytes(data)
    assert kept.newest().epoch == int(first.stem) < int(last.stem)
    same(undisturbed, run(task, kept)[0])
    for path in folder.iterdir():
        path.write_bytes(path.read_bytes()[:100])
    assert kept.newest() is None
    same(undisturbed, run(task, kept)[0])


def test_one_of_another_task_or_place_is_not_taken(kept, tmp_path) -> None:
    kept.save(2, [np.zeros(2)], {})
    other = Checkpoints(tmp_path, "cd" * 16)
    (tmp_path / "checkpoints" / other.key).mkdir()
    (tmp_path / "checkpoints" / KEY / "2.npz").rename(tmp_path / "checkpoints" / other.key / "2.npz")
    assert other.newest() is None
    here, there = (Checkpoints(tmp_path, KEY, where=where) for where in ("cpu", "gpu"))
    here.save(2, [np.zeros(2)], {})
    assert here.newest().epoch == kept.newest().epoch == 2 and there.newest() is None


def test_a_state_of_another_kind_of_device_is_not_gone_on_with(kept, monkeypatch) -> None:
    task = planned()
    run(task, kept, stop_after=4)
    monkeypatch.setenv("XLA_FLAGS", "--xla_of_another_day")  # read by nobody now: JAX has started
    _, steps = run(task, kept, between=3600.0)
    assert len(steps) == EPOCHS // task.epochs_per_call


def test_one_of_other_shapes_is_passed_over(kept) -> None:
    task = planned()
    run(planned(hidden=4), kept, stop_after=2)
    assert kept.newest() is not None
    same(run(task)[0], run(task, kept, between=3600.0)[0])


def test_clear_leaves_nothing(kept) -> None:
    run(planned(), kept, stop_after=4)
    kept.clear()
    assert kept.newest() is None and not (kept.folder / "checkpoints" / KEY).exists()
    assert list((kept.folder / "tmp").iterdir()) == []


@pytest.mark.parametrize("key", ["../../x", "AB" * 16, "", "ab" * 16 + "\n"])
def test_a_key_is_a_hash(key: str, tmp_path) -> None:
    with pytest.raises(ValueError, match="no key of a task"):
        Checkpoints(tmp_path, key)


def test_a_full_disk_costs_the_checkpoint_and_not_the_task(kept, monkeypatch) -> None:
    def full(*_):
        raise OSError(28, "No space left on device")

    task = planned()
    undisturbed, _ = run(task)
    monkeypatch.setattr(module.chunk_file, "write", full)
    with pytest.warns(UserWarning, match="no checkpoint of a long task .*No space left") as said:
        found, _ = run(task, kept)
    assert len(said) == 1
    same(undisturbed, found)


def test_run_takes_them_too(tmp_path) -> None:
    kept, task = Checkpoints(tmp_path, KEY), planned()
    run(task, kept, stop_after=2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        same(run_task.run(task, DATA), run_task.run(task, DATA, kept))


@pytest.mark.fault
def test_a_process_killed_again_and_again_ends_with_the_same_bits(tmp_path, kills) -> None:
    """A checkpoint after every call, a SIGKILL at a random moment, and on from there, until the task is done."""
    random, lives = np.random.default_rng(0), max(3, kills // 6)  # each has to start JAX
    reached, lines = [], []
    (tmp_path / "run").mkdir()
    for life in range(lives + 1):
        command = [sys.executable, str(TRAINER), str(tmp_path / "run"), str(lives)]
        running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
        try:
            first = running.stdout.readline()
            reached.append(int(first.split()[1]))
            if life < lives:
                for _ in range(int(random.integers(1, 3))):
                    lines.append(running.stdout.readline())
                running.kill()
            lines += running.communicate(timeout=300)[0].splitlines()
        finally:
            running.kill()
    assert lines[-1] == "published" and reached == sorted(reached) and reached[-1] > 0
    task, store = trainer.task(lives), ChunkStore(tmp_path / "run")
    same(run_task.run(task, trainer.DATA), store.load(task.key))
    assert list((tmp_path / "run" / "checkpoints").iterdir()) == []
    store.sweep_temporary()
    assert list((tmp_path / "run" / "tmp").iterdir()) == []


def test_a_state_with_a_key_or_a_low_type_comes_back() -> None:
    state = (jax.random.key(3), jax.numpy.ones(2, "bfloat16"), optax.adam(0.1).init({"w": jax.numpy.ones((2, 3))}))
    again = carried.from_host(carried.to_host(state), jax.eval_shape(lambda: state))
    for one, other in zip(jax.tree.leaves(state), jax.tree.leaves(again), strict=True):
        assert one.dtype == other.dtype and (one == other).all()
    assert carried.from_host(carried.to_host(state)[1:], state) is None
    narrow = (state[0], state[1].astype("float32"), state[2])
    assert carried.from_host(carried.to_host(state), narrow) is None


def test_a_weak_number_is_refused() -> None:
    with pytest.raises(TypeError, match="weak type"):
        carried.to_host((jax.numpy.asarray(1.0), np.ones(2)))
