"""Muon on gradient noise: size of the matrices, how they turn, how far they get, and what the polar factor forgets."""

from __future__ import annotations

import sympy as sp

from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.laws.muon.bounds import NESTEROV_LAWS, bound_formulas, bound_steps, nesterov_steps
from derivations.laws.muon.first_lag import BY_PAIRS, first_lag_formulas, first_lag_steps
from derivations.laws.muon.polar import REST, polar_steps
from derivations.laws.shared.box import bound_after, box_steps, without_box
from derivations.laws.shared.openings import STEP_DECAY, decay_per_step
from derivations.laws.shared.steady_state import alpha, budget, forgets, sine_at, turning, turning_formulas
from derivations.prover.measured import MeasuredError
from derivations.prover.rules import Induction, Root, Termwise
from derivations.scope import Scope
from derivations.step import Assumption, Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols
from derivations.without_decay import WithoutDecay

eta, lmbda, n, epsilon, beta1, step, dim, lag, lags = symbols("eta lmbda n epsilon beta1 step dim lag lags")
update_norm, weight_norm, overlap, turn = symbols("update_norm weight_norm weight_update_overlap turn")
update_bound, weight_bound, weight_abs, weight_abs_0, a, y, t = symbols(
    "update_bound weight_bound weight_abs weight_abs_0 a y t"
)
linear_share, correlation = symbols("linear_share correlation")
SMALL, AVERAGE, PARTLY, BELOW_ONE = STEP_DECAY < 1, beta1 < 1, linear_share < 1, correlation < 1
LEADING = update_norm * sp.sqrt(eta * n / (2 * lmbda) * (1 + beta1) / (1 - beta1))
ANGLE = sp.asin(sine_at(STEP_DECAY))
BOX = update_bound * n / lmbda
CORNERS = (-0.000134133379, -0.0138423684, 0.000497373174, 0.0485701268)
w, u, i = sp.IndexedBase("w"), sp.IndexedBase("u"), sp.Idx("i")
WEIGHTS, LAGS = (i, 1, dim), (lag, 1, lags)


def overlap_at(share: sp.Expr) -> sp.Expr:
    """Return -E<W, U'> with the next direction U', where a step removes this share of a weight."""
    return eta * beta1 * update_norm**2 / forgets(share)


def norm_at(share: sp.Expr) -> sp.Expr:
    """Return the norm of the weights for correlations beta1^k."""
    return eta * update_norm * sp.sqrt((1 + (1 - share) * beta1) / (share * (2 - share) * forgets(share)))


def _steady() -> tuple[Step, ...]:
    total = sp.Function("S")
    return (
        decay_per_step(),
        budget("The norm budget of W' = (1 - epsilon) W - eta U."),
        Step(
            "one_step_later",
            _eq(
                sp.Sum(alpha ** (lag - 1) * beta1 ** (lag + 1), LAGS),
                beta1 * sp.Sum(alpha ** (lag - 1) * beta1**lag, LAGS),
            ),
            "W holds the direction of j steps ago as -eta (1 - epsilon)^(j-1) U. With correlations beta1^j its product "
            "with the direction after the next is beta1 times that with the next.",
            Termwise(),
        ),
        Step(
            "overlap",
            solved(
                _eq(overlap - beta1 * alpha * overlap, eta * beta1 * update_norm**2), overlap, overlap_at(STEP_DECAY)
            ),
            "At rest, overlap = -E<W, U> for the direction met next: the old weights bring beta1 (1 - epsilon) "
            "overlap, the last step eta beta1 U^2.",
            Root(overlap, forgets(STEP_DECAY), (1 - beta1,)),
        ),
        Step(
            "weight_norm",
            solved(
                _eq(
                    weight_norm**2,
                    alpha**2 * weight_norm**2 + 2 * alpha * eta * overlap_at(STEP_DECAY) + eta**2 * update_norm**2,
                ),
                weight_norm,
                norm_at(STEP_DECAY),
            ),
            "The budget at rest, on average.",
            Root(weight_norm, 2 * weight_norm * STEP_DECAY * (1 + (1 - STEP_DECAY)), (1 - beta1, 1 - STEP_DECAY)),
        ),
        Step(
            "norm_leading",
            _eq(norm_at(epsilon), eta * update_norm * sp.sqrt((1 + beta1) / (2 * epsilon * (1 - beta1)))),
            "For epsilon << 1 - beta1.",
            MeasuredError(
                beta1,
                0.1,
                0.995,
                0.049,
                5,
                ((epsilon, (1 - beta1) / 1000, (1 - beta1) / 10),),
                CORNERS,
                (beta1, epsilon),
            ),
        ),
        *turning(overlap_at(STEP_DECAY), norm_at(STEP_DECAY) ** 2, update_norm**2),
        Step(
            "lag_recursion",
            sp.And(_eq(total(0), 0), _eq(total(step + 1), alpha * beta1 * (1 + total(step)))),
            "The sum of ((1 - epsilon) beta1)^j over the first k lags.",
        ),
        Step(
            "lag_sum",
            _eq(total(step), alpha * beta1 * (1 - (alpha * beta1) ** step) / (1 - alpha * beta1)),
            "Induction: it tends to (1 - epsilon) beta1/(1 - (1 - epsilon) beta1); likewise with beta1^3 for beta1.",
            Induction(),
        ),
    )


