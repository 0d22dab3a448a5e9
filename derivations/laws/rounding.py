"""Decay of weights that are rounded at every step: to the nearest some stop; at random none does, and they spread."""

from __future__ import annotations

import sympy as sp

from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.prover.rules import (
    Antiderivative,
    Identity,
    Induction,
    InductionOverSum,
    NonNegativeGap,
    Root,
    Termwise,
    Tightness,
)
from derivations.scope import DECOUPLED, Scope
from derivations.step import Assumption, Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols

epsilon, step, w_0, weight_abs, x, y, c = symbols("epsilon step w_0 weight_abs x y c")
grid, spaces_due, significand, spacing, passed, stuck_share = symbols(
    "grid spaces_due significand spacing passed stuck_share"
)
mean, variance, added = sp.Function("E"), sp.Function("V"), sp.Function("s")
j = sp.Symbol("j", integer=True, nonnegative=True)
LOG2 = sp.log(2)
STUCK = -sp.log(2 * spaces_due) / LOG2
LEFT = sp.exp(-(sp.log(4 * spaces_due) ** 2) / (2 * LOG2))
SPREAD = epsilon * (1 / (2 * grid * LOG2) - epsilon)
NONE, SOME, HALF = 4 * spaces_due <= 1, 2 * spaces_due < 1, 4 * spaces_due > 1
BELOW_TWO = significand < 2
STOPPING = ("stuck", "stuck_share", "left")


def _nearest() -> tuple[Step, ...]:
    due, fallen, lost = spaces_due * 2**x, (x - c) * LOG2, LOG2 * (1 - c) ** 2 / 2
    return (
        Step(
            "length",
            _eq(weight_abs, significand * grid * spacing),
            "Between two powers of 2 the numbers of a dtype are evenly spaced: a weight is f N_2 spaces long, f from 1 "
            "to 2.",
        ),
        Step("spaces_due", _eq(spaces_due, grid * epsilon), "In a step, spaces are due of a weight of 1,"),
        Step(
            "due",
            _eq(epsilon * weight_abs / spacing, spaces_due * significand),
            "and of any weight.",
            Identity(),
        ),
        Step(
            "none_moves",
            sp.Le(2 * spaces_due * significand, 1, evaluate=False),
            "Nearest rounding gives half a space or less back. Where 4 N_2 eps <= 1 no weight moves at all.",
            NonNegativeGap(
                1 - 4 * spaces_due + 2 * spaces_due * (2 - significand),
                (1 - 4 * grid * epsilon, 2 - significand),
                Tightness(significand, 1 - 2 * spaces_due * significand, 1 / (2 * spaces_due), "-"),
            ),
        ),
        Step(
            "stuck",
            solved(_eq(due, sp.Rational(1, 2)), x, STUCK),
            "Above that, weights f = 2^x with x below this stay where they are; the others come down to it, by a space "
            "a step, in less than N_2 steps.",
            Root(x, due * LOG2),
        ),
        Step("stuck_share", _eq(stuck_share, STUCK), "If x is uniform from 0 to 1, this is their share."),
        Step(
            "lost",
            _eq(sp.Integral(fallen, (x, c, 1)), lost),
            "Mean logarithm that is lost when all above some x = c have come down to it.",
            Antiderivative(LOG2 * (x - c) ** 2 / 2, sp.S.Zero, lost),
        ),
        Step(
            "left",
            _eq(sp.exp(-LOG2 * (1 - stuck_share) ** 2 / 2), LEFT),
            "With the x at which they stop, that is where their geometric mean ends, however long one trains.",
            Identity(),
        ),
    )


def _at_random() -> tuple[Step, ...]:
    rounded = y + passed * spacing
    factor, after = 1 - epsilon, (1 - epsilon) ** (step - 1 - j)
    terms = (j, 0, step - 1)
    return (
        Step(
            "unbiased",
            _eq((1 - passed) * y + passed * (y + spacing), rounded),
            "Rounded up with the probability phi by which a number is above its lower neighbour y, it is right on "
            "average,",
            Identity(),
        ),
        Step(
            "rounding_variance",
            _eq(
                (1 - passed) * (y - rounded) ** 2 + passed * (y + spacing - rounded) ** 2,
                passed * (1 - passed) * spacing**2,
            ),
            "with this variance.",
            Identity(),
        ),
        Step(
            "mean_rule",
            sp.And(_eq(mean(0), w_0), _eq(mean(step + 1), factor * mean(step))),
            "So the mean over the draws obeys the rule without rounding:",
        ),
        Step("mean", _eq(mean(step), w_0 * factor**step), "Induction.", Induction()),
        Step(
            "variance_rule",
            sp.And(_eq(variance(0), 0), _eq(variance(step + 1), factor**2 * variance(step) + added(step))),
            "A step adds s_k, the mean of phi (1 - phi) u^2 over where the weight may be, to what it shrinks.",
        ),
        Step(
            "variance",
            _eq(variance(step), sp.Sum(after**2 * added(j), terms)),
            "Induction.",
            InductionOverSum(),
        ),
        Step(
            "relative",
            _eq(
                sp.Sum(after**2 * added(j), terms) / (w_0 * factor**step) ** 2,
                sp.Sum(added(j) / (w_0 * factor ** (j + 1)) ** 2, terms),
            ),
            "Relative to the mean squared, every step adds its s_j over the mean squared after it; while that is "
            "small, it is the variance of ln w.",
            Termwise(),
        ),
    )


