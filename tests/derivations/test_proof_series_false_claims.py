"""Symbolic: false claims about sums over lags, the unit interval, integrals and kept symbols, for the proof alone."""

import pytest
import sympy as sp
from mpmath import mp

from derivations import DerivationError, derive
from derivations.errors import ProofError
from derivations.functions.arcsine import arcsine_sum
from derivations.laws.shared.for_any import IdentityForAny
from derivations.laws.shared.instance import Instance
from derivations.laws.sign.lag_sums import Follows, IntegralTest, TermByTerm
from derivations.laws.sign.substitution import ArcTangentFamily, ChangeOfVariable, EqualFromZero, Special
from derivations.laws.sign.unit_interval import LAG, AtOne, BelowOne, Rises
from derivations.prover import falsify
from derivations.prover.definitions import read
from derivations.prover.evaluate import Environment
from derivations.prover.known_signs import positively
from derivations.prover.proof import Context
from derivations.prover.rules import Identity, Tightness
from derivations.prover.zero import is_zero
from derivations.step import equation

pytestmark = pytest.mark.symbolic

x, y, a, b, c, d, t = sp.symbols("x y a b c d t", positive=True)
k = sp.Symbol("k", integer=True, nonnegative=True)
f, g = sp.Function("f"), sp.Function("g")
ONE, HALF, MOST = sp.S.One, sp.Rational(1, 2), sp.Rational(9, 10)
AXIS = (t, 0, sp.oo)
ARC = sp.Integral(sp.asin(sp.exp(-t)), AXIS)
LOG_TWO = sp.pi / 2 * sp.log(2)
SUM = arcsine_sum(sp.S.Zero, ONE, x)


def _le(left, right):
    return sp.Le(left, right, evaluate=False)


def _knows(*claims, **more):
    return Context(read(claims), **more)


def _below(*symbols, **more):
    return Context(assumptions=tuple(s < 1 for s in symbols), **more)


def _halved(symbol, earlier):
    """What is known at 1/2 only, of d, which is twice that."""
    return _knows(equation(d, 2 * symbol), assumptions=(symbol < 1, equation(symbol, HALF)), earlier=earlier)


def _refuses(proof, claim, match, context=None):
    with pytest.raises(ProofError, match=match):
        proof.prove(claim, context or Context())


def _accepts(proof, claim, context=None):
    assert proof.prove(claim, context or Context()) == "proved"


# What stands for something else: a derivative by what a symbol is defined through is not 0.


def test_the_derivative_of_a_symbol_is_not_zero():
    assert not is_zero(sp.Derivative(d, y))
    context = _knows(equation(d, 100 * y), assumptions=(x < 1,), earlier={"s": _le(x, ONE)})
    _refuses(Rises(x, ONE), _le(x**2 * sp.Derivative(d, y), x), "derivative of the gap", context)
    _refuses(Follows((("s", (), ONE),)), _le(x + sp.Derivative(d, y), ONE), "not 0", context)
    _refuses(BelowOne(1 - x, (1 - x,), Tightness(x, ONE)), sp.Lt(x + sp.Derivative(d, y), 1), "not 0", context)


@pytest.mark.parametrize(
    "expr",
    [1 + b, (1 - b) / (1 + b), sp.sqrt((b - 1) ** 2), (b - 1) ** 3, (2 - 2 * b) ** y, sp.log(1 - b * y), b + 1 / b],
)
def test_what_is_seen_to_be_positive_keeps_its_value(expr):
    # 1 + b becomes 2 - (1 - b): its sign is no longer seen, but its value is the same, so nothing false is.
    after = positively(expr, (1 - b,), _below(b))
    for value in ("0.05", "0.3", "0.95"):
        here = {b: mp.mpf(value), y: mp.mpf("0.6")}
        hidden = dict.fromkeys(after.free_symbols - {b, y}, 1 - here[b])
        wanted = falsify.number(expr, Environment(here))
        assert falsify.close(falsify.number(after, Environment(here | hidden)), wanted, abs(wanted))
        assert after.is_positive is None or after.is_positive == (wanted > 0)


