"""What is not proved: approximations with a measured error, and claims supported by numbers alone."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import sympy as sp
from mpmath import mp

from derivations import falsify
from derivations.errors import ProofError
from derivations.numeric import Environment
from derivations.proofs.base import CHECKED, Context, Proof, demand, demand_kind

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
            places = self._places(env, lambda low, high: (low, high))
            for stated, place in zip(self.corners, places, strict=bool(self.corners)):
                found = self._error(claim, place)
                if abs(found - stated) > CORNER * max(abs(stated), mp.mpf("1e-5")):
                    raise ProofError(f"the error at a corner is {mp.nstr(found, 6)}, not the stated {stated}")
        worst = mp.zero
        for place in self._places(context.envs[0], self._grid):
            worst = max(worst, abs(self._error(claim, place)))
            if worst > self.error:
                raise ProofError(f"the error reaches {mp.nstr(worst, 4)}, more than the stated {self.error}")
        if worst < 0.8 * self.error:
            raise ProofError(f"the error is only {mp.nstr(worst, 4)}, the stated {self.error} is stale")

    def _grid(self, low: Any, high: Any) -> Sequence[Any]:
        return [low * mp.power(high / low, mp.mpf(k) / (self.points - 1)) for k in range(self.points)]

    def _places(
        self, env: Environment, numbers: Callable[[Any, Any], Sequence[Any]], known: int = 0
    ) -> Iterator[Environment]:
        """Yield the environments in which each variable in turn takes the numbers chosen between its ends."""
        if known == len(self.ranges):
            yield env
            return
        symbol, low, high = self.ranges[known]
        for where in numbers(_number(low, env), _number(high, env)):
            placed = mp.nint(where) if symbol.is_integer else mp.mpf(where)
            yield from self._places(env.at(symbol, placed), numbers, known + 1)

    def _beyond(self, env: Environment) -> Iterator[Environment]:
        """Yield the corners with one open end far beyond, or two of them."""
        ends = [(symbol, BELOW) for symbol in self.open_below] + [(symbol, ABOVE) for symbol in self.open_above]
        for chosen in (*combinations(ends, 1), *combinations(ends, 2)):
            down, up = ({s: f for s, f in chosen if f == factor} for factor in (BELOW, ABOVE))
            for place in self._places(env, lambda low, high: (low, high)):
                moved = place
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
        """Measure between the points of the grid too, at every draw, and say so: an approximation is never proved."""
        demand_kind(claim, sp.Eq)
        demand(bool(context.envs), "there is nothing to measure with")
        generator = random.Random(SEED)
        others = claim.free_symbols - {symbol for symbol, _, _ in self.ranges}
        for env in context.envs if others else context.envs[:1]:
            for _ in range(BETWEEN // (len(context.envs) if others else 1)):
                (place,) = self._places(env, lambda low, high: (low * mp.power(high / low, generator.random()),))
                self._demand(claim, place)
        for place in self._beyond(context.envs[0]):
            self._demand(claim, place)
        return f"approximation (error <= {self.error:g} for {', '.join(map(self._range, self.ranges))})"

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
