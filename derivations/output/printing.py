"""Print with the symbols the field uses: LaTeX, presentation MathML, plain Unicode."""

from __future__ import annotations

import contextlib
import html
import re
import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef, _coeff_isneg
from sympy.printing.latex import LatexPrinter
from sympy.printing.mathml import MathMLPresentationPrinter
from sympy.printing.pretty.pretty import PrettyPrinter
from sympy.printing.pretty.pretty_symbology import pretty_symbol, pretty_use_unicode
from sympy.printing.pretty.stringpict import prettyForm
from sympy.printing.printer import Printer
from sympy.printing.str import StrPrinter

from derivations.symbols import LATEX_NAMES, UNICODE_NAMES

WIDTH = 100
_RELATIONS = {"==": "=", "<=": "≤", ">=": "≥", "!=": "≠"}
_RAISED = {"²": "2", "'": "′"}
_LOWERED = {"₀": "0", "₁": "1", "₂": "2", "₃": "3", "₊": "+", "₋": "−", "∞": "∞"}


class OneRoot(sp.Function):
    """A square root that SymPy does not take apart; printing only."""

    nargs = 1


def one_root(product: sp.Mul) -> sp.Expr:
    """Return a product with its square roots gathered under one root sign, for printing.

    Only what holds for every sign: at most one radicand that is not known to be nonnegative, and that one upstairs.

    Examples
    --------
    >>> from derivations.symbols import symbols
    >>> n, lmbda, n_w, Q = symbols("n lmbda n_w Q")
    >>> one_root(sp.sqrt(n * Q / (lmbda * n_w)))
    OneRoot(Q*n/(lmbda*n_w))
    """
    coefficient, factors = product.as_coeff_mul()
    up, down, rest, unknown = [], [], [], 0
    for factor in factors:
        base, power = factor.as_base_exp()
        if abs(power) != sp.S.Half or isinstance(factor, sp.exp):
            rest.append(factor)
        elif base.is_nonnegative:
            (up if power > 0 else down).append(base)
        elif power > 0 and not unknown:
            unknown = 1
            up.append(base)
        else:
            rest.append(factor)
    for number in [base for base in up if base.is_Integer]:
        if coefficient.is_Rational and coefficient.q % number == 0:  # sqrt(2)/2 is 1/sqrt(2)
            up.remove(number)
            down.append(number)
            coefficient *= number
    if not up and not down:
        return product
    root = OneRoot(sp.Mul(*up) / sp.Mul(*down)) if up else 1 / OneRoot(sp.Mul(*down))
    return sp.Mul(coefficient, *rest, root)


class _Nice(Printer):
    """One root instead of many, and a sum that begins with a plus sign if it can."""

    def _print_Mul(self, expr: sp.Mul) -> Any:
        # SymPy's LaTeX comes here with a negative power too.
        merged = one_root(expr) if isinstance(expr, sp.Mul) else expr
        if merged == expr:
            return super()._print_Mul(expr)
        return super()._print_Mul(merged) if isinstance(merged, sp.Mul) else self._print(merged)

    def _as_ordered_terms(self, expr: sp.Add, order: str | None = None) -> list[sp.Expr]:
        terms = list(super()._as_ordered_terms(expr, order=order))
        terms.sort(key=lambda term: isinstance(term, sp.Order))  # what a series leaves out stands last
        first = next((k for k, term in enumerate(terms) if not (_coeff_isneg(term) or isinstance(term, sp.Order))), 0)
        if expr.is_integer and terms[first].is_number and len(terms) > 1:
            first = next((k for k, term in enumerate(terms) if term.free_symbols and not _coeff_isneg(term)), first)
        return [terms[first], *terms[:first], *terms[first + 1 :]]

    def _in_brackets(self, expr: sp.Expr) -> Any:
        raise NotImplementedError

    def _print_Rational(self, expr: sp.Rational) -> Any:
        decimal = _short_decimal(expr)
        return super()._print_Rational(expr) if decimal is None else self._decimal(decimal)

    def _decimal(self, digits: str) -> Any:
        return digits

    # Functions of our own, as a reader knows them.
    def _print_tanh_gap(self, expr: Any) -> Any:
        return self._in_brackets(expr.textbook())

    def _print_ramp_gap(self, expr: Any) -> Any:
        return self._in_brackets(expr.textbook())

    def _print_arcsine_sum(self, expr: Any) -> Any:
        return self._in_brackets(expr.rewrite(sp.Sum))


