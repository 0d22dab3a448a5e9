"""What the fault suite shares: children that can be killed, and the table of what became of them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

COLUMNS = ("case", "trials", "corrupt", "lost", "recomputed")
IMPORTED = (
    "tests.faults.small_runs",
    "wd_jax.sweeps.sweep",
    "wd_jax.cli.dispatch",
    "wd_jax.cli.sweep",
    "tests.tiny_reproduce",
)
ROW = "row of the table of faults"


class Children:
    """Runs jobs in forks of a process that has imported JAX; see `tests.faults.zygote`."""

    def __init__(self, folder: Path) -> None:
        # Killed writers leave damaged entries in the cache of compiled programs: it is not the one of the other tests.
        own = {"JAX_COMPILATION_CACHE_DIR": str(folder / "compiled"), "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0"}
        program = [sys.executable, str(Path(__file__).with_name("zygote.py")), *IMPORTED]
        self._log = folder / "log"
        self._process = subprocess.Popen(
            program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | own
        )
        assert self._process.stdout is not None and self._process.stdout.readline() == "ready\n"

    def __call__(self, *jobs: dict[str, Any]) -> list[dict[str, Any]]:
        """Run jobs side by side; give how each ended: "code" (negative: the signal), "seconds" and "said"."""
        assert self._process.stdin is not None and self._process.stdout is not None
        logs = [self._log.with_name(f"log-{number}") for number in range(len(jobs))]
        for log in logs:
            log.unlink(missing_ok=True)
        given = [{"log": str(log)} | job for log, job in zip(logs, jobs, strict=True)]
        self._process.stdin.write(json.dumps(given) + "\n")
        self._process.stdin.flush()
        ended = json.loads(self._process.stdout.readline())
        return [one | {"said": log.read_text() if log.exists() else ""} for one, log in zip(ended, logs, strict=True)]

    def close(self) -> None:
        """End the process."""
        self._process.communicate(timeout=60)


@pytest.fixture(scope="session")
def children(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Children]:
    """Children to be killed."""
    found = Children(tmp_path_factory.mktemp("children"))
    yield found
    found.close()


@pytest.fixture
def row(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Add a row to the table: case, trials, corrupt, lost, recomputed."""

    def add(case: str, trials: int, corrupt: int = 0, lost: int = 0, recomputed: int = 0) -> None:
        request.node.user_properties.append((ROW, [case, trials, corrupt, lost, recomputed]))

    return add


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table; a task is recomputed if it is trained again after it was published."""
    reports = [one for kind in ("passed", "failed") for one in terminalreporter.stats.get(kind, [])]
    rows = [value for one in reports for label, value in getattr(one, "user_properties", []) if label == ROW]
    if rows:
        terminalreporter.section("faults")
        for cells in [COLUMNS, ["---"] * len(COLUMNS), *sorted(rows, key=_number)]:
            terminalreporter.write_line(f"| {' | '.join(map(str, cells))} |")


def _number(cells: list[Any]) -> tuple[int, str]:
    first = str(cells[0]).split()[0].rstrip(":")
    return (int(first) if first.isdigit() else 99, str(cells[0]))
