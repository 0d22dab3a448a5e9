"""Symbols that an integral, a sum, a limit or a derivative binds: what may not be moved past them."""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp
from sympy.concrete.expr_with_limits import ExprWithLimits

from derivations.errors import ProofError

BINDERS = (ExprWithLimits, sp.Limit, sp.Derivative, sp.Subs)


def bound(node: sp.Basic) -> set[sp.Basic]:
    """Return the symbols a node binds.

    Examples
    --------
    >>> x, y = sp.symbols("x y")
    >>> bound(sp.Integral(x * y, (x, 0, y)))
    {x}
    """
    if isinstance(node, ExprWithLimits):
        return {limits[0] for limits in node.limits}
    if isinstance(node, sp.Limit):
        return {node.args[1]}
    return set(node.variables) if isinstance(node, sp.Derivative | sp.Subs) else set()


def refuse_capture(before: sp.Basic, after: sp.Basic, involved: Iterable[sp.Basic]) -> sp.Basic:
    """Return `after`, unless a rewriting that involves some symbols changed a node that binds one of them.

    What is known of a symbol is not known of the variable of an integral that happens to have its name.

    Examples
    --------
    >>> a, z = sp.symbols("a z")
    >>> area = sp.Integral(a, (z, 0, 1))
    >>> refuse_capture(area, area.subs(a, z), [z])
    Traceback (most recent call last):
        ...
    derivations.errors.ProofError: z is bound in Integral(a, (z, 0, 1)), and may not be rewritten there
    """
    if before == after or not before.has(*BINDERS):
        return after
    names = set(involved)
    kept = set(sp.preorder_traversal(after))
    for node in sp.preorder_traversal(before):
        if isinstance(node, BINDERS) and bound(node) & names and node not in kept:
            symbol = min(bound(node) & names, key=str)
            raise ProofError(f"{symbol} is bound in {node}, and may not be rewritten there")
    return after


def well_formed(claim: sp.Basic, elsewhere: set[sp.Basic]) -> None:
    """Demand that what integrals and sums bind stands for nothing else, and is declared no narrower than its range.

    Parameters
    ----------
    claim : sympy.Basic
        The claim.
    elsewhere : set of sympy.Basic
        Symbols behind the definitions that the claim uses.

    Raises
    ------
    ProofError
        If a bound symbol is free elsewhere, or declared positive over a range that is not.

    Examples
    --------
    >>> x = sp.Symbol("x", positive=True)
    >>> well_formed(sp.Integral(x, (x, -1, 1)), set())
    Traceback (most recent call last):
        ...
    derivations.errors.ProofError: x is declared positive, its range begins at -1
    """
    for node in claim.atoms(sp.Integral, sp.Sum, sp.Product):
        for variable, low, high in node.limits:
            if variable in claim.free_symbols | elsewhere and not isinstance(variable, sp.Idx):
                raise ProofError(f"{variable} is bound in {node} and means something else outside")
            _declared(node, variable, low, high)


def _declared(node: sp.Basic, variable: sp.Symbol, low: sp.Expr, high: sp.Expr) -> None:
    continuous = isinstance(node, sp.Integral)
    if continuous and variable.is_integer:
        raise ProofError(f"{variable} is declared an integer and integrated over")
    if variable.is_nonpositive or variable.is_extended_real is False:
        raise ProofError(f"{variable} is not declared as its range is")
    if not variable.is_nonnegative:
        return
    first = low.is_nonnegative if continuous or not variable.is_positive else low.is_positive
    if not first:
        raise ProofError(f"{variable} is declared positive, its range begins at {low}")
    if continuous and not (high.is_extended_nonnegative or high == sp.oo):
        raise ProofError(f"{variable} is declared positive, its range ends at {high}")
