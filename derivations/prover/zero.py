"""A test for zero that never guesses: False means only "not seen to be"."""

from __future__ import annotations

import sympy as sp

from derivations.errors import ProofError

UNEVALUATED = (sp.Limit, sp.Integral, sp.Sum, sp.Product)
_HIDDEN = (*UNEVALUATED, sp.Derivative, sp.Subs)


def is_zero(expr: sp.Expr) -> bool:
    """Whether an expression can be transformed into zero; False means only "not seen to be".

    Parameters
    ----------
    expr : sympy.Expr
        The expression.

    Returns
    -------
    bool

    Examples
    --------
    >>> x = sp.Symbol("x", positive=True)
    >>> is_zero((1 - x**2) / (1 - x) - 1 - x)
    True
    """
    current = hide(expr)
    for transform in (
        lambda e: e,
        as_exponentials,
        sp.expand,
        lambda e: sp.expand_log(sp.expand(e), force=False),
        lambda e: sp.powsimp(sp.expand(e)),
        lambda e: sp.cancel(sp.together(e)),
        sp.radsimp,
        lambda e: sp.expand(sp.powdenest(e)),
        sp.simplify,
    ):
        current = transform(current)
        if current == 0:
            return True
    return False


def hide(expr: sp.Expr) -> sp.Expr:
    """Replace limits, integrals, sums, products and derivatives by symbols, so that nothing evaluates them.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> hide(sp.Integral(x, (x, 0, 1)) - sp.Integral(x, (x, 0, 1)) + x)
    x
    """
    return _hide(expr, {})


def _hide(expr: sp.Basic, names: dict[sp.Basic, sp.Dummy]) -> sp.Basic:
    if not expr.has(*_HIDDEN):
        return expr
    # The derivative of a hidden integral, or of a defined symbol, would be 0: hide it as a whole.
    if isinstance(expr, _HIDDEN):
        return names.setdefault(expr, sp.Dummy())
    return expr.func(*(_hide(arg, names) for arg in expr.args))


def differentiate(expr: sp.Expr) -> sp.Expr:
    """Carry out derivatives and substitutions, and nothing else.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> differentiate(sp.Derivative(x**2, x) + sp.Integral(x, (x, 0, 1)))
    2*x + Integral(x, (x, 0, 1))
    """
    return expr.replace(
        lambda node: isinstance(node, sp.Derivative | sp.Subs) and not node.has(*UNEVALUATED),
        lambda node: node.doit(),
    )


def as_exponentials(expr: sp.Expr) -> sp.Expr:
    """Write b**e with a symbolic e as exp(e log b), which is its definition, with expanded exponents.

    Examples
    --------
    >>> x, y = sp.symbols("x y", positive=True)
    >>> as_exponentials((x + 1)**y * (x + 1)**(-y))
    1
    """
    if not expr.args or isinstance(expr, sp.Sum | sp.Integral | sp.Derivative | sp.Subs | sp.Limit):
        return expr
    expr = expr.func(*(as_exponentials(arg) for arg in expr.args))
    if isinstance(expr, sp.Pow) and expr.exp.free_symbols:
        exponent = expr.exp if expr.base == sp.E else expr.exp * sp.log(expr.base)
        return sp.exp(sp.expand_mul(sp.cancel(exponent)))
    return expr


def demand_zero(expr: sp.Expr, what: str) -> None:
    """Raise ProofError unless the expression is zero."""
    if not is_zero(expr):
        raise ProofError(f"{what} leaves {sp.sstr(expr)[:200]}, not 0")
