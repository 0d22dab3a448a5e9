"""Symbolic: false series, limits, bounds, integrals and errors that a proof must refuse by itself."""

import pytest
import sympy as sp

from derivations import Assumption, Derivation, DerivationError, Step
from derivations.errors import ProofError
from derivations.laws.shared.gaussian import GaussianPrimitive
from derivations.laws.shared.instance import Instance
from derivations.laws.shared.parameter_integral import ParameterIntegral
from derivations.laws.shared.taylor_below_one import TaylorBelowOne
from derivations.laws.sign.substitution import ChangeOfVariable, EqualFromZero, Special
from derivations.prover.definitions import read
from derivations.prover.measured import MeasuredError
from derivations.prover.proof import Context
from derivations.prover.rules import (
    Antiderivative,
    Continuity,
    Identity,
    IncreasingImage,
    Monotone,
    PositiveAxis,
    Squeeze,
    Taylor,
    Tightness,
)
from derivations.step import equation

pytestmark = pytest.mark.symbolic

x, y, a, b, d, p = sp.symbols("x y a b d p", positive=True)
k = sp.Symbol("k", integer=True, nonnegative=True)
t = sp.Symbol("t", nonnegative=True)
z, u = sp.symbols("z u", real=True)
f, g, r = (sp.Function(name) for name in "fgr")
HALF = sp.Rational(1, 2)
LINE, RAY = (z, -sp.oo, sp.oo), (z, 0, sp.oo)
BELL = sp.exp(-(z**2))
ROOT_PI = sp.sqrt(sp.pi)


def _knows(*claims, **more):
    return Context(read(claims), **more)


def _derivation(*steps_, assume=()):
    return Derivation("attack", "", tuple(Assumption(str(fact), fact) for fact in assume), steps_, {})


def _refuses(proof, claim, match, context=None):
    with pytest.raises(ProofError, match=match):
        proof.prove(claim, context or Context())


def _accepts(proof, claim, context=None):
    assert proof.prove(claim, context or Context()) == "proved"


# Series.


def test_what_is_defined_through_the_variable_moves_in_a_series():
    context = _knows(equation(d, x**2))  # 1/(x + x^2) has a pole
    _refuses(Taylor(), equation(1 / (x + d), 1 / d - x / d**2 + sp.O(x**2)), "analytic", context)
    root = _knows(equation(g(x), sp.sqrt(x)))
    first = sp.Subs(sp.Derivative(g(u), u), u, 0)
    _refuses(Taylor(), equation(g(x) + 1, 1 + g(0) + x * first + sp.O(x**2)), "analytic", root)


def test_an_unknown_remainder_is_no_function_of_the_claim():
    earlier = {"s": equation(1 / (1 - x), 1 + sp.O(x))}
    claim = equation((1 / (1 - x) - 1) / x - r(x), sp.O(x))
    _refuses(Taylor(using="s"), claim, "not 0", Context(earlier=earlier))


def test_a_series_is_in_one_variable():
    both = sp.O(x**2, (x, 0), (y, 0))  # x^2/y is not O(x^2) as both go to 0
    with pytest.raises(ProofError, match=r"one variable|zero"):
        Taylor().prove(sp.Eq(x**2 / y, both, evaluate=False), Context())


def test_a_parameter_below_one_must_be_assumed_below_one():
    root = sp.sqrt((1 - p) ** 2 + x)
    claim = equation(root, 1 - p + x / (2 - 2 * p) + sp.O(x**2))
    _refuses(TaylorBelowOne(parameter=p), claim, "not assumed")
    _refuses(TaylorBelowOne(), claim, "needed", Context(assumptions=(p < 1,)))
    wrong = equation(root, p - 1 - x / (2 - 2 * p) + sp.O(x**2))
    _refuses(TaylorBelowOne(parameter=p), wrong, "coefficient", Context(assumptions=(p < 1,)))
    _accepts(TaylorBelowOne(parameter=p), claim, Context(assumptions=(p < 1,)))
    _refuses(TaylorBelowOne(parameter=p), equation(1 / (1 - p), sp.O(x)), "coefficient", Context(assumptions=(p < 1,)))


# Limits and bounds.


