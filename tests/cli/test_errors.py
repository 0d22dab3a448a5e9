"""Whatever goes wrong is one line on standard error, ``error: <thing>: <remedy>``, and an exit code."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from wd_jax.cli import main
from wd_jax.cli.command import Command, Output
from wd_jax.cli.registry import COMMANDS, Entry

pytestmark = pytest.mark.numeric
GOOD = "predict --eta 0.1 --n 50000"

MISTAKES = {
    "completion of no shell": ("--completion", "--completion: give it one of bash, zsh: see `wd-jax --help`"),
    "completion of another shell": ("--completion dos", "--completion: give it one of bash, zsh: see `wd-jax --help`"),
    "unknown command": ("predikt", "predikt: unknown command: did you mean predict? see `wd-jax --help`"),
    "unknown top-level option": ("--jsn", "--jsn: unknown command: see `wd-jax --help`"),
    "unknown option": (
        f"{GOOD} --lmda 5",
        "--lmda: unknown option: did you mean --lmbda? see `wd-jax predict --help`",
    ),
    "unknown option with =": (
        f"{GOOD} --lmda=5",
        "--lmda: unknown option: did you mean --lmbda? see `wd-jax predict --help`",
    ),
    "unlike any option": (f"{GOOD} --zzz 5", "--zzz: unknown option: see `wd-jax predict --help`"),
    "unknown short option": (
        f"{GOOD} -q",
        "-q: not an option or a value that is expected here: see `wd-jax predict --help`",
    ),
    "stray word": (
        f"{GOOD} --lmbda 5 foo",
        "foo: not an option or a value that is expected here: see `wd-jax predict --help`",
    ),
    "missing option": (
        "predict --eta 0.1",
        "--n: missing, give it a value, or --steps, or --tokens and --tokens-per-step",
    ),
    "missing value": (f"{GOOD} --lmbda", "--lmbda: missing, give it a value: see `wd-jax predict --help`"),
    "missing name": ("info", "RUN: missing, give it a value: see `wd-jax info --help`"),
    "word for a number": ("predict --eta x --n 5", "--eta: 'x' is not a number: see `wd-jax predict --help`"),
    "fraction for a count": (
        "predict --eta 1 --n 5.5",
        "--n: '5.5' is not a whole number: see `wd-jax predict --help`",
    ),
    "word in a list": (
        "sweep --lmbda 1,2 --dry-run",
        "--lmbda: '1,2' is not a number: give several values with blanks between: 1 2: see `wd-jax sweep --help`",
    ),
    "unknown choice": (
        "derive --format pdf",
        "--format: 'pdf' is not one of 'text', 'latex', 'markdown', 'json': see `wd-jax derive --help`",
    ),
    "negative eta": (
        "predict --eta -0.1 --n 9 --lmbda 1",
        "--eta: -0.1 is not a positive finite number: give one above 0",
    ),
    "eta that is no number": (
        "predict --eta nan --n 9 --lmbda 1",
        "--eta: nan is not a positive finite number: give one above 0",
    ),
    "infinite lmbda": (f"{GOOD} --lmbda inf", "--lmbda: inf is not a finite number of at least 0: give one"),
    "negative weight decay": (
        f"{GOOD} --weight-decay -1",
        "--weight-decay: -1 is not a finite number of at least 0: give one",
    ),
    "no decay given": (
        GOOD,
        "--lmbda, --weight-decay, --absolute-decay: none of them given: give exactly one",
    ),
    "two decays given": (
        f"{GOOD} --lmbda 5 --weight-decay 1",
        "--lmbda, --weight-decay, --absolute-decay: --lmbda and --weight-decay given: give exactly one",
    ),
    "a step that removes everything": (
        "predict --eta 1 --n 5 --m 1 --lmbda 5",
        "--lmbda: a step would remove 1 of each weight: lower it until that is below 1",
    ),
    "minibatch larger than the data": (
        "predict --eta 1 --n 5 --lmbda 1",
        "--m: a minibatch of 10 is larger than the 5 examples: give at most --n",
    ),
    "sweep without a place to write": ("sweep", "--out: missing: name the folder to write, or give --dry-run"),
    "negative eta in a list": (
        "sweep --eta 0.1 -1 --dry-run",
        "--eta: -1 is not a positive finite number: give one above 0",
    ),
    "too many members": (
        "sweep --seeds 10000000 --dry-run",
        "10000000 members (10000000 seeds): at most 1000000, since a plan lists each of them; "
        "give fewer values or seeds, in several sweeps",
    ),
    "no seeds": ("sweep --seeds 0 --dry-run", "--seeds: 0 is too small: give a whole number of at least 1"),
    "widths that do not fit the data": (
        "sweep --widths 10 30 10 --dry-run",
        "widths=(10, 30, 10): the dataset 'digits' has 64 inputs, not 10; set widths[0]=64",
    ),
    "unknown init": (
        "sweep --init gausian --dry-run",
        "init='gausian': choose one of gaussian, fan_in",
    ),
    "folder for built-in data": (
        "sweep --data-dir here --dry-run",
        "--data-dir: digits reads no files: leave it out, or give --dataset mnist",
    ),
}


def fails(capsys: pytest.CaptureFixture[str], tokens: list[str], code: int) -> str:
    """Run, demand the code and a single line on standard error alone, and give that line."""
    assert main(tokens) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert err.endswith("\n") and err.count("\n") == 1
    return err.removeprefix("error: ").rstrip("\n")


@pytest.mark.parametrize("line, message", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_on_the_command_line_is_one_line_and_code_2(
    line: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fails(capsys, line.split(), 2) == message


@pytest.mark.parametrize("line, message", MISTAKES.values(), ids=MISTAKES.keys())
def test_json_does_not_change_a_mistake(line: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    if line.startswith(("predict", "sweep", "derive", "info")):
        command, *rest = line.split()
        assert fails(capsys, [command, "--json", *rest], 2) == message


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_a_mistake_reads_the_same_in_any_encoding(encoding: str) -> None:
    """What tyro frames with lines depends on the terminal."""
    done = subprocess.run(
        [sys.executable, "-m", "wd_jax.cli", "predict", "--eta", "x", "--n", "5"],
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"error: --eta: 'x' is not a number: see `wd-jax predict --help`\n"


def test_missing_mnist_is_code_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tokens = ["sweep", "--dry-run", "--dataset", "mnist", "--data-dir", str(tmp_path)]
    message = fails(capsys, tokens, 1)
    assert message.startswith(f"{tmp_path / 'train-images-idx3-ubyte'}: missing, with and without .gz: put it there")


def test_an_unknown_derivation_has_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    message = fails(capsys, ["derive", "epoch_dekay"], 2)
    assert message == "epoch_dekay: no such derivation: did you mean epoch_decay? see `wd-jax derive`"


def raising(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Put a command called ``fail`` in the registry that raises `error`."""

    class Options(Command):
        def run(self) -> Output:
            print("a library's chatter")
            raise error

    class Raising(Entry):
        def load(self) -> type[Command]:
            return Options

    monkeypatch.setitem(COMMANDS, "fail", Raising("", "fails"))


