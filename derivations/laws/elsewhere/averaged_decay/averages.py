"""Averages of weights that decay: a moving average lags behind, Lookahead's slow weights go a share of the way."""

from __future__ import annotations

import sympy as sp

from derivations.formula import Formula
from derivations.laws.elsewhere.openings import repeated, step, steps_after
from derivations.prover.rules import Identity, Induction, Taylor
from derivations.step import Step
from derivations.step import equation as _eq
from derivations.symbols import symbols

eta, weight_decay, epsilon, ema_factor, slow_share, inner_steps, cycles = symbols(
    "eta weight_decay epsilon ema_factor slow_share inner_steps cycles"
)
STEP_DECAY = eta * weight_decay
LEFT = 1 - STEP_DECAY
SMALL = STEP_DECAY < 1
LAGS = STEP_DECAY + ema_factor < 1
# Nearer to 1 the two modes cancel.
APART = sp.Le(2 * STEP_DECAY + ema_factor, 1)
EMA = ((1 - ema_factor) * LEFT ** (step + 1) - STEP_DECAY * ema_factor ** (step + 1)) / (LEFT - ema_factor)
CYCLE = 1 - slow_share * (1 - LEFT**inner_steps)
fast, ema, slow, path = (sp.Function(name) for name in ("w", "w_ema", "w_slow", "w_path"))


def steps() -> tuple[Step, ...]:
    """Return the steps."""
    return (
        Step("decay_per_step", _eq(epsilon, STEP_DECAY), "The learning rate times the decay."),
        *repeated("fast", fast, LEFT, "A weight under decoupled decay alone."),
        Step(
            "ema_rule",
            sp.And(
                _eq(ema(0), 1),
                _eq(ema(step + 1), ema_factor * ema(step) + (1 - ema_factor) * LEFT ** (step + 1)),
            ),
            "Its moving average, which starts where the weight does and takes it in after each step.",
        ),
        Step("ema", _eq(ema(step), EMA), "Induction.", Induction()),
        Step(
            "ema_settled",
            _eq(
                ema(step) - ema_factor ** (step + 1) * STEP_DECAY / (ema_factor - LEFT),
                fast(step) * (1 - ema_factor) * LEFT / (LEFT - ema_factor),
            ),
            "Once the average has forgotten its start it is a fixed number of times the weight: it decays as fast, "
            "and lags.",
            Identity(using=("ema", "fast")),
        ),
        Step(
            "slow_rule",
            sp.And(
                _eq(slow(0), 1),
                _eq(
                    slow(cycles + 1),
                    (1 - slow_share) * slow(cycles) + slow_share * (LEFT**inner_steps * slow(cycles)),
                ),
            ),
            "Lookahead: K fast steps from the slow weights, then the slow ones go the share alpha of the way, and the "
            "fast ones go back to them.",
        ),
        Step("slow", _eq(slow(cycles), CYCLE**cycles), "Induction.", Induction()),
        *repeated("lookahead", path, LEFT, "On the way, k' fast steps on.", CYCLE**cycles, steps_after),
        Step(
            "slow_first",
            _eq(
                1 - slow_share * (1 - (1 - epsilon) ** inner_steps),
                1 - slow_share * inner_steps * epsilon + sp.O(epsilon**2),
            ),
            "To first order K steps take alpha K epsilon: in the long run the share alpha of decoupled decay.",
            Taylor(),
        ),
    )


def formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    """Return the formulas."""
    rate = (eta, weight_decay)
    return (
        Formula.of(
            steps,
            "ema",
            (*rate, ema_factor, step),
            "what is left of a moving average of a weight after k steps of decoupled decay",
            "1",
            "ema",
            (APART,),
        ),
        Formula.of(
            steps,
            "lookahead",
            (*rate, slow_share, inner_steps, cycles, steps_after),
            "Lookahead: what is left of a weight after n_c K + k' steps without gradient",
            "1",
            "lookahead",
            (SMALL, slow_share <= 1),
        ),
    )
