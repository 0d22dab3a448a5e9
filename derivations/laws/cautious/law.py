"""I4: decay of those weights only that the step moves towards zero, on noise and at a minimum."""

from __future__ import annotations

import sympy as sp

from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.laws.cautious import pair
from derivations.laws.shared.gaussian import GaussianPrimitive
from derivations.laws.shared.openings import STEP_DECAY, decay_per_step
from derivations.prover.measured import MeasuredError
from derivations.prover.rules import Identity, Induction, NonNegativeGap, Root, Tightness
from derivations.scope import Scope
from derivations.step import Assumption, Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols
from derivations.without_decay import WithoutDecay

eta, lmbda, n, epsilon, beta1, step, lean, z = symbols("eta lmbda n epsilon beta1 step lean z")
weight_abs, update_abs, update_ms, weight_rms, batch_noise, a, y = symbols(
    "weight_abs update_abs update_ms weight_rms batch_noise a y"
)
curvature, optimum, bias, gap_0, gradient_std = symbols("curvature optimum bias gap_0 gradient_std")
SMALL, AVERAGE, SHORT = STEP_DECAY < 1, beta1 < 1, eta * curvature < 1
BEFORE = bias < optimum
BACK = sp.erfc(curvature * bias / (gradient_std * sp.sqrt(2))) / 2
LEANS = lean <= 2
RENEWS = pair.MEMORY - beta1 * STEP_DECAY * pair.PRODUCT > 0
TOWARDS = sp.sqrt(2 / sp.pi)
PLAIN = lmbda / n


def size_at(share: sp.Expr, mean_abs: sp.Expr, mean_square: sp.Expr) -> sp.Expr:
    """Return the positive root of the balance, where a step takes this share and |w| is Gaussian."""
    pull = share * TOWARDS * mean_abs
    lost = share * (2 - share)
    return (pull + sp.sqrt(pull**2 + 2 * lost * mean_square)) / lost


def on_noise(share: sp.Expr, variance: sp.Expr) -> sp.Expr:
    """Return the same for plain SGD on Gaussian noise of this variance."""
    return eta * sp.sqrt(variance) * (2 / sp.pi + sp.sqrt(4 / sp.pi**2 + 2 * (2 - share) / share)) / (2 - share)


def ordinary(share: sp.Expr, variance: sp.Expr) -> sp.Expr:
    """Return the rms under ordinary decay."""
    return eta * sp.sqrt(variance / (share * (2 - share)))


def _noise() -> tuple[Step, ...]:
    lost = STEP_DECAY * (2 - STEP_DECAY) / 2
    square = sp.Function("W")
    kept, gone = (1 - epsilon) * a - eta * y, a + eta * y
    brought = STEP_DECAY * eta * update_abs * weight_abs
    return (
        decay_per_step(),
        Step(
            "one_weight",
            _eq(
                (kept**2 + gone**2) / 2,
                (1 - epsilon * (2 - epsilon) / 2) * a**2 + epsilon * eta * a * y + eta**2 * y**2,
            ),
            "A weight a and a step of size eta y, back or on with equal odds. Back, it decays too; on, it does not: "
            "half of the decay, and a product that ordinary decay does not bring.",
            Identity(),
        ),
        Step(
            "square",
            _eq(square(weight_abs), (eta**2 * update_ms + brought) / lost),
            "So at rest, whatever the shape of the noise, from the mean absolute values of weights and updates, which "
            "know nothing of each other.",
        ),
        Step(
            "at_least",
            sp.Le(2 * eta**2 * update_ms / (STEP_DECAY * (2 - STEP_DECAY)), square(weight_abs), evaluate=False),
            "At least twice the mean square under ordinary decay: the product only adds to it.",
            NonNegativeGap(brought / lost, (1 - STEP_DECAY,), Tightness(weight_abs, brought / lost)),
        ),
        Step(
            "mean_abs",
            _eq(sp.Integral(2 * z * pair.DENSITY, (z, 0, sp.oo)), TOWARDS),
            "Mean absolute value of a standard Gaussian.",
            GaussianPrimitive(-2 * pair.DENSITY),
        ),
        Step(
            "weight_rms",
            solved(
                _eq(
                    lost * weight_rms - eta**2 * update_ms / weight_rms,
                    STEP_DECAY * TOWARDS * eta * update_abs,
                ),
                weight_rms,
                size_at(STEP_DECAY, eta * update_abs, eta**2 * update_ms),
            ),
            "The same, over w_rms, if E|w| is that of a Gaussian: the one thing here that is not exact.",
            Root(weight_rms, lost + eta**2 * update_ms / weight_rms**2, (1 - STEP_DECAY,)),
        ),
        Step(
            "gaussian",
            solved(
                _eq(
                    lost * weight_rms - eta**2 * batch_noise / weight_rms,
                    2 * STEP_DECAY * eta * sp.sqrt(batch_noise) / sp.pi,
                ),
                weight_rms,
                on_noise(STEP_DECAY, batch_noise),
            ),
            "Plain SGD on Gaussian noise of this variance: its mean square, and sqrt(2/pi) of its root for E|u|.",
            Root(weight_rms, lost + eta**2 * batch_noise / weight_rms**2, (1 - STEP_DECAY,)),
        ),
        Step(
            "sqrt_two",
            _eq(on_noise(epsilon, batch_noise), sp.sqrt(2) * ordinary(epsilon, batch_noise)),
            "For slow decay: sqrt(2) times the size under ordinary decay.",
            MeasuredError(epsilon, 1e-5, 1e-2, 0.0315, 4, corners=(-0.00100608, -0.03140184), open_below=(epsilon,)),
        ),
    )


