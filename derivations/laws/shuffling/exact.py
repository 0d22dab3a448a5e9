"""Shuffled epochs, exactly: what the batches of an epoch bring, and the variance at which the ends of epochs settle."""

from __future__ import annotations

import sympy as sp

from derivations.formula import Formula
from derivations.functions.gaps import tanh_gap
from derivations.laws.shared.openings import STEP_DECAY, decay_per_step
from derivations.laws.shuffling.textbook import TextbookIdentity
from derivations.prover.rules import Identity, Induction, Root
from derivations.step import Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols

eta, lmbda, n, m, epsilon, kappa, q, M, step, c = symbols("eta lmbda n m epsilon kappa q steps_per_epoch step c")
V, weight_var_0, gradient_std, epochs_made, log_decay, x = symbols(
    "batch_noise weight_var_0 gradient_std epochs_made log_decay epoch_share"
)
SMALL = STEP_DECAY < 1
BATCH_VARIANCE = gradient_std**2 * (n - m) / (m * (n - 1))
SCALE = eta**2 * V * M / (M - 1)


def geometric(power: int, steps: sp.Expr) -> sp.Expr:
    """Return 1 + q^p + ... over that many steps."""
    return (1 - q ** (power * steps)) / (1 - q**power)


BRACKET = geometric(2, step) - geometric(1, step) ** 2 / M
END = SCALE * (1 / (1 - q**2) - (1 - q**M) / ((1 + q**M) * (1 - q) ** 2 * M))
WITHIN = q ** (2 * step) * END + SCALE * BRACKET
RATIO = M / (M - 1) * (1 - (1 + q) * (1 - q**M) / (M * (1 - q) * (1 + q**M)))
HALF = log_decay / 2
RATIO_STABLE = M / (M - 1) * (tanh_gap(M * HALF) - tanh_gap(HALF)) / (1 - tanh_gap(HALF))
FLOOR = eta**2 * V / (epsilon * (2 - epsilon))
END_STABLE = FLOOR * RATIO_STABLE
# What the first x M steps have brought: a sum of positive terms, where BRACKET is a small difference of large ones.
LEFT_2 = sp.exp(-4 * x * M * HALF)
BROUGHT_STABLE = (1 - LEFT_2) * (1 - x + x * (tanh_gap(x * M * HALF) - tanh_gap(HALF)) / (1 - tanh_gap(HALF)))
WITHIN_STABLE = FLOOR * (LEFT_2 * RATIO_STABLE + M / (M - 1) * BROUGHT_STABLE)