def test_bounds_hold_near_the_point_of_a_limit():
    # Below 1 only: x^2/(1+x^2) <= x/(1+x^2), which tends to 0, while the left-hand side tends to 1.
    inside = x**2 / (1 + x**2)
    bounds = {
        "low": sp.Le(0, inside, evaluate=False),
        "high": sp.Le(inside, x / (1 + x**2), evaluate=False),
    }
    claim = equation(sp.Limit(inside, x, sp.oo), 0)
    _refuses(Squeeze("low", "high"), claim, "hold near", Context(assumptions=(x < 1,), earlier=bounds))
    negative = equation(sp.Limit(inside, x, -sp.oo), 0)
    _refuses(Squeeze("low", "high"), negative, "declared positive", Context(earlier=bounds))
    # From an assumption that does hold near the point nothing is taken away.
    upper = {"low": sp.Le(0, 1 / x, evaluate=False), "high": sp.Le(1 / x, 2 / x, evaluate=False)}
    for fact in (x > 1, x**2 > a, 1 / x < 1, a < b * x):
        _accepts(
            Squeeze("low", "high"), equation(sp.Limit(1 / x, x, sp.oo), 0), Context(assumptions=(fact,), earlier=upper)
        )


@pytest.mark.parametrize(
    ("expr", "value"),
    [(sp.sqrt(z**2 + z) + z, sp.S.Zero), (z * sp.sin(1 / z), sp.S.Zero), (sp.exp(z) * z, sp.S.One), (sp.sin(z), 0)],
)
def test_a_limit_at_minus_infinity_is_taken_at_zero(expr, value):
    _refuses(Continuity(), equation(sp.Limit(expr, z, -sp.oo), value), "continuous")
    _accepts(Continuity(), equation(sp.Limit(z / (z + 1), z, -sp.oo), 1))


def test_arcs_that_divide_have_no_limit_by_continuity():
    for expr, value in ((z / sp.asin(z), 0), (sp.sin(z) / sp.asin(2 * z), 0), (z * sp.log(sp.asin(z)), 0)):
        _refuses(Continuity(), equation(sp.Limit(expr, z, 0), value), "continuous")
    _refuses(Continuity(), equation(sp.Limit(sp.asin(z), z, 1), sp.pi / 2), "continuous")
    _accepts(Continuity(), equation(sp.Limit(sp.asin(z) / (1 + z), z, HALF), sp.pi / 9))


def test_an_image_under_a_function_that_jumps_need_not_keep_the_order():
    tight = Tightness(x, x)
    earlier = {"s": sp.Le(-x, x, evaluate=False)}
    for image in (sp.Lambda(z, -1 / z), sp.Lambda(z, z - 10 * sp.floor(z)), sp.Lambda(z, z - sp.atan(1 / z))):
        claim = sp.Le(image(-x), image(x), evaluate=False)
        with pytest.raises(ProofError, match="continuous"):
            IncreasingImage("s", image, tight).prove(claim, Context(earlier=earlier))


def test_a_defined_symbol_moves_in_a_bound():
    claim = sp.Le(x * d, x, evaluate=False)  # d = 100 x
    with pytest.raises(ProofError):
        Monotone(PositiveAxis(x), Tightness(x, x)).prove(
            sp.Le(0, x - x * d / (1 + d), evaluate=False), _knows(equation(d, x**2 - x))
        )
    with pytest.raises(ProofError):
        Monotone(PositiveAxis(x), Tightness(x, x)).prove(claim, _knows(equation(d, 100 * x)))


# Integrals.


def test_a_value_that_jumps_beside_a_parameter_is_refused():
    # The two arcs add up to pi/2 below 1 and to -pi/2 above; their derivative is 0.
    jump = sp.atan(1 / (1 - a)) + sp.atan(1 - a) - sp.pi / 2
    slope = GaussianPrimitive(-BELL / 2)
    ray = sp.Integral(a * z * BELL, RAY)
    _accepts(ParameterIntegral(a, slope), equation(ray, a / 2))
    _refuses(ParameterIntegral(a, slope), equation(ray, a / 2 + jump), "value is not seen to be continuous")
    jumping = sp.Integral((a + jump) * z * BELL, RAY)
    _refuses(ParameterIntegral(a, slope), equation(jumping, a / 2), "continuous")


