"""Gaussian integrals: a primitive with an erf, instances of earlier ones, and limits of what they give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sympy as sp

from derivations.prover.rules.algebra import demand_finite, restricted
from derivations.prover.rules.base import (
    PROVED,
    Context,
    Proof,
    demand,
    demand_kind,
    demand_zero,
    is_regular,
    is_zero,
)
from derivations.prover.rules.integrals import continuous_between, is_gaussian
from derivations.prover.rules.limits import brought_near, continuous_value


@dataclass(frozen=True)
class GaussianPrimitive(Proof):
    """An antiderivative made of a bell times what grows slowly, plus a multiple of an erf: its ends are known.

    The claim is `Eq(Integral(f, (z, low, oo)), value)`, low either -oo or 0; the primitive is
    `bell + height erf(slope z + shift)`, slope > 0. The bell vanishes at both ends of the axis, so that the integral
    over it is twice the height.

    Parameters
    ----------
    bell : sympy.Expr
        exp(-a z^2 + b z + c), a > 0, times factors bounded by a power of z; 0 if there is none.
    height, slope, shift : sympy.Expr
        The rest of the primitive; without a height there is no erf.

    Examples
    --------
    >>> z, bell = sp.Symbol("z", real=True), sp.exp(-sp.Symbol("z", real=True)**2)
    >>> claim = sp.Eq(sp.Integral(z * bell, (z, 0, sp.oo)), sp.Rational(1, 2), evaluate=False)
    >>> GaussianPrimitive(-bell / 2).prove(claim, Context())
    'proved'
    """

    bell: sp.Expr
    height: sp.Expr = sp.S.Zero
    slope: sp.Expr = sp.S.One
    shift: sp.Expr = sp.S.Zero

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Differentiate the primitive, and take its ends."""
        integral = integral_of(claim, context)
        demand_zero(context.definitions.expand(claim.rhs) - self.value(integral, context), "the primitive's difference")
        return PROVED

    def value(
        self, integral: sp.Integral, context: Context, rewrite: Callable[[sp.Expr], sp.Expr] = lambda expr: expr
    ) -> sp.Expr:
        """Return an expanded integral's value, after checking that this is its primitive; `rewrite` shows signs."""
        integrand, ((variable, low, _),) = integral.function, integral.limits
        bell, height, slope, shift = map(context.definitions.expand, (self.bell, self.height, self.slope, self.shift))
        demand(rewrite(slope).is_positive, f"{slope} is not seen to be positive")
        demand(rewrite(shift).is_real, f"{shift} is not seen to be real")
        constant = not any(part.has(variable) for part in (height, slope, shift))
        demand(constant, "height, slope and shift must be constants")
        demand(bell == 0 or is_gaussian(rewrite(bell), variable), "the bell is not seen to vanish at the ends")
        demand(continuous_between(bell, variable, low, rewrite), "the bell is not seen to be continuous")
        derivative = sp.diff(bell + height * sp.erf(slope * variable + shift), variable)
        demand_zero(gathered(derivative - integrand), "the derivative of the primitive")
        return 2 * height if low == -sp.oo else height * (1 - sp.erf(shift)) - bell.subs(variable, 0)


def integral_of(claim: sp.Basic, context: Context) -> sp.Integral:
    """Return the integral over the axis or the half axis on the left of a claim, expanded."""
    demand_kind(claim, sp.Eq)
    integral = context.definitions.expand(claim.lhs)
    demand_kind(integral, sp.Integral)
    ((_, low, high),) = integral.limits
    demand(low in (-sp.oo, sp.S.Zero) and high == sp.oo, "the range is neither the axis nor the half axis")
    return integral


def gathered(expr: sp.Expr) -> sp.Expr:
    """Return a sum of exponentials with equal ones united, less those whose factor is seen to be zero.

    Several times faster than to expand everything, which scatters exponentials over numerators and denominators.

    Examples
    --------
    >>> x, y = sp.symbols("x y", positive=True)
    >>> gathered(sp.exp(x) * sp.exp(-x * y / (1 + y)) - sp.exp(x / (1 + y)))
    0
    """
    factors: dict[sp.Expr, sp.Expr] = {}
    for term in sp.Add.make_args(sp.expand_mul(expr, deep=False)):
        parts = sp.Mul.make_args(term)
        bells = [part.exp for part in parts if isinstance(part, sp.exp)]
        exponent = sp.expand(sp.cancel(sp.together(sp.Add(*bells))))
        rest = sp.Mul(*(part for part in parts if not isinstance(part, sp.exp)))
        factors[exponent] = factors.get(exponent, sp.S.Zero) + rest
    return sp.Add(*(factor * sp.exp(exponent) for exponent, factor in factors.items() if not is_zero(factor)))