def _short_decimal(number: sp.Rational) -> str | None:
    """Write a measured constant such as 724201/250000 as the decimal it was given as; None for a plain fraction."""
    if number.q < 1000 or 10**12 % number.q:
        return None
    return f"{sp.N(number, 30):f}".rstrip("0")


def _equation_first(expr: sp.Equivalent) -> list[sp.Basic]:
    return sorted(expr.args, key=lambda arg: isinstance(arg, sp.Eq) and isinstance(arg.lhs, sp.Symbol))


class _Latex(_Nice, LatexPrinter):
    def __init__(self) -> None:
        super().__init__({"symbol_names": LATEX_NAMES, "ln_notation": True, "order": "rev-lex"})

    def _print_And(self, expr: sp.And) -> str:
        return r",\quad ".join(self._print(arg) for arg in expr.args)

    def _print_Equivalent(self, expr: sp.Equivalent, altchar: str | None = None) -> str:
        return r" \;\Leftrightarrow\; ".join(self._print(arg) for arg in _equation_first(expr))

    def _print_log1p(self, expr: sp.Expr) -> str:
        return rf"\ln\left(1 + {self._print(expr.args[0])}\right)"

    def _in_brackets(self, expr: sp.Expr) -> str:
        return rf"\left({self._print(expr)}\right)"

    def _print_OneRoot(self, expr: OneRoot) -> str:
        return rf"\sqrt{{{self._print(expr.args[0])}}}"


class _Unicode(_Nice, PrettyPrinter):
    def __init__(self) -> None:
        super().__init__({"use_unicode": True, "wrap_line": False, "order": "rev-lex"})

    def _print_Symbol(self, expr: sp.Symbol, *args: Any, **kwargs: Any) -> prettyForm:
        return prettyForm(UNICODE_NAMES[expr]) if expr in UNICODE_NAMES else super()._print_Symbol(expr)

    def _print_Add(self, expr: sp.Add, order: str | None = None) -> prettyForm:
        # SymPy's sum draws its fractions itself.
        decimals = {r: sp.Symbol(d, positive=True) for r in expr.args if r.is_Rational and (d := _short_decimal(r))}
        return super()._print_Add(expr.xreplace(decimals), order)

    def _decimal(self, digits: str) -> prettyForm:
        return prettyForm(digits)

    def _print_OneRoot(self, expr: OneRoot) -> prettyForm:
        return self._print_nth_root(expr.args[0], sp.Integer(2))

    def _in_brackets(self, expr: sp.Expr) -> prettyForm:
        return prettyForm(*self._print(expr).parens())


class _Line(_Nice, StrPrinter):
    def __init__(self) -> None:
        super().__init__({"order": "rev-lex"})

    def _print_Symbol(self, expr: sp.Symbol) -> str:
        return UNICODE_NAMES.get(expr, expr.name)

    def _print_OneRoot(self, expr: OneRoot) -> str:
        return f"sqrt({self._print(expr.args[0])})"

    def _in_brackets(self, expr: sp.Expr) -> str:
        return f"({self._print(expr)})"


