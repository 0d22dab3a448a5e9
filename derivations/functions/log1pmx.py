"""Special functions that keep their digits where the textbook expression loses them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import sympy as sp

_TERMS = 16


class log1pmx(sp.Function):
    r"""The function $\ln(1+x) - x$, about $-x^2/2$ near 0.

    Parameters
    ----------
    x : sympy.Expr
        A number above -1.

    Returns
    -------
    sympy.Expr

    Examples
    --------
    >>> import sympy as sp
    >>> x = sp.Symbol("x", positive=True)
    >>> log1pmx(x).diff(x)
    -x/(x + 1)
    >>> log1pmx(sp.Rational(1, 10**8)).evalf(5)
    -5.0000e-17
    """

    nargs = 1

    @classmethod
    def eval(cls, x: sp.Expr) -> sp.Expr | None:
        """Evaluate at zero only."""
        return sp.S.Zero if x.is_zero else None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Return the derivative, -x/(1+x)."""
        (x,) = self.args
        return -x / (1 + x)

    def _eval_rewrite_as_log(self, x: sp.Expr, **hints: Any) -> sp.Expr:
        return sp.log(1 + x) - x

    def _eval_evalf(self, prec: int) -> sp.Expr:
        x = self.args[0]._to_mpmath(2 * prec + 20)
        with mpmath.workprec(prec + 10):
            return sp.Float._new(mp_log1pmx(x)._mpf_, prec)

    def _latex(self, printer: Any) -> str:
        x = printer._print(self.args[0])
        return rf"\left(\ln\left(1 + {x}\right) - \left({x}\right)\right)"


def mp_log1pmx(x: Any) -> Any:
    """Evaluate log(1+x) - x in mpmath at the working precision.

    Examples
    --------
    >>> float(mp_log1pmx(1e-3)) + 4.99667e-7 < 1e-12
    True
    """
    cancelled = max(0, -2 * int(mpmath.mag(x))) if x else 0
    with mpmath.workprec(mpmath.mp.prec + cancelled + 20):
        return mpmath.log1p(x) - x


def make_log1pmx(xp: Any) -> Callable[[Any], Any]:
    r"""Return $\ln(1+x)-x$ for the array module `xp`, accurate for small x and safe to differentiate.

    With $r = x/(2+x)$: $\ln(1+x) - x = -rx + 2r^3(1/3 + r^2/5 + r^4/7 + \dots)$ for $|x| \le 1/2$.

    Parameters
    ----------
    xp : module
        `numpy` or `jax.numpy`.

    Returns
    -------
    callable
        Function of one array.

    Examples
    --------
    >>> import numpy as np
    >>> bool(abs(make_log1pmx(np)(np.float32(-1e-4)) / -5.00033e-9 - 1) < 1e-5)
    True
    """

    def evaluate(x: Any) -> Any:
        small = xp.abs(x) <= 0.5
        # Both branches stay finite everywhere: reverse-mode differentiation turns inf * 0 into nan.
        near = xp.where(small, x, 0 * x)
        far = xp.where(small, 1 + 0 * x, x)
        r = near / (2 + near)
        square = r * r
        tail = 0 * r
        for k in range(_TERMS - 1, -1, -1):
            tail = tail * square + 1 / (2 * k + 3)
        return xp.where(small, -r * near + 2 * r * square * tail, xp.log1p(far) - far)

    return evaluate
