"""Narrower bounds of Muon as it is run: the correlation of updates one step apart is known, measured on drawn pairs."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from derivations.formula import Formula
from derivations.laws.muon.bounds import BY_SUM, NESTEROV, OF_SUM, UPWARDS, WORDS
from derivations.laws.shared.openings import STEP_DECAY
from derivations.laws.shared.steady_state import alpha, beta1, eta, forgets, lmbda, n
from derivations.prover.rules import Identity, Induction, NonNegativeGap, Tightness
from derivations.step import Step
from derivations.step import equation as _eq
from derivations.symbols import symbols

linear_share, first_rest, correlation, update_norm, step, t = symbols(
    "linear_share first_rest correlation update_norm step t"
)
BY_PAIRS = tuple(f"{name}_nesterov_{which}_by_pairs" for name in BY_SUM for which in ("lower", "upper"))


def past(share: sp.Expr, upper: bool) -> sp.Expr:
    """Return a bound of the sum over lags k of (1 - share)^(k-1) times the correlation of updates."""
    cubes = (1 - beta1) * (1 + beta1 + beta1**2) + share * beta1**3
    return linear_share * NESTEROV * beta1 / forgets(share) + (first_rest / cubes if upper else first_rest)


def first_lag_steps() -> tuple[Step, ...]:
    """Return the steps to the narrower bounds."""
    cubes = sp.Function("L_3")
    steps = [
        Step(
            "later_lags",
            sp.Le(first_rest * t, first_rest * correlation**3, evaluate=False),
            "Let phi exceed its linear part by r_1 one step apart, where the mixtures' correlation is rho_1. At rho "
            "times rho_1 each odd power from the third on is that power of rho as large; t is the weighted mean of "
            "these powers, and r_1 t is what phi exceeds its linear part by. It is not negative,",
            NonNegativeGap(
                first_rest * (correlation**3 - t),
                (correlation**3 - t,),
                Tightness(first_rest, first_rest * (correlation**3 - t)),
            ),
        ),
        Step(
            "cubes_recursion",
            sp.And(_eq(cubes(0), 0), _eq(cubes(step + 1), 1 + alpha * beta1**3 * cubes(step))),
            "and its sum over k lags is at most r_1 times this, the first lag counting 1.",
        ),
        Step(
            "cubes_sum",
            _eq(cubes(step), (1 - (alpha * beta1**3) ** step) / (1 - alpha * beta1**3)),
            "Induction: it tends to 1/(1 - (1 - epsilon) beta1^3).",
            Induction(),
        ),
    ]
    for name, function in OF_SUM.items():
        for which in ("lower", "upper"):
            upper = (which == "upper") == UPWARDS[name]
            total = past(STEP_DECAY, upper)
            steps.append(
                Step(
                    f"{name}_nesterov_{which}_by_pairs",
                    _eq(function(total), BY_SUM[name](total)),
                    "The first lag as it is, the rest of the later ones replaced by "
                    + ("its upper bound." if upper else "0."),
                    Identity(),
                )
            )
    return tuple(steps)


def first_lag_formulas(proved: Sequence[Step], steady: tuple[sp.Rel, ...]) -> tuple[Formula, ...]:
    """Return the narrower bounds.

    Parameters
    ----------
    proved : sequence of Step
        All of the law.
    steady : tuple of sympy.Rel
        Conditions of the steady state.
    """
    rest = (eta, lmbda, n, beta1, linear_share, first_rest)
    return tuple(
        Formula.of(
            proved,
            f"{name}_nesterov_{which}_by_pairs",
            (update_norm, *rest) if name == "weight_norm" else rest,
            f"what {WORDS[name][0].lower()}{WORDS[name][1:]} is not {'below' if which == 'lower' else 'above'}, with "
            "Nesterov's momentum, the first lag known",
            "radians" if name == "rotation" else "1",
            f"{name}_nesterov_{which}_by_pairs",
            (*steady, linear_share < 1, first_rest <= 1 - linear_share),
        )
        for name in BY_SUM
        for which in ("lower", "upper")
    )
