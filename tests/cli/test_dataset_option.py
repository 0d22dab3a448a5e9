"""``--dataset`` in the shell: files and folders of the user's, the same data as in Python; mistakes are one line."""

import json
from pathlib import Path

import numpy as np
import pytest

import wd_jax
from wd_jax.cli import main

pytestmark = pytest.mark.numeric
RUN = "--widths {} 3 2 --lmbda 1 --epochs 1 --json --out"


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    random = np.random.default_rng(0)
    inputs, labels = random.random((60, 4)), np.arange(60) % 2
    np.savez(tmp_path / "own.npz", X=inputs, y=labels)
    np.savetxt(tmp_path / "own.csv", np.c_[inputs, labels], delimiter=",", header="a,b,c,d,class")
    folder = tmp_path / "fashion"
    folder.mkdir()
    for part, count in (("train", 24), ("t10k", 6)):
        head = bytes([0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 2, 0, 0, 0, 2])
        images = random.integers(256, size=4 * count, dtype=np.uint8).tobytes()
        (folder / f"{part}-images-idx3-ubyte").write_bytes(head + images)
        labelled = bytes([0, 0, 8, 1, 0, 0, 0, count]) + bytes([3, 9]) * (count // 2)
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(labelled)
    return {"idx": folder, "npz": tmp_path / "own.npz", "csv": tmp_path / "own.csv"}


def test_the_shell_trains_on_what_python_loads(files: dict[str, Path], tmp_path: Path, capsys) -> None:
    expected = {
        f"idx:{files['idx']}": wd_jax.data.idx(files["idx"]),
        str(files["npz"]): wd_jax.data.npz(files["npz"]),
        str(files["csv"]): wd_jax.data.csv(files["csv"]),
    }
    for number, (spec, data) in enumerate(expected.items()):
        out = tmp_path / f"run{number}"
        assert main(["sweep", "--dataset", spec, *RUN.format(data.n_in).split(), str(out)]) == 0
        capsys.readouterr()
        runs = wd_jax.open(out)
        assert runs.dataset.item() == data.name
        assert runs.dataset_sha256.item() == data.sha256


def test_a_dry_run_names_the_data(files: dict[str, Path], capsys) -> None:
    assert main(["sweep", "--dataset", "idx", "--data-dir", str(files["idx"]), "--dry-run", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert "idx:fashion" in json.dumps(record)


def fails(capsys, tokens: list[str], code: int) -> str:
    assert main(tokens) == code
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("error: ") and err.count("\n") == 1
    return err.removeprefix("error: ").rstrip()


@pytest.mark.parametrize(
    "tokens, message",
    [
        (
            "--dataset cifar",
            "--dataset: 'cifar': no such data set: give one of digits, mnist, teacher, null, idx:FOLDER,",
        ),
        ("--dataset idx:", "--dataset: idx:: names no folder: give idx:FOLDER"),
        ("--dataset idx", "--dataset: idx: names no folder: give idx:FOLDER"),
        ("--dataset .", "--dataset: .: is a folder: if it holds IDX files, give idx:."),
        (
            "--dataset x.npz --data-dir here",
            "--data-dir: x.npz names its files already: leave it out, or give --dataset mnist",
        ),
        ("--dataset idx:x --data-dir here", "--data-dir: idx:x names its files already: leave it out, or give"),
        ("--data-dir here", "--data-dir: digits reads no files: leave it out, or give --dataset mnist"),
    ],
)
def test_a_mistake_is_code_2(tokens: str, message: str, capsys) -> None:
    assert fails(capsys, ["sweep", "--dry-run", *tokens.split()], 2).startswith(message)


@pytest.mark.parametrize("spec", ["absent.npz", "absent.csv", "idx:absent", "mnist:absent"])
def test_files_that_are_missing_are_code_1(spec: str, capsys) -> None:
    message = fails(capsys, ["sweep", "--dry-run", "--dataset", spec], 1)
    assert message.startswith("absent") and "no such f" in message


def test_whole_files_that_are_not_mnist_are_sent_on(files: dict[str, Path], capsys) -> None:
    tokens = ["sweep", "--dry-run", "--dataset", "mnist", "--data-dir", str(files["idx"])]
    message = fails(capsys, tokens, 1)
    assert f"--dataset idx:{files['idx']}" in message and "damaged" not in message


@pytest.mark.parametrize("command", [["reproduce"], ["experiment", "claim_2"], ["laboratory", "saturation"]])
def test_the_experiments_refuse_what_is_no_data_set(command: list[str], tmp_path: Path, capsys) -> None:
    message = fails(capsys, [*command, "--dataset", "cifar", "--out", str(tmp_path / "out")], 2)
    assert message.startswith("--dataset: 'cifar': no such data set: give one of digits, mnist")
    assert not (tmp_path / "out").exists()
