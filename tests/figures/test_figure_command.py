"""``wd-jax figure`` for the kinds: from a folder, from a file, and refused in one line where it cannot be."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import wd_jax as wd
from wd_jax.cli import main
from wd_jax.figures.kinds import KINDS
from wd_jax.figures.style import WIDTHS
from wd_jax.results import netcdf

pytestmark = pytest.mark.numeric


def fails(capsys, line: list[str], code: int) -> str:
    assert main(line) == code
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("error: ") and err.count("\n") == 1
    return err.removeprefix("error: ").strip()


def older(sweep: Path, file: Path) -> Path:
    """The same sweep as earlier versions kept it: one NetCDF file."""
    netcdf.write(wd.open(sweep).drop_vars("status"), file)
    return file


def test_a_folder_gives_a_figure_of_its_sweeps_or_says_what_to_run(reproduced, tmp_path: Path, capsys) -> None:
    for kind in ("plateau", "phase"):
        file = tmp_path / f"{kind}.svg"
        line = ["figure", kind, str(reproduced.folder), "-o", str(file), "--json"]
        if kind == "phase":
            assert "run `wd-jax sweep --eta 0.01" in fails(capsys, line, 1)
            assert not file.exists()
            continue
        assert main(line) == 0
        assert json.loads(capsys.readouterr().out) == {"figure": str(file)} and file.stat().st_size > 1000


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("kept_as", ["a folder", "a file"])
def test_a_sweep_is_drawn_at_the_width_asked_for(width, kept_as, reproduced, tmp_path: Path, capsys) -> None:
    sweep, file = reproduced.folder / "claim_3_tail_off_by_lmbda", tmp_path / "x.png"
    if kept_as == "a file":
        sweep = older(sweep, tmp_path / "older.nc")
    line = ["figure", "budget", str(sweep), "-o", str(file), "--width", width]
    assert "choose with --at lmbda=10" in fails(capsys, line, 1)
    assert main([*line, "--at", "lmbda=15"]) == 0
    assert int.from_bytes(file.read_bytes()[16:20]) == round(WIDTHS[width] * 200)


@pytest.mark.parametrize(
    "kind, source, options, code, words",
    [
        ("fase", "", [], 2, "fase: no such figure: did you mean phase? choose among claim_1"),
        ("budget", "", ["--at", "lmbda"], 2, "--at lmbda: not of the form AXIS=VALUE: give one such as eta=0.1"),
        ("verdicts", "", ["--at", "lmbda=5"], 2, "--at lmbda=5: verdicts draws whole experiments: leave it out"),
        ("budget", "", ["--at", "eta=1"], 1, "--at eta=1: the sweep has no axis eta: it has none"),
        ("verdicts", "claim_2_epoch_decay", [], 1, "is one sweep, which claims nothing; name a folder"),
        ("claim_2_epoch_decay", "claim_2_epoch_decay", [], 1, "is one sweep; name a folder that reproduce wrote"),
        ("two_starts", "claim_2_epoch_decay", [], 1, "two_starts: needs axis init, no init: run `wd-jax sweep"),
        ("phase", "claim_2_epoch_decay", [], 1, "phase: needs axes eta and lmbda, no eta: run `wd-jax sweep"),
    ],
)
def test_what_cannot_be_drawn_is_refused(kind, source, options, code, words, reproduced, tmp_path, capsys) -> None:
    line = ["figure", kind, str(reproduced.folder / source), "-o", str(tmp_path / "x.svg"), *options]
    assert words in fails(capsys, line, code)
    assert not list(tmp_path.iterdir())


def test_a_folder_without_what_a_kind_is_drawn_from_is_named(reproduced, tmp_path: Path, capsys) -> None:
    line = ["figure", "budget", str(tmp_path), "-o", str(tmp_path / "x.svg")]
    remedy = "name a folder that reproduce, laboratory or experiment wrote, or a sweep"
    assert f"holds no run (settings.json is missing); {remedy}" in fails(capsys, line, 1)
    shutil.copy(reproduced.folder / "settings.json", tmp_path)
    message = fails(capsys, line, 1)
    assert "claim_2_epoch_decay: not there, and budget is drawn from it" in message and "run `wd-jax sweep" in message


def test_help_lists_the_kinds_and_loads_nothing_heavy(capsys) -> None:
    program = (
        "import sys; from wd_jax.cli import main; main(['figure', '--help']); "
        "print(*{'jax', 'numpy', 'sympy', 'matplotlib', 'xarray', 'experiments'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("\n\n"), done.stdout[-200:]
    assert main(["figure", "--help"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert all(f"{kind.name}: " in out for kind in KINDS.values())
