"""The block: all weights and velocities from those at its start, entry by entry."""

from __future__ import annotations

import sympy as sp

from derivations.laws.blocked_momentum.rules import (
    GAP,
    P,
    Q,
    R,
    T,
    by_gradient,
    by_velocity,
    fast_mix,
    k,
    kept,
    memory,
    pull,
    r,
    s,
    slow_mix,
)
from derivations.laws.shared.finite_sums import FiniteSums, InductionOverNestedSums
from derivations.prover.rules import Identity, InductionOverSum, Termwise
from derivations.step import Step
from derivations.step import equation as _eq
from derivations.symbols import symbols

j, idle, dim, rows, units = symbols("earlier_step idle_steps dim rows units")
a, b, i, c = symbols("row other_row input_index unit_index")
W_0, V_0, W, V, G, X, U, Z = (sp.Function(name) for name in ("W_0", "V_0", "W", "V", "G", "X", "U", "Z"))
B_W, B_V, S_B, any_gradient = (sp.Function(name) for name in ("B_W", "B_V", "S_B", "q"))
w_0, v_0 = symbols("w_0 velocity_0")
INPUTS, ROWS, OTHERS, UNITS, STEPS = (i, 1, dim), (a, 1, rows), (b, 1, rows), (c, 1, units), (j, 0, k - 1)


def steps() -> tuple[Step, ...]:
    """Return the steps."""
    return (*_one_weight(), *_exact(), *_end(), *_moved())


def _mode(name: str, root: sp.Symbol, mix: sp.Symbol) -> tuple[Step, Step]:
    """Return the two steps on a mode of one weight."""
    mode, kick, start = sp.Function(f"y_{name}"), mix * by_gradient - 1, mix * w_0 + v_0
    return (
        Step(
            f"{name}_of_one",
            sp.And(_eq(mode(0), start), _eq(mode(k + 1), root * mode(k) - kick * any_gradient(k))),
            f"The {name} mode of one weight.",
        ),
        Step(
            f"{name}_after_steps",
            _eq(mode(k), root**k * start - sp.Sum(root ** (k - 1 - j) * kick * any_gradient(j), STEPS)),
            "Induction over the steps, for any gradients.",
            InductionOverSum(),
        ),
    )


def _one_weight() -> tuple[Step, ...]:
    of_slow, of_fast = _mode("slow", r, slow_mix), _mode("fast", s, fast_mix)
    weight, velocity = sp.Function("w"), sp.Function("v")
    slow, fast = (steps[1].claim.rhs for steps in (of_slow, of_fast))
    return (
        *of_slow,
        *of_fast,
        Step("response_w", _eq(B_W(k), P(k) * by_gradient - Q(k)), "What a gradient takes off a weight k steps on,"),
        Step("response_v", _eq(B_V(k), R(k) * by_gradient - T(k)), "and off its velocity."),
        Step(
            "weight_after_steps",
            _eq(weight(k), P(k) * w_0 + Q(k) * v_0 - sp.Sum(B_W(k - 1 - j) * any_gradient(j), STEPS)),
            "So one weight after k steps is this,",
        ),
        Step(
            "velocity_after_steps",
            _eq(velocity(k), R(k) * w_0 + T(k) * v_0 - sp.Sum(B_V(k - 1 - j) * any_gradient(j), STEPS)),
            "and its velocity this:",
        ),
        Step("weight_of_modes", _eq(weight(k), (slow - fast) / GAP), "the two modes make the weight,", Termwise()),
        Step("velocity_of_modes", _eq(velocity(k), slow - slow_mix * weight(k)), "and the velocity.", Termwise()),
    )


