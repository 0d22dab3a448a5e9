"""A6: the noise floor where every epoch goes once through all examples, and its limits at a fixed decay per epoch."""

from __future__ import annotations

from derivations.derivation import Derivation
from derivations.laws.shuffling import exact as exact
from derivations.laws.shuffling import limits as limits
from derivations.laws.shuffling.exact import M, eta, lmbda, m, n
from derivations.laws.shuffling.limits import x
from derivations.scope import Scope
from derivations.step import Assumption
from derivations.without_decay import WithoutDecay

PARTS = (exact, limits)


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> f"{build().formulas['end_ratio'](eta=0.1, lmbda=5, m=10, steps_per_epoch=5000):.4e}"
    '2.0828e-04'
    """
    steps = tuple(one for part in PARTS for one in part.steps())
    return Derivation(
        name="shuffling",
        statement="Where every epoch goes once through all examples, their noise cancels up to what decay forgets "
        "inside an epoch: relative to independent draws the variance at the end of an epoch is "
        "1 - (2/kappa) tanh(kappa/2), about kappa^2/12, its average over an epoch about kappa/3 and its "
        "largest value, in mid-epoch, about kappa/2.",
        assumptions=(
            Assumption("A step removes less than the whole weight: eta lmbda/n < 1.", exact.SMALL),
            Assumption("An example's gradient does not depend on the weight: no curvature."),
            Assumption("Every epoch is a fresh random order; its batches are equally large."),
            Assumption("More than one example.", n > 1),
            Assumption("More than one batch an epoch.", M > 1),
            Assumption("A share of an epoch is at most 1.", x <= 1),
            Assumption(
                "An epoch has M steps of m examples each: n = M m.", limits.BATCHES, ("ratio_in_kappa", "inside_exact")
            ),
        ),
        steps=steps,
        formulas={formula.name: formula for part in PARTS for formula in part.formulas(steps)},
        scope=Scope(("sgd",), "constant", ("reshuffle",)),
        scopes={"batch_variance": Scope((), "constant", ("reshuffle",))},
        without_decay={
            "variance_at_epoch_end": WithoutDecay(words="a weight keeps the variance that it starts with"),
            "variance_inside": WithoutDecay(words="the end of an epoch keeps the variance that a weight starts with"),
            "inside_ratio": WithoutDecay(limits.INSIDE_STABLE, "inside_stable"),
        },
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
