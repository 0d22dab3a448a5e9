"""Inequalities between numbers from 0 to 1: a gap that rises from 0, one that is seen to be positive, the end at 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import sympy as sp
from mpmath import mp

from derivations.errors import ProofError
from derivations.functions.arcsine import arcsine_sum
from derivations.laws.sign.substitution import factored, known_for_any
from derivations.prover import falsify
from derivations.prover.binders import BINDERS
from derivations.prover.known_signs import is_continuous, known_positive
from derivations.prover.proof import PROVED, Context, Proof, demand, demand_kind
from derivations.prover.rules.bounds import Tightness
from derivations.prover.zero import demand_zero

LAG = sp.Symbol("lag", integer=True, positive=True)


def below_one(expr: sp.Expr, context: Context) -> bool:
    """Whether an expression is seen to lie between 0 and 1: a product of such factors, and of their powers.

    Examples
    --------
    >>> x, y = sp.symbols("x y", positive=True)
    >>> below_one(x * (1 - y), Context(assumptions=(x < 1, y < 1)))
    True
    """
    factors = sp.Mul.make_args(context.definitions.expand(expr) if expr.is_Symbol else expr)
    if len(factors) > 1:
        return all(below_one(factor, context) for factor in factors)
    (factor,) = factors
    if isinstance(factor, sp.Pow) and factor.exp.is_positive:
        return below_one(factor.base, context)
    known = known_positive(factor, context) and known_positive(1 - factor, context)
    return known or bool(factor.is_positive and (1 - factor).is_positive)


def refute_zero(expr: sp.Expr, context: Context, what: str) -> None:
    """Refute with numbers that an expression is zero: SymPy needs seconds to give up."""
    for drawn in context.envs[:2]:
        env = drawn.at(LAG, mp.mpf(3))
        parts = [abs(falsify.number(part, env)) for part in sp.Add.make_args(expr)]
        if not falsify.close(falsify.number(expr, env), 0, max(parts)):
            raise ProofError(f"{what} is not 0 at {falsify.show(env, expr)}")


def known_below_one(symbol: sp.Symbol, step: str, sides: tuple[sp.Expr, ...], context: Context) -> tuple[sp.Expr, ...]:
    """Write out an earlier claim as far as a symbol moves it, which must be known for all values from 0 to 1."""
    demand(symbol.is_positive and not symbol.is_integer, f"{symbol} is not declared positive")
    demand(not any(side.has(*BINDERS) for side in sides), f"{step} binds a symbol")
    return known_for_any(symbol, step, sides, context, (symbol < 1, 1 - symbol**2 > 0))


def negative_logarithms(expr: sp.Expr, context: Context) -> sp.Expr:
    """Replace logarithms of numbers between 0 and 1 by minus a positive symbol."""
    logs = [log for log in expr.atoms(sp.log) if below_one(log.args[0], context)]
    return expr.xreplace({log: -sp.Dummy("known", positive=True) for log in logs})


def not_negative(square: sp.Expr, context: Context) -> bool:
    """Whether a square is seen not to be negative: so the root is real, and so is that of a larger square."""
    units = {}
    for symbol in square.free_symbols:
        if symbol.is_positive and known_positive(1 - symbol, context):
            image = sp.Dummy("q", positive=True)
            units[symbol] = image / (1 + image)
    for total in square.atoms(arcsine_sum):
        epsilon, c, b = total.args
        weights = (epsilon == 0 or below_one(1 - epsilon, context)) and below_one(b, context)
        if weights and sp.factor(sp.together(c.subs(units))).is_positive:
            square = square.xreplace({total: sp.Dummy("known", positive=True)})
    square = negative_logarithms(square, context)
    return sp.factor(sp.together(factored(square.subs(units)))).is_positive is True


def _positive(expr: sp.Expr) -> bool:
    return bool(expr.is_positive or sp.factor(sp.together(expr)).is_positive)


@dataclass(frozen=True)
class Rises(Proof):
    """The gap rhs - lhs is 0 at 0, continuous, and its derivative is positive between 0 and 1.

    Parameters
    ----------
    variable : sympy.Symbol
        What runs from 0 to 1, ends excluded; assumed to be below 1.
    slope : sympy.Expr
        The derivative of the gap, in a form whose sign SymPy decides.
    others : tuple of sympy.Symbol
        Other symbols assumed to be below 1.

    Examples
    --------
    >>> t = sp.Symbol("t", positive=True)
    >>> root = sp.sqrt(1 - t**2)
    >>> Rises(t, t**2 / (root * (1 + root))).prove(sp.Le(t, sp.asin(t)), Context(assumptions=(t < 1,)))
    'proved'
    """

    principle: ClassVar[str] = "A continuous function that is 0 at 0 and has a positive derivative is positive."

    variable: sp.Symbol
    slope: sp.Expr
    others: tuple[sp.Symbol, ...] = ()

    def falsify(self, claim: sp.Basic, context: Context) -> None:
        """Compare the derivative with its stated form, and the gap at 0 with 0, at some draws."""
        gap, slope = self._written_out(claim, context)
        for env in context.envs[:2]:
            start = falsify.number(gap, env.at(self.variable, mp.zero))
            if not falsify.close(start, 0, 1):
                raise ProofError(f"the gap at 0 is {mp.nstr(start, 6)}")
        refute_zero(sp.diff(gap, self.variable) - slope, context, "the derivative of the gap, less its stated form,")

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Check the value at 0, the derivative against its stated form, and the sign of that."""
        gap, slope = self._written_out(claim, context)
        units = {}
        for symbol in (self.variable, *self.others):
            demand(symbol.is_positive and (symbol < 1) in context.assumptions, f"0 < {symbol} < 1 is not assumed")
            image = sp.Dummy("q", positive=True)
            units[symbol] = image / (1 + image)
        demand_zero(gap.subs(self.variable, 0), "the gap at 0")
        from_zero = sp.Dummy("q", nonnegative=True)
        moved = gap.subs({**units, self.variable: from_zero / (1 + from_zero)})
        for arc in moved.atoms(sp.asin):
            inside = sp.cancel(sp.together(1 - arc.args[0] ** 2))
            demand(inside.is_positive, f"{arc.args[0]} is not seen to stay inside (-1, 1)")
            demand(is_continuous(arc.args[0], from_zero), f"{arc.args[0]} is not seen to be continuous")
        smooth = moved.xreplace({arc: sp.atan(arc.args[0]) for arc in moved.atoms(sp.asin)})
        demand(is_continuous(smooth, from_zero), "the gap is not seen to be continuous")
        demand_zero(sp.diff(gap, self.variable) - slope, "the derivative of the gap")
        factors = [factored(f.subs(units)) for f in sp.Mul.make_args(slope)]
        demand(all(_positive(f) for f in factors), "the derivative is not seen to be positive")
        return PROVED

    def _written_out(self, claim: sp.Basic, context: Context) -> tuple[sp.Expr, sp.Expr]:
        """Return the gap and its stated derivative: what is defined through the variable moves with it."""
        demand_kind(claim, sp.Le)
        expand = context.definitions.expand_moving
        return expand(claim.rhs - claim.lhs, self.variable), expand(self.slope, self.variable)


