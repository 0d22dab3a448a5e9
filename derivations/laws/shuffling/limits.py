"""Shuffled epochs of many steps: the variance at a fixed decay per epoch, its average, and both where that is small."""

from __future__ import annotations

import sympy as sp

from derivations.formula import Formula
from derivations.functions.gaps import ramp_gap, tanh_gap
from derivations.laws.shuffling.exact import BRACKET, RATIO, SCALE, M, V, epsilon, eta, kappa, lmbda, m, n, q, step, x
from derivations.laws.shuffling.textbook import TextbookIdentity
from derivations.prover.measured import MeasuredError
from derivations.prover.rules import Antiderivative, Identity, Taylor
from derivations.step import Step
from derivations.step import equation as _eq

BATCHES = _eq(n, M * m)
# q^M with M = kappa/epsilon.
KEPT = sp.exp(kappa * sp.log(1 - epsilon) / epsilon)
RATIO_KAPPA = kappa / (kappa - epsilon) * (1 - (2 - epsilon) / kappa * (1 - KEPT) / (1 + KEPT))
END_LIMIT = 1 - 2 / kappa * (1 - sp.exp(-kappa)) / (1 + sp.exp(-kappa))
TANH = (1 - sp.exp(-kappa)) / (1 + sp.exp(-kappa))
END_NEXT = END_LIMIT / kappa + TANH / kappa - 2 * sp.exp(-kappa) / (1 + sp.exp(-kappa)) ** 2
LEFT = sp.exp(-kappa * x)
BROUGHT = 1 - LEFT**2 - 2 / kappa * (1 - LEFT) ** 2
BROUGHT_NEXT = BROUGHT / kappa + kappa * x * LEFT**2 + (1 - LEFT) ** 2 / kappa - 2 * x * LEFT * (1 - LEFT)
WITHIN_LIMIT = (
    sp.exp(-2 * kappa * x) * tanh_gap(kappa / 2)
    + 1
    - sp.exp(-2 * kappa * x)
    - 2 / kappa * (1 - sp.exp(-kappa * x)) ** 2
)
# (1 - exp(-y))^2/y without a division by y = kappa x.
INSIDE_SMALL = (1 - LEFT) * (1 - kappa * x / 2 * (1 - ramp_gap(kappa * x)))
INSIDE = sp.exp(-2 * kappa * x) * tanh_gap(kappa / 2) + 1 - sp.exp(-2 * kappa * x) - 2 * x * INSIDE_SMALL
INSIDE_STABLE = INSIDE.subs(kappa, eta * lmbda / m)
AVERAGE = 1 - 2 / kappa + 2 * (1 - sp.exp(-kappa)) / kappa**2


# The same exactly, for M steps an epoch: the end of an epoch, after a share x of it, and the mean over its steps.
BY_STEPS = {epsilon: kappa / M}
KEPT_STEP = 1 - kappa / M
END_EXACT = RATIO_KAPPA.subs(BY_STEPS)
MEAN_LEFT, MEAN_LEFT_2 = ((1 - KEPT_STEP ** (p * M)) / (M * (1 - KEPT_STEP**p)) for p in (1, 2))


def exactly(left: sp.Expr, left_2: sp.Expr) -> sp.Expr:
    """Return the ratio inside an epoch from what is left of a weight since it began, and of its square."""
    brought = 1 - left_2 - (2 - kappa / M) / kappa * (1 - 2 * left + left_2)
    return left_2 * END_EXACT + M / (M - 1) * brought


def _measured(error: float, corners: tuple[float, ...], *also: tuple) -> MeasuredError:
    """Return the box of the limits: at least 20 steps an epoch, each of which removes at most a twentieth."""
    return MeasuredError(
        M, 20, 5000, error, 3, ((kappa, M / 100_000, M / 20), *also), corners, (kappa, *(s for s, *_ in also)), (M,)
    )


def _off() -> tuple[Step, ...]:
    inside = exactly(KEPT_STEP ** (x * M), KEPT_STEP ** (2 * x * M))
    return (
        Step(
            "end_off",
            _eq(END_EXACT, tanh_gap(kappa / 2)),
            "How far the limit of many steps is off, at the end of an epoch,",
            _measured(0.091, (-0.0476285714, -0.0906990608, -0.0002099555, -0.000401531949)),
        ),
        Step(
            "inside_off",
            _eq(inside, WITHIN_LIMIT),
            "inside an epoch,",
            _measured(
                0.091,
                (
                    *(-0.0499851413, -0.0476285714, -0.0902294999, -0.0906990608),
                    *(-0.000208348336, -0.0002099555, -0.00037521776, -0.000401531949),
                ),
                (x, 0.001, 1),
            ),
        ),
        Step(
            "average_off",
            _eq(exactly(MEAN_LEFT, MEAN_LEFT_2), ramp_gap(kappa)),
            "and on average over its steps.",
            _measured(0.067, (-0.0476238093, -0.0663786877, -0.000204896992, -0.000399913568)),
        ),
    )


