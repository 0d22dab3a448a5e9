"""What an expression is made of, remembered by sub-expression: claims that differ in one place share the rest."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

REMEMBERED = 1 << 16
# Kinds without variables of their own take these over as they are.
_PLAIN = (sp.Basic.free_symbols, sp.Expr.free_symbols)


@lru_cache(maxsize=REMEMBERED)
def mentioned(expr: sp.Basic) -> frozenset[Any]:
    """Return the free symbols of an expression and its undefined functions.

    Examples
    --------
    >>> x, k = sp.symbols("x k")
    >>> sorted(map(str, mentioned(sp.Sum(x * sp.Function("f")(k), (k, 0, 3)))))
    ['f', 'x']
    """
    inside = [mentioned(arg) for arg in expr.args]
    if type(expr).free_symbols in _PLAIN:
        names = frozenset().union(*inside)
    else:
        names = frozenset(expr.free_symbols | {f for part in inside for f in part if not isinstance(f, sp.Basic)})
    return names | {expr.func} if isinstance(expr, AppliedUndef) else names


@lru_cache(maxsize=REMEMBERED)
def integrates(expr: sp.Basic) -> bool:
    """Whether an integral stands in an expression.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> integrates(1 + sp.Integral(x, (x, 0, 1))), integrates(1 + x)
    (True, False)
    """
    return isinstance(expr, sp.Integral) or any(map(integrates, expr.args))
