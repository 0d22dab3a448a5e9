"""Inequalities about sums over lags: term by term, against an integral, and what follows from earlier ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import sympy as sp
from mpmath import mp

from derivations.errors import ProofError
from derivations.functions.arcsine import arcsine_sum
from derivations.laws.sign.substitution import factored
from derivations.laws.sign.unit_interval import (
    LAG,
    below_one,
    known_below_one,
    negative_logarithms,
    not_negative,
    refute_zero,
)
from derivations.prover import falsify
from derivations.prover.evaluate import Environment
from derivations.prover.known_signs import known_positive, positively
from derivations.prover.proof import PROVED, Context, Proof, demand, demand_kind
from derivations.prover.zero import demand_zero


def special(
    step: str, values: tuple[tuple[sp.Symbol, sp.Expr], ...], context: Context, largest: str | None = None
) -> tuple[sp.Expr, sp.Expr]:
    """Return the sides of an earlier inequality with values for its symbols, which its assumptions allow.

    Parameters
    ----------
    step : str
        The earlier inequality.
    values : tuple of (sympy.Symbol, sympy.Expr)
        What to put, between 0 and 1.
    context : Context
        Assumptions and earlier claims.
    largest : str or None
        A step proved by `BelowOne`, whose left-hand side is a value's factor.
    """
    earlier = context.claim(step)
    demand_kind(earlier, sp.Le)
    known = _below(largest, context) if largest else sp.S.One
    sides = earlier.args
    for symbol, value in values:
        sides = known_below_one(symbol, step, sides, context)
        inside = below_one(value, context) or _at_most_one(sp.cancel(value / known), context)
        demand(inside, f"{value} is not seen to lie between 0 and 1")
    low, high = (side.subs(dict(values), simultaneous=True) for side in sides)
    return low, high


def _below(step: str, context: Context) -> sp.Expr:
    """Return the left-hand side of an earlier `lhs < 1`, seen to be positive."""
    known = context.claim(step)
    demand_kind(known, sp.Lt)
    demand(known.rhs == 1, f"{known} has no 1 on the right")
    gaps = [a.gts - a.lts for a in context.assumptions if isinstance(a, sp.Lt | sp.Gt)]
    seen = known.lhs.xreplace({gap: sp.Dummy("known", positive=True) for gap in gaps})
    demand(seen.is_positive, f"{known.lhs} is not seen to be positive")
    return known.lhs


def _at_most_one(expr: sp.Expr, context: Context) -> bool:
    """Whether an expression is a power of a number between 0 and 1, the exponent not negative."""
    expr = sp.powsimp(expr)
    return isinstance(expr, sp.Pow) and bool(expr.exp.is_nonnegative) and below_one(expr.base, context)


def _term(total: sp.Expr) -> sp.Expr:
    """Return the term of a sum at lag k."""
    demand_kind(total, arcsine_sum)
    added = total.rewrite(sp.Sum)
    demand_kind(added, sp.Sum)
    return added.function.subs(added.variables[0], LAG)


def _converges(total: sp.Expr, known: sp.Expr, context: Context) -> bool:
    """Whether the arguments of a sum are seen to be those for which it has a value."""
    epsilon, c, b = total.args
    first = c == 1 or below_one(c, context) or sp.cancel(c * b - known) == 0
    return first and below_one(b, context) and (epsilon == 0 or below_one(1 - epsilon, context))


def _refute_sides(claim: sp.Basic, wanted: tuple[sp.Expr, sp.Expr], context: Context) -> None:
    """Refute with numbers that a bound has these sides."""
    for got, side in zip(claim.args, wanted, strict=True):
        refute_zero(got - side, context, "a side of the bound, less what is shown,")


@dataclass(frozen=True)
class TermByTerm(Proof):
    """A sum over lags k >= 1 is at most another: each term is an earlier inequality's side, times the same weight.

    Parameters
    ----------
    step : str
        The earlier inequality, proved for symbols between 0 and 1.
    values : tuple of (sympy.Symbol, sympy.Expr)
        What to put for its symbols at lag k, in terms of `LAG`.
    weight : sympy.Expr
        What both sides are multiplied by, positive, in terms of `LAG`.
    geometric : tuple of (sympy.Expr, sympy.Expr)
        First factor r and ratio q of the side that is no `arcsine_sum` but the sum of r q^k; q between 0 and 1.
    positive : tuple of sympy.Expr
        Expressions that an assumption says are positive.
    largest : str or None
        A step proved by `BelowOne`: the value at lag 1 is its left-hand side, and shrinks from there.
    """

    principle: ClassVar[str] = "A sum that converges is at most another one whose terms are at least as large."

    step: str
    values: tuple[tuple[sp.Symbol, sp.Expr], ...]
    weight: sp.Expr = sp.S.One
    geometric: tuple[sp.Expr, sp.Expr] | None = None
    positive: tuple[sp.Expr, ...] = ()
    largest: str | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        """The earlier inequalities."""
        return (self.step,) if self.largest is None else (self.step, self.largest)

    def falsify(self, claim: sp.Basic, context: Context) -> None:
        """Compare a term of each sum, and the geometric sum, by numbers."""
        demand_kind(claim, sp.Le)
        pointwise = context.claim(self.step)
        demand_kind(pointwise, sp.Le)
        for env in context.envs[:2]:
            here = env.at(LAG, mp.mpf(3))
            inside = _put(self.values, here)
            weight = falsify.number(self.weight, here)
            for side, wanted in zip(claim.args, pointwise.args, strict=True):
                if isinstance(side, arcsine_sum):
                    got = falsify.number(_term(side), here)
                    shown = weight * falsify.number(wanted, inside)
                else:
                    first, ratio = self._first_and_ratio()
                    got, step = falsify.number(side, env), falsify.number(ratio, env)
                    shown = falsify.number(first, env) * step / (1 - step)
                if not falsify.close(got, shown, abs(shown)):
                    raise ProofError(f"a side is not that of the earlier terms at {falsify.show(env, claim)}")

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Compare the terms at lag k."""
        demand_kind(claim, sp.Le)
        demand(LAG not in claim.free_symbols | context.definitions.behind(claim), f"{LAG} is the lag")
        known = _below(self.largest, context) if self.largest else sp.S.One
        for total in claim.atoms(arcsine_sum):
            demand(_converges(total, known, context), f"{total} is not seen to converge")
        pointwise = special(self.step, self.values, context, self.largest)
        # The arc sine of a number between 0 and 1 is positive.
        arcs = [arc for arc in self.weight.atoms(sp.asin) if below_one(arc.args[0], context)]
        weight = self.weight.xreplace({arc: sp.Dummy("known", positive=True) for arc in arcs})
        demand(positively(weight, self.positive, context).is_positive, "the weight is not seen to be positive")
        for side, wanted in zip(claim.args, pointwise, strict=True):
            term = _term(side) if isinstance(side, arcsine_sum) else self._geometric(side, context)
            refute_zero(term - self.weight * wanted, context, f"a term of {side}, less the earlier side,")
            demand_zero(sp.expand(term - self.weight * wanted), f"a term of {side}")
        return PROVED

    def _first_and_ratio(self) -> tuple[sp.Expr, sp.Expr]:
        if self.geometric is None:
            raise ProofError("a side is neither an arcsine sum nor said to be geometric")
        return self.geometric

    def _geometric(self, side: sp.Expr, context: Context) -> sp.Expr:
        first, ratio = self._first_and_ratio()
        behind = context.definitions.behind(first + ratio)
        demand(LAG not in (first + ratio).free_symbols | behind, "first factor and ratio must be constants")
        demand(below_one(ratio, context), f"{ratio} is not seen to lie between 0 and 1")
        refute_zero(side - first * ratio / (1 - ratio), context, "the geometric sum, less that stated,")
        demand_zero(side - first * ratio / (1 - ratio), "the geometric sum")
        return first * ratio**LAG


