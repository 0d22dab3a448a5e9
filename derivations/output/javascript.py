"""Print a formula as JavaScript; SymPy's printer lacks log1p, expm1 and erf. What this one lacks it refuses."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sympy as sp
from sympy.codegen.cfunctions import expm1, log1p
from sympy.core.function import _coeff_isneg

from derivations.errors import PrintingError
from derivations.functions.gaps import ramp_gap, tanh_gap
from derivations.functions.log1pmx import log1pmx
from derivations.functions.powers import power1p, power1pm1
from derivations.output.at_zero import decay_of, meaning_at_zero
from derivations.output.shown import ShownFormula

# erf: the series with positive terms below 2, the continued fraction of erfc above; both to a few units in the last
# place.
HELPERS = {
    "erf": """\
function erf(x) {
  const a = Math.abs(x);
  if (!(a < 2)) return Math.sign(x) * (1 - erfc(a));
  let term = 2 * x / Math.sqrt(Math.PI) * Math.exp(-x * x), sum = 0;
  for (let k = 0; k < 60; k++) { sum += term; term *= 2 * x * x / (2 * k + 3); }
  return sum;
}""",
    "erfc": """\
function erfc(x) {
  if (x < 2) return 1 - erf(x);
  let tail = x;
  for (let k = 160; k > 0; k--) tail = x + k / 2 / tail;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / tail;
}""",
    "log1pmx": """\
function log1pmx(x) {
  if (Math.abs(x) > 0.5) return Math.log1p(x) - x;
  const r = x / (2 + x), square = r * r;
  let tail = 0;
  for (let k = 15; k >= 0; k--) tail = tail * square + 1 / (2 * k + 3);
  return -r * x + 2 * r * square * tail;
}""",
    "power1p": """\
function power1p(x, k) {
  return x > -0.5 ? Math.exp(k * Math.log1p(x)) : Math.pow(1 + x, k);
}""",
    "power1pm1": """\
function power1pm1(x, k) {
  return x > -0.5 ? Math.expm1(k * Math.log1p(x)) : Math.pow(1 + x, k) - 1;
}""",
    "tanh_gap": """\
function tanh_gap(x) {
  if (Math.abs(x) > 1) return 1 - Math.tanh(x) / x;
  let tail = 37;
  for (let k = 17; k > 0; k--) tail = 2 * k + 1 + x * x / tail;
  return x * x / (tail + x * x);
}""",
    "ramp_gap": """\
function ramp_gap(x) {
  if (Math.abs(x) > 1) return 1 - 2 / x - 2 * Math.expm1(-x) / (x * x);
  let term = x / 3, sum = 0;
  for (let k = 4; k < 24; k++) { sum += term; term *= -x / k; }
  return sum;
}""",
}
_NEEDS = {name: (name,) for name in HELPERS} | {"erf": ("erf", "erfc"), "erfc": ("erf", "erfc")}
_FUNCTIONS = {
    sp.exp: "Math.exp",
    sp.log: "Math.log",
    sp.Abs: "Math.abs",
    sp.sign: "Math.sign",
    sp.floor: "Math.floor",
    sp.ceiling: "Math.ceil",
    sp.Max: "Math.max",
    sp.Min: "Math.min",
    sp.sin: "Math.sin",
    sp.cos: "Math.cos",
    sp.tan: "Math.tan",
    sp.asin: "Math.asin",
    sp.acos: "Math.acos",
    sp.atan: "Math.atan",
    sp.atan2: "Math.atan2",
    sp.sinh: "Math.sinh",
    sp.cosh: "Math.cosh",
    sp.tanh: "Math.tanh",
    sp.asinh: "Math.asinh",
    sp.acosh: "Math.acosh",
    sp.atanh: "Math.atanh",
    log1p: "Math.log1p",
    expm1: "Math.expm1",
    log1pmx: "log1pmx",
    power1p: "power1p",
    power1pm1: "power1pm1",
    tanh_gap: "tanh_gap",
    ramp_gap: "ramp_gap",
    sp.erf: "erf",
    sp.erfc: "erfc",
}
_CONSTANTS = {sp.pi: "Math.PI", sp.E: "Math.E"}
_RELATIONS = {"==": "===", "!=": "!=="}
_RESERVED = frozenset(
    "await break case catch class const continue debugger default delete do else enum export extends false finally for "
    "function if implements import in instanceof interface let new null package private protected public return static "
    "super switch this throw true try typeof var void while with yield arguments eval Math".split()
) | frozenset(HELPERS)


def program(formulas: Mapping[str, ShownFormula]) -> str:
    """Return one JavaScript program with a function for each formula; helper functions are written once.

    Parameters
    ----------
    formulas : mapping of str to Formula
        Name of the function to the formula.

    Returns
    -------
    str

    Raises
    ------
    PrintingError
        If an expression holds something that has no elementary JavaScript, or a name is no identifier.

    Examples
    --------
    >>> from derivations import derive
    >>> print(program({"tau": derive("timescale").formulas["tau_epoch"]}))
    /** time scale in epochs [epochs] */
    function tau({ eta, lmbda, m }) {
      return m / (eta * lmbda);
    }
    """
    functions = [_function(name, formula) for name, formula in formulas.items()]
    used = {helper for formula in formulas.values() for helper in _helpers(formula.stable)}
    return "\n".join([*(HELPERS[helper] for helper in HELPERS if helper in used), *functions])


def expression(expr: sp.Expr) -> str:
    """Return an expression as JavaScript; every symbol stands for itself.

    Raises
    ------
    PrintingError
        Naming what has no elementary JavaScript.

    Examples
    --------
    >>> x = sp.Symbol("x", positive=True)
    >>> expression(log1p(-x) / sp.sqrt(2 + x))
    'Math.log1p(-x) / Math.sqrt(x + 2)'
    """
    if isinstance(expr, sp.Symbol):
        return expr.name
    if isinstance(expr, sp.Rational):
        return str(expr.p) if expr.q == 1 else f"{expr.p} / {expr.q}"
    if expr.is_Float:
        return repr(float(expr))
    if expr in _CONSTANTS:
        return _CONSTANTS[expr]
    if expr.is_NumberSymbol:
        return repr(float(expr))
    if isinstance(expr, sp.Piecewise):
        return _piecewise(expr)
    for kind, write in _OPERATIONS.items():
        if isinstance(expr, kind):
            return write(expr)
    if type(expr) in _FUNCTIONS:
        return f"{_FUNCTIONS[type(expr)]}({', '.join(expression(arg) for arg in expr.args)})"
    raise PrintingError(f"{type(expr).__name__} has no elementary JavaScript: {expr}")


def _function(name: str, formula: ShownFormula) -> str:
    for identifier in (name, *formula.parameters):
        if not identifier.isidentifier() or not identifier.isascii() or identifier in _RESERVED:
            raise PrintingError(f"{formula.name}: {identifier!r} cannot be a name in JavaScript")
    try:
        shared, (result,) = sp.cse(formula.stable, symbols=sp.numbered_symbols("$"))
        body = _without_decay(formula)
        body += [f"  const {symbol.name} = {expression(value)};" for symbol, value in shared]
        body.append(f"  return {expression(result)};")
    except PrintingError as error:
        raise PrintingError(f"{formula.name}: {error}") from None
    where = f"; valid for {', '.join(formula.conditions())}" if formula.validity else ""
    error = f"; {formula.approximation.line()}" if formula.approximation is not None else ""
    comment = f"{formula.meaning} [{formula.unit}]{where}{error}"
    head = f"function {name}({{ {', '.join(formula.parameters)} }}) {{"
    return "\n".join([f"/** {comment.replace('*/', '* /')} */", head, *body, "}"])


def _without_decay(formula: ShownFormula) -> list[str]:
    """Return the line for no decay where the closed form has no number there."""
    if formula.without_decay is None or formula.without_decay.value in (None, sp.oo):
        return []
    name = str(decay_of(formula))
    value = meaning_at_zero(formula, frozenset({name}))
    return [] if value is None else [f"  if ({name} === 0) return {expression(value)};"]


def _helpers(expr: sp.Expr) -> set[str]:
    kinds = {_FUNCTIONS.get(type(node), "") for node in sp.preorder_traversal(expr)}
    return {helper for kind in kinds for helper in _NEEDS.get(kind, ())}


def _factor(expr: sp.Expr) -> str:
    """Write a factor or a power's base: a sum, a fraction or a sign is put into brackets."""
    fraction = isinstance(expr, sp.Rational) and expr.q != 1
    inverse = isinstance(expr, sp.Pow) and expr.exp.is_Rational and expr.exp < 0
    negative = expr.is_number and expr.is_negative
    brackets = isinstance(expr, sp.Add | sp.Mul) or fraction or inverse or negative
    return f"({expression(expr)})" if brackets else expression(expr)


