"""What sign updates with decoupled decay solve, the least cost in the box |w| <= 1/L; and how slowly AdamW does."""

from __future__ import annotations

import sympy as sp

from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.prover.rules import Identity, Induction, NonNegativeGap, Root, Taylor, Termwise, Tightness
from derivations.scope import Scope
from derivations.step import Assumption, Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols
from derivations.without_decay import WithoutDecay

eta, weight_decay, weight_abs, weight_abs_0, step, dim, beta2 = symbols(
    "eta weight_decay weight_abs weight_abs_0 step dim beta2"
)
a, b, x, y, z, box_share, gradient_factor = symbols("a b x y z box_share gradient_factor")
w, g, s, i = *(sp.IndexedBase(name) for name in "wgs"), sp.Idx("i")
RESTING = _eq(w[i], -s[i] / weight_decay)
STEP_DECAY = eta * weight_decay
KEPT = 1 - (1 - beta2) * box_share**2
FACTOR = sp.sqrt(beta2 / KEPT)
UNIT, INSIDE, BELOW = a + 1 >= 0, weight_decay * z + 1 >= 0, (1 - beta2) * box_share**2 < 1


def _box() -> tuple[Step, ...]:
    farthest, free = sp.Function("W"), sp.Function("W_0")
    return (
        Step(
            "farthest",
            sp.Le((1 - STEP_DECAY) * weight_abs - eta * a, (1 - STEP_DECAY) * weight_abs + eta, evaluate=False),
            "A step with a direction a from -1 to 1: it takes a weight no farther out than a full one outward does.",
            NonNegativeGap(eta * (1 + a), (1 + a,), Tightness(a, eta * (1 + a), sp.S.NegativeOne)),
        ),
        Step(
            "outward_rule",
            sp.And(
                _eq(farthest(0), weight_abs_0),
                _eq(farthest(step + 1), (1 - STEP_DECAY) * farthest(step) + eta),
            ),
            "All of its steps outward:",
        ),
        Step(
            "outward",
            _eq(
                farthest(step), (1 - STEP_DECAY) ** step * weight_abs_0 + (1 - (1 - STEP_DECAY) ** step) / weight_decay
            ),
            "Induction. So no weight is ever farther out than this: what is outside of |w| = 1/L shrinks by 1 - eta L "
            "in a step, and what is inside stays inside.",
            Induction(),
        ),
        Step(
            "free_rule",
            sp.And(_eq(free(0), weight_abs_0), _eq(free(step + 1), free(step) + eta)),
            "Without decay",
        ),
        Step("free", _eq(free(step), weight_abs_0 + step * eta), "nothing confines it.", Induction()),
        Step(
            "bound",
            solved(_eq((1 - STEP_DECAY) * weight_abs + eta, weight_abs), weight_abs, 1 / weight_decay),
            "There alone a weight that is pushed outward at every step rests.",
            Root(weight_abs, -STEP_DECAY),
        ),
    )


def _solution() -> tuple[Step, ...]:
    p, change = sp.IndexedBase("p"), sp.IndexedBase("q")

    def total(summand: sp.Expr) -> sp.Sum:
        return sp.Sum(summand, (i, 1, dim))

    return (
        Step(
            "at_rest",
            _eq((1 - STEP_DECAY) * y - eta * a - y, -eta * (a + weight_decay * y)),
            "Elsewhere it rests where the direction is -L w.",
            Identity(),
        ),
        Step(
            "pairing",
            _eq(total(weight_decay * w[i] * g[i]), -total(s[i] * g[i])),
            "At rest all directions s are -L w; and s g = |g|, as s is the sign of g where g is not 0: <L w, g> = "
            "-|g|_1.",
            Termwise(given=(RESTING,)),
        ),
        Step(
            "no_better",
            sp.Le(b * (y - z), (weight_decay * y * b + b) / weight_decay, evaluate=False),
            "Of a gradient b > 0 (the other sign is the same mirrored): going from w to any z in the box gains, to "
            "first order, at most (L w g + |g|)/L. At rest the sum of these is 0,",
            NonNegativeGap(
                b * (1 + weight_decay * z) / weight_decay,
                (1 + weight_decay * z,),
                Tightness(z, b * (1 + weight_decay * z) / weight_decay, -1 / weight_decay),
            ),
        ),
        Step(
            "second_order",
            _eq(
                total((p[i] + change[i]) ** 2 / 2) - total(p[i] ** 2 / 2) - total(p[i] * change[i]),
                total(change[i] ** 2 / 2),
            ),
            "and least squares, residuals p and their changes q, lose nothing to second order: the weights at rest are "
            "the best in the box, and elsewhere that sum bounds how much better there is.",
            Termwise(),
        ),
    )


