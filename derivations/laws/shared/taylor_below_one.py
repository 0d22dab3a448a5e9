"""Series whose coefficients hold a parameter between 0 and 1: expansion in terms of its distance from 1."""

from __future__ import annotations

from dataclasses import dataclass, replace

import sympy as sp

from derivations.errors import ProofError
from derivations.prover.known_signs import known_positive
from derivations.prover.proof import Context, demand, demand_kind
from derivations.prover.rules.series import Taylor


@dataclass(frozen=True)
class TaylorBelowOne(Taylor):
    """Taylor's theorem with a parameter p < 1 written as 1 - c, c > 0, so that SymPy sees sqrt((1-p)^2) = c.

    Parameters
    ----------
    using : str or None
        An earlier series step, as in `Taylor`.
    parameter : sympy.Symbol or None
        The parameter; that it is below 1 must be assumed.

    Examples
    --------
    >>> x, p = sp.symbols("x p", positive=True)
    >>> claim = sp.Eq(sp.sqrt((1 - p)**2 + x), 1 - p + x / (2 - 2*p) + sp.O(x**2), evaluate=False)
    >>> TaylorBelowOne(parameter=p).prove(claim, Context(assumptions=(p < 1,)))
    'proved'
    """

    parameter: sp.Symbol | None = None

    def prove(self, claim: sp.Basic, context: Context) -> str:
        """Substitute, then differentiate and compare."""
        demand_kind(claim, sp.Eq)
        if self.parameter is None:
            raise ProofError("a parameter is needed")
        demand(known_positive(1 - self.parameter, context), f"{self.parameter} < 1 is not assumed")
        distance = sp.Dummy("c", positive=True)

        def moved(relation: sp.Basic) -> sp.Basic:
            if not isinstance(relation, sp.Eq):
                return relation
            return sp.Eq(*(side.subs(self.parameter, 1 - distance) for side in relation.args), evaluate=False)

        earlier = {name: moved(relation) for name, relation in context.earlier.items()}
        return super().prove(moved(claim), replace(context, earlier=earlier))
