"""L2 on the factors of a product: the nuclear norm for two of them, a jump to nothing for three and more."""

from __future__ import annotations

import sympy as sp

from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.laws.shared.openings import STEP_DECAY, decay_per_step
from derivations.prover.rules import (
    Identity,
    Monotone,
    NonNegativeGap,
    PositiveAxis,
    Root,
    Tightness,
    UnitInterval,
)
from derivations.scope import Scope
from derivations.step import Assumption, Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols

eta, lmbda, n, epsilon, a, y, z, c, t, x = symbols("eta lmbda n epsilon a y z c t x")
target, weight, product, N, extra = symbols("target_singular layer_weight product factors extra_factors")
L = lmbda / n
pair, pull, chain, shape = (sp.Function(name) for name in ("C", "D", "K", "h"))
SMALL, MANY = STEP_DECAY < 1, N > 2
KEPT, LOST = L < target, sp.Ge(L, target)
PULL = (target - weight**N) * weight ** (N - 2)
FOLD = target * (N - 2) / (N - 1) / 2
TIE = target * (N - 2) / (N - 1)
HELD_MOST = n * N * target / (N - 1) / 2 * FOLD ** ((N - 2) / N)
TIED = n * target / (N - 1) * TIE ** ((N - 2) / N)
TRAP = (L / target) ** (1 / (N - 2))
AT_REST = _eq(lmbda, n * PULL)
MEET = _eq(lmbda, n * (target - a**2 * z) * z)
EXPONENT = (N - 2) / N


def _pair() -> tuple[Step, ...]:
    cost, moved = pair(a, y), (1 - epsilon) * a - eta * (a * y - target) * y
    other = (1 - epsilon) * y - eta * (a * y - target) * a
    kept = (1 - epsilon) ** 2 - eta**2 * (a * y - target) ** 2
    penalty = (product - target) ** 2 / 2 + L * product
    return (
        decay_per_step(),
        Step(
            "cost",
            _eq(cost, (a * y - target) ** 2 / 2 + L / 2 * (a**2 + y**2)),
            "One singular direction of |A B - M|^2/2 + lmbda/(2n) (|A|^2 + |B|^2): M has the singular value s there, A "
            "and B the entries a and y. Where A and B are diagonal in the directions of M, each adds such a term.",
        ),
        Step(
            "slope",
            _eq(sp.Derivative(cost, a), (a * y - target) * y + L * a),
            "What gradient descent follows; the same for y with a and y exchanged.",
            Identity(),
        ),
        Step(
            "equal_at_rest",
            _eq(a * sp.Derivative(cost, a) - y * sp.Derivative(cost, y), L * (a**2 - y**2)),
            "Where both slopes vanish the left side does: a^2 = y^2.",
            Identity(),
        ),
        Step(
            "means",
            sp.Le(2 * a * y, a**2 + y**2, evaluate=False),
            "The geometric mean is not above the arithmetic one. With -y for y the same holds for |a y|.",
            NonNegativeGap((a - y) ** 2, (), Tightness(a, (a - y) ** 2, y)),
        ),
        Step(
            "nuclear",
            sp.Le((a * y - target) ** 2 / 2 + L * a * y, cost, evaluate=False),
            "So the cost of a product p = a y is at least (p - s)^2/2 + lmbda/n |p|, and is that where a = y: the sum "
            "over directions of |p| is the nuclear norm of the product.",
            NonNegativeGap(L / 2 * (a - y) ** 2, (), Tightness(a, L / 2 * (a - y) ** 2, y)),
        ),
        Step(
            "soft_threshold",
            solved(_eq(product - target + L, sp.S.Zero), product, target - L),
            "The slope of that in p > 0 vanishes here, and only here: the minimum, as it rises with p.",
            Root(product, sp.S.One),
        ),
        Step(
            "nothing_left",
            sp.Le(target**2 / 2, penalty, evaluate=False),
            "Where lmbda/n >= s no product p > 0 costs less than none: the direction is switched off.",
            NonNegativeGap(
                product**2 / 2 + product * (L - target), (L - target,), Tightness(product, product * (L - target))
            ),
        ),
        Step(
            "balance_step",
            _eq(moved**2 - other**2, kept * (a**2 - y**2)),
            "A step of gradient descent, exactly: the difference of squares keeps (1 - epsilon)^2 less eta^2 times the "
            "square of what the product is off.",
            Identity(),
        ),
        Step(
            "balance_at_rest",
            _eq((1 - epsilon) ** 2 - eta**2 * ((target - L) - target) ** 2, 1 - 2 * epsilon),
            "At the minimum the product is off by lmbda/n: not (1 - epsilon)^2 but 1 - 2 epsilon.",
            Identity(),
        ),
    )


