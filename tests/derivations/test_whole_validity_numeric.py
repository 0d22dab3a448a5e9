"""Numeric: every formula over the whole of its validity, many decades wide and up to its borders.

At broad random draws, and at points pressed against each border of each condition, from both sides if both are
inside: every output gives a number where there is one, and that of 50 digits.
"""

import functools
import math

import jax
import mpmath
import numpy as np
import pytest

from derivations import derive, names
from derivations.errors import ProofError
from derivations.functions.arcsine import arcsine_sum
from derivations.prover.definitions import Definitions
from derivations.prover.sampling import draw

pytestmark = pytest.mark.numeric

BROAD, PRESSED = 6, 8
POINTS = BROAD + PRESSED
DECADES = 5
# How near to a border, as a share of the number that is moved there.
NEAR = (0.1, 1e-3, 1e-6)
LARGEST = 60.0
# Of float32, where that is more than 1e-4: near critical damping two modes all but cancel, and a border pressed to a
# millionth leaves their gap 1e-3.
FLOAT32 = {"momentum.weight": 1e-3, "momentum.nesterov_weight": 1e-3}
derivation_of = functools.cache(derive)


def kept(law, rows):
    """Return which rows of numbers meet the conditions of use."""
    return [row for row in rows if law.valid(**row)]


def start(name, law):
    """Return a few points inside, to start from."""
    ranges = derivation_of(name).ranges
    bounded = set().union(*(c.free_symbols for c in law.validity if len(c.free_symbols) == 1))
    wide = {symbol: span for symbol, span in ranges.items() if symbol not in bounded}
    for chosen in (ranges, wide):
        try:
            envs = draw(law.symbols, [], law.validity, Definitions(), chosen, 6)
        except ProofError:
            continue
        found = kept(law, [{s.name: float(env.values[s]) for s in law.symbols} for env in envs])
        if found:
            return found
    raise AssertionError(f"{name}.{law.name}: no numbers inside its validity")


def moved(symbol, value, decades, generator):
    """Return a number so many decades around another one, of the kind of the symbol."""
    found = abs(value) * 10 ** generator.uniform(-decades, decades)
    if symbol.is_integer:
        return float(min(max(round(found), 1 if symbol.is_positive else 0), LARGEST))
    return found if symbol.is_nonnegative else found * generator.choice((-1.0, 1.0))


