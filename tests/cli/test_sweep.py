"""``wd-jax sweep`` and ``wd-jax info``: the file holds what the library gives, and both say the same of it."""

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest

import wd_jax
from tests.fixtures import OF_ENDS, OF_STEPS
from wd_jax.cli import main
from wd_jax.measurement import ON_REQUEST

pytestmark = pytest.mark.numeric
LINE = "sweep --dataset teacher --widths 16 4 4 --lmbda 1 10 --eta 0.1 --seeds 2 --epochs 2 --json --out"


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("runs") / "small.nc"
    assert main([*LINE.split(), str(path)]) == 0
    return path


def test_the_file_is_what_the_library_gives(stored: Path) -> None:
    data = wd_jax.data.teacher(0)
    expected = wd_jax.sweep(
        wd_jax.Setup(widths=(16, 4, 4)), data, lmbda=[1.0, 10.0], eta=0.1, seeds=2, epochs=2, progress=False
    )
    found = wd_jax.open(stored)
    np.testing.assert_array_equal(found.weight_rms, expected.weight_rms)
    assert found.weight_rms.dims == ("lmbda", "seed", "layer", "epoch")


def test_each_probe_on_request_has_a_flag(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "asked.nc"
    line = "sweep --dataset null --widths 16 3 4 --lmbda 1 --epochs 1 --no-budget --no-moved --no-evaluation"
    assert main([*line.split(), *(f"--{name.replace('_', '-')}" for name in ON_REQUEST), "--out", str(path)]) == 0
    found = wd_jax.open(path)
    assert set(found.data_vars) - {"weight_rms", "weight_norm2", "dead_input_rms", "penalty"} == {
        *OF_ENDS,
        *OF_STEPS,
        "norm_difference",
    }
    assert found.rotation.attrs["units"] == "rad"
    assert '"rotation": true' in found.config.values[0]


def test_info_summarises_the_file(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", str(stored), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    runs = wd_jax.open(stored)
    assert record["axes"] == {"lmbda": [1.0, 10.0]}
    assert (record["members"], record["seeds"], record["epochs"], record["diverged"]) == (4, 2, 2, 0)
    for row in record["final"]:
        last = runs.sel(lmbda=row["lmbda"], epoch=2)
        assert row["weight_rms_2"] == pytest.approx(float(last.weight_rms.sel(layer=2).mean()), rel=1e-6)
        assert row["test_accuracy"] == pytest.approx(float(last.accuracy.sel(split="test").mean()), rel=1e-6)
    assert record["config"]["epochs"] == 2 and record["settings"]["lmbda"] == [1.0, 10.0]


def test_sweep_prints_what_info_prints(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "again.nc"
    assert main([*LINE.replace(" --json", "").split(), str(path)]) == 0
    swept = capsys.readouterr().out
    assert main(["info", str(path)]) == 0
    assert swept == f"{capsys.readouterr().out}\nwritten to {path}\n"


def test_one_cell_and_its_plan_say_which_lambda_it_was(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = "sweep --dataset teacher --widths 16 4 4 --lmbda 7.5 --eta 0.2 --batch-size 20 --optimiser adamw --epochs 1"
    stated = (
        "teacher, n = ",
        "widths 16-4-4",
        "adamw with beta1 = 0.9, beta2 = 0.999",
        "eta = 0.2, lmbda = 7.5",
        "m = 20",
    )
    assert main([*line.split(), "--dry-run"]) == 0
    planned = capsys.readouterr().out
    assert main([*line.split(), "--out", str(tmp_path / "x")]) == 0
    swept = capsys.readouterr().out
    assert main(["info", str(tmp_path / "x")]) == 0
    for shown in (planned, swept, capsys.readouterr().out):
        assert [words for words in stated if words not in shown] == []


def test_a_dry_run_counts_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = "sweep --dry-run --json --lmbda 1 2 3 --hidden 4 8 --batch-size 7 --seeds 5 --epochs 2 --out"
    assert main([*line.split(), str(tmp_path / "x")]) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["members"], record["compiled_programs"]) == (30, 2)
    assert record["member_steps"] == 30 * 2 * math.ceil(1200 / 7)
    assert list(tmp_path.iterdir()) == []


def test_an_existing_result_is_kept_unless_told_otherwise(stored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = stored.read_bytes()
    assert main([*LINE.split(), str(stored)]) == 1
    out, err = capsys.readouterr()
    assert out == "" and re.fullmatch(r"error: .*small\.nc: exists already; .*--overwrite.*\n", err)
    assert stored.read_bytes() == before
    assert main([*LINE.split(), str(stored), "--overwrite"]) == 0


def test_members_that_diverge_are_counted_and_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = "sweep --dataset teacher --eta 1e30 0.1 --epochs 1 --json --out"
    assert main([*line.split(), str(tmp_path / "x")]) == 0
    out, err = capsys.readouterr()
    record = json.loads(out)
    assert record["diverged"] == 1
    assert record["final"][0]["weight_rms_1"] is None and record["final"][1]["weight_rms_1"] > 0
    assert "warning: 1 of 2 members diverged and are left out of the means: lower eta" in err.splitlines()


@pytest.mark.parametrize(
    "make, words, code",
    [
        (lambda folder: folder / "absent", "no such file", 1),
        (lambda folder: folder, "is a folder", 1),
        (lambda folder: folder / "text.nc", "not a readable NetCDF result", 2),
    ],
    ids=["absent", "folder", "text"],
)
def test_what_is_no_result_is_refused_in_one_line(
    make, words: str, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.nc").write_text("not NetCDF")
    assert main(["info", str(make(tmp_path))]) == code
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and words in err


def test_a_folder_that_cannot_be_written_is_refused_before_training(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert main([*LINE.split(), str(tmp_path / "file" / "x")]) == 1
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and "is a file; choose a folder" in err


def test_a_dry_run_refuses_what_the_sweep_refuses(capsys) -> None:
    assert main(["sweep", "--lmbda", "1e-6", "--eta", "0.1", "--dry-run"]) == 2
    said = capsys.readouterr().err
    assert "which float32 rounds to nothing: " in said and "use dtype='float64'" in said
