"""A place for a result: what appears there during a run is never replaced, and a late failure costs no result."""

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import xarray as xr

import wd_jax as wd
from wd_jax import files
from wd_jax.cli import dispatch
from wd_jax.results import kept, netcdf
from wd_jax.results.not_written import NotWrittenError, TakenError
from wd_jax.sweeps import room, threads
from wd_jax.sweeps import sweep as sweeps

pytestmark = pytest.mark.numeric


def during(monkeypatch, pair, happens) -> None:
    """Let something happen while a sweep runs, which gives what it gave before."""

    def run_all(plans, *, progress):
        happens()
        yield pair

    monkeypatch.setattr(sweeps, "run_all", run_all)


def sweep(setup, tiny, out, **more) -> xr.Dataset:
    return wd.sweep(setup, tiny, lmbda=[0.5, 2.0], eta=0.3, seeds=2, epochs=6, out=out, progress=False, **more)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_appears_is_never_replaced(setup32, tiny, pair, tmp_path, monkeypatch, links: bool) -> None:
    if not links:
        monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(PermissionError(errno.EPERM, "no links")))
    during(monkeypatch, pair, lambda: (tmp_path / "runs.nc").write_bytes(b"precious"))
    with pytest.raises(FileExistsError, match=r"runs\.nc: not written \(a file has appeared there since") as caught:
        sweep(setup32, tiny, tmp_path / "runs.nc")
    assert isinstance(caught.value, TakenError)
    xr.testing.assert_identical(caught.value.runs, pair)
    assert (tmp_path / "runs.nc").read_bytes() == b"precious" and names(tmp_path) == ["runs.nc"]


def test_overwrite_is_of_the_file_that_was_there(setup32, tiny, pair, tmp_path, monkeypatch) -> None:
    path = tmp_path / "runs.nc"
    path.write_bytes(b"old")
    during(monkeypatch, pair, lambda: path.write_bytes(b"another, and newer"))
    with pytest.raises(TakenError):
        sweep(setup32, tiny, path, overwrite=True)
    assert path.read_bytes() == b"another, and newer"


def test_overwrite_where_the_old_file_is_gone(setup32, tiny, pair, tmp_path, monkeypatch) -> None:
    path = tmp_path / "runs.nc"
    path.write_bytes(b"old")
    during(monkeypatch, pair, path.unlink)
    sweep(setup32, tiny, path, overwrite=True)
    xr.testing.assert_identical(wd.open(path), pair)


def test_without_hard_links_a_result_is_written_all_the_same(pair, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(PermissionError(errno.EPERM, "no links")))
    netcdf.write(pair, files.claim_file(tmp_path / "runs.nc"))
    xr.testing.assert_identical(wd.open(tmp_path / "runs.nc"), pair)
    assert names(tmp_path) == ["runs.nc"]


RACE = """
import sys
import xarray as xr
from wd_jax import files
from wd_jax.results import netcdf
from wd_jax.results.not_written import TakenError
claim = files.claim_file(sys.argv[1])
print("claimed", flush=True)
sys.stdin.readline()
try:
    netcdf.write(xr.Dataset({"a": ("x", [float(sys.argv[2])] * 100_000)}), claim)
    print("written")
except TakenError as error:
    print("refused", len(error.runs.a))
"""


def test_of_two_processes_one_writes_and_one_is_refused(tmp_path: Path) -> None:
    command = [sys.executable, "-c", RACE, str(tmp_path / "runs.nc")]
    both = [
        subprocess.Popen(
            [*command, number], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        for number in ("1", "2")
    ]
    for process in both:
        assert process.stdout.readline() == "claimed\n"
    for process in both:
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=120)[0].strip() for process in both]
    assert sorted(said) == ["refused 100000", "written"]
    with xr.open_dataset(tmp_path / "runs.nc", engine="scipy") as found:
        assert set(found.a.values.tolist()) == {float(1 + said.index("written"))}
    assert names(tmp_path) == ["runs.nc"]


def test_a_folder_that_is_gone_at_the_end(setup32, tiny, pair, tmp_path, monkeypatch) -> None:
    during(monkeypatch, pair, lambda: shutil.rmtree(tmp_path / "new"))
    with pytest.raises(
        NotWrittenError, match=r"runs\.nc: not written \(no such file or directory\); the result"
    ) as error:
        sweep(setup32, tiny, tmp_path / "new" / "runs.nc")
    xr.testing.assert_identical(error.value.runs, pair)


def test_a_full_disk_at_the_end(pair, tmp_path, monkeypatch) -> None:
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"not written \(no space left on device\)") as error:
        netcdf.write(pair, files.claim_file(tmp_path / "runs.nc"))
    assert error.value.runs is pair and names(tmp_path) == []


