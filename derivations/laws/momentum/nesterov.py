"""Nesterov's momentum without noise: its update, the roots of its recurrence, critical damping."""

from __future__ import annotations

import sympy as sp

from derivations.formula import Formula
from derivations.laws.momentum.heavy_ball import a, epsilon, eta, fast_of, gradient, lmbda, mu, n, slow_of, step, w_0, y
from derivations.laws.shared.for_any import IdentityForAny
from derivations.laws.shared.openings import STEP_DECAY
from derivations.laws.shared.taylor_below_one import TaylorBelowOne
from derivations.prover.rules import Identity, Root
from derivations.step import Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols

slow, fast, root_gap = symbols("slow_root_n fast_root_n root_gap_n")
velocity, weight, decayed = sp.Function("F_N"), sp.Function("H_N"), sp.Function("W_N")
CRITICAL = ((1 - mu) / (1 + mu)) ** 2
OVERDAMPED = STEP_DECAY < CRITICAL
CRITICAL_LMBDA = n * CRITICAL / eta
TRACE, PRODUCT = (1 + mu) * (1 - epsilon), mu * (1 - epsilon)
SQUARE = (1 - epsilon) * ((1 - mu) ** 2 - (1 + mu) ** 2 * epsilon)
SLOW, FAST = slow_of(TRACE, sp.sqrt(SQUARE)), fast_of(TRACE, PRODUCT, sp.sqrt(SQUARE))
PATH = w_0 * ((1 - fast) * slow ** (step + 2) - (1 - slow) * fast ** (step + 2)) / ((1 - epsilon) * root_gap)
OVERDAMPED_STEPS = (
    "nesterov_sum", "nesterov_product", "nesterov_series", "nesterov_slow_root", "nesterov_fast_root",
    "nesterov_difference", "nesterov_start", "nesterov_first_step", "nesterov_loop", "nesterov_weight_path",
)  # fmt: skip


def _path() -> tuple[Step, ...]:
    free, scaled = (slow, fast, root_gap), w_0 / ((1 - epsilon) * root_gap)
    rise = slow + fast - slow * fast
    return (
        Step("nesterov_root_gap", _eq(root_gap, sp.sqrt(SQUARE)), "What the roots differ by:"),
        Step("nesterov_difference", _eq(slow - fast, root_gap), "their difference.", Identity()),
        Step("nesterov_weight_path", _eq(decayed(step), PATH), "Two modes; that these are the weights:"),
        Step(
            "nesterov_start",
            _eq(decayed(0), w_0),
            "they start at w_0,",
            IdentityForAny(
                free=free,
                less=(
                    ("nesterov_difference", scaled * rise),
                    ("nesterov_sum", w_0 / (1 - epsilon)),
                    ("nesterov_product", -w_0 / (1 - epsilon)),
                ),
            ),
        ),
        Step(
            "nesterov_first_step",
            _eq(decayed(1), weight(w_0, 0, 0)),
            "their first step is Nesterov's from rest,",
            IdentityForAny(
                free=free,
                less=(
                    ("nesterov_difference", scaled * ((slow + fast) * rise - slow * fast)),
                    ("nesterov_sum", w_0 / (1 - epsilon) * (slow + fast + TRACE - slow * fast)),
                    ("nesterov_product", -w_0 / (1 - epsilon) * (1 + TRACE)),
                ),
            ),
        ),
        Step(
            "nesterov_loop",
            _eq(decayed(step + 2), TRACE * decayed(step + 1) - PRODUCT * decayed(step)),
            "and any three in a row obey nesterov_elimination, which gives all others.",
            IdentityForAny(
                free=free,
                less=(("nesterov_sum", decayed(step + 1)), ("nesterov_product", -decayed(step))),
            ),
        ),
    )


def steps() -> tuple[Step, ...]:
    """Return the steps."""
    return (
        Step(
            "nesterov_velocity",
            _eq(velocity(a, y, gradient), mu * y + lmbda / n * a + gradient),
            "Nesterov, as in PyTorch: the next velocity,",
        ),
        Step(
            "nesterov_weight",
            _eq(weight(a, y, gradient), a - eta * (lmbda / n * a + gradient + mu * velocity(a, y, gradient))),
            "and the next weight, by the gradient and the new velocity.",
        ),
        Step(
            "nesterov_elimination",
            _eq(weight(weight(a, y, 0), velocity(a, y, 0), 0), TRACE * weight(a, y, 0) - PRODUCT * a),
            "r^2 - (1 + mu)(1 - epsilon) r + mu (1 - epsilon) = 0.",
            Identity(),
        ),
        Step("nesterov_slow_root", _eq(slow, SLOW), "Its root near 1."),
        Step("nesterov_fast_root", _eq(fast, FAST), "Its root near mu."),
        Step("nesterov_sum", _eq(slow + fast, TRACE), "Their sum,", Identity()),
        Step("nesterov_product", _eq(slow * fast, PRODUCT), "and product.", Identity()),
        *_path(),
        Step(
            "nesterov_series",
            _eq(SLOW, 1 - epsilon / (1 - mu) - mu**2 * epsilon**2 / (1 - mu) ** 3 + sp.O(epsilon**3)),
            "Taylor at 0.",
            TaylorBelowOne(parameter=mu),
        ),
        Step(
            "nesterov_critical",
            _eq(SQUARE, (1 - epsilon) * (1 + mu) ** 2 * (CRITICAL - epsilon)),
            "Its roots meet at epsilon = ((1 - mu)/(1 + mu))^2;",
            Identity(),
        ),
        Step(
            "nesterov_modulus",
            _eq((TRACE / 2) ** 2 + (sp.sqrt(-SQUARE) / 2) ** 2, PRODUCT),
            "beyond, up to epsilon = 1, |r|^2 = mu (1 - epsilon): here more lmbda still speeds the decay.",
            Identity(),
        ),
        Step(
            "nesterov_critical_lmbda",
            solved(_eq(STEP_DECAY, CRITICAL), lmbda, CRITICAL_LMBDA),
            "In Nielsen's symbols.",
            Root(lmbda, eta / n),
        ),
    )


def formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    """Return the formulas."""
    below = mu < 1
    return (
        Formula.of(
            steps,
            "nesterov_slow_root",
            (eta, lmbda, n, mu),
            "Nesterov: factor per step of the slow mode",
            "1",
            "nesterov_slow_root",
            (below, OVERDAMPED),
        ),
        Formula.of(
            steps,
            "nesterov_weight",
            (w_0, step, eta, lmbda, n, mu),
            "Nesterov: weight after k steps of decay alone, from rest",
            "1",
            "nesterov_weight_path",
            (below, OVERDAMPED),
        ),
        Formula.of(
            steps,
            "nesterov_critical_lmbda",
            (eta, n, mu),
            "Nesterov: lmbda beyond which a weight oscillates",
            "1",
            "nesterov_critical_lmbda",
            (below,),
        ),
    )
