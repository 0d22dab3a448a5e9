"""What blocks of SGD steps cost in operations, and what rounding makes of their decay."""

from __future__ import annotations

import sympy as sp

from derivations.formula import Formula
from derivations.laws.shared.taylor_below_one import TaylorBelowOne
from derivations.prover.measured import MeasuredError
from derivations.prover.rules import (
    Identity,
    IncreasingImage,
    Induction,
    Monotone,
    PositiveAxis,
    Root,
    Taylor,
    Tightness,
)
from derivations.step import Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols

epsilon, k, m, n_in, h, C, K, tau, delta, t = symbols(
    "epsilon step m n_in n_hidden cells block_steps write_cost rounding t"
)
LAYER = n_in * h * C
PLAIN = 4 * K * m * LAYER
GRAM = 2 * (K * m) ** 2 * n_in
SQUARE = 2 * (K * m) ** 2 * h * C
RATIO = 1 + K * m / (2 * h * C) + K * m / (2 * n_in)
RATIO_TRIANGLE = 1 + K * m / (2 * h * C) + (K - 1) * m / (4 * n_in)
EXTRA = 2 * K * m**2 * (n_in + h * C) + tau * LAYER / K
BEST = sp.sqrt(tau * LAYER / (2 * m**2 * (n_in + h * C)))
KEPT = (1 - epsilon) ** K
POWER_ERROR = delta / (1 - KEPT)
FACTOR_ERROR = K * (1 - epsilon) ** (K - 1) * delta / (1 - KEPT)
LEADING = K * epsilon - K * (K - 1) * epsilon**2 / 2
CONDITION = t / (sp.exp(t) - 1)


def steps() -> tuple[Step, ...]:
    """Return the steps."""
    return (*_operations(), *_rounding())


def _operations() -> tuple[Step, ...]:
    corrections, plain, blocked, triangle, extra = (sp.Function(name) for name in ("R", "P", "P_B", "P_T", "F"))
    return (
        Step(
            "plain_work",
            _eq(plain(K), PLAIN),
            "K steps of C members with h neurons each: X_k W_k and X_k^T U_k, 2 m n_in h C operations each.",
        ),
        Step(
            "blocked_work",
            _eq(blocked(K), PLAIN + GRAM + SQUARE),
            "The same two products, the Gram matrix of K m inputs, and K products of m of its rows with all K m rows "
            "of E, those not yet filled included.",
        ),
        Step("work_ratio", _eq(blocked(K) / plain(K), RATIO), "Blocked to plain.", Identity()),
        Step(
            "corrections",
            sp.And(_eq(corrections(0), 0), _eq(corrections(k + 1), corrections(k) + 2 * m * (k * m) * h * C)),
            "Where step k multiplies the k m rows that are filled alone.",
        ),
        Step(
            "corrections_added",
            _eq(corrections(k), k * (k - 1) * m**2 * h * C),
            "Induction: half of the square, less the diagonal.",
            Induction(),
        ),
        Step(
            "triangle_work",
            _eq(triangle(K), PLAIN + GRAM + K * (K - 1) * m**2 * h * C),
            "The blocked work with these, k = K.",
        ),
        Step("triangle_ratio", _eq(triangle(K) / plain(K), RATIO_TRIANGLE), "Blocked to plain.", Identity()),
        Step(
            "extra_work",
            _eq(extra(K), EXTRA),
            "What changes with K, per step: the Gram matrix and the corrections, and a K-th of reading and writing "
            "the weights, each worth tau operations.",
        ),
        Step(
            "extra_slope",
            _eq(K**2 * sp.Derivative(extra(K), K), 2 * K**2 * m**2 * (n_in + h * C) - tau * LAYER),
            "How it changes: negative for short blocks, positive for long ones.",
            Identity(),
        ),
        Step(
            "best_length",
            solved(_eq(2 * K**2 * m**2 * (n_in + h * C) - tau * LAYER, 0), K, BEST),
            "So it is least where the slope is 0.",
            Root(K, 4 * K * m**2 * (n_in + h * C)),
        ),
    )


