"""The usual forms of a settled weight's covariance, noise independent of the weight, and how far they are off."""

from __future__ import annotations

import sympy as sp

from derivations.laws.ridge.weight import (
    DROP,
    KICK,
    VARIANCE,
    curvature,
    curvature_var,
    eta,
    gradient_std,
    h,
    in_full,
    lmbda,
    m,
    n,
    step,
    weight_var,
)
from derivations.prover.measured import MeasuredError
from derivations.prover.rules import Identity, Induction, Root, Taylor
from derivations.step import Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols

gradient_cov, weight_cov_0, curvature_2, h_2 = symbols("gradient_cov weight_cov_0 curvature_2 total_curvature_2")
TOTAL_2 = curvature_2 + lmbda / n
ADDITIVE = eta * gradient_std**2 / (m * h * (2 - DROP))
FLOW = eta * gradient_std**2 / (2 * m * h)
ADDITIVE_OFF = -eta * curvature_var / (m * h * (2 - DROP))
FLOW_OFF = -eta * (h**2 + curvature_var / m) / (2 * h)
DISCRETE_2 = eta * TOTAL_2 < 2
PAIR_DECAY = DROP + eta * h_2 - eta**2 * h * h_2
PAIR = eta * gradient_cov / (m * (h + h_2 - eta * h * h_2))
STABLE_ETA = 2 * h / (h**2 + curvature_var / m)
STABLE_PAIR = (h + h_2) / (h * h_2)
PAIR_FLOW = eta * gradient_cov / (m * (h + h_2))


def usual_variance() -> tuple[Step, ...]:
    """Return the steps for one weight."""
    return (
        Step(
            "additive",
            solved(_eq(weight_var * (1 - (1 - DROP) ** 2), KICK), weight_var, ADDITIVE),
            "With V = 0: noise that does not depend on the weight, discrete steps.",
            Root(weight_var, DROP * (2 - DROP), (2 - in_full(DROP),)),
        ),
        Step(
            "flow",
            solved(_eq(2 * h * weight_var, eta * gradient_std**2 / m), weight_var, FLOW),
            "The Ornstein-Uhlenbeck process of Mandt, Hoffman and Blei: HS + SH = eta C/m.",
            Root(weight_var, 2 * h),
        ),
        Step(
            "additive_off",
            _eq(ADDITIVE / VARIANCE - 1, ADDITIVE_OFF),
            "How far the additive form is off, exactly: it is always too small.",
            Identity(),
        ),
        Step(
            "flow_off",
            _eq(FLOW / VARIANCE - 1, FLOW_OFF),
            "How far Ornstein-Uhlenbeck is off, exactly: by minus the ratio of eta to its largest stable value.",
            Identity(),
        ),
        Step(
            "flow_measured",
            _eq(VARIANCE, FLOW),
            "So it is at most a tenth too small while eta is at most a tenth of its largest stable value.",
            MeasuredError(
                eta, STABLE_ETA / 1000, STABLE_ETA / 10, 0.1001, 3, corners=(-0.001, -0.1), open_below=(eta,)
            ),
        ),
        Step(
            "no_data",
            _eq(
                in_full(FLOW),
                eta * n * gradient_std**2 / (2 * m * lmbda) * (1 - n * curvature / lmbda) + sp.O(curvature**2),
            ),
            "A direction with h << lmbda/n is held by decay alone: the floor of stationary_variance.",
            Taylor(),
        ),
    )


def usual_covariance() -> tuple[Step, ...]:
    """Return the steps for two weights, any two out of any number in the eigenbasis of the mean curvature."""
    pair = sp.Function("S_12")
    return (
        Step("total_curvature_2", _eq(h_2, TOTAL_2), "The same for a second weight."),
        Step(
            "pair",
            sp.And(
                _eq(pair(0), weight_cov_0),
                _eq(
                    pair(step + 1),
                    pair(step) - eta * (h + h_2) * pair(step) + eta**2 * (h * h_2 * pair(step) + gradient_cov / m),
                ),
            ),
            "Covariance of two weights in the eigenbasis of the mean curvature, noise that does not depend on them: "
            "the mean of (w_1 - eta g_1)(w_2 - eta g_2). Any pair out of any number of weights.",
        ),
        Step(
            "pair_path",
            _eq(pair(step), PAIR + (weight_cov_0 - PAIR) * (1 - PAIR_DECAY) ** step),
            "Induction; 1 - PAIR_DECAY is (1 - eta H_1)(1 - eta H_2), inside (-1, 1): it tends to the first term, "
            "which solves HS + SH - eta HSH = eta C/m.",
            Induction(),
        ),
        Step(
            "pair_at_rest",
            _eq((1 - DROP) * (1 - eta * h_2) * PAIR + eta**2 * gradient_cov / m, PAIR),
            "What it tends to does not move.",
            Identity(),
        ),
        Step(
            "pair_flow",
            _eq((eta * gradient_cov / m - h * PAIR_FLOW) / h_2, PAIR_FLOW),
            "The same entry of Mandt, Hoffman and Blei's HS + SH = eta C/m, that is S = (eta C/m - H_1 S)/H_2.",
            Identity(),
        ),
        Step(
            "pair_off",
            _eq(PAIR_FLOW / PAIR - 1, -eta * h * h_2 / (h + h_2)),
            "How far that is off from the discrete one.",
            Identity(),
        ),
        Step(
            "pair_flow_measured",
            _eq(PAIR, PAIR_FLOW),
            "At most a tenth too small while eta is at most a tenth of (H_1 + H_2)/(H_1 H_2).",
            MeasuredError(
                eta, STABLE_PAIR / 1000, STABLE_PAIR / 10, 0.1001, 3, corners=(-0.001, -0.1), open_below=(eta,)
            ),
        ),
    )
