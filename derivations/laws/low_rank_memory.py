"""What k steps of decay and minibatches leave beside a share of the old weights: a matrix of rank m k at most."""

from __future__ import annotations

import sympy as sp

from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.laws.shared.openings import STEP_DECAY, STEP_FACTOR, decay_per_step
from derivations.prover.rules import (
    Identity,
    IncreasingImage,
    Induction,
    InductionOverSum,
    Monotone,
    Root,
    Tightness,
    UnitInterval,
)
from derivations.scope import Scope
from derivations.step import Assumption, Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols
from derivations.without_decay import WithoutDecay

eta, lmbda, n, m, epsilon, step, earlier, w_0 = symbols("eta lmbda n m epsilon step earlier_step w_0")
missing, memory, side, tau_epoch = symbols("missing_share memory_steps least_side tau_epoch")
entry, gradient, rank = sp.Function("W"), sp.Function("G"), sp.Function("R")
SMALL = STEP_DECAY < 1
PAST = (earlier, 0, step - 1)
ADDED = sp.Sum(eta * (1 - epsilon) ** (step - 1 - earlier) * gradient(earlier), PAST)
LOG = sp.log(1 / missing)
EXACT = LOG / -sp.log(STEP_FACTOR)
ENOUGH = n * LOG / (eta * lmbda)


def _steps() -> tuple[Step, ...]:
    y = sp.Symbol("y", real=True)
    power = sp.Lambda(y, sp.exp(memory * y))
    return (
        decay_per_step(),
        Step(
            "update",
            sp.And(_eq(entry(0), w_0), _eq(entry(step + 1), (1 - epsilon) * entry(step) - eta * gradient(step))),
            "An entry of the weights of a dense layer, from any step on; G(k) is the gradient of step k.",
        ),
        Step(
            "unrolled",
            _eq(entry(step), (1 - epsilon) ** step * w_0 - ADDED),
            "Induction over the steps, for any gradients.",
            InductionOverSum(),
        ),
        Step(
            "what_steps_added",
            _eq(entry(step) - (1 - epsilon) ** step * w_0, -ADDED),
            "So what is left, once a share q^k of the old weights is taken away, is a sum of k gradients.",
            Identity(less=(("unrolled", sp.S.One),)),
        ),
        Step(
            "rank_of_sum",
            sp.And(_eq(rank(0), 0), _eq(rank(step + 1), rank(step) + m)),
            "A bound of its rank. A gradient is the sum over m examples of (input) times (slope by pre-activation)^T, "
            "each of rank 1, and the rank of a sum is at most the sum of the ranks.",
        ),
        Step(
            "rank_bound",
            _eq(rank(step), m * step),
            "Induction over the steps.",
            Induction(),
        ),
        Step(
            "log_upper",
            sp.Le(sp.log(1 - epsilon), -epsilon, evaluate=False),
            "The gap is 0 at 0 and its derivative is epsilon/(1 - epsilon) > 0.",
            Monotone(UnitInterval(epsilon), Tightness(epsilon, epsilon**2 / 2)),
        ),
        Step(
            "share_left",
            sp.Le(sp.exp(memory * sp.log(1 - epsilon)), sp.exp(-memory * epsilon), evaluate=False),
            "The exponential of K times log_upper: K steps leave q^K of the old weights, at most this.",
            IncreasingImage("log_upper", power, Tightness(epsilon, memory * epsilon**2 / 2)),
        ),
        Step(
            "memory",
            solved(_eq(memory * -sp.log(STEP_FACTOR), LOG), memory, EXACT),
            "Steps after which a share delta of them is left.",
            Root(memory, -sp.log(STEP_FACTOR), (-sp.log(STEP_FACTOR),)),
        ),
        Step(
            "memory_bound",
            solved(_eq(memory * STEP_DECAY, LOG), memory, ENOUGH),
            "By share_left so many are enough.",
            Root(memory, STEP_DECAY),
        ),
        Step("epochs_remembered", _eq(tau_epoch, m / (eta * lmbda)), "The time scale of decay."),
        Step(
            "rank_enough",
            _eq(m * ENOUGH, n * LOG * tau_epoch),
            "A matrix of this rank is within delta |W_(T-K)| of the weights: the examples seen in ln(1/delta) such "
            "times. The batch size enters through that time alone.",
            Identity(),
        ),
        Step(
            "says_something",
            solved(_eq(m * ENOUGH, side), m, side * eta * lmbda / (n * LOG)),
            "Where that reaches the shorter side of the matrix, any matrix obeys the bound: it is empty for larger "
            "batches than this.",
            Root(m, ENOUGH, (LOG,)),
        ),
    )


