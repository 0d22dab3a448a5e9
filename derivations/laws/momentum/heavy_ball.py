"""Heavy ball without noise: its update, the roots of its recurrence, the path of a weight, critical damping."""

from __future__ import annotations

import sympy as sp

from derivations.formula import Formula
from derivations.laws.shared.for_any import IdentityForAny
from derivations.laws.shared.openings import STEP_DECAY, decay_per_epoch
from derivations.laws.shared.taylor_below_one import TaylorBelowOne
from derivations.prover.measured import MeasuredError
from derivations.prover.rules import Identity, Root, Taylor
from derivations.step import Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols

eta, lmbda, n, m, epsilon, kappa, step, steps_per_epoch, w_0 = symbols(
    "eta lmbda n m epsilon kappa step steps_per_epoch w_0"
)
mu, slow, fast, root_gap, a, y, gradient = symbols("momentum slow_root fast_root root_gap a y gradient")
BATCHES = _eq(n, steps_per_epoch * m)
CRITICAL = (1 - sp.sqrt(mu)) ** 2
OVERDAMPED = STEP_DECAY < CRITICAL
CRITICAL_LMBDA = n * CRITICAL / eta
TRACE, KEPT = 1 + mu - epsilon, 1 - epsilon
SQUARE = (1 - mu) ** 2 - 2 * (1 + mu) * epsilon + epsilon**2
velocity, weight, decayed = sp.Function("F"), sp.Function("H"), sp.Function("W")


def slow_of(trace: sp.Expr, gap: sp.Expr) -> sp.Expr:
    """Return the larger root without cancellation, where (1 - r)(1 - r') = epsilon."""
    return 1 - 2 * epsilon / (2 - trace + gap)


def fast_of(trace: sp.Expr, product: sp.Expr, gap: sp.Expr) -> sp.Expr:
    """Return the smaller root without cancellation."""
    return 2 * product / (trace + gap)


SLOW = slow_of(TRACE, sp.sqrt(SQUARE))
PATH = w_0 * (slow * (1 - fast) * slow**step - fast * (1 - slow) * fast**step) / root_gap
OVERDAMPED_STEPS = (
    "sum_of_roots", "product_of_roots", "difference_of_roots", "start", "first_step", "loop", "slow_series",
    "log_series", "factor", "factor_leading", "leading_off", "slow_root", "fast_root", "weight_path",
)  # fmt: skip


def _polynomial(r: sp.Expr) -> sp.Expr:
    return r**2 - TRACE * r + mu


def _path() -> tuple[Step, ...]:
    free = (slow, fast, root_gap)
    return (
        Step(
            "decay_per_step",
            _eq(epsilon, STEP_DECAY),
            "The share of a weight that a step without momentum removes.",
        ),
        decay_per_epoch(),
        Step(
            "velocity",
            _eq(velocity(a, y, gradient), mu * y + lmbda / n * a + gradient),
            "Heavy ball: the next velocity, from the weight a, the velocity y and the gradient.",
        ),
        Step(
            "weight",
            _eq(weight(a, y, gradient), a - eta * velocity(a, y, gradient)),
            "The next weight.",
        ),
        Step(
            "elimination",
            _eq(weight(weight(a, y, 0), velocity(a, y, 0), 0), TRACE * weight(a, y, 0) - mu * a),
            "Two steps in a row without gradient, and without the velocity: r^2 - (1 + mu - epsilon) r + mu = 0.",
            Identity(),
        ),
        Step("root_gap", _eq(root_gap, sp.sqrt(SQUARE)), "What the roots will differ by."),
        Step("slow_root", _eq(slow, slow_of(TRACE, root_gap)), "The root near 1."),
        Step("fast_root", _eq(fast, fast_of(TRACE, mu, root_gap)), "The root near mu."),
        Step("sum_of_roots", _eq(slow + fast, TRACE), "They solve the equation: their sum,", Identity()),
        Step("product_of_roots", _eq(slow * fast, mu), "their product,", Identity()),
        Step("difference_of_roots", _eq(slow - fast, root_gap), "and their difference.", Identity()),
        Step("weight_path", _eq(decayed(step), PATH), "Two modes; that these are the weights:"),
        Step(
            "start",
            _eq(decayed(0), w_0),
            "they start at w_0,",
            IdentityForAny(free=free, less=(("difference_of_roots", w_0 / root_gap),)),
        ),
        Step(
            "first_step",
            _eq(decayed(1), weight(w_0, 0, 0)),
            "their first step is that of heavy ball from rest,",
            IdentityForAny(
                free=free,
                less=(
                    ("difference_of_roots", w_0 * (slow + fast - slow * fast) / root_gap),
                    ("sum_of_roots", w_0),
                    ("product_of_roots", -w_0),
                ),
            ),
        ),
        Step(
            "loop",
            _eq(decayed(step + 2), TRACE * decayed(step + 1) - mu * decayed(step)),
            "and any three in a row obey elimination, which gives all others.",
            IdentityForAny(free=free, less=(("sum_of_roots", decayed(step + 1)), ("product_of_roots", -decayed(step)))),
        ),
    )


