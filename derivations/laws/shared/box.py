"""How far a weight can get: the largest direction of Adam's update, and the box that bounded directions confine to."""

from __future__ import annotations

import sympy as sp

from derivations.formula import Formula
from derivations.laws.shared.openings import STEP_DECAY
from derivations.prover.rules import Identity, Induction, NonNegativeGap, Root, Tightness
from derivations.step import Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols
from derivations.without_decay import WithoutDecay

eta, lmbda, n, epsilon, beta1, beta2, step = symbols("eta lmbda n epsilon beta1 beta2 step")
update_bound, weight_abs, weight_abs_0, a, y, t = symbols("update_bound weight_abs weight_abs_0 a y t")
alpha = 1 - epsilon
WORST_SQUARE = (1 - beta1) ** 2 / ((1 - beta2) * (1 - beta1**2 / beta2))
BOUND = (1 - beta1) / sp.sqrt((1 - beta2) * (1 - beta1**2 / beta2))
# The gradient for which the worst case stays the worst case.
ALIGNED = a * (beta2 - beta1**2) / (beta1 * (1 - beta1))


def before_the_step() -> sp.Rel:
    """Return m^2 <= K v, with a for m and t for v."""
    return sp.Le(a**2, WORST_SQUARE * t)


def worst_case() -> tuple[Step, ...]:
    """Return the steps to the largest |m|/sqrt(v) that any gradients y can bring about; a stands for m, t for v."""
    stay = WORST_SQUARE * t - a**2
    spare = beta2 - beta1**2
    gap = spare * beta2 * stay + (spare * a - beta1 * (1 - beta1) * y) ** 2
    return (
        Step(
            "worst_case",
            sp.Le(
                spare * (beta1 * a + (1 - beta1) * y) ** 2,
                spare * WORST_SQUARE * (beta2 * t + (1 - beta2) * y**2),
                evaluate=False,
            ),
            "Induction over the steps, for any gradients y: if m^2 <= K v, then m'^2 <= K v'; both start at 0. "
            "Both sides times beta2 - beta1^2. "
            "(Cauchy-Schwarz, with K the sum of squared weights of m over those of v.)",
            NonNegativeGap(gap, (stay, spare), Tightness(y, (beta1 * (1 - beta1) * y) ** 2, sp.oo)),
        ),
        Step(
            "worst_average",
            _eq(beta1 * a + (1 - beta1) * ALIGNED, beta2 / beta1 * a),
            "Gradients in proportion to m make m grow by beta2/beta1 a step,",
            Identity(),
        ),
        Step(
            "worst_square",
            _eq(beta2 * a**2 / WORST_SQUARE + (1 - beta2) * ALIGNED**2, (beta2 / beta1 * a) ** 2 / WORST_SQUARE),
            "and keep m^2 = K v where it holds: no smaller K will do.",
            Identity(),
        ),
        Step(
            "update_bound",
            solved(_eq(update_bound**2, WORST_SQUARE), update_bound, BOUND),
            "Its root: the largest |m|/sqrt(v).",
            Root(update_bound, 2 * update_bound, (1 - beta1, 1 - beta2, beta2 - beta1**2)),
        ),
    )


def bound_after(steps: tuple[Step, ...], bound: sp.Expr, meaning: str) -> Formula:
    """Return the formula of `box_steps`' last claim, for a number or a symbol as bound of the direction."""
    parameters = (*bound.free_symbols, eta, lmbda, n, step, weight_abs_0)
    return Formula.of(steps, "weight_bound_after", parameters, meaning, "1", "box_bound", (STEP_DECAY < 1,))


def without_box(bound: sp.Expr) -> WithoutDecay:
    """Return what `bound_after` says without decay."""
    return WithoutDecay(weight_abs_0 + step * eta * bound, "box_undecayed")


def box_steps(bound: sp.Expr) -> tuple[Step, ...]:
    """Return the steps from |u| <= bound to the box that confines the weights; they use `weight_abs`, a and y."""
    box, kept = sp.Function("B"), sp.Function("B_0")
    long_run = bound * n / lmbda
    return (
        Step(
            "from_above",
            sp.Le(alpha * a - eta * y, alpha * weight_abs + eta * bound, evaluate=False),
            "The update of a weight a with |a| <= |w| and a direction y with |y| <= u_max.",
            NonNegativeGap(
                alpha * (weight_abs - a) + eta * (bound + y),
                (1 - STEP_DECAY, weight_abs - a, bound + y),
                Tightness(eta, alpha * (weight_abs - a) + eta * (bound + y)),
            ),
        ),
        Step(
            "from_below",
            sp.Le(-(alpha * weight_abs + eta * bound), alpha * a - eta * y, evaluate=False),
            "The same on the other side: |w'| <= (1 - epsilon)|w| + eta u_max.",
            NonNegativeGap(
                alpha * (weight_abs + a) + eta * (bound - y),
                (1 - STEP_DECAY, weight_abs + a, bound - y),
                Tightness(eta, alpha * (weight_abs + a) + eta * (bound - y)),
            ),
        ),
        Step(
            "bound_per_step",
            sp.And(_eq(box(0), weight_abs_0), _eq(box(step + 1), alpha * box(step) + eta * bound)),
            "What |w| cannot exceed after k steps.",
        ),
        Step(
            "box_bound",
            _eq(box(step), (1 - STEP_DECAY) ** step * weight_abs_0 + (1 - (1 - STEP_DECAY) ** step) * long_run),
            "Induction: the excess over the box shrinks by 1 - epsilon a step, so limsup |w| <= n u_max/lmbda.",
            Induction(),
        ),
        Step(
            "bound_without_decay",
            sp.And(_eq(kept(0), weight_abs_0), _eq(kept(step + 1), kept(step) + eta * bound)),
            "The same at lmbda = 0.",
        ),
        Step(
            "box_undecayed",
            _eq(kept(step), weight_abs_0 + step * eta * bound),
            "Induction: nothing confines the weights.",
            Induction(),
        ),
    )
