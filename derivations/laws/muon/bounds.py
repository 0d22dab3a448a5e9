"""Bounds of Muon's weights and angles, for plain momentum and as most people run it: Nesterov's, Newton-Schulz."""

from __future__ import annotations

import sympy as sp

from derivations.formula import Formula
from derivations.laws.shared.mixtures import mixture_steps
from derivations.laws.shared.openings import STEP_DECAY
from derivations.laws.shared.steady_state import alpha, beta1, epsilon, eta, forgets, lmbda, n
from derivations.prover.rules import Identity, Root, Termwise
from derivations.step import Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols

update_norm, weight_norm, linear_share, step, dim = symbols("update_norm weight_norm linear_share step dim")
cosine, turn, t = symbols("cosine turn t")
g, u, i = sp.IndexedBase("g"), sp.IndexedBase("u"), sp.Idx("i")
# Correlation of the averages k steps apart is this times beta1^k: of momentum, and of Nesterov's mixtures.
PLAIN = sp.S.One
NESTEROV = beta1 * (beta1**3 + (1 - beta1) * (1 + beta1) ** 2) / (beta1**4 + (1 - beta1) * (1 + beta1) ** 3)
KINDS = {"": PLAIN, "nesterov_": NESTEROV}
# Where the sum of correlations stands between its bounds, so do these, in this order or the other.
LAGS = "(1 - epsilon)^(k-1) times the correlation of directions k steps apart, k >= 1"
WORDS = {"weight_norm": "The norm of W", "cosine": "The cosine of W and -U", "rotation": "The angle of a step"}
UPWARDS = {"weight_norm": True, "cosine": True, "rotation": False}


def past(share: sp.Expr, first: sp.Expr, upper: bool) -> sp.Expr:
    """Return the bound of the sum over lags k of (1 - share)^(k-1) times the correlation of directions."""
    cubes = (1 - beta1) * (1 + beta1 + beta1**2) + share * beta1**3
    rest = (1 - linear_share) * first**3 * beta1**3 / cubes if upper else sp.S.Zero
    return linear_share * first * beta1 / forgets(share) + rest


def norm_with(total: sp.Expr, share: sp.Expr = STEP_DECAY) -> sp.Expr:
    """Return the norm of the weights, given that sum."""
    return eta * update_norm * sp.sqrt((1 + 2 * (1 - share) * total) / (share * (2 - share)))


def cosine_with(total: sp.Expr, share: sp.Expr = STEP_DECAY) -> sp.Expr:
    """Return the cosine of the weights with their next step, given that sum."""
    return total * sp.sqrt(share * (2 - share) / (1 + 2 * (1 - share) * total))


def sine_with(total: sp.Expr, share: sp.Expr = STEP_DECAY) -> sp.Expr:
    """Return the sine of the angle of a step, given that sum."""
    rest = (1 - share * total) * (1 + (2 - share) * total)
    return sp.sqrt(share * (2 - share) * rest) / (1 + 2 * (1 - share) * total)


BY_SUM = {"weight_norm": norm_with, "cosine": cosine_with, "rotation": lambda total: sp.asin(sine_with(total))}
NESTEROV_LAWS = tuple(f"{name}_nesterov_{which}" for name in BY_SUM for which in ("lower", "upper"))
OF_SUM = {"weight_norm": sp.Function("N"), "cosine": sp.Function("C"), "rotation": sp.Function("R")}


def nesterov_steps() -> tuple[Step, ...]:
    """Return the steps to the correlation of Nesterov's mixtures."""
    total = (i, 1, dim)
    return (
        Step(
            "nesterov_mixture",
            _eq(
                sp.Sum(beta1 * (beta1 * u[i] + (1 - beta1) * g[i]) + (1 - beta1) * g[i], total),
                sp.Sum(beta1**2 * u[i] + (1 - beta1) * (1 + beta1) * g[i], total),
            ),
            "Nesterov's average, beta1 m' + (1 - beta1) g with the momentum m' = beta1 m + (1 - beta1) g, is a mixture "
            "as Lion's, of beta1^2 m and (1 - beta1^2) g.",
            Termwise(),
        ),
        *mixture_steps(beta1**2, beta1, NESTEROV, ("c = beta1^2 m + (1 - beta1^2) g of Nesterov", "beta1^2", "beta1")),
    )