@dataclass(frozen=True)
class BelowOne(Proof):
    """A positive expression is below 1: the gap has a form in which SymPy sees that it is positive.

    Parameters
    ----------
    gap : sympy.Expr
        The gap.
    positive : tuple of sympy.Expr
        Expressions that an assumption says are positive.
    tight : Tightness
        Where both sides meet, or what the gap tends to.
    """

    principle: ClassVar[str] = "A number whose distance to 1 is positive is below 1."

    gap: sp.Expr
    positive: tuple[sp.Expr, ...]
    tight: Tightness

    def falsify(self, claim: sp.Basic, context: Context) -> None:
        """Check the tightness."""
        demand_kind(claim, sp.Lt)
        self.tight.falsify(claim, context)
        refute_zero(claim.rhs - claim.lhs - self.gap, context, "the gap, less its stated form,")

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Compare the gap with its stated form, and decide both signs."""
        demand_kind(claim, sp.Lt)
        demand(claim.rhs == 1, "1 must stand on the right")
        demand_zero(1 - claim.lhs - self.gap, "the gap against its stated form")
        for known in self.positive:
            demand(known_positive(known, context), f"{known} > 0 is not assumed")
        # Where they stand as they are: `subs` would write 1 + x as 2 - (1 - x).
        seen = {known: sp.Dummy("known", positive=True) for known in self.positive}
        for expr, what in ((claim.lhs, "the left-hand side"), (self.gap, "the gap")):
            demand(not expr.has(*BINDERS), f"{what} binds a symbol")
            demand(expr.xreplace(seen).is_positive, f"{what} is not seen to be positive")
        return PROVED


@dataclass(frozen=True)
class AtOne(Proof):
    """An earlier inequality for 0 < symbol < 1 holds at 1 as well, where both sides are continuous.

    Parameters
    ----------
    step : str
        The earlier inequality.
    symbol : sympy.Symbol
        The symbol.
    """

    principle: ClassVar[str] = (
        "An inequality with <= goes over to the end of an interval where both sides are continuous."
    )

    step: str
    symbol: sp.Symbol

    @property
    def sources(self) -> tuple[str, ...]:
        """The earlier inequality."""
        return (self.step,)

    def falsify(self, claim: sp.Basic, context: Context) -> None:
        """Compare the sides with the earlier ones at 1, by numbers."""
        demand_kind(claim, sp.Le)
        earlier = context.claim(self.step)
        demand_kind(earlier, sp.Le)
        for env in context.envs[:2]:
            for got, source in zip(claim.args, earlier.args, strict=True):
                wanted = falsify.number(source, env.at(self.symbol, mp.one))
                if not falsify.close(falsify.number(got, env), wanted, abs(wanted)):
                    raise ProofError(f"a side is not the earlier one at {self.symbol} = 1")

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Put 1, after seeing that arc sines keep inside [-1, 1] and nothing else can jump."""
        earlier = context.claim(self.step)
        demand_kind(claim, sp.Le)
        demand_kind(earlier, sp.Le)
        sides = known_below_one(self.symbol, self.step, earlier.args, context)
        demand((self.symbol < 1) in context.assumptions, f"{self.symbol} < 1 is not assumed")
        for got, source in zip(claim.args, sides, strict=True):
            for node in sp.preorder_traversal(source):
                plain = isinstance(node, sp.Symbol | sp.Add | sp.Mul | sp.Number | sp.NumberSymbol)
                arc = isinstance(node, sp.asin) and below_one(node.args[0], context)
                demand(plain or arc or not node.has(self.symbol), f"{node} is not seen to be continuous")
            got = context.definitions.expand_moving(got, self.symbol)
            demand(got == source.subs(self.symbol, 1), f"{got} is not {source} at {self.symbol} = 1")
        return PROVED
