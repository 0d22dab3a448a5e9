"""F1-F6: what a symmetry of the cost leaves for decay alone, exactly, step by step."""

from __future__ import annotations

import sympy as sp

from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.laws.shared.openings import STEP_DECAY, STEP_FACTOR, WEIGHTS, budget, decay_per_step, i, pure_decay, w
from derivations.prover.rules import Identity, Induction, Root, Termwise
from derivations.scope import L2, Scope
from derivations.step import Assumption, Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols
from derivations.without_decay import WithoutDecay

eta, lmbda, n, epsilon, step, s, a, y, z, w_0, target_mean, input_1, input_2 = symbols(
    "eta lmbda n epsilon step s a y z w_0 target_mean input_1 input_2"
)
weight_norm2, weight_norm2_above, gradient_norm2, gradient_norm2_above, weight_dot_gradient = symbols(
    "weight_norm2 weight_norm2_above gradient_norm2 gradient_norm2_above weight_dot_gradient"
)
imbalance_0, gradient_gap, partition = symbols("imbalance_0 gradient_gap partition")
KEPT = STEP_FACTOR
SMALL = STEP_DECAY < 1
full, logit, target = (sp.IndexedBase(name) for name in ("G", "o", "t"))
PARTITION = _eq(partition, sp.Sum(sp.exp(logit[i]), WEIGHTS))
AT_REST = _eq(full[i], -lmbda / n * w[i])
LIMIT = eta * n * gradient_gap / (lmbda * (2 - STEP_DECAY))
IMBALANCE = imbalance_0 * KEPT ** (2 * step) + LIMIT * (1 - KEPT ** (2 * step))
IMBALANCE_KEPT = imbalance_0 + step * eta**2 * gradient_gap
AT_REST_NORM2 = -n * weight_dot_gradient / lmbda


def _translation() -> tuple[Step, ...]:
    total, cost = sp.Function("S"), sp.Function("f")
    loss, soft = sp.Function("l"), sp.log(sp.exp(a) + sp.exp(y)) - target_mean * a - (1 - target_mean) * y
    return (
        decay_per_step(),
        Step("softmax", _eq(loss(a, y), soft), "Cross-entropy of two logits, targets p and 1 - p."),
        Step(
            "softmax_slope",
            _eq(sp.Derivative(loss(a, y), a), sp.exp(a) / (sp.exp(a) + sp.exp(y)) - target_mean),
            "Its slope by the logit a: probability minus target. Written for two logits; each further one adds a term "
            "to the sum of exponentials.",
            Identity(),
        ),
        Step(
            "slopes_by_parts",
            _eq(
                sp.Sum(sp.exp(logit[i]) / partition - target[i], WEIGHTS),
                sp.Sum(sp.exp(logit[i]), WEIGHTS) / partition - sp.Sum(target[i], WEIGHTS),
            ),
            "The slopes, summed over d classes with logits o and targets t.",
            Termwise(),
        ),
        Step(
            "slopes_add_up",
            _eq(sp.Sum(sp.exp(logit[i]) / partition - target[i], WEIGHTS) + sp.Sum(target[i], WEIGHTS), sp.Integer(1)),
            "Probabilities add up to 1. Where the targets t do too, the slopes add up to 0, and with them the "
            "gradients of the last layer's weights on one input, each input times slope.",
            Identity(given=(PARTITION,), less=(("slopes_by_parts", sp.S.One),)),
        ),
        Step(
            "dead_input",
            _eq(sp.Derivative(cost(a * y), a), y * sp.Subs(sp.Derivative(cost(z), z), z, a * y)),
            "The gradient of a weight a on an input y has a factor y, whatever the rest f: none at input 0.",
            Identity(),
        ),
        *pure_decay(
            ("conserved", "decayed"),
            total,
            w_0,
            "Hence these two, sum over the classes or weight on a dead input, have no gradient: decay is all.",
        ),
    )


