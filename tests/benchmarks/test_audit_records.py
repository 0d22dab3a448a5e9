"""The command that makes the audit's records: without network, with an interpreter and a library that are here."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.audit import __main__ as command
from benchmarks.audit import environment, records, runner
from wd_jax.audit.adapters import registry
from wd_jax.audit.adapters.library import Library

LIBRARY = Library(
    name="thing",
    distribution="thing",
    modules=("thing",),
    requirements=("thing==1.0", "numpy"),
    find=lambda name, options, label: None,
    settings=("A", "B(x=1)", "C"),
)


def answer(specs: Sequence[str]) -> list[dict]:
    return [{"spec": spec, "optimiser": spec.partition(":")[2], "numbers": {"matrix_after_1": 0.5}} for spec in specs]


def test_one_that_breaks_its_process_costs_no_other() -> None:
    asked = []

    def run(specs: Sequence[str]) -> list[dict]:
        asked.append(list(specs))
        if "thing:bad" in specs:
            raise runner.BrokenRunError("its process ended with -11")
        return answer(specs)

    found = runner.measure(["thing:a", "thing:b", "thing:bad", "thing:c"], run)
    assert [each["spec"] for each in found] == ["thing:a", "thing:b", "thing:bad", "thing:c"]
    assert [each.get("error") for each in found] == [None, None, "its process ended with -11", None]
    assert asked[0] == ["thing:a", "thing:b", "thing:bad", "thing:c"]


def test_records_that_were_not_asked_for_are_refused() -> None:
    with pytest.raises(runner.BrokenRunError, match="not those that were asked for"):
        runner.measure(["thing:a"], lambda specs: answer(["thing:b"]))


def test_what_a_library_prints_when_imported_is_passed_over() -> None:
    assert runner.answers('Welcome!\n[\n not json\n[\n {"spec": "a"}\n]\n') == [{"spec": "a"}]
    with pytest.raises(runner.BrokenRunError, match="printed no records: Welcome!"):
        runner.answers("Welcome!\n")


def test_records_are_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = records.write("thing", answer(["thing:A"]), tmp_path)
    before = path.read_text(encoding="utf-8")
    assert json.loads(before) == [{"optimiser": "A", "numbers": {"matrix_after_1": 0.5}}]
    with pytest.raises(ValueError, match="not JSON compliant"):
        records.write("thing", [{"optimiser": "A", "numbers": {"matrix_after_1": float("nan")}}], tmp_path)
    assert path.read_text(encoding="utf-8") == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_single_setting_takes_the_place_of_the_stored_one() -> None:
    old = [{"optimiser": "A", "x": 1}, {"optimiser": "B", "x": 1}]
    new = [{"optimiser": "B", "x": 2}, {"optimiser": "C", "x": 2}]
    assert records.merged(old, new) == [old[0], *new]


@pytest.mark.parametrize("installer", [None, "uv"])
def test_an_environment_gets_the_pinned_release(tmp_path: Path, installer: str | None) -> None:
    made, installed = environment.commands(LIBRARY, tmp_path / "thing", tmp_path / "python", installer)
    assert made[-1] == str(tmp_path / "thing")
    assert installed[-2:] == ["thing==1.0", "numpy"]


def test_an_environment_is_made_again_when_its_requirements_change(tmp_path: Path) -> None:
    (tmp_path / environment.MADE).write_text(environment.digest(LIBRARY), encoding="utf-8")
    assert environment.holds(tmp_path, LIBRARY)
    other = Library(**{**vars(LIBRARY), "requirements": ("thing==1.1", "numpy")})
    assert not environment.holds(tmp_path, other)


def test_a_folder_that_is_no_environment_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thing").mkdir()
    (tmp_path / "thing" / "letters.txt").write_text("mine")
    with pytest.raises(environment.CannotInstallError, match="is no virtual environment"):
        environment.make(LIBRARY, tmp_path)
    assert (tmp_path / "thing" / "letters.txt").read_text() == "mine"


def test_a_library_that_does_not_install_says_why_and_the_next_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def make(library: Library, folder: Path) -> environment.Environment:
        if library.name == "keras":
            raise environment.CannotInstallError("no wheel for this machine")
        return environment.Environment(Path(sys.executable), reused=True)

    monkeypatch.setattr(environment, "make", make)
    monkeypatch.setattr(runner, "in_environment", lambda python: answer)
    assert command.main(["keras", "torch", "--out", str(tmp_path)]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "keras: not measured: no wheel for this machine"
    settings = registry.named("torch").settings
    assert said[1].startswith(f"torch: {len(settings)} of {len(settings)} measured")
    assert [path.name for path in tmp_path.iterdir()] == ["torch.json"]


@pytest.mark.parametrize("arguments", [[], ["torch", "--all"], ["nothing-like-it"], ["--all", "--only", "A"]])
def test_bad_usage_is_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        command.main(arguments)
    assert caught.value.code == 2
    assert "error: " in capsys.readouterr().err.splitlines()[-1]


def test_the_last_line_of_an_installer_is_told() -> None:
    assert environment.last_line("x\n  ╰─▶ no wheels for\n\nhint: try another\n") == "no wheels for"


def test_a_measurement_runs_in_another_interpreter() -> None:
    pytest.importorskip("optax")
    good, bad = runner.in_environment(Path(sys.executable))(["optax:sgd", "optax:sgdd"])
    assert good["numbers"]["matrix_after_1"] == pytest.approx(1.0, abs=1e-7)  # it has no weight decay
    assert "sgdd" in bad["error"]
