"""The tutorials use public names only: those that a package lists and the reference documents."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

pytestmark = pytest.mark.numeric
DOCS = Path(__file__).parents[2] / "docs"
TUTORIALS = sorted((DOCS / "tutorials").glob("*.md"))
OURS = ("wd_jax", "derivations", "experiments")
DIRECTIVE = re.compile(r"^\.\. (?:auto)?(\w+):: (\S+)\n((?:(?: {3,}.*)?\n)*)", re.MULTILINE)


def documented() -> set[str]:
    """Full names of all that docs/api documents: modules, and what their pages list of them."""
    found = set()
    for page in sorted((DOCS / "api").glob("*.rst")):
        for kind, name, body in DIRECTIVE.findall(page.read_text(encoding="utf-8") + "\n"):
            if kind not in ("module", "function", "class", "exception", "data"):
                continue
            found.add(name)
            if kind == "data":
                found |= set(re.findall(r"^ {3,}([\w.]+)$", body, re.MULTILINE))
            members = re.search(r":members:([^\n]*)", body)
            if kind == "module" and members:
                own = members[1].replace(",", " ").split()
                found |= {f"{name}.{one}" for one in own or vars(importlib.import_module(name))}
    return found


DOCUMENTED = documented()


def code_of(page: str) -> str:
    """The code of all cells of a tutorial, one after the other, without the cells' settings."""
    cells = re.findall(r"^```\{code-cell\}[^\n]*\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    return "\n".join(re.sub(r"\A---\n.*?^---\n", "", cell, flags=re.MULTILINE | re.DOTALL) for cell in cells)


def refused(code: str) -> list[str]:
    """Say which names a reader should not use, with what is wrong with each."""
    tree, bound, wrong = ast.parse(code), {}, []
    for node in ast.walk(tree):
        for name, full in _imported(node):
            if full.partition(".")[0] in OURS:
                bound[name] = full
                wrong += _problem(full)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr.startswith("_"):
            wrong.append(f"{ast.unparse(node)}: private")
        chain = _chain(node)
        if chain and chain[0] in bound:
            wrong += _followed(bound[chain[0]], chain[1:])
    return sorted(set(wrong))


def _imported(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Give the name bound and what it is, for each name that a statement imports."""
    if isinstance(node, ast.Import):
        yield from ((one.asname or one.name.partition(".")[0], one.name) for one in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield from ((one.asname or one.name, f"{node.module}.{one.name}") for one in node.names)


def _chain(node: ast.AST) -> list[str]:
    """Give ["wd", "data", "digits"] for wd.data.digits."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names, node = [node.attr, *names], node.value
    return [node.id, *names] if isinstance(node, ast.Name) and names else []


def _followed(full: str, rest: list[str]) -> list[str]:
    """Follow attributes as long as they are of modules: what values have is not asked for here."""
    found: object = _thing(full)
    for name in rest:
        if not isinstance(found, ModuleType):
            return []
        full = f"{full}.{name}"
        if problem := _problem(full):
            return problem
        found = getattr(found, name)
    return []


def _thing(full: str) -> object:
    """Give what a full name means."""
    try:
        return importlib.import_module(full)
    except ModuleNotFoundError:
        module, _, name = full.rpartition(".")
        return getattr(_thing(module), name)


def _problem(full: str) -> list[str]:
    """Say what is wrong with a full name: private, not there, not listed by its package, or not in the reference."""
    parts = full.split(".")
    if any(part.startswith("_") for part in parts):
        return [f"{full}: private"]
    if len(parts) == 1:
        return []
    try:
        _thing(full)
    except (AttributeError, ModuleNotFoundError):
        return [f"{full}: there is no such name"]
    package = _thing(".".join(parts[:-1]))
    listed = getattr(package, "__all__", None) or dir(package)
    if parts[-1] not in listed:
        return [f"{full}: {'.'.join(parts[:-1])} does not list it"]
    prefix = f"{full}."
    there = full in DOCUMENTED or any(one.startswith(prefix) for one in DOCUMENTED)
    return [] if there else [f"{full}: docs/api has no word on it"]


@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.stem)
def test_a_tutorial_uses_public_names_only(page: Path) -> None:
    assert refused(code_of(page.read_text(encoding="utf-8"))) == []


def test_the_check_follows_names() -> None:
    assert {"wd_jax.sweep", "wd_jax.figures.bands.points", "wd_jax.stats.exponent"} <= DOCUMENTED
    every = "".join(code_of(page.read_text(encoding="utf-8")) for page in TUTORIALS)
    assert every.count("wd.") > 30 and "derivations.derive(" in every


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("from wd_jax.stats.estimates import t_interval", "wd_jax.stats.estimates.t_interval: docs/api"),
        ("import wd_jax as wd\nwd.stats.two_sample_intervals(x)", "there is no such name"),
        ("import wd_jax as wd\nwd.stats.cells.one(x)", "wd_jax.stats.cells: wd_jax.stats does not list it"),
        ("from wd_jax import display", "wd_jax.display: wd_jax does not list it"),
        ("import wd_jax._secret", "private"),
        ("x = runs._names", "private"),
        ("import derivations\nderivations.output.printing.line(x)", "derivations.output: derivations does not list"),
        ("from wd_jax.figures import style\nstyle.new(1, 1)", "wd_jax.figures.style.new: docs/api"),
    ],
)
def test_other_names_are_refused(code: str, why: str) -> None:
    import wd_jax.stats.cells  # noqa: F401  so that it is there and still not listed

    (said,) = refused(code)
    assert why in said
