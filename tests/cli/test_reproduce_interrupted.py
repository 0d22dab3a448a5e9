"""``wd-jax reproduce`` interrupted, refused or overwritten: a run is whole, or it says what of it is."""

import json
import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from experiments import registry, run_folder
from experiments.exercise import epoch_decay
from tests.cli.whole_run import NAMES, REPORTS, WHOLE, names
from wd_jax.cli import main
from wd_jax.results import netcdf

pytestmark = [pytest.mark.numeric, pytest.mark.usefixtures("machine_as_it_is")]


def test_ctrl_c_while_a_file_is_written_leaves_no_part_of_it(
    small_presets: None, tmp_path: Path, monkeypatch, capsys
) -> None:
    import xarray as xr

    real = xr.Dataset.to_netcdf

    def interrupted(self, path, **options):
        real(self, path, **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(xr.Dataset, "to_netcdf", interrupted)
    assert main(["experiment", "claim_2_epoch_decay", "--out", str(tmp_path)]) == 130
    out, err = capsys.readouterr()
    assert out == "" and err.splitlines()[-1] == (
        f"error: interrupted: {tmp_path}: no experiment had finished; "
        "run the same command again, which begins from the start"
    )
    assert names(tmp_path) == {"settings.json"}
    monkeypatch.setattr(xr.Dataset, "to_netcdf", real)  # "run the same command again"
    assert main(["experiment", "claim_2_epoch_decay", "--out", str(tmp_path)]) == 0


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_ctrl_c_after_an_experiment_says_what_is_kept_and_that_can_be_judged(
    small_presets: None, tmp_path: Path, monkeypatch, capsys
) -> None:
    original = run_folder.write_sweeps

    def interrupted(runs, folder: Path) -> None:
        if NAMES[3] in runs:
            raise KeyboardInterrupt
        original(runs, folder)

    out = tmp_path / "a run"
    monkeypatch.setattr(registry, "HOMES", {name: registry.HOMES[name] for name in (NAMES[1], NAMES[3])})
    monkeypatch.setattr(run_folder, "write_sweeps", interrupted)
    assert main(["reproduce", "--out", str(out)]) == 130
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"error: interrupted: {out}: the results of claim_2_epoch_decay are kept; `wd-jax report '{out}'` judges them, "
        "or run the same command again, which begins from the start and removes them"
    )
    assert main(["report", str(out), "--json"]) == 0
    printed, complaint = capsys.readouterr()
    assert {verdict["claim"] for verdict in json.loads(printed)["verdicts"]} == {2}
    assert "claim_4_initialisation.nc: not there, so claim_4_initialisation is left out" in complaint


def test_an_experiment_is_stored_whole_or_not_at_all(tmp_path: Path, monkeypatch) -> None:
    def interrupted(_, path: Path) -> None:
        if path.name == "two.nc":
            raise KeyboardInterrupt
        path.write_text("1")

    monkeypatch.setattr(netcdf, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_folder.write_sweeps({"one": None, "two": None}, tmp_path)
    assert names(tmp_path) == set()


def test_ctrl_c_while_overwriting_leaves_no_older_verdicts(copy: Path, small_presets: None, monkeypatch) -> None:
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(run_folder, "write_sweeps", interrupted)
    assert main(["experiment", "claim_2_epoch_decay", "--out", str(copy), "--overwrite"]) == 130
    assert names(copy) == {"settings.json"}


def test_what_cannot_be_planned_removes_no_older_run(copy: Path, small_presets: None, monkeypatch, capsys) -> None:
    def refused(*_, **__):
        raise ValueError("eta=-1.0: give a positive finite number")

    before = names(copy)
    monkeypatch.setattr(epoch_decay, "EXPERIMENT", replace(epoch_decay.EXPERIMENT, plans=refused))
    assert main(["experiment", "claim_2_epoch_decay", "--out", str(copy), "--overwrite"]) == 1
    assert "eta=-1.0" in capsys.readouterr().err and names(copy) == before


@pytest.mark.slow
def test_ctrl_c_in_the_middle_is_one_line_and_leaves_only_whole_files(reproduced, tmp_path: Path) -> None:
    out = tmp_path / "run"
    process = subprocess.Popen(
        [*reproduced.program, "reproduce", "--out", str(out)], env=reproduced.environment,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while not (out / "claim_2_epoch_decay.nc").exists() and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    printed, complaint = process.communicate(timeout=600)
    assert (process.returncode, printed) == (130, ""), complaint
    assert complaint.splitlines()[-1].startswith("error: interrupted: ") and "Traceback" not in complaint
    left = names(out)
    assert left < WHOLE and not left & REPORTS
    for name in left:
        if name.endswith(".nc"):
            netcdf.open_runs(out / name)
