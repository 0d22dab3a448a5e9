"""A weight and the step it meets next as a pair of Gaussians: what cautious decay sees of them, and their balance."""

from __future__ import annotations

import sympy as sp

from derivations.laws.shared.gaussian import GaussianPrimitive
from derivations.laws.shared.openings import STEP_DECAY
from derivations.laws.shared.parameter_integral import ParameterIntegral
from derivations.prover.rules import Identity, Root
from derivations.step import Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols

eta, epsilon, beta1, lean, weight_rms, z = symbols("eta epsilon beta1 lean weight_rms z")
DENSITY = sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi)
WIDTH = 1 + lean**2
KEPT = 1 / sp.sqrt(WIDTH)
SQUARE = sp.Rational(1, 2) - (sp.atan(lean) + lean / WIDTH) / sp.pi
PRODUCT = -lean * KEPT * SQUARE + KEPT**3 / sp.pi
UPDATE_RMS = sp.sqrt((1 - beta1) / (1 + beta1))
# Of the weights' correlation with the next step, what memory must bring: the rest is brought by the decay itself.
MEMORY = lean * KEPT * (1 - beta1)


def size_at(share: sp.Expr) -> sp.Expr:
    """Return the rms of the weights at which the correlation renews itself, where a step takes this share."""
    return beta1 * eta * UPDATE_RMS / (MEMORY - beta1 * share * PRODUCT)


def excess_at(share: sp.Expr, weight: sp.Expr) -> sp.Expr:
    """Return what decay takes off the mean square less what steps bring, over eta^2 and the steps' mean square."""
    ratio = weight / (eta * UPDATE_RMS)
    brought = 1 + 2 * (lean * KEPT + share * PRODUCT) * ratio
    return share * (2 - share) * SQUARE * ratio**2 - brought


def steps() -> tuple[Step, ...]:
    """Return the steps to the averages of a decayed weight, and to the two balances."""
    square, product = sp.Function("A"), sp.Function("B")
    skew = z**2 * DENSITY * sp.erf(lean * z / sp.sqrt(2))
    bell = sp.exp(-(z**2) * WIDTH / 2)
    slope = -(z**2 / WIDTH + 2 / WIDTH**2) * bell / sp.pi
    both = z * DENSITY * sp.exp(-(lean**2) * z**2 / 2) / sp.sqrt(2 * sp.pi)
    half = sp.Integral(z**2 * DENSITY, (z, 0, sp.oo))
    return (
        Step(
            "half_square",
            _eq(half, sp.Rational(1, 2)),
            "Mean square of a standard Gaussian, from one side.",
            GaussianPrimitive(-z * DENSITY, sp.Rational(1, 2), 1 / sp.sqrt(2)),
        ),
        Step(
            "skew_square",
            _eq(sp.Integral(skew, (z, 0, sp.oo)), (sp.atan(lean) + lean / WIDTH) / sp.pi),
            "The same, times how much more often the step -u, of mean c z and spread 1, leads away from zero.",
            ParameterIntegral(lean, GaussianPrimitive(slope)),
        ),
        Step(
            "decayed_square",
            _eq(half - sp.Integral(skew, (z, 0, sp.oo)), SQUARE),
            "A: mean square of the weights that decay, over w_rms^2: the step leads back with probability "
            "(1 - erf(c z/sqrt(2)))/2, on either side.",
            Identity(less=(("half_square", sp.S.One), ("skew_square", -sp.S.One))),
        ),
        Step(
            "spread",
            _eq(
                sp.Integral(both, (z, 0, sp.oo)),
                1 / (2 * sp.pi * WIDTH),
            ),
            "What the step's spread adds where it leads back.",
            GaussianPrimitive(-bell / (2 * sp.pi * WIDTH)),
        ),
        Step(
            "decayed_product",
            _eq(
                -lean * KEPT * (half - sp.Integral(skew, (z, 0, sp.oo))) + 2 * KEPT * sp.Integral(both, (z, 0, sp.oo)),
                PRODUCT,
            ),
            "B: mean of w u over the weights that decay, over w_rms u_rms. A step -u of mean mu and spread r has, "
            "where it leads back, the mean r phi(mu/r) - mu Phi(-mu/r) of u; here mu = rho z, r = 1/sqrt(1 + c^2), and "
            "c = mu/(r z).",
            Identity(less=(("decayed_square", -lean * KEPT), ("spread", 2 * KEPT))),
        ),
        Step("square_of_lean", _eq(square(lean), SQUARE), "As a function of c."),
        Step("product_of_lean", _eq(product(lean), PRODUCT), "As a function of c."),
        Step(
            "renewal",
            solved(
                _eq(
                    lean * KEPT * weight_rms,
                    beta1 * (lean * KEPT * weight_rms + STEP_DECAY * PRODUCT * weight_rms + eta * UPDATE_RMS),
                ),
                weight_rms,
                size_at(STEP_DECAY),
            ),
            "At rest the correlation rho = c/sqrt(1 + c^2) of a weight with its next step renews itself: after "
            "the step -w'u is -w u + epsilon w u (where it decays) + eta u^2, and the next direction keeps beta1 of u.",
            Root(weight_rms, MEMORY - beta1 * STEP_DECAY * PRODUCT, (MEMORY - beta1 * STEP_DECAY * PRODUCT, 1 - beta1)),
        ),
        Step(
            "balance",
            _eq(
                (
                    STEP_DECAY * (2 - STEP_DECAY) * SQUARE * weight_rms**2
                    - 2 * eta * UPDATE_RMS * weight_rms * (lean * KEPT + STEP_DECAY * PRODUCT)
                    - eta**2 * UPDATE_RMS**2
                )
                / (eta * UPDATE_RMS) ** 2,
                excess_at(STEP_DECAY, weight_rms),
            ),
            "And the mean square stays where this is 0, by `one_weight` averaged over the pair. Renewal and balance "
            "together fix c and w_rms.",
            Identity(),
        ),
    )
