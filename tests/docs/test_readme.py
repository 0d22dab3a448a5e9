"""README's code: the Python blocks run, one after the other; every ``wd-jax`` line names real commands and options."""

import os
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest

from wd_jax.cli.parsing import parse
from wd_jax.cli.registry import COMMANDS

pytestmark = pytest.mark.numeric
ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
NEEDS_MNIST = "<!-- needs MNIST -->"


@dataclass(frozen=True)
class Block:
    """One fenced block and the line of README it begins in."""

    language: str
    code: str
    line: int
    needs_mnist: bool


def blocks(text: str) -> list[Block]:
    found = []
    for match in re.finditer(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        before = text[: match.start()].rstrip("\n")
        line = text[: match.start()].count("\n") + 2
        found.append(Block(match[1], match[2], line, before.endswith(NEEDS_MNIST)))
    return found


def commands(text: str) -> list[tuple[int, str]]:
    """The ``wd-jax`` lines of all shell blocks, with their numbers; continued lines are joined."""
    found = []
    for block in blocks(text):
        if block.language not in ("bash", "console", "sh", "shell"):
            continue
        joined = block.code.replace("\\\n", " ")
        for offset, line in enumerate(joined.splitlines()):
            line = line.removeprefix("$ ").strip()
            if re.match(r"(\S*/)?wd-jax\b", line):
                found.append((block.line + offset, line))
    return found


def check(line: str) -> None:
    """Parse one command line, without running it."""
    tokens = shlex.split(re.split(r"\s(?:\||&&|>|2>)\s", line)[0], comments=True)
    name, *options = tokens[1:]
    if name in ("--help", "--version"):
        return
    assert name in COMMANDS, f"{name} is no command"
    parse(COMMANDS[name].load(), f"wd-jax {name}", options)  # raises UsageError


def test_the_python_blocks_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [block for block in blocks(README.read_text(encoding="utf-8")) if block.language == "python"]
    assert found, "README has no Python block"
    monkeypatch.chdir(tmp_path)
    namespace: dict = {"__name__": "readme"}
    for block in found:
        if block.needs_mnist and not os.environ.get("WD_JAX_DATA"):
            continue
        code = "\n" * (block.line - 1) + block.code  # so that a failure names README's line
        exec(compile(code, str(README), "exec"), namespace)


def test_the_first_example_is_short() -> None:
    """DESIGN asks for a 12-line Python example on the first screen."""
    first = next(block for block in blocks(README.read_text(encoding="utf-8")) if block.language == "python")
    assert len(first.code.splitlines()) <= 12 and first.line < 40


def test_the_command_lines_parse() -> None:
    lines = commands(README.read_text(encoding="utf-8"))
    assert lines, "README shows no wd-jax command"
    for number, line in lines:
        try:
            check(line)
        except Exception as error:
            pytest.fail(f"README.md:{number}: {line}: {error}")


def test_the_files_it_links_to_exist() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README.read_text(encoding="utf-8")):
        if not re.match(r"[a-z]+:", target):
            assert (ROOT / target).exists(), f"README links to {target}"


@pytest.mark.parametrize("line", ["wd-jax predict --lmda 5", "wd-jax redo", "wd-jax sweep --seeds many --out x"])
def test_a_wrong_line_is_noticed(line: str) -> None:
    with pytest.raises(Exception, match=r"lmda|redo|many"):
        check(line)


def test_blocks_lines_and_marks_are_found() -> None:
    shell = "$ wd-jax a \\\n  --b\nls\n.venv/bin/wd-jax c # d\n"
    text = f"x\n\n```python\na = 1\n```\n\n{NEEDS_MNIST}\n```console\n{shell}```\n"
    first, second = blocks(text)
    assert (first.language, first.code, first.line, first.needs_mnist) == ("python", "a = 1\n", 4, False)
    assert second.needs_mnist and [line for _, line in commands(text)] == ["wd-jax a    --b", ".venv/bin/wd-jax c # d"]
