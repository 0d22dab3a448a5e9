"""Two weights of a ridge regression with Gaussian inputs: Isserlis' moments, and the covariance in closed form."""

from __future__ import annotations

import sympy as sp

from derivations.laws.ridge.pair import FEED, FEED_2, FEED_12, curvature_2, h_2, in_full
from derivations.laws.ridge.weight import curvature, dim, eta, h, lmbda, m, n
from derivations.laws.shared.gaussian import GaussianPrimitive
from derivations.prover.rules import Identity, Termwise
from derivations.step import Assumption, Step
from derivations.step import equation as _eq
from derivations.symbols import symbols

a, y, z, target_noise, teacher_weight, teacher_weight_2 = symbols("a y z target_noise teacher_weight teacher_weight_2")
LOSS = h * (2 - eta * h) - 2 * eta * curvature**2 / m
LOSS_2 = h_2 * (2 - eta * h_2) - 2 * eta * curvature_2**2 / m
LOSS_12 = h + h_2 - eta * h * h_2 - eta * curvature * curvature_2 / m
LINK = eta * curvature * curvature_2 / m
REST = LOSS * LOSS_2 - LINK**2
FIRST = (LOSS_2 * FEED + LINK * FEED_2) / REST
SHIFT = lmbda / n
# How far the optimum is from the teacher, and the noise there.
MISS, MISS_2 = (-SHIFT * u / total for u, total in ((teacher_weight, h), (teacher_weight_2, h_2)))
NOISE = 2 * curvature**2 * MISS**2 + curvature * curvature_2 * MISS_2**2 + target_noise**2 * curvature
NOISE_12 = curvature * curvature_2 * MISS * MISS_2
SETTLES = tuple(in_full(e) > 0 for e in (LOSS, LOSS_2, REST))
STEPS = ("gaussian_first", "gaussian_second", "gaussian_both")
ASSUMPTIONS = (
    Assumption(
        "Gaussian inputs (steps gaussian_*): every example is a fresh draw from N(0, diag(h_1, h_2)), in the basis "
        "that makes their covariance diagonal; n enters through lmbda/n alone. The first weight settles on its own,",
        SETTLES[0],
        STEPS,
    ),
    Assumption("so does the second,", SETTLES[1], STEPS),
    Assumption("and so do both together.", SETTLES[2], STEPS),
    Assumption(
        "The target of an example is that of a linear teacher with independent noise of mean 0; each direction "
        "points where the teacher does."
    ),
)


def gaussian() -> tuple[Step, ...]:
    """Return the steps."""
    return (*_moments(), *_at_rest(), *_noise())


def _moments() -> tuple[Step, ...]:
    line, w = (z, -sp.oo, sp.oo), curvature
    bell = sp.exp(-(z**2) / w / 2) / sp.sqrt(2 * sp.pi * w)

    def moment(name: str, inside: sp.Expr, value: sp.Expr, tail: sp.Expr, reason: str) -> Step:
        claim = _eq(sp.Integral(inside * bell, line), value)
        return Step(name, claim, reason, GaussianPrimitive(tail * bell, value / 2, 1 / sp.sqrt(2 * w)))

    square, fourth = -w * z, -w * z * (z**2 + 3 * w)
    return (
        moment("gaussian_square", z**2, w, square, "An input N(0, h) has mean square h,"),
        moment("gaussian_mean", z**2 + z, w, square - w, "mean 0, so that this is the same,"),
        moment("gaussian_fourth", z**4, 3 * w**2, fourth, "mean fourth power 3 h^2 (Isserlis),"),
        moment("gaussian_cube", z**4 + z**3, 3 * w**2, fourth - w * (z**2 + 2 * w), "and mean cube 0."),
    )


