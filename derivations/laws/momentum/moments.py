"""Heavy ball, Nesterov and SGDW on noise: the second moments of weight and velocity that a step leaves as they are."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from derivations.formula import Formula
from derivations.laws.momentum import nesterov as nesterov
from derivations.laws.momentum.heavy_ball import (
    KEPT,
    a,
    epsilon,
    eta,
    gradient,
    lmbda,
    mu,
    n,
    step,
    velocity,
    w_0,
    weight,
    y,
)
from derivations.laws.shared.openings import STEP_DECAY
from derivations.prover.rules import Identity, Induction, Termwise
from derivations.step import Step
from derivations.step import equation as _eq
from derivations.symbols import symbols

batch_noise, c, dim, t, x = symbols("batch_noise c dim t x")
beside, bare, shrunk = sp.Function("H_W"), sp.Function("F_W"), sp.Function("S")


@dataclass(frozen=True)
class _Method:
    """A method w' = A w + B v - K g, v' = C w + D v + g, and its settled moments."""

    name: str
    label: str
    matrix: tuple[sp.Expr, sp.Expr, sp.Expr, sp.Expr]
    kick: sp.Expr
    moments: tuple[sp.Expr, sp.Expr, sp.Expr]
    """Variance of the weight, covariance of weight and velocity, variance of the velocity."""

    def linear(self, next_weight: sp.Basic, next_velocity: sp.Basic) -> tuple[Step, Step]:
        """Return the steps which say that the update is this linear map."""
        (ww, wv, vw, vv), applied = self.matrix, (a, y, gradient)
        return (
            Step(
                f"{self.name}_linear_weight",
                _eq(next_weight(*applied), ww * a + wv * y - self.kick * gradient),
                f"{self.label} as a linear map: the weight,",
                Identity(),
            ),
            Step(
                f"{self.name}_linear_velocity",
                _eq(next_velocity(*applied), vw * a + vv * y + gradient),
                "and the velocity.",
                Identity(),
            ),
        )

    def inside(self, product: sp.Expr, least: sp.Expr, where: str) -> tuple[Step, ...]:
        """Return the steps which say that both roots lie inside the unit circle."""
        ww, wv, vw, vv = self.matrix
        trace, determinant = ww + vv, ww * vv - wv * vw
        return (
            Step(
                f"{self.name}_map_product",
                _eq(determinant, product),
                f"The product p of this map's roots, of r^2 - T r + p; {where} it lies between -1 and 1.",
                Identity(keep=True),
            ),
            Step(
                f"{self.name}_at_one",
                _eq(1 - trace + determinant, epsilon),
                "At r = 1 the polynomial is positive,",
                Identity(keep=True),
            ),
            Step(
                f"{self.name}_at_minus_one",
                _eq(1 + trace + determinant, least),
                f"and at r = -1 {where}. So both roots lie inside the unit circle: complex ones have |r|^2 = p, and "
                "real ones of modulus 1 or more would lie on the same side of 0 and have p >= 1.",
                Identity(keep=True),
            ),
        )

    def settled(self) -> tuple[Step, ...]:
        """Return the three steps which say that a step leaves the moments as they are."""
        (ww, wv, vw, vv), (square, mixed, speed) = self.matrix, self.moments
        moved = (
            ww**2 * square + 2 * ww * wv * mixed + wv**2 * speed + self.kick**2 * batch_noise,
            ww * vw * square + (ww * vv + wv * vw) * mixed + wv * vv * speed - self.kick * batch_noise,
            vw**2 * square + 2 * vw * vv * mixed + vv**2 * speed + batch_noise,
        )
        words = ("the variance of the weight", "the covariance of weight and velocity", "the variance of the velocity")
        return tuple(
            Step(
                f"{self.name}_{suffix}",
                _eq(value, moment),
                f"{self.label} leaves {what} as it is. The only such moments, and those that any others approach: "
                "what two solutions differ by has no noise, and every step shrinks it, as both roots lie inside the "
                "unit circle.",
                Identity(keep=True),
            )
            for suffix, what, moment, value in zip(
                ("weight_var", "mixed", "velocity_var"), words, moved, self.moments, strict=True
            )
        )


def _over(below: sp.Expr, *factors: sp.Expr) -> tuple:
    return tuple(batch_noise * factor / below for factor in factors)


HEAVY_BALL = _Method(
    "heavy_ball",
    "Heavy ball",
    (KEPT, -eta * mu, epsilon / eta, mu),
    eta,
    _over((1 - mu) * (2 * (1 + mu) - epsilon), eta**2 * (1 + mu) / epsilon, -eta, sp.Integer(2)),
)
NESTEROV = _Method(
    "nesterov",
    "Nesterov's step",
    (1 - epsilon * (1 + mu), -eta * mu**2, epsilon / eta, mu),
    eta * (1 + mu),
    _over(
        (1 - mu + epsilon * mu) * (2 * (1 + mu) - epsilon * (1 + 2 * mu)),
        eta**2 * (1 + mu + epsilon * mu * (1 + 2 * mu)) / epsilon,
        -eta * (1 + 2 * mu),
        sp.Integer(2),
    ),
)
SGDW = _Method(
    "sgdw",
    "SGDW, which decays the weight beside the velocity,",
    (KEPT, -eta * mu, sp.S.Zero, mu),
    eta,
    _over((1 - mu**2) * (1 - KEPT * mu), eta**2 * (1 + KEPT * mu) / (epsilon * (2 - epsilon)), -eta, 1 - KEPT * mu),
)


def _change() -> Step:
    w, v, g, i = (*(sp.IndexedBase(name) for name in "wvg"), sp.Idx("i"))

    def total(summand: sp.Expr) -> sp.Sum:
        return sp.Sum(summand, (i, 1, dim))

    return Step(
        "moments",
        _eq(
            total((a * w[i] + y * v[i] - c * g[i]) * (x * w[i] + t * v[i] + g[i])),
            a * x * total(w[i] ** 2)
            + (a * t + x * y) * total(w[i] * v[i])
            + y * t * total(v[i] ** 2)
            - c * total(g[i] ** 2)
            + (a - c * x) * total(w[i] * g[i])
            + (y - c * t) * total(v[i] * g[i]),
        ),
        "Any number of runs, deviations from the mean: how a linear step changes second moments. The noise g of "
        "this step is independent of w and v: averaged over all runs the last two sums vanish.",
        Termwise(),
    )


def steps() -> tuple[Step, ...]:
    """Return the steps."""
    return (
        Step("sgdw_velocity", _eq(bare(a, y, gradient), mu * y + gradient), "SGDW: no decay in here,"),
        Step(
            "sgdw_weight",
            _eq(beside(a, y, gradient), a - STEP_DECAY * a - eta * bare(a, y, gradient)),
            "but beside it.",
        ),
        Step(
            "sgdw_alone",
            sp.And(_eq(shrunk(0), w_0), _eq(shrunk(step + 1), beside(shrunk(step), 0, 0))),
            "Without gradients the velocity stays at 0.",
        ),
        Step(
            "sgdw_decayed",
            _eq(shrunk(step), w_0 * (1 - STEP_DECAY) ** step),
            "Induction: the factor of plain SGD, whatever mu is.",
            Induction(),
        ),
        _change(),
        *HEAVY_BALL.linear(weight, velocity),
        *HEAVY_BALL.inside(mu, 2 * (1 + mu) - epsilon, "for epsilon < 2 (1 + mu)"),
        *HEAVY_BALL.settled(),
        *NESTEROV.linear(nesterov.weight, nesterov.velocity),
        *NESTEROV.inside(
            nesterov.PRODUCT, 2 * (1 + mu) - epsilon * (1 + 2 * mu), "for epsilon (1 + 2 mu) < 2 (1 + mu)"
        ),
        *NESTEROV.settled(),
        *SGDW.linear(beside, bare),
        *SGDW.settled(),
    )


def formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    """Return the formulas."""
    arguments = (batch_noise, eta, lmbda, n, mu)
    below = mu < 1
    heavy = (below, STEP_DECAY < 2 * (1 + mu))

    def formula(name: str, meaning: str, from_step: str, valid: tuple[sp.Rel, ...]) -> Formula:
        return Formula.of(steps, name, arguments, meaning, "1", from_step, valid, side="left")

    return (
        formula("weight_variance", "heavy ball: variance of a settled weight", "heavy_ball_weight_var", heavy),
        formula(
            "weight_velocity_covariance",
            "heavy ball: covariance of a settled weight and its velocity",
            "heavy_ball_mixed",
            heavy,
        ),
        formula("velocity_variance", "heavy ball: variance of a settled velocity", "heavy_ball_velocity_var", heavy),
        formula(
            "nesterov_weight_variance",
            "Nesterov: variance of a settled weight",
            "nesterov_weight_var",
            (below, STEP_DECAY * (1 + 2 * mu) < 2 * (1 + mu)),
        ),
        formula(
            "sgdw_weight_variance",
            "SGDW: variance of a settled weight",
            "sgdw_weight_var",
            (below, STEP_DECAY < 2),
        ),
        Formula.of(
            steps,
            "sgdw_weight",
            (w_0, step, eta, lmbda, n),
            "SGDW: weight after k steps of decay alone, from rest",
            "1",
            "sgdw_decayed",
            (STEP_DECAY < 1,),
        ),
    )
