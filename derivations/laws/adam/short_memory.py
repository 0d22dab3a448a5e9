"""AdamW whose average of squares is short: what its scatter makes of the weights, to first order in 1 - beta2."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from derivations.formula import Formula
from derivations.laws.shared.openings import STEP_DECAY
from derivations.laws.shared.steady_state import alpha, forgets
from derivations.prover.rules import Identity, Induction, InductionOverSum, Root, Taylor
from derivations.step import Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols

eta, lmbda, n, epsilon, beta1, beta2, step, count = symbols("eta lmbda n epsilon beta1 beta2 step count")
square_var, mean_square_var, own_square, weight_ms, t, x, y = symbols(
    "square_var mean_square_var own_square weight_ms t x y"
)
# Relative variance of v, and how much more of v a gradient has than its weight if it is in m.
SCATTER = square_var * (1 - beta2) / (1 + beta2)
SEEN = (1 - beta2) * (1 - beta1) * (1 + beta1) / (1 - beta1**2 * beta2)
LASTING = 1 + 3 * SCATTER / 4 - square_var * SEEN / 2
FADING = SCATTER / 4 - square_var * SEEN / 2
NAME = "weight_ms_short_memory"


def lagged(share: sp.Expr) -> sp.Expr:
    """Return the sum over lags k >= 0, those from 1 on twice, of (1 - share)^k times the correlation of directions."""
    both = beta1 * beta2
    early = LASTING * beta1 / forgets(share) + FADING * both / (1 - both + share * both)
    return LASTING + FADING + 2 * (1 - share) * early


def at_rest(share: sp.Expr) -> sp.Expr:
    """Return the mean square of the weights."""
    return eta**2 * (1 - beta1) / (1 + beta1) * lagged(share) / (share * (2 - share))


def steps() -> tuple[Step, ...]:
    """Return the steps."""
    later, weight, direction = sp.Function("R_2"), sp.Function("W_D"), sp.Function("D")
    slow, fast = sp.Function("L_1"), sp.Function("L_2")
    root = 1 / sp.sqrt((1 + t * x) * (1 + t * y))
    order = 1 - t * (x + y) / 2 + t**2 * (3 * x**2 + 2 * x * y + 3 * y**2) / 8
    means = 1 - (square_var * SEEN + square_var * SEEN * beta2**step) / 2
    both = beta1 * beta2
    return (
        Step(
            "roots",
            _eq(root, order + sp.O(t**3)),
            "A short memory of squares: v = sigma^2 (1 + x), and sigma^2 (1 + y) k steps later. x and y are small, of "
            "order sqrt(1 - beta2), and t counts the order.",
            Taylor(),
        ),
        Step(
            "squares_var",
            solved(
                _eq(mean_square_var - beta2**2 * mean_square_var, (1 - beta2) ** 2 * square_var),
                mean_square_var,
                SCATTER,
            ),
            "E x^2 = E y^2 at rest: v keeps beta2 of itself and adds 1 - beta2 of a fresh square.",
            Root(mean_square_var, (1 - beta2) ** 2 + 2 * beta2 * (1 - beta2), (1 - beta2,)),
        ),
        Step(
            "squares_recursion",
            sp.And(_eq(later(0), 1), _eq(later(step + 1), beta2 * later(step))),
            "E x y over E x^2: each step keeps beta2 of v.",
        ),
        Step("squares_later", _eq(later(step), beta2**step), "Induction.", Induction()),
        Step(
            "own_square",
            solved(
                _eq(own_square - beta1**2 * beta2 * own_square, (1 - beta2) * (1 - beta1) * (1 + beta1)),
                own_square,
                SEEN,
            ),
            "A gradient's share of v, weighted by its share of E m^2. The newest has 1 - beta2 of v and 1 - beta1^2 of "
            "E m^2, those one step older beta2 and beta1^2 of that. In E m m' each g meets itself only, as odd powers "
            "of a gradient have no mean, and E g^2 x is its share of v times the variance of g^2.",
            Root(own_square, (1 - beta1) + beta1 * (1 - beta1) + beta1**2 * (1 - beta2), (1 - beta1, 1 - beta2)),
        ),
        Step(
            "lag_factor",
            _eq(
                means + (3 * SCATTER + 2 * SCATTER * beta2**step + 3 * SCATTER) / 8,
                LASTING + FADING * beta2**step,
            ),
            "`roots` on average, k steps apart: by this a correlation differs from beta1^k. Later v's know a gradient "
            "by beta2^k less.",
            Identity(keep=True),
        ),
        Step(
            "weights_by_directions",
            sp.And(_eq(weight(0), 0), _eq(weight(step + 1), alpha * weight(step) - eta * direction(step))),
            "The weight after k steps of the directions D, from 0.",
        ),
        Step(
            "directions_held",
            _eq(weight(step), -eta * sp.Sum(alpha ** (step - 1 - count) * direction(count), (count, 0, step - 1))),
            "Induction: the direction of j steps ago counts (1 - epsilon)^(j-1).",
            InductionOverSum(),
        ),
        Step(
            "slow_recursion",
            sp.And(_eq(slow(0), 0), _eq(slow(step + 1), alpha * beta1 * (1 + slow(step)))),
            "The sum of ((1 - epsilon) beta1)^j over the first k lags,",
        ),
        Step(
            "slow_sum",
            _eq(slow(step), alpha * beta1 * (1 - (alpha * beta1) ** step) / (1 - alpha * beta1)),
            "which tends to (1 - epsilon) beta1/(1 - (1 - epsilon) beta1),",
            Induction(),
        ),
        Step(
            "fast_recursion",
            sp.And(_eq(fast(0), 0), _eq(fast(step + 1), alpha * both * (1 + fast(step)))),
            "and that with beta1 beta2 for beta1.",
        ),
        Step(
            "fast_sum",
            _eq(fast(step), alpha * both * (1 - (alpha * both) ** step) / (1 - alpha * both)),
            "Induction.",
            Induction(),
        ),
        Step(
            "short_memory",
            solved(
                _eq(
                    STEP_DECAY * (2 - STEP_DECAY) * weight_ms,
                    eta**2 * (1 - beta1) / (1 + beta1) * lagged(STEP_DECAY),
                ),
                weight_ms,
                at_rest(STEP_DECAY),
            ),
            "The budget at rest with these correlations: what decay takes, 1 - (1 - epsilon)^2 of the mean square, is "
            "fed by the directions, each with itself once and with those before it twice.",
            Root(weight_ms, STEP_DECAY * (1 + (1 - STEP_DECAY)), (1 - STEP_DECAY,)),
        ),
    )


def formula(proved: Sequence[Step], conditions: tuple[sp.Rel, ...]) -> Formula:
    """Return the mean square of the weights.

    Parameters
    ----------
    proved : sequence of Step
        All of the law.
    conditions : tuple of sympy.Rel
        Conditions of the steady state.
    """
    return Formula.of(
        proved,
        NAME,
        (eta, lmbda, n, beta1, beta2, square_var),
        "mean square of the weights, to first order in 1 - beta2",
        "1",
        "short_memory",
        (*conditions, beta2 >= sp.Rational(9, 10), square_var * (1 - beta2) <= sp.Rational(1, 5)),
    )