def _sum(expr: sp.Add) -> str:
    text = ""
    for term in sorted(expr.as_ordered_terms(), key=_coeff_isneg):  # what is subtracted comes last
        negative = _coeff_isneg(term)
        size = expression(-term) if negative else expression(term)
        text += (" - " if negative else " + ") + size if text else ("-" + size if negative else size)
    return text


def _product(expr: sp.Mul) -> str:
    coefficient, factors = expr.as_coeff_Mul()
    if coefficient.is_Rational and coefficient < 0:
        opposite = -expr
        return f"-({expression(opposite)})" if isinstance(opposite, sp.Add) else f"-{expression(opposite)}"
    above, below = [], []
    if not coefficient.is_Rational:
        above.append(_factor(coefficient))
    else:
        above += [str(coefficient.p)] * (coefficient.p != 1)
        below += [str(coefficient.q)] * (coefficient.q != 1)
    for factor in sp.Mul.make_args(factors):
        inverse = isinstance(factor, sp.Pow) and factor.exp.is_Rational and factor.exp < 0
        (below if inverse else above).append(_factor(1 / factor if inverse else factor))
    top = " * ".join(above) or "1"
    return top if not below else f"{top} / {below[0]}" if len(below) == 1 else f"{top} / ({' * '.join(below)})"


def _power(expr: sp.Pow) -> str:
    base, power = expr.base, expr.exp
    if power.is_Rational and power < 0:
        return f"1 / {_factor(base ** (-power))}"
    if power == sp.S.Half:
        return f"Math.sqrt({expression(base)})"
    return f"Math.pow({expression(base)}, {expression(power)})"


def _piecewise(expr: sp.Piecewise) -> str:
    text = "NaN"
    for value, condition in reversed(expr.args):
        text = expression(value) if condition == sp.true else f"{_condition(condition)} ? {expression(value)} : {text}"
        text = f"({text})"
    return text


def _condition(condition: sp.Basic) -> str:
    if isinstance(condition, sp.And | sp.Or):
        sign = " && " if isinstance(condition, sp.And) else " || "
        return f"({sign.join(_condition(arg) for arg in condition.args)})"
    if not isinstance(condition, sp.Rel):
        raise PrintingError(f"{type(condition).__name__} has no elementary JavaScript: {condition}")
    sign = _RELATIONS.get(condition.rel_op, condition.rel_op)
    return f"{expression(condition.lhs)} {sign} {expression(condition.rhs)}"


_OPERATIONS: dict[type, Callable[..., str]] = {sp.Add: _sum, sp.Mul: _product, sp.Pow: _power}
