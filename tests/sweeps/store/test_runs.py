"""A run in a folder: the same numbers as in memory, resumed, extended, refused, replaced."""

import dataclasses

import jax
import numpy as np
import pytest

import wd_jax as wd
from wd_jax.files import ForeignFileError
from wd_jax.sweeps import threads
from wd_jax.sweeps.extend import OtherSweepError
from wd_jax.sweeps.run_errors import IncompleteError
from wd_jax.sweeps.store import drivers, generations

DATA = wd.data.teacher(0, n=20, n_validation=4, n_test=4, n_in=4, n_hidden=4, n_out=2)
SETUP = wd.Setup(widths=(4, 3, 2), batch_size=5)
GRIDS = [
    {"lmbda": [0.5, 1.0], "seeds": 2},
    {"hidden": [2, 3], "lmbda": [0.5, 1.0], "depth": [1, 2], "seeds": 3},
    {"lmbda": 1.0, "optimiser": ["sgd", "adamw"], "probes": wd.Probes(spectrum=True, records_per_epoch=2)},
    {"lmbda": [1.0, 2.0], "probes": wd.Probes(keep_weights=True)},
]


def swept(out=None, **axes):
    return wd.sweep(SETUP, DATA, **{"epochs": 2, "progress": False, "out": out} | axes)


def trained(monkeypatch):
    """Count the members that are trained from now on."""
    count, original = [], threads.run_on

    def run_on(task, *rest, **options):
        count.extend(zip(task.cells, task.seeds, strict=True))
        return original(task, *rest, **options)

    monkeypatch.setattr(threads, "run_on", run_on)
    return count


@pytest.mark.parametrize("axes", GRIDS, ids=lambda axes: "-".join(axes))
def test_a_folder_gives_the_bits_that_memory_gives(axes, tmp_path) -> None:
    in_memory, stored = swept(**axes), swept(tmp_path / "run", **axes)
    assert set(np.unique(stored.status)) == {"ok"}
    assert stored.identical(in_memory)
    assert wd.open(tmp_path / "run").identical(stored)


def test_the_same_call_again_trains_nothing(tmp_path, monkeypatch) -> None:
    first = swept(tmp_path / "run", **GRIDS[0])
    count = trained(monkeypatch)
    assert swept(tmp_path / "run", **GRIDS[0]).identical(first) and not count


def test_more_seeds_and_values_train_only_what_is_new(tmp_path, monkeypatch) -> None:
    first = swept(tmp_path / "run", lmbda=[0.5, 1.0], seeds=2)
    count = trained(monkeypatch)
    more = swept(tmp_path / "run", lmbda=[0.25, 0.5, 1.0], seeds=3)
    new = {(cell.lmbda, seed) for cell, seed in count}
    assert new == {(0.25, 0), (0.25, 1), (0.25, 2), (0.5, 2), (1.0, 2)}
    old = more.sel(lmbda=[0.5, 1.0], seed=[0, 1])
    for name in ("weight_rms", "budget_noise", "cost", "diverged_at"):
        np.testing.assert_array_equal(old[name], first[name])
    np.testing.assert_allclose(more.weight_rms, swept(lmbda=[0.25, 0.5, 1.0], seeds=3).weight_rms, rtol=1e-5)
    count.clear()
    assert swept(tmp_path / "run", lmbda=[0.25, 0.5, 1.0], seeds=3).identical(more) and not count


def test_an_extension_that_was_interrupted_goes_on_with_the_same_tasks(tmp_path, monkeypatch) -> None:
    """19 new members are cut into tasks of 7; when one is published, the 12 left must not be cut into tasks of 6."""
    axes = {"lmbda": [0.1 * k for k in range(1, 11)], "seeds": 2, "optimiser": "adamw"}
    swept(tmp_path / "whole", lmbda=[0.1], optimiser="adamw")
    whole = swept(tmp_path / "whole", **axes)
    swept(tmp_path / "cut", lmbda=[0.1], optimiser="adamw")
    done, original = [], threads.run_on

    def run_on(*given, **options):
        if done:
            raise MemoryError
        done.append(1)
        return original(*given, **options)

    with monkeypatch.context() as patch:
        patch.setattr(threads, "run_on", run_on)
        with pytest.raises(IncompleteError):
            wd.sweep(SETUP, DATA, epochs=2, progress=False, out=tmp_path / "cut", devices=jax.devices()[:1], **axes)
    again = swept(tmp_path / "cut", **axes)
    for name in again.data_vars:
        np.testing.assert_array_equal(again[name], whole[name])
    keys = [generations.open_store(tmp_path / name).plan.keys for name in ("whole", "cut")]
    assert keys[0] == keys[1]


@pytest.mark.parametrize(
    ("axes", "said"),
    [
        ({"lmbda": [0.5, 1.0], "seeds": 1}, "holds a run with seed 1, which is not asked for"),
        ({"lmbda": [0.5, 2.0], "seeds": 2}, "holds a run with lmbda=1, which is not asked for"),
        ({"lmbda": [0.5, 1.0], "seeds": 2, "epochs": 3}, "epochs=2, and here it is 3"),
        ({"lmbda": [0.5, 1.0], "seeds": 2, "optimiser": "adamw"}, "optimiser='sgd', and here it is 'adamw'"),
    ],
)
def test_another_sweep_is_refused_before_anything_runs(axes, said, tmp_path, monkeypatch) -> None:
    swept(tmp_path / "run", **GRIDS[0])
    count = trained(monkeypatch)
    with pytest.raises(OtherSweepError, match=said):
        swept(tmp_path / "run", **axes)
    assert not count


