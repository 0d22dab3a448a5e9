"""Symbolic: false claims that each proof type must refuse by itself, without the numbers that would refute most."""

import pytest
import sympy as sp

from derivations import Assumption, Derivation, DerivationError, Step
from derivations.definitions import Definitions, Evolution, read
from derivations.errors import ProofError
from derivations.gaps import tanh_gap
from derivations.proofs import (
    Antiderivative,
    Continuity,
    Identity,
    IncreasingImage,
    Induction,
    InductionOverSum,
    MeasuredError,
    Monotone,
    ParameterIntegral,
    PositiveAxis,
    Root,
    SolvesEquation,
    Squeeze,
    Taylor,
    TaylorBelowOne,
    Telescope,
    Termwise,
    Tightness,
    TrigonometricInduction,
)
from derivations.proofs.base import Context
from derivations.proofs.gaps import TextbookIdentity
from derivations.proofs.gaussian import ContinuousComposite, GaussianPrimitive, Instance
from derivations.step import equation, solved

pytestmark = pytest.mark.symbolic

x, y, a, b, d, p = sp.symbols("x y a b d p", positive=True)
k, j = (sp.Symbol(name, integer=True, nonnegative=True) for name in "kj")
steps = sp.Symbol("M", integer=True, positive=True)
t = sp.Symbol("t", nonnegative=True)
z, u = sp.symbols("z u", real=True)
f, g, r = (sp.Function(name) for name in "fgr")
HALF = sp.Rational(1, 2)
LINE, RAY = (z, -sp.oo, sp.oo), (z, 0, sp.oo)
BELL = sp.exp(-(z**2))
ROOT_PI = sp.sqrt(sp.pi)
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
    size = sp.Integral(sp.sqrt(x**2 - 2 * x + 1), (x, 0, 3))  # |1 - x|: 5/2 against -3/2
    factored = sp.Integral(sp.sqrt((1 - x) ** 2), (x, 0, 3))
    _refuses(
        Identity(positive=(1 - x,)),
        equation(factored, sp.Integral(1 - x, (x, 0, 3))),
        "bound|not 0",
        Context(assumptions=(x < 1,)),
    )
    assert size != factored


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
    step = Step("s", "equality", claim, "", Antiderivative(primitive, primitive.subs(x, low), primitive.subs(x, high)))
    with pytest.raises(ProofError, match="declared positive"):
        step.prove(Context())


def test_an_integral_runs_over_no_integer_and_binds_no_symbol_used_outside():
    over = equation(sp.Integral(sp.cos(2 * sp.pi * k), (k, 0, HALF)), HALF)  # 0
    with pytest.raises(ProofError, match="integer"):
        Step("s", "equality", over, "", Antiderivative(k, sp.S.Zero, HALF)).prove(Context())
    both = equation(sp.Integral(z, (z, 0, 1)) + z, z + HALF)
    with pytest.raises(ProofError, match="outside"):
        Step("s", "equality", both, "", Identity()).prove(Context())
    hidden = equation(sp.Integral(d, (z, 0, 1)), d)  # d = z
    with pytest.raises(ProofError, match="outside"):
        Step("s", "equality", hidden, "", Identity(keep=True)).prove(_knows(equation(d, z)))


# Definitions.


def _derivation(*steps_, assume=()):
    return Derivation("attack", "", tuple(Assumption(str(fact), fact) for fact in assume), steps_, {})


def test_a_definition_keeps_what_is_declared_of_its_symbol():
    for claim in (equation(d, -x), equation(d, 1 - x), equation(steps, x)):
        with pytest.raises(DerivationError, match="not as it is declared"):
            _derivation(Step("d", "definition", claim, "")).check()
    assert _derivation(Step("d", "definition", equation(d, 1 - x), ""), assume=[x < 1]).check()


def test_the_variable_of_a_recursion_is_not_defined():
    rule = _recursion(1, 2 * f(k))
    for claims in ((equation(k, 3), rule), (rule, equation(k, 3))):
        with pytest.raises(ProofError, match="variable of a function"):
            read(claims)


def test_no_numbers_inside_the_assumptions_is_an_error_and_not_a_success():
    step = Step("s", "equality", equation(x + x * y, x * (1 + y)), "", Identity())
    _derivation(step).check()
    for empty in ([x < 1, x > 2], [x < 0]):
        with pytest.raises(DerivationError if isinstance(empty[0], bool) else (DerivationError, ProofError)):
            _derivation(step, assume=[sp.Lt(x, 0, evaluate=False), *empty[1:]]).check()


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
        _refuses(ContinuousComposite(), equation(sp.Limit(expr, z, 0), value), "continuous")
    _refuses(ContinuousComposite(), equation(sp.Limit(sp.asin(z), z, 1), sp.pi / 2), "inside")
    _accepts(ContinuousComposite(), equation(sp.Limit(sp.asin(z) / (1 + z), z, HALF), sp.pi / 9))


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
        (sp.diff(sp.Abs(z), z) * 0 + BELL, GaussianPrimitive(sp.S.Zero, ROOT_PI, sp.S.One), 2 * ROOT_PI, "derivative"),
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


# Measured errors.


def test_an_error_is_measured_between_the_points_of_the_grid():
    spike = 1 + sp.Rational(1, 10) * x + 10 * sp.sin(8 * sp.pi * sp.log(x) / sp.log(2)) ** 2
    claim = equation(sp.S.One + 0 * x, spike)
    step = Step("s", "approximation", claim, "", MeasuredError(x, 1, 2, 0.2))
    with pytest.raises(DerivationError, match="error reaches"):
        _derivation(step).check()


def test_an_error_is_measured_for_symbols_without_a_range():
    # Small at the first draw of y, larger at others.
    measured = MeasuredError(x, 1, 2, 0.2)
    first = Step("s", "approximation", equation(sp.S.One, 1 + x / 10 + 0 * y), "", measured)
    known = _derivation(Step("e", "equality", equation(x + x * y, x * (1 + y)), "", Identity()), first)
    known.check()
    drawn = sp.Float(str(known._context(first).envs[0].values[y]), 50)
    forged = known.with_claim("s", equation(sp.S.One, 1 + x / 10 + (y - drawn) ** 2))
    forged._falsify(forged.step("s"))
    with pytest.raises(DerivationError, match="error reaches"):
        forged.check("s")
    with pytest.raises(ProofError, match="nothing to measure"):
        measured.prove(first.claim, Context())
