"""Lion: steps by the sign of a mixture of momentum and gradient; the weights it sustains, and its box."""

from __future__ import annotations

import sympy as sp

from derivations.box import box_steps
from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.proofs import Identity, Induction, MeasuredError, Root, Termwise
from derivations.sign_momentum import SIGNS, arcsine_law, at_rest, norm_budget, settled
from derivations.step import Assumption, Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols

eta, lmbda, n, epsilon, beta1, beta2, step, dim = symbols("eta lmbda n epsilon beta1 beta2 step dim")
momentum_ms, update_ms, correlation, weight_rms = symbols("momentum_ms update_ms correlation weight_rms")
weight_abs, weight_abs_0, a, y = symbols("weight_abs weight_abs_0 a y")
DECAY = eta * lmbda / n
SMALL = DECAY < 1
AVERAGE = beta1 < 1
MEMORY = beta2 < 1
MOMENTUM_MS = (1 - beta2) / (1 + beta2)
MIXTURE_MS = beta1**2 * MOMENTUM_MS + (1 - beta1) ** 2
# Correlation of the mixtures k steps apart: FIRST * beta2^k, for k >= 1.
FIRST = (beta1**2 * MOMENTUM_MS + beta1 * (1 - beta1) * (1 - beta2) / beta2) / MIXTURE_MS
ONE = sp.S.One
w, u, g, i = sp.IndexedBase("w"), sp.IndexedBase("u"), sp.IndexedBase("g"), sp.Idx("i")


def _mixtures() -> tuple[Step, ...]:
    later, square = sp.Function("X"), sp.Function("V")
    total = (i, 1, dim)
    start = beta1 * (beta2 * MOMENTUM_MS * beta1 + (1 - beta2) * (1 - beta1))
    return (
        Step("decay_per_step", "definition", _eq(epsilon, DECAY), "The share of a weight that one step removes."),
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


def _steps() -> tuple[Step, ...]:
    return (
        *_mixtures(),
        *arcsine_law(),
        *norm_budget(),
        Step(
            "weight_rms",
            "solution",
            at_rest(DECAY, FIRST, beta2),
            "The budget at rest, with the arcsine law for signs k steps apart.",
            Root(weight_rms, 2 * weight_rms * DECAY * (1 + (1 - DECAY)), (1 - DECAY,)),
        ),
        Step(
            "mean_field",
            "approximation",
            _eq(settled(epsilon, FIRST, beta2), _mean_field(epsilon)),
            "Signs taken to be as correlated as the mixtures: the sum over lags is geometric.",
            MeasuredError(
                epsilon,
                1e-4,
                1e-2,
                0.229,
                2,
                ((beta1, 0.5, 0.9), (beta2, 0.8, 0.95)),
                (0.16265936, 0.17034862, 0.17765956, 0.2163695, 0.1598197, 0.15992662, 0.17530757, 0.21141281),
            ),
        ),
        *box_steps(ONE),
    )


def _mean_field(share: sp.Expr) -> sp.Expr:
    forgets = 1 - beta2 + share * beta2
    return eta * sp.sqrt((1 + 2 * FIRST * (1 - share) * beta2 / forgets) / (share * (2 - share)))


def _formulas() -> tuple[Formula, ...]:
    one = "1"
    both = (AVERAGE, MEMORY)
    return (
        Formula(
            "lag_correlation",
            FIRST * beta2 ** (step + 1),
            (beta1, beta2, step),
            "correlation of the mixtures k + 1 steps apart",
            one,
            "lag_correlation",
            both,
        ),
        Formula(
            "mixture_ms",
            MIXTURE_MS,
            (beta1, beta2),
            "mean square of the mixture, for gradients of variance 1",
            one,
            "mixture_ms",
            both,
        ),
        Formula(
            "sign_correlation",
            SIGNS,
            (correlation,),
            "mean product of the signs of two Gaussians",
            one,
            "arcsine_law",
            (correlation < 1,),
        ),
        Formula(
            "weight_rms",
            settled(DECAY, FIRST, beta2),
            (eta, lmbda, n, beta1, beta2),
            "rms of the weights",
            one,
            "weight_rms",
            (SMALL, AVERAGE, beta2 <= sp.Rational(995, 1000)),
        ),
        Formula(
            "weight_rms_mean_field",
            _mean_field(DECAY),
            (eta, lmbda, n, beta1, beta2),
            "the same if signs were as correlated as mixtures",
            one,
            "mean_field",
            (SMALL, *both),
        ),
        Formula(
            "weight_bound_after",
            (1 - DECAY) ** step * weight_abs_0 + (1 - (1 - DECAY) ** step) * n / lmbda,
            (eta, lmbda, n, step, weight_abs_0),
            "what |w| cannot exceed after k steps, for any gradients",
            one,
            "box_bound",
            (SMALL,),
        ),
    )


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> round(build().formulas["mixture_ms"](beta1=0.9, beta2=0.99), 6)
    0.01407
    """
    return Derivation(
        name="lion",
        statement="On noise Lion's mixtures k steps apart have the correlation rho_k = r beta2^k: weights settle "
        "where w_rms^2 = eta^2/(epsilon (2 - epsilon)) (1 + (4/pi) sum over k >= 1 of (1 - epsilon)^k arcsin rho_k). "
        "Whatever the gradients, |w| - n/lmbda shrinks by 1 - epsilon a step.",
        assumptions=(
            Assumption("w' = (1 - eta lmbda/n) w - eta sign(beta1 m + (1 - beta1) g), m' = beta2 m + (1 - beta2) g."),
            Assumption("A step removes less than the whole weight: eta lmbda/n < 1.", SMALL),
            Assumption("beta1 < 1.", AVERAGE),
            Assumption("beta2 < 1.", MEMORY),
            Assumption("For the steady state: independent Gaussian gradients, whatever the weights; m is warm."),
            Assumption("The two Gaussians are not the same.", 1 - correlation**2 > 0),
            Assumption("|a| <= |w| before the step.", a <= weight_abs, ("from_above",)),
            Assumption("|a| <= |w| before the step.", -a <= weight_abs, ("from_below",)),
            Assumption("A sign is at most 1.", -y <= 1, ("from_above",)),
            Assumption("A sign is at most 1.", y <= 1, ("from_below",)),
        ),
        steps=_steps(),
        formulas={formula.name: formula for formula in _formulas()},
        validity=(
            Assumption("eta lmbda < n.", SMALL),
            Assumption("Steady state: Gaussian gradients. The computed sum has 4096 lags: beta2 <= 0.995."),
        ),
        references=(
            "Chen et al. 2310.05898 [abstract read]: Lion solves a problem in the box |w| <= n/lmbda; proved here.",
            "Kosson et al. 2305.17212 [code]: a mean-field norm; the arcsine form is derived here.",
        ),
        ranges={
            eta: (1e-3, 1e-1),
            lmbda: (0.1, 1),
            n: (10, 1000),
            beta1: (0.1, 0.9),
            beta2: (0.3, 0.7),
            correlation: (0.05, 0.95),
            y: (0.1, 3),
        },
    )