def _rescale() -> tuple[Step, ...]:
    cost, rest, after, gap, kept = (sp.Function(name) for name in ("C_0", "f", "N", "D", "H"))
    pair = rest(a * y + z * w_0)
    q = 1 - epsilon
    V, b, h = weight_norm2, weight_dot_gradient, gradient_norm2
    change = after(weight_norm2_above, b, gradient_norm2_above) - after(V, b, h)
    slopes = [sp.Derivative(cost(a, z, y), name) for name in (a, z, y)]
    return (
        Step(
            "cost",
            _eq(cost(a, z, y), rest(y * (a * input_1 + z * input_2))),
            "A unit without bias whose activation is linear on either side of 0 (ReLU, leaky ReLU, identity): "
            "in-weights a, z, out-weight y, and u_1, u_2 its inputs times the slope of its side; f is the rest of the "
            "network, any function. Written for two in-weights, one out-weight and one example: each further one adds "
            "its own terms.",
        ),
        Step(
            "rescaling",
            _eq(cost(s * a, s * z, y / s), cost(a, z, y)),
            "In-weights times s, out-weight over s: nothing changes.",
            Identity(),
        ),
        Step(
            "euler",
            _eq(a * slopes[0] + z * slopes[1], y * slopes[2]),
            "So <W,g> is the same before and behind the unit; summed over the units, the same for both layers.",
            Identity(),
        ),
        budget(),
        Step(
            "after",
            _eq(after(V, b, h), q**2 * V - 2 * eta * q * b + eta**2 * h),
            "The same in |W|^2, <W,g> and |g|^2.",
        ),
        Step(
            "imbalance_step",
            _eq(change, q**2 * (weight_norm2_above - V) + eta**2 * (gradient_norm2_above - h)),
            "Next layer minus this one: <W,g>, the same for both, drops out, and only the squared gradients feed it.",
            Identity(),
        ),
        Step(
            "imbalance",
            sp.And(_eq(gap(0), imbalance_0), _eq(gap(step + 1), q**2 * gap(step) + eta**2 * gradient_gap)),
            "The same over many steps, with the difference of squared gradients at its mean.",
        ),
        Step(
            "imbalance_after",
            _eq(gap(step), IMBALANCE),
            "Induction over the steps. In expectation also where the difference fluctuates: the rule is linear.",
            Induction(),
        ),
        Step(
            "imbalance_without_decay",
            sp.And(_eq(kept(0), imbalance_0), _eq(kept(step + 1), kept(step) + eta**2 * gradient_gap)),
            "The same at lmbda = 0.",
        ),
        Step(
            "imbalance_undecayed",
            _eq(kept(step), IMBALANCE_KEPT),
            "Induction: without decay only the difference of squared gradients moves it.",
            Induction(),
        ),
        Step(
            "imbalance_one",
            _eq(gap(1), KEPT**2 * imbalance_0 + eta**2 * gradient_gap),
            "One step.",
            Identity(using=("imbalance_after",)),
        ),
        Step(
            "imbalance_limit",
            _eq(LIMIT, KEPT**2 * LIMIT + eta**2 * gradient_gap),
            "It repeats itself; by imbalance_after any other comes nearer to it by (1 - epsilon)^2 per step.",
            Identity(),
        ),
        Step(
            "linear_pair",
            _eq(y * sp.Derivative(pair, w_0), z * sp.Derivative(pair, a)),
            "Two linear layers: W'^T g' = g W^T entry by entry, so W'^T W' - W W^T obeys the same law as a matrix. "
            "Here one off-diagonal entry for W = (a, z) and W' = (y, w_0).",
            Identity(),
        ),
    )


def _stationarity() -> tuple[Step, ...]:
    decay = lmbda / n
    return (
        Step(
            "at_rest",
            _eq(sp.Sum(w[i] * full[i], WEIGHTS) + decay * sp.Sum(w[i] ** 2, WEIGHTS), sp.S.Zero),
            "Where the gradient of the whole cost vanishes, for any number of weights.",
            Termwise((AT_REST,)),
        ),
        Step(
            "at_rest_norm",
            solved(_eq(decay * weight_norm2, -weight_dot_gradient), weight_norm2, AT_REST_NORM2),
            "The same in |W|^2 and <W,g>. By euler <W,g> is the same for all layers: so is the squared norm.",
            Root(weight_norm2, decay),
        ),
    )