def test_a_sign_is_not_borrowed_from_what_is_positive():
    for left, right in ((1 + b, 1 - b), (1 + b, b - 1), (b - 2, b - 2)):
        claim = equation(sp.sqrt(left**2), right)
        _refuses(Identity(positive=(1 - b,)), claim, "not 0", _below(b))
    proof = Follows((("s", (), b - 1 - 2 * y),), (1 - b,))
    _refuses(proof, _le(x, ONE), "positive", _below(b, earlier={"s": _le(x, ONE)}))


# Between 0 and 1.


def test_a_gap_that_falls_or_starts_below_zero_is_no_bound():
    for claim, slope, match in (
        (_le(sp.asin(x), x), 1 - 1 / sp.sqrt(1 - x**2), "positive"),
        (_le(x + HALF, 2 * x), ONE, "gap at 0"),
        (_le(x**2, x), 1 - 2 * x, "positive"),  # true, but not for this reason
        (_le(2 * x, x), ONE, "derivative of the gap"),
        (_le(0, sp.asin(2 * x)), 2 / sp.sqrt(1 - 4 * x**2), "inside"),
        (_le(0, x / (1 - 2 * x)), 1 / (1 - 2 * x) ** 2, "continuous"),
    ):
        _refuses(Rises(x, slope), claim, match, _below(x))
    _refuses(Rises(x, 1 / sp.sqrt(1 - x**2)), _le(0, sp.asin(x)), "not assumed")
    _refuses(Rises(x, 1 - y), _le(x * y, x), "positive", _below(x))
    _accepts(Rises(x, 1 - y, (y,)), _le(x * y, x), _below(x, y))


def test_what_is_defined_through_the_variable_moves_with_it():
    context = _knows(equation(d, x * (1 - x)), assumptions=(x < 1,))
    _accepts(Rises(x, 2 * x), _le(x - x**2, x), context)
    # As if d were fixed, the gap would rise with the slope d.
    _refuses(Rises(x, d), _le(0, x * d), "derivative", context)
    _accepts(Rises(x, 1 + 2 * x), _le(0, x + d), _knows(equation(d, x**2), assumptions=(x < 1,)))
    with pytest.raises(ProofError, match="derivative"):
        Rises(x, ONE).falsify(
            _le(0, x + d), _knows(equation(d, x**2), envs=(Environment({x: mp.mpf("0.5")}),), assumptions=(x < 1,))
        )


def test_a_number_below_one_has_a_positive_gap():
    tight = Tightness(x, ONE, ONE, "-")
    for claim, gap, known, match in (
        (sp.Lt(2 * x, 1), 1 - 2 * x, (1 - 2 * x,), "not assumed"),
        (sp.Lt(2 * x, 1), 1 - 2 * x, (), "not seen"),
        (sp.Lt(2 * x, 1), 1 - x, (1 - x,), "not 0"),
        (sp.Lt(x, HALF), 1 - x, (1 - x,), "1 must stand"),
        (sp.Lt(x - 1, 1, evaluate=False), 2 - x, (1 - x,), "left-hand side"),
    ):
        _refuses(BelowOne(gap, known, tight), claim, match, _below(x))
    area = sp.Integral(1 - b, (b, 0, 3))  # -3/2
    _refuses(BelowOne(1 - area, (1 - b,), tight), sp.Lt(area, 1, evaluate=False), "not seen|binds", _below(b))


