"""I2: decay in proportion to eta^2 holds the norm under any schedule; ordinary decay lets it fall, but late."""

from __future__ import annotations

import sympy as sp

from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.prover.measured import MeasuredError
from derivations.prover.rules import Identity, NonNegativeGap, Root, Taylor, Tightness
from derivations.scope import DECOUPLED, Scope
from derivations.step import Assumption, Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols
from derivations.without_decay import WithoutDecay

eta, lmbda, n, epsilon, t, weight_ms, update_ms = symbols("eta lmbda n epsilon t weight_ms update_ms")
eta_peak, epsilon_peak, excess, run_decay = symbols("eta_peak epsilon_peak excess run_decay")
gradient_scale, weight_norm2 = symbols("gradient_scale weight_norm2")
# Decay of a step over the square of its rate.
COEFFICIENT = lmbda / (n * eta_peak)
SHARE = COEFFICIENT * eta**2
SMALL, BELOW = SHARE < 1, eta <= eta_peak
MOST = epsilon_peak / (2 - epsilon_peak)
TARGET = update_ms / (2 * COEFFICIENT)
TARGET_NORM2 = gradient_scale / sp.sqrt(2 * COEFFICIENT)
PEAKS = epsilon_peak < 1
GENTLE = 2 * (1 - epsilon) ** 2 >= 1
# Of a cosine to 0, a share t of the run before its end: the rate over the largest, and what is still to come.
RATE = (1 - sp.cos(sp.pi * t)) / 2
TO_COME = t / 2 - sp.sin(sp.pi * t) / (2 * sp.pi)
# (pi^2/4) (6/pi^2)^(2/3) Gamma(5/3), to four digits.
LEFT = sp.Rational(15985, 10_000) / run_decay ** sp.Rational(2, 3)


def _free() -> tuple[Step, ...]:
    after, target = sp.Function("W"), sp.Function("W_0")
    ratio = (1 - epsilon) ** 2 * excess + epsilon**2
    room = (1 - epsilon) ** 2 * (MOST - excess) + 2 * epsilon * (epsilon_peak - epsilon) / (2 - epsilon_peak)
    tight = Tightness(excess, 2 * epsilon * (epsilon_peak - epsilon) / (2 - epsilon_peak), MOST, "-")
    return (
        Step(
            "map",
            _eq(after(weight_ms), (1 - SHARE) ** 2 * weight_ms + eta**2 * update_ms),
            "Mean square after a step, with decay in proportion to eta^2 and updates that know nothing of the weights.",
        ),
        Step(
            "rest",
            solved(_eq(after(weight_ms), weight_ms), weight_ms, update_ms / (COEFFICIENT * (2 - SHARE))),
            "Where it would rest at a rate: the rate is left in a small term alone.",
            Root(weight_ms, -SHARE * (1 + (1 - SHARE)), (1 - SHARE,)),
        ),
        Step(
            "target",
            _eq(target(update_ms), TARGET),
            "For small decay: the rate has dropped out, the largest one is left.",
        ),
        Step(
            "deviation",
            _eq(after(TARGET * (1 + excess)) / TARGET, 1 + (1 - SHARE) ** 2 * excess + SHARE**2),
            "What a step makes of a relative deviation from it: with epsilon the decay of the step, (1 - epsilon)^2 of "
            "it, and epsilon^2.",
            Identity(),
        ),
        Step(
            "never_below",
            sp.Le(sp.S.Zero, ratio, evaluate=False),
            "So the mean square is never below the target once it is not,",
            NonNegativeGap(ratio, (), Tightness(excess, epsilon**2)),
        ),
        Step(
            "never_above",
            sp.Le(ratio, MOST, evaluate=False),
            "and never above it by more than epsilon_peak/(2 - epsilon_peak), whatever the schedule does.",
            NonNegativeGap(room, (MOST - excess, epsilon_peak - epsilon, 1 - epsilon_peak), tight),
        ),
    )


