"""Limits: between two bounds, or by continuity. SymPy's own `limit` is never asked."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from derivations.errors import ProofError
from derivations.prover.known_signs import is_regular
from derivations.prover.proof import PROVED, Context, Proof, demand, demand_kind
from derivations.prover.zero import UNEVALUATED, demand_zero


def continuous_value(expr: sp.Expr, variable: sp.Symbol, point: sp.Expr) -> sp.Expr:
    """Return the limit of an elementary expression that is continuous at the point.

    At infinity the variable is replaced by 1/h or -1/h, h = 0.

    Parameters
    ----------
    expr : sympy.Expr
        The expression.
    variable : sympy.Symbol
        The variable.
    point : sympy.Expr
        Where it goes, `oo` and `-oo` included.

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
    expr, variable, point = brought_near(expr, variable, point)
    if not is_regular(expr, {variable: point}):
        raise ProofError(f"{expr} is not seen to be continuous at {variable} = {point}")
    return expr.subs(variable, point)


def brought_near(expr: sp.Expr, variable: sp.Symbol, point: sp.Expr) -> tuple[sp.Expr, sp.Symbol, sp.Expr]:
    """Return an expression, a variable and a finite point with the same limit."""
    if point not in (sp.oo, -sp.oo):
        return expr, variable, point
    h = sp.Dummy("h", positive=True)
    expr = expr.subs(variable, 1 / h if point == sp.oo else -1 / h)
    # Simplification would evaluate them.
    return expr if expr.has(*UNEVALUATED) else sp.simplify(expr), h, sp.S.Zero


def demand_assumed_near(variable: sp.Symbol, point: sp.Expr, direction: sp.Basic, context: Context) -> None:
    """Demand that what is declared and assumed of a variable holds all the way to a point, from its side.

    Examples
    --------
    >>> x = sp.Symbol("x", positive=True)
    >>> demand_assumed_near(x, sp.oo, sp.Symbol("-"), Context(assumptions=(1/x < 1,)))
    >>> demand_assumed_near(x, sp.oo, sp.Symbol("-"), Context(assumptions=(x < 1,)))
    Traceback (most recent call last):
        ...
    derivations.errors.ProofError: x < 1 is not seen to hold near x = oo
    """
    if variable.is_nonnegative:
        above = point.is_extended_positive or (point == 0 and str(direction) == "+")
        demand(bool(above), f"{variable} is declared positive, unlike what is near {point}")
    for relation in context.assumptions:
        known = context.definitions.expand(relation)
        if not known.has(variable):
            continue
        near = isinstance(known, sp.Lt | sp.Gt | sp.Le | sp.Ge) and _positive_near(
            known.gts - known.lts, variable, point
        )
        demand(near, f"{relation} is not seen to hold near {variable} = {point}")


def _positive_near(expr: sp.Expr, variable: sp.Symbol, point: sp.Expr) -> bool:
    try:
        return continuous_value(expr, variable, point).is_positive is True
    except ProofError:
        # What grows without bound: the inverse tends to 0, from which side the leading terms say.
        near, h, _ = brought_near(expr, variable, point)
        parts = [sp.Poly(part, h) for part in sp.fraction(sp.together(near)) if part.is_polynomial(h)]
        return point.is_infinite is True and len(parts) == 2 and _same_sign(*parts)


def _same_sign(above: sp.Poly, below: sp.Poly) -> bool:
    """Whether the lowest coefficients, which decide near 0, are seen to have the same sign."""
    return (above.EC() / below.EC()).is_positive is True


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
        expr, variable, point, direction = _parts(claim)
        expand = context.definitions.expand
        below, above = context.claim(self.lower), context.claim(self.upper)
        demand_assumed_near(variable, point, direction, context)
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
