"""What a run has on disk is what was written, or it is said which file is not."""

import json
import re
import shutil

import numpy as np
import pytest

import wd_jax as wd
from wd_jax.cli import main
from wd_jax.files import ForeignFileError
from wd_jax.sweeps import run_task
from wd_jax.sweeps.store import data_file, generations
from wd_jax.sweeps.store.verify import verify

pytestmark = pytest.mark.numeric
DATA = wd.data.teacher(0, n=20, n_validation=4, n_test=4, n_in=4, n_hidden=4, n_out=2)
CHEAP = wd.Probes(moved=False, splits=())


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run of six tasks."""
    root = tmp_path_factory.mktemp("runs") / "x"
    plan = wd.dry_run(
        wd.Setup((4, 3, 2), batch_size=5), DATA, lmbda=[0.5, 1.0], hidden=[2, 3], seeds=9, epochs=2, probes=CHEAP
    )
    assert len(plan.tasks) == 6
    store, plan = generations.begin(root, plan, overwrite=False)
    for task in plan.tasks:
        store.chunks.publish(task.spec, run_task.run(task, DATA), {"seconds": 0.1})
    return root


@pytest.fixture
def run(finished, tmp_path):
    return shutil.copytree(finished, tmp_path / "x")


def parts(run):
    store = generations.open_store(run)
    return store.chunks, store.plan.keys


def change(path, place, by=1) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= by
    path.write_bytes(data)


@pytest.mark.parametrize("full", [False, True])
def test_a_finished_run_is_sound(run, full) -> None:
    found = verify(run, full)
    chunks, keys = parts(run)
    assert found.sound and found.whole == keys and found.missing == () and found.tasks == 6
    assert found.bytes == sum(chunks.path(key).stat().st_size for key in keys)
    assert (found.beside, found.unfinished, found.quarantined) == (0, 0, 0)


def test_missing_and_failed_tasks_are_no_damage(run) -> None:
    chunks, keys = parts(run)
    for key in keys[:2]:
        chunks.path(key).unlink()
    chunks.note_failure(keys[1], 1, RuntimeError("lost"), "")
    chunks.note_failure(keys[5], 1, RuntimeError("lost, and then done"), "")
    found = verify(run)
    assert found.sound and found.missing == keys[:2] and found.failed == (keys[1],) and found.whole == keys[2:]


@pytest.mark.parametrize("full", [False, True])
def test_a_file_cut_short_is_found_either_way(run, full) -> None:
    chunks, keys = parts(run)
    path = chunks.path(keys[3])
    path.write_bytes(path.read_bytes()[:-1])
    found = verify(run, full)
    (fault,) = found.faults
    assert fault.path == path and "quarantine" in fault.said and found.missing == (keys[3],) and found.quarantined == 1
    assert verify(run, full).sound


def test_a_changed_number_is_found_by_a_full_one(run) -> None:
    """In full every bit is seen; the quick one reads no numbers, and says so."""
    chunks, keys = parts(run)
    random = np.random.default_rng(0)
    for key in keys:
        path = chunks.path(key)
        good = path.read_bytes()
        for _ in range(5):
            change(path, int(random.integers(len(good))), 1 << int(random.integers(8)))
            found = verify(run, full=True)
            assert [fault.path for fault in found.faults] == [path] and found.missing == (key,)
            path.write_bytes(good)
    assert verify(run, full=True).sound


def test_files_under_each_others_names_are_found(run) -> None:
    chunks, keys = parts(run)
    one, other = chunks.path(keys[0]), chunks.path(keys[1])
    shutil.copy(one, other)
    found = verify(run)
    assert [fault.path for fault in found.faults] == [other] and "holds another task" in found.faults[0].said


def test_a_link_is_found(run, tmp_path) -> None:
    chunks, keys = parts(run)
    path = chunks.path(keys[0])
    path.rename(tmp_path / "elsewhere.npz")
    path.symlink_to(tmp_path / "elsewhere.npz")
    (run / "run-1" / "failed" / "away").symlink_to(tmp_path)
    found = verify(run)
    assert {fault.path.name for fault in found.faults} == {path.name, "away"} and found.missing == (keys[0],)


def test_a_damaged_plan_is_named(run) -> None:
    plan = run / "run-1" / "plan" / "1.npz"
    change(plan, len(plan.read_bytes()) // 2)
    with pytest.raises(ForeignFileError, match=r"plan/1\.npz: damaged"):
        verify(run)


def test_plans_and_data_are_checked_too(run) -> None:
    plan, data = run / "run-1" / "plan" / "2.npz", data_file.write(run / "run-1", DATA)
    shutil.copy(run / "run-1" / "plan" / "1.npz", plan)
    old = run / "run-1" / "plan" / "1.npz"
    change(old, len(old.read_bytes()) // 2)
    change(data, len(data.read_bytes()) // 2)
    assert [fault.path for fault in verify(run).faults] == [old]
    assert [fault.path for fault in verify(run, full=True).faults] == [old, data]
    data.write_bytes(data.read_bytes()[:-1])
    assert [fault.path for fault in verify(run).faults] == [old, data]


def test_tasks_of_an_earlier_plan_are_checked_too(run) -> None:
    chunks, keys = parts(run)
    receipt = chunks.publish('{"of": "an earlier plan"}', {"x": np.ones(3)}, {})
    found = verify(run)
    assert found.sound and found.beside == 1 and found.whole == keys
    path = chunks.path(receipt.key)
    path.write_bytes(path.read_bytes()[:-1])
    assert [fault.path for fault in verify(run).faults] == [path]


def test_a_newer_run_and_no_run_are_refused(run, tmp_path) -> None:
    before = json.loads((run / "FORMAT").read_text())
    (run / "FORMAT").write_text(json.dumps(before | {"version": 2}))
    with pytest.raises(ForeignFileError, match="newer version of wd_jax"):
        verify(run)
    with pytest.raises(FileNotFoundError, match="holds no run"):
        verify(tmp_path)


def test_the_shell_says_what_it_found(run, capsys) -> None:
    assert main(["verify", str(run)]) == 0
    out, err = capsys.readouterr()
    assert "no fault found; names, lengths and headers were checked, no numbers (--full reads all)" in out and err == ""
    assert main(["verify", str(run), "--full", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["sound"] and record["full"] and record["published"] == record["tasks"] == 6
    chunks, keys = parts(run)
    path = chunks.path(keys[0])
    change(path, path.stat().st_size - 100)
    assert main(["verify", str(run)]) == 0
    capsys.readouterr()
    assert main(["verify", str(run), "--full"]) == 1
    out, err = capsys.readouterr()
    assert "1 damaged; every byte was checked" in out
    assert re.search("missing +1; the sweep's own command trains them", out)
    assert err.startswith(f"error: {run}: damaged, 1 of its files ({path}") and err.count("\n") == 1


def test_one_file_and_a_folder_of_results_are_checked_too(run, tmp_path, capsys) -> None:
    wd.sweep(wd.Setup((4, 3, 2), batch_size=5), DATA, epochs=1, probes=CHEAP, progress=False, out=tmp_path / "y.nc")
    assert main(["verify", str(tmp_path / "y.nc")]) == 0
    assert main(["verify", str(tmp_path), "--json"]) == 0
    record = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert record["sound"] and len(record["runs"]) == 2
    (tmp_path / "y.nc").write_bytes((tmp_path / "y.nc").read_bytes()[:-200])
    assert main(["verify", str(tmp_path), "--json"]) == 1
    out, err = capsys.readouterr()
    assert [one["sound"] for one in json.loads(out)["runs"]] == [True, False] and "y.nc" in err
    (tmp_path / "empty").mkdir()
    assert main(["verify", str(tmp_path / "empty")]) == 1
    assert "holds no run; name the folder or the file" in capsys.readouterr().err
