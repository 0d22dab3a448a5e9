"""Steps that several optimisers with decoupled decay share: the norm budget, and how the weights turn at rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from derivations.formula import Formula
from derivations.laws.shared.openings import STEP_DECAY
from derivations.prover.rules import Root, Termwise
from derivations.step import Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols

eta, lmbda, n, epsilon, beta1, dim, cosine, turn, rotation = symbols(
    "eta lmbda n epsilon beta1 dim cosine turn rotation"
)
alpha = 1 - epsilon
w, u, i = sp.IndexedBase("w"), sp.IndexedBase("u"), sp.Idx("i")
WEIGHTS = (i, 1, dim)


def budget(reason: str) -> Step:
    """Return the norm budget of w' = (1 - epsilon) w - eta u."""
    return Step(
        "budget",
        _eq(
            sp.Sum((alpha * w[i] - eta * u[i]) ** 2, WEIGHTS),
            alpha**2 * sp.Sum(w[i] ** 2, WEIGHTS)
            - 2 * alpha * eta * sp.Sum(w[i] * u[i], WEIGHTS)
            + eta**2 * sp.Sum(u[i] ** 2, WEIGHTS),
        ),
        reason,
        Termwise(),
    )


def forgets(share: sp.Expr) -> sp.Expr:
    """Return 1 - (1 - share) beta1, in a form that shows its sign and keeps its digits."""
    return 1 - beta1 + share * beta1


def cosine_at(share: sp.Expr) -> sp.Expr:
    """Return the cosine of the weights with their next step, where a step removes this share of a weight."""
    return beta1 * sp.sqrt(share * (2 - share) / ((1 + (1 - share) * beta1) * forgets(share)))


def sine_at(share: sp.Expr) -> sp.Expr:
    """Return the sine of the angle of a step."""
    return sp.sqrt(share * (2 - share) * (1 - beta1) * (1 + beta1)) / (1 + (1 - share) * beta1)


def turning(overlap: sp.Expr, weight: sp.Expr, update: sp.Expr) -> tuple[Step, ...]:
    """Return the steps to the angle of a step, directions correlated as beta1^k.

    Parameters
    ----------
    overlap : sympy.Expr
        Minus the mean product of the weights with the direction they meet next.
    weight, update : sympy.Expr
        Mean square of the weights, and of the directions.
    """
    return (
        Step(
            "cosine",
            solved(_eq(cosine**2, overlap**2 / (weight * update)), cosine, cosine_at(STEP_DECAY)),
            "Of w and the step -u about to be made: memory of the last steps pushes outwards. Many weights, so that "
            "norms and products are their averages.",
            Root(cosine, 2 * cosine),
        ),
        Step(
            "turn",
            solved(
                _eq(turn**2, eta**2 * update * (1 - cosine_at(STEP_DECAY) ** 2) / weight), turn, sine_at(STEP_DECAY)
            ),
            "The part of the step at right angles to w, over |w'| = |w|: the sine of the angle, which is acute as the "
            "step reaches outwards.",
            Root(turn, 2 * turn),
        ),
        Step("rotation", _eq(rotation, sp.asin(sine_at(STEP_DECAY))), "The angle with this sine."),
    )


def turning_formulas(steps: Sequence[Step], update: str, validity: tuple[Any, ...]) -> tuple[Formula, Formula]:
    """Return the formulas that the steps of `turning` prove: the cosine, and the angle of a step in radians.

    Parameters
    ----------
    steps : sequence of Step
        All of the law.
    update : str
        How the law writes the update, "u" or "U".
    validity : tuple
        Conditions under which they may be used.
    """
    arguments = (eta, lmbda, n, beta1)
    meaning = f"cosine between the weights and the step -{update} they are about to make"
    return (
        Formula.of(steps, "cosine", arguments, meaning, "1", "cosine", validity),
        Formula.of(steps, "rotation", arguments, "angle of a step", "radians", "rotation", validity),
    )
