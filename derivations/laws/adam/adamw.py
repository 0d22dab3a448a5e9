"""AdamW on gradient noise: size of the weights, how they turn, and a bound that holds for any gradients."""

from __future__ import annotations

import sympy as sp

from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.laws.adam import over_time, short_memory
from derivations.laws.adam.over_time import UPDATE_MS, overlap_at, rms_at
from derivations.laws.shared.box import BOUND, before_the_step, bound_after, box_steps, without_box, worst_case
from derivations.laws.shared.openings import STEP_DECAY, decay_per_step
from derivations.laws.shared.steady_state import alpha, budget, forgets, sine_at, turning, turning_formulas
from derivations.prover.measured import MeasuredError
from derivations.prover.rules import Identity, Induction, Root, Taylor, Termwise
from derivations.scope import Scope
from derivations.step import Assumption, Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols
from derivations.without_decay import WithoutDecay

eta, lmbda, n, epsilon, beta1, beta2, step, dim = symbols("eta lmbda n epsilon beta1 beta2 step dim")
update_ms, overlap, weight_rms, turn, memory = symbols("update_ms weight_update_overlap weight_rms turn memory")
(weight_rms_0,) = symbols("weight_rms_0")
update_bound, weight_bound, weight_abs, weight_abs_0, a, y = symbols(
    "update_bound weight_bound weight_abs weight_abs_0 a y"
)
SMALL = STEP_DECAY < 1
AVERAGE = beta1 < 1
SQUARES = beta2 < 1
WORST = beta1**2 < beta2
FADES = beta1 < 1 - STEP_DECAY


EXCESS = (1 + 2 * memory - epsilon * memory) / ((1 + 2 * memory) * (1 - epsilon / 2) * (1 + epsilon * memory))
BOX = BOUND * n / lmbda
w, u, g, i = sp.IndexedBase("w"), sp.IndexedBase("u"), sp.IndexedBase("g"), sp.Idx("i")
WEIGHTS = (i, 1, dim)


