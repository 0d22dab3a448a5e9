"""Turn a SymPy expression into numbers: mpmath, NumPy, JAX (imported only when asked for)."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from derivations.errors import ValidityWarning, nearest
from derivations.functions.tables import arrays
from derivations.output import at_zero, printing
from derivations.output.arguments import numbers, traced
from derivations.output.shown import ShownFormula
from derivations.prover.evaluate import Environment, evaluate
from derivations.symbols import QUANTITIES, UNICODE_NAMES


def bind(formula: ShownFormula, values: Mapping[str, Any]) -> None:
    """Raise TypeError unless `values` names exactly the parameters; say what is missing, and what was meant."""
    parameters = formula.parameters
    missing = [f"{p} ({QUANTITIES[p].meaning})" if p in QUANTITIES else p for p in parameters if p not in values]
    unknown = [f"{p} ({nearest(p, parameters)})" for p in values if p not in parameters]
    if missing or unknown:
        parts = [f"missing {', '.join(missing)}"] * bool(missing) + [f"unknown {', '.join(unknown)}"] * bool(unknown)
        raise TypeError(f"{formula.name}({', '.join(parameters)}): " + "; ".join(parts))


def by_name(formula: ShownFormula, unnamed: tuple[Any, ...]) -> None:
    """Raise TypeError if a number came without its name."""
    if unnamed:
        arguments = ", ".join(f"{name}=..." for name in formula.parameters)
        raise TypeError(f"{formula.name}: a number without a name, {unnamed[0]!r}: call {formula.name}({arguments})")


def keyword_only(formula: ShownFormula, function: Callable[..., Any], checked: bool = False) -> Callable[..., Any]:
    """Wrap a positional function so that it takes the formula's parameters by keyword, checked if asked for."""
    name, parameters = formula.name, formula.parameters

    def call(*unnamed: Any, **values: Any) -> Any:
        by_name(formula, unnamed)
        bind(formula, values)
        if checked and not any(map(traced, values.values())):
            for violation in formula.violations(**values):
                warnings.warn(f"{name} does not hold here: {violation}", ValidityWarning, stacklevel=2)
        given = (values[parameter] for parameter in parameters)
        return function(*(np.asarray(one) if isinstance(one, list | tuple) else one for one in given))

    call.__name__ = call.__qualname__ = name
    call.__doc__ = f"{formula.meaning} [{formula.unit}]: {formula.line()}."
    return call


def numpy_function(expr: sp.Expr, symbols: Sequence[sp.Symbol]) -> Callable[..., Any]:
    """Compile for NumPy; SciPy is loaded only if the expression needs it."""
    table: dict[str, Any] = arrays(np)
    if expr.has(sp.erf, sp.erfc):
        from scipy import special

        table |= {"erf": special.erf, "erfc": special.erfc}
    return sp.lambdify(symbols, _python_constants(expr), modules=[table, "numpy"], cse=True)


def jax_function(expr: sp.Expr, symbols: Sequence[sp.Symbol]) -> Callable[..., Any]:
    """Compile for JAX."""
    import jax
    import jax.numpy as jnp

    table = {
        **arrays(jnp),
        "erf": jax.scipy.special.erf,
        "erfc": jax.scipy.special.erfc,
        "log1p": jnp.log1p,
        "expm1": jnp.expm1,
    }
    return sp.lambdify(symbols, _python_constants(expr), modules=[table, "jax"], cse=True)


def number(expr: sp.Expr, symbols: Sequence[sp.Symbol], values: Mapping[str, Any], digits: int) -> mpmath.mpf:
    """Evaluate with `digits` digits; the working precision absorbs cancellation."""
    with mpmath.workdps(2 * digits + 20):
        result = evaluate(expr, Environment({symbol: mpmath.mpf(values[symbol.name]) for symbol in symbols}))
    with mpmath.workdps(digits):
        return +result


def compiled(conditions: Sequence[sp.Rel]) -> tuple[tuple[sp.Rel, list[sp.Symbol], Callable[..., Any]], ...]:
    """Return each condition with its symbols and a NumPy function of them."""
    found = []
    for condition in conditions:
        used = sorted(condition.free_symbols, key=lambda s: s.name)
        found.append((condition, used, sp.lambdify(used, condition, modules="numpy")))
    return tuple(found)


def violations(formula: ShownFormula, values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return each violated condition with the first numbers that violate it."""
    found = []
    symbols = formula.symbols
    arrays = np.broadcast_arrays(*(numbers(symbol.name, values[symbol.name]) for symbol in symbols))
    flat = {symbol.name: array.ravel() for symbol, array in zip(symbols, arrays, strict=True)}
    zeros = _zeros_allowed(formula, flat)
    for symbol in symbols:
        value = flat[symbol.name]
        sign = ">" if symbol.is_positive else ">=" if symbol.is_nonnegative else None
        holds = np.isfinite(value) if sign is None else value > 0 if sign == ">" else value >= 0
        holds = holds | (zeros & (value == 0))
        if not np.all(holds):
            bound = f"{UNICODE_NAMES[symbol]} {sign} 0" if sign else f"{UNICODE_NAMES[symbol]} finite"
            first = value[np.argmin(holds)]
            why = at_zero.why_not(formula, symbol.name) if first == 0 else ""
            found.append(f"{bound} (met {_met([symbol], flat, holds)}){why}")
    if found:
        return tuple(found)
    for condition, used, holds_at in formula.compiled_validity:
        with np.errstate(all="ignore"):  # the root of a negative number is no number, and meets no condition
            holds = np.asarray(holds_at(*(flat[s.name] for s in used)))
        if not np.all(holds):
            found.append(f"{printing.line(condition)} (met {_met(used, flat, holds)})")
    return tuple(found)


def _zeros_allowed(formula: ShownFormula, flat: Mapping[str, np.ndarray]) -> np.ndarray:
    """Say element by element whether the formula has a value with those positive symbols 0 that are."""
    names = [symbol.name for symbol in formula.symbols if symbol.is_positive]
    if not any((flat[name] == 0).any() for name in names):
        return np.zeros((), bool)
    patterns, which = np.unique(np.stack([flat[name] == 0 for name in names]), axis=1, return_inverse=True)
    met = [frozenset(name for name, zero in zip(names, column, strict=True) if zero) for column in patterns.T]
    return np.asarray([bool(zeros) and formula.may_be_zero(zeros) for zeros in met])[which.ravel()]


def _met(symbols: Sequence[sp.Symbol], flat: Mapping[str, np.ndarray], holds: np.ndarray) -> str:
    first = int(np.argmin(holds))
    return ", ".join(f"{UNICODE_NAMES[s]} = {flat[s.name][first]:g}" for s in symbols)


def _python_constants(expr: sp.Expr) -> sp.Expr:
    """Replace log(2), sqrt(pi) and their like: as np.float64 scalars they would turn float32 into float64."""
    if expr.is_number and not expr.is_Rational:
        return expr.evalf(17)
    if not expr.args:
        return expr
    if isinstance(expr, sp.Mul | sp.Add):
        constants = [a for a in expr.args if a.is_number]
        if any(not a.is_Rational for a in constants):
            rest = [_python_constants(a) for a in expr.args if not a.is_number]
            return expr.func(expr.func(*constants).evalf(17), *rest)
    return expr.func(*(_python_constants(arg) for arg in expr.args))
