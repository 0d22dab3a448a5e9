"""Limits: between two bounds, or by continuity. SymPy's own `limit` is never asked."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from derivations.errors import ProofError
from derivations.proofs.base import PROVED, Context, Proof, demand, demand_kind, demand_zero, is_regular


def continuous_value(expr: sp.Expr, variable: sp.Symbol, point: sp.Expr) -> sp.Expr:
    """Return the limit of an elementary expression that is continuous at the point.

    At infinity the variable is replaced by 1/h, h = 0.

    Parameters
    ----------
    expr : sympy.Expr
        The expression.
    variable : sympy.Symbol
        The variable.
    point : sympy.Expr
        Where it goes, `oo` included.

    Returns
    -------
    sympy.Expr

    Raises
    ------
    ProofError
        If the expression is not seen to be continuous there.

    Examples
    --------
    >>> n = sp.Symbol("n", positive=True)
    >>> continuous_value(sp.exp(-1 / (1 - 2/n)), n, sp.oo)
    exp(-1)
    """
    if point == sp.oo:
        h = sp.Dummy("h", positive=True)
        expr, variable, point = sp.simplify(expr.subs(variable, 1 / h)), h, sp.S.Zero
    if not is_regular(expr, variable, point):
        raise ProofError(f"{expr} is not seen to be continuous at {variable} = {point}")
    return expr.subs(variable, point)


def _parts(claim: sp.Basic) -> tuple:
    demand_kind(claim, sp.Eq)
    demand_kind(claim.lhs, sp.Limit)
    return claim.lhs.args


@dataclass(frozen=True)
class Squeeze(Proof):
    """Two earlier inequalities enclose the expression, and both bounds tend to the same value.

    Parameters
    ----------
    lower, upper : str
        Names of steps `bound <= expression` and `expression <= bound`, valid near the point.
    """

    lower: str
    upper: str

    @property
    def sources(self) -> tuple[str, ...]:
        """The two inequalities."""
        return self.lower, self.upper

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Check that the bounds are about this expression, then their limits."""
        expr, variable, point, _ = _parts(claim)
        expand = context.definitions.expand
        below, above = context.claim(self.lower), context.claim(self.upper)
        for bound in (below, above):
            demand(isinstance(bound, sp.Le | sp.Lt), "a bound must be written with <= or <")
        demand_zero(expand(below.rhs - expr), "the expression against that of the lower bound")
        demand_zero(expand(above.lhs - expr), "the expression against that of the upper bound")
        for bound in (below.lhs, above.rhs):
            demand_zero(continuous_value(expand(bound), variable, point) - expand(claim.rhs), "the limit of a bound")
        return PROVED


@dataclass(frozen=True)
class Continuity(Proof):
    """The expression is continuous at the point, so its limit is its value."""

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Substitute the point."""
        expr, variable, point, _ = _parts(claim)
        expand = context.definitions.expand
        demand_zero(continuous_value(expand(expr), variable, point) - expand(claim.rhs), "the value at the point")
        return PROVED
