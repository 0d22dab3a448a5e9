"""What pyproject.toml, the changelog and the files around them say is so."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest

import wd_jax
from wd_jax.audit.adapters import registry

pytestmark = pytest.mark.numeric
ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PACKAGES = ("wd_jax", "derivations", "experiments")
IMPORTED_AS = {"scikit-learn": "sklearn"}
BROUGHT_BY = {"markupsafe": "jinja2", "jaxlib": "jax", "ml_dtypes": "jax"}
OPTIONAL = {"pooch", "pandas", "torch", "IPython", "ipykernel", "dask", "distributed", "pyarrow", "zarr"}
OPTIONAL |= {"anywidget", "h5py", "tensorboard", "traitlets"}


def imported() -> set[str]:
    """The packages of others that ours import anywhere."""
    found: set[str] = set()
    for path in (path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []
            found |= {name.partition(".")[0] for name in names}
    return found - set(sys.stdlib_module_names) - set(PACKAGES)


def audited() -> set[str]:
    """The libraries whose optimisers the audit drives: each is imported when it is asked about, by its adapter."""
    return {module.partition(".")[0] for library in registry.libraries() for module in library.modules}


def test_what_is_declared_is_imported_and_what_is_imported_declared() -> None:
    declared = {re.split(r"[<>=]", line)[0] for line in PROJECT["dependencies"]}
    needed = {IMPORTED_AS.get(name, name) for name in declared}
    found = imported() - OPTIONAL - (audited() - needed)
    assert {BROUGHT_BY.get(name, name) for name in found} == needed


def test_every_dependency_has_a_floor_that_is_tested() -> None:
    every = [*PROJECT["dependencies"], *(line for extra in PROJECT["optional-dependencies"].values() for line in extra)]
    assert all(re.match(r"[\w.-]+>=\d", line) for line in every)
    assert "make test-floors" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_one_version_everywhere() -> None:
    assert PROJECT["dynamic"] == ["version"] and "version" not in PROJECT
    heading = re.search(r"^## (\S+)(?: \((\S+)\))?$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert heading and heading[1] in (wd_jax.__version__, "Unreleased")
    cited = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.search(rf"^version: {re.escape(wd_jax.__version__)}$", cited, re.MULTILINE)
    assert heading[2] is None or f'date-released: "{heading[2]}"' in cited


def test_the_workflow_calls_the_whole_check_with_pinned_actions() -> None:
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    assert re.search(r"^ +- run: \.ci/run$", workflow, re.MULTILINE)
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", used) for used in re.findall(r"uses: (\S+)", workflow))