def _rates() -> tuple[Step, ...]:
    leading = sp.exp(-kappa / (1 - mu))
    return (
        Step(
            "slow_series",
            _eq(
                SLOW,
                1
                - epsilon / (1 - mu)
                - mu * epsilon**2 / (1 - mu) ** 3
                - mu * (1 + mu) * epsilon**3 / (1 - mu) ** 5
                + sp.O(epsilon**4),
            ),
            "Taylor at 0.",
            TaylorBelowOne(parameter=mu),
        ),
        Step(
            "log_series",
            _eq(
                sp.log(SLOW),
                -epsilon / (1 - mu)
                - (1 + mu) * epsilon**2 / (2 * (1 - mu) ** 3)
                - (1 + 4 * mu + mu**2) * epsilon**3 / (3 * (1 - mu) ** 5)
                + sp.O(epsilon**4),
            ),
            "Taylor at 0.",
            TaylorBelowOne(using="slow_series", parameter=mu),
        ),
        Step(
            "factor",
            _eq(slow ** (n / m), slow ** (step + steps_per_epoch) / slow**step),
            "The slow mode over an epoch: n = M m.",
            Identity(keep=True, given=(BATCHES,)),
        ),
        Step(
            "factor_leading",
            _eq(sp.exp(kappa * sp.log(SLOW) / epsilon), leading + sp.O(epsilon)),
            "n/m is kappa/epsilon: for small epsilon momentum multiplies the rate of decay by 1/(1 - mu).",
            Taylor(using="log_series"),
        ),
        Step(
            "leading_off",
            _eq(sp.exp(kappa * sp.log(SLOW) / epsilon), leading),
            "How far that is off while epsilon is at most (1 - mu)^2/50: the rate by up to a fiftieth.",
            MeasuredError(
                mu,
                0.1,
                0.99,
                0.11,
                3,
                ((epsilon, (1 - mu) ** 2 / 1000, (1 - mu) ** 2 / 50), (kappa, (1 - mu) / 100, 5 * (1 - mu))),
                (
                    5.50472013e-6,
                    0.00275614369,
                    0.000111927061,
                    0.0575558024,
                    9.96989942e-6,
                    0.00499737027,
                    0.000207359006,
                    0.109232966,
                ),
                (mu, epsilon, kappa),
            ),
        ),
        Step(
            "slowest",
            _eq(_polynomial(1 - epsilon / (1 - mu)), mu * epsilon**2 / (1 - mu) ** 2),
            "r^2 - (1 + mu - epsilon) r + mu is positive here, and here r > sqrt mu, which lies between the roots: "
            "a step removes more than epsilon/(1 - mu),",
            Identity(),
        ),
        Step(
            "fastest",
            _eq(
                _polynomial(1 - epsilon / (1 - sp.sqrt(mu))),
                sp.sqrt(mu) * epsilon * (epsilon / (1 - sp.sqrt(mu)) ** 2 - 1),
            ),
            "and negative here, between the roots: it removes less than epsilon/(1 - sqrt mu), which is reached",
            Identity(),
        ),
        Step(
            "critical",
            _eq(SQUARE, ((1 - sp.sqrt(mu)) ** 2 - epsilon) * ((1 + sp.sqrt(mu)) ** 2 - epsilon)),
            "where the roots meet, at epsilon = (1 - sqrt mu)^2, as what stands under the root vanishes.",
            Identity(),
        ),
        Step(
            "modulus",
            _eq((TRACE / 2) ** 2 + (sp.sqrt(-SQUARE) / 2) ** 2, mu),
            "Beyond, up to (1 + sqrt mu)^2, |r|^2 = mu: more lmbda no longer speeds the decay.",
            Identity(),
        ),
        Step(
            "critical_lmbda",
            solved(_eq(STEP_DECAY, CRITICAL), lmbda, CRITICAL_LMBDA),
            "In Nielsen's symbols.",
            Root(lmbda, eta / n),
        ),
    )


def steps() -> tuple[Step, ...]:
    """Return the steps."""
    return (*_path(), *_rates())


def formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    """Return the formulas."""
    below, decay = mu < 1, (eta, lmbda, n, mu)
    valid = (below, OVERDAMPED)
    label = "heavy ball: "
    return (
        Formula.of(steps, "slow_root", decay, f"{label}factor per step of the slow mode", "1", "slow_root", valid),
        Formula.of(steps, "fast_root", decay, f"{label}factor per step of the fast mode", "1", "fast_root", valid),
        Formula.of(
            steps,
            "weight",
            (w_0, step, *decay),
            f"{label}weight after k steps of decay alone, from rest",
            "1",
            "weight_path",
            valid,
        ),
        Formula.of(
            steps,
            "per_epoch_factor",
            (eta, lmbda, n, m, mu),
            f"{label}factor of the slow mode per epoch",
            "1",
            "factor",
            valid,
            side="left",
        ),
        Formula.of(
            steps,
            "per_epoch_factor_leading",
            (eta, lmbda, m, mu),
            "the same for eta lmbda << n (1 - mu)^2",
            "1",
            "factor_leading",
            (below,),
            box="leading_off",
        ),
        Formula.of(
            steps,
            "critical_lmbda",
            (eta, n, mu),
            f"{label}lmbda beyond which a weight oscillates",
            "1",
            "critical_lmbda",
            (below,),
        ),
    )