def _formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    at, small, one = (eta, lmbda, n), (SMALL,), "1"
    return (
        Formula.of(
            steps,
            "decayed",
            (w_0, *at, step),
            "class sum of the last layer's weights, or weight on a dead input, after k steps; w_0 before",
            one,
            "decayed",
            small,
        ),
        Formula.of(
            steps,
            "imbalance_next",
            (*at, imbalance_0, gradient_gap),
            "imbalance after one step",
            one,
            "imbalance_one",
            small,
        ),
        Formula.of(
            steps,
            "imbalance",
            (*at, imbalance_0, gradient_gap, step),
            "imbalance after k steps",
            one,
            "imbalance_after",
            small,
        ),
        Formula.of(
            steps,
            "imbalance_limit",
            (*at, gradient_gap),
            "imbalance in the long run",
            one,
            "imbalance_limit",
            small,
            side="left",
        ),
        Formula.of(
            steps,
            "at_rest_norm2",
            (lmbda, n, weight_dot_gradient),
            "squared norm of every layer at rest",
            one,
            "at_rest_norm",
            (weight_dot_gradient < 0,),
        ),
    )


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> round(build().formulas["decayed"](w_0=1, eta=0.1, lmbda=1, n=100, step=2000), 3)
    0.135
    """
    steps = (*_translation(), *_rescale(), *_stationarity())
    return Derivation(
        name="symmetry",
        statement="What a symmetry of the cost protects from gradients feels decay alone. Class sums of a softmax "
        "layer's weights, and weights on dead inputs, shrink by 1 - eta L per step; differences of squared norms of "
        "neighbouring layers by (1 - eta L)^2, up to eta^2 times the difference of squared gradients. Exact, for any "
        "data and order.",
        assumptions=(
            Assumption("SGD with L2 regularisation or decay, no momentum, every weight decayed alike."),
            Assumption("A step removes less than the whole weight: eta lmbda/n < 1.", SMALL),
            Assumption("Z is the sum of the exponentials of the logits o.", PARTITION, ("slopes_add_up",)),
            Assumption("Class sums: a softmax output with cross-entropy, targets that add up to 1, biases or not."),
            Assumption("Layers: no biases, activations linear on either side of 0."),
            Assumption(
                "At rest the gradient of the whole cost vanishes: G = -lmbda/n w, G that of the data cost.",
                AT_REST,
                ("at_rest",),
            ),
            Assumption("Weights and gradient point against each other.", weight_dot_gradient < 0, ("at_rest_norm",)),
        ),
        steps=steps,
        formulas={formula.name: formula for formula in _formulas(steps)},
        scope=Scope(("sgd",), network={"activation": ("relu", "linear"), "biases": ("none",)}),
        scopes={
            "decayed": Scope(("sgd",)),
            "at_rest_norm2": Scope(L2, "rest", network={"activation": ("relu", "linear"), "biases": ("none",)}),
        },
        without_decay={
            "imbalance": WithoutDecay(IMBALANCE_KEPT, "imbalance_undecayed"),
            "imbalance_limit": WithoutDecay(words="the imbalance does not settle"),
            "at_rest_norm2": WithoutDecay(words="the cost need not have a minimum at finite weights"),
        },
        validity=(
            Assumption("eta lmbda < n.", SMALL),
            Assumption(
                "Sigmoid networks are not homogeneous: their layers need not meet. Adam-type updates act on each "
                "weight by itself and break the class sums too."
            ),
            Assumption("eta, lmbda constant; else (1 - eta L)^k is the product of the steps' factors."),
        ),
        references=(
            "S. Du, W. Hu, J. Lee, arXiv 1806.00900: conserved without decay under gradient flow [opening read].",
            "D. Kunin et al., arXiv 2012.04728: the same in continuous time with decay [abstract and code read].",
            "All derived here.",
        ),
        ranges={step: (0, 5)},
    )
