"""Identities that hold a function with a textbook form of its own."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from derivations.functions.gaps import ramp_gap, tanh_gap
from derivations.prover.proof import Context, demand_kind
from derivations.prover.rules.algebra import Identity


@dataclass(frozen=True)
class TextbookIdentity(Identity):
    """Put the textbook form in place of `tanh_gap` and `ramp_gap`, tanh as exponentials, then as `Identity`.

    Examples
    --------
    >>> x = sp.Symbol("x", positive=True)
    >>> claim = sp.Eq(tanh_gap(x), 1 - sp.tanh(x) / x, evaluate=False)
    >>> TextbookIdentity().prove(claim, Context())
    'proved'
    """

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Rewrite both sides."""
        demand_kind(claim, sp.Eq)
        return super().prove(sp.Eq(*(_plain(side) for side in claim.args), evaluate=False), context)


def _plain(side: sp.Expr) -> sp.Expr:
    for gap in (tanh_gap, ramp_gap):
        side = side.replace(gap, lambda x, gap=gap: gap(x).textbook())
    return side.replace(sp.tanh, lambda x: (1 - sp.exp(-2 * x)) / (1 + sp.exp(-2 * x)))
