"""Closed forms of recursions (induction) and of differential equations (substitution)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import sympy as sp
from mpmath import mp
from sympy.core.function import AppliedUndef

from derivations.errors import ProofError
from derivations.prover import falsify
from derivations.prover.known_signs import is_continuous
from derivations.prover.proof import PROVED, Context, Proof, demand, demand_kind
from derivations.prover.zero import demand_zero

STEPS = 4


def closed_form(claim: sp.Basic, context: Context) -> tuple:
    """Return the function, its evolution and the closed form claimed for it, or raise ProofError."""
    demand_kind(claim, sp.Eq)
    head = getattr(claim.lhs, "func", None)
    if head not in context.definitions.evolutions:
        raise ProofError("the left-hand side is not a function defined by a recursion or a differential equation")
    evolution, moved = context.definitions.evolutions[head], context.definitions.expand_moving
    # What is defined through the step or the time moves with it.
    start, rule, closed = (moved(part, evolution.variable) for part in (evolution.start, evolution.rule, claim.rhs))
    return head, replace(evolution, start=start, rule=rule), closed


def _iterate(head: Any, closed: sp.Expr, variable: sp.Symbol, context: Context) -> None:
    """Put the closed form into the equations of the definition as they stand, for the first few numbers of steps."""
    form = sp.Lambda(variable, closed)
    for relation in context.definitions.stated[head]:
        left, right = (side.replace(head, form) for side in relation.args)
        for env in context.envs[:2]:
            for k in range(STEPS):
                here = env.at(variable, mp.mpf(k))
                got, wanted = falsify.number(left, here), falsify.number(right, here)
                if not falsify.close(got, wanted, max(abs(got), abs(wanted))):
                    raise ProofError(f"does not satisfy {relation} at {variable} = {k}")


@dataclass(frozen=True)
class Induction(Proof):
    """Base and step: the closed form starts right and obeys the recursion."""

    def falsify(self, claim: sp.Basic, context: Context) -> None:
        """Put the closed form into the definition as it stands."""
        head, evolution, closed = closed_form(claim, context)
        _iterate(head, closed, evolution.variable, context)

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Check k = 0, then k -> k + 1."""
        head, evolution, closed = closed_form(claim, context)
        expand, k = context.definitions.expand, evolution.variable
        if evolution.continuous or claim.lhs != head(k):
            raise ProofError("induction needs f(k) on the left, f defined by a recursion in k")
        demand_zero(self.normal(expand(closed.subs(k, 0) - evolution.start)), "the base, k = 0,")
        successor = evolution.rule.subs(head(k), closed)
        gap = expand(sp.expand(successor) - sp.expand(closed.subs(k, k + 1), power_exp=True))
        demand_zero(self.normal(gap), "the step k -> k+1")
        return PROVED

    def normal(self, difference: sp.Expr) -> sp.Expr:
        """Return the same number in a form in which zero is easier to see."""
        return difference


@dataclass(frozen=True)
class SolvesEquation(Proof):
    """Differentiate the closed form: it obeys the differential equation and its initial value.

    Uniqueness is Picard-Lindeloef: the right-hand side must be a polynomial in the unknown function, its coefficients
    and the closed form continuous from time 0 on.
    """

    def falsify(self, claim: sp.Basic, context: Context) -> None:
        """Compare a numerical derivative with the right-hand side at every draw."""
        head, evolution, closed = closed_form(claim, context)
        t = evolution.variable
        for env in context.envs:
            slope = falsify.number(sp.Derivative(closed, t), env)
            wanted = falsify.number(evolution.rule.subs(head(t), closed), env)
            start, given = falsify.number(closed, env.at(t, mp.zero)), falsify.number(evolution.start, env)
            # Late in a relaxation the slope is a difference of nearly equal numbers.
            scale = max(abs(wanted), abs(slope), mp.mpf("1e-6") * abs(start)) or mp.one
            # The equation as it stands, not as it was read.
            for stated in context.definitions.stated[head]:
                left, right = (side.replace(head, sp.Lambda(t, closed)) for side in stated.args)
                gap = abs(falsify.number(left, env) - falsify.number(right, env))
                if gap > mp.mpf("1e-15") * max(scale, abs(given)):
                    raise ProofError(f"does not satisfy {stated} at {falsify.show(env, claim)}")
            if abs(slope - wanted) > mp.mpf("1e-15") * scale or abs(start - given) > mp.mpf("1e-15") * abs(given):
                raise ProofError(f"does not solve its equation at {falsify.show(env, claim)}")

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Check the initial value and the equation."""
        head, evolution, closed = closed_form(claim, context)
        expand, t = context.definitions.expand, evolution.variable
        if not evolution.continuous or claim.lhs != head(t):
            raise ProofError("f(t) must stand on the left, f defined by a differential equation in t")
        unknown = sp.Dummy("f")
        rule = expand(evolution.rule).subs(head(t), unknown)
        if not rule.is_polynomial(unknown):
            raise ProofError("the right-hand side is not a polynomial, so the solution may not be unique")
        demand(is_continuous(rule, t), "the right-hand side is not seen to be continuous, so others may solve it")
        demand(is_continuous(expand(closed), t), "the closed form is not seen to be continuous")
        demand_zero(expand(closed.subs(t, 0) - evolution.start), "the initial value")
        demand_zero(expand(sp.diff(closed, t) - evolution.rule.subs(head(t), closed)), "the differential equation")
        return PROVED


@dataclass(frozen=True)
class Telescope(Proof):
    """A sum of the increments of a recursion f from 0 to M-1 is f(M) - f(0), by induction over M.

    The claim is `Eq(f(M) - start, Sum(increment, (k, 0, M - 1)))`.
    """

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Check the range, the start, and the increment against the recursion."""
        demand_kind(claim, sp.Eq)
        demand_kind(claim.rhs, sp.Sum)
        ends = [f for f in claim.lhs.atoms(AppliedUndef) if f.func in context.definitions.evolutions]
        demand(len(ends) == 1, "f(M) - f(0) is needed on the left, f defined by a recursion")
        (last,) = ends
        evolution, (top,) = context.definitions.evolutions[last.func], last.args
        demand(not evolution.continuous, "f must be defined by a recursion")
        ((k, low, high),) = claim.rhs.limits
        demand(top.is_integer and top.is_nonnegative, f"{top} is not seen to be a number of steps")
        demand(low == 0 and high == top - 1, "the sum must run from 0 to M - 1")
        expand, moved = context.definitions.expand, context.definitions.expand_moving
        demand_zero(expand(claim.lhs - last + evolution.start), "the start")
        increment = moved(evolution.rule - last.func(evolution.variable), evolution.variable)
        increment = increment.subs(evolution.variable, k)
        demand_zero(expand(claim.rhs.function - increment), "the increment")
        return PROVED