def _minimum() -> tuple[Step, ...]:
    gap, decays = sp.Function("d"), sp.Function("s")
    pulled = _eq(curvature * bias, PLAIN * (optimum - bias))
    return (
        Step(
            "no_decay",
            sp.And(_eq(gap(0), gap_0), _eq(gap(step + 1), gap(step) - eta * curvature * gap(step))),
            "Without noise, between 0 and the minimum w*: every step leads away from 0, so nothing decays. The gap "
            "w* - w after k steps.",
        ),
        Step("gap", _eq(gap(step), gap_0 * (1 - eta * curvature) ** step), "Induction: no bias.", Induction()),
        Step(
            "ordinary_bias",
            solved(pulled, bias, lmbda * optimum / (n * curvature + lmbda)),
            "Ordinary decay rests where slope and decay balance, this far before the minimum.",
            Root(bias, curvature + PLAIN),
        ),
        Step(
            "decays",
            _eq(decays(bias), BACK),
            "With noise of standard deviation s on the slope -h b: share of the steps that lead back, and so decay.",
        ),
        Step(
            "noisy",
            solved(
                _eq(curvature * bias, PLAIN * (optimum - bias) * decays(bias)).subs(PLAIN, lmbda / n),
                lmbda,
                n * curvature * bias / ((optimum - bias) * BACK),
            ),
            "The mean rests where the slope balances decay of that share, steps being so short that the weight hardly "
            "moves about: read as the decay that brings a bias.",
            Root(lmbda, -(optimum - bias) * BACK / n, (optimum - bias, BACK)),
        ),
        Step(
            "half_bias",
            solved(
                _eq(curvature * bias, PLAIN * (optimum - bias) / 2), bias, lmbda * optimum / (2 * n * curvature + lmbda)
            ),
            "Under strong noise every other step decays.",
            Root(bias, curvature + PLAIN / 2),
        ),
        Step(
            "at_least_half",
            sp.Le(
                lmbda * optimum / (2 * (n * curvature + lmbda)),
                lmbda * optimum / (2 * n * curvature + lmbda),
                evaluate=False,
            ),
            "That is half of the ordinary bias, and a little more.",
            NonNegativeGap(
                lmbda**2 * optimum / (2 * (n * curvature + lmbda) * (2 * n * curvature + lmbda)),
                (),
                Tightness(lmbda, lmbda**2 * optimum / (4 * n**2 * curvature**2)),
            ),
        ),
    )