def test_a_bound_below_one_need_not_hold_at_one():
    at_one = AtOne("s", c)
    half = {"s": _le(c, HALF)}
    claim = _le(ONE, HALF)
    _refuses(at_one, claim, "restricts", Context(assumptions=(c < 1, c < HALF), earlier=half))
    scope = Context(assumptions=(c < 1,), earlier=half, under={"s": (c < 1, c < HALF)})
    _refuses(at_one, claim, "restricts", scope)
    _refuses(at_one, claim, "restricts", _knows(equation(d, 2 * c), assumptions=(c < 1, d < 1), earlier=half))
    _refuses(at_one, claim, "defined", _knows(equation(c, x / (1 + 2 * x)), assumptions=(c < 1,), earlier=half))
    _refuses(at_one, claim, "not assumed", Context(earlier=half))
    # 2 c <= d = 2 c: at c = 1 it is no bound by the d of another c.
    moving = _knows(equation(d, 2 * c), assumptions=(c < 1,), earlier={"s": _le(2 * c, d)})
    _refuses(at_one, _le(sp.Integer(2), d), "is not", moving)
    at_half = {"s": _le(d, ONE)}
    _refuses(at_one, _le(sp.Integer(2), ONE), "restricts", _halved(c, at_half))
    jump = {"s": _le(sp.floor(c), c - 1 + x)}
    _refuses(at_one, _le(ONE, x), "continuous", _below(c, earlier=jump))
    _refuses(at_one, _le(f(1), ONE), "may change", _below(c, earlier={"s": _le(f(c), ONE)}))
    _accepts(at_one, _le(sp.asin(x), x * sp.pi), _below(c, x, earlier={"s": _le(sp.asin(x * c), x * c * sp.pi)}))


# What follows from earlier inequalities, at other values.

PUT = Follows((("s", ((x, MOST),), ONE),))


@pytest.mark.parametrize(
    ("earlier", "claim", "match", "context"),
    [
        (_le(x, d), _le(MOST, d), "not 0", _knows(equation(d, 2 * x), assumptions=(x < 1,))),
        (_le(d, ONE), _le(2 * MOST, ONE), "restricts", _halved(x, {})),
        (_le(x, y), _le(MOST, y), "restricts", _knows(equation(d, 2 * x), assumptions=(x < 1, d < 1))),
        (_le(x, y), _le(MOST, y), "restricts", Context(assumptions=(x < 1, x < y))),
        (_le(x, y), _le(MOST, y), "defined", _knows(equation(x, y / (1 + y)), assumptions=(x < 1,))),
        (_le(f(k), x), _le(f(k), MOST), "may change", Context(assumptions=(x < 1,))),
        (_le(sp.Integral(x, (t, 0, 1)), x), _le(sp.Integral(MOST, (t, 0, 1)), MOST), "binds", Context()),
        (_le(x, 1 + y), _le(MOST, y), "not 0", Context(assumptions=(x < 1,))),
    ],
)
def test_an_earlier_bound_holds_where_it_was_shown(earlier, claim, match, context):
    known = Context(context.definitions, context.assumptions, {"s": earlier})
    _refuses(PUT, claim, match, known)


def test_values_lie_between_zero_and_one():
    earlier = {"s": _le(x**2, x)}
    for value in (sp.Integer(2), y, 1 + y, -y, 1 / y):
        proof = Follows((("s", ((x, value),), ONE),))
        _refuses(proof, _le(value**2, value), "between 0 and 1", Context(assumptions=(x < 1,), earlier=earlier))
    inside = Follows((("s", ((x, y),), ONE),))
    _accepts(inside, _le(y**2, y), _below(x, y, earlier=earlier))


def test_gaps_are_added_with_positive_factors():
    earlier = {"s": _le(x, ONE)}
    for factor in (-ONE, y - 1, sp.log(x), sp.log(y)):
        _refuses(Follows((("s", (), factor),)), _le(factor * x, factor), "positive", _below(x, earlier=earlier))
    _accepts(Follows((("s", (), -sp.log(x)),)), _le(-sp.log(x) * x, -sp.log(x)), _below(x, earlier=earlier))


