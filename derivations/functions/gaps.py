"""Two functions of the decay per epoch that start at 0, where their textbook forms cancel."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import sympy as sp

_TERMS = 18


class _Gap(sp.Function):
    """A function printed and evaluated through its textbook form."""

    nargs = 1

    @classmethod
    def eval(cls, x: sp.Expr) -> sp.Expr | None:
        """Return the value at 0, where the textbook form has none."""
        return sp.S.Zero if x.is_zero else None

    def textbook(self) -> sp.Expr:
        """Return the textbook form."""
        raise NotImplementedError

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Return the derivative of the textbook form."""
        (x,) = self.args
        variable = sp.Dummy("x", positive=True)
        return sp.diff(type(self)(variable).textbook(), variable).subs(variable, x)

    def _eval_evalf(self, prec: int) -> sp.Expr:
        x = self.args[0]._to_mpmath(3 * prec + 20)
        with mpmath.workprec(3 * prec + 20):
            value = MP_GAPS[type(self)](x)
        return sp.Float._new(value._mpf_, prec)

    def _latex(self, printer: Any) -> str:
        return printer._print(self.textbook()).join((r"\left(", r"\right)"))


class tanh_gap(_Gap):
    r"""The function $1 - \tanh(x)/x$, about $x^2/3$ near 0.

    Examples
    --------
    >>> import sympy as sp
    >>> tanh_gap(sp.Rational(1, 10**6)).evalf(6)
    3.33333e-13
    """

    def textbook(self) -> sp.Expr:
        """Return 1 - tanh(x)/x."""
        return 1 - sp.tanh(self.args[0]) / self.args[0]


class ramp_gap(_Gap):
    r"""The function $1 - 2/x + 2(1 - e^{-x})/x^2$, about $x/3$ near 0.

    Examples
    --------
    >>> import sympy as sp
    >>> ramp_gap(sp.Rational(1, 10**6)).evalf(6)
    3.33333e-7
    """

    def textbook(self) -> sp.Expr:
        """Return 1 - 2/x + 2 (1 - exp(-x))/x^2."""
        (x,) = self.args
        return 1 - 2 / x + 2 * (1 - sp.exp(-x)) / x**2


def _mp_tanh_gap(x: Any) -> Any:
    with mpmath.workprec(3 * mpmath.mp.prec + 60):
        return 1 - mpmath.tanh(x) / x if x else mpmath.mpf(0)


def _mp_ramp_gap(x: Any) -> Any:
    with mpmath.workprec(3 * mpmath.mp.prec + 60):
        return 1 - 2 / x + 2 * (1 - mpmath.exp(-x)) / x**2 if x else mpmath.mpf(0)


MP_GAPS: dict[Any, Callable[[Any], Any]] = {tanh_gap: _mp_tanh_gap, ramp_gap: _mp_ramp_gap}


def make_gaps(xp: Any) -> dict[str, Callable[[Any], Any]]:
    """Return both functions for the array module `xp`, accurate for small x and safe to differentiate.

    Examples
    --------
    >>> import numpy as np
    >>> bool(abs(make_gaps(np)["tanh_gap"](np.float32(1e-3)) / 3.333332e-7 - 1) < 1e-6)
    True
    """

    def branches(x: Any) -> tuple[Any, Any, Any]:
        small = xp.abs(x) <= 1
        return small, xp.where(small, x, 0 * x), xp.where(small, 1 + 0 * x, x)

    def tanh(x: Any) -> Any:
        small, near, far = branches(x)
        square = near * near
        # Lambert's continued fraction tanh x = x/(1 + x^2/(3 + x^2/(5 + ...))): nothing is subtracted.
        tail = 2.0 * _TERMS + 1 + 0 * square
        for k in range(_TERMS - 1, 0, -1):
            tail = 2 * k + 1 + square / tail
        return xp.where(small, square / (tail + square), 1 - xp.tanh(far) / far)

    def ramp(x: Any) -> Any:
        small, near, far = branches(x)
        total = 0 * near
        for k in range(_TERMS + 2, 2, -1):
            total = total * near + 2 * (-1) ** (k + 1) / math.factorial(k)
        return xp.where(small, near * total, 1 - 2 / far - 2 * xp.expm1(-far) / (far * far))

    return {"tanh_gap": tanh, "ramp_gap": ramp}
