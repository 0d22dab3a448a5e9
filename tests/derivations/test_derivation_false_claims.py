"""Symbolic: false claims that a careless proof would accept, each refused for the right reason."""

from dataclasses import replace
from pathlib import Path

import pytest
import sympy as sp

from derivations import Assumption, Derivation, DerivationError, Step, derive, laws, names
from derivations.errors import ProofError
from derivations.laws.saturation.even_part import EvenPart
from derivations.prover.definitions import Definitions, Evolution
from derivations.prover.measured import MeasuredError, NumbersOnly
from derivations.prover.proof import Context
from derivations.prover.rules import (
    Antiderivative,
    Identity,
    Induction,
    Monotone,
    Root,
    SolvesEquation,
    Telescope,
    Termwise,
    Tightness,
    UnitInterval,
)
from derivations.prover.sampling import draw
from derivations.prover.zero import hide, is_zero
from derivations.step import equation, solved

pytestmark = pytest.mark.symbolic

x = sp.Symbol("x", positive=True)
k = sp.Symbol("k", integer=True, nonnegative=True)
t = sp.Symbol("t", nonnegative=True)
z = sp.Symbol("z", real=True)
f = sp.Function("f")
LINE = (z, -sp.oo, sp.oo)
BELL = sp.exp(-(z**2) / 2)
HALF = sp.Rational(1, 2)


def _derivation(*steps, assume=()):
    assumptions = tuple(a if isinstance(a, Assumption) else Assumption(str(a), a) for a in assume)
    return Derivation("attack", "", assumptions, steps, {})


def _refused(match, *steps, assume=()):
    with pytest.raises(DerivationError, match=match):
        _derivation(*steps, assume=assume).check()


def test_the_other_root_is_refused():
    from derivations.laws.dominance import CRITICAL_EXACT, eta, gradient_ms, n, weight_ms

    other = n / eta * (1 + sp.sqrt(1 - eta**2 * gradient_ms / weight_ms))
    dominance = derive("dominance")
    claim = dominance.step("noise_threshold_exact").claim
    forged = claim.xreplace({CRITICAL_EXACT: other})
    assert forged != claim
    with pytest.raises(DerivationError, match="leaves the domain"):
        dominance.with_claim("noise_threshold_exact", forged).check("noise_threshold_exact")


def test_a_root_must_be_positive():
    claim = solved(equation(x + 2, 1), x, sp.Integer(-1))
    _refused("leaves the domain", Step("s", claim, "", Root(x, sp.S.One), kind="solution"))


def test_a_monotone_function_that_jumps_may_have_two_roots():
    # x/10 + atan(1/(1-x)) rises everywhere, jumps at 1, and takes the value again near 12.44.
    claim = solved(equation(x / 10 + sp.atan(1 / (1 - x)), sp.Rational(1, 20) + sp.atan(2)), x, HALF)
    slope = sp.Rational(1, 10) + 1 / ((1 - x) ** 2 + 1)
    _refused("not seen to be continuous", Step("s", claim, "", Root(x, slope), kind="solution"))


def test_a_domain_of_two_intervals_is_refused():
    y = sp.Symbol("y", positive=True)
    outside = (x - 2) ** 2 - 1
    claim = solved(equation(sp.log(x), sp.log(y)), x, y)
    with pytest.raises(ProofError, match="more than one interval"):
        Root(x, 1 / x, (outside,)).prove(claim, Context(assumptions=(outside > 0,)))


CHECKED_AS_A_WHOLE = ("epoch_decay", "tail_off", "symmetry")  # proving every step again says nothing of a formula


@pytest.mark.parametrize("name", names())
def test_a_formula_is_no_part_of_a_claim(name):
    derivation = derive(name)
    (formula, *_) = derivation.formulas.values()
    forged = replace(formula, expr=formula.expr.args[-1])
    with pytest.raises(DerivationError, match=formula.name):
        derivation.check_formula(forged)
    if name in CHECKED_AS_A_WHOLE:
        with pytest.raises(DerivationError, match=formula.name):
            replace(derivation, formulas={formula.name: forged}).check()