def test_squares_are_compared_of_what_is_not_negative():
    earlier, proof = {"s": _le(x, ONE)}, Follows((("s", (), ONE),), squared=True)
    _refuses(proof, _le(-sp.sqrt(x), -ONE), "square root", _below(x, earlier=earlier))
    _refuses(proof, _le(sp.sqrt(x), -ONE), "square root", _below(x, earlier=earlier))
    # Roots of x - 5 and -4 are no numbers that compare.
    _refuses(proof, _le(sp.sqrt(x - 5), sp.sqrt(-4 + 0 * x) + 0), "square root|positive", _below(x, earlier=earlier))
    _refuses(proof, _le(sp.sqrt(x - y), sp.sqrt(1 - y)), "positive", _below(x, earlier=earlier))
    _accepts(proof, _le(sp.sqrt(x), ONE * sp.sqrt(1 + 0 * x)), _below(x, earlier=earlier))


# Sums over lags.


def test_terms_are_compared_with_the_earlier_ones():
    earlier = {"s": _le(sp.asin(x), sp.pi / 2 * x)}
    bound = y / (1 - y)
    proof = TermByTerm("s", ((x, y**LAG),), geometric=(sp.pi / 2, y))
    total = arcsine_sum(sp.S.Zero, ONE, y)
    _accepts(proof, _le(total, sp.pi / 2 * bound), _below(x, y, earlier=earlier))
    for claim in (
        _le(total, bound),
        _le(total, sp.pi / 2 * y / (1 + y)),
        _le(sp.pi / 2 * bound, total),
        _le(arcsine_sum(sp.S.Zero, ONE, sp.sqrt(y)), sp.pi / 2 * bound),
        _le(2 * total, sp.pi * bound),
    ):
        with pytest.raises(ProofError):
            proof.prove(claim, _below(x, y, earlier=earlier))
    _refuses(proof, _le(total, sp.pi / 2 * bound), "converge|between", _below(x, earlier=earlier))


def test_a_weight_is_positive_and_a_ratio_constant():
    earlier = {"s": _le(sp.asin(x), sp.pi / 2 * x)}
    ratio = y**LAG
    proof = TermByTerm("s", ((x, y),), geometric=(sp.pi / 2, ratio))
    _refuses(proof, _le(arcsine_sum(0, ONE, y), sp.pi / 2 * y), "lag|constants|term", _below(x, y, earlier=earlier))
    free = _le(arcsine_sum(0, ONE, y**LAG), sp.pi / 2 * y)
    _refuses(TermByTerm("s", ((x, y),)), free, "is the lag", _below(x, y, earlier=earlier))
    negative = TermByTerm("s", ((x, y**LAG),), weight=-ONE, geometric=(-sp.pi / 2, y))
    _refuses(negative, _le(-sp.pi / 2 * y / (1 - y), arcsine_sum(0, ONE, y)), "positive", _below(x, y, earlier=earlier))


def test_sums_that_have_no_value_are_not_compared():
    # Every term is asin(c) or more: both sums are infinite.
    earlier = {"s": _le(sp.asin(x * y), sp.asin(x))}
    flat = _le(arcsine_sum(0, x * y, ONE), arcsine_sum(0, x, ONE))
    _refuses(TermByTerm("s", ()), flat, "converge", _below(x, y, earlier=earlier))


def test_what_is_largest_is_a_number_below_one():
    total, first = arcsine_sum(0, 2, y), 2 * y
    proof = TermByTerm("s", ((x, 2 * y**LAG),), geometric=(sp.pi, y), largest="l")
    claim = _le(total, sp.pi * y / (1 - y))
    known = {"s": _le(sp.asin(x), sp.pi / 2 * x)}
    _accepts(proof, claim, _below(x, y, earlier={**known, "l": sp.Lt(first, 1)}))
    for largest in (
        equation(first, 5),
        sp.Lt(first, 2),
        _le(first, 1),
        sp.Lt(first - 3, 1),
        sp.Lt(y - 1, 1, evaluate=False),
    ):
        with pytest.raises(ProofError):
            proof.prove(claim, _below(x, y, earlier={**known, "l": largest}))
    below = {"s": _le(x, ONE), "l": sp.Lt(-y, 1, evaluate=False)}
    minus = TermByTerm("s", ((x, -(y**LAG)),), largest="l")
    _refuses(minus, _le(arcsine_sum(0, ONE, y), arcsine_sum(0, ONE, y)), "positive", _below(x, y, earlier=below))


