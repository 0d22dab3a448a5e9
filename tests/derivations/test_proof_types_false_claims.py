"""Symbolic: what binds a symbol, definitions, algebra and recursions; each proof refuses false claims by itself."""

import pytest
import sympy as sp

from derivations import Assumption, Derivation, DerivationError, Step
from derivations.errors import ProofError
from derivations.functions.gaps import tanh_gap
from derivations.laws.schedules.trigonometric import TrigonometricInduction
from derivations.laws.shared.for_any import IdentityForAny
from derivations.laws.shuffling.textbook import TextbookIdentity
from derivations.prover.definitions import Definitions, Evolution, read
from derivations.prover.measured import NumbersOnly
from derivations.prover.proof import Context
from derivations.prover.rules import (
    Antiderivative,
    Identity,
    Induction,
    InductionOverSum,
    Root,
    SolvesEquation,
    Telescope,
    Termwise,
)
from derivations.step import equation, solved

pytestmark = pytest.mark.symbolic

x, y, a, b, d, p = sp.symbols("x y a b d p", positive=True)
k, j = (sp.Symbol(name, integer=True, nonnegative=True) for name in "kj")
steps = sp.Symbol("M", integer=True, positive=True)
t = sp.Symbol("t", nonnegative=True)
z, u = sp.symbols("z u", real=True)
f, g, r = (sp.Function(name) for name in "fgr")
HALF = sp.Rational(1, 2)
CUBIC = x**4 + 2 * x**3 + x**2


def _knows(*claims, **more):
    return Context(read(claims), **more)


def _recursion(start, rule):
    return sp.And(equation(f(0), start), equation(f(k + 1), rule))


def _flow(start, rule):
    return sp.And(equation(f(0), start), equation(sp.Derivative(f(t), t), rule))


def _refuses(proof, claim, match, context=None):
    with pytest.raises(ProofError, match=match):
        proof.prove(claim, context or Context())


def _accepts(proof, claim, context=None):
    assert proof.prove(claim, context or Context()) == "proved"


# What an integral, a sum or a derivative binds.


def test_an_assumed_equality_does_not_reach_into_an_integral():
    given, area = equation(a, z), sp.Integral(a, (z, 0, 1))
    claim = equation(area, sp.Integral(z, (z, 0, 1)))  # a against 1/2
    _refuses(Identity(given=(given,)), claim, "bound", Context(assumptions=(given,)))
    _refuses(Identity(using=("s",)), claim, "bound", Context(assumptions=(given,), earlier={"s": given}))


def test_an_assumed_equality_does_not_reach_into_a_derivative():
    given = equation(b, x)
    claim = equation(sp.Derivative(b * x**2, x), 3 * x**2)  # 2 b x
    _refuses(Identity(given=(given,)), claim, "bound", Context(assumptions=(given,)))


def test_what_is_positive_moves_with_the_variable_of_a_derivative():
    claim = equation(sp.Derivative((1 - x) ** 2, x), 0)
    _refuses(Identity(positive=(1 - x,)), claim, "not 0|bound", Context(assumptions=(x < 1,)))


def test_what_is_positive_outside_an_integral_is_not_inside():
    size = sp.Integral(sp.sqrt((1 - x) ** 2), (x, 0, 3))  # of |1 - x|: 5/2 against -3/2
    _refuses(
        Identity(positive=(1 - x,)),
        equation(size, sp.Integral(1 - x, (x, 0, 3))),
        "bound|not 0",
        Context(assumptions=(x < 1,)),
    )


def test_a_closed_form_is_not_put_inside_a_sum_that_binds_its_index():
    known = equation(f(k), sp.Sum(x ** (k - j), (j, 0, k)))
    claim = equation(sp.Sum(f(j), (j, 0, 3)), sp.Sum(sp.Sum(1, (j, 0, j)), (j, 0, 3)))
    context = _knows(_recursion(1, x * f(k) + 1), earlier={"s": known})
    _refuses(Identity(using=("s",)), claim, "binds", context)


def test_a_function_body_binds_no_symbol_of_its_argument():
    with pytest.raises(ProofError, match="binds"):
        _knows(equation(f(a), sp.Integral(a * z, (z, 0, 1)))).definitions.expand(f(z))


