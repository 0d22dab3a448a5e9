"""Symbolic: every step is proved, labels are honest, wrong steps are refused."""

import subprocess
import sys
from dataclasses import replace

import pytest
import sympy as sp

from derivations import DerivationError, Formula, Step, derive, names
from derivations.functions.log1pmx import log1pmx
from derivations.output.stabilise import stabilise
from derivations.prover.measured import MeasuredError
from derivations.prover.proof import Context
from derivations.prover.rules import (
    Continuity,
    Identity,
    Induction,
    Monotone,
    Root,
    SolvesEquation,
    Squeeze,
    Taylor,
    Tightness,
    UnitInterval,
)
from derivations.step import equation, solved
from derivations.symbols import QUANTITIES, symbols

pytestmark = pytest.mark.symbolic

eta, lmbda, n, m, epsilon = symbols("eta lmbda n m epsilon")
x, a, f = *sp.symbols("x a", positive=True), sp.Function("f")
PROVED_ONLY = ("epoch_decay", "tail_off", "initialisation")


@pytest.mark.parametrize("name", names())
def test_every_step_passes(name, record_property):
    derivation = derive(name)
    verdicts = derivation.check().verdicts
    record_property("checked steps", len(verdicts))
    assert list(verdicts) == [step.name for step in derivation.steps]
    for step in derivation.steps:
        if step.kind == "approximation":
            assert verdicts[step.name].startswith("approximation (error <= ")
        else:
            assert verdicts[step.name] == ("definition" if step.kind == "definition" else "proved")


@pytest.mark.parametrize("name", PROVED_ONLY)
def test_claims_without_approximations(name):
    """Every formula has a proof; all that is measured is how far a proved leading term is off."""
    derivation = derive(name)
    measured = {step.name for step in derivation.steps if step.kind == "approximation"}
    assert measured.isdisjoint(formula.step for formula in derivation.formulas.values())
    assert measured == {formula.box for formula in derivation.formulas.values()} - {""}


def test_the_limit_is_proved_for_symbols():
    step = derive("epoch_decay").step("limit")
    assert step.kind == "limit" and isinstance(step.proof, Squeeze)
    assert {s.name for s in step.claim.free_symbols} == {"eta", "lmbda", "m"}


def test_the_first_correction_agrees_with_sympy_series():
    eta, lmbda, m = symbols("eta lmbda m")
    h = sp.Symbol("h", positive=True)
    log_factor = sp.log(1 - eta * lmbda * h) / (m * h)
    first = sp.series(log_factor, h, 0, 2).removeO().coeff(h, 1)
    leading = derive("epoch_decay").formulas["relative_error_leading"].expr
    assert sp.simplify(first * h - leading.subs(symbols("n")[0], 1 / h)) == 0


def test_names_and_unknown_names():
    assert {"epoch_decay", "dominance", "tail_off", "initialisation"} <= set(names())
    with pytest.raises(KeyError, match="did you mean 'epoch_decay'"):
        derive("epoch_dcay")


