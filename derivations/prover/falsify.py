"""Try to refute the claim of a step with 50-digit numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp
from mpmath import mp

from derivations.errors import ProofError
from derivations.prover.contents import integrates, mentioned
from derivations.prover.definitions import Definitions
from derivations.prover.evaluate import Environment, evaluate, holds

DIGITS = 50
INTEGRAL_DIGITS = 18


def digits(claim: sp.Basic, definitions: Definitions) -> int:
    """Return the working precision: integrals, in a claim or in what it mentions, are done with fewer digits."""
    bodies = {**definitions.explicit, **{f: body.expr for f, body in definitions.functions.items()}}
    pending = [claim]
    while pending:
        expr = pending.pop()
        if integrates(expr):
            return INTEGRAL_DIGITS
        pending += [bodies.pop(head) for head in mentioned(expr) & bodies.keys()]
    return DIGITS


def number(expr: sp.Basic, env: Environment) -> Any:
    """Return the number, or raise ProofError if there is none."""
    try:
        value = evaluate(expr, env)
    except (ArithmeticError, ValueError, KeyError, TypeError) as error:
        raise ProofError(f"cannot be evaluated: {error}") from error
    if not mp.isfinite(value):
        raise ProofError("is not finite")
    return value


def equality(claim: sp.Eq, envs: Sequence[Environment], tolerance: float | None = None) -> None:
    """Demand that both sides agree at every draw."""
    for env in envs:
        left, right = number(claim.lhs, env), number(claim.rhs, env)
        if not close(left, right, _scale(claim, env), tolerance):
            raise ProofError(f"false at {show(env, claim)}: {mp.nstr(left, 10)} against {mp.nstr(right, 10)}")


def close(left: Any, right: Any, scale: Any, tolerance: float | None = None) -> bool:
    """Whether two numbers agree to half the working digits."""
    allowed = mp.power(10, -mp.dps // 2) if tolerance is None else tolerance
    return abs(left - right) <= allowed * scale


def satisfied(relation: sp.Basic, env: Environment) -> bool:
    """Whether an assumption holds, an equality to half the working digits and a vector's for its first component."""
    for index in relation.atoms(sp.Idx):
        env = env.at(index, mp.one)
    if isinstance(relation, sp.Eq):
        left, right = evaluate(relation.lhs, env), evaluate(relation.rhs, env)
        return close(left, right, max(abs(left), abs(right)))
    return holds(relation, env)


def admits(symbol: sp.Symbol, value: Any) -> bool:
    """Whether a number agrees with what is declared of a symbol.

    Examples
    --------
    >>> admits(sp.Symbol("x", positive=True), mp.mpf(-1)), admits(sp.Symbol("k", integer=True), mp.mpf(2))
    (False, True)
    """
    if isinstance(value, mp.mpc) or not mp.isfinite(value):
        return False
    if symbol.is_integer and value != mp.nint(value):
        return False
    return not ((symbol.is_positive and value <= 0) or (symbol.is_nonnegative and value < 0))


def inequality(claim: sp.Rel, envs: Sequence[Environment]) -> None:
    """Demand that the relation holds at every draw."""
    for env in envs:
        number(claim.lhs, env), number(claim.rhs, env)
        if not holds(claim, env):
            raise ProofError(f"false at {show(env, claim)}")


def limit(claim: sp.Eq, envs: Sequence[Environment]) -> None:
    """Demand convergence along a geometric sequence that approaches the point."""
    if not isinstance(claim.lhs, sp.Limit):
        raise ProofError("a limit must stand on the left-hand side")
    expr, variable, point, direction = claim.lhs.args
    for env in envs:
        target = number(claim.rhs, env)
        errors = [abs(number(expr, env.at(variable, where)) - target) for where in approach(point, direction, env)]
        scale = max(abs(target), errors[0])
        if errors[-1] > mp.mpf("1e-6") * scale:
            raise ProofError(f"does not converge to {mp.nstr(target, 10)} at {show(env, claim)}")


def approach(point: sp.Basic, direction: sp.Basic, env: Environment) -> list[Any]:
    """Return a geometric sequence towards a point, from the side of `direction`."""
    if point in (sp.oo, -sp.oo):
        return [mp.mpf(10) ** k * (1 if point == sp.oo else -1) for k in (4, 6, 8, 10, 12, 14)]
    sign = -1 if str(direction) == "-" else 1
    return [evaluate(point, env) + sign * mp.mpf(10) ** -k for k in (3, 5, 7, 9, 11)]


def series(claim: sp.Eq, envs: Sequence[Environment]) -> None:
    """Demand that the remainder is of exactly the claimed order, over two decades."""
    orders = [term for term in sp.Add.make_args(claim.rhs) if isinstance(term, sp.Order)]
    if len(orders) != 1:
        raise ProofError("a series needs one O(...) term on its right-hand side")
    order = orders[0]
    (variable, point), *_ = order.args[1:]
    polynomial = claim.rhs.removeO()
    for env in envs:
        ratios = []
        for where in approach(point, sp.Symbol("+"), env)[1:4]:
            here = env.at(variable, where)
            remainder = number(claim.lhs, here) - number(polynomial, here)
            ratios.append(remainder / number(order.expr, here))
        if ratios[0] == 0 or abs(ratios[-1] / ratios[0] - 1) > mp.mpf("0.02") or abs(ratios[-1]) > mp.mpf(10) ** 9:
            raise ProofError(f"the remainder is not of the order claimed at {show(env, claim)}")


def show(env: Environment, claim: sp.Basic) -> str:
    """Return the numbers of the symbols in a claim."""
    symbols = sorted((s for s in claim.free_symbols if s in env.values), key=str)
    return ", ".join(f"{s} = {mp.nstr(env.values[s], 6)}" for s in symbols) or "once"


def _scale(claim: sp.Eq, env: Environment) -> Any:
    parts = [arg for side in claim.args for arg in sp.Add.make_args(side)]
    return max((abs(number(part, env)) for part in parts), default=mp.one) or mp.one
