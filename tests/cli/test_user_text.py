"""Nothing turns a user's text into SymPy, or into Python: by reading the sources, and by a canary where users type."""

import ast
import contextlib
import sys
from pathlib import Path

import numpy as np
import pytest
import sympy as sp

import derivations
import experiments
import wd_jax
from wd_jax.cli import main

pytestmark = pytest.mark.numeric

PACKAGES = [Path(package.__file__).parent for package in (derivations, wd_jax, experiments)]
FILES = [path for package in PACKAGES for path in sorted(package.rglob("*.py"))]
# What evaluates a text wherever it comes from.
FORBIDDEN = {"eval", "exec", "compile", "sympify", "_sympify", "parse_expr", "parse_latex", "parse_mathematica",
             "parse_maxima", "S", "literal_eval", "run_path", "run_module", "loads_pickle", "unpickle"}  # fmt: skip
# re.compile is no evaluation; SymPy functions of a text that only name something.
HARMLESS_OWNERS = {"re"}
NAMING = {"Symbol", "symbols", "Function", "IndexedBase", "Idx", "Dummy", "Wild", "Lambda", "numbered_symbols"}


def called(node: ast.Call) -> tuple[str, str]:
    """Owner and name of what is called: ("sp", "simplify"), ("", "eval")."""
    if isinstance(node.func, ast.Attribute):
        return (node.func.value.id if isinstance(node.func.value, ast.Name) else "?"), node.func.attr
    return "", node.func.id if isinstance(node.func, ast.Name) else "?"


def is_text(node: ast.expr) -> bool:
    """Whether an argument is a text, other than the direction of a limit."""
    if isinstance(node, ast.Constant) and node.value in ("+", "-", "+-"):
        return False
    return (isinstance(node, ast.Constant) and isinstance(node.value, str)) or isinstance(node, ast.JoinedStr)


def offences(source: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and {alias.name for alias in node.names} & (FORBIDDEN - {"S"}):
            found.append(f"line {node.lineno}: imports {ast.unparse(node)}")
        if not isinstance(node, ast.Call):
            continue
        owner, name = called(node)
        given = node.args or node.keywords or owner == ""  # `optimiser.eval()` evaluates no text
        if name in FORBIDDEN and owner not in HARMLESS_OWNERS and given:
            found.append(f"line {node.lineno}: calls {ast.unparse(node.func)}")
        elif owner in ("sp", "sympy") and name not in NAMING:
            if any(is_text(argument) for argument in node.args):  # SymPy would evaluate it
                found.append(f"line {node.lineno}: gives SymPy a text: {ast.unparse(node)}")
        elif name in ("subs", "xreplace", "lambdify", "evalf") and any(is_text(argument) for argument in node.args):
            found.append(f"line {node.lineno}: gives SymPy a text: {ast.unparse(node)}")
        elif name == "lambdify" and owner not in ("sp", "sympy"):
            found.append(f"line {node.lineno}: a lambdify that this test cannot follow")
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(path.parts[-2:]))
def test_no_source_evaluates_text(path: Path) -> None:
    assert offences(path.read_text(encoding="utf-8")) == []


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def test_only_derivations_knows_sympy() -> None:
    """Where options and files are read there is no SymPy that could be given a text."""
    assert [path for path in FILES if "sympy" in imported(path) and PACKAGES[0] not in path.parents] == []


@pytest.mark.parametrize(
    "source",
    [
        "eval(text)", "builtins.exec(text)", "sp.sympify(text)", "sp.S(text)", "S('x')", "parse_expr(text)",
        "sp.simplify('x + 1')", "sp.lambdify('x', expr)", "expr.subs('x', 1)", "from sympy import sympify",
        "sp.Eq(f'{x}', 1)", "from sympy.parsing.sympy_parser import parse_expr", "lambdify(x, text)",
    ],
)  # fmt: skip
def test_the_reading_of_sources_sees(source: str) -> None:
    assert offences(source)


@pytest.mark.parametrize(
    "source",
    ["sp.Symbol('x')", "re.compile('x')", "sp.simplify(x)", "sp.sqrt(2)", "expr.subs(x, 1)", "optimiser.eval()"],
)
def test_the_reading_of_sources_lets_pass(source: str) -> None:
    assert offences(source) == []


WATCHED: list[str] = []
CAUGHT: list[str] = []


def _watch(event: str, arguments: tuple) -> None:
    """Hear of everything that Python compiles, by eval and exec too; a hook cannot be taken off again, so it idles."""
    if WATCHED and event == "compile":
        source = arguments[0].decode(errors="replace") if isinstance(arguments[0], bytes) else arguments[0]
        CAUGHT.extend(text for text in WATCHED if isinstance(source, str) and text in source)


sys.addaudithook(_watch)


@pytest.fixture
def canary(tmp_path: Path):
    """A text that leaves a file if it is evaluated, as Python or by SymPy; nobody may compile what contains it."""
    bird = tmp_path / "canary"
    WATCHED[:], CAUGHT[:] = [str(bird)], []
    yield f"__import__('pathlib').Path({str(bird)!r}).touch()"
    WATCHED.clear()
    assert not bird.exists() and CAUGHT == []


def test_the_canary_sings(canary: str) -> None:
    """It is seen where SymPy does evaluate a text, so that its silence elsewhere means something."""
    bird = Path(WATCHED[0])
    with contextlib.suppress(Exception):
        sp.sympify(canary)
    assert bird.exists() and CAUGHT
    bird.unlink()
    CAUGHT.clear()


@pytest.mark.parametrize(
    "tokens",
    [
        ["derive", "{}"],
        ["derive", "epoch_decay", "--format", "{}"],
        ["derive", "--{}"],
        ["predict", "--eta", "{}", "--lmbda", "5"],
        ["predict", "--eta", "0.1", "--lmbda", "{}"],
        ["predict", "--eta", "0.1", "--lmbda", "5", "--n-in", "{}"],
        ["sweep", "--dry-run", "--lmbda", "{}"],
        ["sweep", "--dry-run", "--hidden", "{}"],
        ["experiment", "{}"],
        ["figure", "{}", "run", "-o", "x.png"],
        ["info", "{}"],
        ["{}"],
    ],
    ids=lambda tokens: " ".join(tokens),
)
def test_the_command_line_evaluates_nothing(tokens: list[str], canary: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([token.format(canary) for token in tokens]) in (1, 2)
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("error: ") and err.count("\n") == 1


def test_formulas_evaluate_no_text(canary: str) -> None:
    factor = derivations.derive("epoch_decay").formulas["per_epoch_factor"]
    good = {"eta": 0.1, "lmbda": 5.0, "n": 50.0, "m": 10.0}
    for use in (factor, factor.number, factor.valid, factor.to_numpy(), factor.to_numpy(checked=True), factor.to_jax()):
        with pytest.raises((TypeError, ValueError, np.exceptions.DTypePromotionError)):
            use(**good | {"eta": canary})
        with pytest.raises(TypeError, match="unknown"):
            use(**good, **{canary: 1.0})
    with pytest.raises(KeyError):
        derivations.derive(canary)
