"""Rules that every test keeps: none reads a clock, none depends on when the garbage collector runs."""

import ast
from pathlib import Path

import pytest

KILLS_IN_TIME = "zygote.py"
"""No test, but a process that ends others after a time."""
TESTS = sorted(path for path in Path(__file__).parent.rglob("*.py") if path.name != KILLS_IN_TIME)
CLOCKS = {
    "perf_counter",
    "perf_counter_ns",
    "process_time",
    "process_time_ns",
    "monotonic",
    "monotonic_ns",
    "thread_time",
}


def broken(source: str) -> list[str]:
    """Say which rules a test file breaks, with the line."""
    found = []
    for node in ast.walk(ast.parse(source)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
        clock = isinstance(node, ast.Attribute) and (
            node.attr in CLOCKS
            or (node.attr == "time" and isinstance(node.value, ast.Name) and node.value.id == "time")
        )
        if clock or CLOCKS & set(names):
            found.append(f"line {node.lineno}: reads a clock; benchmarks/ measures what is slow")
        if "gc" in names:
            found.append(f"line {node.lineno}: depends on the garbage collector")
    return found


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_no_clock_and_no_collector(path: Path) -> None:
    assert broken(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    ["import time\ntime.process_time()", "from time import monotonic", "import time\ntime.time() < 5", "import gc"],
)
def test_the_rule_sees_them(source: str) -> None:
    assert broken(source)