def bound_steps() -> tuple[Step, ...]:
    """Return the steps to bounds of the norm, of the cosine with the next step and of the angle of a step."""
    size, along = OF_SUM["weight_norm"], OF_SUM["cosine"]
    overlap, squares = eta * update_norm**2 * t, size(t) ** 2
    across = eta**2 * update_norm**2 * (1 - along(t) ** 2) / squares
    balance = _eq(weight_norm**2, alpha**2 * weight_norm**2 + eta**2 * update_norm**2 * (1 + 2 * alpha * t))
    slope = 2 * weight_norm * STEP_DECAY * (1 + (1 - STEP_DECAY))
    moved = 1 + 2 * alpha * t
    steps = [
        *(
            Step(f"{name}_of", _eq(OF_SUM[name](t), by_sum(t)), f"{WORDS[name]} for a sum t of {LAGS}.")
            for name, by_sum in BY_SUM.items()
        ),
        Step(
            "norm_of_sum",
            solved(balance, weight_norm, size(t)),
            "The budget at rest,",
            Root(weight_norm, slope, (1 - STEP_DECAY,)),
        ),
        Step(
            "cosine_of_sum",
            solved(_eq(cosine**2, overlap**2 / (squares * update_norm**2)), cosine, along(t)),
            "the overlap eta U^2 t over both norms,",
            Root(cosine, 2 * cosine),
        ),
        Step(
            "turn_of_sum",
            solved(_eq(turn**2, across), turn, sine_with(t)),
            "and what of the step is at right angles to W.",
            Root(turn, 2 * turn),
        ),
        Step(
            "norm_grows",
            _eq(sp.Derivative(moved, t), 2 * alpha),
            "So |W|^2 grows with t,",
            Identity(keep=True),
        ),
        Step(
            "cosine_grows",
            _eq(sp.Derivative(t**2 / moved, t), 2 * t * (1 + alpha * t) / moved**2),
            "the cosine grows with t,",
            Identity(keep=True),
        ),
        Step(
            "angle_falls",
            _eq(
                sp.Derivative((1 - epsilon * t) * (1 + (2 - epsilon) * t) / moved**2, t),
                -2 * (alpha + (1 + alpha**2) * t) / moved**3,
            ),
            "and the angle, here its squared sine over epsilon (2 - epsilon), falls: bounds of t bound all three.",
            Identity(keep=True),
        ),
    ]
    for kind, first in KINDS.items():
        of = "Nesterov's mixtures" if kind else "the averaged gradients"
        for name, function in OF_SUM.items():
            for which in ("lower", "upper"):
                side = "upper" if (which == "upper") == UPWARDS[name] else "lower"
                total = past(STEP_DECAY, first, side == "upper")
                steps.append(
                    Step(
                        f"{name}_{kind}{which}",
                        _eq(function(total), BY_SUM[name](total)),
                        f"phi(rho) replaced by its {side} bound in every lag, rho the correlation of {of}.",
                        Identity(),
                    )
                )
    return tuple(steps)


def bound_formulas(steps: tuple[Step, ...], steady: tuple[sp.Rel, ...]) -> tuple[Formula, ...]:
    """Return the bounds, and Nesterov's correlation.

    Parameters
    ----------
    steps : tuple of Step
        All steps of the law.
    steady : tuple of sympy.Rel
        Conditions of the steady state.
    """
    rest = (eta, lmbda, n, beta1, linear_share)
    found = [
        Formula.of(
            steps,
            "nesterov_correlation",
            (beta1, step),
            "correlation of Nesterov's mixtures k + 1 steps apart",
            "1",
            "lag_correlation",
            (beta1 < 1,),
        )
    ]
    for kind in KINDS:
        for name in BY_SUM:
            what = f"what {WORDS[name][0].lower()}{WORDS[name][1:]} is not"
            for which in ("lower", "upper"):
                found.append(
                    Formula.of(
                        steps,
                        f"{name}_{kind}{which}",
                        (update_norm, *rest) if name == "weight_norm" else rest,
                        f"{what} {'below' if which == 'lower' else 'above'}"
                        + (", with Nesterov's momentum" if kind else ""),
                        "radians" if name == "rotation" else "1",
                        f"{name}_{kind}{which}",
                        (*steady, linear_share < 1),
                    )
                )
    return tuple(found)