def _rounding() -> tuple[Step, ...]:
    y = sp.Symbol("y", real=True)
    decay = sp.Function("S")
    return (
        Step(
            "factor_rounded",
            _eq((1 - (1 - epsilon - delta)) / epsilon - 1, delta / epsilon),
            "1 - epsilon rounded down by delta: decay per step, relative to the true one; rounded up, less decay. "
            "The same error in every weight and step, so that it does not average out. In float32 delta is up to "
            "2^-25, 3e-3 of a decay of 1e-5.",
            Identity(),
        ),
        Step(
            "factor_rounded_power",
            _eq((1 - (1 - epsilon - delta) ** K) / (1 - KEPT) - 1, FACTOR_ERROR + sp.O(delta**2)),
            "A block's decay with the K-th power of it: no better.",
            TaylorBelowOne(parameter=epsilon),
        ),
        Step(
            "factor_rounded_power_off",
            _eq((1 - (1 - epsilon - delta) ** K) / (1 - KEPT) - 1, FACTOR_ERROR),
            "How far that is off: about (K - 1) delta/2, so that K delta is to be small.",
            MeasuredError(
                K,
                1,
                1000,
                0.051,
                5,
                ((epsilon, 1 / (1000 * K), 1 / (2 * K)), (delta, 1 / (10_000 * K), 1 / (10 * K))),
                (0, 0, 0, 0, 4.99508833e-5, 0.0507832869, 4.99758217e-5, 0.0508090565),
                (epsilon, delta),
                (K,),
            ),
        ),
        Step(
            "power_rounded",
            _eq((1 - (KEPT - delta)) / (1 - KEPT) - 1, POWER_ERROR),
            "The power q^K, computed without error and rounded once.",
            Identity(),
        ),
        Step(
            "block_decay",
            _eq(1 - KEPT, LEADING + sp.O(epsilon**3)),
            "Where K epsilon is small: so rounding q^K loses delta/(K epsilon) of the decay, up to 2^-25/(K epsilon).",
            Taylor(),
        ),
        Step(
            "block_decay_off",
            _eq(1 - KEPT, LEADING),
            "How far the second order is off while K epsilon is at most 1/2.",
            MeasuredError(
                K,
                1,
                1000,
                0.047,
                5,
                ((epsilon, 1 / (1000 * K), 1 / (2 * K)),),
                (0, 0, -1.66208585e-7, -0.04680575),
                (epsilon,),
                (K,),
            ),
        ),
        Step(
            "decay_of_block",
            _eq(decay(t), 1 - sp.exp(-t)),
            "The same share in terms of t = -K log(1 - epsilon), as -expm1(-t).",
        ),
        Step(
            "condition",
            _eq(t * sp.Derivative(decay(t), t) / decay(t), CONDITION),
            "Its relative error per relative error of t, from log1p and the product with K.",
            Identity(),
        ),
        Step(
            "log_below",
            sp.Le(sp.log(1 + t), t, evaluate=False),
            "The gap is 0 at 0 and its derivative is t/(1 + t) > 0.",
            Monotone(PositiveAxis(t), Tightness(t, t**2 / 2)),
        ),
        Step(
            "exponential_above",
            sp.Le(1 + t, sp.exp(t), evaluate=False),
            "Its exponential: so condition is at most 1, and with log1p and expm1 the decay has the relative error of "
            "a few roundings, however small epsilon is. What is left is the rounding of each weight it is added to.",
            IncreasingImage("log_below", sp.Lambda(y, sp.exp(y)), Tightness(t, t**2 / 2)),
        ),
    )


def formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    """Return the formulas."""
    sizes, small, operations = (m, n_in, h, C), (epsilon < 1,), "operations"
    return (
        Formula.of(steps, "operations_plain", (K, *sizes), "main products of K plain steps", operations, "plain_work"),
        Formula.of(
            steps,
            "operations_blocked",
            (K, *sizes),
            "products of a block of K steps, corrections with all rows",
            operations,
            "blocked_work",
        ),
        Formula.of(steps, "operations_ratio", (K, *sizes), "operations, blocked to plain", "1", "work_ratio"),
        Formula.of(
            steps,
            "operations_corrections",
            (k, m, h, C),
            "corrections of k steps, with the rows filled so far alone",
            operations,
            "corrections_added",
        ),
        Formula.of(
            steps,
            "operations_ratio_triangle",
            (K, *sizes),
            "operations, blocked to plain, corrections with the rows filled so far alone",
            "1",
            "triangle_ratio",
        ),
        Formula.of(
            steps,
            "best_block_steps",
            (tau, *sizes),
            "steps per block at which products and the writing of weights cost least",
            "steps",
            "best_length",
        ),
        Formula.of(
            steps,
            "factor_error",
            (epsilon, delta),
            "relative error of the decay per step if 1 - epsilon is rounded",
            "1",
            "factor_rounded",
            small,
        ),
        Formula.of(
            steps,
            "factor_power_error",
            (epsilon, K, delta),
            "relative error of a block's decay if 1 - epsilon is rounded before it is raised to K, leading term",
            "1",
            "factor_rounded_power",
            small,
            box="factor_rounded_power_off",
        ),
        Formula.of(
            steps,
            "power_error",
            (epsilon, K, delta),
            "relative error of a block's decay if (1 - epsilon)^K is rounded",
            "1",
            "power_rounded",
            small,
        ),
        Formula.of(
            steps,
            "block_decay_leading",
            (epsilon, K),
            "share of a weight that a block's decay removes, to second order",
            "1",
            "block_decay",
            small,
            box="block_decay_off",
        ),
        Formula.of(
            steps,
            "decay_condition",
            (t,),
            "relative error of 1 - exp(-t) per relative error of t",
            "1",
            "condition",
        ),
    )
