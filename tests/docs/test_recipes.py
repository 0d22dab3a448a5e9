"""CONTRIBUTING's recipes, followed to the letter in a copy of the library: what they promise must then be there."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.numeric
ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PROMISES = """
import sys
import wd_jax as wd
from wd_jax.audit.adapters import registry
from wd_jax.cli import main
from wd_jax.figures.kinds import KINDS

assert wd.__file__.startswith(sys.argv[1]), wd.__file__
setup = wd.Setup(widths=(16, 3, 4), optimiser="heavy_ball")
probes = wd.Probes(budget=False, moved=False, splits=())
runs = wd.sweep(setup, wd.data.null(), eta=0.1, memory=[0.0, 0.9], lmbda=1.0, seeds=2, epochs=1, probes=probes,
                progress=False)
assert runs.weight_rms.dims[0] == "memory" and runs.optimiser.item() == "heavy_ball"
assert KINDS["spread"].needs.lacking(runs).startswith("draws one memory")
assert len(KINDS["spread"].draw(runs.sel(memory=0.9)).axes) == 2
assert main(["sweep", "--dry-run", "--optimiser", "heavy_ball", "--memory", "0", "0.9"]) == 0
assert registry.named("sophia_torch").settings == ("Sophia", "Sophia(rho=.1)")
"""


def files() -> dict[str, str]:
    """The Python blocks that begin with the path of the file they are."""
    found = re.findall(r"^```python\n# (\S+\.py)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    return dict(found)


def edited(path: Path, old: str, new: str) -> None:
    """Make the edit that a recipe describes in words."""
    before = path.read_text(encoding="utf-8")
    assert before.count(old) == 1, f"{path.name} no longer has one {old!r}: is CONTRIBUTING still right?"
    path.write_text(before.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library with a rule, a figure and an adapter added as CONTRIBUTING says."""
    root = tmp_path_factory.mktemp("copy")
    for package in ("wd_jax", "derivations", "experiments"):
        shutil.copytree(ROOT / package, root / package, ignore=shutil.ignore_patterns("__pycache__"))
    for path, code in files().items():
        (root / path).write_text(code, encoding="utf-8")
    rules, kinds = root / "wd_jax/optimisers/rules.py", root / "wd_jax/figures/kinds.py"
    edited(rules, "import lion\n", "import lion\nfrom wd_jax.optimisers.heavy_ball import heavy_ball\n")
    edited(rules, "rmsprop_l2())", "rmsprop_l2(), heavy_ball())")
    (line,) = re.findall(r'`(Kind\("spread", .*?\))`', TEXT)
    edited(kinds, '        Kind("budget",', f'        {line},\n        Kind("budget",')
    return root


def test_the_recipes_files_are_there() -> None:
    added = {"wd_jax/optimisers/heavy_ball.py", "wd_jax/figures/plots/spread.py"}
    added |= {"wd_jax/audit/adapters/sophia_torch.py"}
    assert set(files()) == added


@pytest.mark.slow
def test_what_they_promise_is_so(copy: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(copy), "JAX_NUM_CPU_DEVICES": "1"}
    done = subprocess.run(
        [sys.executable, "-c", PROMISES, str(copy)],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_their_files_keep_the_house_s_style(copy: Path) -> None:
    if shutil.which("ruff", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}") is None:
        pytest.skip("ruff is not installed: make lint brings it")
    ruff = shutil.which("ruff", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    config = ["--config", str(ROOT / "pyproject.toml")]
    for command in (["check", *config], ["format", "--check", *config]):
        done = subprocess.run([ruff, *command, *files()], cwd=copy, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
