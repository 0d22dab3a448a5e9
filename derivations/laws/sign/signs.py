"""Signs of correlated Gaussians, and the weights that steps by such signs sustain."""

from __future__ import annotations

import sympy as sp

from derivations.functions.arcsine import arcsine_sum
from derivations.laws.shared.gaussian import GaussianPrimitive
from derivations.laws.shared.openings import STEP_DECAY
from derivations.laws.shared.parameter_integral import ParameterIntegral
from derivations.laws.shared.steady_state import alpha, budget
from derivations.prover.rules import Antiderivative, InductionOverSum, Root
from derivations.step import Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols

eta, epsilon, step, count, correlation, weight_rms, y, z = symbols("eta epsilon step count correlation weight_rms y z")
overlap, turn, rotation = symbols("weight_update_overlap turn rotation")
PARTIAL = 1 - correlation**2 > 0
SIGNS = 2 * sp.asin(correlation) / sp.pi
density = sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi)


def settled(share: sp.Expr, first: sp.Expr, ratio: sp.Expr) -> sp.Expr:
    """Return the rms of the weights where signs k steps apart come from averages of correlation first*ratio^k."""
    return eta * sp.sqrt((1 + 4 * arcsine_sum(share, first, ratio) / sp.pi) / (share * (2 - share)))


def arcsine_law() -> tuple[Step, ...]:
    """Return the steps to the mean product of the signs of two correlated Gaussians."""
    rest = 1 - correlation**2
    kept = sp.sqrt(rest)
    bell = sp.exp(-(z**2) / rest / 2)
    return (
        Step(
            "excess",
            _eq(sp.Integral(density, (z, -y, y)), sp.erf(y / sp.sqrt(2))),
            "A Gaussian y + z is positive more often than negative by this much.",
            Antiderivative(sp.erf(z / sp.sqrt(2)) / 2, -sp.erf(y / sp.sqrt(2)) / 2, sp.erf(y / sp.sqrt(2)) / 2),
        ),
        Step(
            "arcsine_law",
            _eq(
                sp.Integral(2 * density * sp.erf(correlation * z / (sp.sqrt(2) * kept)), (z, 0, sp.oo)),
                SIGNS,
            ),
            "Mean product of the signs of z and of rho z + sqrt(1 - rho^2) z', z and z' independent: the excess at "
            "y = rho z/sqrt(1 - rho^2), averaged over z > 0 and, the same once more, over z < 0.",
            ParameterIntegral(correlation, GaussianPrimitive(-2 * bell / (sp.pi * kept), sp.S.Zero, sp.S.One), (rest,)),
        ),
    )


def norm_budget() -> tuple[Step, ...]:
    """Return the steps from signs s(j) to the mean square of the weights they sustain."""
    weight, sign = sp.Function("W"), sp.Function("s")
    return (
        Step(
            "weights",
            sp.And(_eq(weight(0), 0), _eq(weight(step + 1), alpha * weight(step) - eta * sign(step))),
            "The weight after k steps of the signs s, from 0.",
        ),
        Step(
            "history",
            _eq(weight(step), -eta * sp.Sum(alpha ** (step - 1 - count) * sign(count), (count, 0, step - 1))),
            "Induction: the sign of j steps ago counts (1 - epsilon)^(j-1). Its mean product with the next sign s is "
            "hence -eta times the sum over lags k >= 1 of (1 - epsilon)^(k-1) times the mean product k steps apart.",
            InductionOverSum(),
        ),
        budget("The norm budget; u are the signs of this step, so the last sum is their number."),
    )


def at_rest(share: sp.Expr, first: sp.Expr, ratio: sp.Expr) -> sp.Equivalent:
    """Return the claim that the budget balances at `settled`; the lags' weights are those of `history`."""
    products = 2 * arcsine_sum(share, first, ratio) / sp.pi
    return solved(
        _eq(share * (2 - share) * weight_rms**2, eta**2 + 2 * eta**2 * products),
        weight_rms,
        settled(share, first, ratio),
    )


def sine_of_signs(share: sp.Expr, first: sp.Expr, ratio: sp.Expr) -> sp.Expr:
    """Return the sine of the angle by which steps of such signs turn the weights."""
    total = arcsine_sum(share, first, ratio)
    budget_ = 1 + 4 * total / sp.pi
    inside = share * (2 - share)
    along = 4 * total**2 * inside / (sp.pi**2 * (1 - share) ** 2 * budget_)
    return sp.sqrt(inside * (1 - along) / budget_)


def turning_of_signs(first: sp.Expr, ratio: sp.Expr) -> tuple[Step, ...]:
    """Return the steps to the angle of a step; the overlap is minus the mean product of a weight and its next sign."""
    total = arcsine_sum(STEP_DECAY, first, ratio)
    size = settled(STEP_DECAY, first, ratio)
    reach = 2 * eta * total / (sp.pi * (1 - STEP_DECAY))
    return (
        Step(
            "outward",
            solved(
                _eq(
                    STEP_DECAY * (2 - STEP_DECAY) * size**2,
                    eta**2 + 2 * (1 - STEP_DECAY) * eta * overlap,
                ),
                overlap,
                reach,
            ),
            "What the budget at rest leaves for minus the mean product of a weight and the sign it meets next.",
            Root(overlap, -2 * eta * (1 - STEP_DECAY), (1 - STEP_DECAY,)),
        ),
        Step(
            "turn",
            solved(
                _eq(
                    turn**2,
                    eta**2 / size**2 * (1 - reach**2 / size**2),
                ),
                turn,
                sine_of_signs(STEP_DECAY, first, ratio),
            ),
            "The part of the step at right angles to w, over |w'| = |w|: the sine of the angle. Many weights, so that "
            "norms and products are their averages.",
            Root(turn, 2 * turn),
        ),
        Step(
            "rotation",
            _eq(rotation, sp.asin(sine_of_signs(STEP_DECAY, first, ratio))),
            "The angle with this sine.",
        ),
    )
