"""``wd-jax reproduce`` interrupted, refused or overwritten: a run is whole, or it says what of it is."""

import json
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import wd_jax as wd
from experiments import registry, reporting, run_folder
from experiments.exercise import epoch_decay
from tests import tiny_reproduce
from tests.cli.whole_run import NAMES, REPORTS, SWEEPS, WHOLE, chunks, names
from wd_jax.cli import main
from wd_jax.results import netcdf
from wd_jax.sweeps import threads
from wd_jax.sweeps.store import chunk_file
from wd_jax.sweeps.store.chunk_store import ChunkStore

pytestmark = [pytest.mark.numeric, pytest.mark.usefixtures("machine_as_it_is")]
CLAIM_2 = NAMES[1]


@pytest.fixture
def few_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports and figures of one line: what is tested is where files go."""
    monkeypatch.setattr(reporting, "draw", tiny_reproduce.draw)
    monkeypatch.setattr(reporting, "write", tiny_reproduce.write)


@pytest.fixture(autouse=True)
def ctrl_c_is_heard() -> Iterator[None]:
    """A shell starts what runs in the background with Ctrl-C ignored: the tests are to be the same there."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.usefixtures("few_words")
def test_ctrl_c_while_a_task_is_written_keeps_it_and_the_same_command_trains_nothing(
    small_presets: None, tmp_path: Path, monkeypatch, capsys
) -> None:
    real = ChunkStore.publish

    def interrupted(*given):
        signal.raise_signal(signal.SIGINT)
        return real(*given)

    line = ["experiment", CLAIM_2, "--out", str(tmp_path)]
    with monkeypatch.context() as patch:
        patch.setattr(ChunkStore, "publish", interrupted)
        assert main(line) == 130
    out, err = capsys.readouterr()
    assert out == "" and err.splitlines()[-1] == (
        f"error: interrupted: {tmp_path}: 1 of 1 tasks had finished and are kept; run the same command again, which "
        f"goes on; `wd-jax report {tmp_path}` judges claim_2_epoch_decay"
    )
    assert names(tmp_path) == {"settings.json", CLAIM_2}
    before = chunks(tmp_path / CLAIM_2)
    assert main(line) == 0  # "run the same command again"
    assert chunks(tmp_path / CLAIM_2) == before


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_ctrl_c_after_an_experiment_says_what_is_kept_and_that_can_be_judged(
    small_presets: None, tmp_path: Path, monkeypatch, capsys
) -> None:
    real = threads.run_on

    def interrupted(task, *given, **options):
        if task.epochs != 2:
            raise KeyboardInterrupt
        return real(task, *given, **options)

    out = tmp_path / "a run"
    monkeypatch.setattr(registry, "HOMES", {name: registry.HOMES[name] for name in (NAMES[1], NAMES[3])})
    monkeypatch.setattr(threads, "run_on", interrupted)
    assert main(["reproduce", "--out", str(out)]) == 130
    kept = "1 of 3 tasks had finished and are kept; run the same command again, which goes on"
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"error: interrupted: {out}: {kept}; `wd-jax report '{out}'` judges claim_2_epoch_decay"
    )
    assert main(["report", str(out), "--json"]) == 0
    printed, complaint = capsys.readouterr()
    record, left = json.loads(printed), f"{out / NAMES[3]}: 0 of 2 tasks are there"
    assert {verdict["claim"] for verdict in record["verdicts"]} == {2} and record["missing"] == {NAMES[3]: left}
    assert f"warning: {left}, so claim_4_initialisation is left out" in complaint
    assert f"claim_4_initialisation ({left})" in (out / "report.md").read_text(encoding="utf-8")
    before = chunks(out / CLAIM_2)
    monkeypatch.setattr(threads, "run_on", real)
    assert main(["reproduce", "--out", str(out), "--json"]) == 0  # a report of a part of it is no finished run
    assert {verdict["claim"] for verdict in json.loads(capsys.readouterr().out)["verdicts"]} == {2, 4}
    assert chunks(out / CLAIM_2) == before
    assert main(["reproduce", "--out", str(out)]) == 1 and "holds a run already" in capsys.readouterr().err


@pytest.mark.filterwarnings("default")
@pytest.mark.usefixtures("few_words")
def test_an_experiment_of_which_a_task_is_missing_is_left_out_whole(copy: Path, capsys) -> None:
    sweep = copy / "claim_3_tail_off_by_width"
    next(sweep.glob("run-1/chunks/*/*.npz")).unlink()
    tasks = len(chunks(sweep)) + 1
    assert main(["report", str(copy), "--json"]) == 0
    printed, complaint = capsys.readouterr()
    record = json.loads(printed)
    assert {verdict["claim"] for verdict in record["verdicts"]} == {1, 2, 4}
    assert record["missing"] == {"claim_3_tail_off": f"{sweep}: {tasks - 1} of {tasks} tasks are there"}
    assert complaint.count("so claim_3_tail_off is left out") == 1


