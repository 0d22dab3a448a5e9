"""Neural collapse with decay on the last layer and on free features: singular values, balance, the end of both."""

from __future__ import annotations

import sympy as sp

from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.prover.rules import Identity, NonNegativeGap, Root, Tightness
from derivations.scope import Scope
from derivations.step import Assumption, Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols

n, a, y, z, c = symbols("n a y z c")
target, product, class_size, L_W, L_H = symbols("target_singular product class_size decay_w decay_h")
weight2, feature2 = symbols("class_weight2 class_feature2")
pair, twins = sp.Function("C"), sp.Function("E")
BOTH = sp.sqrt(L_W) * sp.sqrt(L_H)
KEPT, LOST = n * BOTH < sp.sqrt(class_size), sp.Ge(n * BOTH, sp.sqrt(class_size))


def _steps() -> tuple[Step, ...]:
    cost = pair(a, y)
    slopes = sp.Derivative(cost, a), sp.Derivative(cost, y)
    even = (sp.sqrt(L_W) * a - sp.sqrt(L_H) * y) ** 2
    meet = sp.sqrt(L_H / L_W) * y
    shared = twins(y, z)
    pulled = sp.Derivative(shared, y) - sp.Derivative(shared, z)
    penalty = (product - sp.sqrt(class_size)) ** 2 / (2 * n) + BOTH * product
    return (
        Step(
            "class_direction",
            _eq(target, sp.sqrt(class_size)),
            "One-hot targets Y of n examples, n_c of each class: Y Y^T = n_c I, so that all singular values are this.",
        ),
        Step(
            "cost",
            _eq(cost, (a * y - target) ** 2 / (2 * n) + L_W / 2 * a**2 + L_H / 2 * y**2),
            "One singular direction of |W H - Y|^2/(2n) + L_W/2 |W|^2 + L_H/2 |H|^2, W the last layer, H the features "
            "of all examples, free; a and y are the entries of W and H there. Each further direction adds such a term.",
        ),
        Step(
            "balance",
            _eq(a * slopes[0] - y * slopes[1], L_W * a**2 - L_H * y**2),
            "At rest the left side is 0: L_W a^2 = L_H y^2 in every direction, and L_W |W|^2 = L_H |H|^2.",
            Identity(),
        ),
        Step(
            "means",
            sp.Le(2 * BOTH * a * y, L_W * a**2 + L_H * y**2, evaluate=False),
            "The geometric mean is not above the arithmetic one.",
            NonNegativeGap(even, (), Tightness(a, even, meet)),
        ),
        Step(
            "nuclear",
            sp.Le((a * y - target) ** 2 / (2 * n) + BOTH * a * y, cost, evaluate=False),
            "So a product p = a y costs at least (p - sqrt(n_c))^2/(2n) + sqrt(L_W L_H) |p|, and that where the two "
            "parts are in balance.",
            NonNegativeGap(even / 2, (), Tightness(a, even / 2, meet)),
        ),
        Step(
            "singular_value",
            solved(_eq((product - sp.sqrt(class_size)) / n + BOTH, sp.S.Zero), product, sp.sqrt(class_size) - n * BOTH),
            "The slope of that in p > 0 vanishes here alone.",
            Root(product, 1 / n),
        ),
        Step(
            "collapse",
            sp.Le(class_size / (2 * n), penalty, evaluate=False),
            "Where n sqrt(L_W L_H) >= sqrt(n_c) no product costs less than none: the network says nothing.",
            NonNegativeGap(
                product**2 / (2 * n) + product / n * (n * BOTH - sp.sqrt(class_size)),
                (n * BOTH - sp.sqrt(class_size),),
                Tightness(product, product / n * (n * BOTH - sp.sqrt(class_size))),
            ),
        ),
        Step(
            "threshold",
            solved(_eq(n**2 * c, class_size), c, class_size / n**2),
            "The product c = L_W L_H from which on that is so.",
            Root(c, n**2),
        ),
        Step(
            "weight_norm",
            solved(_eq(L_W * weight2, L_H * product**2 / weight2), weight2, product * sp.sqrt(L_H) / sp.sqrt(L_W)),
            "Balance with y = p/a: the squared norm of W along one class.",
            Root(weight2, L_W + L_H * product**2 / weight2**2),
        ),
        Step(
            "feature_norm",
            solved(_eq(L_H * feature2, L_W * product**2 / feature2), feature2, product * sp.sqrt(L_W) / sp.sqrt(L_H)),
            "And of H: n_c times that of one example.",
            Root(feature2, L_H + L_W * product**2 / feature2**2),
        ),
        Step(
            "two_examples",
            _eq(shared, ((a * y - 1) ** 2 + (a * z - 1) ** 2) / (2 * n) + L_H / 2 * (y**2 + z**2)),
            "Two examples of one class with features y and z along its weights a.",
        ),
        Step(
            "within_class",
            _eq(pulled, (a**2 / n + L_H) * (y - z)),
            "What pulls them together: at rest all features of a class are the same, and under gradient descent at "
            "fixed a their differences keep 1 - eta (a^2/n + L_H) of a step.",
            Identity(),
        ),
    )


