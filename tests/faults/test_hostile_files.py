"""Case 25: files made to run code when they are read, and a plan that is not what its keys say. A canary tells."""

import os
from pathlib import Path

import numpy as np
import pytest

import wd_jax as wd
from wd_jax.cli import main
from wd_jax.files import ForeignFileError
from wd_jax.sweeps.store import chunk_file, plan_file
from wd_jax.sweeps.store.generations import open_store

pytestmark = pytest.mark.fault
CHEAP = wd.Probes(budget=False, moved=False, splits=())


class Canary:
    """Whoever unpickles it makes a folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.fixture
def canary(tmp_path: Path):
    path = tmp_path / "canary"
    yield Canary(path)
    assert not path.exists()


def objects(canary: Canary) -> np.ndarray:
    found = np.empty(6, dtype=object)
    found[:] = [canary] * 6
    return found


def test_the_canary_sings(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", objects(Canary(tmp_path / "there")), allow_pickle=True)
    np.load(tmp_path / "x.npy", allow_pickle=True)
    assert (tmp_path / "there").exists()


def test_a_data_set_of_objects_is_refused(canary: Canary, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", objects(canary), allow_pickle=True)
    np.savez(tmp_path / "x.npz", X=np.eye(6), y=objects(canary))
    for name in ("x.npy", "x.npz"):
        with pytest.raises(wd.data.DatasetError) as caught:
            wd.data.load(str(tmp_path / name))
        assert name in str(caught.value) and "\n" not in str(caught.value)


YAML = "lmbda: !!python/object/apply:os.mkdir ['{}']\n"


@pytest.mark.parametrize("name", ["x.yaml", "x.toml", "x.json"])
def test_a_file_of_options_in_yaml_is_refused(name: str, canary: Canary, tmp_path: Path, capsys) -> None:
    (tmp_path / name).write_text(YAML.format(canary.path), encoding="utf-8")
    assert main(["sweep", "--dry-run", "--config", str(tmp_path / name)]) == 2
    assert f"{tmp_path / name}: line 1" in capsys.readouterr().err


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    setup = wd.Setup(widths=(16, 2, 4))
    asked = {"lmbda": [1.0, 2.0], "epochs": 1, "probes": CHEAP, "progress": False}
    wd.sweep(setup, wd.data.null(), out=tmp_path / "run", **asked)
    return tmp_path / "run"


def test_a_task_of_objects_is_never_read(stored: Path, canary: Canary) -> None:
    store = open_store(stored)
    (key,) = store.plan.keys
    np.savez(store.chunks.path(key), weight_rms=objects(canary), meta=np.zeros(3))
    with pytest.raises(chunk_file.CorruptChunk):
        store.chunks.load(key)
    assert not store.chunks.has(key)  # moved aside, to be trained again


def plan_of(stored: Path) -> Path:
    (path,) = (open_store(stored).generation / "plan").iterdir()
    return path


def test_a_plan_of_objects_is_never_read(stored: Path, canary: Canary) -> None:
    path = plan_of(stored)
    path.unlink()
    np.savez(path, keys=objects(canary), meta=np.zeros(3))
    with pytest.raises((ForeignFileError, OSError)) as caught:
        open_store(stored)
    assert "\n" not in str(caught.value)


def rewritten(path: Path, change) -> None:
    """Write a plan again, whole and with checksums that are right, after a change."""
    meta, arrays = chunk_file.read(path)
    held = {"plan": meta["plan"]}
    arrays = {name: array.copy() for name, array in arrays.items()}
    change(held["plan"], arrays)
    path.unlink()
    chunk_file.write(path, arrays, held)


def another_key(plan: dict, arrays: dict) -> None:
    arrays["keys"] = np.array(["0" * 32], "S32")
    plan["hash"] = plan_file.hash_of(["0" * 32])


def another_number(plan: dict, arrays: dict) -> None:
    arrays["cells"][0, plan["names"].index("lmbda")] = 1.5


def another_rule(plan: dict, arrays: dict) -> None:
    plan["groups"][0]["batch_size" if "batch_size" in plan["groups"][0] else "epochs"] = 5


@pytest.mark.parametrize("change", [another_key, another_number, another_rule])
def test_a_plan_whose_keys_are_not_of_its_tasks_names_both(change, stored: Path) -> None:
    right = open_store(stored).plan.keys[0]
    rewritten(plan_of(stored), change)
    plan = open_store(stored).plan
    with pytest.raises(ForeignFileError) as caught:
        plan.task(0)
    assert plan.keys[0] in str(caught.value) and "\n" not in str(caught.value)
    assert (right in str(caught.value)) or change is not another_key


def test_a_plan_with_other_keys_than_its_hash_is_refused(stored: Path) -> None:
    def change(plan: dict, arrays: dict) -> None:
        arrays["keys"] = np.array(["0" * 32], "S32")

    rewritten(plan_of(stored), change)
    with pytest.raises(ForeignFileError, match="its keys are not those of its hash"):
        open_store(stored)
