"""A6: the noise floor where every epoch goes once through all examples, and its limits at a fixed decay per epoch."""

from __future__ import annotations

import sympy as sp

from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.gaps import ramp_gap, tanh_gap
from derivations.proofs import Antiderivative, Identity, Induction, Root, Taylor
from derivations.proofs.gaps import TextbookIdentity
from derivations.step import Assumption, Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols

eta, lmbda, n, m, epsilon, kappa, q, M, step, c = symbols("eta lmbda n m epsilon kappa q steps_per_epoch step c")
V, weight_var_0, gradient_std, x, epochs_made, log_decay = symbols(
    "batch_noise weight_var_0 gradient_std epoch_share epochs_made log_decay"
)
DECAY = eta * lmbda / n
SMALL = DECAY < 1
BATCHES = _eq(n, M * m)
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
# q^M with M = kappa/epsilon.
KEPT = sp.exp(kappa * sp.log(1 - epsilon) / epsilon)
RATIO_KAPPA = kappa / (kappa - epsilon) * (1 - (2 - epsilon) / kappa * (1 - KEPT) / (1 + KEPT))
END_LIMIT = 1 - 2 / kappa * (1 - sp.exp(-kappa)) / (1 + sp.exp(-kappa))
TANH = (1 - sp.exp(-kappa)) / (1 + sp.exp(-kappa))
END_NEXT = END_LIMIT / kappa + TANH / kappa - 2 * sp.exp(-kappa) / (1 + sp.exp(-kappa)) ** 2
LEFT = sp.exp(-kappa * x)
BROUGHT = 1 - LEFT**2 - 2 / kappa * (1 - LEFT) ** 2
BROUGHT_NEXT = BROUGHT / kappa + kappa * x * LEFT**2 + (1 - LEFT) ** 2 / kappa - 2 * x * LEFT * (1 - LEFT)
END_STABLE = eta**2 * V / (epsilon * (2 - epsilon)) * RATIO_STABLE
WITHIN_LIMIT = (
    sp.exp(-2 * kappa * x) * tanh_gap(kappa / 2)
    + 1
    - sp.exp(-2 * kappa * x)
    - 2 / kappa * (1 - sp.exp(-kappa * x)) ** 2
)