def steps() -> tuple[Step, ...]:
    """Return the steps."""
    bell = sp.exp(-2 * kappa * x)
    primitive = (
        -bell / (2 * kappa) * (END_LIMIT - 1) + x - 2 / kappa * (x + 2 * sp.exp(-kappa * x) / kappa) + bell / kappa**2
    )
    return (
        Step(
            "ratio_in_kappa",
            _eq(RATIO, RATIO_KAPPA),
            "M = kappa/epsilon.",
            Identity(given=(BATCHES,)),
        ),
        Step(
            "log_series",
            _eq(sp.log(1 - epsilon), -epsilon - epsilon**2 / 2 + sp.O(epsilon**3)),
            "Taylor at 0.",
            Taylor(),
        ),
        Step(
            "end_limit",
            _eq(RATIO_KAPPA, END_LIMIT + epsilon * END_NEXT + sp.O(epsilon**2)),
            "Many steps an epoch, at a fixed decay per epoch, with the first correction in epsilon = kappa/M.",
            Taylor(using="log_series"),
        ),
        Step(
            "end_ratio",
            _eq(tanh_gap(kappa / 2), END_LIMIT),
            "The same: 1 - (2/kappa) tanh(kappa/2).",
            TextbookIdentity(keep=True),
        ),
        Step(
            "inside_exact",
            _eq(
                SCALE * BRACKET / (eta**2 * V / (1 - q**2)),
                kappa / (kappa - epsilon) * (1 - q ** (2 * step) - (2 - epsilon) / kappa * (1 - q**step) ** 2),
            ),
            "What j steps of an epoch have brought, in the same units.",
            Identity(given=(BATCHES,)),
        ),
        Step(
            "inside_limit",
            _eq(
                kappa
                / (kappa - epsilon)
                * (
                    1
                    - sp.exp(2 * kappa * x * sp.log(1 - epsilon) / epsilon)
                    - (2 - epsilon) / kappa * (1 - sp.exp(kappa * x * sp.log(1 - epsilon) / epsilon)) ** 2
                ),
                BROUGHT + epsilon * BROUGHT_NEXT + sp.O(epsilon**2),
            ),
            "The same at j = x M, for many steps an epoch.",
            Taylor(using="log_series"),
        ),
        Step(
            "inside_ratio",
            _eq(WITHIN_LIMIT, bell * END_LIMIT + 1 - bell - 2 / kappa * (1 - sp.exp(-kappa * x)) ** 2),
            "With what is left of the variance at the end of the epoch before.",
            TextbookIdentity(keep=True),
        ),
        Step(
            "inside_stable",
            _eq(INSIDE, WITHIN_LIMIT),
            "Written so that it has its value, 0, without decay too.",
            TextbookIdentity(keep=True),
        ),
        Step(
            "average",
            _eq(
                sp.Integral(bell * END_LIMIT + 1 - bell - 2 / kappa * (1 - sp.exp(-kappa * x)) ** 2, (x, 0, 1)),
                1 - 2 / kappa + 2 * (1 - sp.exp(-kappa)) / kappa**2,
            ),
            "Averaged over the epoch.",
            Antiderivative(primitive, *(primitive.subs({x: where, kappa: eta * lmbda / m}) for where in (0, 1))),
        ),
        Step(
            "average_ratio",
            _eq(ramp_gap(kappa), 1 - 2 / kappa + 2 * (1 - sp.exp(-kappa)) / kappa**2),
            "Written so that it can be computed.",
            TextbookIdentity(keep=True),
        ),
        Step(
            "tanh_series",
            _eq(sp.tanh(kappa / 2), kappa / 2 - kappa**3 / 24 + sp.O(kappa**5)),
            "Little decay in an epoch. Taylor at 0.",
            Taylor(),
        ),
        Step(
            "end_in_tanh",
            _eq(1 - 2 * sp.tanh(kappa / 2) / kappa, END_LIMIT),
            "With it,",
            TextbookIdentity(keep=True),
        ),
        Step(
            "end_small",
            _eq(1 - 2 * sp.tanh(kappa / 2) / kappa, kappa**2 / 12 + sp.O(kappa**4)),
            "the end of an epoch is far quieter than independent draws are,",
            Taylor(using="tanh_series"),
        ),
        Step(
            "left_series",
            _eq(sp.exp(-kappa), 1 - kappa + kappa**2 / 2 - kappa**3 / 6 + sp.O(kappa**4)),
            "Taylor at 0.",
            Taylor(),
        ),
        Step(
            "average_small",
            _eq(AVERAGE, kappa / 3 + sp.O(kappa**2)),
            "its average less so,",
            Taylor(using="left_series"),
        ),
        Step(
            "left_inside",
            _eq(sp.exp(-kappa * x), 1 - kappa * x + kappa**2 * x**2 / 2 + sp.O(kappa**3)),
            "Taylor at 0.",
            Taylor(),
        ),
        Step(
            "inside_small",
            _eq(BROUGHT, 2 * kappa * x * (1 - x) + sp.O(kappa**2)),
            "and the middle least: what the epoch has brought, the rest being of order kappa^2, is at most kappa/2.",
            Taylor(using="left_inside"),
        ),
        *_off(),
    )


def formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    """Return the formulas."""
    many = (eta, lmbda, m)
    return (
        Formula.of(
            steps, "end_ratio", many, "the same for many steps an epoch", "1", "end_ratio", box="end_off", side="left"
        ),
        Formula.of(
            steps,
            "inside_ratio",
            (x, *many),
            "the same after a share x of an epoch",
            "1",
            "inside_ratio",
            (x <= 1,),
            box="inside_off",
            side="left",
        ),
        Formula.of(
            steps,
            "average_ratio",
            many,
            "the same averaged over an epoch",
            "1",
            "average_ratio",
            box="average_off",
            side="left",
        ),
    )
