"""Gaussian averages behind `online_perceptron`: one field averaged given the other, then the other."""

from __future__ import annotations

import sympy as sp

from derivations.laws.shared.gaussian import GaussianPrimitive
from derivations.laws.shared.instance import Instance
from derivations.laws.shared.parameter_integral import ParameterIntegral
from derivations.prover.rules import Identity
from derivations.step import Step
from derivations.step import equation as _eq
from derivations.symbols import symbols

Q, R, v, a, b, c, t, x, y, z = symbols("student_variance overlap residual_variance a b c t x y z")
LINE = (z, -sp.oo, sp.oo)
TWO_PI = 2 / sp.pi
SEEN = R**2 + v  # Q in terms of what is left of it, given the teacher's field
ROOT = sp.sqrt(2 / sp.pi)

AVERAGES = {
    name: sp.Function(name)
    for name in (
        "teacher_y", "student_y", "teacher_x", "student_x", "slope_square", "teacher_square", "student_square", "cross",
    )
}  # fmt: skip
slope_mean, output_mean = sp.Function("slope_mean"), sp.Function("output_mean")
Pair = tuple[Step, Step]


def bell(width: sp.Expr) -> sp.Expr:
    """Return exp(-width z^2/2) / sqrt(2 pi)."""
    return sp.exp(-width * z**2 / 2) / sp.sqrt(2 * sp.pi)


def erf(slope: sp.Expr) -> sp.Expr:
    """Return the output of a unit whose field is slope z."""
    return sp.erf(slope * z / sp.sqrt(2))


def _primitive(slope: sp.Expr, width: sp.Expr, factor: sp.Expr) -> GaussianPrimitive:
    """Return the primitive of factor z erf(slope z/sqrt 2) bell(width)."""
    total = width + slope**2
    height = factor * slope / (width * sp.sqrt(2 * sp.pi) * sp.sqrt(total))
    return GaussianPrimitive(-factor * erf(slope) * bell(width) / width, height, sp.sqrt(total / 2))


def densities() -> tuple[Step, ...]:
    """Return how the joint density of both fields splits."""
    exponent = (x**2 - 2 * R * x * y + SEEN * y**2) / v
    return (
        Step(
            "split_by_teacher",
            _eq(exponent, y**2 + (x - R * y) ** 2 / v),
            "Exponent of the joint density of student's field x and teacher's y: given y, x is Gaussian, mean R y and "
            "variance v = Q - R^2.",
            Identity(),
        ),
        Step(
            "split_by_student",
            _eq(exponent, x**2 / SEEN + (y - R * x / SEEN) ** 2 * SEEN / v),
            "Given x, y is Gaussian, mean R x/Q and variance v/Q.",
            Identity(),
        ),
    )


def inner() -> tuple[Step, ...]:
    """Return averages over a field of mean y and deviation b: what one field leaves to average over the other."""
    width = 1 + b**2
    tilted = 1 + c * b**2
    shifted = sp.exp(-(z**2 + (y + b * z) ** 2) / 2) / sp.sqrt(2 * sp.pi)
    return (
        Step(
            "slope_kernel",
            _eq(slope_mean(c, y, b), sp.exp(-c * y**2 / (2 * tilted)) / sp.sqrt(tilted)),
            "To be the mean of exp(-c x^2/2), c = 1 for g' and c = 2 for its square.",
        ),
        Step(
            "mean_slope",
            _eq(sp.Integral(sp.exp(-c * (y + b * z) ** 2 / 2) * bell(sp.S.One), LINE), slope_mean(c, y, b)),
            "Its mean over a field of mean y and deviation b: complete the square.",
            GaussianPrimitive(
                sp.S.Zero,
                sp.exp(-c * y**2 / (2 * tilted)) / (2 * sp.sqrt(tilted)),
                sp.sqrt(tilted / 2),
                c * y * b / sp.sqrt(2 * tilted),
            ),
        ),
        Step(
            "output_kernel",
            _eq(output_mean(y, b), sp.erf(y / (sp.sqrt(2) * sp.sqrt(width)))),
            "To be the mean of the output: as if the field were y/sqrt(1 + b^2).",
        ),
        Step(
            "mean_output",
            _eq(
                sp.Integral((sp.erf((y + b * z) / sp.sqrt(2)) - sp.erf(y / sp.sqrt(2))) * bell(sp.S.One), LINE),
                output_mean(y, b) - sp.erf(y / sp.sqrt(2)),
            ),
            "Its mean over a field of mean y and deviation b, less its value at b = 0.",
            ParameterIntegral(
                b,
                GaussianPrimitive(
                    -ROOT * shifted / width,
                    -y * b / (width * sp.sqrt(width)) * sp.exp(-(y**2) / width / 2) / sp.sqrt(2 * sp.pi),
                    sp.sqrt(width / 2),
                    y * b / sp.sqrt(2 * width),
                ),
            ),
        ),
        Step(
            "mean_field",
            _eq(sp.Integral((y + b * z) * bell(sp.S.One), LINE), y),
            "The mean of the field itself.",
            GaussianPrimitive(-b * bell(sp.S.One), y / 2, 1 / sp.sqrt(2)),
        ),
    )


