"""Integrals over a symmetric range that differ by an odd integrand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import sympy as sp

from derivations.prover.proof import PROVED, Context, Proof, demand, demand_kind
from derivations.prover.rules.integrals import continuous_between, is_gaussian
from derivations.prover.zero import demand_zero


@dataclass(frozen=True)
class EvenPart(Proof):
    """Over a symmetric range only the even part of an integrand counts: that of the difference vanishes pointwise.

    Over the whole axis both integrands must be seen to converge absolutely: continuous, and a Gaussian times what grows
    no faster than a power.

    Examples
    --------
    >>> z = sp.Symbol("z", real=True)
    >>> range_ = (z, -sp.oo, sp.oo)
    >>> claim = sp.Eq(sp.Integral((z + 1) * sp.exp(-z**2), range_), sp.Integral(sp.exp(-z**2), range_), evaluate=False)
    >>> EvenPart().prove(claim, Context())
    'proved'
    """

    principle: ClassVar[str] = (
        "Over a symmetric range an integral that converges absolutely keeps its value when an odd part is left out."
    )

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Add the integrand's difference to its mirror image."""
        demand_kind(claim, sp.Eq)
        demand_kind(claim.lhs, sp.Integral)
        demand_kind(claim.rhs, sp.Integral)
        demand(claim.lhs.limits == claim.rhs.limits, "the two ranges differ")
        ((variable, low, high),) = claim.lhs.limits
        demand(low == -high, "the range is not symmetric")
        expand = context.definitions.expand
        for side in claim.args:
            integrand = expand(side.function)
            demand(continuous_between(integrand, variable, low), "an integrand is not seen to be continuous")
            if low.is_infinite:
                demand(is_gaussian(integrand, variable), "an integral is not seen to converge absolutely")
        difference = expand(claim.lhs.function - claim.rhs.function)
        demand_zero(difference + difference.subs(variable, -variable), "the even part of the difference")
        return PROVED