def test_a_parameter_reaches_its_value_from_zero():
    above, slope = sp.log(a - 1) * z * BELL, GaussianPrimitive(-BELL / (a - 1) / 2)
    claim = equation(sp.Integral(above - sp.log(-1) * z * BELL, RAY), sp.log(a - 1) / 2 - sp.log(-1) / 2)
    context = Context(assumptions=(a > 1,))
    _refuses(ParameterIntegral(a, slope, (a - 1,)), claim, "all the way", context)
    _refuses(ParameterIntegral(a, slope), claim, "continuous", context)
    _refuses(ParameterIntegral(a, slope, (a - 1,)), claim, "not assumed")


def test_the_derivative_under_the_integral_needs_a_bound():
    # Converges at no value of the parameter, or only beyond one.
    for integrand, primitive in (
        (a * z, GaussianPrimitive(z**2 / 2)),
        (sp.exp(a * z**2) - 1, GaussianPrimitive(z * sp.exp(a * z**2) / 2)),
        (a * sp.cos(z), GaussianPrimitive(sp.sin(z))),
    ):
        _refuses(ParameterIntegral(a, primitive), equation(sp.Integral(integrand, RAY), a / 2), "converge|continuous")


def test_both_sides_start_at_zero():
    slope = GaussianPrimitive(-BELL / 2)
    _refuses(ParameterIntegral(a, slope), equation(sp.Integral(a * z * BELL, RAY), a / 2 + 1), "value at parameter 0")
    _refuses(ParameterIntegral(a, slope), equation(sp.Integral((a + 1) * z * BELL, RAY), a / 2), "integrand at")
    finite = equation(sp.Integral(a * z * BELL, (z, 0, 1)), a / 2)
    _refuses(ParameterIntegral(a, slope), finite, "range")


@pytest.mark.parametrize(
    ("integrand", "primitive", "value", "match"),
    [
        (BELL, GaussianPrimitive(sp.S.Zero, ROOT_PI / 2, -sp.S.One), -ROOT_PI, "positive"),
        (BELL, GaussianPrimitive(sp.S.Zero, ROOT_PI / 2, sp.S.One), ROOT_PI / 2, "difference"),
        (sp.S.One, GaussianPrimitive(z), sp.S.Zero, "vanish"),
        (-1 / z**2, GaussianPrimitive(1 / z), sp.S.Zero, "vanish"),
        (sp.diff(BELL / z, z), GaussianPrimitive(BELL / z), sp.S.Zero, "vanish|continuous"),
        (sp.diff(sp.exp(z**2), z), GaussianPrimitive(sp.exp(z**2)), sp.S.Zero, "vanish"),
        (sp.diff(z * sp.erf(z), z), GaussianPrimitive(sp.S.Zero, z, sp.S.One), 2 * z, "constants"),
        (sp.diff(sp.atan(1 / z) * BELL, z), GaussianPrimitive(sp.atan(1 / z) * BELL), sp.S.Zero, "vanish"),
        (BELL, GaussianPrimitive(sp.S.Zero, ROOT_PI, sp.S.One), 2 * ROOT_PI, "derivative"),
    ],
)
def test_a_primitive_has_known_ends_and_no_jump(integrand, primitive, value, match):
    _refuses(primitive, equation(sp.Integral(integrand, LINE), value), match)


def test_an_instance_is_one_of_the_earlier_integral():
    earlier = {"s": equation(sp.Integral(sp.exp(-((z - u) ** 2)), LINE), ROOT_PI)}
    inside = equation(sp.Integral(1, LINE), ROOT_PI)
    _refuses(Instance("s", ((u, z),), sp.S.One), inside, "variable of the integral", Context(earlier=earlier))
    wide = {"s": equation(sp.Integral(sp.exp(-a * z**2), LINE), sp.sqrt(sp.pi / a))}
    claim = equation(sp.Integral(sp.exp(-5 * z**2), LINE), sp.sqrt(sp.pi / 5))
    five = Instance("s", ((a, sp.Integer(5)),), sp.S.One)
    _accepts(five, claim, Context(earlier=wide))
    _refuses(five, claim, "restricts", Context(earlier=wide, assumptions=(a < 1,)))
    _refuses(five, claim, "defined", _knows(equation(a, b**2), earlier=wide))
    minus = equation(sp.Integral(sp.exp(5 * z**2), LINE), sp.sqrt(-sp.pi / 5))
    _refuses(Instance("s", ((a, sp.Integer(-5)),), sp.S.One), minus, "positive", Context(earlier=wide))
    half = equation(sp.Integral(sp.exp(-5 * z**2), RAY), sp.sqrt(sp.pi / 5))
    _refuses(five, half, "ranges", Context(earlier=wide))
    shifted = equation(sp.Integral(z * sp.exp(-5 * z**2), LINE), z * sp.sqrt(sp.pi / 5))
    _refuses(Instance("s", ((a, sp.Integer(5)),), z), shifted, "variable", Context(earlier=wide))


