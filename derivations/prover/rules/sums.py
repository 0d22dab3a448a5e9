"""Closed forms that hold a sum over all earlier steps, by induction."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from derivations.prover.proof import Context, demand
from derivations.prover.rules.algebra import Termwise
from derivations.prover.rules.evolution import Induction, closed_form
from derivations.prover.zero import demand_zero


@dataclass(frozen=True)
class InductionOverSum(Induction):
    """Base and step, where the closed form adds up over the steps 0 to k-1: the step splits off the last term.

    Examples
    --------
    >>> from derivations.prover.definitions import read
    >>> f, x = sp.Function("f"), sp.Function("x")
    >>> k, j = (sp.Symbol(name, integer=True, nonnegative=True) for name in "kj")
    >>> known = read([sp.And(sp.Eq(f(0), 0), sp.Eq(f(k + 1), f(k) / 2 + x(k)))])
    >>> closed = sp.Sum(sp.Rational(1, 2) ** (k - 1 - j) * x(j), (j, 0, k - 1))
    >>> InductionOverSum().prove(sp.Eq(f(k), closed, evaluate=False), Context(known))
    'proved'
    """

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Check k = 0, where the sums are empty, then k -> k + 1 term by term."""
        head, evolution, closed = closed_form(claim, context)
        expand, k = context.definitions.expand, evolution.variable
        demand(not evolution.continuous and claim.lhs == head(k), "f(k) must stand on the left, f a recursion in k")
        sums = closed.atoms(sp.Sum)
        for one_sum in sums:
            ((_, low, high),) = one_sum.limits
            demand(low == 0 and high == k - 1, "a sum must run from 0 to k - 1")
        empty = closed.xreplace(dict.fromkeys(sums, sp.S.Zero)).subs(k, 0)
        demand_zero(expand(empty - evolution.start), "the base, k = 0,")
        longer = {}
        for position, one_sum in enumerate(sorted(sums, key=str)):
            ((j, *ends),) = one_sum.limits
            term = one_sum.function.subs(k, k + 1)
            longer[one_sum] = sp.Dummy(f"sum{position}"), sp.Sum(term, (j, *ends)) + term.subs(j, k)
        # The sums are set aside while k moves on, so that their ranges do not.
        outside = closed.xreplace({s: marker for s, (marker, _) in longer.items()}).subs(k, k + 1)
        shifted = outside.xreplace(dict(longer.values()))
        successor = evolution.rule.subs(head(k), closed)
        return Termwise().prove(sp.Eq(successor, shifted, evaluate=False), context)
