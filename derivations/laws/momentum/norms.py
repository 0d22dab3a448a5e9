"""Heavy ball on whole layers: the class sums of a softmax layer, and the norm that decay and gradient hold."""

from __future__ import annotations

import sympy as sp

from derivations.formula import Formula
from derivations.laws.momentum.heavy_ball import eta, lmbda, mu, n, velocity, weight
from derivations.prover.rules import Root, Termwise
from derivations.step import Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols

dim, weight_norm2, velocity_norm2, velocity_overlap, weight_dot_gradient = symbols(
    "dim weight_norm2 velocity_norm2 velocity_overlap weight_dot_gradient"
)
OVERLAP = eta * velocity_norm2 / 2
SHAKEN = (1 + mu) * eta / 2 * velocity_norm2
NORM2 = n * (SHAKEN - weight_dot_gradient) / lmbda
HELD = weight_dot_gradient < SHAKEN


def steps() -> tuple[Step, ...]:
    """Return the steps."""
    w, v, g, i = (*(sp.IndexedBase(name) for name in "wvg"), sp.Idx("i"))

    def total(summand: sp.Expr) -> sp.Sum:
        return sp.Sum(summand, (i, 1, dim))

    sums = (total(w[i]), total(v[i]), total(g[i]))
    return (
        Step(
            "class_sums",
            _eq(total(weight(w[i], v[i], g[i])), weight(*sums)),
            "The weights from one hidden unit to all classes of a softmax layer: their sum moves as one weight does, "
            "by the sum of their gradients. That is 0 (symmetry, slopes_add_up): the sum decays as weight_path says.",
            Termwise(),
        ),
        Step(
            "class_velocities",
            _eq(total(velocity(w[i], v[i], g[i])), velocity(*sums)),
            "And so does the sum of their velocities.",
            Termwise(),
        ),
        Step(
            "norm_budget",
            _eq(
                total((w[i] - eta * v[i]) ** 2),
                total(w[i] ** 2) - 2 * eta * total(w[i] * v[i]) + eta**2 * total(v[i] ** 2),
            ),
            "All weights of a layer, v the velocity that moves them: their squared norm,",
            Termwise(),
        ),
        Step(
            "overlap_after",
            _eq(total((w[i] - eta * v[i]) * v[i]), total(w[i] * v[i]) - eta * total(v[i] ** 2)),
            "the overlap of weights and velocity after the step,",
            Termwise(),
        ),
        Step(
            "overlap_next",
            _eq(
                total(w[i] * velocity(w[i], v[i], g[i])),
                mu * total(w[i] * v[i]) + lmbda / n * total(w[i] ** 2) + total(w[i] * g[i]),
            ),
            "and with the next velocity, from the one before, v here.",
            Termwise(),
        ),
        Step(
            "norm_at_rest",
            solved(_eq(2 * eta * velocity_overlap, eta**2 * velocity_norm2), velocity_overlap, OVERLAP),
            "The budget at rest, on average: P = <w, v'> before the step. After it the overlap is P - eta |v|^2 = -P.",
            Root(velocity_overlap, 2 * eta),
        ),
        Step(
            "norm_held",
            solved(_eq(OVERLAP, -mu * OVERLAP + lmbda / n * weight_norm2 + weight_dot_gradient), weight_norm2, NORM2),
            "overlap_next at rest, with that: the norm balance of tail_off, with momentum.",
            Root(weight_norm2, -lmbda / n),
        ),
    )


def formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    """Return the formulas."""
    return (
        Formula.of(
            steps,
            "weight_norm2_at_rest",
            (eta, lmbda, n, mu, weight_dot_gradient, velocity_norm2),
            "heavy ball: squared norm of a layer at rest, from averages of <W,g> and |v|^2",
            "1",
            "norm_held",
            (mu < 1, HELD),
        ),
    )