@pytest.mark.parametrize(
    ("claim", "primitive", "low", "high"),
    [
        (equation(sp.Integral(sp.sqrt(CUBIC), (x, -1, 1)), sp.Rational(2, 3)), x**3 / 3 + x**2 / 2, -1, 1),  # 1
        (equation(sp.Integral(sp.sqrt(CUBIC), (x, 0, -1)), sp.Rational(1, 6)), x**3 / 3 + x**2 / 2, 0, -1),
    ],
)
def test_a_variable_declared_positive_has_a_positive_range(claim, primitive, low, high):
    step = Step(
        "s", claim, "", Antiderivative(primitive, primitive.subs(x, low), primitive.subs(x, high)), kind="equality"
    )
    with pytest.raises(ProofError, match="declared positive"):
        step.prove(Context())


def test_an_integral_runs_over_no_integer_and_binds_no_symbol_used_outside():
    over = equation(sp.Integral(sp.cos(2 * sp.pi * k), (k, 0, HALF)), HALF)  # 0
    with pytest.raises(ProofError, match="integer"):
        Step("s", over, "", Antiderivative(k, sp.S.Zero, HALF), kind="equality").prove(Context())
    both = equation(sp.Integral(z, (z, 0, 1)) + z, z + HALF)
    with pytest.raises(ProofError, match="outside"):
        Step("s", both, "", Identity(), kind="equality").prove(Context())
    hidden = equation(sp.Integral(d, (z, 0, 1)), d)  # d = z
    with pytest.raises(ProofError, match="outside"):
        Step("s", hidden, "", Identity(keep=True), kind="equality").prove(_knows(equation(d, z)))


# Definitions.


def _derivation(*steps_, assume=()):
    return Derivation("attack", "", tuple(Assumption(str(fact), fact) for fact in assume), steps_, {})


def test_a_definition_keeps_what_is_declared_of_its_symbol():
    for claim in (equation(d, -x), equation(d, 1 - x), equation(steps, x)):
        with pytest.raises(DerivationError, match="not as it is declared"):
            _derivation(Step("d", claim, "", kind="definition")).check()
    assert _derivation(Step("d", equation(d, 1 - x), "", kind="definition"), assume=[x < 1]).check()


def test_the_variable_of_a_recursion_is_not_defined():
    rule = _recursion(1, 2 * f(k))
    for claims in ((equation(k, 3), rule), (rule, equation(k, 3))):
        with pytest.raises(ProofError, match="variable of a function"):
            read(claims)


def test_no_numbers_inside_the_assumptions_is_an_error_and_not_a_success():
    step = Step("s", equation(x + x * y, x * (1 + y)), "", Identity(), kind="equality")
    _derivation(step).check()
    for empty in ((x < 1, x > 2), (sp.Lt(x, 0, evaluate=False),)):
        with pytest.raises((DerivationError, ProofError), match="no numbers satisfy"):
            _derivation(step, assume=empty).check()


def test_two_steps_of_one_name_are_refused():
    true = Step("s", equation(x + x * y, x * (1 + y)), "", Identity(), kind="equality")
    with pytest.raises(DerivationError, match="another step"):
        _derivation(Step("s", equation(x, x * y), "", NumbersOnly(), kind="equality"), true)


# Algebra.


def test_nothing_is_subtracted_after_division_by_zero():
    given, proof = equation(a, b), Identity(less=(("s", 1 / (a - b)),))
    _refuses(proof, equation(sp.S.One, sp.S.Zero), "divide by 0", Context(assumptions=(given,), earlier={"s": given}))
    _refuses(proof, equation(sp.S.One, sp.S.Zero), "divide by 0", Context(earlier={"s": given}))


def test_a_closed_form_for_one_number_of_steps_is_none_for_all():
    known = equation(f(steps), 5)
    context = _knows(_recursion(1, f(k) + 2), assumptions=(equation(steps, 2),), earlier={"s": known})
    _refuses(Identity(using=("s",)), equation(f(7), 5), "not known for every", context)
    above = _knows(_recursion(1, f(k) + 2), earlier={"s": equation(f(steps), 2 * steps + 1 + 0**steps)})
    _refuses(Identity(using=("s",)), equation(f(0), 2), "positive", above)


def test_a_kept_symbol_moves_in_a_derivative():
    _refuses(Identity(keep=True), equation(sp.Derivative(d, x), 0), "kept", _knows(equation(d, x**2)))
    _accepts(Identity(), equation(sp.Derivative(d, x), 2 * x), _knows(equation(d, x**2)))


def test_a_symbol_left_alone_moves_in_a_derivative():
    claim, context = equation(sp.Derivative(d, x), 0), _knows(equation(d, x**2))
    _refuses(IdentityForAny(free=(d,)), claim, "kept", context)
    _accepts(IdentityForAny(free=(d,)), equation(sp.Derivative(d * a, a), d), context)