def test_formulas_of_a_bound_and_of_a_solution():
    from derivations.laws.epoch_decay import FACTOR

    derivation = derive("epoch_decay")
    for name, expr in (("lower_bound", FACTOR), ("half_life_epochs", HALF), ("relative_error_leading", sp.S.Zero)):
        with pytest.raises(DerivationError, match=f"'{name}': is no whole side"):
            derivation.check_formula(replace(derivation.formulas[name], expr=expr))


@pytest.mark.parametrize(
    ("module", "changes", "step"),
    [
        (
            "epoch_decay",
            {
                "FACTOR = STEP_FACTOR ** (n / m)": "FACTOR = STEP_FACTOR ** (2 * n / m)",
                "LIMIT = sp.exp(-eta * lmbda / m)": "LIMIT = sp.exp(-2 * eta * lmbda / m)",
                "BOUND = sp.exp(-eta * lmbda / m /": "BOUND = sp.exp(-2 * eta * lmbda / m /",
                "LEADING = -((eta * lmbda) ** 2) / (2 * n * m)": "LEADING = -((eta * lmbda) ** 2) / (n * m)",
                "HALF_LIFE = -m * sp.log(2) / (n": "HALF_LIFE = -m * sp.log(2) / (2 * n",
                "n * epoch / m": "2 * n * epoch / m",
                "exp(n * y / m)": "exp(2 * n * y / m)",
                "n / m * ": "2 * n / m * ",
                "sp.exp(kappa * (": "sp.exp(2 * kappa * (",
                "-kappa * epsilon / 2": "-kappa * epsilon",
            },
            "factor",
        ),
        (
            "initialisation",
            {"n * epoch / m": "2 * n * epoch / m", "(2 * n *": "(4 * n *", "n / m * sp.log": "2 * n / m * sp.log"},
            "alone_exact",
        ),
        (
            "initialisation",
            {
                "_eq(steps_per_epoch * epsilon, kappa)": "_eq(steps_per_epoch * epsilon, 2 * kappa)",
                **{"-2 * kappa * ": "-4 * kappa * ", "-kappa * flowing": "-2 * kappa * flowing"},
                "exp(-eta": "exp(-2 * eta",
                "exp(-2 * eta * lmbda * epoch": "exp(-4 * eta * lmbda * epoch",
                "-eta * lmbda / m * smooth": "-2 * eta * lmbda / m * smooth",
                **{"m / (2 * eta": "m / (4 * eta", "m / (eta": "m / (2 * eta"},
            },
            "rate",
        ),
        (
            "dominance",
            {"q ** (n / m": "q ** (2 * n / m", "-eta / m * q": "-2 * eta / m * q", "** (m / n)": "** (m / (2 * n))"},
            "alone_for_an_epoch",
        ),
        (
            "tail_off",
            {
                "(1 - STEP_DECAY) ** 2) * n_w": "(1 - STEP_DECAY) ** 2) * 2 * n_w",
                "STEP_DECAY)) * n_w": "STEP_DECAY)) * 2 * n_w",
            },
            "epoch_balance",
        ),
        (
            "tail_off",
            {
                "weight_dot_gradient + lmbda / n * n_w": "weight_dot_gradient + 2 * lmbda / n * n_w",
                "2 * lmbda / n * n_w * weight_rms, ()": "4 * lmbda / n * n_w * weight_rms, ()",
                "VIRIAL = sp.sqrt(-n": "VIRIAL = sp.sqrt(-HALF * n",
            },
            "virial_identity",
        ),
    ],
)  # fmt: skip
def test_a_law_corrupted_everywhere_is_refused(module, changes, step):
    source = (Path(laws.__file__).parent / f"{laws.MODULES[module]}.py").read_text()
    for old, new in changes.items():
        assert old in source, old
        source = source.replace(old, new)
    space = {"__name__": "forged", "HALF": HALF}
    exec(compile(source, module, "exec"), space)
    with pytest.raises(DerivationError) as caught:
        space["build"]().check()
    assert caught.value.step == step


