"""Lion's mixtures of momentum and gradient: their mean square, and how those k steps apart are correlated."""

from __future__ import annotations

import sympy as sp

from derivations.proofs import Identity, Induction, Root, Termwise
from derivations.step import Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols

beta1, beta2, step, dim, update_ms = symbols("beta1 beta2 step dim update_ms")
MOMENTUM_MS = (1 - beta2) / (1 + beta2)
MIXTURE_MS = beta1**2 * MOMENTUM_MS + (1 - beta1) ** 2
# Correlation of the mixtures k steps apart: FIRST * beta2^k, for k >= 1.
FIRST = (beta1**2 * MOMENTUM_MS + beta1 * (1 - beta1) * (1 - beta2) / beta2) / MIXTURE_MS
u, g, i = sp.IndexedBase("u"), sp.IndexedBase("g"), sp.Idx("i")


def mixture_steps() -> tuple[Step, ...]:
    """Return the steps to the correlation of mixtures k + 1 steps apart."""
    later, square = sp.Function("X"), sp.Function("V")
    total = (i, 1, dim)
    start = beta1 * (beta2 * MOMENTUM_MS * beta1 + (1 - beta2) * (1 - beta1))
    return (
        Step(
            "momentum_recursion",
            "definition",
            sp.And(_eq(square(0), 0), _eq(square(step + 1), beta2**2 * square(step) + (1 - beta2) ** 2)),
            "Mean square of the momentum m' = beta2 m + (1 - beta2) g, g fresh and in units of sigma.",
        ),
        Step(
            "warm_up",
            "solution",
            _eq(square(step), MOMENTUM_MS * (1 - beta2 ** (2 * step))),
            "Induction.",
            Induction(),
        ),
        Step(
            "mixture",
            "equality",
            _eq(
                sp.Sum((beta1 * u[i] + (1 - beta1) * g[i]) ** 2, total),
                beta1**2 * sp.Sum(u[i] ** 2, total)
                + 2 * beta1 * (1 - beta1) * sp.Sum(u[i] * g[i], total)
                + (1 - beta1) ** 2 * sp.Sum(g[i] ** 2, total),
            ),
            "Square of the mixture c = beta1 m + (1 - beta1) g of Lion; u stands for m.",
            Termwise(),
        ),
        Step(
            "mixture_ms",
            "solution",
            solved(_eq(update_ms - beta1**2 * MOMENTUM_MS, (1 - beta1) ** 2), update_ms, MIXTURE_MS),
            "Its mean, with a warm momentum.",
            Root(update_ms, sp.S.One),
        ),
        Step(
            "next_momentum",
            "equality",
            _eq(
                sp.Sum((beta1 * u[i] + (1 - beta1) * g[i]) * (beta2 * u[i] + (1 - beta2) * g[i]), total),
                beta1 * beta2 * sp.Sum(u[i] ** 2, total)
                + (beta1 * (1 - beta2) + (1 - beta1) * beta2) * sp.Sum(u[i] * g[i], total)
                + (1 - beta1) * (1 - beta2) * sp.Sum(g[i] ** 2, total),
            ),
            "Product of the mixture with the momentum after its step.",
            Termwise(),
        ),
        Step(
            "later_mixtures",
            "definition",
            sp.And(_eq(later(0), start), _eq(later(step + 1), beta2 * later(step))),
            "Mean product of a mixture with the one k + 1 steps on: beta1 times that with the momentum, of which each "
            "further step keeps beta2.",
        ),
        Step("later_solved", "solution", _eq(later(step), start * beta2**step), "Induction.", Induction()),
        Step(
            "lag_correlation",
            "equality",
            _eq(later(step) / MIXTURE_MS, FIRST * beta2 ** (step + 1)),
            "Correlation of mixtures k + 1 steps apart.",
            Identity(using=("later_solved",)),
        ),
    )
