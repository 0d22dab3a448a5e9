"""Case 24: names that lead elsewhere, that no file system takes, or that are markup; links where a run is stored."""

import dataclasses
from pathlib import Path

import pytest

import wd_jax as wd
from wd_jax.files import ForeignFileError
from wd_jax.sweeps.store.chunk_store import ChunkStore
from wd_jax.sweeps.store.generations import open_store

pytestmark = [pytest.mark.fault, pytest.mark.filterwarnings("ignore:Kept only")]
CHEAP = wd.Probes(budget=False, moved=False, splits=())
NAMES = ["../x", "/abs/evil", "..", "a\0b", "CON", "n" * 300, "<script>alert(1)</script>", "\U0001f600", "two\nlines"]


def sweep(data: wd.data.Dataset, out: Path, **more):
    setup = wd.Setup(widths=(16, 2, 4))
    return wd.sweep(setup, data, epochs=1, probes=CHEAP, progress=False, out=out, **more)


def below(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


@pytest.mark.parametrize("name", NAMES, ids=[name[:12] for name in map(repr, NAMES)])
def test_a_name_becomes_no_part_of_a_path(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    runs = sweep(dataclasses.replace(wd.data.null(), name=name), tmp_path / "work" / "run")
    assert {path for path in below(tmp_path) if "work/run" not in path.as_posix()} == {tmp_path / "work"}
    assert all(path.name.isascii() and path.name.isprintable() and len(path.name) < 100 for path in below(tmp_path))
    back = wd.open(tmp_path / "work" / "run")
    assert back.dataset.item() == runs.dataset.item()
    for page in below(tmp_path / "work"):
        assert page.suffix != ".html" or "<script>alert" not in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["a\0b", "n" * 300, " "], ids=["zero", "long", "blank"])
def test_a_place_that_cannot_be_is_refused_before_anything_runs(name: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("wd_jax.sweeps.threads.run", lambda *_, **__: pytest.fail("trained"))
    with pytest.raises((ValueError, OSError)) as caught:
        sweep(wd.data.null(), name)
    assert "\n" not in str(caught.value) and list(tmp_path.iterdir()) == []


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    sweep(wd.data.null(), tmp_path / "run", lmbda=[1.0, 2.0])
    return tmp_path / "run"


def test_a_link_in_place_of_a_tasks_file_is_not_followed(stored: Path, tmp_path: Path) -> None:
    store = open_store(stored)
    (key,) = store.plan.keys
    path = ChunkStore(store.generation).path(key)
    path.rename(tmp_path / "elsewhere.npz")
    path.symlink_to(tmp_path / "elsewhere.npz")
    before = (tmp_path / "elsewhere.npz").read_bytes()
    assert not store.chunks.has(key)
    with pytest.raises(ForeignFileError, match="is a symbolic link; the store holds plain files only"):
        store.chunks.load(key)
    with pytest.raises(ForeignFileError, match="is a symbolic link"):
        sweep(wd.data.null(), stored, lmbda=[1.0, 2.0])
    path.unlink()
    again = sweep(wd.data.null(), stored, lmbda=[1.0, 2.0])
    assert not path.is_symlink() and again.status.values.tolist() == [["ok"], ["ok"]]
    assert (tmp_path / "elsewhere.npz").read_bytes() == before


def test_a_link_in_place_of_a_folder_is_refused(stored: Path, tmp_path: Path) -> None:
    chunks = open_store(stored).generation / "chunks"
    chunks.rename(tmp_path / "elsewhere")
    chunks.symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    before = {path: path.read_bytes() for path in below(tmp_path / "elsewhere") if path.is_file()}
    with pytest.raises((ForeignFileError, OSError), match="link"):
        sweep(wd.data.null(), stored, lmbda=[1.0, 2.0, 3.0])
    assert {path: path.read_bytes() for path in below(tmp_path / "elsewhere") if path.is_file()} == before