def test_an_assumption_of_one_step_does_not_reach_another():
    a, b, c = sp.symbols("a b c", positive=True)
    given = equation(a, b)
    first = Step("first", equation(a * c, b * c), "", Identity(given=(given,)), kind="equality")
    second = Step("second", equation(a * c + c, b * c + c), "", Identity(less=(("first", sp.S.One),)), kind="equality")
    _derivation(first, second, assume=[given]).check()
    scoped = Assumption("a is b", given, ("first",))
    assert _derivation(first, assume=[scoped]).check().verdicts == {"first": "proved"}
    _refused("without its assumption", first, second, assume=[scoped])
    _refused("does not exist", first, assume=[Assumption("", given, ("nowhere",))])


@pytest.mark.parametrize(
    ("rules", "closed", "proof", "match"),
    [
        ([equation(f(k + 2), 2 * f(k))], 2**k, Induction(), r"f\(k\+1\)"),
        ([equation(f(k), 2 * f(k))], 2**k, Induction(), r"f\(k\+1\)"),
        ([equation(f(k + 1), 2 * f(k)), equation(f(k + 1), 3 * f(k))], 2**k, Induction(), "exactly one"),
        ([equation(f(1), 2)], 2**k, Induction(), r"f\(k\+1\)"),
        ([equation(f(k + 1), 2 * f(k + 1) / 2)], 2**k, Induction(), "may use"),
        ([equation(sp.Derivative(f(t), t, t), -f(t))], sp.exp(-t), SolvesEquation(), "first derivative"),
        ([equation(sp.Derivative(f(2 * t), t), -f(t))], sp.exp(-t), SolvesEquation(), "first derivative"),
    ],
)
def test_recursions_are_read_as_they_stand(rules, closed, proof, match):
    variable = t if isinstance(proof, SolvesEquation) else k
    definition = Step("d", sp.And(equation(f(0), 1), *rules), "", kind="definition")
    _refused(match, definition, Step("s", equation(f(variable), closed), "", proof, kind="solution"))


@pytest.mark.parametrize(
    ("stated", "variable", "rule", "closed", "proof"),
    [
        ((equation(f(k + 2), 2 * f(k)),), k, 2 * f(k), 2**k, Induction()),
        ((equation(f(k), 2 * f(k)),), k, 2 * f(k), 2**k, Induction()),
        ((equation(f(k + 1), 2 * f(k)), equation(f(k + 1), 3 * f(k))), k, 2 * f(k), 2**k, Induction()),
        ((equation(sp.Derivative(f(t), t, t), -f(t)),), t, -f(t), sp.exp(-t), SolvesEquation()),
    ],
)
def test_the_falsification_of_a_solution_does_not_trust_the_reader(stated, variable, rule, closed, proof):
    misread = Evolution(variable, sp.S.One, rule, variable is t)
    definitions = Definitions(evolutions={f: misread}, stated={f: stated})
    envs = draw([variable], [], [], definitions, {}, 2)
    with pytest.raises(ProofError, match="does not satisfy"):
        proof.falsify(equation(f(variable), closed), Context(definitions, envs=envs))


def test_monotone_needs_continuity():
    tight = Tightness(x, x)
    for gap in (
        sp.Piecewise((x, x < sp.Rational(19, 20)), (x - 10, True)),
        x / (1 - sp.Rational(20, 19) * x),
        sp.atan(x / (1 - sp.Rational(20, 19) * x)),
        x - sp.floor(x + sp.Rational(1, 20)),
    ):
        claim = sp.Le(0, gap, evaluate=False)
        with pytest.raises(ProofError, match=r"continuous|parameter|positive"):
            Monotone(UnitInterval(x), tight).prove(claim, Context(assumptions=(x < 1,)))


def test_a_verdict_is_no_better_than_its_source():
    area = sp.Integral(sp.exp(-x * z**2), LINE)
    source = Step("a", equation(area, sp.sqrt(sp.pi / x)), "", NumbersOnly(), kind="equality")
    used = Step("b", equation(area**2, sp.pi / x), "", Identity(using=("a",)), kind="equality")
    again = Step("c", equation(area**4, sp.pi**2 / x**2), "", Identity(using=("a",)), kind="equality")
    chain = Step("e", equation(2 * area**2, 2 * sp.pi / x), "", Identity(less=(("b", sp.Integer(2)),)), kind="equality")
    derivation = _derivation(source, used, again, chain)
    assert set(derivation.check().verdicts.values()) == {"checked, not proved"}
    assert derivation.check("e").verdicts["e"] == "checked, not proved"
    rough = Step("a", source.claim, "", MeasuredError(x, 1, 2, 0.1), kind="approximation")
    with pytest.raises(ProofError, match="approximation"):
        _derivation(rough, used)._prove(used)