@pytest.mark.parametrize(
    ("primitive", "low", "high"),
    [(sp.sin(z), -1, 1), (z * sp.atan(z) - z * sp.pi / 2, 0, -1), (sp.exp(-z) * z, 0, 0), (z - sp.exp(z), 0, 0)],
)
def test_ends_at_infinity_are_not_guessed(primitive, low, high):
    claim = equation(sp.Integral(sp.diff(primitive, z), LINE), sp.Integer(high - low))
    with pytest.raises(ProofError):
        Antiderivative(primitive, sp.Integer(low), sp.Integer(high)).prove(claim, Context())


def test_a_range_that_runs_backwards_may_leave_the_half_axis():
    claim = equation(sp.Integral(1 / (1 + z), (z, 0, -3)), sp.log(-2))
    _refuses(Antiderivative(sp.log(1 + z), sp.S.Zero, sp.log(-2)), claim, "continuous")


def test_another_variable_covers_the_range_once():
    old, wide = sp.Integral(sp.exp(-x), (x, 0, sp.oo)), sp.Integral(sp.exp(-1 / (x - 1)) / (x - 1) ** 2, (x, 0, sp.oo))
    _refuses(ChangeOfVariable(1 / (x - 1), 1 + 1 / x), equation(old, wide), "positive|decreasing")
    half = sp.Integral(sp.exp(-x / 2), (x, 0, sp.oo))
    with pytest.raises(ProofError):
        ChangeOfVariable(1 / x, 1 / x).prove(equation(old, half), Context())


def test_a_special_value_has_no_bound_symbol():
    known = equation(sp.Integral(sp.exp(-a * x), (x, 0, sp.oo)), 1 / a)
    squared = equation(sp.Integral(sp.exp(-(x**2)), (x, 0, sp.oo)), 1 / x)
    _refuses(Special("s", a, x), squared, "bound symbol", Context(earlier={"s": known}))
    five = equation(sp.Integral(sp.exp(-5 * x), (x, 0, sp.oo)), sp.Rational(1, 5))
    _accepts(Special("s", a, sp.Integer(5)), five, Context(earlier={"s": known}))
    for context in (Context(assumptions=(a < 1,), earlier={"s": known}), _knows(equation(a, b), earlier={"s": known})):
        _refuses(Special("s", a, sp.Integer(5)), five, "restricts|defined", context)


def test_sides_that_jump_are_not_equal_from_zero():
    jump = sp.atan(1 / (1 - x)) + sp.atan(1 - x)
    _refuses(EqualFromZero(x), equation(jump, sp.pi / 2), "continuous")
    _refuses(EqualFromZero(x), equation(sp.asin(2 * x / (1 + x**2)), 2 * sp.atan(x)), "inside")


# Measured errors.


def test_an_error_is_measured_between_the_points_of_the_grid():
    spike = 1 + sp.Rational(1, 10) * x + 10 * sp.sin(8 * sp.pi * sp.log(x) / sp.log(2)) ** 2
    claim = equation(sp.S.One + 0 * x, spike)
    step = Step("s", claim, "", MeasuredError(x, 1, 2, 0.2), kind="approximation")
    with pytest.raises(DerivationError, match="error reaches"):
        _derivation(step).check()


def test_an_error_is_measured_for_symbols_without_a_range():
    # Small at the first draw of y, larger at others.
    measured = MeasuredError(x, 1, 2, 0.2)
    first = Step("s", equation(sp.S.One, 1 + x / 10 + 0 * y), "", measured, kind="approximation")
    known = _derivation(Step("e", equation(x + x * y, x * (1 + y)), "", Identity(), kind="equality"), first)
    known.check()
    drawn = sp.Float(str(known._context(first).envs[0].values[y]), 50)
    forged = known.with_claim("s", equation(sp.S.One, 1 + x / 10 + (y - drawn) ** 2))
    forged._falsify(forged.step("s"))
    with pytest.raises(DerivationError, match="error reaches"):
        forged.check("s")
    with pytest.raises(ProofError, match="nothing to measure"):
        measured.prove(first.claim, Context())
