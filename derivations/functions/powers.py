r"""Whole powers of 1 + x whose base may be negative: $(1+x)^k$ without losing digits near x = 0."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import mpmath
import sympy as sp


class _Power1p(sp.Function):
    """A whole power of 1 + x, less a number: printed and evaluated as that."""

    nargs = 2
    less: ClassVar[int]

    def _eval_rewrite_as_Pow(self, x: sp.Expr, k: sp.Expr, **hints: Any) -> sp.Expr:
        return (1 + x) ** k - self.less

    def _eval_evalf(self, prec: int) -> sp.Expr:
        return self._eval_rewrite_as_Pow(*self.args)._eval_evalf(prec)

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Return the derivative with respect to x, k (1+x)^(k-1)."""
        if argindex != 1:
            raise sp.ArgumentIndexError(self, argindex)
        x, k = self.args
        return k * power1p(x, k - 1)

    def _latex(self, printer: Any) -> str:
        x, k = (printer._print(arg) for arg in self.args)
        power = rf"\left(1 + {x}\right)^{{{k}}}"
        return rf"\left({power} - {self.less}\right)" if self.less else power


class power1p(_Power1p):
    r"""The function $(1+x)^k$ for a whole number k, of any sign of $1+x$.

    Parameters
    ----------
    x : sympy.Expr
        Any real number.
    k : sympy.Expr
        A whole number, at least 0.

    Returns
    -------
    sympy.Expr

    Examples
    --------
    >>> import sympy as sp
    >>> x, k = sp.Symbol("x"), sp.Symbol("k", integer=True)
    >>> power1p(x, k).rewrite(sp.Pow)
    (x + 1)**k
    >>> power1p(sp.Rational(-3, 2), 3).evalf()
    -0.125000000000000
    """

    less = 0


class power1pm1(_Power1p):
    r"""The function $(1+x)^k - 1$ for a whole number k, without cancellation near x = 0; x and k as of `power1p`.

    Examples
    --------
    >>> import sympy as sp
    >>> power1pm1(sp.Rational(-3, 2), 3).evalf()
    -1.12500000000000
    """

    less = 1


def mp_power1p(x: Any, k: Any) -> Any:
    """Evaluate (1+x)^k in mpmath at the working precision.

    Examples
    --------
    >>> float(mp_power1p(-1.5, 3))
    -0.125
    """
    return +_mp_power(x, k, 1)


def mp_power1pm1(x: Any, k: Any) -> Any:
    """Evaluate (1+x)^k - 1 in mpmath at the working precision.

    Examples
    --------
    >>> float(mp_power1pm1(-1.5, 3))
    -1.125
    """
    with mpmath.workprec(mpmath.mp.prec + 20 + (max(0, -int(mpmath.mag(x))) if x else 0)):
        difference = _mp_power(x, k, 2) - 1
    return +difference


def _mp_power(x: Any, k: Any, times: int) -> Any:
    """Evaluate (1+x)^k with so many times the digits that 1 + x hides, and some more."""
    hidden = max(0, -int(mpmath.mag(x))) if x else 0
    with mpmath.workprec(mpmath.mp.prec + times * hidden + 20):
        return mpmath.power(1 + mpmath.mpf(x), int(k))


def make_power1p(xp: Any) -> Callable[[Any, Any], Any]:
    r"""Return $(1+x)^k$ for the array module `xp`, safe to differentiate.

    $e^{k\,\mathrm{log1p}(x)}$ where $x > -1/2$. Elsewhere 1 + x is exact, by Sterbenz' lemma down to x = -2, and the
    plain power keeps its digits.

    Parameters
    ----------
    xp : module
        `numpy` or `jax.numpy`.

    Returns
    -------
    callable
        Function of two arrays, x and a whole k.

    Examples
    --------
    >>> import numpy as np
    >>> make_power1p(np)(np.array([-0.5, -1.5, -1.0]), 3).tolist()
    [0.125, -0.125, 0.0]
    """
    return _by_sides(xp, xp.exp, 0)


def make_power1pm1(xp: Any) -> Callable[[Any, Any], Any]:
    r"""Return $(1+x)^k - 1$ for the array module `xp`, safe to differentiate: as `make_power1p`, with expm1.

    Parameters
    ----------
    xp : module
        `numpy` or `jax.numpy`.

    Returns
    -------
    callable
        Function of two arrays, x and a whole k.

    Examples
    --------
    >>> import numpy as np
    >>> make_power1pm1(np)(np.array([-0.5, -1.5, -1.0]), 3).tolist()
    [-0.875, -1.125, -1.0]
    """
    return _by_sides(xp, xp.expm1, 1)


def _by_sides(xp: Any, of_logarithm: Callable[[Any], Any], less: int) -> Callable[[Any, Any], Any]:
    """Return (1+x)^k less a number: by its logarithm where x > -1/2, by the plain power elsewhere."""

    def evaluate(x: Any, k: Any) -> Any:
        near = x > -0.5
        # Both branches stay finite everywhere: reverse-mode differentiation turns inf * 0 into nan.
        close = of_logarithm(k * xp.log1p(xp.where(near, x, 0 * x)))
        return xp.where(near, close, xp.where(near, 1 + 0 * x, 1 + x) ** k - less)

    return evaluate