def _spread() -> tuple[Step, ...]:
    due = grid * epsilon * significand
    usual = sp.Rational(1, 6) * (2 ** (-x) / grid) ** 2
    ends = (-epsilon / (grid * LOG2), -epsilon / (2 * grid * LOG2) - epsilon**2)
    return (
        Step(
            "one_space",
            _eq(weight_abs - epsilon * weight_abs, weight_abs - spacing + (1 - due) * spacing),
            "Where less than a space is due, the lower neighbour is a space below, and phi = 1 - a, a = N_2 eps f:",
            Identity(),
        ),
        Step(
            "added",
            _eq(due * (1 - due) * spacing**2 / weight_abs**2, epsilon * (1 / (grid * significand) - epsilon)),
            "what a step adds, relative to the weight squared.",
            Identity(),
        ),
        Step(
            "spread",
            _eq(sp.Integral(epsilon * (2 ** (-x) / grid - epsilon), (x, 0, 1)), SPREAD),
            "Its mean over f = 2^x. Over k steps ln w spreads by k times this: by the decay in all, k eps, whatever "
            "eps is, as long as eps is small.",
            Antiderivative(-epsilon * (2 ** (-x) / (grid * LOG2) + epsilon * x), *ends),
        ),
        Step(
            "uniform",
            _eq(sp.Integral(passed * (1 - passed), (passed, 0, 1)), sp.Rational(1, 6)),
            "The usual model of rounding errors takes phi as uniform instead:",
            Antiderivative(passed**2 / 2 - passed**3 / 3, sp.S.Zero, sp.Rational(1, 6)),
        ),
        Step(
            "usual",
            _eq(sp.Integral(usual, (x, 0, 1)), 1 / (16 * grid**2 * LOG2)),
            "a step then adds the same whatever eps is, which is right where many spaces are due, not here.",
            Antiderivative(
                -(2 ** (-2 * x)) / (12 * grid**2 * LOG2), -1 / (12 * grid**2 * LOG2), -1 / (48 * grid**2 * LOG2)
            ),
        ),
    )


def _formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    return (
        Formula.of(
            steps,
            "stuck",
            (spaces_due,),
            "nearest: share of the weights that never move",
            "1",
            "stuck",
            (SOME, HALF),
        ),
        Formula.of(
            steps,
            "left",
            (spaces_due,),
            "nearest: geometric mean, over their start, of weights that have stopped",
            "1",
            "left",
            (SOME, HALF),
        ),
        Formula.of(steps, "mean", (w_0, epsilon, step), "at random: mean weight after k steps", "1", "mean"),
        Formula.of(
            steps,
            "spread_per_step",
            (epsilon, grid),
            "at random: what a step adds to the variance of the logarithm of a weight",
            "1",
            "spread",
            (2 * grid * epsilon < 1,),
        ),
        Formula.of(
            steps,
            "usual_spread_per_step",
            (grid,),
            "the same if rounding errors were uniform",
            "1",
            "usual",
        ),
    )


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> round(build().formulas["left"](spaces_due=0.003 * 128), 4)
    0.8756
    """
    steps = (*_nearest(), *_at_random(), *_spread())
    return Derivation(
        name="rounding",
        statement="Weights that are rounded to the nearest number after every step do not decay at all where "
        "4 N_2 eps <= 1 (eps up to 2^-9 in bfloat16, N_2 = 2^7); up to 2 N_2 eps = 1 those with a small significand "
        "stay where they are, the others reach them and stop. Rounded at random without bias they keep (1 - eps)^k on "
        "average, and the variance of ln w grows by eps/(2 N_2 ln 2) - eps^2 in a step.",
        assumptions=(
            Assumption("The gradient of the data cost vanishes: decay acts alone.", sp.true),
            Assumption("A step removes less than the whole weight.", epsilon < 1),
            Assumption("A significand is below 2.", BELOW_TWO),
            Assumption("Decay below the least that moves a weight.", NONE, ("none_moves",)),
            Assumption("Less than half a space is due from a weight of significand 1,", SOME, STOPPING),
            Assumption("and more than that from one near 2.", HALF, STOPPING),
            Assumption(
                "Logarithms of the weights are uniform over a power of 2, as those of Gaussians are to a few %."
            ),
        ),
        steps=steps,
        formulas={formula.name: formula for formula in _formulas(steps)},
        scope=Scope(DECOUPLED, "none"),
        validity=(
            Assumption(
                "A step is computed with more bits and rounded once. Where the factor 1 - eps is rounded first, "
                "`wd_jax.precision` has the rate."
            ),
            Assumption(
                "A weight that is a power of 2 has a space of half the size below it, and counts with f near 2."
            ),
            Assumption("The spread is the variance of ln w while it is small: 0.0056 k eps in bfloat16."),
        ),
        references=(
            "P. Zamirai, J. Zhang, C. Aberger, C. De Sa 2020, Revisiting BFloat16 training, arXiv 2010.06192: nearest "
            "rounding cancels small updates, rounding at random does not [abstract read]; share, rest and spread are "
            "derived here.",
        ),
        ranges={epsilon: (1e-3, 0.4), grid: (0.7, 40), significand: (1, 2)},
    )