def _steps() -> tuple[Step, ...]:
    weighted, grown, within, end = (sp.Function(name) for name in "AUXY")
    bell = sp.exp(-2 * kappa * x)
    primitive = (
        -bell / (2 * kappa) * (END_LIMIT - 1) + x - 2 / kappa * (x + 2 * sp.exp(-kappa * x) / kappa) + bell / kappa**2
    )
    rule = q**2 * grown(step) + V - 2 * q * V / (M - 1) * geometric(1, step)
    return (
        Step("decay_per_step", "definition", _eq(epsilon, DECAY), "The share of a weight that one step removes."),
        Step("decay_per_epoch", "definition", _eq(kappa, eta * lmbda / m), "The same, added up over an epoch."),
        Step("factor_per_step", "definition", _eq(q, 1 - epsilon), "What it leaves."),
        Step("log_decay", "definition", _eq(log_decay, -sp.log(1 - epsilon)), "The same as a rate: q = exp(-a)."),
        Step(
            "pair_of_examples",
            "solution",
            solved(_eq(n * gradient_std**2 - n * (n - 1) * c, 0), c, gradient_std**2 / (n - 1)),
            "The deviations of all n examples add up to 0, so their sum has no variance. Two examples drawn without "
            "replacement have the covariance -c, the same for all pairs.",
            Root(c, -n * (n - 1), (n - 1,)),
        ),
        Step(
            "batch_variance",
            "equality",
            _eq((m * gradient_std**2 - m * (m - 1) * gradient_std**2 / (n - 1)) / m**2, BATCH_VARIANCE),
            "The mean of m of them.",
            Identity(),
        ),
        Step(
            "pair_of_batches",
            "solution",
            solved(_eq(M * V - M * (M - 1) * c, 0), c, V / (M - 1)),
            "In the same way: the M batches of an epoch hold all examples; two have the covariance -V/(M-1).",
            Root(c, -M * (M - 1), (M - 1,)),
        ),
        Step(
            "weights_of_batches",
            "definition",
            sp.And(_eq(weighted(0), 0), _eq(weighted(step + 1), q * weighted(step) + 1)),
            "How strongly the batches so far count in the weight, added up.",
        ),
        Step("weights_added", "solution", _eq(weighted(step), geometric(1, step)), "Induction.", Induction()),
        Step(
            "growth",
            "definition",
            sp.And(_eq(grown(0), 0), _eq(grown(step + 1), rule)),
            "Variance that the batches of one epoch have brought, in units of eta^2: the next batch brings its own and "
            "twice its covariance with all before it, weighted by weights_added.",
        ),
        Step("grown", "solution", _eq(grown(step), V * M / (M - 1) * BRACKET), "Induction.", Induction()),
        Step(
            "epochs",
            "definition",
            sp.And(
                _eq(end(0), weight_var_0),
                _eq(end(epochs_made + 1), q ** (2 * M) * end(epochs_made) + SCALE * BRACKET.subs(step, M)),
            ),
            "Epochs are shuffled independently of each other.",
        ),
        Step(
            "ends_of_epochs",
            "solution",
            _eq(end(epochs_made), END + q ** (2 * M * epochs_made) * (weight_var_0 - END)),
            "Induction over the epochs.",
            Induction(),
        ),
        Step(
            "inside",
            "definition",
            sp.And(
                _eq(within(0), END),
                _eq(
                    within(step + 1),
                    q**2 * within(step) + eta**2 * (V - 2 * q * V / (M - 1) * geometric(1, step)),
                ),
            ),
            "Inside an epoch, once the ends have settled.",
        ),
        Step("variance_inside", "solution", _eq(within(step), WITHIN), "Induction over the steps.", Induction()),
        Step(
            "ratio",
            "equality",
            _eq(END / (eta**2 * V / (1 - q**2)), RATIO),
            "Relative to independent batches of the same variance.",
            Identity(),
        ),
        Step(
            "ratio_stable",
            "equality",
            _eq(RATIO_STABLE, M / (M - 1) * (1 - sp.tanh(M * HALF) / (M * sp.tanh(HALF)))),
            "Written so that it can be computed,",
            TextbookIdentity(keep=True),
        ),
        Step(
            "ratio_in_tanh",
            "equality",
            _eq(M / (M - 1) * (1 - sp.tanh(M * HALF) / (M * sp.tanh(HALF))), RATIO),
            "the same as ratio.",
            TextbookIdentity(),
        ),
        Step(
            "end_stable",
            "equality",
            _eq(END_STABLE, END),
            "With the variance of independent batches.",
            TextbookIdentity(),
        ),
        Step(
            "ratio_in_kappa",
            "equality",
            _eq(RATIO, RATIO_KAPPA),
            "M = kappa/epsilon.",
            Identity(given=(BATCHES,)),
        ),
        Step(
            "log_series",
            "series",
            _eq(sp.log(1 - epsilon), -epsilon - epsilon**2 / 2 + sp.O(epsilon**3)),
            "Taylor at 0.",
            Taylor(),
        ),
        Step(
            "end_limit",
            "series",
            _eq(RATIO_KAPPA, END_LIMIT + epsilon * END_NEXT + sp.O(epsilon**2)),
            "Many steps an epoch, at a fixed decay per epoch, with the first correction in epsilon = kappa/M.",
            Taylor(using="log_series"),
        ),
        Step(
            "end_ratio",
            "equality",
            _eq(tanh_gap(kappa / 2), END_LIMIT),
            "The same: 1 - (2/kappa) tanh(kappa/2).",
            TextbookIdentity(keep=True),
        ),
        Step(
            "inside_exact",
            "equality",
            _eq(
                SCALE * BRACKET / (eta**2 * V / (1 - q**2)),
                kappa / (kappa - epsilon) * (1 - q ** (2 * step) - (2 - epsilon) / kappa * (1 - q**step) ** 2),
            ),
            "What j steps of an epoch have brought, in the same units.",
            Identity(given=(BATCHES,)),
        ),
        Step(
            "inside_limit",
            "series",
            _eq(
                kappa
                / (kappa - epsilon)
                * (
                    1
                    - sp.exp(2 * kappa * x * sp.log(1 - epsilon) / epsilon)
                    - (2 - epsilon) / kappa * (1 - sp.exp(kappa * x * sp.log(1 - epsilon) / epsilon)) ** 2
                ),
                BROUGHT + epsilon * BROUGHT_NEXT + sp.O(epsilon**2),
            ),
            "The same at j = x M, for many steps an epoch.",
            Taylor(using="log_series"),
        ),
        Step(
            "inside_ratio",
            "equality",
            _eq(WITHIN_LIMIT, bell * END_LIMIT + 1 - bell - 2 / kappa * (1 - sp.exp(-kappa * x)) ** 2),
            "With what is left of the variance at the end of the epoch before.",
            TextbookIdentity(keep=True),
        ),
        Step(
            "average",
            "equality",
            _eq(
                sp.Integral(bell * END_LIMIT + 1 - bell - 2 / kappa * (1 - sp.exp(-kappa * x)) ** 2, (x, 0, 1)),
                1 - 2 / kappa + 2 * (1 - sp.exp(-kappa)) / kappa**2,
            ),
            "Averaged over the epoch.",
            Antiderivative(primitive, *(primitive.subs({x: where, kappa: eta * lmbda / m}) for where in (0, 1))),
        ),
        Step(
            "average_ratio",
            "equality",
            _eq(ramp_gap(kappa), 1 - 2 / kappa + 2 * (1 - sp.exp(-kappa)) / kappa**2),
            "Written so that it can be computed.",
            TextbookIdentity(keep=True),
        ),
    )


