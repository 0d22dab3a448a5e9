"""Series by Taylor's theorem: derivatives at the point, and an expression analytic there."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from derivations.prover.binders import refuse_capture
from derivations.prover.known_signs import is_regular
from derivations.prover.proof import PROVED, Context, Proof, demand, demand_kind
from derivations.prover.zero import demand_zero, differentiate


@dataclass(frozen=True)
class Taylor(Proof):
    """Compare the derivatives at 0 with the polynomial's coefficients.

    Parameters
    ----------
    using : str or None
        An earlier series step f = p + O(x^k). Where the expression divides by x, f is replaced by p + x^k r(x) with r
        analytic and otherwise unknown; the coefficients must not depend on r.

    Examples
    --------
    >>> x = sp.Symbol("x", positive=True)
    >>> claim = sp.Eq(sp.log(1 - x), -x - x**2/2 + sp.O(x**3), evaluate=False)
    >>> Taylor().prove(claim, Context())
    'proved'
    """

    using: str | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        """The earlier series."""
        return () if self.using is None else (self.using,)

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Differentiate and compare."""
        demand_kind(claim, sp.Eq)
        polynomial, variable, power = split(claim)
        expr, moved = claim.lhs, context.definitions.expand_moving
        if self.using is not None:
            expr = self._unfold(expr, variable, context.claim(self.using))
        # What is defined through the variable moves with it.
        expr, polynomial = moved(expr, variable), sp.expand(moved(polynomial, variable))
        demand(is_regular(expr, {variable: sp.S.Zero}), f"{expr} is not seen to be analytic at {variable} = 0")
        derivative = expr
        for k in range(power):
            coefficient = differentiate(derivative.subs(variable, 0)) / sp.factorial(k)
            demand_zero(coefficient - polynomial.coeff(variable, k), f"the coefficient of {variable}^{k}")
            derivative = sp.diff(derivative, variable)
        rest = sp.expand(polynomial - sum(polynomial.coeff(variable, k) * variable**k for k in range(power)))
        demand_zero(rest, "what the polynomial holds beyond its order")
        return PROVED

    def _unfold(self, expr: sp.Expr, variable: sp.Symbol, earlier: sp.Eq) -> sp.Expr:
        known, argument, power = split(earlier)
        remainder = sp.Function(f"_remainder_{sp.Dummy().dummy_index}")(argument)  # no function of the claim
        body = sp.Lambda(argument, known + argument**power * remainder)
        demand(argument == variable, "the earlier series is in another variable")
        unfolded = refuse_capture(expr, expr.subs(earlier.lhs, body(variable)), {variable})
        return sp.expand(sp.powsimp(unfolded), deep=True, power_exp=False)


def split(claim: sp.Eq) -> tuple[sp.Expr, sp.Symbol, int]:
    """Return the polynomial, the variable and the power of the O term of a series claim."""
    orders = [term for term in sp.Add.make_args(claim.rhs) if isinstance(term, sp.Order)]
    demand(len(orders) == 1, "a series needs one O(...) term")
    (order,) = orders
    demand(len(order.args) == 2, "a series needs O(...) of one variable")
    variable, point = order.args[1]
    demand(point == 0, "a series must be about 0")
    power = sp.degree(order.expr, variable)
    demand_zero(order.expr - variable**power, "the order term")
    return sp.expand(claim.rhs.removeO()), variable, int(power)
