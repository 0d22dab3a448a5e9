"""SGD with L2 in blocks of K steps: exact, entry by entry; the first layer is read and written once per block."""

from __future__ import annotations

import sympy as sp

from derivations.derivation import Derivation
from derivations.laws.blocked_sgd import cost
from derivations.laws.shared.finite_sums import FiniteSums, InductionOverNestedSums
from derivations.prover.rules import Identity
from derivations.scope import DECOUPLED, Scope
from derivations.step import Assumption, Step
from derivations.step import equation as _eq
from derivations.symbols import symbols
from derivations.without_decay import WithoutDecay

epsilon, q, k, r, idle, dim, rows, units = symbols("epsilon q step earlier_step idle_steps dim rows units")
a, b, i, c = symbols("row other_row input_index unit_index")
W_0, W, G, X, U, E, Z = (sp.Function(name) for name in ("W_0", "W", "G", "X", "U", "E", "Z"))
INPUTS, ROWS, OTHERS, UNITS, STEPS = (i, 1, dim), (a, 1, rows), (b, 1, rows), (c, 1, units), (r, 0, k - 1)
SHRUNK = (q**k - 1) * W_0(i, c)


def _exact() -> tuple[Step, ...]:
    weight = sp.Function("w")
    closed = q**k * W_0(i, c) - sp.Sum(q ** (k - 1 - r) * G(i, c, r), STEPS)
    gram = sp.Sum(X(k, a, i) * X(r, b, i), INPUTS)
    inside = sp.Sum(X(k, a, i) * W_0(i, c), INPUTS) - sp.Sum(sp.Sum(gram * E(r, b, c), OTHERS), STEPS)
    return (
        Step("factor_per_step", _eq(q, 1 - epsilon), "What decay leaves of a weight in one step."),
        Step(
            "gradient_step",
            _eq(G(i, c, k), sp.Sum(X(k, b, i) * U(k, b, c), OTHERS)),
            "X_k^T U_k, entry by entry: X(k, b, i) is input i of example b of step k, U(k, b, c) eta times the slope "
            "of the cost by pre-activation c, whatever the later layers make of it. d inputs, B = m examples, "
            "h columns, those of all members.",
        ),
        Step(
            "rescaled",
            _eq(E(k, b, c), U(k, b, c) / q ** (k + 1)),
            "What a block keeps of step k, from 0 on.",
        ),
        Step(
            "one_weight",
            sp.And(_eq(weight(0), W_0(i, c)), _eq(weight(k + 1), q * weight(k) - G(i, c, k))),
            "The update of any weight, from input i to neuron c.",
        ),
        Step(
            "after_steps",
            _eq(weight(k), closed),
            "Induction over the steps, for any sequence of U.",
            InductionOverNestedSums(),
        ),
        Step("weights", _eq(W(i, c, k), closed), "The matrix W_k of all weights."),
        Step("named", _eq(weight(k), W(i, c, k)), "Each is an entry.", Identity(using=("after_steps",))),
        Step(
            "pre_activation",
            _eq(Z(k, a, c), sp.Sum(X(k, a, i) * W(i, c, k), INPUTS)),
            "X_k W_k, all that step k needs of the first layer.",
        ),
        Step(
            "products",
            _eq(Z(k, a, c), q**k * inside),
            "One product X W_0 and the Gram matrix of the block's inputs give it: finite sums may be exchanged. U_k "
            "depends on the first layer through Z_k alone, so that, step by step, both ways have the same U.",
            FiniteSums(),
        ),
    )


def _block() -> tuple[Step, ...]:
    moved, kept = sp.Function("D"), sp.Function("theta")
    added = sp.Sum(q**k * sp.Sum(X(r, b, i) * E(r, b, c), OTHERS), STEPS)
    padded = sp.Sum(q**k * kept(r) * sp.Sum(X(r, b, i) * E(r, b, c), OTHERS), (r, 0, k + idle - 1))
    later = sp.Sum((q ** (r + 1) - q**k) * sp.Sum(X(r, b, i) * E(r, b, c), OTHERS), STEPS)
    return (
        Step(
            "end_of_block",
            _eq(W(i, c, k), W_0(i, c) + SHRUNK - added),
            "k = K: one more product. q^k - 1 is expm1(k log1p(-epsilon)), which nothing cancels.",
            FiniteSums(),
        ),
        Step(
            "kept",
            _eq(kept(r), sp.Piecewise((1, r < k), (0, True))),
            "1 for the steps that a member took, 0 from step k on: it has diverged, or the block is filled up.",
        ),
        Step(
            "frozen",
            _eq(W_0(i, c) + SHRUNK - padded, W(i, c, k)),
            "A block of K = k + f steps with E = 0 in the f that were not taken, and q^k: the weights after step k.",
            FiniteSums(),
        ),
        Step(
            "decay_so_far",
            sp.And(_eq(moved(0), 0), _eq(moved(k + 1), moved(k) - epsilon * W(i, c, k))),
            "The displacement by decay alone, added up step by step.",
        ),
        Step(
            "moved_by_decay",
            _eq(moved(k), SHRUNK + sp.Sum((1 - q ** (k - 1 - r)) * G(i, c, r), STEPS)),
            "Induction. What step r brought has decayed in the k - 1 - r steps after it.",
            InductionOverNestedSums(),
        ),
        Step(
            "moved_in_block",
            _eq(SHRUNK + sp.Sum((1 - q ** (k - 1 - r)) * G(i, c, r), STEPS), SHRUNK + later),
            "The same in what the block keeps; of a frozen member with the k steps it took.",
            FiniteSums(),
        ),
    )