class _MathML(_Nice, MathMLPresentationPrinter):
    def __init__(self) -> None:
        super().__init__({"ln_notation": True, "order": "rev-lex", "mul_symbol": None})

    def _node(self, tag: str, *children: Any) -> Any:
        node = self.dom.createElement(tag)
        for child in children:
            node.appendChild(self.dom.createTextNode(child) if isinstance(child, str) else child)
        return node

    def _print_Symbol(self, sym: sp.Symbol, style: str = "plain") -> Any:
        name = UNICODE_NAMES.get(sym, sym.name)
        base, _, below = name.partition("_")
        above = "".join(_RAISED[letter] for letter in base if letter in _RAISED and base[-1] == letter)
        base = base[: len(base) - len(above)]
        stem = base.rstrip("".join(_LOWERED))
        if stem and not below:
            base, below = stem, "".join(_LOWERED[letter] for letter in base[len(stem) :])
        node, top = self._node("mi", base), self._node("mn" if above.isdigit() else "mo", above)
        bottom = self._node("mn" if below.isdigit() else "mi", below)
        if above and below:
            return self._node("msubsup", node, bottom, top)
        return self._node("msup", node, top) if above else self._node("msub", node, bottom) if below else node

    def _decimal(self, digits: str) -> Any:
        return self._node("mn", digits)

    def _print_Pow(self, e: sp.Pow) -> Any:
        raised = isinstance(e.base, sp.Symbol) and UNICODE_NAMES.get(e.base, "")[-1:] in _RAISED
        if not raised or not e.exp.is_Integer or e.exp < 0:
            return super()._print_Pow(e)
        return self._node("msup", self._in_brackets(e.base), self._print(e.exp))

    def _in_brackets(self, expr: sp.Expr) -> Any:
        return self._node("mrow", self._node("mo", "("), self._print(expr), self._node("mo", ")"))

    def _print_OneRoot(self, expr: OneRoot) -> Any:
        return self._node("msqrt", self._print(expr.args[0]))

    def _print_erfc(self, expr: sp.Expr) -> Any:
        return self._node("mrow", self._node("mi", "erfc"), self._paren_comma_separated(*expr.args))

    def _print_AppliedUndef(self, expr: AppliedUndef) -> Any:
        # SymPy writes every function's name in small letters: V(k) and v(k) would be one.
        name = self._print_Symbol(sp.Symbol(pretty_symbol(expr.func.__name__)))
        return self._node("mrow", name, self._paren_comma_separated(*expr.args))

    def _print_Idx(self, expr: sp.Idx) -> Any:
        return self._print(expr.label)

    def _print_Order(self, expr: sp.Order) -> Any:
        return self._node("mrow", self._node("mi", "O"), self._in_brackets(expr.expr))

    def _print_Subs(self, expr: sp.Subs) -> Any:
        pairs = [sp.Eq(old, new, evaluate=False) for old, new in zip(expr.variables, expr.point, strict=True)]
        where = self._node("mrow", *(self._print(pair) for pair in pairs))
        return self._node("msub", self._node("mrow", self._print(expr.expr), self._node("mo", "|")), where)

    def _print_Piecewise(self, expr: sp.Piecewise) -> Any:
        table = self._node("mtable")
        for value, condition in expr.args:
            where = self._node("mtext", "otherwise") if condition == sp.true else self._print(condition)
            table.appendChild(self._node("mtr", self._node("mtd", self._print(value)), self._node("mtd", where)))
        return self._node("mrow", self._node("mo", "{"), table)

    def _print_And(self, expr: sp.And) -> Any:
        return self._between(",", expr.args)

    def _print_Equivalent(self, expr: sp.Equivalent) -> Any:
        return self._between("⇔", _equation_first(expr))

    def _between(self, sign: str, parts: Iterable[sp.Basic]) -> Any:
        """Write parts in a row with a wide sign between them."""
        first, *rest = (self._print(part) for part in parts)
        children = [first]
        for part in rest:
            mark = self._node("mo", sign)
            mark.setAttribute("lspace", "0.5em")
            mark.setAttribute("rspace", "1em")
            children += [mark, part]
        return self._node("mrow", *children)


def latex(expr: sp.Basic) -> str:
    r"""Return LaTeX of an expression or relation.

    Examples
    --------
    >>> from derivations.symbols import symbols
    >>> n, lmbda, n_w, Q = symbols("n lmbda n_w Q")
    >>> latex(sp.sqrt(n * Q / (lmbda * n_w)))
    '\\sqrt{\\frac{Q n}{\\lambda n_w}}'
    """
    return _Latex().doprint(expr)