@pytest.mark.parametrize("value", [-sp.sqrt(a), sp.sqrt(a) * sp.exp(sp.I * sp.pi)])
def test_the_other_root_is_refused_by_the_proof_alone(value):
    _refuses(Root(x, 2 * x), solved(equation(x**2, a), x, value), "outside")


def test_a_root_of_unseen_sign_needs_numbers():
    claim = solved(equation(x**2, (a - b) ** 2), x, a - b)
    _refuses(Root(x, 2 * x), claim, "may be outside")


def test_terms_are_compared_over_one_range_with_constant_coefficients():
    vector, i = sp.IndexedBase("v"), sp.Idx("i")
    count = sp.Symbol("D", integer=True, positive=True)
    total = sp.Sum(vector[i], (i, 1, count))
    for left, right in (
        (total**2, sp.Sum(vector[i] ** 2, (i, 1, count))),
        (total, sp.Sum(vector[i], (i, 1, count + 1))),
        (total * vector[i], sp.Sum(vector[i] ** 2, (i, 1, count))),
    ):
        with pytest.raises(ProofError):
            Termwise().prove(equation(left, right), Context())


def test_the_textbook_form_is_that_of_the_function():
    for wrong in (1 - sp.tanh(x) / (2 * x), sp.tanh(x) / x, 1 - sp.tanh(2 * x) / x):
        _refuses(TextbookIdentity(), equation(tanh_gap(x), wrong), "not 0")


# Evolutions.


def test_what_is_defined_through_the_step_moves_with_it():
    # d = k: the closed form is 2 k, the recursion gives k.
    closed = k + d - (k - d) * (k - d - 1) / (d + 1)
    for proof in (Induction(), InductionOverSum(), TrigonometricInduction()):
        context = _knows(equation(d, k + 0 * x), _recursion(0, f(k) + 1))
        _refuses(proof, equation(f(k), closed), "not 0|different", context)


def test_what_is_defined_through_the_time_moves_with_it():
    context = _knows(equation(d, t), _flow(0, sp.S.One))
    _refuses(SolvesEquation(), equation(f(t), t + t**2 / 2 - t * d), "not 0", context)


def test_an_equation_with_many_solutions_determines_none():
    # f' = 2 f/t, f(0) = 0 holds for c t^2, whatever c: no number refutes 5 t^2.
    context = _knows(_flow(0, 2 * f(t) / t))
    _refuses(SolvesEquation(), equation(f(t), 5 * t**2), "others may solve it", context)
    hidden = Definitions(explicit={d: sp.sqrt(f(t))}, evolutions={f: Evolution(t, sp.S.Zero, d, True)}, stated={f: ()})
    _refuses(SolvesEquation(), equation(f(t), t**2 / 4), "not a polynomial", Context(hidden))


def test_a_solution_does_not_go_on_behind_its_pole():
    # f' = f^2, f(0) = 1 ends at t = 1; 1/(1-t) goes on, and satisfies the equation there.
    _refuses(SolvesEquation(), equation(f(t), 1 / (1 - t)), "continuous", _knows(_flow(1, f(t) ** 2)))
    _accepts(SolvesEquation(), equation(f(t), 1 / (1 + t)), _knows(_flow(1, -(f(t) ** 2))))


def test_a_sum_of_increments_adds_up_moving_ones():
    context = _knows(equation(d, k), _recursion(0, f(k) + d))
    _refuses(Telescope(), equation(f(steps), sp.Sum(d, (j, 0, steps - 1))), "increment", context)


def test_a_sum_over_earlier_steps_keeps_its_range():
    rule = _recursion(0, f(k) / 2 + g(k))
    for closed in (
        sp.Sum(HALF ** (k - 1 - j) * g(j), (j, 0, k)),
        sp.Sum(HALF ** (k - 1 - j) * g(j), (j, 1, k - 1)),
        sp.Sum(HALF ** (k - j) * g(j), (j, 0, k - 1)),
        sp.Sum(HALF ** (k - 1 - j) * g(k), (j, 0, k - 1)),
        1 + sp.Sum(HALF ** (k - 1 - j) * g(j), (j, 0, k - 1)),
    ):
        _refuses(InductionOverSum(), equation(f(k), closed), "run from|not 0|different ranges", _knows(rule))


def test_a_sum_of_cosines_has_one_closed_form():
    rule = _knows(_recursion(0, f(k) + sp.cos(k)))
    for closed in (sp.sin(k), (1 + sp.sin(k + HALF) / sp.sin(HALF)) / 2, sp.cos(k)):
        _refuses(TrigonometricInduction(), equation(f(k), closed), "not 0", rule)
