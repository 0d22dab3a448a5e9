"""Adam with L2 in the gradient, decay alone: lmbda cancels, up to what is added to the root of the mean square."""

from __future__ import annotations

import sympy as sp

from derivations.formula import Formula
from derivations.prover.rules import Identity, InductionOverSum, Taylor
from derivations.step import Step
from derivations.step import equation as _eq
from derivations.symbols import symbols

lmbda, n, beta1, beta2, step, count, adam_epsilon, weight_rms = symbols(
    "lmbda n beta1 beta2 step count adam_epsilon weight_rms"
)
DECAY = lmbda / n
DAMPING = 1 / (1 + adam_epsilon * n / (lmbda * weight_rms))


def steps() -> tuple[Step, ...]:
    """Return the steps."""
    first, second, weight = sp.Function("M"), sp.Function("V"), sp.Function("w_of")
    seen = (count, 0, step - 1)
    averaged = sp.Sum((1 - beta1) * beta1 ** (step - 1 - count) * weight(count), seen)
    squared = sp.Sum((1 - beta2) * beta2 ** (step - 1 - count) * weight(count) ** 2, seen)
    return (
        Step(
            "first_moment",
            sp.And(_eq(first(0), 0), _eq(first(step + 1), beta1 * first(step) + (1 - beta1) * DECAY * weight(step))),
            "Adam's average of the gradient of the penalty, for any course w_of of the weight.",
        ),
        Step(
            "second_moment",
            sp.And(
                _eq(second(0), 0),
                _eq(second(step + 1), beta2 * second(step) + (1 - beta2) * (DECAY * weight(step)) ** 2),
            ),
            "And of its square.",
        ),
        Step("first_solved", _eq(first(step), DECAY * averaged), "lmbda/n factors out.", InductionOverSum()),
        Step(
            "second_solved",
            _eq(second(step), DECAY**2 * squared),
            "Its square factors out.",
            InductionOverSum(),
        ),
        Step(
            "direction",
            _eq(first(step) / sp.sqrt(second(step)), averaged / sp.sqrt(squared)),
            "lmbda cancels, in every step, and so does any common factor of the weights: after t steps the weight is "
            "w_0 f(t, eta/w_0) for every lmbda. The bias corrections, factors of beta1 and beta2 alone, change nothing "
            "of this.",
            Identity(using=("first_solved", "second_solved")),
        ),
        Step(
            "stabiliser",
            _eq(DECAY * weight_rms / (DECAY * weight_rms + adam_epsilon), DAMPING),
            "What a number added to sqrt(V) = lmbda/n w_rms leaves of a step; w_rms over the weight's recent past.",
            Identity(),
        ),
        Step(
            "stabiliser_series",
            _eq(DAMPING, 1 - n * adam_epsilon / (lmbda * weight_rms) + sp.O(adam_epsilon**2)),
            "lmbda comes back where lmbda/n w_rms is not large against it.",
            Taylor(),
        ),
    )


def formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    """Return the formulas."""
    return (
        Formula.of(
            steps,
            "stabiliser_factor",
            (lmbda, n, adam_epsilon, weight_rms),
            "what adam_epsilon leaves of a step of pure decay",
            "1",
            "stabiliser",
        ),
    )
