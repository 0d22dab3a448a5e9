"""``wd-jax reproduce`` and what works on its folder: experiment, figure, report."""

import json
import math
import os
import re
import shutil
import stat
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import experiments
import wd_jax
from experiments import Judged, run_folder
from experiments.preset import Preset
from tests.cli.whole_run import NAMES, REPORTS, SWEEPS, WHOLE, chunks, names
from wd_jax.cli import main
from wd_jax.report.summary import summary

pytestmark = [pytest.mark.numeric, pytest.mark.usefixtures("machine_as_it_is")]
FIELDS = {
    "claim", "kind", "statement", "scope", "predicted", "measured", "ci95", "tolerance", "verdict", "why", "again",
    "rests_on",
}  # fmt: skip


def fails(capsys: pytest.CaptureFixture[str], tokens: list[str], code: int) -> str:
    """Give the one line a command line is refused with."""
    assert main(tokens) == code
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and err.startswith("error: "), err
    return err.removeprefix("error: ").rstrip("\n")


def refuse_constant(constant: str):
    raise AssertionError(f"{constant} is not JSON")


def test_json_is_one_object_and_nothing_else(reproduced) -> None:
    record = json.loads(reproduced.stdout, parse_constant=refuse_constant)
    assert set(record) == {"format", "dataset", "out", "answers", "verdicts"} and record["out"] == str(
        reproduced.folder
    )
    assert reproduced.stdout.count("\n") == 1
    assert not re.search(r"Traceback|^error", reproduced.stderr, re.MULTILINE)


def test_the_folder_holds_everything_and_nothing_half_written(reproduced) -> None:
    assert names(reproduced.folder) == WHOLE
    for name in SWEEPS:
        assert wd_jax.open(reproduced.folder / name).dataset == "digits"
    for path in reproduced.folder.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o444, path


def test_verdicts_json_is_what_the_design_says(reproduced) -> None:
    text = (reproduced.folder / "verdicts.json").read_text(encoding="utf-8")
    content = json.loads(text, parse_constant=refuse_constant)
    assert {key: content[key] for key in ("format", "dataset")} == {"format": 1, "dataset": "digits"}
    assert set(content) == {"format", "dataset", "verdicts"}
    assert {v["claim"] for v in content["verdicts"]} == {1, 2, 3, 4}
    for verdict in content["verdicts"]:
        assert set(verdict) == FIELDS and len(verdict["ci95"]) == 2
        assert verdict["kind"] in ("prediction", "rival", "identity")
        assert verdict["verdict"] in ("holds", "fails", "undecided")
    assert content["verdicts"] == json.loads(reproduced.stdout)["verdicts"]