def broad(law, inside, generator):
    """Return points many decades around the first ones, and nearer ones where few of those are inside."""
    found = []
    for decades in (DECADES, DECADES / 2, 1, 0.3):
        rows = [
            {s.name: moved(s, row[s.name], decades, generator) for s in law.symbols}
            for row in inside
            for _ in range(8 * BROAD // len(inside))
        ]
        found += kept(law, rows)[: BROAD // 2]
        if len(found) >= BROAD:
            break
    return found[:BROAD]


def pressed(law, inside, generator):
    """Return points at the borders of the conditions: one number moved until one breaks, then back a little."""
    found: list[dict[str, float]] = []
    for condition in law.validity:
        ways = [
            (s, factor) for s in sorted(condition.free_symbols, key=str) if not s.is_integer for factor in (4, 0.25)
        ]
        borders = 0
        for k in generator.permutation(len(ways)):
            (symbol, factor), row = ways[k], inside[generator.integers(len(inside))]
            good = border(law, row, symbol.name, factor) if borders < 2 else None
            if good is not None:
                borders += 1
                sign = -1 if factor > 1 else 1
                found += kept(law, [row | {symbol.name: good * (1 + sign * near)} for near in NEAR])
    order = generator.permutation(len(found))[:PRESSED]
    return [found[k] for k in order]


def border(law, row, name, factor):
    """Return the last number inside on the way up or down, if a border is met."""
    good = bad = row[name]
    while good and law.valid(**row | {name: bad}) and 1e-12 < abs(bad) < 1e12:
        good, bad = bad, bad * factor
    if not good or law.valid(**row | {name: bad}):
        return None
    for _ in range(40):
        middle = math.copysign(math.sqrt(good * bad), good)
        good, bad = (middle, bad) if law.valid(**row | {name: middle}) else (good, middle)
    return good


@functools.cache
def points(name, key):
    """Points all over the validity of a formula, with the number of 50 digits."""
    law, generator = derivation_of(name).formulas[key], np.random.default_rng(len(name) + len(key))
    inside = start(name, law)
    rows = [*broad(law, inside, generator), *pressed(law, inside, generator)]
    assert len(rows) >= 4, f"{name}.{key}: hardly any numbers inside its validity"
    return [(row, law.number(50, **row)) for row in rows]


def spread(law, row, wanted, ulp):
    """By how much the number moves if every argument is rounded."""
    total = mpmath.mpf(0)
    for parameter, value in row.items():
        for sign in (1, -1):
            near = row | {parameter: mpmath.mpf(value) * (1 + sign * mpmath.mpf(ulp))}
            if not any(s.name == parameter and s.is_integer for s in law.symbols) and law.valid(**as_floats(near)):
                total += abs(law.number(50, **near) - wanted)
    return total


def as_floats(row):
    return {parameter: float(value) for parameter, value in row.items()}


def wrong(law, row, wanted, found, rel, ulp):
    """Say why a number is not the one wanted; empty if it is."""
    tiny, huge = (np.finfo(np.float64 if ulp < 1e-10 else np.float32).tiny, 1e300 if ulp < 1e-10 else 1e37)
    if math.isnan(found):
        return "NaN"
    if not tiny * 1e8 < abs(wanted) < huge:
        return ""
    gap = abs(mpmath.mpf(found) - wanted) if math.isfinite(found) else mpmath.inf
    if gap <= rel * abs(wanted) or gap <= 100 * spread(law, row, wanted, ulp):
        return ""
    return f"{found!r} for {mpmath.nstr(wanted, 17)}"


def complaints(name, evaluate, rel=1e-12, ulp=2.0**-53, places=points):
    """Return what is wrong with the formulas of a derivation, evaluated on columns of numbers."""
    found = []
    for key, law in derivation_of(name).formulas.items():
        chosen = places(name, key)
        if not chosen:
            continue
        rows = [row for row, _ in chosen] + [chosen[-1][0]] * (POINTS - len(chosen))
        columns = {parameter: np.array([row[parameter] for row in rows]) for parameter in law.parameters}
        values = np.broadcast_to(np.asarray(evaluate(law, columns)), (POINTS,))
        for (row, wanted), value in zip(chosen, values, strict=False):
            promised = FLOAT32.get(f"{name}.{key}", rel) if ulp > 1e-10 else rel
            if law.expr.has(arcsine_sum):  # a sum cut off after 4096 lags promises 1e-7 (functions/arcsine.py)
                promised = max(promised, 1e-7)
            why = wrong(law, row, wanted, float(value), promised, ulp)
            found += [f"{name}.{key}: {why} at {row}"] if why else []
    return found


def in_jax(law, columns):
    with jax.enable_x64(True):
        return law.to_jax()(**columns)


@pytest.mark.slow
@pytest.mark.parametrize("name", names())
def test_numbers_over_the_whole_validity(name):
    with np.errstate(all="ignore"):
        said = complaints(name, lambda law, columns: law(**columns))
        said += complaints(name, lambda law, columns: law.to_numpy()(**columns))
    assert not said, "\n".join(said)


@pytest.mark.slow  # at ordinary numbers JAX is tested for every formula in test_outputs_numeric.py
@pytest.mark.parametrize("name", names())
def test_jax_over_the_whole_validity(name):
    said = complaints(name, in_jax)
    assert not said, "\n".join(said)


def in_float32(law, columns):
    return law.to_numpy()(**{parameter: column.astype(np.float32) for parameter, column in columns.items()})


@functools.cache
def single_points(name, key):
    """Every second of these points, rounded to float32; what the rounding moved out of the validity is left out."""
    law = derivation_of(name).formulas[key]
    rows = [{p: float(np.float32(value)) for p, value in row.items()} for row, _ in points(name, key)[::2]]
    rows = [row for row in kept(law, rows) if all(1e-30 < abs(v) < 1e30 or v == 0 for v in row.values())]
    return [(row, law.number(50, **row)) for row in rows]


@pytest.mark.parametrize("name", names())
def test_float32_over_the_whole_validity(name):
    with np.errstate(all="ignore"):
        said = complaints(name, in_float32, 1e-4, 2.0**-24, single_points)
    assert not said, "\n".join(said)