def _layer() -> tuple[Step, ...]:
    after, target = sp.Function("N"), sp.Function("N_0")
    image = (1 - epsilon) ** 2 * (1 + excess) + 2 * epsilon / (1 + excess)
    gentle = 2 * (1 - epsilon) ** 2 - 1
    above = (epsilon**2 + gentle * excess + (1 - epsilon) ** 2 * excess**2) / (1 + excess)
    return (
        Step(
            "layer_map",
            _eq(after(weight_norm2), (1 - SHARE) ** 2 * weight_norm2 + eta**2 * gradient_scale**2 / weight_norm2),
            "Squared norm of a layer whose scale the cost ignores after a step of plain SGD: `scale_invariant` proves "
            "it.",
        ),
        Step(
            "layer_rest",
            solved(
                _eq(after(weight_norm2), weight_norm2),
                weight_norm2,
                gradient_scale / sp.sqrt(COEFFICIENT * (2 - SHARE)),
            ),
            "Where it would rest at a rate: again the rate is in a small term alone.",
            Root(
                weight_norm2,
                -SHARE * (1 + (1 - SHARE)) - eta**2 * gradient_scale**2 / weight_norm2**2,
                (1 - SHARE,),
            ),
        ),
        Step("layer_target", _eq(target(gradient_scale), TARGET_NORM2), "For small decay."),
        Step(
            "layer_deviation",
            _eq(
                after(TARGET_NORM2 * (1 + excess)) / TARGET_NORM2,
                (1 - SHARE) ** 2 * (1 + excess) + 2 * SHARE / (1 + excess),
            ),
            "What a step makes of a relative deviation.",
            Identity(),
        ),
        Step(
            "layer_never_below",
            sp.Le(sp.S.One, image, evaluate=False),
            "Here too the norm is never below its target once it is not, if a step takes less than 29 %.",
            NonNegativeGap(above, (gentle,), Tightness(excess, epsilon**2)),
        ),
        Step(
            "gradient_ratio",
            _eq(gradient_scale / target(gradient_scale), sp.sqrt(2 * COEFFICIENT)),
            "|g|/|w| = G/|w|^2 there: it does not follow the schedule either.",
            Identity(),
        ),
    )


def _ordinary() -> tuple[Step, ...]:
    rate, to_come = sp.Function("f"), sp.Function("s")
    gathered = sp.Integral(RATE**2 * sp.exp(-2 * run_decay * TO_COME), (t, 0, 1))
    return (
        Step(
            "rate",
            _eq(rate(t), RATE),
            "A cosine to 0: the rate, over the largest, a share t of the run before its end.",
        ),
        Step(
            "to_come",
            _eq(sp.Derivative(TO_COME, t), rate(t)),
            "Rates still to come from there, over eta T: this, as it is 0 at the end.",
            Identity(),
        ),
        Step("sum_to_come", _eq(to_come(t), TO_COME), "As a function."),
        Step("rate_late", _eq(RATE, sp.pi**2 * t**2 / 4 + sp.O(t**4)), "Close to the end.", Taylor()),
        Step("to_come_late", _eq(TO_COME, sp.pi**2 * t**3 / 12 + sp.O(t**5)), "Close to the end.", Taylor()),
        Step(
            "left",
            _eq(2 * run_decay * gathered, LEFT),
            "Mean square at the end over that at the start, under ordinary decay of X = eta L T over the run, steps "
            "being many: each adds eta_t^2, and decay takes from it what is still to come; the start itself, exp(-X) "
            "of it, is left out. For X >> 1 the last two forms make it a power of X: the weights cannot fall faster "
            "than they decay, so the end is far above rest.",
            MeasuredError(
                run_decay, 30, 1000, 0.0524, 3, corners=(0.05236259697, 0.00472013783), open_above=(run_decay,)
            ),
        ),
    )