def _exact() -> tuple[Step, ...]:
    gram = sp.Sum(X(k, a, i) * X(j, b, i), INPUTS)

    def from_products(of_w: sp.Expr, of_v: sp.Expr, response: sp.FunctionClass) -> sp.Expr:
        inside = sp.Sum(sp.Sum(gram * response(k - 1 - j) * U(j, b, c), OTHERS), STEPS)
        start = of_w * sp.Sum(X(k, a, i) * W_0(i, c), INPUTS) + of_v * sp.Sum(X(k, a, i) * V_0(i, c), INPUTS)
        return start - inside

    return (
        Step(
            "gradient_step",
            _eq(G(i, c, k), sp.Sum(X(k, b, i) * U(k, b, c), OTHERS)),
            "The minibatch gradient X_k^T U_k, entry by entry, as in blocked_sgd; U is the cost's slope by the "
            "pre-activations, without eta.",
        ),
        Step(
            "weights",
            _eq(W(i, c, k), P(k) * W_0(i, c) + Q(k) * V_0(i, c) - sp.Sum(B_W(k - 1 - j) * G(i, c, j), STEPS)),
            "With G(i, c, k) as the gradients: the matrix W_k of all weights, from input i to neuron c,",
        ),
        Step(
            "velocities",
            _eq(V(i, c, k), R(k) * W_0(i, c) + T(k) * V_0(i, c) - sp.Sum(B_V(k - 1 - j) * G(i, c, j), STEPS)),
            "and V_k of all velocities.",
        ),
        Step(
            "pre_activation",
            _eq(Z(k, a, c), sp.Sum(X(k, a, i) * W(i, c, k), INPUTS)),
            "X_k W_k, all that step k needs of the first layer.",
        ),
        Step(
            "products",
            _eq(Z(k, a, c), from_products(P(k), Q(k), B_W)),
            "Two products X W_0 and X V_0 and the Gram matrix of the block's inputs give it: finite sums may be "
            "exchanged. So, step by step, both ways have the same U.",
            FiniteSums(),
        ),
        Step(
            "velocity_products",
            _eq(sp.Sum(X(k, a, i) * V(i, c, k), INPUTS), from_products(R(k), T(k), B_V)),
            "X_k V_k, which the budget needs.",
            FiniteSums(),
        ),
    )


def _end() -> tuple[Step, ...]:
    keeps = sp.Function("theta")

    def at_end(of_w: sp.Expr, of_v: sp.Expr, response: sp.FunctionClass, padded: bool) -> sp.Expr:
        kick = response(k - 1 - j) * sp.Sum(X(j, b, i) * U(j, b, c), OTHERS)
        added = sp.Sum(keeps(j) * kick, (j, 0, k + idle - 1)) if padded else sp.Sum(kick, STEPS)
        return of_w * W_0(i, c) + of_v * V_0(i, c) - added

    return (
        Step(
            "end_of_block",
            _eq(W(i, c, k), W_0(i, c) + at_end(P(k) - 1, Q(k), B_W, padded=False)),
            "k = K: one product with X for the weights, and P(k) - 1 added up by itself,",
            FiniteSums(),
        ),
        Step(
            "end_of_velocity",
            _eq(V(i, c, k), at_end(R(k), T(k), B_V, padded=False)),
            "and one for the velocities.",
            FiniteSums(),
        ),
        Step(
            "kept",
            _eq(keeps(j), sp.Piecewise((1, j < k), (0, True))),
            "1 for the steps that a member took, 0 from step k on: it has diverged, or the block is filled up.",
        ),
        Step(
            "frozen",
            _eq(at_end(P(k), Q(k), B_W, padded=True), W(i, c, k)),
            "A block of K = k + f steps with U = 0 in the f that were not taken, and the powers of k: the weights "
            "after step k.",
            FiniteSums(),
        ),
    )


