"""How the laws of this folder begin: something that a step multiplies by the same factor, again and again."""

from __future__ import annotations

import sympy as sp

from derivations.prover.rules import Induction
from derivations.step import Step, equation
from derivations.symbols import symbols

step, steps_after = symbols("step steps_after")


def repeated(
    name: str,
    left: sp.FunctionClass,
    factor: sp.Expr,
    reason: str,
    start: sp.Expr = sp.S.One,
    counter: sp.Symbol = step,
) -> tuple[Step, Step]:
    """Return the rule of what a step multiplies by a factor, and its closed form.

    Parameters
    ----------
    name : str
        Name of the closed form; the rule's is the same with `_rule`.
    left : sympy.FunctionClass
        What is left after a number of steps.
    factor : sympy.Expr
        The factor of one step.
    reason : str
        What it is, for a reader.
    start : sympy.Expr
        Its value before the first step.
    counter : sympy.Symbol
        The number of steps.

    Examples
    --------
    >>> rule, closed = repeated("halved", sp.Function("f"), sp.Rational(1, 2), "Half of it.")
    >>> closed.claim
    Eq(f(step), (1/2)**step)
    """
    rule = sp.And(equation(left(0), start), equation(left(counter + 1), factor * left(counter)))
    return (
        Step(f"{name}_rule", rule, reason),
        Step(name, equation(left(counter), start * factor**counter), "Induction.", Induction()),
    )
