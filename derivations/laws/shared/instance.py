"""Integrals that are instances of earlier ones, with other constants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import sympy as sp

from derivations.laws.shared.gaussian import gathered, integral_of
from derivations.prover.proof import PROVED, Context, Proof, demand
from derivations.prover.rules.algebra import demand_finite, restricted
from derivations.prover.zero import demand_zero


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

    principle: ClassVar[str] = (
        "An integral known for every value of its constants is known for one, and a factor goes through it."
    )

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