@pytest.mark.usefixtures("few_words")
def test_ctrl_c_while_overwriting_leaves_the_older_run_whole(
    copy: Path, small_presets: None, monkeypatch, capsys
) -> None:
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    before, line = content(copy), ["experiment", CLAIM_2, "--out", str(copy), "--overwrite"]
    with monkeypatch.context() as patch:
        patch.setattr(reporting, "draw", interrupted)
        assert main(line) == 130
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"error: interrupted: {copy}: the run there is as it was, and 1 of 1 tasks of the run that is to replace it "
        "are kept; run the same command again, which goes on"
    )
    after = content(copy)
    assert {name: after[name] for name in before} == before and names(copy) == WHOLE | {"replacement"}
    trained = chunks(copy / "replacement" / CLAIM_2)
    assert main(line) == 0
    assert chunks(copy / CLAIM_2) == trained  # nothing was trained again
    assert names(copy) == {"settings.json", *REPORTS, *(f"{CLAIM_2}{end}" for end in ("", ".svg", ".png"))}


@pytest.mark.usefixtures("few_words")
def test_a_replacement_of_other_settings_is_begun_anew(copy: Path, small_presets: None, monkeypatch) -> None:
    left = copy / "replacement"
    shutil.copytree(copy / NAMES[3], left / NAMES[3])
    shutil.copy(copy / "settings.json", left)
    assert main(["experiment", CLAIM_2, "--out", str(copy), "--overwrite"]) == 0
    assert names(copy) == {"settings.json", *REPORTS, *(f"{CLAIM_2}{end}" for end in ("", ".svg", ".png"))}


def test_an_unfinished_run_of_other_settings_is_refused_with_what_differs(
    copy: Path, small_presets: None, capsys
) -> None:
    (copy / "verdicts.json").unlink()
    before = content(copy)
    assert main(["reproduce", "--out", str(copy)]) == 1
    message = capsys.readouterr().err.splitlines()[-1]
    other = "holds an unfinished run with hidden 8, and here it is 4"
    assert message == f"error: {copy}: {other}; choose another folder, or pass --overwrite"
    assert content(copy) == before


@pytest.mark.usefixtures("few_words")
def test_sweeps_in_files_of_an_earlier_version_are_judged_and_replaced(copy: Path, small_presets: None, capsys) -> None:
    before = json.loads((copy / "verdicts.json").read_text())["verdicts"]
    for sweep in SWEEPS:
        netcdf.write(wd.open(copy / sweep).drop_vars("status"), copy / f"{sweep}.nc")
        shutil.rmtree(copy / sweep)
    assert main(["report", str(copy), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["verdicts"] == before
    assert main(["reproduce", "--out", str(copy)]) == 1 and "holds a run already" in capsys.readouterr().err
    assert main(["experiment", CLAIM_2, "--out", str(copy), "--overwrite"]) == 0
    assert names(copy) == {"settings.json", *REPORTS, *(f"{CLAIM_2}{end}" for end in ("", ".svg", ".png"))}


def test_a_folder_with_half_a_settings_file_of_a_killed_run_is_used(small_presets: None, tmp_path: Path) -> None:
    (tmp_path / ".settings.json.0123abcd.json").write_text("{")
    assert run_folder.check(tmp_path, overwrite=False) is None
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(FileExistsError, match=r"is not empty and holds no run \(mine.txt\); choose another folder"):
        run_folder.check(tmp_path, overwrite=True)


def test_settings_of_something_else_are_not_overwritten_either(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"editor.fontSize": 12}')
    with pytest.raises(
        FileExistsError, match=r"settings\.json: is of no run, and only a run is replaced; move it away"
    ):
        run_folder.check(tmp_path, overwrite=True)


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
    while not chunks(out / "claim_2_epoch_decay") and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    printed, complaint = process.communicate(timeout=600)
    assert (process.returncode, printed) == (130, ""), complaint
    assert complaint.splitlines()[-1].startswith("error: interrupted: ") and "Traceback" not in complaint
    assert "which goes on" in complaint.splitlines()[-1]
    left = names(out)
    assert left < WHOLE and not left & REPORTS
    for name in left & SWEEPS:
        for file in (out / name).glob("run-1/*/**/*.npz"):
            chunk_file.read(file)
