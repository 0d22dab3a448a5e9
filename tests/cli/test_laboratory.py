"""``wd-jax laboratory``: the list of the laws, one of them, and all."""

import json
from pathlib import Path

import pytest

import experiments
from experiments import registry
from wd_jax.cli import main

pytestmark = pytest.mark.numeric
TOYS = Path(__file__).parents[1] / "experiments"


@pytest.fixture(autouse=True)
def toys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two small laws instead of the laboratory's: one of digits, one that makes up all it needs."""
    monkeypatch.syspath_prepend(TOYS)
    exercise = {name: home for name, home in registry.HOMES.items() if "exercise" in home}
    monkeypatch.setattr(registry, "HOMES", exercise | {one: one for one in ("toy_law", "toy_measurement")})


def test_alone_it_lists_the_laws_and_what_each_asks(capsys) -> None:
    assert main(["laboratory"]) == 0
    shown = capsys.readouterr().out
    assert "toy_measurement  Toy: a weight that only decays\n    How much of a weight is left after ten steps?" in shown
    assert "claim_2" not in shown
    assert main(["laboratory", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)["laboratory"]
    assert list(record) == ["toy_law", "toy_measurement"] and record["toy_measurement"]["data"] == ["none"]


def test_one_law_by_the_beginning_of_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["laboratory", "toy_m", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert [one["verdict"] for one in record["verdicts"]] == ["holds", "fails"] and record["dataset"] == "none"
    assert (tmp_path / "runs/toy_measurement/report.html").is_file()
    assert main(["report", "runs/toy_measurement", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["verdicts"] == record["verdicts"]


def test_all_of_them_in_one_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["laboratory", "all", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert list(record["answers"]) == ["toy_law", "toy_measurement"] and record["dataset"] == "digits"
    text = (tmp_path / "runs/laboratory/report.md").read_text(encoding="utf-8")
    assert "In all 3 verdicts, 2 of which rest on an interval: by chance alone, at most 0.1 of them would fail" in text


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (["toy_x"], "toy_x: no such law: did you mean toy_law? see `wd-jax laboratory`"),
        (["toy"], "toy: no such law: did you mean toy_law or toy_measurement? see `wd-jax laboratory`"),
        (["claim_2"], "claim_2: no such law: see `wd-jax laboratory`"),
        (["toy_m", "--dataset", "mnist"], "--dataset: toy_measurement makes up all that it needs: leave it out"),
        (["toy_law", "--dataset", "cifar"], "--dataset: 'cifar': no such data set: give one of digits"),
        (
            ["toy_law", "--etta", "1"],
            "--etta: unknown option: did you mean --eta? see `wd-jax laboratory toy_law --help`",
        ),
        (["toy_law", "--widths", "8"], "--widths: toy_law does not read it, it is a setting of claim_3_tail_off: "),
        (["all", "--eta", "1"], "--eta: a setting of one law, and none is named: write `wd-jax laboratory NAME --eta"),
    ],
)
def test_what_cannot_be_meant_is_one_line(line: list[str], message: str, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["laboratory", *line]) in (1, 2)
    said = capsys.readouterr().err
    assert message in said and said.count("\n") == 1 and not list(tmp_path.iterdir())


def test_a_law_without_a_full_size_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(experiments.load("toy_measurement").presets, ("none", "full"))
    assert main(["laboratory", "toy_m", "--preset", "full"]) in (1, 2)
    said = capsys.readouterr().err
    assert "--preset: toy_measurement has no full settings: give --preset quick" in said and said.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_all_on_a_data_set_says_which_are_left_out(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WD_JAX_DATA", str(tmp_path))
    assert main(["laboratory", "all", "--dataset", "mnist", "--json"]) == 0
    shown = capsys.readouterr()
    assert list(json.loads(shown.out)["answers"]) == ["toy_measurement"]
    assert "left out, for they have no quick settings for mnist: toy_law" in shown.err
