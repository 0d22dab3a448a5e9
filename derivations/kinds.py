"""The kind of a step: what sort of claim it makes. It follows from the claim and the proof."""

from __future__ import annotations

import sympy as sp

from derivations.prover.measured import MeasuredError
from derivations.prover.proof import Proof
from derivations.prover.rules.evolution import Induction, SolvesEquation

KINDS = ("definition", "equality", "limit", "series", "solution", "inequality", "approximation")
# Of these a formula may be the right-hand side only.
ONE_SIDED = ("definition", "limit", "series", "approximation")


def kind_of(claim: sp.Basic, proof: Proof | None) -> str:
    """Return the kind of a step that makes a claim with a proof.

    The first line that fits decides:

    ===============  ==========================================================================================
    kind             claim and proof
    ===============  ==========================================================================================
    definition       there is no proof
    approximation    the proof is a measured error
    solution         the claim is an equivalence (`solved`), or the proof an induction or a solution of an equation
    inequality       the claim is a relation, but no equation
    limit            the left-hand side is a limit
    series           the right-hand side has a remainder O(...)
    equality         all others
    ===============  ==========================================================================================

    Parameters
    ----------
    claim : sympy.Basic
        The claim.
    proof : Proof or None
        The proof; None for a definition.

    Returns
    -------
    str
        One of `KINDS`.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> kind_of(sp.Eq(x, 2, evaluate=False), None)
    'definition'
    """
    if proof is None:
        return "definition"
    if isinstance(proof, MeasuredError):
        return "approximation"
    if isinstance(claim, sp.Equivalent) or isinstance(proof, Induction | SolvesEquation):
        return "solution"
    if isinstance(claim, sp.Rel) and not isinstance(claim, sp.Eq):
        return "inequality"
    if isinstance(claim, sp.Eq) and isinstance(claim.lhs, sp.Limit):
        return "limit"
    if isinstance(claim, sp.Eq) and claim.rhs.has(sp.Order):
        return "series"
    return "equality"