def _steps() -> tuple[Step, ...]:
    square = sp.Function("U")
    return (
        decay_per_step(),
        Step(
            "average",
            _eq(
                sp.Sum((beta1 * u[i] + (1 - beta1) * g[i]) ** 2, WEIGHTS),
                beta1**2 * sp.Sum(u[i] ** 2, WEIGHTS)
                + 2 * beta1 * (1 - beta1) * sp.Sum(u[i] * g[i], WEIGHTS)
                + (1 - beta1) ** 2 * sp.Sum(g[i] ** 2, WEIGHTS),
            ),
            "Square of the next average, g in units of sigma; a fresh g makes the middle sum vanish on average.",
            Termwise(),
        ),
        Step(
            "recursion",
            sp.And(_eq(square(0), 0), _eq(square(step + 1), beta1**2 * square(step) + (1 - beta1) ** 2)),
            "Hence the mean square of the direction after k steps from rest, without bias correction.",
        ),
        Step(
            "warm_up",
            _eq(square(step), UPDATE_MS * (1 - beta1 ** (2 * step))),
            "Induction: it tends to (1 - beta1)/(1 + beta1) like beta1^2k.",
            Induction(),
        ),
        Step(
            "update_ms",
            solved(_eq(update_ms - beta1**2 * update_ms, (1 - beta1) ** 2), update_ms, UPDATE_MS),
            "The value that stays.",
            Root(update_ms, (1 - beta1) ** 2 + 2 * beta1 * (1 - beta1), (1 - beta1,)),
        ),
        Step(
            "memory",
            _eq(
                sp.Sum(w[i] * (beta1 * u[i] + (1 - beta1) * g[i]), WEIGHTS),
                beta1 * sp.Sum(w[i] * u[i], WEIGHTS) + (1 - beta1) * sp.Sum(w[i] * g[i], WEIGHTS),
            ),
            "Product of a weight and its next direction: beta1 times that with the last one, as g is fresh.",
            Termwise(),
        ),
        Step(
            "after_the_step",
            _eq(
                sp.Sum((alpha * w[i] - eta * u[i]) * u[i], WEIGHTS),
                alpha * sp.Sum(w[i] * u[i], WEIGHTS) - eta * sp.Sum(u[i] ** 2, WEIGHTS),
            ),
            "Product after the step, w' = (1 - epsilon) w - eta u.",
            Termwise(),
        ),
        Step(
            "overlap",
            solved(
                _eq(overlap - alpha * beta1 * overlap, eta * UPDATE_MS),
                overlap,
                overlap_at(STEP_DECAY),
            ),
            "The last two on average, at rest; overlap is -E[w u].",
            Root(overlap, forgets(STEP_DECAY), (1 - beta1,)),
        ),
        budget("The norm budget."),
        Step(
            "weight_rms",
            solved(
                _eq(
                    weight_rms**2,
                    alpha**2 * weight_rms**2 + 2 * alpha * eta * beta1 * overlap_at(STEP_DECAY) + eta**2 * UPDATE_MS,
                ),
                weight_rms,
                rms_at(STEP_DECAY),
            ),
            "At rest on average: E[w u'] = -beta1 overlap for the next direction u'.",
            Root(weight_rms, 2 * weight_rms * STEP_DECAY * (1 + (1 - STEP_DECAY)), (1 - beta1, 1 - STEP_DECAY)),
        ),
        *over_time.transient(),
        Step(
            "rms_leading",
            _eq(rms_at(epsilon), eta / sp.sqrt(2 * epsilon)),
            "For epsilon << 1 - beta1: neither beta1 nor the gradient's size is left.",
            MeasuredError(
                beta1,
                0.1,
                0.995,
                0.049,
                5,
                ((epsilon, (1 - beta1) / 1000, (1 - beta1) / 10),),
                (-0.000134133379, -0.0138423684, 0.000497373174, 0.0485701268),
                (beta1, epsilon),
            ),
        ),
        Step("memory_steps", _eq(memory, beta1 / (1 - beta1)), "How many steps the average remembers."),
        Step(
            "ms_in_memory",
            _eq(2 * epsilon * rms_at(epsilon) ** 2 / eta**2, EXCESS),
            "E[w^2] over its leading value, in terms of that memory.",
            Identity(),
        ),
        Step(
            "ms_series",
            _eq(
                EXCESS,
                1 + (sp.Rational(1, 2) - 2 * memory * (1 + memory) / (1 + 2 * memory)) * epsilon + sp.O(epsilon**2),
            ),
            "Its first correction: the leading value is good for epsilon << 1 - beta1.",
            Taylor(),
        ),
        *over_time.apart(),
        *turning(beta1 * overlap_at(STEP_DECAY), rms_at(STEP_DECAY) ** 2, UPDATE_MS),
        Step(
            "rotation_leading",
            _eq(sp.asin(sine_at(epsilon)), sp.sqrt(2 * epsilon * (1 - beta1) / (1 + beta1))),
            "For epsilon << 1.",
            MeasuredError(
                epsilon,
                1e-5,
                1e-2,
                0.0025,
                5,
                ((beta1, 0.1, 0.95),),
                (-1.13636484e-06, -2.45726798e-06, -0.00113757016, -0.00246029203),
                (epsilon, beta1),
            ),
        ),
        *short_memory.steps(),
        *worst_case(),
        *box_steps(update_bound),
        Step(
            "box",
            solved(_eq((1 - STEP_DECAY) * weight_bound + eta * BOUND, weight_bound), weight_bound, BOX),
            "Where the bound stays.",
            Root(weight_bound, -STEP_DECAY),
        ),
    )


