"""What an approximation owes its reader: the box in which its error was measured, and that error."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from derivations.prover.definitions import Definitions
from derivations.prover.measured import MeasuredError

_STRICT = (sp.StrictLessThan, sp.StrictGreaterThan)


@dataclass(frozen=True)
class Approximation:
    """The measured error of a formula.

    Parameters
    ----------
    step : str
        The approximation step whose error was measured.
    error : float
        Largest |formula/exact - 1| in the box.
    box : tuple of sympy.Rel
        The box, in the formula's own symbols. All of it is in the formula's validity too.

    Examples
    --------
    >>> from derivations import derive
    >>> derive("muon").formulas["weight_norm_leading"].approximation.line()
    'an approximation: where it is valid it is off by at most 4.9 % (measured: norm_leading)'
    """

    step: str
    error: float
    box: tuple[sp.Rel, ...]

    def line(self) -> str:
        """Return the error in words."""
        return (
            f"an approximation: where it is valid it is off by at most {100 * self.error:g} % (measured: {self.step})"
        )

    def record(self) -> dict[str, str | float]:
        """Return it as JSON holds it."""
        return {"step": self.step, "error": self.error}


def confined(
    symbols: tuple[sp.Symbol, ...],
    validity: tuple[sp.Rel, ...],
    step: str,
    measured: MeasuredError,
    definitions: Definitions,
) -> tuple[tuple[sp.Symbol, ...], tuple[sp.Rel, ...], Approximation]:
    """Return the parameters and conditions of an approximation that may be used in its box only, and its error.

    What the box needs and the expression does not, such as n where only eta lmbda/n says how good a limit is, becomes
    a parameter. A condition that says less than one of the box gives way to it.

    Parameters
    ----------
    symbols : tuple of sympy.Symbol
        The parameters of the expression.
    validity : tuple of sympy.Rel
        The other conditions of use.
    step : str
        Name of the approximation step.
    measured : MeasuredError
        Its proof.
    definitions : Definitions
        Those of the derivation: what the box's variables stand for.
    """
    own = set(symbols)
    sides = [
        (relation, _translated(low, own, definitions), _translated(high, own, definitions))
        for low, high, relation in measured.borders()
    ]
    box = tuple(condition for relation, low, high in sides if (condition := relation(low, high)) != sp.true)
    new = {s for condition in box for s in condition.free_symbols} - own
    more = [s for condition in box for s in sorted(condition.free_symbols & new, key=str)]
    kept = [c for c in validity if not any(_implies(b, c) and not _implies(c, b) for b in box)]
    added = [b for b in box if not any(_implies(c, b) for c in kept)]
    return (*symbols, *dict.fromkeys(more)), (*kept, *added), Approximation(step, measured.error, box)


def _translated(expr: sp.Expr, own: set[sp.Symbol], definitions: Definitions) -> sp.Expr:
    """Write an expression in the symbols of a formula: what is defined and no parameter is replaced."""
    place = {s: definitions.expand(s) for s in expr.free_symbols - own}
    return expr.subs(place, simultaneous=True)


def _implies(strict: sp.Rel, weak: sp.Rel) -> bool:
    """Whether one inequality says at least as much as another one, as far as it is seen at a glance."""
    if isinstance(strict, sp.Ne | sp.Eq) or isinstance(weak, sp.Ne | sp.Eq):
        return False
    (a, rest), (b, other) = (sp.expand(c.lts - c.gts).as_coeff_Add() for c in (strict, weak))
    if sp.expand(rest - other) != 0:
        return False
    # rest + a <= 0 says more than rest + b <= 0 where a > b.
    return bool(a > b) or bool(a == b and (strict.func == weak.func or isinstance(strict, _STRICT)))
