"""Decay over a run under any schedule: what is left of the start, what data of an age weigh, which decay to take."""

from __future__ import annotations

import sympy as sp

from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.prover.rules import (
    Antiderivative,
    Identity,
    Induction,
    InductionOverSum,
    Monotone,
    Root,
    Taylor,
    Tightness,
    UnitInterval,
)
from derivations.scope import DECOUPLED, Scope
from derivations.step import Assumption, Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols
from derivations.without_decay import NEVER

eta, weight_decay, epsilon, step, count, total_steps, run_share, w_0, t, y = symbols(
    "eta weight_decay epsilon step count total_steps run_share w_0 t y"
)
rate_sum, square_sum, left_at_end, tau_run = symbols("rate_sum square_sum left_at_end tau_run")
left, taken = sp.Function("P"), sp.Function("alpha")
SMALL, LESS, PASSED = eta * weight_decay < 1, left_at_end < 1, run_share < 1
REACH = eta * weight_decay * total_steps
RESTS = {
    "constant": 1 - run_share,
    "linear": (1 - run_share) ** 2 / 2,
    "cosine": (1 - run_share) / 2 - sp.sin(sp.pi * run_share) / (2 * sp.pi),
}
SHAPES = {"constant": sp.S.One, "linear": 1 - t, "cosine": (1 + sp.cos(sp.pi * t)) / 2}
PRIMITIVES = {
    "constant": (t, sp.S.One),
    "linear": (t - t**2 / 2, sp.Rational(1, 2)),
    "cosine": (t / 2 + sp.sin(sp.pi * t) / (2 * sp.pi), sp.Rational(1, 2)),
}
SECOND = -2 * sp.log(left_at_end) / (rate_sum + sp.sqrt(rate_sum**2 - 2 * square_sum * sp.log(left_at_end)))


def _memory() -> tuple[Step, ...]:
    weight, rate, u, gathered = (sp.Function(name) for name in ("w", "eta_of", "u", "F"))
    kept = 1 - taken(step)
    return (
        Step(
            "taken",
            _eq(taken(step), 1 - left(step + 1) / left(step)),
            "Any schedule: P is what is left after k steps, and a step takes the share alpha = eta_k L of it.",
        ),
        Step(
            "training",
            sp.And(_eq(weight(0), w_0), _eq(weight(step + 1), kept * weight(step) - rate(step) * u(step))),
            "Decoupled decay with any rates and any updates u.",
        ),
        Step(
            "memory",
            _eq(
                weight(step),
                left(step) / left(0) * w_0
                - sp.Sum(left(step) / left(count + 1) * rate(count) * u(count), (count, 0, step - 1)),
            ),
            "The start has shrunk to P(k)/P(0), and each update by what the steps after it have taken.",
            InductionOverSum(),
        ),
        Step(
            "weights_of_steps",
            sp.And(_eq(gathered(0), 0), _eq(gathered(step + 1), kept * gathered(step) + taken(step))),
            "As a moving average of -u/L: the weights of all steps together.",
        ),
        Step(
            "gathered",
            _eq(gathered(step), 1 - left(step) / left(0)),
            "They are what is missing of the start: weights and start sum to 1 under any schedule.",
            Induction(),
        ),
        Step(
            "weight_of_step",
            _eq(taken(count) * left(step) / left(count + 1), left(step) / left(count + 1) - left(step) / left(count)),
            "That of one step is a difference, so that of the steps between two moments is too.",
            Identity(),
        ),
    )


def _ages() -> tuple[Step, ...]:
    steps = []
    for name, rest in RESTS.items():
        primitive, end = PRIMITIVES[name]
        beyond = sp.Integral(SHAPES[name], (t, run_share, 1))
        steps += [
            Step(
                f"{name}_rest",
                _eq(beyond, rest),
                f"Rates still to come after a share x of the run, over eta T: {name}.",
                Antiderivative(primitive.subs(t, t), primitive.subs(t, run_share), end),
            ),
            Step(
                f"recent_{name}",
                _eq(1 - sp.exp(-REACH * beyond), 1 - sp.exp(-REACH * rest)),
                "Weight, at the end, of all that was seen after it, to first order in eta L.",
                Identity(using=(f"{name}_rest",)),
            ),
        ]
    return (
        *steps,
        Step(
            "linear_weight",
            _eq(
                sp.Derivative(t * sp.exp(-REACH * t**2 / 2), t),
                (1 - REACH * t**2) * sp.exp(-REACH * t**2 / 2),
            ),
            "A linear fall to 0: what is seen a share t before the end weighs in proportion to t exp(-eta L T t^2/2).",
            Identity(),
        ),
        Step(
            "heaviest",
            solved(_eq(REACH * t**2, 1), t, 1 / sp.sqrt(REACH)),
            "That is largest neither at the start nor at the end.",
            Root(t, 2 * REACH * t),
        ),
    )


