"""What is not proved: approximations with a measured error, and claims supported by numbers alone."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations, product
from typing import Any

import sympy as sp
from mpmath import mp

from derivations.errors import ProofError
from derivations.prover import falsify
from derivations.prover.evaluate import Environment
from derivations.prover.peaks import Place, highest
from derivations.prover.proof import CHECKED, Context, Proof, demand, demand_kind

CORNER = 2e-3
# Places measured once, besides the grid that every corruption of the claim meets.
BETWEEN = 60
# How far beyond an open end the error is measured: downwards, and upwards, where integrals get hard.
BELOW, ABOVE = 10_000, 3
SEED = 8


@dataclass(frozen=True)
class MeasuredError(Proof):
    """The largest relative error over a range, measured: neither larger nor much smaller than stated.

    Parameters
    ----------
    variable : sympy.Symbol
        The variable that runs over the range; symbols without a range take the draws' values.
    low, high : float or sympy.Expr
        Range, covered by a geometric grid. An expression of variables that stand before it makes the box oblique.
    error : float
        Stated bound of |rhs/lhs - 1|.
    points : int
        Points of the grid, in each direction.
    also : tuple of (sympy.Symbol, float, float)
        More variables with their ranges.
    corners : tuple of float
        rhs/lhs - 1 at every corner of the ranges, the last variable fastest: what pins each constant, as the bound
        does not.
    open_below, open_above : tuple of sympy.Symbol
        Variables that may go on beyond that end, towards 0 or without end: the error stays below the bound there, as
        is measured far beyond every corner.
    """

    variable: sp.Symbol
    low: float | sp.Expr
    high: float | sp.Expr
    error: float
    points: int = 9
    also: tuple[tuple[sp.Symbol, float | sp.Expr, float | sp.Expr], ...] = ()
    corners: tuple[float, ...] = ()
    open_below: tuple[sp.Symbol, ...] = ()
    open_above: tuple[sp.Symbol, ...] = ()

    @property
    def ranges(self) -> tuple[tuple[sp.Symbol, float | sp.Expr, float | sp.Expr], ...]:
        """Every variable with its range."""
        return ((self.variable, self.low, self.high), *self.also)

    def borders(self) -> tuple[tuple[sp.Expr, sp.Expr, type[sp.Rel]], ...]:
        """Return every border of the box as its two sides and the relation between them, open ends left out.

        Examples
        --------
        >>> x = sp.Symbol("x")
        >>> MeasuredError(x, 0.001, 0.1, 0.05, open_below=(x,)).borders()
        ((x, 1/10, <class 'sympy.core.relational.LessThan'>),)
        """
        found: list[tuple[sp.Expr, sp.Expr, type[sp.Rel]]] = []
        for symbol, low, high in self.ranges:
            found += [(symbol, _exact(low), sp.Ge)] * (symbol not in self.open_below)
            found += [(symbol, _exact(high), sp.Le)] * (symbol not in self.open_above)
        return tuple(found)

    def falsify(self, claim: sp.Basic, context: Context) -> None:
        """Measure; a changed constant moves a corner, or makes the error larger, or leaves the statement stale."""
        demand_kind(claim, sp.Eq)
        for env in context.envs[:2]:
            places = (self._place(env, shares) for shares in self._lattice(2))
            for stated, place in zip(self.corners, places, strict=bool(self.corners)):
                found = self._error(claim, place)
                if abs(found - stated) > CORNER * max(abs(stated), mp.mpf("1e-5")):
                    raise ProofError(f"the error at a corner is {mp.nstr(found, 6)}, not the stated {stated}")
        worst = mp.zero
        for shares in self._lattice(self.points):
            worst = max(worst, abs(self._error(claim, self._place(context.envs[0], shares))))
            if worst > self.error:
                raise ProofError(f"the error reaches {mp.nstr(worst, 4)}, more than the stated {self.error}")
        if worst < 0.8 * self.error:
            raise ProofError(f"the error is only {mp.nstr(worst, 4)}, the stated {self.error} is stale")

    def _lattice(self, points: int) -> Iterator[Place]:
        """Yield the places of a lattice in the box, as shares of the way from low to high; 2 points: its corners."""
        return product([k / (points - 1) for k in range(points)], repeat=len(self.ranges))

    def _place(self, env: Environment, shares: Place) -> Environment:
        """Put each variable in turn at a share of the way between its ends, which those before it may move."""
        for (symbol, low, high), share in zip(self.ranges, shares, strict=True):
            first, last = _number(low, env), _number(high, env)
            where = last if share == 1 else first * mp.power(last / first, share)
            env = env.at(symbol, mp.nint(where) if symbol.is_integer else where)
        return env

    def _beyond(self, env: Environment) -> Iterator[Environment]:
        """Yield the corners with one open end far beyond, or two of them."""
        ends = [(symbol, BELOW) for symbol in self.open_below] + [(symbol, ABOVE) for symbol in self.open_above]
        for chosen in (*combinations(ends, 1), *combinations(ends, 2)):
            down, up = ({s: f for s, f in chosen if f == factor} for factor in (BELOW, ABOVE))
            for shares in self._lattice(2):
                moved = self._place(env, shares)
                for symbol, low, high in self.ranges:
                    below, above = down.get(symbol, 1), up.get(symbol, 1)
                    if below > 1:
                        moved = moved.at(symbol, _number(low, moved) / below)
                    elif above > 1:
                        moved = moved.at(symbol, _number(high, moved) * above)
                    elif isinstance(high, sp.Expr):  # an oblique box goes along
                        moved = moved.at(symbol, min(moved.values[symbol], _number(high, moved)))
                yield moved

    def _error(self, claim: sp.Eq, env: Environment) -> Any:
        left = falsify.number(claim.lhs, env)
        if left == 0:
            raise ProofError("the quantity approximated is 0")
        return falsify.number(claim.rhs, env) / left - 1

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Measure between the points of the grid too, at every draw, climb, and say so: it is never proved.

        The climb starts at the worst places seen and goes along the borders of the box as well: a maximum inside of
        one lies on no corner and between the points of any grid.
        """
        demand_kind(claim, sp.Eq)
        demand(bool(context.envs), "there is nothing to measure with")
        generator = random.Random(SEED)
        others = claim.free_symbols - {symbol for symbol, _, _ in self.ranges}
        first, drawn = context.envs[0], []
        for env in context.envs if others else context.envs[:1]:
            for _ in range(BETWEEN // (len(context.envs) if others else 1)):
                shares = tuple(generator.random() for _ in self.ranges)
                self._demand(claim, self._place(env, shares))
                drawn.append(shares)
        height = cache(lambda shares: abs(self._error(claim, self._place(first, shares))))
        _, top = highest(height, [(height(shares), shares) for shares in (*self._lattice(self.points), *drawn)])
        self._demand(claim, self._place(first, top))
        for place in self._beyond(context.envs[0]):
            self._demand(claim, place)
        return f"approximation ({self.stated})"

    @property
    def stated(self) -> str:
        """The error and the box in which it was measured."""
        return f"error <= {self.error:g} for {', '.join(map(self._range, self.ranges))}"

    def _demand(self, claim: sp.Eq, place: Environment) -> None:
        found = abs(self._error(claim, place))
        if found > self.error:
            raise ProofError(f"the error reaches {mp.nstr(found, 4)}, more than the stated {self.error}")

    def _range(self, span: tuple[sp.Symbol, float | sp.Expr, float | sp.Expr]) -> str:
        symbol, low, high = span
        left = "" if symbol in self.open_below else f"{_shown(low)} <= "
        right = "" if symbol in self.open_above else f" <= {_shown(high)}"
        return f"{left}{symbol}{right}" if right or not left else f"{symbol} >= {_shown(low)}"


def _exact(border: float | sp.Expr) -> sp.Expr:
    """Return a border as it was written: 0.001 is 1/1000."""
    return border if isinstance(border, sp.Expr) else sp.Rational(str(border))


def _number(border: float | sp.Expr, env: Environment) -> Any:
    return falsify.number(border, env) if isinstance(border, sp.Expr) else mp.mpf(border)


def _shown(border: float | sp.Expr) -> str:
    return str(border) if isinstance(border, sp.Expr) else f"{border:g}"


@dataclass(frozen=True)
class NumbersOnly(Proof):
    """No proof; the falsification found nothing."""

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Say so."""
        return CHECKED
