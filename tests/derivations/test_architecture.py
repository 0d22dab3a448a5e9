"""Symbolic: imports point one way, the trusted core is small, and what a law brings is built on it, or says so."""

import ast
import inspect
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import derivations
from derivations import derive, names
from derivations.prover import proof, rules

pytestmark = pytest.mark.symbolic

ROOT = Path(derivations.__file__).parent
# What may import what: a floor imports itself and the floors before it.
FLOORS = (
    ("errors", "quantities", "symbols", "scope", "without_decay", "references"),
    ("functions",),
    ("prover",),
    ("output",),
    ("kinds", "step", "formula", "formulas", "established", "derivation"),
    ("laws",),
    ("",),
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
CORE = [
    *(ROOT / "prover" / "rules").glob("*.py"),
    *(ROOT / "prover" / f"{n}.py" for n in ("proof", "zero", "known_signs")),
]
# What SymPy decides by itself, and sometimes wrongly.
UNSEEN = {"limit", "integrate", "solve", "solveset", "dsolve", "summation", "series", "nsimplify", "equals"}


def module(path: Path) -> str:
    """Return the dotted name of a file."""
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module(path): path for path in sorted(ROOT.rglob("*.py"))}


def imported(source: str) -> set[str]:
    """Return the modules of this package that a file imports, wherever in it: in functions and for types too."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else str(node.module) for name in whole}
    return found & MODULES.keys()


def room(name: str) -> str:
    """Return the first part of a module's name below the package."""
    return ".".join(name.split(".")[1:2])


def upwards(name: str, source: str) -> list[str]:
    """Return the imports of a module that go to a higher floor."""
    return [other for other in sorted(imported(source)) if FLOOR[room(other)] > FLOOR[room(name)]]


def circle(graph: dict[str, set[str]]) -> list[str]:
    """Return the modules that are left when those whose imports are all gone are taken away, again and again."""
    left = {name: set(others) for name, others in graph.items()}
    while free := [name for name, others in left.items() if not others & left.keys()]:
        for name in free:
            del left[name]
    return sorted(left)


def test_imports_point_one_way():
    found = {name: upwards(name, path.read_text(encoding="utf-8")) for name, path in MODULES.items()}
    assert {name: others for name, others in found.items() if others} == {}


def test_no_module_imports_itself_by_way_of_others():
    graph = {name: imported(path.read_text(encoding="utf-8")) - {name} for name, path in MODULES.items()}
    assert circle(graph) == []


def test_the_checks_see_what_they_should():
    hidden = "def f():\n    from derivations.formula import Formula\n"
    assert upwards("derivations.output.views", hidden) == ["derivations.formula"]
    assert upwards("derivations.prover.zero", "from derivations.output import printing\n") == [
        "derivations.output.printing"
    ]
    assert upwards("derivations.laws.ridge.law", hidden) == []
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == ["a", "b", "c"]


def test_the_rest_of_the_prover_does_not_know_the_rules():
    outside = [name for name in MODULES if name.startswith("derivations.prover.") and ".rules" not in name]
    assert outside
    for name in outside:
        assert not {n for n in imported(MODULES[name].read_text(encoding="utf-8")) if ".rules" in n}, name


def test_no_law_is_imported_by_what_laws_share():
    for name, path in MODULES.items():
        if name.startswith("derivations.laws.shared"):
            others = {n for n in imported(path.read_text(encoding="utf-8")) if n.startswith("derivations.laws.")}
            assert all(n.startswith("derivations.laws.shared") for n in others), name


def test_laws_and_proofs_load_no_jax():
    code = (
        "import sys, derivations; laws = [derivations.derive(name) for name in derivations.names()]; "
        "laws[0].check(); laws[0].text(); "
        "sys.exit(any(m.split('.')[0] in ('jax', 'wd_jax', 'matplotlib') for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_core_can_be_read_in_a_sitting():
    assert sum(len(path.read_text(encoding="utf-8").splitlines()) for path in CORE) < 1500


def test_nothing_asks_sympy_for_a_proof():
    for path in [*CORE, *(ROOT / "laws").rglob("*.py")]:
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        called = [n.func for n in nodes if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)]
        assert not {ast.unparse(function) for function in called if function.attr in UNSEEN}, path.name


def _steps():
    return [(name, step) for name in names() for step in derive(name).steps if step.proof is not None]


def _ends_in_a_rule(kind: type) -> bool:
    """Whether a certificate has no `prove` of its own, or one whose every answer is that of a rule of the core."""
    if "prove" not in vars(kind):
        return any(_ends_in_a_rule(base) or base in CORE_RULES for base in kind.__bases__)
    tree = ast.parse(textwrap.dedent(inspect.getsource(kind.prove)))
    answers = _answers(tree.body[0])
    return bool(answers) and all(_is_of_a_rule(answer, kind) for answer in answers)


def _answers(node: ast.AST) -> list[ast.expr | None]:
    """Return what a function returns, leaving out the functions inside it."""
    inside = [child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.FunctionDef | ast.Lambda)]
    return [one.value for one in inside if isinstance(one, ast.Return)] + [a for one in inside for a in _answers(one)]


def _is_of_a_rule(answer: ast.expr | None, kind: type) -> bool:
    """Whether an answer is `super().prove(...)` or `Rule(...).prove(...)`, the rule one of the core's or built so."""
    match answer:
        case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id=name)), attr="prove")):
            used = kind.__bases__[0] if name == "super" else vars(sys.modules[kind.__module__])[name]
            return used in CORE_RULES or _ends_in_a_rule(used)
    return False


CORE_RULES = {
    kind for kind in map(vars(rules).get, rules.__all__) if isinstance(kind, type) and issubclass(kind, proof.Proof)
}


def test_most_claims_are_proved_by_the_core_and_the_rest_say_what_else_they_rest_on():
    core, own = 0, 0
    for name, step in _steps():
        kind = type(step.proof)
        if step.kind == "approximation":
            assert kind.__module__ == "derivations.prover.measured"
            continue
        in_core = kind in CORE_RULES or _ends_in_a_rule(kind)
        assert in_core == (not step.principle), f"{name}/{step.name}: {kind.__name__}"
        core, own = core + in_core, own + (not in_core)
    assert core / (core + own) > 0.9


def test_a_certificate_lives_beside_its_law():
    users: dict[type, set[str]] = {}
    for name, step in _steps():
        users.setdefault(type(step.proof), set()).add(derivations.laws.MODULES[name].split(".")[0])
    for kind, rooms in users.items():
        home = kind.__module__.split(".")[1:3]
        if home[0] == "laws":
            assert home[1] == "shared" or rooms == {home[1]}, (kind.__name__, rooms)


def test_a_rule_of_its_own_is_shown_with_what_it_rests_on():
    law = derive("saturation")
    (step, *_) = [s for s in law.steps if s.principle]
    words = " ".join(law.text().split())
    assert f"Its proof uses a rule of its own besides the prover's core: {step.principle}" in words
    for page in (law.markdown(), law.latex(), law._repr_html_()):
        assert "uses a rule of its own" in page


def test_what_is_no_rule_of_the_core_cannot_pass_for_one():
    class Believe(proof.Proof):
        def prove(self, claim, context):
            return proof.PROVED

    class Through(rules.Identity):
        def prove(self, claim, context):
            return super().prove(claim, context)

    assert not _ends_in_a_rule(Believe) and _ends_in_a_rule(Through)
