"""Closed forms with sines and cosines of multiples of an angle, by induction."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from derivations.prover.rules import Induction


@dataclass(frozen=True)
class TrigonometricInduction(Induction):
    """Base and step, after the addition theorems have split every sine and cosine of a sum.

    `Induction` proves the same by simplification, ten times slower.

    Examples
    --------
    >>> from derivations.prover.definitions import read
    >>> from derivations.prover.proof import Context
    >>> f, k = sp.Function("f"), sp.Symbol("k", integer=True, nonnegative=True)
    >>> known = read([sp.And(sp.Eq(f(0), 0), sp.Eq(f(k + 1), f(k) + sp.cos(k)))])
    >>> closed = (1 + sp.sin(k - sp.Rational(1, 2)) / sp.sin(sp.Rational(1, 2))) / 2
    >>> TrigonometricInduction().prove(sp.Eq(f(k), closed, evaluate=False), Context(known))
    'proved'
    """

    def normal(self, difference: sp.Expr) -> sp.Expr:
        """Split sines and cosines of sums."""
        return sp.expand(sp.expand_trig(sp.expand(difference)))
