"""Every code block of README, CONTRIBUTING and the site: Python runs, page by page, and prints what the page says.

A ``text`` block directly below a Python or shell block is what that block prints (``...`` stands for anything). Shell
lines with ``wd-jax`` name real commands and options, those with ``make`` real targets, with ``pytest`` real files.
The tutorials' cells are run by Sphinx (`make docs`).
"""

import contextlib
import doctest
import importlib.util
import io
import os
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest

from wd_jax.cli import main
from wd_jax.cli.parsing import parse
from wd_jax.cli.registry import COMMANDS

pytestmark = pytest.mark.numeric
ROOT = Path(__file__).parents[2]
NEEDS_MNIST = "<!-- needs MNIST -->"
NEEDS_CLUSTER = "<!-- needs a cluster -->"  # tests/faults/test_cluster.py has one
NEEDS_LIBRARY = re.compile(r"<!-- needs (flax|equinox|anywidget|torch) -->$")
SHELLS = ("bash", "console", "sh", "shell")
ELSEWHERE = ("_build", "generated", "tutorials", "extensions")
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md"))
    if not set(path.relative_to(ROOT).parts) & set(ELSEWHERE)
)


@dataclass(frozen=True)
class Block:
    """One fenced block, the line of the page it begins in, and what the page says it prints."""

    language: str
    code: str
    line: int
    needs_mnist: bool = False
    prints: str | None = None
    library: str | None = None
    needs_cluster: bool = False

    def can_run(self) -> bool:
        """Whether what it needs is here."""
        there = self.library is None or importlib.util.find_spec(self.library) is not None
        return there and not self.needs_cluster and not (self.needs_mnist and not os.environ.get("WD_JAX_DATA"))


def blocks(text: str) -> list[Block]:
    found = []
    for match in re.finditer(r"^```(\w+)\n(.*?)^```$(?:\n+^```text\n(.*?)^```$)?", text, re.MULTILINE | re.DOTALL):
        before = text[: match.start()].rstrip("\n")
        line = text[: match.start()].count("\n") + 2
        library = NEEDS_LIBRARY.search(before)
        needs = [before.endswith(one) for one in (NEEDS_MNIST, NEEDS_CLUSTER)]
        found.append(Block(match[1], match[2], line, needs[0], match[3], library and library[1], needs[1]))
    return found


def commands(block: Block) -> list[tuple[int, str]]:
    """The lines of a shell block with their numbers, without a prompt; continued lines are joined."""
    if block.language not in SHELLS:
        return []
    joined = block.code.replace("\\\n", " ").splitlines()
    return [(block.line + offset, line.removeprefix("$ ").strip()) for offset, line in enumerate(joined)]


def check(line: str, targets: frozenset[str] = frozenset()) -> None:
    """Parse one command line, without running it; what is not ``wd-jax``, ``make`` or ``pytest`` passes."""
    tokens = shlex.split(re.split(r"\s(?:\||&&|>|2>)\s", line)[0], comments=True)
    if tokens[:1] == ["make"]:
        unknown = {token for token in tokens[1:] if "=" not in token and not token.startswith("-")} - targets
        assert not unknown, f"the Makefile has no target {', '.join(unknown)}"
    if "pytest" in tokens[:3]:
        absent = [token for token in tokens if token.startswith("tests/") and not (ROOT / token).exists()]
        assert not absent, f"there is no {', '.join(absent)}"
    if not tokens or Path(tokens[0]).name != "wd-jax":
        return
    name, *options = tokens[1:]
    if name in ("--help", "--version"):
        return
    assert name in COMMANDS, f"{name} is no command"
    parse(COMMANDS[name].load(), f"wd-jax {name}", options)  # raises UsageError


def same(wanted: str, printed: str) -> bool:
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    return doctest.OutputChecker().check_output(wanted, printed, flags)


@pytest.fixture(scope="module")
def targets() -> frozenset[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return frozenset(re.search(r"^\.PHONY:(.*)$", makefile, re.MULTILINE)[1].split())


def languages(page: str) -> set[str]:
    return {block.language for block in blocks((ROOT / page).read_text(encoding="utf-8"))}


@pytest.mark.parametrize("page", [page for page in PAGES if "python" in languages(page)])
def test_the_python_blocks_run(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    namespace: dict = {"__name__": "page"}
    for block in blocks((ROOT / page).read_text(encoding="utf-8")):
        if block.language != "python" or not block.can_run():
            continue
        code = "\n" * (block.line - 1) + block.code  # so that a failure names the page's line
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, str(ROOT / page), "exec"), namespace)
        if block.prints is not None and not same(block.prints, printed.getvalue()):
            pytest.fail(f"{page}:{block.line}: prints\n{printed.getvalue()}and the page says\n{block.prints}")


@pytest.mark.parametrize("page", [page for page in PAGES if languages(page) & set(SHELLS)])
def test_the_command_lines_parse(page: str, targets: frozenset[str]) -> None:
    for block in blocks((ROOT / page).read_text(encoding="utf-8")):
        for number, line in commands(block):
            try:
                check(line, targets)
            except Exception as error:
                pytest.fail(f"{page}:{number}: {line}: {error}")


@pytest.mark.parametrize("page", [page for page in PAGES if languages(page) & set(SHELLS)])
def test_commands_print_what_the_page_says(page: str, capsys: pytest.CaptureFixture) -> None:
    for block in blocks((ROOT / page).read_text(encoding="utf-8")):
        if block.prints is None or not (lines := commands(block)):
            continue
        for _, line in lines:
            assert line.startswith("wd-jax "), f"{page}:{block.line}: only wd-jax can be shown with its output"
            assert main(shlex.split(line)[1:]) == 0
        printed = capsys.readouterr().out
        if not same(block.prints, printed):
            pytest.fail(f"{page}:{block.line}: prints\n{printed}and the page says\n{block.prints}")


def test_a_block_is_python_or_shell_or_plain() -> None:
    for page in PAGES:
        assert languages(page) <= {"python", "text", *SHELLS}, page


@pytest.mark.parametrize(
    "line",
    ["wd-jax predict --lmda 5", "wd-jax redo", "wd-jax sweep --seeds many --out x", "make lunch", "pytest tests/no.py"],
)
def test_a_wrong_line_is_noticed(line: str, targets: frozenset[str]) -> None:
    with pytest.raises(Exception, match=r"lmda|redo|many|lunch|no.py"):
        check(line, targets)


def test_a_wrong_output_is_noticed() -> None:
    assert same("0.951...\n", "0.95122\n") and not same("0.952...\n", "0.95122\n")


def test_blocks_lines_marks_and_outputs_are_found() -> None:
    shell = "$ wd-jax a \\\n  --b\nls\n.venv/bin/wd-jax c # d\n"
    text = "x\n\n<!-- needs flax -->\n```python\na = 1\n```\n\n"
    text += f"{NEEDS_MNIST}\n```console\n{shell}```\n\n```text\nout\n```\n"
    first, second = blocks(text)
    assert first == Block("python", "a = 1\n", 5, library="flax")
    assert second.needs_mnist and second.prints == "out\n"
    assert [line for _, line in commands(second)] == ["wd-jax a    --b", "ls", ".venv/bin/wd-jax c # d"]