def _wanted() -> tuple[Step, ...]:
    most, least = sp.Function("A"), sp.Function("B")
    return (
        Step("decay_per_step", _eq(epsilon, eta * weight_decay), "What a step takes at the largest rate."),
        Step(
            "log_upper",
            sp.Le(sp.log(1 - epsilon), -epsilon, evaluate=False),
            "One step; added up over all: no more than exp(-L S) is left, S the sum of the rates.",
            Monotone(UnitInterval(epsilon), Tightness(epsilon, epsilon**2 / 2)),
        ),
        Step("most", _eq(most(rate_sum), sp.exp(-weight_decay * rate_sum)), "That bound."),
        Step(
            "log_lower",
            sp.Le(-epsilon - epsilon**2 / (2 * (1 - epsilon)), sp.log(1 - epsilon), evaluate=False),
            "And no less than this: the derivative of the gap is epsilon^2/(2 (1 - epsilon)^2).",
            Monotone(UnitInterval(epsilon), Tightness(epsilon, epsilon**3 / 6)),
        ),
        Step(
            "least",
            _eq(
                least(rate_sum, square_sum),
                sp.exp(-weight_decay * rate_sum - weight_decay**2 * square_sum / (2 * (1 - eta * weight_decay))),
            ),
            "log_lower added up over rates up to eta, Q the sum of their squares.",
        ),
        Step(
            "end",
            solved(
                _eq(sp.exp(-weight_decay * rate_sum), left_at_end),
                weight_decay,
                -sp.log(left_at_end) / rate_sum,
            ),
            "The decay that leaves a wanted share of the start, to first order: only S counts of the schedule.",
            Root(weight_decay, -rate_sum * sp.exp(-weight_decay * rate_sum)),
        ),
        Step(
            "end_second",
            solved(
                _eq(weight_decay * rate_sum + weight_decay**2 * square_sum / 2, -sp.log(left_at_end)),
                weight_decay,
                SECOND,
            ),
            "To second order the sum of squares counts too.",
            Root(weight_decay, rate_sum + weight_decay * square_sum, (-sp.log(left_at_end),)),
        ),
        Step(
            "end_series",
            _eq(
                SECOND,
                -sp.log(left_at_end) / rate_sum
                - sp.log(left_at_end) ** 2 * square_sum / (2 * rate_sum**3)
                + sp.O(square_sum**2),
            ),
            "The first order asks for a little too much.",
            Taylor(),
        ),
        Step(
            "end_constant",
            solved(
                _eq((1 - eta * weight_decay) ** total_steps, left_at_end),
                weight_decay,
                (1 - sp.exp(sp.log(left_at_end) / total_steps)) / eta,
            ),
            "At a constant rate, exactly; with 1/2 the number of steps is a half-life.",
            Root(
                weight_decay,
                -eta * total_steps * (1 - eta * weight_decay) ** (total_steps - 1),
                (1 - eta * weight_decay,),
            ),
        ),
        Step(
            "tau_run",
            solved(_eq(tau_run * weight_decay * rate_sum, 1), tau_run, 1 / (weight_decay * rate_sum)),
            "The time scale as a share of the run: 1/(eta L) steps over T, eta the mean rate S/T.",
            Root(tau_run, weight_decay * rate_sum),
        ),
        Step(
            "for_tau",
            solved(_eq(tau_run * weight_decay * rate_sum, 1), weight_decay, 1 / (tau_run * rate_sum)),
            "Read backwards.",
            Root(weight_decay, tau_run * rate_sum),
        ),
    )


