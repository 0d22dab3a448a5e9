"""Identities between nested finite sums: products of matrices, entry by entry, for any dimensions."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations, product
from typing import ClassVar

import sympy as sp

from derivations.errors import ProofError
from derivations.prover.proof import PROVED, Context, Proof, demand, demand_kind
from derivations.prover.rules.evolution import Induction, closed_form
from derivations.prover.zero import demand_zero

Limits = tuple[tuple[sp.Symbol, sp.Expr, sp.Expr], ...]
Term = tuple[sp.Expr, Limits]


@dataclass(frozen=True)
class FiniteSums(Proof):
    """Write both sides as sums over all indices of products, exchange and rename the indices, and compare.

    Legitimate where no range depends on another index, checked here: the sums are finite. A factor
    `Piecewise((1, j < k), (0, True))` under a sum from 0 that reaches k - 1 or further ends it at k - 1.

    Examples
    --------
    >>> a, b, d = *sp.symbols("a b", integer=True, positive=True), sp.Symbol("d", integer=True, positive=True)
    >>> f, g = sp.Function("f"), sp.Function("g")
    >>> one, other = (a, 1, d), (b, 1, d)
    >>> left, right = sp.Sum(f(a) * sp.Sum(g(a, b) * f(b), other), one), sp.Sum(f(a) * f(b) * g(b, a), one, other)
    >>> FiniteSums().prove(sp.Eq(left, right, evaluate=False), Context())
    'proved'
    """

    principle: ClassVar[str] = (
        "Finite sums over ranges that do not depend on each other may be exchanged, and their indices renamed."
    )

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Compare what is summed over the same ranges, made symmetric in indices of one range."""
        demand_kind(claim, sp.Eq)
        demand_zero_sums(context.definitions.expand(claim.lhs - claim.rhs))
        return PROVED