def _adamw() -> tuple[Step, ...]:
    slow = x * (1 - box_share**2) / 2
    return (
        Step(
            "gradient_factor",
            solved(_eq(gradient_factor**2 * KEPT, beta2), gradient_factor, FACTOR),
            "AdamW's direction is g/sqrt(v), and v forgets by beta2. A weight comes to rest inside of the box, at the "
            "share u of its bound, while g goes to 0 and g/sqrt(v) stays u: with g falling by r in a step, "
            "v = beta2 v + (1 - beta2) g^2 asks for r^2/u^2 = beta2/u^2 + (1 - beta2) r^2.",
            Root(gradient_factor, 2 * gradient_factor * KEPT, (KEPT,)),
        ),
        Step(
            "memory",
            _eq(
                box_share**2
                * (gradient_factor**2 / box_share**2 - beta2 / box_share**2 - (1 - beta2) * gradient_factor**2),
                gradient_factor**2 * KEPT - beta2,
            ),
            "That equation, times u^2.",
            Identity(),
        ),
        Step(
            "slow",
            _eq(sp.log(sp.sqrt((1 - x) / (1 - x * box_share**2))), -slow + sp.O(x**2)),
            "With x = 1 - beta2: whatever the learning rate is, it takes 2/((1 - beta2)(1 - u^2)) steps for a factor "
            "e.",
            Taylor(),
        ),
    )


def _formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    return (
        Formula.of(
            steps,
            "weight_abs_after",
            (weight_abs_0, eta, weight_decay, step),
            "what the size of a weight does not exceed after k steps",
            "1",
            "outward",
            (STEP_DECAY < 1,),
        ),
        Formula.of(
            steps,
            "gradient_factor",
            (beta2, box_share),
            "AdamW: factor per step of the gradient of a weight that comes to rest inside of the box",
            "1",
            "gradient_factor",
            (box_share < 1, beta2 < 1),
        ),
    )


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> round(build().formulas["weight_abs_after"](weight_abs_0=3, eta=0.1, weight_decay=1, step=10), 5)
    1.69736
    """
    steps = (*_box(), *_solution(), *_adamw())
    return Derivation(
        name="box_constraint",
        statement="Steps of at most eta in each weight with decoupled decay L keep the weights in the box |w| <= 1/L, "
        "or bring them there by 1 - eta L in a step. Where steps are signs of gradients, weights at rest have <L w, "
        "g> = -|g|_1: of a convex cost that is the least in the box. AdamW rests there too, and needs 2/((1 - "
        "beta2)(1 - u^2)) steps for each factor e of the gradient of a weight that rests at the share u of its bound.",
        assumptions=(
            Assumption("No direction is below -1 (or above 1, which is the same mirrored).", UNIT, ("farthest",)),
            Assumption("Weights are at rest.", RESTING, ("pairing",)),
            Assumption("The point compared with is in the box.", INSIDE, ("no_better",)),
            Assumption("A step removes less than the whole weight: eta L < 1.", STEP_DECAY < 1),
            Assumption("A weight comes to rest inside of the box.", BELOW, ("gradient_factor",)),
        ),
        steps=steps,
        formulas={formula.name: formula for formula in _formulas(steps)},
        scope=Scope(("sign_momentum", "lion"), "any"),
        scopes={"gradient_factor": Scope(("adamw",), "linear")},
        without_decay={"weight_abs_after": WithoutDecay(weight_abs_0 + step * eta, "free")},
        validity=(
            Assumption("At rest: of a learning rate that goes to 0, slowly enough for its sum to grow without end."),
            Assumption(
                "AdamW's direction may be above 1 for a while (`adamw`); where gradients change slowly it is not, but "
                "for what beta2 remembers."
            ),
            Assumption("The full gradient. With minibatches the sign of a noisy gradient is another function of it."),
            Assumption("AdamW without epsilon, and its beta1 forgets much faster than beta2."),
        ),
        references=(
            "S. Xie, Z. Li 2024, Implicit bias of AdamW: l-infinity norm constrained optimization, arXiv 2404.04454: "
            "if AdamW converges, it does so to a KKT point of the box [abstract read].",
            "L. Chen, B. Liu, K. Liang, Q. Liu 2023, Lion secretly solves constrained optimization, arXiv 2310.05898 "
            "[abstract read].",
            "The rate at which AdamW gets there is derived here.",
        ),
        ranges={eta: (0.01, 0.9), weight_decay: (0.05, 1), box_share: (0.1, 0.95), beta2: (0.5, 0.99), x: (0.01, 0.5)},
    )
