"""Symbolic: what a prompt and a notebook show of a derivation and of a formula, and how a wrong name is answered."""

import copy
import dataclasses
import functools
import math
import pickle
import re
import xml.etree.ElementTree as ET

import mpmath
import pytest
import sympy as sp

from derivations import Formula, UnknownNameError, derive, names
from derivations.symbols import QUANTITIES

pytestmark = pytest.mark.symbolic
derivation_of = functools.cache(derive)
FORMULAS = [(name, formula) for name in names() for formula in derivation_of(name).formulas]
NASTY = "<script>alert(1)</script> & 'more'"


@pytest.mark.parametrize("name", names())
def test_a_derivation_says_what_it_is_and_what_to_do_next(name: str) -> None:
    derivation = derivation_of(name)
    shown = repr(derivation)
    assert max(map(len, shown.splitlines())) <= 100
    assert shown.startswith(f"Derivation {name}: {len(derivation.steps)} steps, {len(derivation.formulas)} formula")
    assert ".check()" in shown and "derivation.text()" in shown
    for formula in derivation.formulas.values():
        assert f"{formula.name}({', '.join(formula.parameters)})" in " ".join(shown.split())


@pytest.mark.parametrize("name", names())
def test_a_notebook_shows_every_step_and_formula(name: str) -> None:
    derivation = derivation_of(name)
    page = ET.fromstring(derivation._repr_html_().replace("<br>", "<br/>"))
    folded = {part.find("summary").text: part for part in page.iter("details")}
    steps = folded[f"{len(derivation.steps)} steps"].findall("ol/li")
    assert [step.find("strong").text for step in steps] == [step.name for step in derivation.steps]
    assert all(step.find("{http://www.w3.org/1998/Math/MathML}math") is not None for step in steps)
    assert len(page.findall("table/tbody/tr")) == len(derivation.formulas)


@pytest.mark.parametrize(("name", "formula"), FORMULAS, ids=[".".join(pair) for pair in FORMULAS])
def test_a_formula_says_its_parameters_and_a_call_that_works(name: str, formula: str) -> None:
    law = derivation_of(name).formulas[formula]
    shown = " ".join(repr(law).split())
    assert max(map(len, repr(law).splitlines())) <= 100
    assert all(condition in shown for condition in law.conditions())
    for symbol in law.symbols:
        quantity = QUANTITIES[symbol.name]
        assert re.search(rf" {symbol.name} {re.escape(quantity.unicode)} ", shown)
        assert quantity.unit == "1" or f"[{quantity.unit}]" in shown
    values = law.example()
    assert values is not None, "no numbers are known for which it holds"
    call = re.search(r"try it: (\w+)\((.*)\) = (\S+)$", shown)
    assert call and call[1] == law.name and call[2] == ", ".join(f"{k}={v}" for k, v in values.items())
    assert float(call[3]) == pytest.approx(float(law.number(**values)), rel=1e-5, abs=1e-12)
    ET.fromstring(law._repr_html_())


def test_a_page_shows_text_as_text() -> None:
    x = sp.Symbol("x", positive=True)
    formula = Formula(NASTY, x, (x,), NASTY, NASTY, "step")
    derivation = dataclasses.replace(derivation_of("epoch_decay"), statement=NASTY, formulas={NASTY: formula})
    for html in (formula._repr_html_(), derivation._repr_html_()):
        assert "<script" not in html and "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &#x27;more&#x27;" in html


def test_a_long_expression_is_cut_with_a_word() -> None:
    x = sp.Symbol("x", positive=True)
    formula = Formula("long", sum(x**k / (k + x) for k in range(200)), (x,), "a sum", "1", "step")
    assert len(repr(formula).splitlines()) < 15 and "print(formula.unicode())" in repr(formula)


def test_where_no_numbers_are_known_the_call_has_gaps() -> None:
    x = sp.Symbol("x", positive=True)
    formula = Formula("never", x, (x,), "a number", "1", "step", (sp.StrictLessThan(x**2 + 1, x, evaluate=False),))
    assert formula.example() is None and repr(formula).endswith("try it: never(x=...)")


def test_an_example_cannot_be_spoilt() -> None:
    formula = derivation_of("epoch_decay").formulas["per_epoch_factor"]
    formula.example().clear()
    assert math.isclose(formula(**formula.example()), float(mpmath.exp(5000 * mpmath.log1p(-1e-5))), rel_tol=1e-14)


def test_the_formulas_are_a_dictionary_with_a_line_each() -> None:
    formulas = derive("epoch_decay").formulas
    assert isinstance(formulas, dict) and "nothing" not in formulas and formulas.get("nothing") is None
    assert len(repr(formulas).splitlines()) == len(formulas)
    assert formulas["per_step_factor"](eta=0.1, lmbda=5.0, n=50_000) < 1  # one that was used is compiled
    for again in (copy.deepcopy(formulas), pickle.loads(pickle.dumps(formulas))):
        assert list(again) == list(formulas) and again.owner == "epoch_decay"


FACTOR = derivation_of("epoch_decay").formulas["per_epoch_factor"]
GOOD = {"eta": 0.1, "lmbda": 5.0, "n": 50_000, "m": 10}
ERRORS = {
    "derivation": (lambda: derive("epoch_dekay"), UnknownNameError, "'epoch_dekay': did you mean 'epoch_decay'?"),
    "far derivation": (lambda: derive("zzz"), UnknownNameError, "called 'zzz': choose among epoch_decay, "),
    "formula": (
        lambda: derivation_of("epoch_decay").formulas["per_epoch_factr"],
        UnknownNameError,
        "epoch_decay has no formula 'per_epoch_factr': did you mean 'per_epoch_factor'?",
    ),
    "step": (
        lambda: derivation_of("epoch_decay").step("limt"),
        UnknownNameError,
        "epoch_decay has no step 'limt': did you mean 'limit'?",
    ),
    "step to check": (
        lambda: derivation_of("epoch_decay").check("limt"), UnknownNameError, "no step 'limt': did you mean 'limit'?"
    ),
    "missing": (
        lambda: FACTOR(eta=0.1, lmbda=5.0, n=50_000),
        TypeError,
        "per_epoch_factor(eta, lmbda, n, m): missing m (minibatch size)",
    ),
    "unknown": (
        lambda: FACTOR(**GOOD, lmda=5.0), TypeError, "unknown lmda (did you mean 'lmbda'?)"
    ),
    "unnamed": (
        lambda: FACTOR(0.1, 5.0, 50_000, 10),
        TypeError,
        "per_epoch_factor: a number without a name, 0.1: call per_epoch_factor(eta=..., lmbda=..., n=..., m=...)",
    ),
    "unnamed, NumPy": (lambda: FACTOR.to_numpy()(0.1), TypeError, "call per_epoch_factor(eta=..., "),
    "text": (lambda: FACTOR(**GOOD | {"eta": "a"}), TypeError, "eta='a': give a number or an array of numbers"),
    "outside": (lambda: FACTOR(**GOOD | {"n": 0.1}), ValueError, "does not hold here: η*λ/n < 1 (met "),
    "negative": (lambda: FACTOR(**GOOD | {"eta": -1}), ValueError, "η > 0 (met η = -1)"),
}  # fmt: skip


@pytest.mark.parametrize(("use", "error", "message"), ERRORS.values(), ids=list(ERRORS))
def test_an_error_names_the_thing_and_the_remedy(use, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        use()
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_a_report_has_a_line_a_step() -> None:
    report = derivation_of("epoch_decay").check("limit")
    assert repr(report) == "Report on epoch_decay: 1 step checked\nlimit: proved"