@pytest.mark.parametrize(
    "error, message",
    [
        (ValueError("two\nlines: mend them"), "two lines: mend them"),
        (PermissionError(13, "Permission denied", "out/x.nc"), "out/x.nc: permission denied: check the path"),
        (OSError("x.nc: cannot be read: run the sweep again"), "x.nc: cannot be read: run the sweep again"),
        (RuntimeError("odd"), "unexpected RuntimeError: odd: set WD_JAX_TRACEBACK=1 to see where, and report it"),
        (KeyError("k"), "unexpected KeyError: 'k': set WD_JAX_TRACEBACK=1"),
        (MemoryError(), "unexpected MemoryError: set WD_JAX_TRACEBACK=1"),
    ],
    ids=["value", "permission", "os", "runtime", "key", "memory"],
)
def test_what_a_command_raises_is_one_line_and_code_1(
    error: Exception, message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    raising(monkeypatch, error)
    assert main(["fail"]) == 1
    out, err = capsys.readouterr()
    chatter, line = err.splitlines()
    assert out == "" and chatter == "a library's chatter"
    assert line.startswith(f"error: {message}")


def test_the_traceback_is_there_for_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    raising(monkeypatch, ValueError("odd"))
    monkeypatch.setenv("WD_JAX_TRACEBACK", "1")
    with pytest.raises(ValueError, match="odd"):
        main(["fail"])


def test_ctrl_c_is_one_line_and_code_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    raising(monkeypatch, KeyboardInterrupt())
    assert main(["fail"]) == 130
    said = "error: interrupted: nothing was written; run the same command again"
    assert capsys.readouterr().err.splitlines()[-1] == said


def test_a_reader_that_leaves_is_no_failure() -> None:
    code = "import sys; from wd_jax.cli import main; sys.exit(main(['--help']))"
    read, write = os.pipe()
    os.close(read)
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONUNBUFFERED"}
    done = subprocess.run(
        [sys.executable, "-c", code], stdout=write, stderr=subprocess.PIPE, check=False, env=environment
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_run_of_which_tasks_failed_is_one_line(tmp_path, monkeypatch, capsys) -> None:
    """What finished is kept: no word of an unexpected error, nor of a report to be made."""
    from wd_jax.sweeps import threads

    def failing(*_, **__):
        raise MemoryError("no room")

    monkeypatch.setattr(threads, "run_on", failing)
    line = f"sweep --dataset null --widths 16 3 4 --lmbda 1 --epochs 2 --out {tmp_path / 'run'}"
    said = fails(capsys, line.split(), 1)
    assert said.startswith(f"{tmp_path / 'run'}: 1 of 1 tasks failed, the first by MemoryError: no room")
    assert "unexpected" not in said and "wd-jax info" in said
