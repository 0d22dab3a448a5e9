"""What every test shares: headless figures, one hypothesis profile, small networks, and MNIST where it can be had."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import filelock
import hypothesis
import pytest

pytest_plugins = ["tests.fixtures"]

os.environ.setdefault("MPLBACKEND", "Agg")
# All workers and the programs they start share compiled programs, which stay from one test run to the next. An entry's
# key holds the whole program with its types and flags, and the versions: no test is given another's program.
COMPILED = Path(__file__).parents[1] / ".pytest_cache" / "d" / "jax"
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(COMPILED))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.1")  # what compiles faster is not worth a file
# A deadline would time the first compilation, not the property; the same examples every time keep a failure repeatable.
hypothesis.settings.register_profile("wd_jax", deadline=None, derandomize=True)
hypothesis.settings.load_profile("wd_jax")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kills", type=int, default=30, help="kills at random moments in tests/faults; 300 for a night")


@pytest.fixture
def kills(request: pytest.FixtureRequest) -> int:
    """How often a test of tests/faults kills what it tests."""
    return request.config.getoption("--kills")


@pytest.fixture(scope="session")
def mnist_folder() -> Path:
    """Folder of the four real MNIST files."""
    folder = os.environ.get("WD_JAX_DATA")
    if not folder:
        pytest.skip("WD_JAX_DATA does not name a folder with the four MNIST files")
    return Path(folder)


@dataclass(frozen=True)
class Reproduced:
    """One run of ``wd-jax reproduce`` with small settings, in a process of its own."""

    folder: Path
    program: list[str]
    environment: dict[str, str]
    stdout: str
    stderr: str


@pytest.fixture(scope="session")
def session_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """One folder for all processes of this test run."""
    own = tmp_path_factory.getbasetemp()
    return own if worker_id == "master" else own.parent


@pytest.fixture(scope="session")
def reproduced(request: pytest.FixtureRequest, session_folder: Path) -> Reproduced:
    """All four claims, run once for the tests of experiments, figures, report and command line: do not write there."""
    cache = request.config.cache.mkdir("wd_jax")  # compiled programs are kept from one test run to the next
    program = [sys.executable, str(Path(__file__).with_name("small_reproduce.py"))]
    environment = os.environ | {"XDG_CACHE_HOME": str(cache), "JAX_NUM_CPU_DEVICES": "1"}
    run, said = session_folder / "reproduced", session_folder / "reproduced.json"
    with filelock.FileLock(session_folder / "reproduced.lock"):  # the first process runs it, the others wait
        if not said.exists():
            command = [*program, "reproduce", "--json", "--out", str(run)]
            done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
            said.write_text(json.dumps([done.returncode, done.stdout, done.stderr]), encoding="utf-8")
    code, stdout, stderr = json.loads(said.read_text(encoding="utf-8"))
    assert code == 0, stderr
    return Reproduced(run, program, environment, stdout, stderr)


@pytest.fixture(scope="session")
def outcomes(reproduced: Reproduced) -> dict:
    """Outcomes by name, analysed again from the files."""
    import experiments

    return {outcome.name: outcome for outcome in experiments.open(reproduced.folder).outcomes}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how much the derivations' tests counted; `benchmarks.proofs` says how long that takes."""
    totals: dict[str, list[int]] = {}
    for report in terminalreporter.stats.get("passed", []):
        for label, value in getattr(report, "user_properties", []):
            if label in ("checked steps", "corrupted steps", "corrupted formulas"):
                totals.setdefault(label, []).append(value)
    for label, counts in totals.items():
        terminalreporter.write_line(f"{label}: {sum(counts)} in {len(counts)} derivations")