def test_what_is_replaced_stays_until_the_new_one_is_whole(tmp_path, monkeypatch) -> None:
    first = swept(tmp_path / "run", **GRIDS[0])
    (tmp_path / "run" / "notes.txt").write_text("mine")

    def failing(*_, **__):
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(threads, "run_on", failing)
        with pytest.raises(IncompleteError, match="1 of 1 tasks failed, the first by MemoryError"):
            swept(tmp_path / "run", lmbda=[3.0], overwrite=True)
    assert wd.open(tmp_path / "run").identical(first)
    second = swept(tmp_path / "run", lmbda=[3.0], overwrite=True)
    assert wd.open(tmp_path / "run").identical(second) and second.lmbda.values.tolist() == [3.0]
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == ["FORMAT", "notes.txt", "run-2", "status.html"]


def test_a_task_that_fails_is_named_and_the_others_are_kept(tmp_path, monkeypatch) -> None:
    original = threads.run_on

    def run_on(task, *rest, **options):
        if task.setup.optimiser == "adamw":
            raise RuntimeError("out of luck")
        return original(task, *rest, **options)

    axes = {"optimiser": ["sgd", "adamw"], "lmbda": [0.5, 1.0]}
    with monkeypatch.context() as patch:
        patch.setattr(threads, "run_on", run_on)
        with pytest.raises(IncompleteError, match="1 of 2 tasks failed, the first by RuntimeError: out of luck"):
            swept(tmp_path / "run", **axes)
    with pytest.warns(UserWarning, match="2 of 4 members are failed, and NaN"):
        half = wd.open(tmp_path / "run")
    assert half.status.sel(seed=0).values.tolist() == [["ok", "ok"], ["failed", "failed"]]
    assert half.weight_rms.notnull().all(("lmbda", "seed", "layer", "epoch")).values.tolist() == [True, False]
    whole = swept(**axes)
    np.testing.assert_array_equal(half.weight_rms.sel(optimiser="sgd"), whole.weight_rms.sel(optimiser="sgd"))
    assert swept(tmp_path / "run", **axes).identical(whole)


def test_a_run_can_be_read_while_it_goes_on(tmp_path) -> None:
    plan = wd.dry_run(SETUP, DATA, lmbda=[0.5, 1.0], epochs=2)
    generations.begin(tmp_path / "run", plan, False)
    with pytest.warns(UserWarning, match="2 of 2 members are missing"):
        runs = wd.open(tmp_path / "run")
    assert runs.weight_rms.isnull().all() and runs.weight_rms.dims == ("lmbda", "seed", "layer", "epoch")
    assert "2 of 2 members are missing" in repr(wd.summarise(runs))


def test_the_tasks_of_a_plan_are_built_again_from_its_file(tmp_path) -> None:
    plan = wd.dry_run(SETUP, DATA, lmbda=[0.5, 1.0], optimiser=["sgd", "momentum"], momentum=0.5, seeds=2, epochs=2)
    store, _ = generations.begin(tmp_path / "run", plan, False)
    assert [store.plan.task(i) for i in range(len(plan.tasks))] == list(plan.tasks)


def test_a_function_of_ones_own_decides_whether_a_run_goes_on(tmp_path, monkeypatch) -> None:
    def with_factor(factor):
        return wd.rule(lambda h: __import__("optax").sgd(factor * h.eta), name="mine")

    def run(factor):
        setup = dataclasses.replace(SETUP, optimiser=with_factor(factor))
        return wd.sweep(setup, DATA, epochs=1, progress=False, out=tmp_path / "run")

    run(1.0)
    count = trained(monkeypatch)
    run(1.0)
    assert not count
    with pytest.raises(OtherSweepError, match="own_functions"):
        run(0.5)


def test_a_damaged_pointer_is_found_again_and_a_newer_one_refused(tmp_path) -> None:
    whole = swept(tmp_path / "run", **GRIDS[0])
    pointer = tmp_path / "run" / "FORMAT"
    text = pointer.read_bytes()
    for place in range(len(text)):
        for bit in (0, 3, 6):
            damaged = bytearray(text)
            damaged[place] ^= 1 << bit
            pointer.write_bytes(damaged)
            try:
                assert generations.open_store(tmp_path / "run").generation.name == "run-1"
            except ForeignFileError as error:
                assert "newer version" in str(error)  # a flip in the number of the version
    pointer.write_bytes(b"")
    assert wd.open(tmp_path / "run").identical(whole)
    pointer.write_text('{"format": "wd_jax run", "version": 2, "current": "run-1", "sha256": ""}')
    with pytest.raises(ForeignFileError, match="written by a newer version of wd_jax"):
        wd.open(tmp_path / "run")


def test_of_two_replacements_the_one_that_lost_hands_its_result_back(tmp_path, monkeypatch) -> None:
    swept(tmp_path / "run", lmbda=[1.0])
    original = threads.run

    def overtaken(*given, **options):
        for batch in original(*given, **options):
            monkeypatch.setattr(threads, "run", original)
            monkeypatch.setattr(drivers, "alive", lambda generation: (1,))
            swept(tmp_path / "run", lmbda=[3.0], overwrite=True)  # another process, begun later and whole first
            yield batch

    monkeypatch.setattr(threads, "run", overtaken)
    with pytest.raises(FileExistsError, match="another process replaced the run meanwhile") as lost:
        swept(tmp_path / "run", lmbda=[2.0], overwrite=True)
    assert lost.value.runs.lmbda.values.tolist() == [2.0]
    assert wd.open(tmp_path / "run").lmbda.values.tolist() == [3.0]
