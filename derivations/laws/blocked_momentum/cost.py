"""What blocks of steps with momentum cost in operations."""

from __future__ import annotations

import sympy as sp

from derivations.formula import Formula
from derivations.laws.blocked_sgd.cost import GRAM, LAYER, PLAIN, SQUARE, C, K, h, m, n_in, tau
from derivations.prover.rules import Identity, Root
from derivations.step import Step, solved
from derivations.step import equation as _eq

BLOCKED = 2 * PLAIN + GRAM + 2 * SQUARE
RATIO = 2 + K * m / (2 * h * C) + K * m / n_in
EXTRA = 2 * K * m**2 * (n_in + 2 * h * C) + 2 * tau * LAYER / K
BEST = sp.sqrt(tau * LAYER / (m**2 * (n_in + 2 * h * C)))


def steps() -> tuple[Step, ...]:
    """Return the steps."""
    plain, sgd, blocked, extra = (sp.Function(name) for name in ("O", "O_B", "O_M", "F_M"))
    return (
        Step(
            "plain_work",
            _eq(plain(K), PLAIN),
            "K steps of C members with h neurons each, step by step: X_k W_k and X_k^T U_k, as without momentum.",
        ),
        Step("sgd_work", _eq(sgd(K), PLAIN + GRAM + SQUARE), "Blocks without momentum, of blocked_sgd."),
        Step(
            "blocked_work",
            _eq(blocked(K), BLOCKED),
            "X W_0 and X V_0, one product each for W and V at the end, and the Gram matrix once; the corrections of "
            "X_k W_k and of X_k V_k. Without a budget X_k V_k is not needed.",
        ),
        Step("work_ratio", _eq(blocked(K) / plain(K), RATIO), "Blocked to plain.", Identity()),
        Step(
            "at_least_half",
            _eq(2 * sgd(K) - blocked(K), GRAM),
            "Less than twice the work of blocks without momentum: the Gram matrix is shared.",
            Identity(),
        ),
        Step(
            "extra_work",
            _eq(extra(K), EXTRA),
            "What changes with K, per step: the Gram matrix and the corrections, and a K-th of reading and writing "
            "weights and velocities, each worth tau operations.",
        ),
        Step(
            "extra_slope",
            _eq(K**2 * sp.Derivative(extra(K), K), 2 * K**2 * m**2 * (n_in + 2 * h * C) - 2 * tau * LAYER),
            "How it changes: negative for short blocks, positive for long ones.",
            Identity(),
        ),
        Step(
            "best_length",
            solved(_eq(2 * K**2 * m**2 * (n_in + 2 * h * C) - 2 * tau * LAYER, 0), K, BEST),
            "So it is least where the slope is 0.",
            Root(K, 4 * K * m**2 * (n_in + 2 * h * C)),
        ),
    )


def formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    """Return the formulas."""
    sizes, operations = (m, n_in, h, C), "operations"
    return (
        Formula.of(
            steps, "operations_blocked", (K, *sizes), "products of a block of K steps", operations, "blocked_work"
        ),
        Formula.of(steps, "operations_ratio", (K, *sizes), "operations, blocked to plain", "1", "work_ratio"),
        Formula.of(
            steps,
            "best_block_steps",
            (tau, *sizes),
            "steps per block at which products and the writing of weights and velocities cost least",
            "steps",
            "best_length",
        ),
    )
