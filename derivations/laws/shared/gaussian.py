"""Gaussian integrals: a primitive made of a bell and an erf, whose ends are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sympy as sp

from derivations.prover.proof import Context, Proof, demand, demand_kind
from derivations.prover.rules import Antiderivative
from derivations.prover.rules.integrals import continuous_between, is_gaussian
from derivations.prover.zero import demand_zero, is_zero


@dataclass(frozen=True)
class _Gathered(Antiderivative):
    """As `Antiderivative`, with equal exponentials united before the derivatives are compared."""

    def normal(self, difference: sp.Expr) -> sp.Expr:
        """Unite equal exponentials."""
        return gathered(difference)


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
        """Hand the primitive and its ends to `Antiderivative`."""
        integral = integral_of(claim, context)
        ((variable, low, _),) = integral.limits
        self._parts(integral, context)
        primitive = self.bell + self.height * sp.erf(self.slope * variable + self.shift)
        start = -self.height if low == -sp.oo else primitive.subs(variable, 0)
        written_out = sp.Eq(integral, claim.rhs, evaluate=False)
        return _Gathered(primitive, start, self.height).prove(written_out, context)

    def value(
        self, integral: sp.Integral, context: Context, rewrite: Callable[[sp.Expr], sp.Expr] = lambda expr: expr
    ) -> sp.Expr:
        """Return an expanded integral's value, after checking that this is its primitive; `rewrite` shows signs."""
        integrand, ((variable, low, _),) = integral.function, integral.limits
        bell, height, slope, shift = self._parts(integral, context, rewrite)
        derivative = sp.diff(bell + height * sp.erf(slope * variable + shift), variable)
        demand_zero(gathered(derivative - integrand), "the derivative of the primitive")
        return 2 * height if low == -sp.oo else height * (1 - sp.erf(shift)) - bell.subs(variable, 0)

    def _parts(
        self, integral: sp.Integral, context: Context, rewrite: Callable[[sp.Expr], sp.Expr] = lambda expr: expr
    ) -> tuple[sp.Expr, sp.Expr, sp.Expr, sp.Expr]:
        """Return bell, height, slope and shift, expanded, after checking that the ends are known."""
        ((variable, low, _),) = integral.limits
        bell, height, slope, shift = map(context.definitions.expand, (self.bell, self.height, self.slope, self.shift))
        demand(rewrite(slope).is_positive, f"{slope} is not seen to be positive")
        demand(rewrite(shift).is_real, f"{shift} is not seen to be real")
        constant = not any(part.has(variable) for part in (height, slope, shift))
        demand(constant, "height, slope and shift must be constants")
        demand(bell == 0 or is_gaussian(rewrite(bell), variable), "the bell is not seen to vanish at the ends")
        demand(continuous_between(bell, variable, low, rewrite), "the bell is not seen to be continuous")
        return bell, height, slope, shift


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
