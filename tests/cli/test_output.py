"""What goes where: help is cheap, --json is one object and nothing else, warnings and progress go to standard error."""

import json
import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from wd_jax.cli import main
from wd_jax.cli.command import Command, Output
from wd_jax.cli.registry import COMMANDS, Entry

pytestmark = pytest.mark.numeric
HEAVY = {"jax", "numpy", "sympy", "matplotlib", "xarray", "sklearn", "scipy", "optax", "pandas", "experiments"}
RUN = (
    "import sys; from wd_jax.cli import main; code = main({line!r}.split()); "
    "print(*sorted(sys.modules)); sys.exit(code)"
)


def loaded(line: str) -> set[str]:
    """Give the modules that a fresh interpreter has loaded after a command."""
    done = subprocess.run([sys.executable, "-c", RUN.format(line=line)], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("line", ["--help", *(f"{name} --help" for name in ("predict", "derive", "sweep", "info"))])
def test_help_loads_nothing_heavy(line: str) -> None:
    assert not HEAVY & loaded(line)


def test_predict_never_loads_the_engine() -> None:
    assert not {"jax", "xarray", "matplotlib"} & loaded("predict --eta 0.1 --lmbda 5 --n 50000")


def test_the_list_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert all(f"  {name} " in out and entry.summary in out for name, entry in COMMANDS.items())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_json(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"usage: wd-jax {name}") and "--json" in out
    assert err == ""


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    import wd_jax

    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"wd-jax {wd_jax.__version__}\n"


def test_nothing_typed_is_answered_with_the_list_and_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    listed = capsys.readouterr().out
    assert main([]) == 2
    out, err = capsys.readouterr()
    assert (out, err) == ("", listed)


@pytest.mark.parametrize("module", ["wd_jax", "wd_jax.cli"])
def test_the_package_runs_as_a_module(module: str) -> None:
    done = subprocess.run([sys.executable, "-m", module, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("wd-jax ") and done.stderr == ""


TYPED = {
    "wd-jax re": "report reproduce",
    "wd-jax predict --abs": "--absolute-decay",
    "wd-jax derive --format l": "latex",
    "wd-jax sweep --dry": "--dry-run",
}
COMPLETE = '''source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
function=$(complete -p wd-jax); function=${function#*-F }; ${function%% *}; echo "${COMPREPLY[@]}"'''


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash on this machine")
def test_bash_completes_what_is_typed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--completion", "bash"]) == 0
    script = tmp_path / "completion.bash"
    script.write_text(capsys.readouterr().out, encoding="utf-8")
    found = {
        line: subprocess.run(
            ["bash", "-c", COMPLETE, "bash", str(script), *line.split()], capture_output=True, text=True, check=True
        ).stdout.strip()
        for line in TYPED
    }
    assert found == TYPED


def noisy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Register a command that prints, warns and returns every kind of value."""

    class Options(Command):
        def run(self) -> Output:
            print("chatter")
            warnings.warn("a library's\nwarning", stacklevel=1)
            record = {"array": np.array([1.0, np.nan]), "number": np.float32(2), "path": Path("a"), "text": "λ"}
            return Output("text", record, ("the command's warning",))

    class Noisy(Entry):
        def load(self) -> type[Command]:
            return Options

    monkeypatch.setitem(COMMANDS, "noisy", Noisy("", "chatters"))


@pytest.mark.filterwarnings("default")
def test_json_is_one_object_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    noisy(monkeypatch)
    assert main(["noisy", "--json"]) == 0
    out, err = capsys.readouterr()
    assert out == '{"array": [1.0, null], "number": 2.0, "path": "a", "text": "\\u03bb"}\n'
    assert err.splitlines() == ["chatter", "warning: a library's warning", "warning: the command's warning"]


def test_a_terminal_without_greek_is_no_failure() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "wd_jax.cli", *"predict --eta 0.1 --lmbda 5 --n 50000".split()],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=True,
    )
    assert done.stdout.startswith(b"learning rate ?") and done.stderr == b""


@pytest.mark.filterwarnings("default")
def test_text_is_alone_on_standard_output(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    noisy(monkeypatch)
    assert main(["noisy"]) == 0
    assert capsys.readouterr().out == "text\n"


@pytest.mark.parametrize(
    "line",
    [
        "predict --eta 0.1 --lmbda 5 --n 50000",
        "derive",
        "derive epoch_decay",
        "sweep --dry-run --lmbda 1 2 --hidden 4 8",
    ],
)
def test_json_of_each_command_parses(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*line.split(), "--json"]) == 0
    out, err = capsys.readouterr()
    assert isinstance(json.loads(out), dict) and out.count("\n") == 1
    assert err == ""
