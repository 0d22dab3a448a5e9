"""What is not proved: approximations with a measured error, and claims supported by numbers alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp
from mpmath import mp

from derivations import falsify
from derivations.errors import ProofError
from derivations.numeric import Environment
from derivations.proofs.base import Context, Proof, demand_kind


@dataclass(frozen=True)
class MeasuredError(Proof):
    """The largest relative error over a range, measured: neither larger nor much smaller than stated.

    Parameters
    ----------
    variable : sympy.Symbol
        The variable that runs over the range; other symbols take the draws' values.
    low, high : float
        Range, covered by a geometric grid.
    error : float
        Stated bound of |rhs/lhs - 1|.
    points : int
        Points of the grid.
    """

    variable: sp.Symbol
    low: float
    high: float
    error: float
    points: int = 9

    def falsify(self, claim: sp.Basic, context: Context) -> None:
        """Measure; a changed coefficient makes the error larger, or so much smaller that the statement is stale."""
        demand_kind(claim, sp.Eq)
        worst = mp.zero
        for env in context.envs[:2]:
            worst = max(worst, *(self._error(claim, env, k) for k in range(self.points)))
            if worst > self.error:
                raise ProofError(f"the error reaches {mp.nstr(worst, 4)}, more than the stated {self.error}")
        if worst < 0.8 * self.error:
            raise ProofError(f"the error is only {mp.nstr(worst, 4)}, the stated {self.error} is stale")

    def _error(self, claim: sp.Eq, env: Environment, k: int) -> Any:
        where = mp.mpf(self.low) * mp.power(mp.mpf(self.high) / self.low, mp.mpf(k) / (self.points - 1))
        here = env.at(self.variable, where)
        left = falsify.number(claim.lhs, here)
        if left == 0:
            raise ProofError("the quantity approximated is 0")
        return abs(falsify.number(claim.rhs, here) / left - 1)

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Return the measured error: an approximation is never proved."""
        return f"approximation (error <= {self.error:g} for {self.low:g} <= {self.variable} <= {self.high:g})"


@dataclass(frozen=True)
class NumbersOnly(Proof):
    """No proof; the falsification found nothing."""

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Say so."""
        return "checked, not proved"
