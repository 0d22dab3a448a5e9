"""What a formula says where its decay, or the memory of its average, is exactly 0: the baseline of every comparison."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from derivations.output import printing
from derivations.output.shown import ShownFormula

DECAYS = ("lmbda", "lmbda_next", "gamma", "epsilon", "weight_decay")
"""Symbols of decay: at 0 nothing decays."""
DECLARED = ("lmbda", "weight_decay")
"""Those for which a law may declare what is true at 0; a formula has one of them at most."""
MAY_BE_ZERO = (*DECAYS, "momentum", "beta1")
"""Symbols declared positive whose 0 is a setting that people use. The steps are proved above it, and go on to it."""
# What takes the place of 0 in the branch that is not taken: so small that every closed form is finite there.
_ASIDE = 1e-6


def value_at_zero(expr: sp.Expr, zeros: frozenset[sp.Symbol]) -> sp.Expr | None:
    """Return an expression's value where some symbols are 0, None if it is not seen to be continuous there.

    Every part must have a finite value: then it is made of continuous functions, met where they are continuous.

    Parameters
    ----------
    expr : sympy.Expr
        The expression.
    zeros : frozenset of sympy.Symbol
        The symbols, 0 together.

    Examples
    --------
    >>> x, k = sp.symbols("x k", positive=True)
    >>> value_at_zero((1 - x) ** k, frozenset({x})), value_at_zero((1 - (1 - x) ** k) / x, frozenset({x}))
    (1, None)
    """
    place = dict.fromkeys(zeros, sp.S.Zero)
    for node in sp.preorder_traversal(expr):
        if isinstance(node, sp.Expr) and node.has(*zeros) and node.subs(place).has(sp.nan, sp.zoo, sp.oo, -sp.oo):
            return None
    return expr.subs(place).replace(
        lambda part: isinstance(part, sp.Sum) and part.function == 0, lambda part: sp.S.Zero
    )


def meaning_at_zero(formula: ShownFormula, zeros: frozenset[str]) -> sp.Expr | None:
    """Return the expression that a formula stands for where the symbols of these names are 0, None without one.

    Examples
    --------
    >>> from derivations import derive
    >>> meaning_at_zero(derive("epoch_decay").formulas["weight_rms"], frozenset({"lmbda"}))
    weight_rms_0
    """
    expr: sp.Expr | None = formula.expr
    if zeros.intersection(DECLARED) and formula.without_decay is not None:
        expr = formula.without_decay.value
    if expr is None or expr is sp.oo:
        return expr
    return value_at_zero(expr, frozenset(s for s in formula.symbols if s.name in zeros))


def why_not(formula: ShownFormula, name: str) -> str:
    """Return why a formula has no value where a symbol is 0; empty where 0 is no setting of its own."""
    if name not in DECAYS:
        return ""
    declared = formula.without_decay
    return f": without decay {declared.words if declared and declared.words else f'there is no {formula.meaning}'}"


def decay_of(formula: ShownFormula) -> str | None:
    """Return which of `DECLARED` is an argument of a formula, None without one.

    Examples
    --------
    >>> from derivations import derive
    >>> decay_of(derive("epoch_decay").formulas["weight_rms"])
    'lmbda'
    """
    return next((name for name in DECLARED if name in formula.parameters), None)


def in_words(formula: ShownFormula, write: Callable[[sp.Expr], str] = printing.line) -> str | None:
    """Say what a formula is at lmbda = 0, or weight_decay = 0: a value, "infinite", or why there is none.

    None where it has neither.

    Parameters
    ----------
    formula : Formula
        The formula.
    write : callable
        How a value is written.

    Examples
    --------
    >>> from derivations import derive
    >>> in_words(derive("epoch_decay").formulas["half_life_epochs"])
    'infinite'
    """
    name = decay_of(formula)
    if name is None:
        return None
    value = meaning_at_zero(formula, frozenset({name}))
    if value is None:
        return f"no value: {why_not(formula, name).removeprefix(': ')}"
    return "infinite" if value is sp.oo else write(value)


def remark(formula: ShownFormula, write: Callable[[sp.Expr], str] = printing.line) -> str:
    """Return the same as a remark; empty where there is no lmbda, or its expression has a value there."""
    said = None if formula.without_decay is None else in_words(formula, write)
    return f"without decay: {said.removeprefix('no value: without decay ')}" if said else ""


def switched(
    formula: ShownFormula, closed: Callable[..., Any], compiled: Callable[[sp.Expr], Callable[..., Any]], xp: Any
) -> Callable[..., Any]:
    """Return a positional function that takes the declared value at lmbda = 0, and the closed form elsewhere.

    Parameters
    ----------
    formula : Formula
        The formula.
    closed : callable
        Its closed form, compiled.
    compiled : callable
        Compiles another expression of the same arguments.
    xp : module
        numpy or jax.numpy.
    """
    declared = formula.without_decay
    if declared is None or declared.value is None:
        return closed
    place = formula.parameters.index(str(decay_of(formula)))
    at_zero = None if declared.value is sp.oo else compiled(declared.value)

    def call(*values: Any) -> Any:
        decay = xp.asarray(values[place])
        none = decay == 0
        aside = xp.where(none, xp.asarray(_ASIDE, decay.dtype if decay.dtype.kind == "f" else float), decay)
        elsewhere = xp.asarray(closed(*values[:place], aside, *values[place + 1 :]))
        # A way of length 0 takes no time, without decay too.
        there = xp.where(elsewhere == 0, 0.0, xp.inf) if at_zero is None else at_zero(*values)
        return xp.where(none, xp.asarray(there, elsewhere.dtype), elsewhere)

    return call
