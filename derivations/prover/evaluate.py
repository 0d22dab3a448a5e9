"""Evaluate any SymPy expression, unevaluated integrals and recursions included, with mpmath."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import mul
from typing import Any

import mpmath
import sympy as sp
from mpmath import mp
from sympy.codegen.cfunctions import expm1, log1p
from sympy.core.function import AppliedUndef

from derivations.functions.tables import MPMATH
from derivations.prover import quadrature

# Copies that an environment keeps.
PLACES = 512


@dataclass(frozen=True)
class Environment:
    """What the names in an expression stand for.

    Parameters
    ----------
    values : dict
        Number of each symbol.
    vectors : dict
        List of numbers of each `IndexedBase`.
    explicit : dict
        Expression of each defined symbol.
    functions : dict
        For each undefined function, a callable (*arguments, environment) -> number.
    integrals : dict
        Integrals already done, shared between copies.
    expand : callable
        Replaces defined symbols and functions in an expression.

    It remembers, by working precision, the value of every sub-expression: claims that differ in one place share the
    rest. So its contents must not be changed; `at` gives another one.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> evaluate(x**2, Environment({x: mpmath.mpf(3)}))
    mpf('9.0')
    """

    values: dict[sp.Symbol, Any]
    vectors: dict[sp.Basic, list[Any]] = field(default_factory=dict)
    explicit: dict[sp.Symbol, sp.Expr] = field(default_factory=dict)
    functions: dict[Any, Callable[..., Any]] = field(default_factory=dict)
    integrals: dict[Any, Any] = field(default_factory=dict)
    expand: Callable[[sp.Basic], sp.Basic] = lambda expr: expr
    found: dict[int, dict[sp.Basic, Any]] = field(default_factory=dict, init=False, repr=False, compare=False)
    moved: dict[Any, Environment] = field(default_factory=dict, init=False, repr=False, compare=False)

    def at(self, symbol: sp.Symbol, value: Any) -> Environment:
        """Return a copy in which `symbol` has `value`, the same one each time."""
        key = symbol, value
        if key not in self.moved:
            if len(self.moved) == PLACES:
                self.moved.clear()
            self.moved[key] = self.passing(symbol, value)
        return self.moved[key]

    def passing(self, symbol: sp.Symbol, value: Any) -> Environment:
        """Return such a copy for a value that will not come again."""
        return replace(self, values={**self.values, symbol: value})

    def look_up(self, symbol: sp.Symbol) -> Any:
        """Return the number of a symbol, through its definition if it has one."""
        if symbol in self.values:
            return self.values[symbol]
        if symbol in self.explicit:
            return evaluate(self.explicit[symbol], self)
        raise KeyError(f"no value for {symbol}")


_SIMPLE: dict[Any, Callable[..., Any]] = {
    sp.exp: mp.exp,
    sp.log: mp.log,
    sp.Abs: abs,
    sp.erf: mp.erf,
    sp.erfc: mp.erfc,
    sp.sin: mp.sin,
    sp.cos: mp.cos,
    sp.tan: mp.tan,
    sp.tanh: mp.tanh,
    sp.sinh: mp.sinh,
    sp.cosh: mp.cosh,
    sp.asin: mp.asin,
    sp.acos: mp.acos,
    sp.atan: mp.atan,
    sp.sign: mp.sign,
    sp.floor: mp.floor,
    sp.ceiling: mp.ceil,
    sp.factorial: mp.factorial,
    sp.gamma: mp.gamma,
    sp.Max: max,
    sp.Min: min,
    log1p: mp.log1p,
    expm1: mp.expm1,
    sp.LambertW: mp.lambertw,
    sp.re: mp.re,
    sp.im: mp.im,
    sp.conjugate: mp.conj,
    **MPMATH,
}


def evaluate(expr: sp.Basic, env: Environment) -> Any:
    """Return the value of an expression at mpmath's working precision.

    Parameters
    ----------
    expr : sympy.Basic
        The expression; `Integral`, `Sum`, `Product`, `Derivative`, `Subs`, `Piecewise` may stand unevaluated in it.
    env : Environment
        What its names stand for.

    Returns
    -------
    mpmath.mpf or mpmath.mpc

    Raises
    ------
    TypeError
        If a kind of expression is unknown here.
    """
    found = env.found.get(mp.prec)
    if found is None:
        found = env.found[mp.prec] = {}
    value = found.get(expr)
    if value is None:
        visit = _VISITS.get(type(expr)) or _visit(type(expr))
        value = found[expr] = visit(expr, env)
    return value


def _visit(kind: type) -> Callable[..., Any]:
    """Find out, once, how a kind of expression is evaluated."""
    for known, visit in _KINDS.items():
        if issubclass(kind, known):
            _VISITS[kind] = visit
            return visit
    raise TypeError(f"cannot evaluate {kind.__name__}")


def _name(expr: sp.Symbol, env: Environment) -> Any:
    return env.look_up(expr)


def _rational(expr: sp.Rational, env: Environment) -> Any:
    return mp.mpf(expr.p) / expr.q


def _constant(expr: sp.Expr, env: Environment) -> Any:
    return expr._to_mpmath(mp.prec)


def _sum(expr: sp.Add, env: Environment) -> Any:
    return mp.fsum([evaluate(arg, env) for arg in expr.args])


def _product(expr: sp.Mul, env: Environment) -> Any:
    return reduce(mul, [evaluate(arg, env) for arg in expr.args])


def _power(expr: sp.Pow, env: Environment) -> Any:
    return mp.power(evaluate(expr.base, env), evaluate(expr.exp, env))


def _simple(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda expr, env: function(*(evaluate(arg, env) for arg in expr.args))


def _integral(expr: sp.Integral, env: Environment) -> Any:
    ((variable, low, high),) = expr.limits
    used = {s: env.look_up(s) for s in sorted(expr.free_symbols, key=str)}
    key = (expr, tuple(used.values()), mp.prec)
    if key not in env.integrals:
        ends = evaluate(low, env), evaluate(high, env)
        fast = _vectorised(expr.function, variable, ends, env)
        env.integrals[key] = fast if mp.isfinite(fast) else _adaptive(expr.function, variable, ends, env)
    return env.integrals[key]


def _vectorised(function: sp.Expr, variable: sp.Symbol, ends: tuple[Any, Any], env: Environment) -> Any:
    inner = {i: sp.Symbol(f"_inner{k}", real=True) for k, i in enumerate(sorted(function.atoms(sp.Integral), key=str))}
    if any(variable in i.free_symbols for i in inner):
        return mp.nan
    function = env.expand(function.xreplace(inner))
    values = {dummy: float(evaluate(i, env)) for i, dummy in inner.items()}
    for symbol in function.free_symbols - {variable, *values}:
        values[symbol] = float(env.look_up(symbol))
    return mp.mpf(quadrature.integrate(function, variable, float(ends[0]), float(ends[1]), values))


def _adaptive(function: sp.Expr, variable: sp.Symbol, ends: tuple[Any, Any], env: Environment) -> Any:
    low, high = ends
    points = [low, 0, high] if low < 0 < high else [low, high]
    return mp.quad(lambda value: evaluate(function, env.passing(variable, value)), points)


def _repeat(combine: Callable[..., Any]) -> Callable[..., Any]:
    def visit(expr: Any, env: Environment) -> Any:
        (variable, low, high), *outer = expr.limits
        inner = expr.func(expr.function, *outer) if outer else expr.function
        low, high = int(evaluate(low, env)), evaluate(high, env)
        if high == mp.inf:
            return mp.nsum(lambda k: evaluate(inner, env.passing(variable, k)), [low, mp.inf])
        return combine(evaluate(inner, env.at(variable, mp.mpf(k))) for k in range(low, int(high) + 1))

    return visit


def _derivative(expr: sp.Derivative, env: Environment) -> Any:
    ((variable, order),) = expr.variable_count
    return mp.diff(lambda value: evaluate(expr.expr, env.passing(variable, value)), env.look_up(variable), int(order))


def _subs(expr: sp.Subs, env: Environment) -> Any:
    for variable, point in zip(expr.variables, expr.point, strict=True):
        env = env.at(variable, evaluate(point, env))
    return evaluate(expr.expr, env)


def _applied(expr: AppliedUndef, env: Environment) -> Any:
    if expr.func not in env.functions:
        raise KeyError(f"no definition of {expr.func}")
    return env.functions[expr.func](*(evaluate(arg, env) for arg in expr.args), env)


def _indexed(expr: sp.Indexed, env: Environment) -> Any:
    vector = env.vectors[expr.base]
    return vector[(int(evaluate(expr.indices[0], env)) - 1) % len(vector)]


def _piecewise(expr: sp.Piecewise, env: Environment) -> Any:
    for value, condition in expr.args:
        if condition in (True, sp.true) or holds(condition, env):
            return evaluate(value, env)
    return mp.nan


_KINDS: dict[Any, Callable[..., Any]] = {
    sp.Symbol: _name,
    sp.Idx: _name,
    sp.Rational: _rational,
    sp.Add: _sum,
    sp.Mul: _product,
    sp.Pow: _power,
    sp.Float: _constant,
    sp.NumberSymbol: _constant,
    sp.core.numbers.ImaginaryUnit: _constant,
    sp.core.numbers.Infinity: lambda expr, env: mp.inf,
    sp.core.numbers.NegativeInfinity: lambda expr, env: -mp.inf,
    sp.Integral: _integral,
    sp.Sum: _repeat(mp.fsum),
    sp.Product: _repeat(mp.fprod),
    sp.Derivative: _derivative,
    sp.Subs: _subs,
    AppliedUndef: _applied,
    sp.Indexed: _indexed,
    sp.Piecewise: _piecewise,
}
# By exact type, completed as kinds turn up.
_VISITS: dict[type, Callable[..., Any]] = {kind: _simple(function) for kind, function in _SIMPLE.items()}


def holds(relation: sp.Basic, env: Environment) -> bool:
    """Whether a relation holds at the numbers of `env`.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> holds(x < 2, Environment({x: mpmath.mpf(1)}))
    True
    """
    if relation in (sp.true, sp.false):
        return relation == sp.true
    if isinstance(relation, sp.And):
        return all(holds(arg, env) for arg in relation.args)
    left, right = evaluate(relation.lhs, env), evaluate(relation.rhs, env)
    if isinstance(left, mpmath.mpc) or isinstance(right, mpmath.mpc):
        return False
    return {
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
        "==": left == right,
        "!=": left != right,
    }[relation.rel_op]
