"""Equations of motion of an on-line perceptron with decay, from the averages over one example."""

from __future__ import annotations

import sympy as sp

from derivations.laws.online_perceptron.averages import AVERAGES, SEEN, TWO_PI, Q, R, a, b, v, y
from derivations.prover.rules import Continuity, Identity
from derivations.step import Step
from derivations.step import equation as _eq
from derivations.symbols import symbols

eta, gamma, n_in, noise = symbols("eta gamma n_in output_noise")
VARIANCE = _eq(Q, SEEN)
D, LAMBDA = 1 + 2 * Q, 2 * (1 + Q) - R**2
DELTA_Y = TWO_PI * ((1 + Q - R**2) / ((1 + Q) * sp.sqrt(LAMBDA)) - R / ((1 + Q) * sp.sqrt(D)))
DELTA_X = TWO_PI * (R / ((1 + Q) * sp.sqrt(LAMBDA)) - Q / ((1 + Q) * sp.sqrt(D)))
SLOPE2 = TWO_PI / sp.sqrt(D)
TEACHER, STUDENT = sp.asin((D - 2 * R**2) / (2 * (D - R**2))), sp.asin(Q / (D + Q))
CROSS = sp.asin(R / sp.sqrt(2 * (D - R**2) * (D + Q)))
DELTA2 = SLOPE2 * TWO_PI * (TEACHER + STUDENT - 2 * CROSS)
# Functions of Q and R: <delta y>, <delta x>, <delta^2> without output noise, and <g'(x)^2>.
turning, drifting, shaking, weighing = (sp.Function(name) for name in "YXSG")
# The steps that write Q for R^2 + v.
AVERAGED = ("delta_y", "delta_x", "delta_square", "noise_weight", "rate_Q", "rate_R")


def deltas() -> tuple[Step, ...]:
    """Return the averages of delta = g'(x) (g(y) - g(x)), with Q and R alone."""
    mean = {name: head(R, v) for name, head in AVERAGES.items()}
    square = mean["teacher_square"] + mean["student_square"] - 2 * mean["cross"]

    def pair(name: str, average: sp.Expr, head: sp.Expr, value: sp.Expr, reason: str, *using: str) -> tuple[Step, Step]:
        proof = Identity(using=using, given=(VARIANCE,))
        return (
            Step(f"{name}_form", _eq(head, value), "With Q and R alone, to be:"),
            Step(name, _eq(average, head), reason, proof),
        )

    y_names, x_names, squares = (
        ("teacher_y", "student_y"),
        ("teacher_x", "student_x"),
        ("teacher_square", "student_square", "cross"),
    )
    return (
        *pair(
            "delta_y",
            mean["teacher_y"] - mean["student_y"],
            turning(Q, R),
            DELTA_Y,
            "<delta y>, delta = g'(x) (g(y) - g(x)).",
            *y_names,
        ),
        *pair("delta_x", mean["teacher_x"] - mean["student_x"], drifting(Q, R), DELTA_X, "<delta x>.", *x_names),
        *pair("delta_square", square, shaking(Q, R), DELTA2, "<delta^2> without output noise.", *squares),
        *pair("noise_weight", mean["slope_square"], weighing(Q), SLOPE2, "<g'(x)^2>.", "slope_square"),
    )


def rates() -> tuple[Step, ...]:
    """Return what one example does to Q and R, and the equations of motion."""
    mean = {name: head(R, v) for name, head in AVERAGES.items()}
    kept, moving = 1 - gamma / n_in, sp.Function("W")
    moved = kept**2 * Q + 2 * kept * eta / n_in * a + eta**2 / n_in * b
    change = 2 * eta * a + eta**2 * b - 2 * gamma * Q + (gamma**2 * Q - 2 * gamma * eta * a) / n_in
    push = mean["teacher_x"] - mean["student_x"]
    spread = mean["teacher_square"] + mean["student_square"] - 2 * mean["cross"] + noise * mean["slope_square"]
    turn = mean["teacher_y"] - mean["student_y"]
    in_q = 2 * eta * drifting(Q, R) + eta**2 * (shaking(Q, R) + noise * weighing(Q)) - 2 * gamma * Q
    return (
        Step("change", _eq(moving(n_in), change), "What a step adds to Q, times N."),
        Step(
            "one_example",
            _eq(n_in * (moved - Q), moving(n_in)),
            "Change of Q = |J|^2 per example, times N: J' = (1 - gamma/N) J + (eta/N) delta xi, a = delta x, "
            "b = delta^2, |xi|^2 = N.",
            Identity(),
        ),
        Step(
            "per_example",
            _eq(sp.Limit(moving(n_in), n_in, sp.oo, "-"), 2 * eta * a + eta**2 * b - 2 * gamma * Q),
            "For many inputs.",
            Continuity(),
        ),
        Step(
            "overlap_per_example",
            _eq(n_in * (kept * R + eta / n_in * y - R), eta * y - gamma * R),
            "The same for R, y standing for delta y.",
            Identity(),
        ),
        Step(
            "rate_Q",
            _eq(2 * eta * push + eta**2 * spread - 2 * gamma * Q, in_q),
            "dQ/d alpha: per_example with a and b averaged, as Q self-averages; alpha is examples/N. Output noise has "
            "mean 0 and is independent, so that it adds its variance times <g'(x)^2> to <delta^2>.",
            Identity(using=(*(n for n in AVERAGES if n not in ("teacher_y", "student_y")),), given=(VARIANCE,)),
        ),
        Step(
            "rate_R",
            _eq(eta * turn - gamma * R, eta * turning(Q, R) - gamma * R),
            "dR/d alpha, in the same way.",
            Identity(using=("teacher_y", "student_y"), given=(VARIANCE,)),
        ),
    )
