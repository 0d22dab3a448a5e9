"""The page on the architecture names every folder there is, and imports run the way it says."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PACKAGES = ("derivations", "wd_jax", "experiments")
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def folders() -> set[str]:
    found = {f"{path.parent.relative_to(ROOT).as_posix()}/" for path in FILES}
    parts_of_laws = {name for name in found if re.match(r"derivations/laws/.+", name)}
    parts_of_claims = {name for name in found if re.match(r"experiments/(exercise|laboratory)/.+", name)}
    return found - parts_of_laws - parts_of_claims


def test_the_page_names_every_folder_and_no_other() -> None:
    named = set(re.findall(r"^\| `([\w/]+/)` \|", PAGE, flags=re.MULTILINE))
    assert named - {"tests/", "benchmarks/", "findings/"} == folders()
    assert all((ROOT / name).is_dir() for name in named)


def test_the_way_of_a_sweep_names_real_functions() -> None:
    way = PAGE[PAGE.index("```text") : PAGE.index("A *member*")]
    for module, function in re.findall(r"^\s+((?:sweeps|engine)/\w+)\.(\w+)", way, flags=re.MULTILINE):
        assert f"\ndef {function}(" in (ROOT / "wd_jax" / f"{module}.py").read_text(encoding="utf-8")


def module_of(path: Path) -> str:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


MODULES = {module_of(path) for path in FILES}


def imported(path: Path, everywhere: bool) -> set[str]:
    """Modules of ours that a file imports: as it is loaded, or also inside functions; types alone are left out."""
    found = set()

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            return
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not everywhere:
            return
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            below = {f"{node.module}.{alias.name}" for alias in node.names} & MODULES
            found.update(below or {node.module})
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(ast.parse(path.read_text(encoding="utf-8")))
    return found & MODULES


@pytest.mark.parametrize("package, never", [("derivations", ("wd_jax", "experiments")), ("wd_jax", ("experiments",))])
def test_packages_import_upwards_only(package: str, never: tuple[str, ...]) -> None:
    for path in FILES:
        if not module_of(path).startswith(package) or "wd_jax/cli" in path.as_posix():
            continue
        wrong = {name for name in imported(path, everywhere=True) if name.split(".")[0] in never}
        assert not wrong, f"{path.relative_to(ROOT)} imports {wrong}"


def test_no_modules_import_each_other_in_a_circle() -> None:
    arrows = {module_of(path): imported(path, everywhere=False) - {module_of(path)} for path in FILES}
    left = dict(arrows)
    while left:
        free = {name for name, needs in left.items() if not needs & set(left)}
        assert free, f"a circle among {sorted(left)}"
        left = {name: needs for name, needs in left.items() if name not in free}
