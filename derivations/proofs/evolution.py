"""Closed forms of recursions (induction) and of differential equations (substitution)."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp
from mpmath import mp

from derivations import falsify
from derivations.errors import ProofError
from derivations.proofs.base import PROVED, Context, Proof, demand_kind, demand_zero


def _closed_form(claim: sp.Basic, context: Context) -> tuple:
    demand_kind(claim, sp.Eq)
    head = getattr(claim.lhs, "func", None)
    if head not in context.definitions.evolutions:
        raise ProofError("the left-hand side is not a function defined by a recursion or a differential equation")
    return head, context.definitions.evolutions[head], claim.rhs


@dataclass(frozen=True)
class Induction(Proof):
    """Base and step: the closed form starts right and obeys the recursion."""

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Check k = 0, then k -> k + 1."""
        head, evolution, closed = _closed_form(claim, context)
        expand, k = context.definitions.expand, evolution.variable
        if evolution.continuous or claim.lhs != head(k):
            raise ProofError("induction needs f(k) on the left, f defined by a recursion in k")
        demand_zero(expand(closed.subs(k, 0) - evolution.start), "the base, k = 0,")
        successor = evolution.rule.subs(head(k), closed)
        demand_zero(
            expand(sp.expand(successor) - sp.expand(closed.subs(k, k + 1), power_exp=True)), "the step k -> k+1"
        )
        return PROVED


@dataclass(frozen=True)
class SolvesEquation(Proof):
    """Differentiate the closed form: it obeys the differential equation and its initial value.

    Uniqueness is Picard-Lindeloef: the right-hand side must be a polynomial in the unknown function.
    """

    def falsify(self, claim: sp.Basic, context: Context) -> None:
        """Compare a numerical derivative with the right-hand side at every draw."""
        head, evolution, closed = _closed_form(claim, context)
        t = evolution.variable
        for env in context.envs:
            slope = falsify.number(sp.Derivative(closed, t), env)
            wanted = falsify.number(evolution.rule.subs(head(t), closed), env)
            start, given = falsify.number(closed, env.at(t, mp.zero)), falsify.number(evolution.start, env)
            # Late in a relaxation the slope is a difference of nearly equal numbers.
            scale = max(abs(wanted), abs(slope), mp.mpf("1e-6") * abs(start)) or mp.one
            if abs(slope - wanted) > mp.mpf("1e-15") * scale or abs(start - given) > mp.mpf("1e-15") * abs(given):
                raise ProofError(f"does not solve its equation at {falsify.show(env, claim)}")

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Check the initial value and the equation."""
        head, evolution, closed = _closed_form(claim, context)
        expand, t = context.definitions.expand, evolution.variable
        if not evolution.continuous or claim.lhs != head(t):
            raise ProofError("f(t) must stand on the left, f defined by a differential equation in t")
        unknown = sp.Dummy("f")
        if not evolution.rule.subs(head(t), unknown).is_polynomial(unknown):
            raise ProofError("the right-hand side is not a polynomial, so the solution may not be unique")
        demand_zero(expand(closed.subs(t, 0) - evolution.start), "the initial value")
        demand_zero(expand(sp.diff(closed, t) - evolution.rule.subs(head(t), closed)), "the differential equation")
        return PROVED