TEST = IntegralTest(
    SUM,
    -sp.log(x),
    "s",
    sp.pi / 2,
    1 / sp.sqrt(sp.exp(2 * t) - 1),
    sp.exp(2 * t) / (sp.exp(2 * t) - 1) ** sp.Rational(3, 2),
)


@pytest.mark.parametrize(
    "claim",
    [
        _le(LOG_TWO, -sp.log(x) * SUM),
        _le(-sp.log(x) * SUM, LOG_TWO + sp.pi * sp.log(x) / 4),
        _le(LOG_TWO + sp.pi * sp.log(x) / 8, -sp.log(x) * SUM),
        _le(SUM, LOG_TWO),
        _le(-sp.log(x) * SUM, LOG_TWO / 2),
    ],
)
def test_bars_lie_below_and_trapezoids_above(claim):
    known = _below(x, earlier={"s": equation(ARC, LOG_TWO)})
    _accepts(TEST, _le(-sp.log(x) * SUM, LOG_TWO), known)
    with pytest.raises(ProofError):
        TEST.prove(claim, known)


def test_bars_need_the_integral_of_a_falling_function():
    claim = _le(-sp.log(x) * SUM, LOG_TWO)
    _refuses(TEST, claim, "not assumed", Context(earlier={"s": equation(ARC, LOG_TWO)}))
    part = {"s": equation(sp.Integral(sp.asin(sp.exp(-t)), (t, 1, sp.oo)), LOG_TWO)}
    _refuses(TEST, claim, "range", _below(x, earlier=part))
    rising = {"s": equation(sp.Integral(sp.asin(sp.exp(t)), AXIS), LOG_TWO)}
    _refuses(TEST, claim, "term", _below(x, earlier=rising))


@pytest.mark.parametrize("step", ["upper", "lower", "bars", "trapezoids", "with_decay", "without_decay"])
def test_numbers_refute_a_weaker_bound_before_the_proof(step):
    # Both sides of a true bound moved apart: still true, no longer what is shown.
    known = derive("sign_momentum")
    claim = known.step(step).claim
    forged = known.with_claim(step, _le(claim.lhs * MOST, claim.rhs))
    with pytest.raises(DerivationError, match=step):
        forged._named(step, lambda: forged._falsify(forged.step(step)))


# Integrals over the half axis.


def test_a_special_value_moves_what_is_defined_through_the_symbol():
    falls = sp.Integral(sp.exp(-d * t), AXIS)
    earlier = {"s": equation(falls, 1 / a)}
    special = Special("s", a, sp.Integer(5))
    context = _knows(equation(d, a), earlier=earlier)
    _refuses(special, equation(falls, sp.Rational(1, 5)), "is not", context)
    _accepts(special, equation(sp.Integral(sp.exp(-5 * t), AXIS), sp.Rational(1, 5)), context)
    unknown = Context(earlier={"s": equation(falls, f(k))})
    _refuses(special, equation(falls, f(k)), "may change", unknown)


def test_a_value_met_only_behind_a_definition_restricts():
    # Of exp(-d z^2), d = 2 x = 1: not of exp(-10 z^2).
    z = sp.Symbol("z", real=True)
    line = (z, -sp.oo, sp.oo)
    earlier = {"s": equation(sp.Integral(sp.exp(-d * z**2), line), sp.sqrt(sp.pi))}
    claim = equation(sp.Integral(sp.exp(-10 * z**2), line), sp.sqrt(sp.pi))
    _refuses(Instance("s", ((x, sp.Integer(5)),), ONE), claim, "restricts", _halved(x, earlier))