def _deep() -> tuple[Step, ...]:
    cost = sp.Function("C_3")
    slopes = sp.Derivative(cost(a, y), a), sp.Derivative(cost(a, y), y)
    force = sp.Function("S")
    drawn_apart = (y * z) ** 2 + L - a * y * z**2 - (a * y * z - target) * z
    curved = N * ((2 * N - 1) * weight ** (2 * N - 2) - (N - 1) * target * weight ** (N - 2) + L)
    bend = N * weight ** (N - 2) * ((2 * N - 2) * weight**N - (N - 2) * target)
    at_tie = product * ((N - 2) * target - (N - 1) * product) / 2
    return (
        Step(
            "cost_of_two_among_many",
            _eq(cost(a, y), (a * y * z - target) ** 2 / 2 + L / 2 * (a**2 + y**2)),
            "Two of N factors along one direction; z is the product of all others.",
        ),
        Step(
            "all_equal_at_rest",
            _eq(a * slopes[0] - y * slopes[1], L * (a**2 - y**2)),
            "As for two: at rest all factors have the same square.",
            Identity(),
        ),
        Step("more_than_two", _eq(N, 2 + extra), "The number of factors, from here on more than two."),
        Step(
            "chain_cost",
            _eq(chain(weight), (weight**N - target) ** 2 / 2 + N * L / 2 * weight**2),
            "N factors, all of them w > 0.",
        ),
        Step(
            "pull", _eq(pull(weight), PULL), "What the data hold against decay, per weight: see the slope of the cost."
        ),
        Step(
            "chain_slope",
            _eq(sp.Derivative(chain(weight), weight), N * weight * (L - pull(weight))),
            "So w is at rest where (s - w^N) w^(N-2) = lmbda/n, or at 0.",
            Identity(),
        ),
        Step(
            "rest",
            solved(_eq(L, (target - product) * product**EXPONENT), lmbda, n * (target - product) * product**EXPONENT),
            "The same in the product p = w^N: the decay at which it is at rest.",
            Root(lmbda, 1 / n),
        ),
        Step(
            "pull_slope",
            _eq(sp.Derivative(pull(weight), weight), weight ** (N - 3) * ((N - 2) * target - (2 * N - 2) * weight**N)),
            "The pull rises from 0 and falls again.",
            Identity(),
        ),
        Step(
            "fold",
            solved(_eq(EXPONENT * (target - product), product), product, FOLD),
            "It is greatest where (2N - 2) w^N = (N - 2) s.",
            Root(product, -(1 + EXPONENT)),
        ),
        Step("exponent", _eq(c, EXPONENT), "Of the product in the pull: (s - p) p^c."),
        Step(
            "pull_shape",
            _eq(shape(t), (1 - c * t) * (1 + t) ** c),
            "The pull over its greatest value, as a function of t: the product is 1 + t times that of the fold.",
        ),
        Step(
            "shape_is_pull",
            _eq((target - FOLD * (1 + t)) * (FOLD * (1 + t)) ** c * n, HELD_MOST * shape(t)),
            "Put in.",
            Identity(),
        ),
        Step(
            "falls_above",
            sp.Le(shape(t), 1, evaluate=False),
            "Above the fold: equal at t = 0, and the derivative of the gap is c (1 + c) t (1 + t)^(c-1) > 0.",
            Monotone(PositiveAxis(t), Tightness(t, c * (1 + c) * t**2 / 2)),
        ),
        Step(
            "rises_below",
            sp.Le((1 + c * x) * (1 - x) ** c, 1, evaluate=False),
            "Below it, t = -x: the derivative of the gap is c (1 + c) x (1 - x)^(c-1) > 0.",
            Monotone(UnitInterval(x), Tightness(x, c * (1 + c) * x**2 / 2)),
        ),
        Step(
            "most_decay",
            _eq(n * (target - FOLD) * FOLD**EXPONENT, HELD_MOST),
            "The pull at the fold. By the two bounds no product but 0 is at rest under a larger lmbda: from w^N = "
            "s (N-2)/(2N-2) it jumps to nothing.",
            Identity(),
        ),
        Step(
            "curvature",
            _eq(sp.Derivative(N * weight * (L - pull(weight)), weight), curved),
            "Curvature of the cost along w.",
            Identity(),
        ),
        Step(
            "stable",
            _eq(curved, bend),
            "At rest: positive above the fold, negative below. Of the two products at rest under "
            "one lmbda the larger is a minimum, the smaller the pass between it and the origin.",
            Identity(given=(AT_REST,)),
        ),
        Step(
            "slope_of_one",
            _eq(force(a, y), (a * y * z - target) * y * z + L * a),
            "The slope of the cost by one of two factors among many.",
        ),
        Step(
            "across",
            _eq(sp.Derivative(force(a, y), a) - sp.Derivative(force(a, y), y), drawn_apart),
            "How it changes as the two draw apart.",
            Identity(),
        ),
        Step(
            "stable_across",
            _eq(drawn_apart.subs(y, a), 2 * L),
            "At rest the two are equal: positive, so that differences of factors die out as for two, by 1 - 2 epsilon "
            "per step.",
            Identity(given=(MEET,)),
        ),
        Step(
            "trap",
            sp.Le(pull(weight), target * weight ** (N - 2), evaluate=False),
            "Where w is small, so is the pull.",
            NonNegativeGap(weight ** (2 * N - 2), (), Tightness(weight, weight ** (2 * N - 2))),
        ),
        Step(
            "trap_radius",
            solved(_eq(target * weight ** (N - 2), L), weight, TRAP),
            "Below this w the cost rises with w whatever the depth: all that starts there decays to nothing, though a "
            "minimum of less cost may exist.",
            Root(weight, target * (N - 2) * weight ** (N - 3)),
        ),
        Step(
            "worth",
            _eq(
                (product - target) ** 2 / 2 + N / 2 * (target - product) * product - target**2 / 2,
                at_tie,
            ),
            "What a product at rest costs more than the origin, with lmbda put in from rest.",
            Identity(),
        ),
        Step(
            "tie",
            solved(_eq((N - 2) * (target - product), product), product, TIE),
            "Equal costs: from here on down the origin is the lower one.",
            Root(product, -(N - 1)),
        ),
        Step(
            "tied_decay",
            _eq(n * (target - TIE) * TIE**EXPONENT, TIED),
            "The lmbda of that: between it and the jump what was trained is a minimum, but not the lowest.",
            Identity(),
        ),
    )