def _formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    one, small, rates = "1", (SMALL,), (eta, lmbda, n)
    renews = (SMALL, AVERAGE, RENEWS, LEANS)
    slope = (curvature, optimum)
    return (
        Formula.of(
            steps, "weight_rms", (*rates, batch_noise), "rms of the weights, Gaussian noise", one, "gaussian", small
        ),
        Formula.of(
            steps,
            "weight_rms_of",
            (*rates, update_abs, update_ms),
            "the same for updates of any shape",
            one,
            "weight_rms",
            small,
        ),
        Formula.of(
            steps,
            "weight_ms_least",
            (*rates, update_ms),
            "what the mean square is not below",
            one,
            "at_least",
            small,
            side="left",
        ),
        Formula.of(
            steps, "decayed_square", (lean,), "mean square of the weights that decay", one, "square_of_lean", (LEANS,)
        ),
        Formula.of(
            steps,
            "decayed_product",
            (lean,),
            "mean of w u over the weights that decay",
            one,
            "product_of_lean",
            (LEANS,),
        ),
        Formula.of(
            steps, "weight_rms_of_pair", (*rates, beta1, lean), "rms that renews a correlation", one, "renewal", renews
        ),
        Formula.of(
            steps,
            "pair_excess",
            (*rates, beta1, lean, weight_rms),
            "what decay takes beyond what steps bring: 0 at rest",
            one,
            "balance",
            (SMALL, AVERAGE, LEANS),
        ),
        Formula.of(
            steps,
            "gap_after",
            (eta, curvature, gap_0, step),
            "distance to the minimum after k steps, without noise",
            one,
            "gap",
            (SHORT,),
        ),
        Formula.of(
            steps, "ordinary_bias", (lmbda, n, *slope), "bias at a minimum, ordinary decay", one, "ordinary_bias"
        ),
        Formula.of(steps, "half_bias", (lmbda, n, *slope), "bias at a minimum under strong noise", one, "half_bias"),
        Formula.of(
            steps,
            "lmbda_for_bias",
            (n, *slope, gradient_std, bias),
            "decay that brings a bias under noise",
            one,
            "noisy",
            (BEFORE,),
        ),
    )


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> law = build().formulas
    >>> cautious = law["weight_rms"](eta=0.1, lmbda=0.1, n=1, batch_noise=1)
    >>> round(cautious / (0.1 / (0.01 * 1.99) ** 0.5), 3)
    1.46
    """
    steps = (*_noise(), *pair.steps(), *_minimum())
    sgd, adamw = Scope(("sgd_cautious",), "noise"), Scope(("adamw_cautious",), "noise")
    minimum = Scope(("sgd_cautious",), "linear")
    pairs = ("weight_rms_of_pair", "pair_excess")
    return Derivation(
        name="cautious_decay",
        statement="Where only weights decay that the step moves towards zero, noise sustains sqrt(2) times the "
        "ordinary size or more: half of the decay is gone, and what is left makes steps outwards count for more. With "
        "memory in the steps it is more still, by the balance of weight and next step as a pair of Gaussians. A "
        "minimum without noise is met without bias; under strong noise half of the bias is back.",
        assumptions=(
            Assumption("w' = w - epsilon [u w >= 0] w - eta u for each weight, epsilon = eta lmbda/n."),
            Assumption("A step removes less than the whole weight: eta lmbda/n < 1.", SMALL),
            Assumption("beta1 < 1.", AVERAGE),
            Assumption("Gradients are independent noise, as often negative as positive, whatever the weights."),
            Assumption("Without memory (beta1 = 0): u does not know of w, and E|w| is that of a Gaussian of its rms."),
            Assumption(
                "With memory: u is the average m/sigma of AdamW with v = sigma^2, and a weight and the step that it "
                "meets next are a pair of Gaussians, of correlation -rho, c = rho/sqrt(1 - rho^2)."
            ),
            Assumption("Memory brings more correlation than decay by itself.", RENEWS, ("renewal",)),
            Assumption("At a minimum the cost is h (w - w*)^2/2, w* > 0, and a step is short: eta h < 1.", SHORT),
            Assumption("The weight is short of the minimum: b < w*.", BEFORE, ("noisy",)),
            Assumption("Some steps lead back.", BACK > 0, ("noisy",)),
        ),
        steps=steps,
        formulas={formula.name: formula for formula in _formulas(steps)},
        scope=sgd,
        scopes={
            **dict.fromkeys(pairs, adamw),
            **dict.fromkeys(("decayed_square", "decayed_product"), Scope()),
            **dict.fromkeys(("gap_after", "ordinary_bias", "half_bias", "lmbda_for_bias"), minimum),
        },
        without_decay={
            **dict.fromkeys(
                ("weight_rms", "weight_rms_of", "weight_ms_least"), WithoutDecay(words="weights on noise do not settle")
            ),
        },
        validity=(
            Assumption("eta lmbda < n.", SMALL),
            Assumption(
                "Without memory the size is too large by about 0.03 epsilon of itself (0.3 % at epsilon = 0.1): decay "
                "of chosen weights makes |w| a little less Gaussian. `weight_ms_least` does not need that."
            ),
            Assumption(
                "The pair of Gaussians: good to 0.5 % for epsilon <= (1 - beta1)/10; at beta1 = 0.9 weights are 1.2 % "
                "larger at epsilon = 0.03 and 2.7 % at 0.1."
            ),
            Assumption("The formulas of the pair lose digits for c > 2, a correlation above 0.89.", LEANS),
            Assumption("The bias under noise: eta h << 1."),
        ),
        references=(
            "L. Chen et al. 2025, Cautious Weight Decay, arXiv 2510.12402 [abstract read]: the rule. Its size on noise "
            "and its bias are derived here.",
        ),
        ranges={
            eta: (0.01, 0.5),
            lmbda: (0.1, 1),
            n: (10, 100),
            beta1: (0.5, 0.95),
            lean: (0.3, 1),
            optimum: (1, 3),
            bias: (0.01, 0.9),
            curvature: (0.1, 1.5),
            gradient_std: (0.1, 2),
        },
    )
