"""Integrals: an antiderivative that is differentiated, and taken at its ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sympy as sp

from derivations.prover.known_signs import is_continuous
from derivations.prover.proof import PROVED, Context, Proof, demand, demand_kind
from derivations.prover.zero import demand_zero, differentiate


@dataclass(frozen=True)
class Antiderivative(Proof):
    """Differentiate a given antiderivative that is continuous on the range, then take it at the ends.

    Parameters
    ----------
    primitive : sympy.Expr
        The antiderivative.
    low, high : sympy.Expr
        Its limits at the ends.

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
        integrand = differentiate(expand(claim.lhs.function))
        demand_zero(self.normal(sp.diff(primitive, variable) - integrand), "the derivative of the primitive")
        side = sp.S.Zero if all(end.is_extended_nonnegative for end in ends) else -sp.oo
        demand(continuous_between(primitive, variable, side), "the primitive is not seen to be continuous")
        for end, stated in zip(ends, (self.low, self.high), strict=True):
            found = value_far_out(primitive, variable, end) if end.is_infinite else primitive.subs(variable, end)
            demand_zero(found - expand(stated), f"the end {end}")
        demand_zero(expand(claim.rhs - self.high + self.low), "the difference of the ends")
        return PROVED

    def normal(self, difference: sp.Expr) -> sp.Expr:
        """Return the same number in a form in which zero is easier to see."""
        return difference


def continuous_between(
    expr: sp.Expr,
    variable: sp.Symbol,
    low: sp.Expr,
    rewrite: Callable[[sp.Expr], sp.Expr] = lambda expr: expr,
) -> bool:
    """Whether an expression is seen to be continuous from `low` on: over the half axis, or else over the axis."""
    facts = {"nonnegative": True} if low.is_nonnegative else {"real": True}
    free = sp.Dummy("z", **facts)
    return is_continuous(expr.subs(variable, free), free, rewrite)


def value_far_out(expr: sp.Expr, variable: sp.Symbol, end: sp.Expr) -> sp.Expr:
    """Return the limit at oo or -oo, found piece by piece; SymPy's own `limit` is not asked.

    Parameters
    ----------
    expr : sympy.Expr
        Made of powers, exponentials, erf, tanh and atan; a falling exponential times what grows like a power vanishes.
    variable : sympy.Symbol
        The variable.
    end : sympy.Expr
        `oo` or `-oo`.

    Returns
    -------
    sympy.Expr
        The limit, `oo` and `-oo` included.

    Raises
    ------
    ProofError
        If a piece is of another kind, or two pieces compete.

    Examples
    --------
    >>> z = sp.Symbol("z", real=True)
    >>> value_far_out(1 / (1 + sp.exp(-z)) + z * sp.exp(-(z**2)), z, sp.oo)
    1
    """
    if not expr.has(variable):
        return expr
    if expr.is_polynomial(variable):
        leading = sp.Poly(expr, variable)
        sign = leading.LC() * (1 if end == sp.oo else (-1) ** leading.degree())
        demand(bool(sign.is_positive or sign.is_negative), f"the sign of {sign} is not seen")
        return sp.oo if sign.is_positive else -sp.oo
    if isinstance(expr, sp.Mul):
        falling = [f for f in expr.args if isinstance(f, sp.exp) and value_far_out(f, variable, end) == 0]
        if falling and all(_grows_slowly(f, variable) for f in expr.args if f not in falling):
            return sp.S.Zero
    pieces = [value_far_out(arg, variable, end) for arg in expr.args]
    known = isinstance(expr, sp.Add | sp.Mul | sp.exp | sp.erf | sp.tanh | sp.atan)
    power = isinstance(expr, sp.Pow) and expr.exp.is_integer and not expr.exp.has(variable)
    demand(known or power, f"the limit of {expr} is not known")
    # Infinities that compete, and 1/0, give nan or zoo.
    found = expr.func(*pieces)
    demand(not found.has(sp.nan, sp.zoo), f"the pieces of {expr} compete")
    return found


def is_gaussian(expr: sp.Expr, variable: sp.Symbol) -> bool:
    """Whether every term is exp(-a z^2 + b z + c), a > 0, times factors bounded by a power of z."""
    if isinstance(expr, sp.Add):
        return all(is_gaussian(term, variable) for term in expr.args)
    factors = sp.Mul.make_args(expr)
    bells = [f for f in factors if _is_bell(f, variable)]
    return bool(bells) and all(_grows_slowly(f, variable) for f in factors if f not in bells)


def _is_bell(expr: sp.Expr, variable: sp.Symbol) -> bool:
    if not isinstance(expr, sp.exp) or not expr.exp.is_polynomial(variable):
        return False
    exponent = sp.Poly(expr.exp, variable)
    return exponent.degree() == 2 and exponent.LC().is_negative is True


def _grows_slowly(expr: sp.Expr, variable: sp.Symbol) -> bool:
    if expr == variable or not expr.has(variable):
        return True
    if isinstance(expr, sp.Add | sp.Mul):
        return all(_grows_slowly(arg, variable) for arg in expr.args)
    if isinstance(expr, sp.Pow) and expr.exp.is_integer and not expr.exp.has(variable):
        if expr.exp.is_nonnegative:
            return _grows_slowly(expr.base, variable)
        return (expr.base - 1).is_nonnegative is True  # at least 1, so its inverse is at most 1
    return isinstance(expr, sp.erf | sp.sin | sp.cos | sp.tanh | sp.atan) and expr.args[0].is_real is True
