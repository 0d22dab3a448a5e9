"""What a step establishes, and whether a formula is that: a whole side of the claim, its value at lmbda = 0 too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, combinations

import mpmath
import sympy as sp

from derivations.errors import ProofError
from derivations.formula import Formula
from derivations.kinds import ONE_SIDED
from derivations.output.at_zero import DECAYS, DECLARED, MAY_BE_ZERO, meaning_at_zero, value_at_zero
from derivations.prover import falsify
from derivations.prover.evaluate import Environment, evaluate
from derivations.prover.proof import Context
from derivations.prover.rules.algebra import Root
from derivations.prover.zero import is_zero
from derivations.step import Step


def sides(step: Step, before: Sequence[Step]) -> list[sp.Expr]:
    """Return the sides of a step's claim that a formula may be.

    Of a solution the root, of a series the polynomial, of a limit, an approximation or a definition the right-hand
    side, of an inequality the side that no step before has established.

    Parameters
    ----------
    step : Step
        The step.
    before : sequence of Step
        The steps before it.

    Examples
    --------
    >>> from derivations import derive
    >>> sides(derive("epoch_decay").step("limit"), ())
    [exp(-eta*lmbda/m)]
    """
    claim = step.claim
    if not isinstance(step.proof, Root) and not isinstance(claim, sp.Rel):
        return []
    if isinstance(step.proof, Root) or step.kind in ONE_SIDED:
        return [step.side()]
    if step.kind == "inequality":
        earlier = [side for k, one in enumerate(before) for side in sides(one, before[:k])]
        return [side for side in claim.args if side not in earlier]
    return list(claim.args)


def demand_side(formula: Formula, found: Sequence[sp.Expr], expanded: Sequence[sp.Expr], context: Context) -> None:
    """Demand that a formula is one of the sides that its step establishes.

    Parameters
    ----------
    formula : Formula
        The formula.
    found, expanded : sequence of sympy.Expr
        The sides, as they stand and with the definitions expanded.
    context : Context
        That of the step.

    Raises
    ------
    ProofError
        If it is none of them.
    """
    # Numbers first: most that is no side is told apart before anything is expanded.
    left = [whole for side, whole in zip(found, expanded, strict=True) if not _apart(side, formula.expr, context)]
    if left:
        wanted = context.definitions.expand(formula.expr)
        if wanted in left or any(equal(side, wanted, context) for side in left):
            return
    raise ProofError(f"is no whole side of step {formula.step!r}")


def equal(left: sp.Expr, right: sp.Expr, context: Context) -> bool:
    """Whether two expressions are seen to be equal."""
    return left == right or (_apart(left, right, context) is False and is_zero(left - right))


def _apart(left: sp.Expr, right: sp.Expr, context: Context) -> bool | None:
    """Whether numbers tell two expressions apart, None if there are none."""
    try:
        for env in context.envs[:3]:
            a, b = falsify.number(left, env), falsify.number(right, env)
            if not falsify.close(a, b, max(abs(a), abs(b))):
                return True
    except ProofError:
        return None
    return False


def demand_at_zero(formula: Formula, sides: Sequence[sp.Expr], envs: Sequence[Environment]) -> None:
    """Demand that what a formula says at 0 is established by a step, and is what its expression tends to.

    Parameters
    ----------
    formula : Formula
        The formula.
    sides : sequence of sympy.Expr
        What the step that it names for its value at 0 establishes.
    envs : sequence of Environment
        Draws inside the assumptions.

    Raises
    ------
    ProofError
        If it is not.
    """
    declared = formula.without_decay
    decay = _symbols(formula, DECLARED if declared is not None and declared.value is not None else DECAYS)
    if declared is not None and (not decay or value_at_zero(formula.expr, frozenset(decay)) is not None):
        raise ProofError("says what it is without decay, and has no decay, or a value of its own there")
    if declared is not None and declared.value not in (None, sp.oo, *sides):
        raise ProofError(f"without decay {declared.value} is no whole side of step {declared.step!r}")
    for zeros in _subsets(formula):
        value = meaning_at_zero(formula, zeros)
        if value is not None:
            for env in envs:
                _demand_limit(formula, zeros, value, env)


def _subsets(formula: Formula) -> Iterator[frozenset[str]]:
    names = [name for name in MAY_BE_ZERO if name in formula.parameters]
    yield from map(frozenset, chain.from_iterable(combinations(names, size) for size in range(1, len(names) + 1)))


def _symbols(formula: Formula, names: Sequence[str]) -> list[sp.Symbol]:
    return [symbol for symbol in formula.symbols if symbol.name in names]


def _demand_limit(formula: Formula, zeros: frozenset[str], value: sp.Expr, env: Environment) -> None:
    """Compare the value at 0 with values ever nearer to it."""
    gaps = []
    for k in (8, 16, 24):
        near = env
        for symbol in _symbols(formula, tuple(zeros)):
            near = near.at(symbol, mpmath.mpf(10) ** -k)
        found = evaluate(formula.expr, near)
        gaps.append(1 / found if value is sp.oo else abs(found - evaluate(value, env)))
    scale = mpmath.mpf(1) if value is sp.oo else max(mpmath.mpf(1), abs(evaluate(value, env)))
    # A root of what goes to 0 goes there half as fast; below the rounding of 50 digits nothing is nearer.
    if gaps[-1] < 0 or gaps[-1] > max(mpmath.mpf(10) ** -30, min(gaps[0], mpmath.mpf(10) ** -5)) * scale:
        raise ProofError(f"does not tend to {value} where {', '.join(sorted(zeros))} = 0")