def _moved() -> tuple[Step, ...]:
    moved, of_w, of_v = sp.Function("D"), sp.Function("S_P"), sp.Function("S_Q")

    def geometric(root: sp.Symbol) -> sp.Expr:
        return (1 - root**k) / (1 - root)

    return (
        Step(
            "sum_of_powers",
            _eq(of_w(k), (slow_mix * geometric(r) - fast_mix * geometric(s)) / GAP),
            "P(0) + ... + P(k - 1),",
        ),
        Step("sum_of_powers_v", _eq(of_v(k), (geometric(r) - geometric(s)) / GAP), "the same of Q,"),
        Step("sum_of_responses", _eq(S_B(k), by_gradient * of_w(k) - of_v(k)), "and of the responses."),
        *(
            Step(name, _eq(total(k + 1) - total(k), term), "Each adds the next.", Identity())
            for name, total, term in (
                ("adds_power", of_w, P(k)),
                ("adds_power_v", of_v, Q(k)),
                ("adds_response", S_B, B_W(k)),
            )
        ),
        Step(
            "decay_so_far",
            sp.And(_eq(moved(0), 0), _eq(moved(k + 1), moved(k) - (1 - kept) * W(i, c, k))),
            "The displacement by decay alone, added up step by step: it takes the share 1 - A_ww.",
        ),
        Step(
            "moved_by_decay",
            _eq(
                moved(k),
                -(1 - kept) * (of_w(k) * W_0(i, c) + of_v(k) * V_0(i, c) - sp.Sum(S_B(k - 1 - j) * G(i, c, j), STEPS)),
            ),
            "Induction: one more product with X.",
            InductionOverNestedSums(),
        ),
    )


def budget() -> tuple[Step, ...]:
    """Return the steps on squared norms and products after a step."""
    w, v, x, u = (sp.Function(name) for name in ("w_k", "v_k", "x_k", "u_k"))
    gradient = sp.Sum(x(b, i) * u(b, c), OTHERS)
    gram = sp.Sum(x(a, i) * x(b, i), INPUTS)

    def total(term: sp.Expr) -> sp.Expr:
        return sp.Sum(sp.Sum(term, INPUTS), UNITS)

    def with_slope(matrix: sp.FunctionClass) -> sp.Expr:
        return sp.Sum(sp.Sum(sp.Sum(x(a, i) * matrix(i, c), INPUTS) * u(a, c), ROWS), UNITS)

    ww, wv, vv = total(w(i, c) ** 2), total(w(i, c) * v(i, c)), total(v(i, c) ** 2)
    wg, vg = with_slope(w), with_slope(v)
    gg = sp.Sum(sp.Sum(u(a, c) * sp.Sum(gram * u(b, c), OTHERS), ROWS), UNITS)
    after_w = kept * w(i, c) - by_velocity * v(i, c) - by_gradient * gradient
    after_v = pull * w(i, c) + memory * v(i, c) + gradient

    def form(one: tuple[sp.Expr, ...], other: tuple[sp.Expr, ...]) -> sp.Expr:
        """Return the product of two combinations of W, V and G from the six products of these."""
        products = ((ww, wv, wg), (wv, vv, vg), (wg, vg, gg))
        return sp.Add(*(one[p] * other[q] * products[p][q] for p in range(3) for q in range(3)))

    moved, turned = (kept, -by_velocity, -by_gradient), (pull, memory, sp.S.One)
    return (
        Step(
            "with_weights",
            _eq(total(w(i, c) * gradient), wg),
            "<W, X^T U> = <X W, U> of any step, with its W, X and U; of V as of W.",
            FiniteSums(),
        ),
        Step(
            "of_gradient",
            _eq(total(gradient**2), gg),
            "|X^T U|^2 = <U, X X^T U>: the step's own part of the Gram matrix gives it.",
            FiniteSums(),
        ),
        Step("norm", _eq(total(after_w**2), form(moved, moved)), "So the squared norm of the weights,", FiniteSums()),
        Step(
            "norm_with_velocity",
            _eq(total(after_w * after_v), form(moved, turned)),
            "their product with the velocities,",
            FiniteSums(),
        ),
        Step(
            "norm_of_velocity",
            _eq(total(after_v**2), form(turned, turned)),
            "and the squared norm of these are known after every step, though both are written once per block.",
            FiniteSums(),
        ),
    )
