"""Draw numbers that satisfy the assumptions of a derivation, always the same ones."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import mpmath
import sympy as sp

from derivations.errors import ProofError
from derivations.prover.definitions import Definitions
from derivations.prover.evaluate import Environment, evaluate
from derivations.prover.falsify import admits, satisfied

SEED = 20
VECTOR_LENGTH = 7


def draw(
    symbols: Sequence[sp.Symbol],
    bases: Sequence[sp.IndexedBase],
    assumptions: Sequence[sp.Basic],
    definitions: Definitions,
    ranges: Mapping[sp.Symbol, tuple[float, float]],
    count: int,
    functions: Mapping[Any, Callable[..., Any]] | None = None,
) -> tuple[Environment, ...]:
    """Return `count` environments inside the assumptions.

    Positive symbols are log-uniform over [1e-2, 1e2] unless `ranges` says otherwise, real ones have either sign,
    integers are small. An assumed equality gives the symbol, or the vector, on its left. Draws that violate an
    assumption are thrown away.

    Parameters
    ----------
    symbols : sequence of sympy.Symbol
        Symbols to draw.
    bases : sequence of sympy.IndexedBase
        Vectors to draw.
    assumptions : sequence of sympy.Rel
        Relations every draw satisfies.
    definitions : Definitions
        Used to evaluate the assumptions.
    ranges : mapping
        Range of a symbol.
    count : int
        Number of draws.
    functions : mapping
        What stands for the undefined functions.

    Returns
    -------
    tuple of Environment

    Raises
    ------
    ProofError
        If the assumptions reject nearly everything: give ranges then. An equality that is not affine in its left-hand
        side rejects everything.

    Examples
    --------
    >>> x = sp.Symbol("x", positive=True)
    >>> all(env.values[x] < 1 for env in draw([x], [], [x < 1], Definitions(), {}, 3))
    True
    """
    generator = random.Random(SEED)
    equalities = [relation for relation in assumptions if isinstance(relation, sp.Eq)]
    # Cheap ones first: those that no equality changes.
    settled = {s for relation in equalities for s in relation.lhs.free_symbols}
    first = [r for r in assumptions if not definitions.expand(r).free_symbols & settled and r not in equalities]
    found: list[Environment] = []
    narrow = [r for r in first if len(r.free_symbols) == 1]
    for attempt in range(600 * count):
        if attempt == 400 * count and not found:  # look where the bounds of single symbols are
            ranges = {**ranges, **{s: _between(s, narrow, ranges) for r in narrow for s in r.free_symbols}}
        values = {symbol: _number(symbol, ranges, generator) for symbol in symbols}
        vectors = {b: [mpmath.mpf(generator.gauss(0, 1)) for _ in range(VECTOR_LENGTH)] for b in bases}
        env = definitions.environment(values, vectors)
        env = replace(env, functions={**env.functions, **(functions or {})})
        if not all(satisfied(relation, env) for relation in first):
            continue
        for relation in equalities:
            env = _settle(env, relation)
        if all(admits(s, env.values[s]) for s in symbols) and all(satisfied(r, env) for r in assumptions):
            found.append(env)
            if len(found) == count:
                return tuple(found)
    raise ProofError("no numbers satisfy the assumptions: give ranges")


def _between(
    symbol: sp.Symbol, bounds: Sequence[sp.Rel], ranges: Mapping[sp.Symbol, tuple[float, float]]
) -> tuple[float, float]:
    """Return the range of a symbol, cut to its bounds."""
    own = [bound for bound in bounds if bound.free_symbols == {symbol} and not isinstance(bound, sp.Ne)]
    least = max((float(b.lts) for b in own if b.gts == symbol and b.lts.is_number), default=0.0)
    most = min((float(b.gts) for b in own if b.lts == symbol and b.gts.is_number), default=float("inf"))
    low, high = ranges.get(symbol, (1e-2, 1e2))
    if most <= 0:  # no magnitude is
        return low, high
    if max(low, least) < min(high, most):
        return max(low, least), min(high, most)
    return least or most / 10, most if most < float("inf") else 10 * least


def _settle(env: Environment, relation: sp.Eq) -> Environment:
    """Give the left-hand side of an equality the value of its right-hand side, which may be affine in it."""
    head = relation.lhs
    if isinstance(head, sp.Indexed):
        (index,) = head.indices
        numbers = [evaluate(relation.rhs, env.at(index, mpmath.mpf(k + 1))) for k in range(VECTOR_LENGTH)]
        return replace(env, vectors={**env.vectors, head.base: numbers})
    if not isinstance(head, sp.Symbol):
        raise ProofError(f"an assumed equality needs a symbol or a component of a vector on its left: {relation}")
    at_zero, at_one = (evaluate(relation.rhs, env.at(head, mpmath.mpf(k))) for k in (0, 1))
    return env.at(head, at_zero / (1 - (at_one - at_zero)))


def _number(symbol: sp.Symbol, ranges: Mapping[sp.Symbol, tuple[float, float]], generator: random.Random) -> Any:
    if symbol.is_integer:
        low, high = ranges.get(symbol, (1 if symbol.is_positive else 0, VECTOR_LENGTH))
        return mpmath.mpf(generator.randint(int(low), int(high)))
    low, high = ranges.get(symbol, (1e-2, 1e2))
    magnitude = mpmath.mpf(low) * mpmath.power(mpmath.mpf(high) / low, generator.random())
    return magnitude if symbol.is_nonnegative else magnitude * generator.choice((-1, 1))