def _formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    one = "1"
    return (
        Formula.of(
            steps,
            "singular_value",
            (class_size, n, L_W, L_H),
            "each singular value of the outputs W H",
            one,
            "singular_value",
            (KEPT,),
        ),
        Formula.of(
            steps,
            "collapse_decay_product",
            (class_size, n),
            "product of the two decays from which on nothing is left",
            one,
            "threshold",
        ),
        Formula.of(
            steps,
            "class_weight2",
            (product, L_W, L_H),
            "squared norm of the last layer along a class",
            one,
            "weight_norm",
        ),
        Formula.of(
            steps,
            "class_feature2",
            (product, L_W, L_H),
            "squared norm of all features along a class",
            one,
            "feature_norm",
        ),
    )


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> formulas = build().formulas
    >>> round(formulas["singular_value"](class_size=4, n=20, decay_w=0.01, decay_h=0.04), 6)
    1.6
    """
    steps = _steps()
    return Derivation(
        name="neural_collapse",
        statement="With decay L_W on the last layer and L_H on features that are free, every singular value of the "
        "outputs is sqrt(n_c) - n sqrt(L_W L_H), all examples of a class have one feature, L_W |W|^2 = L_H |H|^2, and "
        "from L_W L_H = n_c/n^2 on nothing is left.",
        assumptions=(
            Assumption("The cost is |W H - Y|^2/(2n) + L_W/2 |W|^2 + L_H/2 |H|^2, without biases, Y one-hot."),
            Assumption("Features are free: any H may be had. At least as many of them as classes, n_c of each class."),
            Assumption(
                "W and H are diagonal in the directions of Y, so that each is on its own. That the best ones are so is "
                "von Neumann's trace inequality, which is not proved here."
            ),
            Assumption("Decay leaves something.", KEPT, ("singular_value",)),
            Assumption("Decay leaves nothing.", LOST, ("collapse",)),
        ),
        steps=steps,
        formulas={formula.name: formula for formula in _formulas(steps)},
        scope=Scope(("sgd",), "rest", network={"activation": ("linear",)}),
        validity=(
            Assumption("n sqrt(L_W L_H) < sqrt(n_c).", KEPT),
            Assumption(
                "A real network's features are not free, and its decay is on earlier weights: L_H has no value there."
            ),
            Assumption("With a bias in the outputs the class directions lose their mean: not derived here."),
        ),
        references=(
            "arXiv 2603.23805: singular values and threshold with decay on both [id from a list]; derived here.",
            "A. Jacot, P. Sukenik, Z. Wang, M. Mondelli, arXiv 2410.04887, collapse of networks that end in two linear "
            "layers under decay: it leaves free features behind, as a model that knows no data [abstract read].",
        ),
        ranges={n: (4, 60), class_size: (1, 20), L_W: (1e-3, 0.3), L_H: (1e-3, 0.3), product: (0.05, 3)},
    )
