"""Gaussian integrals over the axis: a primitive with an erf, a derivative by a parameter, instances of earlier ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sympy as sp

from derivations.proofs.base import PROVED, Context, Proof, demand, demand_kind, demand_zero, is_continuous, is_zero
from derivations.proofs.integrals import _is_gaussian
from derivations.proofs.limits import continuous_value

AXIS = (-sp.oo, sp.oo)


def _split(claim: sp.Basic, context: Context) -> tuple[sp.Expr, sp.Symbol]:
    """Return the integrand and the variable of an integral over the axis on the left, expanded."""
    demand_kind(claim, sp.Eq)
    integral = context.definitions.expand(claim.lhs)
    demand_kind(integral, sp.Integral)
    ((variable, *ends),) = integral.limits
    demand(tuple(ends) == AXIS, "the range is not the whole axis")
    return integral.function, variable


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
class GaussianPrimitive(Proof):
    """An antiderivative made of a bell times what grows slowly, plus a multiple of an erf: its ends are known.

    The claim is `Eq(Integral(f, (z, -oo, oo)), value)`; the primitive is `bell + height erf(slope z + shift)`, with
    slope > 0.
    The bell vanishes at both ends, so that the integral is twice the height.

    Parameters
    ----------
    bell : sympy.Expr
        exp(-a z^2 + b z + c), a > 0, times factors bounded by a power of z; 0 if there is none.
    height, slope, shift : sympy.Expr
        The rest of the primitive.
    """

    bell: sp.Expr
    height: sp.Expr
    slope: sp.Expr
    shift: sp.Expr = sp.S.Zero

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Differentiate the primitive, and take its ends."""
        integrand, variable = _split(claim, context)
        expand = context.definitions.expand
        demand_zero(expand(claim.rhs) - self.value(expand(integrand), variable, expand), "twice the height")
        return PROVED

    def value(self, integrand: sp.Expr, variable: sp.Symbol, expand: Callable[[sp.Expr], sp.Expr]) -> sp.Expr:
        """Return the integral of an integrand, after checking that this is its primitive."""
        bell, height, slope, shift = map(expand, (self.bell, self.height, self.slope, self.shift))
        demand(slope.is_positive, f"{slope} is not seen to be positive")
        demand(shift.is_real, f"{shift} is not seen to be real")
        constant = not any(part.has(variable) for part in (height, slope, shift))
        demand(constant, "height, slope and shift must be constants")
        demand(bell == 0 or _is_gaussian(bell, variable), "the bell is not seen to vanish at the ends")
        demand(is_continuous(bell, variable), "the bell is not seen to be continuous")
        primitive = bell + height * sp.erf(slope * variable + shift)
        demand_zero(gathered(sp.diff(primitive, variable) - integrand), "the derivative of the primitive")
        return 2 * height


@dataclass(frozen=True)
class ParameterDerivative(Proof):
    """Both sides vanish at parameter 0, and have the same derivative by the parameter.

    The derivative of the integrand must be a Gaussian in z times what grows slowly, for every value of the parameter
    from 0 on: by continuity one bell bounds it near any value, so that the integral may be differentiated under its
    sign.

    Parameters
    ----------
    parameter : sympy.Symbol
        The parameter, declared positive.
    certificate : GaussianPrimitive
        Primitive of the derivative of the integrand by the parameter.
    """

    parameter: sp.Symbol
    certificate: GaussianPrimitive

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Check the start, the bound, and the derivative."""
        integrand, variable = _split(claim, context)
        expand, p = context.definitions.expand, self.parameter
        demand(p.is_nonnegative, f"{p} is not declared positive")
        integrand, value = expand(integrand), expand(claim.rhs)
        demand_zero(integrand.subs(p, 0), "the integrand at parameter 0")
        demand_zero(value.subs(p, 0), "the value at parameter 0")
        from_zero, slope = sp.Dummy("p", nonnegative=True), sp.diff(integrand, p)
        for what in (integrand, slope):
            at = sp.powsimp(sp.expand(what)).subs(p, from_zero)
            demand(is_continuous(at, variable) and is_continuous(at, from_zero), "the integrand is not continuous")
            demand(_is_gaussian(at, variable), "the integral is not seen to converge absolutely")
        found = self.certificate.value(slope, variable, expand)
        # Roots that hide an equality cancel in the quotient.
        wanted = sp.diff(value, p)
        if sp.simplify(wanted / found) != 1:
            demand_zero(wanted - found, "the derivative by the parameter")
        return PROVED


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
        integrand, variable = _split(claim, context)
        earlier, expand = context.claim(self.step), context.definitions.expand
        function, same = _split(earlier, context)
        demand(same == variable and not self.factor.has(variable), "another variable, or a factor that has it")
        for symbol, value in self.values:
            demand(value.is_real, f"{value} is not seen to be real")
            demand(value.is_positive or not symbol.is_nonnegative, f"{value} is not seen to be positive")
        put = dict(self.values)
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
            # Any number in its place: the rest must be continuous in both.
            stand_in = sp.Dummy("arc", real=True)
            values[stand_in] = sp.asin(inside)
            expr = expr.xreplace({arc: stand_in})
        demand_zero(continuous_value(expr, variable, point).subs(values) - claim.rhs, "the value at the point")
        return PROVED