@dataclass(frozen=True)
class Instance(Proof):
    """An integral that is a factor times an earlier one with other constants.

    Parameters
    ----------
    step : str
        The earlier step, `Eq(Integral(f, range), value)`, proved for every value of its symbols.
    values : tuple of (sympy.Symbol, sympy.Expr)
        What to put for its symbols; of the sign that is declared for them.
    factor : sympy.Expr
        The factor.
    """

    step: str
    values: tuple[tuple[sp.Symbol, sp.Expr], ...]
    factor: sp.Expr

    @property
    def sources(self) -> tuple[str, ...]:
        """The earlier step."""
        return (self.step,)

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Compare integrands, ranges and values."""
        earlier, expand = context.claim(self.step), context.definitions.expand
        integral, known = integral_of(claim, context), integral_of(earlier, context)
        demand(integral.limits == known.limits, "the ranges or their variables differ")
        integrand, function, ((variable, *_),) = integral.function, known.function, integral.limits
        put = dict(self.values)
        for expr in (self.factor, *put.values()):
            demand(not expand(expr).has(variable), f"{expr} has the variable of the integral")
        demand_finite(self.factor, context)
        for symbol, value in self.values:
            demand(symbol not in restricted(self.step, context), f"an assumption restricts {symbol}")
            demand(symbol not in context.definitions.explicit, f"{symbol} is defined")
            demand(value.is_real, f"{value} is not seen to be real")
            demand(value.is_positive or not symbol.is_nonnegative, f"{value} is not seen to be positive")
            demand(value.is_integer or not symbol.is_integer, f"{value} is not seen to be an integer")
        wanted = self.factor * expand(function).subs(put, simultaneous=True)
        demand_zero(gathered(expand(integrand) - wanted), "the integrand")
        value = expand(claim.rhs)
        given = _same_arcs(self.factor * expand(earlier.rhs).subs(put, simultaneous=True), value)
        if not _same_size(value, given):
            demand_zero(value - given, "the value")
        return PROVED


def _same_size(one: sp.Expr, other: sp.Expr) -> bool:
    """Whether two expressions have a positive quotient whose square is 1: roots written in two ways."""
    ratio = sp.cancel(sp.together((one / other) ** 2))
    return bool(ratio == 1 and (one / other).is_positive)


def _same_arcs(expr: sp.Expr, other: sp.Expr) -> sp.Expr:
    """Write the arc sines of an expression as another has them, where their arguments are the same."""
    for arc in expr.atoms(sp.asin):
        for wanted in other.atoms(sp.asin):
            if _same_size(arc.args[0], wanted.args[0]):
                expr = expr.xreplace({arc: wanted})
    return expr


@dataclass(frozen=True)
class ContinuousComposite(Proof):
    """A limit by continuity of an expression with arc sines, each of an argument that tends into (-1, 1)."""

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Put the limits of the arcs, then the limit of the rest."""
        demand_kind(claim, sp.Eq)
        demand_kind(claim.lhs, sp.Limit)
        expr, variable, point, _ = claim.lhs.args
        expr, values = context.definitions.expand(expr), {}
        for arc in sorted(expr.atoms(sp.asin), key=str):
            if not arc.has(variable):
                continue
            inside = continuous_value(arc.args[0], variable, point)
            demand((1 - inside**2).is_positive, f"{inside} is not seen to lie inside (-1, 1)")
            stand_in = sp.Dummy("arc", real=True)
            values[stand_in] = sp.asin(inside)
            expr = expr.xreplace({arc: stand_in})
        near, variable, point = brought_near(expr, variable, point)
        # The rest must be continuous in the variable and the arcs together.
        values[variable] = point
        demand(is_regular(near, values), f"{near} is not seen to be continuous at {variable} = {point}")
        demand_zero(near.subs(values) - claim.rhs, "the value at the point")
        return PROVED