def _formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    one, small, share = "1", (SMALL,), missing < 1
    return (
        Formula.of(steps, "rank_bound", (m, step), "largest rank of W_T - q^k W_(T-k)", one, "rank_bound"),
        Formula.of(
            steps,
            "memory_steps",
            (eta, lmbda, n, missing),
            "steps after which a share of the old weights is left",
            "steps",
            "memory",
            (SMALL, share),
        ),
        Formula.of(
            steps,
            "rank_enough",
            (m, eta, lmbda, n, missing),
            "rank of a matrix within missing_share |W_(T-k)| of the weights",
            one,
            "rank_enough",
            (SMALL, share),
            side="left",
        ),
        Formula.of(
            steps,
            "largest_batch",
            (side, eta, lmbda, n, missing),
            "batch size from which on the bound is empty",
            "examples",
            "says_something",
            (*small, share),
        ),
    )


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> formulas = build().formulas
    >>> round(formulas["rank_enough"](m=1, eta=0.1, lmbda=50, n=100, missing_share=0.01), 1)
    92.1
    >>> round(formulas["largest_batch"](least_side=100, eta=0.1, lmbda=5, n=50_000, missing_share=0.01), 6)
    0.000217
    """
    steps = _steps()
    return Derivation(
        name="low_rank_memory",
        statement="W_T - q^k W_(T-k) has at most rank m k, q = 1 - eta lmbda/n: k steps add a matrix of that rank to "
        "what decay leaves of the old weights. So W_T is within delta |W_(T-k)| of rank m n ln(1/delta)/(eta lmbda), "
        "rounded up to whole steps. The bound is empty where that is above the shorter side of W, as usually it is.",
        assumptions=(
            Assumption("Plain SGD with L2 or decay, eta and lmbda constant, minibatches of m examples, dense layer."),
            Assumption(
                "The rank of a sum is at most the sum of the ranks, and a product of a column and a row has rank 1 at "
                "most: linear algebra, not proved here."
            ),
            Assumption("A step removes less than the whole weight: eta lmbda/n < 1.", SMALL),
            Assumption("The same, epsilon < 1.", epsilon < 1, ("log_upper", "share_left")),
            Assumption("A share of the old weights.", LOG > 0, ("memory", "memory_bound", "says_something")),
        ),
        steps=steps,
        formulas={formula.name: formula for formula in _formulas(steps)},
        scope=Scope(("sgd",), network={"activation": ("sigmoid", "tanh", "relu", "linear")}),
        without_decay={
            "memory_steps": WithoutDecay(sp.oo),
            "rank_enough": WithoutDecay(sp.oo),
        },
        validity=(
            Assumption("eta lmbda < n; missing_share < 1.", SMALL),
            Assumption("A convolution adds the rank of its patches, m times the places, instead of m."),
            Assumption("With momentum a step adds older gradients too: the bound is for plain SGD."),
        ),
        references=(
            "T. Galanti, Z. Siegel, A. Gupte, T. Poggio, arXiv 2206.05794: SGD and weight decay lower the rank, more "
            "so for small batches, large rates and strong decay [abstract read]; derived here.",
        ),
        ranges={step: (1, 5), missing: (1e-3, 0.9), eta: (1e-3, 0.5), lmbda: (0.1, 10), n: (10, 1000), memory: (1, 20)},
    )