def test_an_antiderivative_must_be_continuous():
    narrow = 10**15 * (z - sp.Rational(3, 10))
    primitive = sp.erf(z / sp.sqrt(2)) / 2 + sp.atan(1 / narrow)
    claim = equation(sp.Integral(sp.simplify(sp.diff(primitive, z)), LINE), 1)
    _refused("not seen to be continuous", Step("s", claim, "", Antiderivative(primitive, -HALF, HALF), kind="equality"))


@pytest.mark.parametrize("odd", [z, z / (1 + z**2), z**3, z * sp.exp(-(z**4) / (1 + z**2)), sp.exp(z**2) * z])
def test_the_even_part_needs_convergence(odd):
    with pytest.raises(ProofError, match="converge"):
        EvenPart().prove(equation(sp.Integral(BELL + odd, LINE), sp.Integral(BELL, LINE)), Context())


def test_the_even_part_needs_no_pole():
    claim = equation(sp.Integral(BELL + BELL / z, LINE), sp.Integral(BELL, LINE))
    with pytest.raises(ProofError, match="continuous"):
        EvenPart().prove(claim, Context())


def test_algebra_evaluates_no_limit_integral_or_sum():
    for left, right in (
        (sp.Limit(sp.sin(x) / x, x, 0), sp.S.One),
        (sp.Integral(sp.exp(-(z**2)), LINE), sp.sqrt(sp.pi)),
        (sp.Sum(k, (k, 0, 3)), sp.Integer(6)),
        (sp.Derivative(sp.Integral(x * z, (z, 0, 1)), x), HALF),
    ):
        with pytest.raises(ProofError, match="not 0"):
            Identity().prove(equation(left, right), Context())
        assert not is_zero(left - right)
    inside = sp.Derivative(sp.Integral(x * z, (z, 0, 1)), x)
    assert hide(inside) != 0 and not is_zero(inside)


def test_a_telescope_needs_its_own_increments():
    last = sp.Symbol("M", integer=True, positive=True)
    definition = Step("d", sp.And(equation(f(0), x), equation(f(k + 1), f(k) + k)), "", kind="definition")
    good = equation(f(last) - x, sp.Sum(k, (k, 0, last - 1)))
    assert _derivation(definition, Step("s", good, "", Telescope(), kind="equality")).check().verdicts["s"] == "proved"
    for bad in (
        equation(f(last) - x, sp.Sum(k + 1, (k, 0, last - 1))),
        equation(f(last) - x, sp.Sum(k, (k, 0, last))),
        equation(f(last) - 2 * x, sp.Sum(k, (k, 0, last - 1))),
        equation(2 * f(last) - 2 * x, sp.Sum(2 * k, (k, 0, last - 1))),
    ):
        context = _derivation(definition)._context(definition)
        with pytest.raises(ProofError):
            Telescope().prove(bad, context)


def test_what_is_given_must_be_assumed():
    a, b = sp.symbols("a b", positive=True)
    for proof in (Identity(given=(equation(a, b),)), Termwise((equation(a, b),))):
        with pytest.raises(ProofError, match="not assumed"):
            proof.prove(equation(a, b), Context())


def test_a_solution_stays_about_its_equation():
    derivation = derive("tail_off")
    with pytest.raises(ProofError, match="no earlier step"):
        derivation.step("virial").prove(Context())
    lonely = replace(derivation.step("virial"), proof=replace(derivation.step("virial").proof, about="at_rest"))
    forged = tuple(lonely if s.name == "virial" else s for s in derivation.steps)
    with pytest.raises(DerivationError, match="not about 'at_rest'"):
        replace(derivation, steps=forged).check("virial")