def outer() -> tuple[Step, ...]:
    """Return the two integrals over a field of mean 0 that every average is a case of."""
    return (
        Step(
            "moment",
            _eq(sp.Integral(z * erf(a) * bell(t), LINE), ROOT * a / (t * sp.sqrt(t + a**2))),
            "By parts.",
            _primitive(a, t, sp.S.One),
        ),
        Step(
            "arcsine",
            _eq(
                sp.Integral(erf(a) * erf(b) * bell(t), LINE),
                TWO_PI / sp.sqrt(t) * sp.asin(a * b / sp.sqrt((t + a**2) * (t + b**2))),
            ),
            "Price: the derivative by b is a moment; both sides vanish at b = 0.",
            ParameterIntegral(b, _primitive(a, t + b**2, ROOT)),
        ),
    )


def averages() -> tuple[Step, ...]:
    """Return the averages over both fields, x the student's and y the teacher's, g(x) = erf(x/sqrt 2)."""
    q = SEEN
    deviation, rest = sp.sqrt(q), sp.sqrt(v) / sp.sqrt(q)
    beta = R / (deviation * sp.sqrt(1 + v / q))
    big, lam = 1 + 2 * R**2 + 2 * v, 2 + R**2 + 2 * v
    narrow, thin = sp.sqrt(1 + v), sp.sqrt(1 + 2 * v)
    student, teacher = erf(deviation), erf(sp.S.One)
    slope, slope2 = ROOT * sp.exp(-q * z**2 / 2), TWO_PI * sp.exp(-q * z**2)
    # Over x given y = z, and over y given x = deviation z.
    slope_given, slope2_given = (k * slope_mean(p, R * z, sp.sqrt(v)) for p, k in ((1, ROOT), (2, TWO_PI)))
    teacher_given, field_given = output_mean(R * z / deviation, rest), R * z / deviation

    def average(name: str, reason: str, inside: sp.Expr, value: sp.Expr, proof: Instance | GaussianPrimitive) -> Pair:
        mean = AVERAGES[name](R, v)
        return (
            Step(f"{name}_average", _eq(mean, sp.Integral(inside * bell(sp.S.One), LINE)), reason),
            Step(name, _eq(mean, value), "In closed form.", proof),
        )

    def moment(slope: sp.Expr, width: sp.Expr, factor: sp.Expr) -> Instance:
        return Instance("moment", ((a, slope), (t, width)), factor)

    def arc(one: sp.Expr, two: sp.Expr, width: sp.Expr, factor: sp.Expr) -> Instance:
        return Instance("arcsine", ((a, one), (b, two), (t, width)), factor)

    pairs = (
        average(
            "teacher_y",
            "<g'(x) g(y) y>, y = z, x averaged first: mean R y, variance v.",
            slope_given * teacher * z,
            TWO_PI * (1 + v) / ((1 + q) * sp.sqrt(lam)),
            moment(sp.S.One, 1 + R**2 / (1 + v), ROOT / narrow),
        ),
        average(
            "student_y",
            "<g'(x) g(x) y>, x = sqrt(Q) z, y averaged first: mean R x/Q.",
            slope * student * field_given,
            TWO_PI * R / ((1 + q) * sp.sqrt(big)),
            moment(deviation, 1 + q, ROOT * R / deviation),
        ),
        average(
            "teacher_x",
            "<g'(x) g(y) x>, y averaged first: mean R x/Q, variance v/Q.",
            slope * teacher_given * deviation * z,
            TWO_PI * R / ((1 + q) * sp.sqrt(lam)),
            moment(beta, 1 + q, ROOT * deviation),
        ),
        average(
            "student_x",
            "<g'(x) g(x) x>.",
            slope * student * deviation * z,
            TWO_PI * q / ((1 + q) * sp.sqrt(big)),
            moment(deviation, 1 + q, ROOT * deviation),
        ),
        average(
            "slope_square",
            "<g'(x)^2>, what noise on the output is multiplied by.",
            slope2,
            TWO_PI / sp.sqrt(big),
            GaussianPrimitive(sp.S.Zero, 1 / (sp.pi * sp.sqrt(big)), sp.sqrt(big / 2)),
        ),
        average(
            "teacher_square",
            "<g'(x)^2 g(y)^2>, x averaged first.",
            slope2_given * teacher**2,
            TWO_PI**2 / sp.sqrt(big) * sp.asin((1 + 2 * v) / (2 * (1 + R**2 + 2 * v))),
            arc(sp.S.One, sp.S.One, 1 + 2 * R**2 / (1 + 2 * v), TWO_PI / thin),
        ),
        average(
            "student_square",
            "<g'(x)^2 g(x)^2>.",
            slope2 * student**2,
            TWO_PI**2 / sp.sqrt(big) * sp.asin(q / (big + q)),
            arc(deviation, deviation, big, TWO_PI),
        ),
        average(
            "cross",
            "<g'(x)^2 g(x) g(y)>, y averaged first.",
            slope2 * student * teacher_given,
            TWO_PI**2 / sp.sqrt(big) * sp.asin(R / sp.sqrt(2 * (1 + R**2 + 2 * v) * (big + q))),
            arc(beta, deviation, big, TWO_PI),
        ),
    )
    return tuple(step for pair in pairs for step in pair)
