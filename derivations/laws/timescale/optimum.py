"""Krogh and Hertz's optimum: the decay of least error for one weight of a linear network with noisy targets."""

from __future__ import annotations

import sympy as sp

from derivations.formula import Formula
from derivations.prover.rules import Antiderivative, Identity, NonNegativeGap, Root, Termwise, Tightness
from derivations.step import Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols

lmbda, teacher_weight, target_noise, input_square, dim, y, z = symbols(
    "lmbda teacher_weight target_noise input_square dim y z"
)
DENSITY = sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi)
MODE_ERROR = (lmbda**2 * teacher_weight**2 + target_noise**2 * input_square) / (lmbda + input_square) ** 2
OPTIMUM = target_noise**2 / teacher_weight**2
LEAST = target_noise**2 * teacher_weight**2 / (target_noise**2 + input_square * teacher_weight**2)


def steps() -> tuple[Step, ...]:
    """Return the steps."""
    x, r, i = sp.IndexedBase("x"), sp.IndexedBase("r"), sp.Idx("i")
    examples = (i, 1, dim)
    squares, overlap = sp.Sum(x[i] ** 2, examples), sp.Sum(x[i] * r[i], examples)
    bias, spread = -lmbda * teacher_weight / (lmbda + input_square), target_noise * sp.sqrt(input_square)
    spread /= lmbda + input_square
    normal, bell = sp.erf(z / sp.sqrt(2)) / 2, DENSITY
    return (
        Step(
            "mode_gradient",
            _eq(
                sp.Sum(-x[i] * (teacher_weight * x[i] + r[i] - y * x[i]), examples) + lmbda * y,
                (squares + lmbda) * y - teacher_weight * squares - overlap,
            ),
            "n times the gradient of Nielsen's cost, quadratic and linear in the weight y, for targets u x + r.",
            Termwise(),
        ),
        Step(
            "estimate_error",
            _eq(
                (input_square + lmbda) * (teacher_weight + bias + spread * z),
                teacher_weight * input_square + target_noise * sp.sqrt(input_square) * z,
            ),
            "sum x^2 is A, and sum x r has mean 0 and variance A sigma_y^2: sigma_y sqrt(A) z with a standard Gaussian "
            "z. The gradient, linear in y, vanishes at one weight, u with a bias from the decay and a spread from the "
            "noise.",
            Identity(),
        ),
        Step(
            "mode_error",
            _eq(sp.Integral((bias + spread * z) ** 2 * DENSITY, (z, -sp.oo, sp.oo)), MODE_ERROR),
            "Its mean square.",
            Antiderivative(
                bias**2 * normal - 2 * bias * spread * bell + spread**2 * (normal - z * bell),
                -MODE_ERROR / 2,
                MODE_ERROR / 2,
            ),
        ),
        Step(
            "least_error",
            _eq(MODE_ERROR.subs(lmbda, OPTIMUM), LEAST),
            "The error at lmbda = sigma_y^2/u^2.",
            Identity(),
        ),
        Step(
            "nothing_below",
            sp.Le(LEAST, MODE_ERROR, evaluate=False),
            "The gap is a square over positive terms: no lmbda does better, whatever the inputs.",
            NonNegativeGap(
                input_square
                * (lmbda * teacher_weight**2 - target_noise**2) ** 2
                / ((lmbda + input_square) ** 2 * (target_noise**2 + input_square * teacher_weight**2)),
                (),
                Tightness(
                    lmbda,
                    input_square
                    * (lmbda * teacher_weight**2 - target_noise**2) ** 2
                    / ((OPTIMUM + input_square) ** 2 * (target_noise**2 + input_square * teacher_weight**2)),
                    OPTIMUM,
                ),
            ),
        ),
        Step(
            "optimum",
            solved(_eq(lmbda * teacher_weight**2 - target_noise**2, 0), lmbda, OPTIMUM),
            "The gap vanishes there and nowhere else.",
            Root(lmbda, teacher_weight**2),
        ),
    )


def formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    """Return the formulas."""
    return (
        Formula.of(
            steps,
            "mode_error",
            (lmbda, teacher_weight, target_noise, input_square),
            "mean square error of one weight of a linear network",
            "1",
            "mode_error",
        ),
        Formula.of(
            steps,
            "best_lmbda",
            (teacher_weight, target_noise),
            "lmbda of least error of one weight of a linear network",
            "1",
            "optimum",
        ),
    )