def test_another_variable_is_used_for_all_its_values():
    left = sp.Integral(sp.asin(sp.exp(-t)), AXIS)
    right = sp.Integral(t / (t * (1 + t**2)), AXIS)
    proof = ChangeOfVariable(sp.log(sp.sqrt(1 + t**2) / t), 1 / sp.sqrt(sp.exp(2 * t) - 1), ("s",))
    only = equation(sp.asin(t / sp.sqrt(1 + t**2)), t)
    _refuses(proof, equation(left, right), "defined", _knows(equation(t, sp.tan(1)), earlier={"s": only}))
    _refuses(proof, equation(left, right), "restricts", Context(assumptions=(t < 1,), earlier={"s": only}))
    _refuses(proof, equation(left, right), "not 0", Context(earlier={"s": equation(y, t)}))


ARCS = ((1 / (1 - a**2), ONE), (-a / (1 - a**2), a))
FAMILY = sp.Integral(sp.atan(a * t) / (t * (1 + t**2)), AXIS)


@pytest.mark.parametrize(
    ("proof", "claim", "match"),
    [
        (ArcTangentFamily(a, ARCS, (ONE, ONE), ONE), equation(FAMILY, sp.pi * sp.log(1 + 2 * a) / 2), "of the value"),
        (ArcTangentFamily(a, ARCS, (ONE, ONE), ONE), equation(FAMILY, sp.pi * sp.log(2 + a) / 2), "value at 0"),
        (ArcTangentFamily(a, ARCS, (HALF, ONE), ONE), equation(FAMILY, sp.pi * sp.log(1 + a) / 2), "bound"),
        (ArcTangentFamily(a, ARCS, (ONE, ONE), HALF), equation(FAMILY, sp.pi * sp.log(1 + a) / 2), "may be 0"),
        (ArcTangentFamily(a, ARCS[:1], (ONE, ONE), ONE), equation(FAMILY, sp.S.Zero), "primitive"),
        (ArcTangentFamily(a, ARCS, (ONE, ONE), ONE), equation(FAMILY, sp.pi * sp.log(1 - a) / 2), "smooth"),
    ],
)
def test_a_family_of_integrals_starts_at_zero_and_has_its_slope(proof, claim, match):
    _refuses(proof, claim, match)


def test_sides_with_other_slopes_are_not_equal_from_zero():
    for left, right in ((sp.asin(x / sp.sqrt(1 + x**2)), 2 * sp.atan(x)), (sp.atan(x), sp.atan(x) + 1), (x, x**2)):
        _refuses(EqualFromZero(x), equation(left, right), "not 0")
    _refuses(EqualFromZero(x), equation(x * d, x**2), "not 0", _knows(equation(d, 2 * x)))


# Kept symbols.


def test_a_kept_symbol_hidden_in_a_function_moves_in_a_derivative():
    # f(b) = b^2: its derivative is 2 b, not d = b.
    context = _knows(equation(d, b), equation(f(y), y * d))
    claim = equation(sp.Derivative(f(b), b), d)
    _refuses(IdentityForAny(free=(d,)), claim, "kept", context)
    through = _knows(equation(d, b), equation(a, b * d))
    _refuses(IdentityForAny(free=(d,)), equation(sp.Derivative(a, b), d), "kept", through)
    rewritten = Context(context.definitions, earlier={"s": equation(x, sp.Derivative(d * b, b))})
    _refuses(IdentityForAny(using=("s",), free=(d,)), equation(x, d), "kept", rewritten)
    _accepts(IdentityForAny(free=(d,)), equation(sp.Derivative(f(a), a), d), context)


def test_what_holds_for_one_value_does_not_hold_for_any():
    context = _knows(equation(d, b**2), equation(a, d + 1))
    for claim in (equation(sp.sqrt(d), b), equation(a, b**2 + 1), equation(a, d)):
        _refuses(IdentityForAny(free=(d,)), claim, "not 0", context)