def _formulas() -> tuple[Formula, ...]:
    small = (SMALL, M > 1)
    exact = {log_decay: -sp.log(1 - DECAY), epsilon: DECAY}
    per_epoch = {kappa: eta * lmbda / m}
    many = (eta, lmbda, m)
    return (
        Formula(
            "batch_variance",
            BATCH_VARIANCE,
            (gradient_std, n, m),
            "variance of the mean of m of n examples, drawn without replacement",
            "1",
            "batch_variance",
            (n > m,),
        ),
        Formula(
            "variance_at_epoch_end",
            END_STABLE.subs(exact),
            (V, eta, lmbda, n, M),
            "variance of a settled weight at the end of an epoch",
            "1",
            "end_stable",
            small,
        ),
        Formula(
            "end_ratio_exact",
            RATIO_STABLE.subs(exact),
            (eta, lmbda, n, M),
            "the same relative to independent batches",
            "1",
            "ratio_stable",
            small,
        ),
        Formula(
            "end_ratio",
            tanh_gap(kappa / 2).subs(per_epoch),
            many,
            "the same for many steps an epoch",
            "1",
            "end_ratio",
        ),
        Formula(
            "inside_ratio",
            WITHIN_LIMIT.subs(per_epoch),
            (x, *many),
            "the same after a share x of an epoch",
            "1",
            "inside_ratio",
            (x <= 1,),
        ),
        Formula(
            "average_ratio",
            ramp_gap(kappa).subs(per_epoch),
            many,
            "the same averaged over an epoch",
            "1",
            "average_ratio",
        ),
    )


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> f"{build().formulas['end_ratio'](eta=0.1, lmbda=5, m=10):.4e}"
    '2.0828e-04'
    """
    return Derivation(
        name="shuffling",
        statement="Where every epoch goes once through all examples, their noise cancels up to what decay forgets "
        "inside an epoch: relative to independent draws the variance at the end of an epoch is "
        "1 - (2/kappa) tanh(kappa/2), about kappa^2/12, and its average over an epoch about kappa/3.",
        assumptions=(
            Assumption("A step removes less than the whole weight: eta lmbda/n < 1.", SMALL),
            Assumption("An example's gradient does not depend on the weight: no curvature."),
            Assumption("Every epoch is a fresh random order; its batches are equally large."),
            Assumption("More than one example.", n > 1),
            Assumption("More than one batch an epoch.", M > 1),
            Assumption("A share of an epoch is at most 1.", x < 1),
            Assumption(
                "An epoch has M steps of m examples each: n = M m.", BATCHES, ("ratio_in_kappa", "inside_exact")
            ),
        ),
        steps=_steps(),
        formulas={formula.name: formula for formula in _formulas()},
        validity=(
            Assumption("eta lmbda < n, at least two batches an epoch, m divides n."),
            Assumption("Along a direction of curvature h put lmbda + n h for lmbda, and the kappa that goes with it."),
            Assumption("Gradients that depend on the weight add a bias of order eta, which is not in here."),
        ),
        references=(
            "D. Kuehn and B. Rosenow, 2306.05300 [abstract read: noise of an epoch is anti-correlated, and weaker in "
            "flat directions]; the formulas are derived here.",
        ),
        ranges={eta: (0.05, 0.5), lmbda: (0.5, 5), n: (20, 100), m: (1, 10), M: (2, 7), x: (0.1, 0.9)},
    )