def test_report_gives_the_same_verdicts_without_training(copy: Path, monkeypatch, capsys) -> None:
    before = (copy / "verdicts.json").read_bytes()
    for file in (*REPORTS, *(f"{name}.svg" for name in NAMES)):
        (copy / file).unlink()
    monkeypatch.setattr(wd_jax, "sweep", None, raising=False)
    copy = copy.rename(copy.with_name("<script>alert(1)<script> & 'x'"))
    line = ["report", str(copy), "--json"]
    monkeypatch.setattr(sys, "argv", ["wd-jax", *line])
    assert main(line) == 0
    record = json.loads(capsys.readouterr().out, parse_constant=refuse_constant)
    assert (copy / "verdicts.json").read_bytes() == before
    assert record["verdicts"] == json.loads(before)["verdicts"]
    assert names(copy) == WHOLE
    page = (copy / "report.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page and page.count("&lt;script&gt;alert(1)&lt;script&gt; &amp; ") == 2
    assert "trained by" in page and "reproduce --json --out" in page


def test_a_terminal_is_given_the_answers_and_the_table_of_verdicts(outcomes: dict) -> None:
    text = summary(list(outcomes.values()))
    rows = text.splitlines()
    assert any(re.fullmatch(r"claim +verdict +again +what +where .*measured.*", row) for row in rows)
    marked = [row for row in rows if re.match(r"[1-4] +[✓✗?] ", row)]
    assert len(marked) == sum(len(outcome.verdicts) for outcome in outcomes.values())
    flat = " ".join(text.split())
    assert all(" ".join(outcome.answer.split()) in flat for outcome in outcomes.values())
    kinds = Counter(verdict.kind for outcome in outcomes.values() for verdict in outcome.verdicts)
    (said,) = (row for row in rows if "rivals" in row)
    for count in (
        f"{kinds['prediction']} predictions, ",
        f"{kinds['rival']} rivals",
        f"{kinds['identity']} identities",
    ):
        assert count in said


def test_a_finished_run_is_kept_unless_told_otherwise(copy: Path, capsys) -> None:
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    message = fails(capsys, ["reproduce", "--out", str(copy)], 1)
    assert message == f"{copy}: holds a run already; choose another folder, or pass --overwrite"
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before


def test_overwrite_replaces_a_run_and_leaves_what_is_not_of_it(copy: Path, small_presets: None, capsys) -> None:
    mine = [copy / "claim_2_epoch_decay_my_backup.nc", copy / "claim_1_dominance" / "note", copy / NAMES[1] / "note"]
    for path in mine:
        path.write_text("mine")
    line = ["experiment", "claim_2_epoch_decay", "--out", str(copy), "--overwrite", "--json"]
    assert main(line) == 0
    record = json.loads(capsys.readouterr().out)
    assert {v["claim"] for v in record["verdicts"]} == {2}
    assert json.loads((copy / "verdicts.json").read_text())["verdicts"] == record["verdicts"]
    assert wd_jax.open(copy / "claim_2_epoch_decay").sizes["seed"] == 2
    assert all(path.read_text() == "mine" for path in mine)
    assert names(copy / "claim_1_dominance") == {"note"}
    assert names(copy / NAMES[1]) - {"status.html"} == {"note", "FORMAT", "run-1"}
    written = {"settings.json", *REPORTS, *(f"claim_2_epoch_decay{end}" for end in ("", ".svg", ".png"))}
    assert names(copy) == written | {"claim_2_epoch_decay_my_backup.nc", "claim_1_dominance"}


@pytest.mark.parametrize("command", [["reproduce"], ["experiment", "claim_2_epoch_decay"]])
def test_a_file_in_the_folders_place_is_refused(command: list[str], tmp_path: Path, capsys) -> None:
    (tmp_path / "out").write_text("mine")
    message = fails(capsys, [*command, "--out", str(tmp_path / "out")], 1)
    assert message == f"{tmp_path / 'out'}: is a file; name a folder with --out"
    assert (tmp_path / "out").read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_refused_before_training(tmp_path: Path, capsys) -> None:
    (tmp_path / "file").write_text("")
    message = fails(capsys, ["reproduce", "--out", str(tmp_path / "file" / "out")], 1)
    assert message == f"{tmp_path / 'file'}: is a file; choose a folder you may write to"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_write_permission_is_refused_before_training(tmp_path: Path, capsys) -> None:
    tmp_path.chmod(0o500)
    try:
        assert "cannot write there" in fails(capsys, ["reproduce", "--out", str(tmp_path / "out")], 1)
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.parametrize(
    "tokens, words",
    [
        (["reproduce", "--dataset", "cifar"], "--dataset: 'cifar': no such data set: give one of digits"),
        (["reproduce", "--preset", "huge"], "'huge' is not one of 'quick', 'full'"),
        (["reproduce", "--data-dir", "x"], "--data-dir: digits reads no files"),
        (["reproduce", "--overwite"], "did you mean --overwrite?"),
        (["experiment", "claim_2_epoch_dekay"], "did you mean claim_2_epoch_decay?"),
        (["experiment", "nothing"], "no such experiment: see `wd-jax experiment`"),
    ],
)
def test_bad_usage_is_one_line_with_a_remedy(tokens: list[str], words: str, tmp_path: Path, capsys) -> None:
    assert words in fails(capsys, [*tokens, "--out", str(tmp_path / "x")], 2)
    assert not (tmp_path / "x").exists()


def test_experiment_alone_lists_them(capsys) -> None:
    assert main(["experiment", "--json"]) == 0
    assert list(json.loads(capsys.readouterr().out)["experiments"]) == list(experiments.names())


SIGNATURES = {".svg": b"<?xml", ".pdf": b"%PDF-", ".png": b"\x89PNG"}


@pytest.mark.parametrize("suffix", SIGNATURES)
def test_a_figure_is_drawn_in_the_format_its_name_asks_for(suffix: str, reproduced, tmp_path: Path, capsys) -> None:
    file = tmp_path / "new" / f"drawn{suffix}"
    assert main(["figure", "claim_2_epoch_decay", str(reproduced.folder), "-o", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"figure": str(file)}
    assert file.read_bytes().startswith(SIGNATURES[suffix]) and names(file.parent) == {file.name}


def test_a_figure_drawn_again_is_the_same_file(reproduced, tmp_path: Path) -> None:
    assert main(["figure", NAMES[1], str(reproduced.folder), "-o", str(tmp_path / "again.svg")]) == 0
    assert (tmp_path / "again.svg").read_bytes() == (reproduced.folder / f"{NAMES[1]}.svg").read_bytes()


@pytest.mark.parametrize(
    "kind, file, code, words",
    [
        ("claim_2_epoch_decay", "x.bmp", 2, "the suffix must be one of .svg, .pdf, .png"),
        ("claim_2_epoch_decay", "x", 2, "the suffix must be one of"),
        ("claim_2_epoch_dekay", "x.svg", 2, "no such figure: did you mean claim_2_epoch_decay?"),
        ("weights", "x.svg", 2, "no such figure: choose among claim_1_dominance"),
    ],
)
def test_a_figure_that_cannot_be_drawn_is_refused(kind, file, code, words, reproduced, tmp_path: Path, capsys) -> None:
    assert words in fails(capsys, ["figure", kind, str(reproduced.folder), "-o", str(tmp_path / file)], code)
    assert not names(tmp_path)


def test_a_folder_without_a_run_is_refused(tmp_path: Path, capsys) -> None:
    remedy = "name a folder that reproduce, laboratory or experiment wrote"
    message = fails(capsys, ["figure", "claim_2_epoch_decay", "-o", "x.svg", str(tmp_path)], 1)
    assert message == f"{tmp_path}: holds no run (settings.json is missing); {remedy}"
    message = fails(capsys, ["report", str(tmp_path)], 1)
    nothing = f"{tmp_path}: a folder that holds neither a run nor a sweep"
    assert message == f"{nothing}: {remedy}, or what `wd-jax sweep --out` wrote"


@pytest.mark.parametrize(
    "text, words",
    [
        ("{", "not the settings of a run"),
        ("[]", "not the settings of a run"),
        ("{}", "not the settings of a run"),
        ('{"format": 2, "experiments": []}', "format 2 is not 1"),
        ('{"format": 1, "experiments": ["../../x"]}', "names '../../x', which is no experiment"),
        ('{"format": 1, "experiments": ["claim_2_epoch_decay"]}', "not the settings of a run"),
    ],
    ids=["cut", "list", "empty", "format", "foreign name", "no dataset"],
)
def test_damaged_settings_are_one_line_that_names_the_file(text: str, words: str, tmp_path: Path, capsys) -> None:
    (tmp_path / "settings.json").write_text(text)
    message = fails(capsys, ["report", str(tmp_path)], 2)
    assert message.startswith(f"{tmp_path / 'settings.json'}: ") and words in message


def test_settings_of_something_else_are_not_replaced(tmp_path: Path, capsys) -> None:
    (tmp_path / "settings.json").write_text('{"editor.fontSize": 12}')
    assert "holds a run already" in fails(capsys, ["reproduce", "--out", str(tmp_path)], 1)
    assert (tmp_path / "settings.json").read_text() == '{"editor.fontSize": 12}'


def test_a_result_that_is_missing_or_damaged_is_named(copy: Path, capsys) -> None:
    damaged = copy / "claim_4_initialisation"
    file = next(damaged.glob("run-1/chunks/*/*.npz"))
    tasks = len(chunks(damaged))
    file.write_bytes(file.read_bytes()[:1000])
    message = fails(capsys, ["report", str(copy)], 2)
    assert message.startswith(f"{file}: ") and f"moved to {damaged / 'run-1' / 'quarantine'}" in message
    assert message.endswith(f"; run the command that made {copy} again, which trains only what is missing")
    line = ["figure", "claim_4_initialisation", str(copy), "-o", str(copy / "x.svg")]
    left = f"{damaged}: {tasks - 1} of {tasks} tasks are there"
    again = f"run the command that began {copy} again, which trains only the rest"
    assert fails(capsys, line, 1) == f"{left}; {again}"
    shutil.rmtree(damaged)
    assert fails(capsys, line, 1) == f"{damaged}: not there; {again}"


def test_every_core_has_a_worker_and_programs_are_kept_in_a_private_folder(tmp_path: Path) -> None:
    code = (
        "from wd_jax.cli import machine; folder = machine.cache_compilations();"
        "import jax; jax.jit(lambda x: x + 1)(1.0); from wd_jax.sweeps import workers;"
        "print(len(workers.chosen(None)), jax.device_count(), folder)"
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith("JAX_")} | {"XDG_CACHE_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    count, devices, folder = done.stdout.split()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert int(count) == cores and int(devices) == 1  # a program that called main() keeps its devices
    assert Path(folder).is_relative_to(tmp_path)
    assert stat.S_IMODE(Path(folder).stat().st_mode) == 0o700 and names(Path(folder))


def test_a_record_of_a_run_is_what_verdicts_json_holds(outcomes: dict, tmp_path: Path) -> None:
    judged = Judged(tuple(outcomes.values()), {NAMES[1]: Preset("digits")}, "quick", tmp_path)
    record = json.loads(json.dumps(judged.record(), allow_nan=False))
    assert record["format"] == 1 and len(record["verdicts"]) == sum(len(o.verdicts) for o in outcomes.values())
    assert all(value is None or math.isfinite(value) for v in record["verdicts"] for value in v["ci95"])


@pytest.mark.parametrize(("line", "folder"), [(["reproduce"], "reproduce"), (["experiment", NAMES[1][:7]], NAMES[1])])
def test_every_command_has_a_folder_of_its_own(line: list[str], folder: str, monkeypatch, capsys) -> None:
    def asked(out: Path, overwrite: bool) -> Path:
        raise FileExistsError(f"{out} was asked for")

    monkeypatch.setattr(run_folder, "check", asked)
    assert fails(capsys, line, 1) == f"{Path('runs') / folder} was asked for"
