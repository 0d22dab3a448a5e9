"""Print with the symbols the field uses, in LaTeX and in plain Unicode."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.printing.latex import LatexPrinter
from sympy.printing.pretty.pretty import PrettyPrinter
from sympy.printing.pretty.stringpict import prettyForm
from sympy.printing.str import StrPrinter

from derivations.symbols import LATEX_NAMES, UNICODE_NAMES


def _equation_first(expr: sp.Equivalent) -> list[sp.Basic]:
    return sorted(expr.args, key=lambda arg: isinstance(arg, sp.Eq) and isinstance(arg.lhs, sp.Symbol))


class _Latex(LatexPrinter):
    def __init__(self) -> None:
        super().__init__({"symbol_names": LATEX_NAMES, "ln_notation": True, "order": "rev-lex"})

    def _print_And(self, expr: sp.And) -> str:
        return r",\quad ".join(self._print(arg) for arg in expr.args)

    def _print_Equivalent(self, expr: sp.Equivalent, altchar: str | None = None) -> str:
        return r" \;\Leftrightarrow\; ".join(self._print(arg) for arg in _equation_first(expr))

    def _print_log1p(self, expr: sp.Expr) -> str:
        return rf"\ln\left(1 + {self._print(expr.args[0])}\right)"


class _Unicode(PrettyPrinter):
    def __init__(self, width: int) -> None:
        super().__init__({"use_unicode": True, "wrap_line": False, "num_columns": width, "order": "rev-lex"})

    def _print_Symbol(self, expr: sp.Symbol, *args: Any, **kwargs: Any) -> prettyForm:
        return prettyForm(UNICODE_NAMES[expr]) if expr in UNICODE_NAMES else super()._print_Symbol(expr)


class _Line(StrPrinter):
    def __init__(self) -> None:
        super().__init__({"order": "rev-lex"})

    def _print_Symbol(self, expr: sp.Symbol) -> str:
        return UNICODE_NAMES.get(expr, expr.name)


def latex(expr: sp.Basic) -> str:
    r"""Return LaTeX of an expression or relation.

    Examples
    --------
    >>> from derivations.symbols import symbols
    >>> latex(symbols("lmbda")[0])
    '\\lambda'
    """
    return _Latex().doprint(expr)


def unicode(expr: sp.Basic, width: int = 110) -> str:
    """Return a two-dimensional Unicode picture of an expression or relation.

    Examples
    --------
    >>> from derivations.symbols import symbols
    >>> unicode(symbols("lmbda")[0])
    'λ'
    """
    if isinstance(expr, sp.Equivalent):
        return "\n⇔\n".join(unicode(arg, width) for arg in _equation_first(expr))
    if isinstance(expr, sp.And):
        return "\n".join(unicode(arg, width) for arg in expr.args)
    return _Unicode(width).doprint(expr)


def line(expr: sp.Basic) -> str:
    """Return an expression or relation on one line, in Unicode.

    Examples
    --------
    >>> from derivations.symbols import symbols
    >>> eta, lmbda, n = symbols("eta lmbda n")
    >>> line(eta * lmbda / n < 1)
    'η*λ/n < 1'
    """
    return _Line().doprint(expr)