def test_import_loads_no_jax():
    code = (
        "import sys, derivations; derivations.derive('epoch_decay').check(); "
        "sys.exit(any(m.split('.')[0] in ('jax', 'wd_jax') for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("relation", ["definition", "used before"])
def test_a_definition_must_be_new(relation):
    derivation = derive("epoch_decay")
    epsilon, eta = symbols("epsilon eta")
    again = Step("again", equation(epsilon if relation == "definition" else eta, sp.Integer(1)), "", kind="definition")
    steps = (*derivation.steps, again)
    with pytest.raises(DerivationError, match="again"):
        replace(derivation, steps=steps).check()


def test_labels_must_match_proofs():
    claim = equation(sp.Integer(1), sp.Integer(1))
    epsilon = symbols("epsilon")[0]
    for kind, proof in (
        ("definition", Identity()),
        ("equality", None),
        ("approximation", Identity()),
        ("equality", MeasuredError(epsilon, 1, 2, 0.1)),
        ("assumption", None),
    ):
        with pytest.raises(ValueError, match="s:"):
            Step("s", claim, "", proof, kind=kind)


@pytest.mark.parametrize(
    ("kind", "claim", "proof"),
    [
        ("definition", equation(x, a), None),
        ("approximation", equation(x, a), MeasuredError(x, 1, 2, 0.1)),
        ("solution", solved(equation(2 * x, a), x, a / 2), Root(x, sp.Integer(2))),
        ("solution", equation(f(x), a), Induction()),
        ("solution", equation(f(x), a), SolvesEquation()),
        ("inequality", sp.Le(x, a, evaluate=False), Identity()),
        ("inequality", x < a, Identity()),
        ("limit", equation(sp.Limit(f(x), x, 0), a), Identity()),
        ("series", equation(f(x), a + sp.O(x)), Taylor()),
        ("equality", equation(a, sp.Limit(f(x), x, 0)), Identity()),
        ("equality", equation(x, a), Identity()),
    ],
)
def test_the_kind_follows_from_claim_and_proof(kind, claim, proof):
    step = Step("s", claim, "", proof)
    assert step.kind == kind
    assert replace(step, claim=equation(a, x)).kind == kind  # a corrupted claim is judged as what it was


def test_a_kind_that_is_written_stays():
    assert Step("s", equation(x, a), "", Identity(), kind="solution").kind == "solution"


def test_a_formula_is_read_off_its_step():
    steps = derive("epoch_decay").steps
    bound = Formula.of(steps, "bound", (eta, lmbda, n, m), "", "1", "lower_bound", side="left")
    assert bound.expr == derive("epoch_decay").formulas["lower_bound"].expr
    assert Formula.of(steps, "half", (eta, lmbda, n, m), "", "1", "half_life").expr.has(sp.log(2))
    assert (
        Formula.of(steps, "log", (epsilon,), "", "1", "log_series").expr == -epsilon - epsilon**2 / 2 - epsilon**3 / 3
    )
    written_out = Formula.of(steps, "log", (eta, lmbda, n), "", "1", "log_upper")
    assert written_out.expr == -eta * lmbda / n


@pytest.mark.parametrize(
    ("step", "side", "arguments", "says"),
    [
        ("half_lif", "right", "eta lmbda n m", "step='half_lif'"),
        ("limit", "left", "eta lmbda n m", "side='left'"),
        ("log_series", "left", "epsilon", "side='left'"),
        ("recursion", "right", "w_0", "side='right'"),
        ("half_life", "middle", "eta lmbda n m", "side='middle'"),
        ("half_life", "right", "eta lmbda n", "not in the signature"),
    ],
)
def test_what_cannot_be_read_off_is_refused(step, side, arguments, says):
    with pytest.raises(ValueError, match=says):
        Formula.of(derive("epoch_decay").steps, "f", symbols(arguments), "", "1", step, side=side)


def test_a_formula_must_stand_in_its_step():
    derivation = derive("epoch_decay")
    formula = derivation.formulas["per_epoch_factor"]
    forged = replace(formula, expr=formula.expr**2)
    with pytest.raises(DerivationError, match="per_epoch_factor"):
        replace(derivation, formulas={**derivation.formulas, formula.name: forged}).check()


def test_proofs_refuse_what_they_cannot_see():
    x = sp.Symbol("x", positive=True)
    open_ended = Monotone(UnitInterval(x), Tightness(x, x**2 / 2))
    with pytest.raises(Exception, match="not assumed"):
        open_ended.prove(sp.Le(sp.log(1 - x), -x, evaluate=False), Context())
    with pytest.raises(Exception, match="not seen to be continuous"):
        Continuity().prove(equation(sp.Limit(sp.sin(x) / x, x, 0), sp.Integer(1)), Context())
    with pytest.raises(Exception, match="coefficient"):
        Taylor().prove(equation(sp.exp(x), 1 + x + x**2 + sp.O(x**3)), Context())


@pytest.mark.parametrize(
    "expr",
    [
        lambda x, k: (1 - x) ** k,
        lambda x, k: (1 - x) ** k * sp.exp(k * x) - 1,
        lambda x, k: k * sp.log(1 + x) - k * x,
        lambda x, k: 3 * sp.exp(x) - 3,
        lambda x, k: 1 - (1 - x) ** 2,
        lambda x, k: 1 - sp.sqrt(1 - x * k),
    ],
)
def test_stabilise_keeps_the_value(expr):
    x, k = symbols("x t")
    natural = expr(x, k)
    stable = stabilise(natural)
    assert stable != natural
    at = {x: sp.Rational(1, 7), k: sp.Rational(5, 3)}
    assert abs((natural - stable.rewrite(sp.log)).subs(at).evalf(40)) < 1e-35


def test_log1pmx_knows_its_derivative_and_prints():
    x = sp.Symbol("x", positive=True)
    assert sp.simplify(log1pmx(x).diff(x) - (sp.log(1 + x) - x).diff(x)) == 0
    assert r"\ln" in sp.latex(log1pmx(x))


@pytest.mark.parametrize("name", names())
def test_every_symbol_is_described_and_every_output_prints(name):
    derivation = derive(name)
    for formula in derivation.formulas.values():
        assert set(formula.parameters) <= set(QUANTITIES)
        assert formula.latex() and formula.unicode() and formula.meaning
    for output in (derivation.text(), derivation.markdown(), derivation.latex(), derivation._repr_latex_()):
        assert all(step.name.replace("_", "") in output.replace("_", "").replace("\\", "") for step in derivation.steps)


def test_lmbda_is_printed_as_lambda():
    formula = derive("epoch_decay").formulas["per_epoch_factor"]
    assert r"\lambda" in formula.latex() and "λ" in formula.unicode() and "lmbda" not in formula.latex()