def _formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    one, deep = "1", (MANY,)
    return (
        Formula.of(
            steps,
            "singular_value",
            (target, lmbda, n),
            "singular value of the product A B",
            one,
            "soft_threshold",
            (KEPT,),
        ),
        Formula.of(
            steps,
            "balance_factor",
            (eta, lmbda, n),
            "factor per step of the difference of squares of two factors, at the minimum",
            one,
            "balance_at_rest",
            (SMALL,),
        ),
        Formula.of(
            steps,
            "lmbda_at_product",
            (target, product, n, N),
            "lmbda at which a product of N factors is at rest",
            one,
            "rest",
            (MANY, product < target),
        ),
        Formula.of(
            steps, "fold_product", (target, N), "smallest product of N factors that is a minimum", one, "fold", deep
        ),
        Formula.of(
            steps, "fold_lmbda", (target, n, N), "lmbda at which the product jumps to 0", one, "most_decay", deep
        ),
        Formula.of(
            steps, "tie_lmbda", (target, n, N), "lmbda from which on the origin costs less", one, "tied_decay", deep
        ),
        Formula.of(
            steps,
            "trap_weight",
            (target, lmbda, n, N),
            "weights below this decay to 0 whatever the minimum is",
            one,
            "trap_radius",
            deep,
        ),
    )


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> formulas = build().formulas
    >>> formulas["singular_value"](target_singular=2, lmbda=50, n=100)
    1.5
    >>> round(formulas["fold_lmbda"](target_singular=1, n=1, factors=3), 4)
    0.4725
    """
    pairs, deep = _pair(), _deep()
    steps = (*pairs, *deep)
    return Derivation(
        name="factors",
        statement="L2 on the factors of a product is a penalty on the product. For two factors it is the nuclear norm: "
        "every singular value of the best A B is that of M less lmbda/n, or 0. For N > 2 a singular value w^N at rest "
        "obeys (s - w^N) w^(N-2) = lmbda/n; it exists down to w^N = s (N-2)/(2N-2) and there jumps to 0, and small "
        "weights never leave 0.",
        assumptions=(
            Assumption("The cost is |A B - M|^2/2 + lmbda/(2n) (|A|^2 + |B|^2), or the same with N factors."),
            Assumption(
                "The factors are diagonal in the singular directions of M, so that each direction is on its own. That "
                "the best factors are so is von Neumann's trace inequality, which is not proved here."
            ),
            Assumption("A step removes less than the whole weight: eta lmbda/n < 1.", SMALL, ("balance_at_rest",)),
            Assumption("Decay is below the singular value.", KEPT, ("soft_threshold",)),
            Assumption("Decay is not below the singular value.", LOST, ("nothing_left",)),
            Assumption("At rest: (s - w^N) w^(N-2) = lmbda/n.", AT_REST, ("stable",)),
            Assumption("Two equal factors at rest: (s - a^2 z) z = lmbda/n.", MEET, ("stable_across",)),
            Assumption("Below the fold the share that is missing is below 1.", x < 1, ("rises_below",)),
        ),
        steps=steps,
        formulas={formula.name: formula for formula in _formulas(steps)},
        scope=Scope(("sgd",), "linear"),
        without_decay={},
        validity=(
            Assumption("eta lmbda < n.", SMALL),
            Assumption(
                "Linear factors with nothing between them. Where inputs have covariance I a linear network with the "
                "mean squared error is such a product, M being what least squares gives."
            ),
            Assumption("Gradient descent: noise adds of the order of eta to every value."),
        ),
        references=(
            "S. Kobayashi, Y. Akram, J. von Oswald, arXiv 2410.23819: L2 on two factors is the nuclear norm, also "
            "in the attention layers of transformers [abstract read]; derived here.",
            "L. Ziyin, B. Li, X. Meng, arXiv 2202.04777, and L. Ziyin, M. Ueda, arXiv 2205.12510: deep linear "
            "networks, and the jump from depth 3 on [ids remembered]; derived here.",
            "Z. Wang, A. Jacot, arXiv 2305.16038: noise takes deep factors from high to low rank, and never back "
            "[abstract read].",
        ),
        ranges={extra: (0.2, 4), target: (0.2, 5), product: (0.05, 3), weight: (0.2, 2), t: (0.05, 3), x: (0.05, 0.9)},
    )
