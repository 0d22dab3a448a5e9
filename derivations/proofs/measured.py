"""What is not proved: approximations with a measured error, and claims supported by numbers alone."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
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
SEED = 8


@dataclass(frozen=True)
class MeasuredError(Proof):
    """The largest relative error over a range, measured: neither larger nor much smaller than stated.

    Parameters
    ----------
    variable : sympy.Symbol
        The variable that runs over the range; symbols without a range take the draws' values.
    low, high : float
        Range, covered by a geometric grid.
    error : float
        Stated bound of |rhs/lhs - 1|.
    points : int
        Points of the grid, in each direction.
    also : tuple of (sympy.Symbol, float, float)
        More variables with their ranges.
    corners : tuple of float
        rhs/lhs - 1 at every corner of the ranges, the last variable fastest: what pins each constant, as the bound
        does not.
    """

    variable: sp.Symbol
    low: float
    high: float
    error: float
    points: int = 9
    also: tuple[tuple[sp.Symbol, float, float], ...] = ()
    corners: tuple[float, ...] = ()

    @property
    def ranges(self) -> tuple[tuple[sp.Symbol, float, float], ...]:
        """Every variable with its range."""
        return ((self.variable, self.low, self.high), *self.also)

    def falsify(self, claim: sp.Basic, context: Context) -> None:
        """Measure; a changed constant moves a corner, or makes the error larger, or leaves the statement stale."""
        demand_kind(claim, sp.Eq)
        for env in context.envs[:2]:
            places = product(*((low, high) for _, low, high in self.ranges))
            for stated, place in zip(self.corners, places, strict=bool(self.corners)):
                found = self._error(claim, env, place)
                if abs(found - stated) > CORNER * max(abs(stated), mp.mpf("1e-5")):
                    raise ProofError(f"the error at a corner is {mp.nstr(found, 6)}, not the stated {stated}")
        worst = mp.zero
        for place in product(*(self._grid(low, high) for _, low, high in self.ranges)):
            worst = max(worst, abs(self._error(claim, context.envs[0], place)))
            if worst > self.error:
                raise ProofError(f"the error reaches {mp.nstr(worst, 4)}, more than the stated {self.error}")
        if worst < 0.8 * self.error:
            raise ProofError(f"the error is only {mp.nstr(worst, 4)}, the stated {self.error} is stale")

    def _grid(self, low: float, high: float) -> list[Any]:
        return [mp.mpf(low) * mp.power(mp.mpf(high) / low, mp.mpf(k) / (self.points - 1)) for k in range(self.points)]

    def _error(self, claim: sp.Eq, env: Environment, place: Sequence[Any]) -> Any:
        for (symbol, _, _), where in zip(self.ranges, place, strict=True):
            env = env.at(symbol, mp.nint(where) if symbol.is_integer else mp.mpf(where))
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
                place = [mp.mpf(low) * mp.power(mp.mpf(high) / low, generator.random()) for _, low, high in self.ranges]
                found = abs(self._error(claim, env, place))
                if found > self.error:
                    raise ProofError(f"the error reaches {mp.nstr(found, 4)}, more than the stated {self.error}")
        where = ", ".join(f"{low:g} <= {symbol} <= {high:g}" for symbol, low, high in self.ranges)
        return f"approximation (error <= {self.error:g} for {where})"


@dataclass(frozen=True)
class NumbersOnly(Proof):
    """No proof; the falsification found nothing."""

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Say so."""
        return CHECKED