@dataclass(frozen=True)
class IntegralTest(Proof):
    """Compare h times the sum of f(h k) over k >= 1 with the integral of a falling, convex f from 0 to oo.

    `h S <= I` holds since f falls: a bar of width h ends where it is lowest. `I - h f(0)/2 <= h S` holds since f is
    convex: trapezoids lie above it. The claim is one of the two, with the integral's value for I.

    Parameters
    ----------
    total : sympy.Expr
        The sum S, an `arcsine_sum`.
    spacing : sympy.Expr
        The distance h of the points, known to be positive.
    integral : str
        The earlier step `Integral(f, (t, 0, oo)) = I`.
    start : sympy.Expr
        f(0).
    fall, bend : sympy.Expr
        -f' and f'', in forms whose sign is seen once exp(p) - 1 is known to be positive for positive p.
    """

    principle: ClassVar[str] = (
        "Bars below a falling function lie under its integral, trapezoids over a convex one above it."
    )

    total: sp.Expr
    spacing: sp.Expr
    integral: str
    start: sp.Expr
    fall: sp.Expr
    bend: sp.Expr

    @property
    def sources(self) -> tuple[str, ...]:
        """The integral."""
        return (self.integral,)

    def falsify(self, claim: sp.Basic, context: Context) -> None:
        """Compare the sides with those of the bound by numbers."""
        demand_kind(claim, sp.Le)
        known = context.claim(self.integral)
        demand_kind(known, sp.Eq)
        _refute_sides(claim, self._sides(claim, known.rhs), context)

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Check the terms, the shape of f, and that the claim is one of the two bounds."""
        demand_kind(claim, sp.Le)
        known = context.claim(self.integral)
        demand_kind(known, sp.Eq)
        demand_kind(known.lhs, sp.Integral)
        ((t, low, high),) = known.lhs.limits
        f, value = known.lhs.function, known.rhs
        demand(low == 0 and high == sp.oo and t.is_positive, "the range must be from 0 to oo")
        demand(known_positive(self.spacing, context), f"{self.spacing} > 0 is not assumed")
        demand_zero(_term(self.total) - f.subs(t, self.spacing * LAG), "the term against f(h k)")
        self._shape(f, t)
        for got, wanted in zip(claim.args, self._sides(claim, value), strict=True):
            demand_zero(got - wanted, "a side of the bound")
        return PROVED

    def _sides(self, claim: sp.Le, value: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        above = claim.lhs.has(arcsine_sum)
        scaled = self.spacing * self.total
        return (scaled, value) if above else (value - self.spacing * self.start / 2, scaled)

    def _shape(self, f: sp.Expr, t: sp.Symbol) -> None:
        """Demand that f is positive, starts at `start` without a jump, falls and is convex."""
        # The arc sine is continuous on [-1, 1], where exp(-t) stays for t >= 0.
        demand(f == sp.asin(sp.exp(-t)), "only the arc sine of exp(-t) is known here")
        demand_zero(f.subs(t, 0) - self.start, "the value at 0")
        beyond = sp.Dummy("r", positive=True)
        there = sp.log(1 + beyond)
        for stated, slope, what in (
            (self.fall, -sp.diff(f, t), "falling"),
            (self.bend, sp.diff(f, t, 2), "convex"),
        ):
            demand_zero(factored((slope - stated).subs(t, there)), f"the derivative that says {what}")
            demand(factored(stated.subs(t, there)).is_positive, f"f is not seen to be {what}")


@dataclass(frozen=True)
class Follows(Proof):
    """The gap rhs - lhs, or that of the squares, is a sum of earlier gaps times positive factors.

    Parameters
    ----------
    parts : tuple of (str, values, sympy.Expr)
        Earlier inequality, what to put for its symbols, and the factor of its gap.
    positive : tuple of sympy.Expr
        Expressions that an assumption says are positive.
    squared : bool
        Compare squares: both sides must be square roots times what is positive, so not negative.

    Examples
    --------
    >>> x, y = sp.symbols("x y", positive=True)
    >>> context = Context(assumptions=(x < 1,), earlier={"step": sp.Le(x * y, y, evaluate=False)})
    >>> Follows((("step", (), sp.Integer(3)),)).prove(sp.Le(3 * x * y, 3 * y, evaluate=False), context)
    'proved'
    """

    principle: ClassVar[str] = (
        "Inequalities times positive factors may be added; of two numbers that are not negative the larger "
        "has the larger square."
    )

    parts: tuple[tuple[str, tuple[tuple[sp.Symbol, sp.Expr], ...], sp.Expr], ...]
    positive: tuple[sp.Expr, ...] = ()
    squared: bool = False

    @property
    def sources(self) -> tuple[str, ...]:
        """The earlier inequalities."""
        return tuple(name for name, _, _ in self.parts)

    def falsify(self, claim: sp.Basic, context: Context) -> None:
        """Add up the earlier gaps by numbers."""
        left, right = self._compared(claim)
        for env in context.envs[:2]:
            sides = falsify.number(left, env), falsify.number(right, env)
            gap = mp.zero
            for name, values, factor in self.parts:
                known, here = context.claim(name), _put(values, env)
                demand_kind(known, sp.Le)
                gap += falsify.number(factor, env) * (falsify.number(known.rhs, here) - falsify.number(known.lhs, here))
            if not falsify.close(sides[1] - sides[0], gap, max(map(abs, sides))):
                raise ProofError(f"the gap is not that of the earlier ones at {falsify.show(env, claim)}")

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Add up the earlier gaps, and compare."""
        for _, _, factor in self.parts:
            signed = positively(negative_logarithms(factor, context), self.positive, context)
            demand(signed.is_positive, f"{factor} is not seen to be positive")
        left, right = self._compared(claim)
        if self.squared:
            demand(not_negative(left, context), "the square of the smaller side is not seen to be positive")
        earlier = [(factor, special(name, values, context)) for name, values, factor in self.parts]
        rest = right - left - sp.Add(*(factor * (high - low) for factor, (low, high) in earlier))
        demand_zero(sp.cancel(sp.together(rest)), "the gap, less the earlier ones,")
        return PROVED

    def _compared(self, claim: sp.Basic) -> tuple[sp.Expr, sp.Expr]:
        """Return the sides that are compared."""
        demand_kind(claim, sp.Le)
        left, right = claim.args
        if self.squared:
            demand(_is_root(left) and _is_root(right), "a side is not seen to be a square root")
            return left**2, right**2
        return left, right


def _put(values: tuple[tuple[sp.Symbol, sp.Expr], ...], env: Environment) -> Environment:
    """Return the numbers with values put for some symbols, all at once."""
    inside = env
    for symbol, value in values:
        inside = inside.at(symbol, falsify.number(value, env))
    return inside


def _is_root(side: sp.Expr) -> bool:
    """Whether a side is a square root, whatever under it, times what is positive."""
    roots = [f for f in sp.Mul.make_args(side) if isinstance(f, sp.Pow) and abs(f.exp) == sp.S.Half]
    return all(f.is_positive for f in sp.Mul.make_args(side) if f not in roots)
