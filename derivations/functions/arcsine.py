"""The sum over lags of correlated signs: one function for every backend, since no closed form of it is known."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import mpmath
import sympy as sp

LAGS = 4096


class arcsine_sum(sp.Function):
    r"""The sum $\sum_{k\ge1}(1-\varepsilon)^k\arcsin(cb^k)$, for $0\le\varepsilon<1$, $0\le b<1$ and $0\le cb\le1$.

    Parameters
    ----------
    epsilon, c, b : sympy.Expr
        The numbers.

    Returns
    -------
    sympy.Expr

    Notes
    -----
    NumPy and JAX add up 4096 lags: what is left out is below 1e-7 of the sum for b <= 0.995.

    Examples
    --------
    >>> import sympy as sp
    >>> round(float(arcsine_sum(sp.Rational(1, 10), 1, sp.Rational(1, 2)).evalf()), 6)
    0.841861
    """

    nargs = 3

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Return the derivative by one of the arguments."""
        return arcsine_slope(*self.args, sp.Integer(argindex))

    def _eval_rewrite_as_Sum(self, epsilon: sp.Expr, c: sp.Expr, b: sp.Expr, **hints: Any) -> sp.Expr:
        k = sp.Symbol("lag", integer=True, positive=True)
        return sp.Sum((1 - epsilon) ** k * sp.asin(c * b**k), (k, 1, sp.oo))

    def _eval_evalf(self, prec: int) -> sp.Expr:
        with mpmath.workprec(prec + 10):
            return sp.Float._new(mp_arcsine_sum(*(arg._to_mpmath(prec + 10) for arg in self.args))._mpf_, prec)

    def _latex(self, printer: Any, exp: Any = None) -> str:
        epsilon, c, b = (printer._print(arg) for arg in self.args)
        total = rf"\sum_{{k=1}}^{{\infty}} \left(1-{epsilon}\right)^k \arcsin\left({c}\left({b}\right)^k\right)"
        return total if exp is None else rf"\left({total}\right)^{{{exp}}}"


class arcsine_slope(sp.Function):
    """A derivative of `arcsine_sum` by its argument number `which`, for numbers only."""

    nargs = 4

    def _eval_evalf(self, prec: int) -> sp.Expr:
        *arguments, which = self.args
        numbers = [arg._to_mpmath(2 * prec + 20) for arg in arguments]
        position = int(which) - 1
        with mpmath.workprec(2 * prec + 20):

            def along(value: Any) -> Any:
                epsilon, c, b = (value if k == position else number for k, number in enumerate(numbers))
                return mp_arcsine_sum(epsilon, c, b)

            return sp.Float._new(mpmath.diff(along, numbers[position])._mpf_, prec)


def mp_arcsine_sum(epsilon: Any, c: Any, b: Any) -> Any:
    """Add up lag by lag while c b^k > 1/2, then power by power of the arc sine's series; each sum once.

    Examples
    --------
    >>> mpmath.nstr(mp_arcsine_sum(0.1, 1, 0.5), 8)
    '0.84186084'
    """
    return _added(mpmath.mpf(epsilon), mpmath.mpf(c), mpmath.mpf(b), mpmath.mp.prec)


@lru_cache(maxsize=1024)
def _added(epsilon: Any, c: Any, b: Any, precision: int) -> Any:
    if not 0 <= epsilon < 1 or not 0 <= b < 1 or not 0 <= c * b <= 1:
        raise ValueError("0 <= epsilon < 1, 0 <= b < 1 and 0 <= c b <= 1 are needed")
    if not c * b:
        return mpmath.mpf(0)
    with mpmath.workprec(precision + 10):
        kept, power, weight, total = 1 - epsilon, c * b, 1 - epsilon, mpmath.mpf(0)
        while 2 * power > 1:
            total += weight * mpmath.asin(power)
            power, weight = power * b, weight * kept
        # From here on each power of the arc sine's series is geometric: weight a_j p^(2j+1)/(1 - kept b^(2j+1)).
        coefficient, odd, ratio, j = mpmath.mpf(1), power, b, 0
        while True:
            term = weight * coefficient * odd / ((2 * j + 1) * (1 - kept * ratio))
            total += term
            if term <= mpmath.eps * total:
                break
            coefficient *= mpmath.mpf(2 * j + 1) / (2 * j + 2)
            odd, ratio, j = odd * power * power, ratio * b * b, j + 1
    return +total


def make_arcsine_sum(xp: Any) -> Callable[..., Any]:
    """Return the function for the array module `xp`, in the precision of its arguments.

    Parameters
    ----------
    xp : module
        `numpy` or `jax.numpy`.

    Returns
    -------
    callable
        Function of three arrays.

    Examples
    --------
    >>> import numpy as np
    >>> bool(abs(make_arcsine_sum(np)(np.float32(0.1), np.float32(1), np.float32(0.5)) - 0.841861) < 1e-6)
    True
    """

    def evaluate(epsilon: Any, c: Any, b: Any) -> Any:
        shape = 0 * (epsilon + c + b)
        # Lags in the first axis, in the precision of the arguments.
        lags = xp.arange(1, LAGS + 1).reshape((LAGS, *(1,) * xp.ndim(shape))).astype(xp.asarray(shape).dtype)
        return xp.sum(xp.exp(lags * xp.log1p(-epsilon)) * xp.arcsin(c * xp.exp(lags * xp.log(b))), axis=0)

    return evaluate
