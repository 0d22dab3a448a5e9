"""Signs and continuity as far as they are seen: what is assumed, what SymPy decides, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sympy as sp

from derivations.prover.binders import refuse_capture
from derivations.prover.proof import Context, demand


def known_positive(expr: sp.Expr, context: Context, *, or_zero: bool = False) -> bool:
    """Whether an expression is assumed to be positive, or is the logarithm of something seen to be on one side of 1.

    Examples
    --------
    >>> x = sp.Symbol("x", positive=True)
    >>> known_positive(-sp.log(1 - x), Context(assumptions=(x < 1,)))
    True
    """
    kinds = sp.Lt | sp.Gt | sp.Le | sp.Ge if or_zero else sp.Lt | sp.Gt
    expand = context.definitions.expand
    gaps = [a.gts - a.lts for a in context.assumptions if isinstance(a, kinds)]
    if expr.is_positive or any(sp.expand(expand(gap) - expand(expr)) == 0 for gap in gaps):
        return True
    if isinstance(expr, sp.log):
        return known_positive(expr.args[0] - 1, context)
    if isinstance(-expr, sp.log):
        (inside,) = (-expr).args
        return known_positive(inside, context) and known_positive(1 - inside, context)
    return False


def positively(expr: sp.Expr, positive: tuple[sp.Expr, ...], context: Context, *, or_zero: bool = False) -> sp.Expr:
    """Replace expressions that are known to be positive by positive symbols."""
    for known in positive:
        demand(known_positive(known, context, or_zero=or_zero), f"{known} > 0 is not assumed")
        symbol = sp.Dummy("known", nonnegative=True) if or_zero else sp.Dummy("known", positive=True)
        minus = known.could_extract_minus_sign() and known.is_Mul
        after = expr.subs(-known, -symbol) if minus else expr.subs(known, symbol)
        expr = refuse_capture(expr, after, known.free_symbols)
    return expr


def is_continuous(
    expr: sp.Expr, variable: sp.Symbol, rewrite: Callable[[sp.Expr], sp.Expr] = lambda expr: expr
) -> bool:
    """Whether an expression is continuous for every declared value of a variable; False means "not seen to be".

    Parameters
    ----------
    expr : sympy.Expr
        The expression.
    variable : sympy.Symbol
        The variable.
    rewrite : callable
        Brings an expression into a form in which SymPy sees its sign.

    Returns
    -------
    bool

    Examples
    --------
    >>> x = sp.Symbol("x", positive=True)
    >>> is_continuous(sp.atan(1 / (1 + x)), x), is_continuous(sp.atan(1 / (1 - x)), x)
    (True, False)
    """
    if expr == variable or not expr.has(variable):
        return True
    if not all(is_continuous(arg, variable, rewrite) for arg in expr.args):
        return False
    if isinstance(expr, sp.Pow) and expr.base != sp.E:
        base, exponent = expr.args
        if exponent.is_integer and not exponent.has(variable):
            return bool(exponent.is_nonnegative or _sign(base, rewrite))
        if exponent.is_positive and not exponent.has(variable):
            return base.is_nonnegative is True or _sign(base, rewrite) == 1
        return _sign(base, rewrite) == 1
    if isinstance(expr, sp.log):
        return _sign(expr.args[0], rewrite) == 1
    if isinstance(expr, sp.asin):
        return _sign(1 - expr.args[0] ** 2, rewrite) == 1
    return isinstance(expr, sp.Add | sp.Mul | sp.Pow | sp.exp | sp.erf | sp.sin | sp.cos | sp.tanh | sp.atan | sp.Abs)


def _sign(expr: sp.Expr, rewrite: Callable[[sp.Expr], sp.Expr]) -> int:
    for transform in (lambda e: e, rewrite, lambda e: rewrite(sp.factor(sp.cancel(sp.together(e))))):
        form = transform(expr)
        if form.is_positive or form.is_negative:
            return 1 if form.is_positive else -1
    return 0


def is_regular(expr: sp.Expr, place: Mapping[sp.Symbol, sp.Expr]) -> bool:
    """Whether an elementary expression is analytic at a place: no division by 0, no log or root of 0, no asin of ±1.

    Parameters
    ----------
    expr : sympy.Expr
        The expression.
    place : mapping of sympy.Symbol to sympy.Expr
        The variables with their values, all finite.

    Returns
    -------
    bool

    Examples
    --------
    >>> x = sp.Symbol("x", real=True)
    >>> is_regular(sp.log(1 - x), {x: sp.S.Zero}), is_regular(sp.log(x), {x: sp.S.Zero})
    (True, False)
    """
    if not all(point.is_finite for point in place.values()):
        return False
    for node in sp.preorder_traversal(expr):
        if not node.has(*place):
            continue
        if isinstance(node, sp.Pow) and not (node.exp.is_integer and node.exp.is_nonnegative):
            base = node.base.subs(place)
            if not (base.is_nonzero if node.exp.is_integer else base.is_positive):
                return False
        elif isinstance(node, sp.log):
            if not node.args[0].subs(place).is_positive:
                return False
        elif isinstance(node, sp.asin):
            if not (1 - node.args[0].subs(place) ** 2).is_positive:
                return False
        elif not isinstance(node, _ANALYTIC):
            return False
    return True


_ANALYTIC = (
    sp.Add,
    sp.Mul,
    sp.Pow,
    sp.exp,
    sp.Symbol,
    sp.erf,
    sp.sin,
    sp.cos,
    sp.tanh,
    sp.core.function.AppliedUndef,
)
