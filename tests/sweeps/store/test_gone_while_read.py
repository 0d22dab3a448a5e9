"""A result that is read from the disk bit by bit, and whose run is replaced meanwhile, is an error and no NaN."""

import shutil

import pytest

import wd_jax as wd
from wd_jax.sweeps import run_task
from wd_jax.sweeps.store import data_file, generations, reading

DATA = wd.data.null(n=8, n_validation=2, n_test=2, n_in=4, n_out=2)


@pytest.mark.numeric
@pytest.mark.parametrize("how", ["replaced", "moved"])
def test_numbers_of_a_run_that_is_gone_are_refused(tmp_path, monkeypatch, how: str) -> None:
    monkeypatch.setattr(reading, "LOADED", 0)

    def run(lmbda, **options):
        setup = wd.Setup(widths=(4, 2), batch_size=4)
        return wd.sweep(setup, DATA, lmbda=lmbda, epochs=1, progress=False, out=tmp_path / "run", **options)

    run(1.0)
    runs = wd.open(tmp_path / "run")
    assert (runs.status == "ok").all()
    if how == "moved":
        shutil.move(tmp_path / "run", tmp_path / "elsewhere")
    else:
        run(2.0, overwrite=True)
    with pytest.raises(FileNotFoundError, match=r"run: was replaced, moved or altered .* open it again"):
        runs.weight_rms.load()


@pytest.mark.numeric
def test_the_data_set_of_a_run_that_is_replaced_goes_with_it(tmp_path) -> None:
    root, setup = tmp_path / "run", wd.Setup(widths=(4, 2), batch_size=4)
    wd.sweep(setup, DATA, lmbda=1.0, epochs=1, progress=False, out=root)
    data_file.write(root / "run-1", DATA)
    wd.sweep(setup, DATA, lmbda=2.0, epochs=1, progress=False, out=root, overwrite=True)
    assert sorted(path.name for path in root.iterdir()) == ["FORMAT", "run-2", "status.html"]


@pytest.mark.numeric
def test_of_two_replacements_that_end_together_one_stays(tmp_path) -> None:
    setup = wd.Setup(widths=(4, 2), batch_size=4)
    plans = [wd.dry_run(setup, DATA, lmbda=one, epochs=1) for one in (1.0, 2.0, 3.0)]
    root = tmp_path / "run"
    wd.sweep(setup, DATA, lmbda=1.0, epochs=1, progress=False, out=root)
    begun = [generations.begin(root, plan, True)[0] for plan in plans[1:]]
    for store, plan in zip(begun, plans[1:], strict=True):
        for task in plan.tasks:
            store.chunks.publish(task.spec, run_task.run(task, DATA), {})
    for store in begun:
        generations.settle(store)
    assert generations.open_store(root).generation.name == "run-3"
    generations.settle(begun[1])
    assert float(wd.open(root).lmbda) == 3.0
