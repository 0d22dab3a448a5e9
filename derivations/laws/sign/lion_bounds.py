"""Bounds of the weights that Lion sustains: straight lines below and above the arc sine; and published forms."""

from __future__ import annotations

import sympy as sp

from derivations.functions.arcsine import arcsine_sum
from derivations.laws.shared.mixtures import FIRST, MIXTURE_MS
from derivations.laws.shared.steady_state import alpha
from derivations.laws.sign.arcsine_limit import arcs, chords
from derivations.laws.sign.lag_sums import Follows, TermByTerm
from derivations.laws.sign.signs import settled, sine_of_signs
from derivations.laws.sign.unit_interval import LAG, BelowOne
from derivations.prover.measured import MeasuredError
from derivations.prover.rules import Identity, Tightness
from derivations.step import Step
from derivations.step import equation as _eq
from derivations.symbols import symbols

eta, epsilon, beta1, beta2, correlation, x = symbols("eta epsilon beta1 beta2 correlation x")
# Where Kosson's forms are measured, and how far they are off at the corners.
SLOW = ((beta1, 0.8, 0.99), (epsilon, (1 - beta2) / 1000, (1 - beta2) / 5))
TUC_ERRORS = (
    -0.0318945695,
    0.0435295374,
    -0.046943497,
    0.0280331877,
    -0.0112909076,
    0.0755298369,
    -0.0381704258,
    0.0472026126,
)
TURN_ERRORS = (
    0.0331346251,
    -0.0107271373,
    0.0495610847,
    0.024902741,
    0.011437191,
    -0.067584585,
    0.0400326485,
    0.0137332277,
)


def mean_field(share: sp.Expr) -> sp.Expr:
    """Return the rms of the weights if signs were as correlated as the mixtures."""
    forgets = 1 - beta2 + share * beta2
    return eta * sp.sqrt((1 + 2 * FIRST * (1 - share) * beta2 / forgets) / (share * (2 - share)))


def linear(share: sp.Expr) -> sp.Expr:
    """Return the rms of the weights with the linear part of each arc sine after the first lag."""
    forgets = 1 - beta2 + share * beta2
    return eta * sp.sqrt((1 + 4 * FIRST * (1 - share) * beta2 / (sp.pi * forgets)) / (share * (2 - share)))


def bound_steps() -> tuple[Step, ...]:
    """Return the steps to two bounds, by the straight lines between which the arc sine lies."""
    total = arcsine_sum(epsilon, FIRST, beta2)
    kept = alpha * beta2
    old, new = beta1 * (1 - beta2), 1 - beta1
    weight = 4 * eta**2 / (sp.pi * epsilon * (1 + alpha))
    gap = ((old - new) ** 2 + new**2 + old**2 * (1 - beta2) / (1 + beta2)) / (2 * MIXTURE_MS)
    lags = FIRST * beta2**LAG
    return (
        Step(
            "first_lag",
            sp.Lt(FIRST * beta2, 1, evaluate=False),
            "Mixtures one step apart are not the same.",
            BelowOne(gap, (1 - beta1, 1 - beta2), Tightness(beta2, sp.S.One, sp.S.One, "-")),
        ),
        *arcs(),
        *chords(),
        Step(
            "below_chords",
            sp.Le(total, sp.pi / 2 * FIRST * kept / (1 - kept), evaluate=False),
            "Each lag by `chord`.",
            TermByTerm("chord", ((x, lags),), alpha**LAG, (sp.pi / 2 * FIRST, kept), (alpha,), "first_lag"),
        ),
        Step(
            "above_tangents",
            sp.Le(FIRST * kept / (1 - kept), total, evaluate=False),
            "Each lag by `tangent_line`.",
            TermByTerm("tangent_line", ((correlation, lags),), alpha**LAG, (FIRST, kept), (alpha,), "first_lag"),
        ),
        Step(
            "upper",
            sp.Le(settled(epsilon, FIRST, beta2), mean_field(epsilon), evaluate=False),
            "The mean-field form, for which signs are as correlated as the mixtures, is an upper bound.",
            Follows((("below_chords", (), weight),), (alpha,), squared=True),
        ),
        Step(
            "lower",
            sp.Le(linear(epsilon), settled(epsilon, FIRST, beta2), evaluate=False),
            "The linear part alone is a lower bound.",
            Follows((("above_tangents", (), weight),), (alpha,), squared=True),
        ),
        Step(
            "response",
            _eq(1 + 2 * FIRST * beta2 / (1 - beta2), 1 / MIXTURE_MS),
            "All lags and the present together, without decay: a gradient's whole weight in the mixtures is 1.",
            Identity(),
        ),
        Step(
            "linear_response",
            _eq(settled(epsilon, FIRST, beta2), eta / sp.sqrt(sp.pi * MIXTURE_MS * epsilon)),
            "Kosson et al.: each sign replaced by its linear part sqrt(2/pi) c/rms(c), the present one too, and no "
            "decay between a gradient's first and last effect. From 5.1 % too small to 8.9 % too large while epsilon "
            "is at most (1 - beta2)/5; 39 % too large where it is 1 - beta2.",
            MeasuredError(beta2, 0.9, 0.995, 0.089, 3, SLOW, TUC_ERRORS, (epsilon,)),
        ),
        Step(
            "turn_linear_response",
            _eq(sine_of_signs(epsilon, FIRST, beta2), sp.sqrt(sp.pi * MIXTURE_MS * epsilon)),
            "Their angle of a step, eta over the rms above: the step is taken to be at right angles to the weights.",
            MeasuredError(beta2, 0.9, 0.995, 0.073, 3, SLOW, TURN_ERRORS, (epsilon,)),
        ),
    )