def _budget() -> tuple[Step, ...]:
    w, x, u = sp.Function("w_k"), sp.Function("x_k"), sp.Function("u_k")
    gradient = sp.Sum(x(b, i) * u(b, c), OTHERS)
    product = sp.Sum(x(a, i) * w(i, c), INPUTS)
    gram = sp.Sum(x(a, i) * x(b, i), INPUTS)

    def total(term: sp.Expr) -> sp.Expr:
        return sp.Sum(sp.Sum(term, INPUTS), UNITS)

    drift = sp.Sum(sp.Sum(product * u(a, c), ROWS), UNITS)
    noise = sp.Sum(sp.Sum(u(a, c) * sp.Sum(gram * u(b, c), OTHERS), ROWS), UNITS)
    return (
        Step(
            "drift",
            _eq(total(w(i, c) * gradient), drift),
            "<W, X^T U> = <X W, U> of any step, with its W, X and U: the pre-activations give it.",
            FiniteSums(),
        ),
        Step(
            "noise",
            _eq(total(gradient**2), noise),
            "|X^T U|^2 = <U, X X^T U>: the step's own part of the Gram matrix gives it.",
            FiniteSums(),
        ),
        Step(
            "norm",
            _eq(total((q * w(i, c) - gradient) ** 2), q**2 * total(w(i, c) ** 2) - 2 * q * drift + noise),
            "So the squared norm is known after every step, though the weights are written once per block.",
            FiniteSums(),
        ),
    )


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> ratio = build().formulas["operations_ratio"]
    >>> round(ratio(block_steps=10, m=10, n_in=784, n_hidden=30, cells=16), 3)
    1.168
    """
    steps = (*_exact(), *_block(), *_budget(), *cost.steps())
    return Derivation(
        name="blocked_sgd",
        statement="SGD with L2 gives the same weights, pre-activations, budget and displacements when the first layer "
        "is written once in K steps: exactly, for any data, loss, later layers and dimensions. It costs "
        "K m/(2 h C) + K m/(2 n_in) more operations per operation, and saves reading and writing the weights K - 1 "
        "times out of K.",
        assumptions=(
            Assumption("Plain SGD with L2 or decay, eta and lmbda constant in the block; the first layer is dense."),
            Assumption("A step removes less than the whole weight: epsilon < 1.", epsilon < 1),
        ),
        steps=steps,
        formulas={formula.name: formula for formula in cost.formulas(steps)},
        scope=Scope(("sgd",)),
        scopes=dict.fromkeys(
            ("factor_error", "factor_power_error", "power_error", "decay_condition"), Scope(DECOUPLED)
        ),
        without_decay=dict.fromkeys(
            ("factor_error", "factor_power_error", "power_error"),
            WithoutDecay(words="there is nothing to be wrong about"),
        ),
        validity=(
            Assumption("0 <= epsilon < 1; at epsilon = 0 nothing decays and every identity holds with q = 1."),
            Assumption(
                "In exact arithmetic. In floating point E grows as q^-K: where q^K is small, step one by one instead."
            ),
            Assumption(
                "Operations: a multiplication and an addition count as two; elementwise work is left out but for the "
                "writing of the weights."
            ),
        ),
        references=("All derived here.",),
        ranges={
            k: (0, 4),
            idle: (0, 2),
            dim: (1, 3),
            rows: (1, 2),
            units: (1, 2),
            epsilon: (0.02, 0.9),
            a: (1, 4),
            i: (1, 4),
            c: (1, 4),
            cost.K: (1.5, 20),
            cost.delta: (1e-6, 1e-2),
        },
    )
