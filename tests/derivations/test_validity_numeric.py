"""Numeric: every formula refuses, and every checked function warns, outside each of its conditions, naming it."""

import functools
import random
import re
import warnings

import mpmath
import numpy as np
import pytest
import sympy as sp

from derivations import ValidityError, ValidityWarning, derive, names
from derivations.errors import ProofError
from derivations.output import printing
from derivations.prover.definitions import Definitions
from derivations.prover.sampling import draw
from derivations.symbols import UNICODE_NAMES

pytestmark = pytest.mark.numeric
derivation_of = functools.cache(derive)


def points_of(law, ranges, count):
    """Draw points inside a formula's validity, which may lie outside the ranges that suit the steps' draws."""
    try:
        return draw(law.symbols, [], law.validity, Definitions(), ranges, count)
    except ProofError:
        alone = [condition for condition in law.validity if len(condition.free_symbols) == 1]
        bounded = set().union(*(condition.free_symbols for condition in alone))
        wide = {symbol: span for symbol, span in ranges.items() if symbol not in bounded}
        return draw(law.symbols, [], law.validity, Definitions(), wide, count)


@functools.cache
def inside(name, key):
    """Return numbers for which a formula holds: drawn once, since few draws of some formulas are inside."""
    formula = derivation_of(name).formulas[key]
    for env in points_of(formula, derivation_of(name).ranges, 8):
        values = {s.name: float(env.values[s]) for s in formula.symbols}
        if formula.valid(**values):
            return values
    raise AssertionError(f"{name}.{formula.name}: no numbers inside its validity")


def fails(condition):
    """Return a function of a point: whether the condition fails there, decided by mpmath, where sqrt(-1) is i."""
    letters = sorted(condition.free_symbols, key=str)
    sides = sp.lambdify(letters, condition.args, "mpmath")

    def decide(values):
        try:
            left, right = sides(*(mpmath.mpf(values[symbol.name]) for symbol in letters))
        except ZeroDivisionError:  # a bound that goes to infinity is not one that fails
            return False
        if mpmath.im(left) or mpmath.im(right):
            return True
        return not condition.func(sp.sympify(left), sp.sympify(right))

    return decide


def outside(name, formula, condition):
    """Return numbers that violate one condition, of the right signs: nothing else is to blame for a refusal."""
    generator = random.Random(7)
    start, violated = inside(name, formula.name), fails(condition)
    for attempt in range(4000):
        values = dict(start)
        for symbol in condition.free_symbols:
            size = 10.0 ** generator.uniform(-3, 3)
            if symbol.is_integer:
                size = float(generator.randint(1, 9))
            elif isinstance(condition, sp.Ne):
                size = 2.0 ** generator.randint(-2, 2)  # exact in float64 whatever is done with it
            if not symbol.is_nonnegative and generator.random() < 0.5:
                size = -size
            # Some conditions fail only where a number is 0.
            values[symbol.name] = 0.0 if attempt % 4 == 3 and not symbol.is_positive else size
        if isinstance(condition, sp.Ne) and not violated(values):
            values |= equal(condition, values)
        if violated(values):
            return values
    raise AssertionError(f"{name}.{formula.name}: nothing violates {condition}: say it in the symbols' signs instead")


def equal(condition, values):
    """Return a number for one symbol that makes both sides of an inequation equal, if it is a float and positive."""
    for symbol in sorted(condition.free_symbols, key=str):
        rest = {other: sp.Rational(values[other.name]) for other in condition.free_symbols - {symbol}}
        gap = sp.Poly(sp.numer(sp.together((condition.lhs - condition.rhs).subs(rest))), symbol)
        if gap.degree() == 1:
            root = -gap.nth(0) / gap.nth(1)
            if root > 0 and sp.Rational(float(root)) == root:
                return {symbol.name: float(root)}
    return {}


def refuses(formula, values, named):
    """Each way to evaluate a formula says which condition is violated."""
    for use in (formula, formula.number):
        with pytest.raises(ValidityError, match=re.escape(named)):
            use(**values)
    for make in (formula.to_numpy, formula.to_jax):
        with warnings.catch_warnings(record=True) as caught, np.errstate(all="ignore"):
            warnings.simplefilter("always")
            make(checked=True)(**{key: np.float64(value) for key, value in values.items()})
        said = [str(w.message) for w in caught if issubclass(w.category, ValidityWarning)]
        assert any(named in words for words in said), (formula.name, named, said)


@pytest.mark.parametrize("name", names())
def test_every_condition_of_every_formula_is_named_where_it_fails(name):
    for formula in derivation_of(name).formulas.values():
        for condition in formula.validity:
            values = outside(name, formula, condition)
            refuses(formula, values, f"{printing.line(condition)} (met ")


@pytest.mark.parametrize("name", names())
def test_every_sign_is_named_where_it_is_wrong(name):
    for formula in derivation_of(name).formulas.values():
        start = inside(name, formula.name)
        for symbol in formula.symbols:
            letter = UNICODE_NAMES[symbol]
            bad = [np.nan, np.inf * -1] + ([-1.0] if symbol.is_nonnegative else [])
            bad += [0.0] * (bool(symbol.is_positive) and not formula.may_be_zero(frozenset({symbol.name})))
            wanted = f"{letter} > 0" if symbol.is_positive else f"{letter} >= 0" if symbol.is_nonnegative else letter
            for value in bad:
                with pytest.raises(ValidityError, match=re.escape(wanted)):
                    formula(**start | {symbol.name: value})
