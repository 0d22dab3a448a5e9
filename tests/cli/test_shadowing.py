"""In a folder that has experiments/ or derivations/ of its own, everything works, or one line says what hides what."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import wd_jax
from wd_jax.siblings import ShadowedError, check, leave_out_the_working_folder

pytestmark = pytest.mark.numeric
ROOT = Path(wd_jax.__file__).parent.parent
PREDICT = "predict --eta 0.1 --lmbda 5 --n 50000".split()
SHELL = [sys.executable, "-m", "wd_jax.cli"]


@pytest.fixture
def research(tmp_path: Path) -> Path:
    """A folder of someone's own work, with packages of our packages' names."""
    for name in ("experiments", "derivations"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('theirs was loaded')\n")
    return tmp_path


def run(command: list[str], folder: Path, path: Path | None = None) -> subprocess.CompletedProcess:
    """Run a program there, with wd_jax on Python's path as an installation has it, or behind another folder."""
    before = f"{path}{os.pathsep}" if path else ""
    environment = os.environ | {"PYTHONPATH": f"{before}{ROOT}", "JAX_NUM_CPU_DEVICES": "1"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("line", [PREDICT, ["derive", "epoch_decay"], ["experiment"]], ids=lambda line: line[0])
def test_the_command_line_works_there(line: list[str], research: Path) -> None:
    done, elsewhere = run([*SHELL, *line], research), run([*SHELL, *line], research.parent)
    assert (done.returncode, done.stderr) == (0, "") and done.stdout == elsewhere.stdout


def test_a_script_of_the_environment_works_with_the_folder_on_pythonpath(research: Path) -> None:
    """The console script does as this does: its own folder comes first, then PYTHONPATH=. of whoever calls it."""
    script = [sys.executable, "-P", "-c", "import sys; from wd_jax.cli import main; sys.exit(main())", *PREDICT]
    done = run(script, research, research)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("line, name", [(["derive", "x"], "derivations"), (["experiment"], "experiments")])
def test_a_folder_elsewhere_on_the_path_is_named_in_one_line(line: list[str], name: str, research: Path) -> None:
    done = run([*SHELL, *line], research.parent, research)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"error: {name}: {research / name} shadows wd_jax's package: start Python elsewhere or with -P, take "
        f"{research} off PYTHONPATH, or rename it\n"
    )


def test_python_there_trains_and_names_what_hides_the_laws(research: Path) -> None:
    code = (
        "import sys, wd_jax as wd; assert sys.path[0] == ''\n"
        "runs = wd.sweep(wd.Setup(widths=(4, 3, 2)), wd.data.null(n=10, n_in=4, n_out=2), lmbda=1.0, epochs=1, "
        "progress=False)\n"
        "print(runs.sizes['epoch'])\n"
        "try:\n    wd.theory.evaluate('epoch_decay', 'weight_rms', runs)\n"
        "except ImportError as error:\n    print(error)"
    )
    done = run([sys.executable, "-c", code], research)
    assert done.returncode == 0, done.stderr
    epochs, line = done.stdout.splitlines()
    assert epochs == "2" and line.startswith(f"derivations: {research / 'derivations'} shadows wd_jax's package: ")


def test_a_module_that_is_loaded_already_is_seen(research: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = type(sys)("experiments")
    theirs.__file__ = str(research / "experiments.py")
    monkeypatch.setitem(sys.modules, "experiments", theirs)
    with pytest.raises(ShadowedError, match=r"experiments: .*experiments\.py shadows wd_jax's package"):
        check("experiments")


def test_only_a_folder_that_hides_something_is_left_out(research: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(research)
    path = ["", str(research), "/elsewhere"]
    leave_out_the_working_folder(path)
    assert path == ["/elsewhere"]
    for folder in (research.parent, ROOT):
        monkeypatch.chdir(folder)
        path = ["", str(folder), "/elsewhere"]
        leave_out_the_working_folder(path)
        assert path == ["", str(folder), "/elsewhere"]