def _formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    one, less, small = "1", (LESS,), (SMALL,)
    rates = (weight_decay, rate_sum)
    end = (left_at_end, rate_sum)
    return (
        Formula.of(steps, "left", rates, "most that is left of the start, close for eta L << 1", one, "most"),
        Formula.of(
            steps, "least_left", (eta, *rates, square_sum), "least that is left of the start", one, "least", small
        ),
        *(
            Formula.of(
                steps,
                f"recent_{name}",
                (eta, weight_decay, total_steps, run_share),
                f"weight of all that is seen after a share of the run, {name} rate, for eta L << 1",
                one,
                f"recent_{name}",
                (PASSED if name != "cosine" else sp.Le(run_share, sp.Rational(9, 10)),),
            )
            for name in RESTS
        ),
        Formula.of(
            steps,
            "heaviest_linear",
            (eta, weight_decay, total_steps),
            "share of the run before its end at which data weigh most, linear fall to 0; above 1: at its start",
            one,
            "heaviest",
        ),
        Formula.of(steps, "tau_run", rates, "time scale as a share of the run", one, "tau_run"),
        Formula.of(
            steps,
            "weight_decay_for_tau",
            (tau_run, rate_sum),
            "decay of a time scale, as a share of the run",
            one,
            "for_tau",
        ),
        Formula.of(
            steps,
            "weight_decay_for_left",
            end,
            "decay that leaves a share of the start, to first order: a little too much",
            one,
            "end",
            less,
        ),
        Formula.of(
            steps,
            "weight_decay_for_left_second",
            (*end, square_sum),
            "decay that leaves a share of the start, to second order",
            one,
            "end_second",
            less,
        ),
        Formula.of(
            steps,
            "weight_decay_for_left_constant",
            (left_at_end, eta, total_steps),
            "decay that leaves a share of the start at a constant rate, exact",
            one,
            "end_constant",
            less,
        ),
    )


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> law = build().formulas
    >>> cosine = 3e-4 * 100_001 / 2  # the sum of the rates of a cosine to 0: `schedules`
    >>> round(law["left"](weight_decay=0.1, rate_sum=cosine), 3)
    0.223
    >>> round(law["weight_decay_for_tau"](tau_run=0.2, rate_sum=cosine), 3)
    0.333
    """
    steps = (*_memory(), *_ages(), *_wanted())
    return Derivation(
        name="decay_under_schedule",
        statement="Under any schedule weights are a moving average of their updates whose weights, with what is left "
        "of the start, sum to 1. What is left is exp(-L S), S the sum of the learning rates, and never more; so the "
        "time scale is 1/(L S) of the run, and the decay for a time scale or for a share left follows from S alone.",
        assumptions=(
            Assumption("Decoupled decay, multiplied by the learning rate of its step; the updates may be anything."),
            Assumption(
                "A step removes less than the whole weight, at the largest rate too: eta L < 1.",
                SMALL,
                ("log_upper", "log_lower", "least", "end_constant"),
            ),
            Assumption("Some of the start is lost: r < 1.", LESS, ("end", "end_second", "end_series", "end_constant")),
            Assumption("A share of the run is left.", PASSED),
        ),
        steps=steps,
        formulas={formula.name: formula for formula in _formulas(steps)},
        scope=Scope(DECOUPLED, network={"schedule": ("any",)}),
        scopes={
            **{f"recent_{name}": Scope(DECOUPLED, network={"schedule": (name,)}) for name in RESTS},
            "heaviest_linear": Scope(DECOUPLED, network={"schedule": ("linear",)}),
            "weight_decay_for_left_constant": Scope(DECOUPLED, network={"schedule": ("constant",)}),
        },
        without_decay={"tau_run": NEVER},
        validity=(
            Assumption(
                "S is the sum over the steps that are made: for a schedule to 0 it is eta (T+1)/2, with the first "
                "step at eta (`schedules` has it for each shape)."
            ),
            Assumption(
                "Between exp(-L S) and least_left lies what is left; so the first order of a wanted decay leaves at "
                "most the share wanted."
            ),
            Assumption("Weights by age take the schedule as a curve: a step more or less is not seen."),
            Assumption("Under a cosine up to nine tenths of the run: close to its end digits are lost."),
            Assumption("A decay that the rate is not in, or only in proportion to the first, is `ways_to_decay`."),
        ),
        references=(
            "X. Wang, L. Aitchison 2024, arXiv 2405.13698, and S. Bergsma et al. 2025, arXiv 2505.13738: the moving "
            "average at a constant rate [second-hand]; for any schedule derived here.",
        ),
        ranges={
            eta: (0.01, 0.5),
            weight_decay: (0.01, 1),
            left_at_end: (0.05, 0.95),
            run_share: (0.05, 0.95),
            square_sum: (0.1, 10),
            rate_sum: (0.1, 10),
        },
    )