def _formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    one, small = "1", (SMALL, BELOW)
    return (
        Formula.of(
            steps, "weight_ms_rest", (eta, eta_peak, lmbda, n, update_ms), "mean square at rest", one, "rest", small
        ),
        Formula.of(steps, "weight_ms", (eta_peak, lmbda, n, update_ms), "mean square held", one, "target"),
        Formula.of(
            steps,
            "excess_bound",
            (epsilon_peak,),
            "most by which that is exceeded, relative",
            one,
            "never_above",
            (PEAKS,),
        ),
        Formula.of(
            steps,
            "weight_norm2",
            (eta_peak, lmbda, n, gradient_scale),
            "squared norm held by a layer",
            one,
            "layer_target",
        ),
        Formula.of(steps, "gradient_ratio", (eta_peak, lmbda, n), "|g|/|w| of such a layer", one, "gradient_ratio"),
        Formula.of(
            steps,
            "left_cosine",
            (run_decay,),
            "ordinary decay: mean square at the end of a cosine over that at its start",
            one,
            "left",
        ),
    )


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> law = build().formulas
    >>> round(law["excess_bound"](epsilon_peak=0.01), 5)
    0.00503
    >>> round(law["left_cosine"](run_decay=68) ** 0.5, 2)
    0.31
    """
    steps = (*_free(), *_layer(), *_ordinary())
    corrected = Scope(("adamw_corrected", "sgd_corrected"), "noise", network={"schedule": ("any",)})
    layer = Scope(("sgd_corrected",), "perpendicular", network={"scale_invariant": ("yes",), "schedule": ("any",)})
    free = ("never_below", "never_above")
    return Derivation(
        name="corrected_decay",
        statement="A decay of eta^2 L/eta_peak a step holds the mean square of weights at eta_peak U/(2 L), within "
        "epsilon_peak/(2 - epsilon_peak) of itself, whatever the schedule: the rate drops out. So it does for a layer "
        "whose scale the cost ignores. Ordinary decay under a cosine lets the mean square fall to about "
        "1.6 (eta L T)^(-2/3) of its start.",
        assumptions=(
            Assumption("w' = (1 - epsilon) w - eta u, epsilon = eta^2 lmbda/(n eta_peak)."),
            Assumption("The updates know nothing of the weights, and their mean square is U in every step."),
            Assumption(
                "A layer: plain SGD, gradients at right angles to the weights, G = |g| |w| the same in each step."
            ),
            Assumption("A step takes less than the whole weight.", SMALL),
            Assumption("No rate is above the largest.", BELOW),
            Assumption("Nor is a decay.", epsilon <= epsilon_peak, free),
            Assumption("The largest one is below 1.", PEAKS, free),
            Assumption("The mean square is in the range before the step.", excess <= MOST, free),
            Assumption("The layer decays by less than 29 % a step.", GENTLE, ("layer_never_below",)),
        ),
        steps=steps,
        formulas={formula.name: formula for formula in _formulas(steps)},
        scope=corrected,
        scopes={
            **dict.fromkeys(("weight_norm2", "gradient_ratio"), layer),
            "excess_bound": Scope(),
            "left_cosine": Scope(DECOUPLED, "noise", network={"schedule": ("cosine",)}),
        },
        without_decay=dict.fromkeys(
            ("weight_ms_rest", "weight_ms", "weight_norm2"), WithoutDecay(words="the norm grows without end")
        ),
        validity=(
            Assumption("eta^2 lmbda < n eta_peak.", SMALL),
            Assumption(
                "With memory in the updates (AdamW) the mean square is that of `adamw` at each rate: it differs from "
                "the target by about epsilon beta1/(1 - beta1)."
            ),
            Assumption(
                "left_cosine: the start at rest, many steps, and eta L T >= 30; 5 % too large there, 0.5 % at 1000. A "
                "layer under plain SGD has it for the square of its |w|^2, with 2 eta L T."
            ),
        ),
        references=(
            "A. Defazio 2025, arXiv 2506.02285 [opening read]: the correction, for a layer before a normalisation, "
            "from its rest at each rate. The bound for any schedule and the fall under a cosine are derived here.",
            "J. Chou 2025, arXiv 2512.08217 [abstract read]: decay in proportion to eta^2 from independence alone.",
        ),
        ranges={
            eta: (0.01, 0.1),
            eta_peak: (0.1, 0.5),
            lmbda: (0.1, 1),
            n: (5, 100),
            epsilon: (0.01, 0.1),
            epsilon_peak: (0.1, 0.5),
            excess: (0.001, 0.05),
        },
    )