def _at_rest() -> tuple[Step, ...]:
    heads = loss, loss_2, loss_12, link = tuple(sp.Function(name)(eta) for name in ("L_1", "L_2", "L_12", "L"))
    fourth = 3 * curvature**2
    rest = loss * loss_2 - link**2
    first, second = (loss_2 * FEED + link * FEED_2) / rest, (loss * FEED_2 + link * FEED) / rest
    both = FEED_12 / loss_12
    return (
        *(
            Step(f"gaussian_{head.func}", _eq(head, value), reason)
            for head, value, reason in zip(
                heads,
                (LOSS, LOSS_2, LOSS_12, LINK),
                ("loss with V = 2 h^2,", "the second's,", "loss_12 with K = h_1 h_2,", "and link."),
                strict=True,
            )
        ),
        Step(
            "gaussian_loss",
            _eq(h * (2 - eta * h) - eta / m * (fourth - curvature**2), loss),
            "V is the mean fourth power less the squared mean square: of loss, H (2 - eta H) - eta V/m, this is left.",
            Identity(),
        ),
        Step(
            "gaussian_loss_12",
            _eq(h + h_2 - eta * h * h_2 - eta / m * (2 * link * m / eta - curvature * curvature_2), loss_12),
            "Independent inputs have K = h_1 h_2; K_31 = K_13 = 0, so that the covariance feeds nothing into the mean "
            "squares, nor they into it.",
            Identity(),
        ),
        Step(
            "gaussian_first",
            _eq((1 - eta * loss) * first + eta * (FEED + link * second), first),
            "A step leaves the first mean square as it is,",
            Identity(keep=True),
        ),
        Step(
            "gaussian_second",
            _eq((1 - eta * loss_2) * second + eta * (FEED_2 + link * first), second),
            "the second,",
            Identity(keep=True),
        ),
        Step(
            "gaussian_both",
            _eq((1 - eta * loss_12) * both + eta * FEED_12, both),
            "and the covariance; nothing else, by two_unique.",
            Identity(keep=True),
        ),
    )


def _noise() -> tuple[Step, ...]:
    u, v, r, c, i = *(sp.IndexedBase(name) for name in ("x_1", "x_2", "r", "c")), sp.Idx("i")
    examples, w, w_2 = (i, 1, dim), curvature, curvature_2
    miss, miss_2 = sp.Function("d_1")(lmbda), sp.Function("d_2")(lmbda)
    noise, noise_12 = sp.Function("G_11")(lmbda), sp.Function("G_12")(lmbda)
    pull, pull_2 = w * miss, w_2 * miss_2

    def total(summand: sp.Expr) -> sp.Sum:
        return sp.Sum(summand, examples)

    residual = a * u[i] + y * v[i] - c[i]
    return (
        Step("optimum_form", _eq(miss, MISS), "Optimum less teacher; the mean gradient is 0 there, by:"),
        Step("optimum_form_2", _eq(miss_2, MISS_2), "The same of the second weight."),
        Step("noise_form", _eq(noise, NOISE), "To be the mean square of an example's gradient there."),
        Step("noise_form_12", _eq(noise_12, NOISE_12), "To be the mean product of both."),
        Step(
            "optimum",
            _eq(SHIFT * (teacher_weight + miss), -w * miss),
            "Decay pulls as hard as the inputs.",
            Identity(),
        ),
        Step(
            "example_noise",
            _eq(
                total((u[i] * r[i] - w * a) * (v[i] * r[i] - w_2 * y)),
                total(u[i] * v[i] * r[i] ** 2)
                - w_2 * y * total(u[i] * r[i])
                - w * a * total(v[i] * r[i])
                + w * w_2 * a * y * total(1),
            ),
            "Gradients of an example at the optimum, with the residual r = d_1 x_1 + d_2 x_2 - noise, a = d_1 and "
            "y = d_2. The same with x_1 twice gives the mean square.",
            Termwise(),
        ),
        Step(
            "residual",
            _eq(
                total(u[i] * v[i] * residual**2),
                a**2 * total(u[i] ** 3 * v[i])
                + y**2 * total(u[i] * v[i] ** 3)
                + 2 * a * y * total(u[i] ** 2 * v[i] ** 2)
                + total(u[i] * v[i] * c[i] ** 2)
                - 2 * a * total(u[i] ** 2 * v[i] * c[i])
                - 2 * y * total(u[i] * v[i] ** 2 * c[i]),
            ),
            "Its square, weighted: of these, only the mean of x_1^2 x_2^2 is not 0; with x_1 twice, the first three "
            "become 3 h_1^2, h_1 h_2 and 0, and the noise counts h_1 times its variance.",
            Termwise(),
        ),
        Step(
            "gaussian_noise",
            _eq(
                3 * w**2 * miss**2 + w * w_2 * miss_2**2 + target_noise**2 * w - 2 * pull * pull + pull**2,
                noise,
            ),
            "Mean square of an example's gradient at the optimum.",
            Identity(),
        ),
        Step(
            "gaussian_noise_12",
            _eq(
                2 * w * w_2 * miss * miss_2 - pull_2 * pull - pull * pull_2 + pull * pull_2,
                noise_12,
            ),
            "Mean product of both.",
            Identity(),
        ),
    )