def steps() -> tuple[Step, ...]:
    """Return the steps."""
    weighted, grown, within, end = (sp.Function(name) for name in "AUXY")
    rule = q**2 * grown(step) + V - 2 * q * V / (M - 1) * geometric(1, step)
    return (
        decay_per_step(),
        Step("decay_per_epoch", _eq(kappa, eta * lmbda / m), "The same, added up over an epoch."),
        Step("factor_per_step", _eq(q, 1 - epsilon), "What it leaves."),
        Step("log_decay", _eq(log_decay, -sp.log(1 - epsilon)), "The same as a rate: q = exp(-a)."),
        Step(
            "pair_of_examples",
            solved(_eq(n * gradient_std**2 - n * (n - 1) * c, 0), c, gradient_std**2 / (n - 1)),
            "The deviations of all n examples add up to 0, so their sum has no variance. Two examples drawn without "
            "replacement have the covariance -c, the same for all pairs.",
            Root(c, -n * (n - 1), (n - 1,)),
        ),
        Step(
            "batch_variance",
            _eq((m * gradient_std**2 - m * (m - 1) * gradient_std**2 / (n - 1)) / m**2, BATCH_VARIANCE),
            "The mean of m of them.",
            Identity(),
        ),
        Step(
            "pair_of_batches",
            solved(_eq(M * V - M * (M - 1) * c, 0), c, V / (M - 1)),
            "In the same way: the M batches of an epoch hold all examples; two have the covariance -V/(M-1).",
            Root(c, -M * (M - 1), (M - 1,)),
        ),
        Step(
            "weights_of_batches",
            sp.And(_eq(weighted(0), 0), _eq(weighted(step + 1), q * weighted(step) + 1)),
            "How strongly the batches so far count in the weight, added up.",
        ),
        Step("weights_added", _eq(weighted(step), geometric(1, step)), "Induction.", Induction()),
        Step(
            "growth",
            sp.And(_eq(grown(0), 0), _eq(grown(step + 1), rule)),
            "Variance that the batches of one epoch have brought, in units of eta^2: the next batch brings its own and "
            "twice its covariance with all before it, weighted by weights_added.",
        ),
        Step("grown", _eq(grown(step), V * M / (M - 1) * BRACKET), "Induction.", Induction()),
        Step(
            "epochs",
            sp.And(
                _eq(end(0), weight_var_0),
                _eq(end(epochs_made + 1), q ** (2 * M) * end(epochs_made) + SCALE * BRACKET.subs(step, M)),
            ),
            "Epochs are shuffled independently of each other.",
        ),
        Step(
            "ends_of_epochs",
            _eq(end(epochs_made), END + q ** (2 * M * epochs_made) * (weight_var_0 - END)),
            "Induction over the epochs.",
            Induction(),
        ),
        Step(
            "inside",
            sp.And(
                _eq(within(0), END),
                _eq(
                    within(step + 1),
                    q**2 * within(step) + eta**2 * (V - 2 * q * V / (M - 1) * geometric(1, step)),
                ),
            ),
            "Inside an epoch, k up to M, once the ends have settled.",
        ),
        Step("variance_inside", _eq(within(step), WITHIN), "Induction over the steps.", Induction()),
        Step(
            "ratio",
            _eq(END / (eta**2 * V / (1 - q**2)), RATIO),
            "Relative to independent batches of the same variance.",
            Identity(),
        ),
        Step(
            "ratio_stable",
            _eq(RATIO_STABLE, M / (M - 1) * (1 - sp.tanh(M * HALF) / (M * sp.tanh(HALF)))),
            "Written so that it can be computed,",
            TextbookIdentity(keep=True),
        ),
        Step(
            "ratio_in_tanh",
            _eq(M / (M - 1) * (1 - sp.tanh(M * HALF) / (M * sp.tanh(HALF))), RATIO),
            "the same as ratio.",
            TextbookIdentity(),
        ),
        Step(
            "end_stable",
            _eq(END_STABLE, END),
            "With the variance of independent batches.",
            TextbookIdentity(),
        ),
        Step(
            "within_stable",
            _eq(WITHIN_STABLE, WITHIN.subs(step, x * M)),
            "The same inside an epoch, after k = x M steps of it.",
            TextbookIdentity(),
        ),
    )


def formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    """Return the formulas."""
    small = (SMALL, M > 1)
    return (
        Formula.of(
            steps,
            "batch_variance",
            (gradient_std, n, m),
            "variance of the mean of m of n examples, drawn without replacement",
            "1",
            "batch_variance",
            (n > m,),
        ),
        Formula.of(
            steps,
            "variance_at_epoch_end",
            (V, eta, lmbda, n, M),
            "variance of a settled weight at the end of an epoch",
            "1",
            "end_stable",
            small,
            side="left",
        ),
        Formula.of(
            steps,
            "variance_inside",
            (V, eta, lmbda, n, M, x),
            "variance of a settled weight after a share x of an epoch, x M whole",
            "1",
            "within_stable",
            (*small, x <= 1),
            side="left",
        ),
        Formula.of(
            steps,
            "end_ratio_exact",
            (eta, lmbda, n, M),
            "the same relative to independent batches",
            "1",
            "ratio_stable",
            small,
            side="left",
        ),
    )
