"""Mixtures of momentum and gradient, Lion's or Nesterov's: their mean square, and how they are correlated."""

from __future__ import annotations

import sympy as sp

from derivations.prover.rules import Identity, Induction, Root, Termwise
from derivations.step import Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols

beta1, beta2, step, dim, update_ms = symbols("beta1 beta2 step dim update_ms")
u, g, i = sp.IndexedBase("u"), sp.IndexedBase("g"), sp.Idx("i")


def momentum_ms(kept: sp.Expr) -> sp.Expr:
    """Return the mean square of a momentum that keeps this share of itself in a step."""
    return (1 - kept) / (1 + kept)


def mixture_ms(share: sp.Expr, kept: sp.Expr) -> sp.Expr:
    """Return the mean square of a mixture with this share of momentum."""
    return share**2 * momentum_ms(kept) + (1 - share) ** 2


MIXTURE_MS = mixture_ms(beta1, beta2)
# Correlation of Lion's mixtures k steps apart: FIRST * beta2^k, for k >= 1.
FIRST = (beta1**2 * momentum_ms(beta2) + beta1 * (1 - beta1) * (1 - beta2) / beta2) / MIXTURE_MS


def mixture_steps(
    mixed: sp.Expr = beta1,
    kept: sp.Expr = beta2,
    first: sp.Expr = FIRST,
    words: tuple[str, str, str] = ("c = beta1 m + (1 - beta1) g of Lion", "beta1", "beta2"),
) -> tuple[Step, ...]:
    """Return the steps to the correlation of mixtures k + 1 steps apart.

    Parameters
    ----------
    mixed : sympy.Expr
        Share of the momentum in the mixture.
    kept : sympy.Expr
        Share of itself that the momentum keeps in a step.
    first : sympy.Expr
        The correlation of mixtures k steps apart is `first` times `kept` to the k.
    words : tuple of str
        The mixture, its share and what the momentum keeps, as the steps write them.
    """
    mixture, share_written, kept_written = words
    own, now = momentum_ms(kept), mixture_ms(mixed, kept)
    later, square = sp.Function("X"), sp.Function("V")
    total = (i, 1, dim)
    start = mixed * (kept * own * mixed + (1 - kept) * (1 - mixed))
    return (
        Step(
            "momentum_recursion",
            sp.And(_eq(square(0), 0), _eq(square(step + 1), kept**2 * square(step) + (1 - kept) ** 2)),
            f"Mean square of the momentum m' = {kept_written} m + (1 - {kept_written}) g, g fresh and in units of "
            "sigma.",
        ),
        Step(
            "warm_up",
            _eq(square(step), own * (1 - kept ** (2 * step))),
            "Induction.",
            Induction(),
        ),
        Step(
            "mixture",
            _eq(
                sp.Sum((mixed * u[i] + (1 - mixed) * g[i]) ** 2, total),
                mixed**2 * sp.Sum(u[i] ** 2, total)
                + 2 * mixed * (1 - mixed) * sp.Sum(u[i] * g[i], total)
                + (1 - mixed) ** 2 * sp.Sum(g[i] ** 2, total),
            ),
            f"Square of the mixture {mixture}; u stands for m.",
            Termwise(),
        ),
        Step(
            "mixture_ms",
            solved(_eq(update_ms - mixed**2 * own, (1 - mixed) ** 2), update_ms, now),
            "Its mean, with a warm momentum.",
            Root(update_ms, sp.S.One),
        ),
        Step(
            "next_momentum",
            _eq(
                sp.Sum((mixed * u[i] + (1 - mixed) * g[i]) * (kept * u[i] + (1 - kept) * g[i]), total),
                mixed * kept * sp.Sum(u[i] ** 2, total)
                + (mixed * (1 - kept) + (1 - mixed) * kept) * sp.Sum(u[i] * g[i], total)
                + (1 - mixed) * (1 - kept) * sp.Sum(g[i] ** 2, total),
            ),
            "Product of the mixture with the momentum after its step.",
            Termwise(),
        ),
        Step(
            "later_mixtures",
            sp.And(_eq(later(0), start), _eq(later(step + 1), kept * later(step))),
            f"Mean product of a mixture with the one k + 1 steps on: {share_written} times that with the momentum, of "
            f"which each further step keeps {kept_written}.",
        ),
        Step("later_solved", _eq(later(step), start * kept**step), "Induction.", Induction()),
        Step(
            "lag_correlation",
            _eq(later(step) / now, first * kept ** (step + 1)),
            "Correlation of mixtures k + 1 steps apart.",
            Identity(using=("later_solved",)),
        ),
    )