def test_a_result_that_netcdf_cannot_hold_is_handed_back(pair, tmp_path, monkeypatch) -> None:
    with pytest.raises(NotWrittenError, match="complex") as error:
        netcdf.write(pair.assign(phase=1j), tmp_path / "x.nc")
    assert "phase" in error.value.runs and names(tmp_path) == []
    monkeypatch.setattr(netcdf, "VARIABLE_BYTES", 100)
    with pytest.raises(NotWrittenError, match=r"at most 0 MiB; name a folder, without \.nc") as error:
        netcdf.write(pair, tmp_path / "x.nc")
    assert error.value.runs is pair and names(tmp_path) == []


def test_what_no_file_can_hold_is_refused_before_anything_runs(setup32, tiny, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(threads, "run", lambda *_, **__: pytest.fail("computed before the size was checked"))
    with monkeypatch.context() as patched:
        patched.setattr(netcdf, "VARIABLE_BYTES", 100)
        with pytest.raises(ValueError, match=r"out='.*runs\.nc': \w+ takes 0 MiB, and a variable of a NetCDF file"):
            sweep(setup32, tiny, tmp_path / "runs.nc")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 10**4))
    with pytest.raises(OSError, match=r"runs\.nc: needs about 0 MiB, and 0 MiB are free there; name a file"):
        sweep(setup32, tiny, tmp_path / "runs.nc")


def test_the_sizes_that_are_foreseen_are_those_of_the_file(setup32, tiny, tmp_path) -> None:
    probes = wd.Probes(keep_weights=True, records_per_epoch=5)
    options = {"activation": ["tanh", "relu"], "lmbda": [0.5, 2.0], "eta": 0.3, "seeds": 2, "epochs": 6}
    wd.sweep(setup32, tiny, out=tmp_path / "x.nc", progress=False, probes=probes, **options)
    with xr.open_dataset(tmp_path / "x.nc", engine="scipy", decode_cf=False) as found:
        stored = {str(name): found[name].nbytes for name in found.variables}
    foreseen = room.stored_sizes(wd.dry_run(setup32, tiny, probes=probes, **options))
    assert foreseen.pop("weights of the largest layer") == stored["weights_1"] == 4 * 8 * 6 * 5
    assert foreseen["weight_norm2"] == stored["weight_norm2"] == 8 * 8 * 2 * 31
    assert {"weight_rms", "budget_decay", "penalty", "cost"} < set(foreseen)
    assert foreseen == {name: stored[name] for name in foreseen}


def test_a_name_too_long_is_refused_before_anything_runs(setup32, tiny, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(threads, "run", lambda *_, **__: pytest.fail("computed before the name was checked"))
    for name in ("x" * 253, "é" * 127, "🧪" * 64):
        with pytest.raises(OSError, match=r"file name too long; choose another name"):
            sweep(setup32, tiny, tmp_path / f"{name}.nc")
    for name in ("x" * 252, "é" * 126):  # the longest that are possible
        assert netcdf.write(xr.Dataset(), files.claim_file(tmp_path / name)).name == f"{name}.nc"


def test_the_shell_keeps_a_result_aside(pair, tmp_path, monkeypatch, capsys) -> None:
    (tmp_path / "runs.nc").write_bytes(b"precious")
    error = TakenError(tmp_path / "runs.nc", "a file has appeared", pair)
    said = kept.words(error)
    (aside,) = tmp_path.glob("runs.kept-*.nc")
    assert (
        said == f"{tmp_path / 'runs.nc'}: not written (a file has appeared); the result is whole in {aside}: rename it"
    )
    xr.testing.assert_identical(wd.open(aside), pair)

    gone = NotWrittenError(tmp_path / "gone" / "runs.nc", "no such file or directory", pair)
    monkeypatch.chdir(tmp_path)
    assert kept.keep(gone).resolve().parent == tmp_path

    def failing(_):
        raise gone

    monkeypatch.setattr(dispatch, "_run", failing)
    assert dispatch.main(["info", "x"]) == 1
    assert capsys.readouterr().err.startswith(
        f"error: {gone.path}: not written (no such file or directory); the result is"
    )

    monkeypatch.setattr(netcdf, "VARIABLE_BYTES", 100)
    assert kept.words(gone).endswith("nor could the result be kept anywhere else: run it again")


def test_a_link_that_leads_nowhere_is_taken(setup32, tiny, tmp_path) -> None:
    (tmp_path / "runs.nc").symlink_to(tmp_path / "nowhere")
    with pytest.raises(FileExistsError, match="exists already"):
        files.claim_file(tmp_path / "runs.nc")