def _box() -> tuple[Step, ...]:
    return (
        *box_steps(update_bound),
        Step(
            "box",
            solved(_eq((1 - STEP_DECAY) * weight_bound + eta * update_bound, weight_bound), weight_bound, BOX),
            "Where the bound stays.",
            Root(weight_bound, -STEP_DECAY),
        ),
    )


def _formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    one, steady = "1", (SMALL, AVERAGE)
    sizes = (update_norm, eta, lmbda, n, beta1)
    return (
        Formula.of(steps, "weight_norm", sizes, "norm of W, correlations beta1^j", one, "weight_norm", steady),
        Formula.of(steps, "weight_norm_leading", sizes, "the same for small decay", one, "norm_leading", steady),
        *bound_formulas(steps, steady),
        *first_lag_formulas(steps, steady),
        *turning_formulas(steps, "U", steady),
        Formula.of(steps, "weight_bound", (update_bound, lmbda, n), "limsup of the largest singular value", one, "box"),
        bound_after(steps, update_bound, "what no singular value exceeds after k steps"),
    )


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> build().formulas["weight_bound"](update_bound=1, lmbda=5, n=50)
    10.0
    """
    steps = (*_steady(), *polar_steps(), *nesterov_steps(), *bound_steps(), *first_lag_steps(), *_box())
    return Derivation(
        name="muon",
        statement="Muon's directions U = s P(m), P the polar factor of the averaged gradient, have a fixed norm. On "
        "gradient noise |W| settles at U sqrt(eta n (1 + beta1)/(2 lmbda (1 - beta1))) if directions j steps apart "
        "have the correlation beta1^j. They have less: phi(beta1^j), between phi'(0) rho and phi'(0) rho + "
        "(1 - phi'(0)) rho^3, which brackets |W| below that value, and the angle of a step above. Nesterov's averages "
        "have the correlation r beta1^j: with it for rho the same brackets hold, and with Newton-Schulz steps for the "
        "polar factor; with the correlation of updates one step apart known they are narrower. Whatever the gradients, "
        "no singular value stays above s n/lmbda.",
        assumptions=(
            Assumption("W' = (1 - eta lmbda/n) W - eta U, |U| fixed: decoupled decay, exact polar factor."),
            Assumption("A step removes less than the whole weight: eta lmbda/n < 1.", SMALL),
            Assumption("beta1 < 1.", AVERAGE),
            Assumption("For weight_norm, cosine and rotation E<U_t, U_t+j> = beta1^j |U|^2: not exact, see `faster`."),
            Assumption(
                "Muon as most people run it has Nesterov's momentum and a few Newton-Schulz steps in place of the "
                "polar factor. The bounds named nesterov are for it, U being the rms norm and phi'(0) the linear share "
                "of what Newton-Schulz gives; weight_norm, cosine and rotation are not, and 25 to 40 % off on 24 x 24 "
                "matrices."
            ),
            Assumption(
                "For the bounds the gradients are independent Gaussian matrices, whatever the weights, so that the "
                "averaged gradients j steps apart are Gaussian with correlation beta1^j, or Nesterov's with r beta1^j; "
                "many weights, so that norms and products are their averages."
            ),
            Assumption("0 < phi'(0) < 1.", PARTLY),
            Assumption("0 < rho < 1.", BELOW_ONE),
            Assumption("t <= rho^3, by `next_power`.", REST, ("at_most", "later_lags")),
            Assumption(
                "In the box's steps a = x'Wz and y = x'Uz for unit vectors x, z, |w| is the largest singular value of "
                "W, and u_max that of U: |a| <= |w|.",
                a <= weight_abs,
                ("from_above",),
            ),
            Assumption("The same on the other side.", -a <= weight_abs, ("from_below",)),
            Assumption("|y| <= u_max.", -y <= update_bound, ("from_above",)),
            Assumption("|y| <= u_max.", y <= update_bound, ("from_below",)),
        ),
        steps=steps,
        formulas={formula.name: formula for formula in _formulas(steps)},
        scope=Scope(("muon",), "noise", network={"nesterov": ("no",)}),
        scopes={
            **dict.fromkeys(("weight_bound", "weight_bound_after"), Scope(("muon",))),
            **dict.fromkeys((*NESTEROV_LAWS, *BY_PAIRS), Scope(("muon",), "noise", network={"nesterov": ("yes",)})),
            "nesterov_correlation": Scope(),
        },
        without_decay={
            **dict.fromkeys(
                (
                    *("weight_norm", "weight_norm_leading", "weight_norm_lower", "weight_norm_upper"),
                    *("weight_norm_nesterov_lower", "weight_norm_nesterov_upper"),
                    *("weight_norm_nesterov_lower_by_pairs", "weight_norm_nesterov_upper_by_pairs"),
                ),
                WithoutDecay(words="weights on noise do not settle"),
            ),
            "weight_bound": WithoutDecay(words="no singular value is bounded"),
            "weight_bound_after": without_box(update_bound),
        },
        validity=(
            Assumption("eta lmbda < n.", SMALL),
            Assumption(
                "weight_norm, cosine and rotation are off: correlations fall off faster than beta1^j. For 24 x 24 "
                "matrices, at beta1 = 0.9 and at 0.95, |W| is stated 14 % and the cosine 15 to 16 % too large, the "
                "angle 14 to 16 % too small; less for long shapes. Their bounds hold: those of |W| are 3 to 7 % apart, "
                "those of the other two 3 to 10 %."
            ),
            Assumption(
                "phi'(0) is 2/pi for 1 x 1, .656 for 2 x 2, .7205 for large squares; measured .711 for 24 x 24, .932 "
                "for 16 x 64. After five Newton-Schulz steps with the usual coefficients: .724 for 24 x 24, .662 for "
                "64 x 64, .939 for 16 x 64, and U is 0.87 to 0.90 of the polar factor's sqrt(min(p, q))."
            ),
        ),
        references=(
            "Wen, Dang, Lyu, Ma, Liang 2025, From Weight Decay to Hyperball, part 2 [read]: weight_norm; proved here.",
            "The polar factor's linear share, its three values, and the brackets: derived here, no source found.",
            "K. Jordan et al. 2024, Muon [code remembered]: Nesterov's mixture and the Newton-Schulz steps.",
        ),
        ranges={
            eta: (1e-3, 0.3),
            lmbda: (0.1, 10),
            n: (10, 1000),
            beta1: (0.1, 0.9),
            turn: (1e-3, 1),
            linear_share: (0.2, 0.95),
            symbols("first_rest")[0]: (0.01, 0.2),
            correlation: (0.2, 0.95),
            t: (1e-3, 1),
        },
    )