@dataclass(frozen=True)
class InductionOverNestedSums(Induction):
    """As `InductionOverSum`, where the summands, and the rule, may hold sums themselves.

    Examples
    --------
    >>> from derivations.prover.definitions import read
    >>> f, x, d = sp.Function("f"), sp.Function("x"), sp.Symbol("d", integer=True, positive=True)
    >>> k, j, i = *(sp.Symbol(s, integer=True, nonnegative=True) for s in "kj"), sp.Symbol("i", integer=True)
    >>> inner = sp.Sum(x(i, k), (i, 1, d))
    >>> known = read([sp.And(sp.Eq(f(0), 0), sp.Eq(f(k + 1), f(k) / 2 + inner))])
    >>> closed = sp.Sum(sp.Rational(1, 2) ** (k - 1 - j) * inner.subs(k, j), (j, 0, k - 1))
    >>> InductionOverNestedSums().prove(sp.Eq(f(k), closed, evaluate=False), Context(known))
    'proved'
    """

    principle: ClassVar[str] = "Induction over the steps; finite sums may be exchanged, and their indices renamed."

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Check k = 0, where the sums over the steps are empty, then k -> k + 1."""
        head, evolution, closed = closed_form(claim, context)
        expand, k = context.definitions.expand, evolution.variable
        demand(not evolution.continuous and claim.lhs == head(k), "f(k) must stand on the left, f a recursion in k")
        closed = expand(closed)
        over_steps = [s for s in closed.atoms(sp.Sum) if any(limits[2].has(k) for limits in s.limits)]
        for one_sum in over_steps:
            demand(len(one_sum.limits) == 1, "a sum over the steps must stand by itself")
            ((_, low, high),) = one_sum.limits
            demand(low == 0 and high == k - 1, "a sum over the steps must run from 0 to k - 1")
            inside = one_sum.function.atoms(sp.Sum)
            demand(not any(s in over_steps for s in inside), "a sum over the steps stands in another")
        empty = closed.xreplace(dict.fromkeys(over_steps, sp.S.Zero)).subs(k, 0)
        demand_zero_sums(expand(empty - evolution.start))
        longer = {}
        for position, one_sum in enumerate(sorted(over_steps, key=str)):
            ((j, *ends),) = one_sum.limits
            term = one_sum.function.subs(k, k + 1)
            longer[one_sum] = sp.Dummy(f"sum{position}"), sp.Sum(term, (j, *ends)) + term.subs(j, k)
        # The sums are set aside while k moves on, so that their ranges do not.
        outside = closed.xreplace({s: marker for s, (marker, _) in longer.items()}).subs(k, k + 1)
        demand(not any(s.has(head) for s in evolution.rule.atoms(sp.Sum)), "f(k) stands under a sum in the rule")
        successor = evolution.rule.xreplace({head(k): closed})
        demand_zero_sums(expand(successor) - outside.xreplace(dict(longer.values())))
        return PROVED


def demand_zero_sums(expr: sp.Expr) -> None:
    """Raise ProofError unless an expression in finite sums is zero for all that may be summed."""
    groups: dict[tuple[tuple[sp.Expr, sp.Expr], ...], list[Term]] = {}
    for summand, limits in map(_unmasked, _terms(expr)):
        ordered = tuple(sorted(limits, key=lambda limit: sp.default_sort_key(limit[1:])))
        groups.setdefault(tuple((low, high) for _, low, high in ordered), []).append((summand, ordered))
    for ranges, terms in groups.items():
        total = sp.S.Zero
        indices = [sp.Dummy(f"index{k}", integer=True, nonnegative=True) for k in range(len(ranges))]
        same = [[k for k, r in enumerate(ranges) if r == one] for one in dict.fromkeys(ranges)]
        for summand, limits in terms:
            # A sum does not change when indices of one range change their names: take all names in turn.
            for orders in product(*map(permutations, same)):
                names = [indices[k] for order in orders for k in order]
                places = [limits[k][0] for kept in same for k in kept]
                total += summand.xreplace(dict(zip(places, names, strict=True)))
        demand_zero(sp.expand(total, power_exp=True), "the summand" if ranges else "what stands outside the sums")


def _terms(expr: sp.Expr) -> list[Term]:
    """Write an expression as terms, each a product with the indices it is summed over; every sum has its own index."""
    if not expr.has(sp.Sum):
        return [(expr, ())]
    if isinstance(expr, sp.Add):
        return [term for arg in expr.args for term in _terms(arg)]
    if isinstance(expr, sp.Pow) and expr.exp.is_Integer and expr.exp.is_positive:
        return _products([_terms(expr.base) for _ in range(int(expr.exp))])
    if isinstance(expr, sp.Mul):
        return _products([_terms(arg) for arg in expr.args])
    if isinstance(expr, sp.Sum):
        terms = _terms(expr.function)
        for variable, low, high in expr.limits:
            terms = [_summed(term, variable, low, high) for term in terms]
        return terms
    if isinstance(expr, sp.Piecewise) and len(expr.args) == 2 and tuple(expr.args[1]) == (0, sp.true):
        ((value, condition), _) = expr.args
        return _products([_terms(value), [(sp.Piecewise((1, condition), (0, True)), ())]])
    raise ProofError(f"{expr} is no polynomial in sums")


def _products(factors: list[list[Term]]) -> list[Term]:
    return [
        (sp.Mul(*(summand for summand, _ in chosen)), tuple(limit for _, limits in chosen for limit in limits))
        for chosen in product(*factors)
    ]


def _summed(term: Term, variable: sp.Symbol, low: sp.Expr, high: sp.Expr) -> Term:
    summand, limits = term
    demand(low.is_integer and low.is_nonnegative, f"the range of {variable} is not seen to begin at 0 or above")
    moving = [r for limit in limits for r in limit[1:] if r.has(variable)]
    demand(not moving, f"a range depends on {variable}")
    index = sp.Dummy(str(variable), **variable.assumptions0)
    return summand.xreplace({variable: index}), (*limits, (index, low, high))


def _unmasked(term: Term) -> Term:
    """End sums where a factor does: Piecewise((1, j < k), (0, True))."""
    summand, limits = term
    factors = list(sp.Mul.make_args(summand))
    for factor in [f for f in factors if isinstance(f, sp.Piecewise)]:
        (value, condition), *rest = factor.args
        demand(len(rest) == 1 and tuple(rest[0]) == (0, sp.true), f"{factor} is not 0 elsewhere")
        demand(isinstance(condition, sp.Lt), f"{condition} is no end of a range")
        end, found = condition.rhs, [limit for limit in limits if limit[0] == condition.lhs]
        demand(len(found) == 1 and not end.has(*(index for index, *_ in limits)), f"{condition} is no end of a range")
        ((index, low, high),) = found
        inside = low == 0 and end.is_integer and end.is_nonnegative and (high + 1 - end).is_nonnegative
        demand(inside, f"{end} is not seen to lie in the range")
        limits = tuple((index, low, end - 1) if limit[0] == index else limit for limit in limits)
        factors[factors.index(factor)] = value
    return sp.Mul(*factors), limits
