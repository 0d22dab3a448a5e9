"""Integrals: an antiderivative with its ends, or the even part of the integrand over a symmetric range."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp
from mpmath import mp

from derivations import falsify
from derivations.errors import ProofError
from derivations.proofs.base import PROVED, Context, Proof, demand, demand_kind, demand_zero


@dataclass(frozen=True)
class Antiderivative(Proof):
    """Differentiate a given antiderivative, then take it at the ends of the range.

    Parameters
    ----------
    primitive : sympy.Expr
        The antiderivative.
    low, high : sympy.Expr
        Its limits at the ends; each is found by SymPy and, independently, by numbers far out.

    Examples
    --------
    >>> x = sp.Symbol("x", positive=True)
    >>> claim = sp.Eq(sp.Integral(x, (x, 0, 1)), sp.Rational(1, 2), evaluate=False)
    >>> Antiderivative(x**2 / 2, sp.S.Zero, sp.Rational(1, 2)).prove(claim, Context())
    'proved'
    """

    primitive: sp.Expr
    low: sp.Expr
    high: sp.Expr

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Check the derivative, the ends, and the value."""
        demand_kind(claim, sp.Eq)
        demand_kind(claim.lhs, sp.Integral)
        expand = context.definitions.expand
        ((variable, *ends),) = claim.lhs.limits
        primitive = expand(self.primitive)
        demand_zero(sp.diff(primitive, variable) - expand(claim.lhs.function).doit(), "the derivative of the primitive")
        for end, stated in zip(ends, (self.low, self.high), strict=True):
            self._end(primitive, variable, end, stated, context)
        demand_zero(expand(claim.rhs) - self.high + self.low, "the difference of the ends")
        return PROVED

    def _end(self, primitive: sp.Expr, variable: sp.Symbol, end: sp.Expr, stated: sp.Expr, context: Context) -> None:
        found = sp.limit(primitive, variable, end) if end.is_infinite else primitive.subs(variable, end)
        demand_zero(found - stated, f"the end {end}")
        for env in context.envs[:2] if end.is_infinite else ():
            far = env.at(variable, mp.mpf(200) * (1 if end == sp.oo else -1))
            if abs(falsify.number(primitive, far) - falsify.number(stated, env)) > mp.mpf("1e-6"):
                raise ProofError(f"the primitive does not tend to {stated} at {end}")


@dataclass(frozen=True)
class EvenPart(Proof):
    """Over a symmetric range only the even part of an integrand counts: that of the difference vanishes pointwise.

    Examples
    --------
    >>> z = sp.Symbol("z", real=True)
    >>> range_ = (z, -sp.oo, sp.oo)
    >>> claim = sp.Eq(sp.Integral((z + 1) * sp.exp(-z**2), range_), sp.Integral(sp.exp(-z**2), range_), evaluate=False)
    >>> EvenPart().prove(claim, Context())
    'proved'
    """

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Add the integrand's difference to its mirror image."""
        demand_kind(claim, sp.Eq)
        demand_kind(claim.lhs, sp.Integral)
        demand_kind(claim.rhs, sp.Integral)
        demand(claim.lhs.limits == claim.rhs.limits, "the two ranges differ")
        ((variable, low, high),) = claim.lhs.limits
        demand(low == -high, "the range is not symmetric")
        difference = context.definitions.expand(claim.lhs.function - claim.rhs.function)
        demand_zero(difference + difference.subs(variable, -variable), "the even part of the difference")
        return PROVED
