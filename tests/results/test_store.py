"""Results on disk: a round trip loses nothing, and a reader finds a whole file or none."""

import numpy as np
import pytest
import xarray as xr

import wd_jax as wd
from wd_jax import files
from wd_jax.results import netcdf
from wd_jax.sweeps import threads

pytestmark = pytest.mark.numeric


@pytest.fixture
def never_run(monkeypatch) -> None:
    """Computing is a failure here: the refusal has to come before it."""
    monkeypatch.setattr(threads, "run", lambda *_, **__: pytest.fail("computed before the target was checked"))


def sweep(setup, tiny, out, **more):
    return wd.sweep(setup, tiny, lmbda=[0.5, 2.0], eta=0.3, seeds=2, epochs=6, out=out, progress=False, **more)


def test_round_trip(setup32, tiny, pair, tmp_path) -> None:
    written = sweep(setup32, tiny, tmp_path / "new" / "runs.nc")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["runs.nc"]
    for spelled in (tmp_path / "new" / "runs", str(tmp_path / "new" / "runs.nc")):
        read = wd.open(spelled)
        xr.testing.assert_identical(read, written)
    kinds = [{name: v.dtype.kind.replace("O", "U") for name, v in runs.variables.items()} for runs in (read, written)]
    assert kinds[0] == kinds[1]


def test_text_and_truth_and_gaps_survive(pair, tmp_path) -> None:
    odd = pair.assign_coords(note=("lmbda", ["as planned", "again"]), sure=True)
    odd["weight_rms"] = odd.weight_rms.where(odd.layer == 1)
    netcdf.write(odd, files.claim_file(tmp_path / "odd"))
    read = wd.open(tmp_path / "odd")
    xr.testing.assert_identical(read, odd)
    assert read.sure.dtype == bool


def test_an_existing_file_is_refused_before_computing(setup32, tiny, tmp_path, never_run) -> None:
    (tmp_path / "runs.nc").write_bytes(b"precious")
    with pytest.raises(FileExistsError, match=r"runs.nc: exists already; choose another name, or pass overwrite"):
        sweep(setup32, tiny, tmp_path / "runs.nc")
    assert (tmp_path / "runs.nc").read_bytes() == b"precious"


def test_overwrite_replaces_and_a_failed_one_does_not(setup32, tiny, pair, tmp_path, monkeypatch) -> None:
    path = tmp_path / "runs.nc"
    path.write_bytes(b"precious")

    def half(self, aside, **_):
        aside.write_bytes(b"CDF half")
        raise OSError("no space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(xr.Dataset, "to_netcdf", half)
        with pytest.raises(OSError, match="no space left"):
            netcdf.write(pair, files.claim_file(path, overwrite=True))
    assert path.read_bytes() == b"precious" and [p.name for p in tmp_path.iterdir()] == ["runs.nc"]
    netcdf.write(pair, files.claim_file(path, overwrite=True))
    xr.testing.assert_identical(wd.open(path), pair)


@pytest.mark.parametrize("out", ["taken.nc", "."])
def test_a_folder_instead_of_a_file(setup32, tiny, tmp_path, monkeypatch, never_run, out: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken.nc").mkdir()
    with pytest.raises(IsADirectoryError, match="is a folder; name a file"):
        sweep(setup32, tiny, out)


def test_a_folder_that_cannot_be_written(setup32, tiny, tmp_path, never_run) -> None:
    (tmp_path / "file").write_text("")  # as a parent; root may write anywhere else
    with pytest.raises(OSError, match=r"file: is a file; choose a folder you may write to"):
        sweep(setup32, tiny, tmp_path / "file" / "deep" / "runs")


def damage(path, kind: str, pair) -> None:
    if kind == "foreign":
        xr.Dataset({"a": ("x", np.arange(3.0))}).to_netcdf(path, engine="scipy")
        return
    netcdf.write(pair, path)
    whole = path.read_bytes()
    path.write_bytes({"truncated": whole[: len(whole) // 2], "empty": b"", "text": b"not a result\n"}[kind])


@pytest.mark.parametrize("kind", ["truncated", "empty", "text", "foreign"])
def test_what_is_no_result_is_refused_on_opening(kind: str, pair, tmp_path) -> None:
    damage(tmp_path / "runs.nc", kind, pair)
    with pytest.raises(ValueError, match=r"runs.nc: (not a readable NetCDF|a NetCDF file, but not one)") as caught:
        wd.open(tmp_path / "runs")
    assert "\n" not in str(caught.value)


def test_missing_files_and_folders_are_named(tmp_path) -> None:
    with pytest.raises(FileNotFoundError, match=r"gone.nc: no such file, nor a folder .*gone; name what a sweep wrote"):
        wd.open(tmp_path / "gone")
    (tmp_path / "folder.nc").mkdir()
    with pytest.raises(FileNotFoundError, match=r"folder.nc: is a folder"):
        wd.open(tmp_path / "folder")
