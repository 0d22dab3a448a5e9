"""Rewrite a natural expression into one that keeps its digits in float32."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp
from sympy.codegen.cfunctions import expm1, log1p

from derivations.functions.log1pmx import log1pmx
from derivations.functions.powers import power1p, power1pm1


def stabilise(expr: sp.Expr, conditions: Sequence[sp.Basic] = ()) -> sp.Expr:
    r"""Return an equal expression that does not cancel.

    $(1+x)^k \to e^{k\,\mathrm{log1p}(x)}$, $\ln(1+x) \to \mathrm{log1p}(x)$, $ce^a - c \to c\,\mathrm{expm1}(a)$,
    $c\ln(1+x) - cx \to c\,\mathrm{log1pmx}(x)$. Used by every backend; LaTeX is printed from the natural form.

    Parameters
    ----------
    expr : sympy.Expr
        The natural expression.
    conditions : sequence of sympy.Rel
        Conditions of use. A whole power of 1+x becomes an exponential only where one of them says 1+x > 0; else it is
        `power1p`, which takes either sign.

    Returns
    -------
    sympy.Expr

    Examples
    --------
    >>> from derivations.symbols import symbols
    >>> x, k = symbols("x t")
    >>> stabilise((1 - x)**k)
    exp(t*log1p(-x))
    >>> stabilise(sp.exp(x) - 1)
    expm1(x)
    >>> stabilise((1 - x)**symbols("step")[0])
    power1p(-x, step)
    """
    strict = (sp.StrictLessThan, sp.StrictGreaterThan)
    positive = frozenset(sp.expand(c.gts - c.lts) for c in conditions if isinstance(c, strict))
    return _stable(expr, positive)


def _stable(expr: sp.Expr, positive: frozenset[sp.Expr]) -> sp.Expr:
    if not expr.args:
        return expr
    return _rewrite(expr.func(*(_stable(arg, positive) for arg in expr.args)), positive)


def _rewrite(expr: sp.Expr, positive: frozenset[sp.Expr]) -> sp.Expr:
    if isinstance(expr, sp.log):
        rest = _minus_one(expr.args[0])
        return expr if rest is None else log1p(rest)
    if isinstance(expr, sp.Pow) and not isinstance(expr, sp.exp):
        rest = _minus_one(expr.base)
        # A root, a square or a reciprocal of 1+x loses nothing by itself.
        if rest is None or expr.exp.is_number:
            return expr
        if expr.exp.is_integer and sp.expand(expr.base) not in positive:
            return power1p(rest, expr.exp)
        return sp.exp(_merge_logs(sp.expand_mul(expr.exp * log1p(rest))))
    if isinstance(expr, sp.Mul):
        return _merge_exponentials(expr)
    if isinstance(expr, sp.Add):
        return _subtract_one(_merge_logs(expr))
    return expr


def _minus_one(expr: sp.Expr) -> sp.Expr | None:
    """Return x where expr is 1 + x with symbols in x, else None."""
    constant, rest = expr.as_coeff_Add()
    return rest if constant == 1 and rest.free_symbols else None


def _merge_exponentials(product: sp.Mul) -> sp.Expr:
    exponents = [factor.args[0] for factor in product.args if isinstance(factor, sp.exp)]
    if len(exponents) < 2:
        return product
    rest = [factor for factor in product.args if not isinstance(factor, sp.exp)]
    return sp.Mul(*rest, sp.exp(_merge_logs(sp.Add(*exponents))))


def _merge_logs(total: sp.Expr) -> sp.Expr:
    terms = list(sp.Add.make_args(total))
    for term in list(terms):
        for factor in sp.Mul.make_args(term):
            if not isinstance(factor, log1p):
                continue
            coefficient = term / factor
            linear = sp.expand(-coefficient * factor.args[0])
            if linear in terms:
                terms.remove(term)
                terms.remove(linear)
                terms.append(coefficient * log1pmx(factor.args[0]))
                break
    return sp.Add(*terms)


def _subtract_one(total: sp.Expr) -> sp.Expr:
    terms = list(sp.Add.make_args(total))
    for term in list(terms):
        for factor in sp.Mul.make_args(term):
            exponent, coefficient = _exponent(factor), term / factor
            if exponent is not None and -coefficient in terms:
                terms.remove(term)
                terms.remove(-coefficient)
                terms.append(coefficient * expm1(exponent))
                break
    for term in list(terms):
        for factor in sp.Mul.make_args(term):
            coefficient = term / factor
            if isinstance(factor, power1p) and -coefficient in terms:
                terms.remove(term)
                terms.remove(-coefficient)
                terms.append(coefficient * power1pm1(*factor.args))
                break
    return sp.Add(*terms)


def _exponent(factor: sp.Expr) -> sp.Expr | None:
    """Return a where the factor is exp(a) or (1+x)**k, else None."""
    if isinstance(factor, sp.exp):
        return factor.args[0]
    if isinstance(factor, sp.Pow):
        rest = _minus_one(factor.base)
        return None if rest is None else factor.exp * log1p(rest)
    return None