def mathml(expr: sp.Basic, approximate: bool = False) -> str:
    """Return presentation MathML of an expression or relation: one `math` element for a web page.

    Parameters
    ----------
    expr : sympy.Basic
        What to write.
    approximate : bool
        Whether an equation's sign is written as ≈.

    Examples
    --------
    >>> from derivations.symbols import symbols
    >>> mathml(symbols("n_in")[0])
    '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block"><msub><mi>n</mi><mi>in</mi></msub></math>'
    """
    printer = _MathML()
    if approximate:
        node = printer._node("mrow", printer._print(expr.lhs), printer._node("mo", "≈"), printer._print(expr.rhs))
    else:
        node = printer._print(expr)
    # SymPy writes some signs as entities that only HTML knows.
    inside = re.sub(r"&(?!lt;|gt;|amp;|quot;)\w+;", lambda m: html.unescape(m[0]), node.toxml())
    # And these as they are; a hyphen is no minus sign.
    for bare, sign in (("<", "&lt;"), (">", "&gt;"), ("-", "−")):
        inside = inside.replace(f"<mo>{bare}</mo>", f"<mo>{sign}</mo>")
    inside = inside.replace("\N{DOUBLE-STRUCK ITALIC SMALL E}", "e")
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">{inside}</math>'


@contextlib.contextmanager
def _in_unicode() -> Iterator[None]:
    """Have SymPy draw in Unicode, whatever standard output it finds can show."""
    before = pretty_use_unicode(True)
    try:
        yield
    finally:
        pretty_use_unicode(before)


@_in_unicode()
def unicode(expr: sp.Basic, width: int = WIDTH) -> str:
    """Return a two-dimensional Unicode picture of an expression or relation, at most `width` columns wide.

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
    form = _Unicode()._print(expr)
    if form.width() <= width:
        return form.render(wrap_line=False)
    if isinstance(expr, sp.Rel):
        sign = _RELATIONS.get(expr.rel_op, expr.rel_op)
        return f"{unicode(expr.lhs, width)}\n{sign}\n{unicode(expr.rhs, width)}"
    if isinstance(expr, sp.Add):
        return _rows(expr, width)
    if isinstance(expr, sp.Mul) and (rows := _factors(expr, width)):
        return rows
    return textwrap.fill(line(expr), width, subsequent_indent="  ", break_long_words=False)


def _factors(product: sp.Mul, width: int) -> str | None:
    """Write a long product with each of its sums on a row of its own; None if one of them is too long for that."""
    printer = _Unicode()
    long = [factor for factor in product.args if isinstance(factor, sp.Add)]
    rest = printer._print(sp.Mul(*(factor for factor in product.args if factor not in long)))
    forms = [rest, *(prettyForm(*printer._in_brackets(factor).left("⋅ ")) for factor in long)]
    return "\n".join(f.render(wrap_line=False) for f in forms) if max(f.width() for f in forms) <= width else None


def _rows(total: sp.Add, width: int) -> str:
    """Write a long sum on several rows, each of which begins with the sign of its first term."""
    printer = _Unicode()
    rows: list[list[sp.Expr]] = []
    for term in printer._as_ordered_terms(total):
        wider = sp.Add(*rows[-1], term, evaluate=False) if rows else None
        if wider is not None and printer._print(wider).width() <= width - 2:
            rows[-1].append(term)
        else:
            rows.append([term])
    pictures = []
    for k, terms in enumerate(rows):
        part = terms[0] if len(terms) == 1 else sp.Add(*terms, evaluate=False)
        form = printer._print(part)
        if form.width() > width - 2:
            pictures.append(("+ " if k else "") + unicode(part, width - 2) if len(terms) == 1 else line(part))
            continue
        if k and not _coeff_isneg(printer._as_ordered_terms(part)[0] if isinstance(part, sp.Add) else part):
            form = prettyForm(*form.left("+ "))
        pictures.append(form.render(wrap_line=False))
    return "\n".join(pictures)


def line(expr: sp.Basic) -> str:
    """Return an expression, a relation or several on one line, in Unicode.

    Examples
    --------
    >>> from derivations.symbols import symbols
    >>> eta, lmbda, n = symbols("eta lmbda n")
    >>> line(eta * lmbda / n < 1)
    'η*λ/n < 1'
    """
    if isinstance(expr, sp.Equivalent):
        return " ⇔ ".join(line(arg) for arg in _equation_first(expr))
    if isinstance(expr, sp.And):
        return ", ".join(line(arg) for arg in expr.args)
    if isinstance(expr, sp.Eq):
        return f"{line(expr.lhs)} = {line(expr.rhs)}"
    return _Line().doprint(expr)