def _formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    one = "1"
    steady = (SMALL, AVERAGE)
    worst = (AVERAGE, SQUARES, WORST)
    return (
        Formula.of(steps, "update_ms", (beta1,), "mean square of the direction u", one, "update_ms", (AVERAGE,)),
        Formula.of(steps, "weight_rms", (eta, lmbda, n, beta1), "rms of the weights", one, "weight_rms", steady),
        Formula.of(
            steps,
            "weight_ms_after",
            (eta, lmbda, n, beta1, step, weight_rms_0),
            "mean square of the weights after k steps of a warm average",
            one,
            "transient",
            (*steady, FADES),
        ),
        Formula.of(steps, "weight_rms_leading", (eta, lmbda, n), "the same for small decay", one, "rms_leading"),
        short_memory.formula(steps, (*steady, SQUARES)),
        Formula.of(
            steps,
            "cosine_apart",
            (eta, lmbda, n, beta1, step),
            "cosine between weights that are k steps apart",
            one,
            "cosine_apart",
            (*steady, FADES),
        ),
        *turning_formulas(steps, "u", steady),
        Formula.of(
            steps,
            "rotation_leading",
            (eta, lmbda, n, beta1),
            "the same for small decay",
            "radians",
            "rotation_leading",
            steady,
        ),
        Formula.of(steps, "update_bound", (beta1, beta2), "largest |u|, for any gradients", one, "update_bound", worst),
        Formula.of(
            steps, "weight_bound", (lmbda, n, beta1, beta2), "limsup of |w|, for any gradients", one, "box", worst
        ),
        bound_after(steps, update_bound, "what |w| cannot exceed after k steps"),
    )


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> round(build().formulas["update_bound"](beta1=0.9, beta2=0.999), 2)
    7.27
    """
    steps = _steps()
    return Derivation(
        name="adamw",
        statement="On gradient noise AdamW's weights settle at w_rms = sqrt(eta n/(2 lmbda)), whatever the gradient's "
        "size, and turn by sqrt(2 eta lmbda/n (1 - beta1)/(1 + beta1)) a step. Whatever the gradients, "
        "|m|/sqrt(v) <= u_max, so no weight stays outside |w| <= n u_max/lmbda.",
        assumptions=(
            Assumption("w' = (1 - eta lmbda/n) w - eta u, u = m/sqrt(v): decoupled decay, no stabiliser."),
            Assumption("A step removes less than the whole weight: eta lmbda/n < 1.", SMALL),
            Assumption("beta1 < 1.", AVERAGE),
            Assumption("beta2 < 1.", SQUARES),
            Assumption(
                "In the transient, and between weights steps apart, beta1 < 1 - epsilon: memory is shorter than decay.",
                FADES,
                ("transient", "apart", "cosine_apart"),
            ),
            Assumption("For the worst case beta1^2 < beta2.", WORST),
            Assumption(
                "For the steady state gradients are independent noise of variance sigma^2, whatever the weights, and "
                "beta2 is so near 1, and their tails so light, that v = sigma^2: (1 - beta2) times their kurtosis << 1."
            ),
            Assumption(
                "For weight_ms_short_memory v = sigma^2 on average only: its scatter counts to second order, products "
                "of three are left out. A gradient is as often g as -g."
            ),
            Assumption(
                "In the worst case's induction: m^2 <= K v before the step.", before_the_step(), ("worst_case",)
            ),
            Assumption("|a| <= |w| before the step.", a <= weight_abs, ("from_above",)),
            Assumption("|a| <= |w| before the step.", -a <= weight_abs, ("from_below",)),
            Assumption("|y| <= u_max.", -y <= update_bound, ("from_above",)),
            Assumption("|y| <= u_max.", y <= update_bound, ("from_below",)),
        ),
        steps=steps,
        formulas={formula.name: formula for formula in _formulas(steps)},
        scope=Scope(("adamw",), "noise"),
        scopes=dict.fromkeys(("update_bound", "weight_bound", "weight_bound_after"), Scope(("adamw",), "any")),
        without_decay={
            **dict.fromkeys(
                ("weight_rms", "weight_rms_leading", short_memory.NAME),
                WithoutDecay(words="weights on noise do not settle"),
            ),
            "weight_bound": WithoutDecay(words="no weight is bounded"),
            "weight_ms_after": WithoutDecay(over_time.undecayed(), "square_undecayed"),
            "weight_bound_after": without_box(update_bound),
        },
        validity=(
            Assumption("eta lmbda < n.", SMALL),
            Assumption(
                "Steady state: 1 - beta2 << 1. At beta2 = 0.95 the weights are 1.1 % (beta1 = 0.9) to 2.2 % (0.1) "
                "smaller than weight_rms says."
            ),
            Assumption(
                "weight_ms_short_memory has the first order of that. Its root is right to 0.3 % for normal gradients, "
                "beta2 >= 0.95 and beta1 from 0.1 to 0.9; at beta2 = 0.9 it is up to 0.9 % too small. It is for small "
                "(1 - beta2) square_var; square_var is 2 for normal gradients."
            ),
            Assumption(
                "That is for Gaussian gradients. Where a gradient is 0 in all but 5 % of the steps its kurtosis is 60: "
                "(1 - beta2) 60 is 3 at beta2 = 0.95, and the size is off by a quarter; 0.06 at 0.999."
            ),
            Assumption("Left out: higher orders of 1 - beta2, and a mean gradient."),
            Assumption("The transient: the average is warm and the first weights know nothing of the gradients."),
            Assumption(
                "u_max is for averages without bias correction, or late: that changes the first 1/(1 - beta2) steps."
            ),
        ),
        references=(
            "Wen, Dang, Lyu, Ma, Liang 2025, From Weight Decay to Hyperball, part 2 [read]: steady state; proved here.",
            "S. Xie and Z. Li 2024, box constraint of AdamW [second-hand]. The bound, with u_max for 1, is derived "
            "here; what AdamW solves in the box is not.",
            "J. Su 2025, kexue.fm 11307 [read]: the transient for epsilon << 1 - beta1; the exact one is derived here.",
        ),
        ranges={
            eta: (1e-3, 0.3),
            lmbda: (0.1, 10),
            n: (10, 1000),
            beta1: (0.1, 0.9),
            beta2: (0.85, 0.999),
            short_memory.square_var: (0.5, 2),
            turn: (1e-3, 1),
        },
    )
