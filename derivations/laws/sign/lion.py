"""Lion: steps by the sign of a mixture of momentum and gradient; the weights it sustains, bounds, and its box."""

from __future__ import annotations

import sympy as sp

from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.laws.shared.box import bound_after, box_steps, without_box
from derivations.laws.shared.mixtures import FIRST, mixture_steps
from derivations.laws.shared.openings import STEP_DECAY, decay_per_step
from derivations.laws.sign.lion_bounds import bound_steps, mean_field
from derivations.laws.sign.signs import PARTIAL, arcsine_law, at_rest, norm_budget, settled, turning_of_signs
from derivations.prover.measured import MeasuredError
from derivations.prover.rules import Root
from derivations.scope import Scope
from derivations.step import Assumption, Step
from derivations.step import equation as _eq
from derivations.symbols import symbols
from derivations.without_decay import WithoutDecay

eta, lmbda, n, epsilon, beta1, beta2, step, dim = symbols("eta lmbda n epsilon beta1 beta2 step dim")
momentum_ms, update_ms, correlation, weight_rms = symbols("momentum_ms update_ms correlation weight_rms")
weight_abs, weight_abs_0, a, y, x = symbols("weight_abs weight_abs_0 a y x")
SMALL = STEP_DECAY < 1
AVERAGE = beta1 < 1
MEMORY = beta2 < 1
ONE = sp.S.One


def _steps() -> tuple[Step, ...]:
    return (
        decay_per_step(),
        *mixture_steps(),
        *arcsine_law(),
        *norm_budget(),
        Step(
            "weight_rms",
            at_rest(STEP_DECAY, FIRST, beta2),
            "The budget at rest, with the arcsine law for signs k steps apart.",
            Root(weight_rms, 2 * weight_rms * STEP_DECAY * (1 + (1 - STEP_DECAY)), (1 - STEP_DECAY,)),
        ),
        *turning_of_signs(FIRST, beta2),
        *bound_steps(),
        Step(
            "mean_field",
            _eq(settled(epsilon, FIRST, beta2), mean_field(epsilon)),
            "The upper bound as an approximation: signs taken to be as correlated as the mixtures.",
            MeasuredError(
                epsilon,
                1e-4,
                1e-2,
                0.229,
                2,
                ((beta1, 0.5, 0.9), (beta2, 0.8, 0.95)),
                (0.16265936, 0.17034862, 0.17765956, 0.2163695, 0.1598197, 0.15992662, 0.17530757, 0.21141281),
            ),
        ),
        *box_steps(ONE),
    )


def _formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    one = "1"
    both = (AVERAGE, MEMORY)
    return (
        Formula.of(
            steps,
            "lag_correlation",
            (beta1, beta2, step),
            "correlation of the mixtures k + 1 steps apart",
            one,
            "lag_correlation",
            both,
        ),
        Formula.of(
            steps,
            "mixture_ms",
            (beta1, beta2),
            "mean square of the mixture, for gradients of variance 1",
            one,
            "mixture_ms",
            both,
        ),
        Formula.of(
            steps,
            "sign_correlation",
            (correlation,),
            "mean product of the signs of two Gaussians",
            one,
            "arcsine_law",
            (correlation < 1,),
        ),
        Formula.of(
            steps,
            "weight_rms",
            (eta, lmbda, n, beta1, beta2),
            "rms of the weights",
            one,
            "weight_rms",
            (SMALL, AVERAGE, beta2 <= sp.Rational(995, 1000)),
        ),
        Formula.of(
            steps,
            "weight_rms_mean_field",
            (eta, lmbda, n, beta1, beta2),
            "the same if signs were as correlated as mixtures: an upper bound",
            one,
            "upper",
            (SMALL, *both),
        ),
        Formula.of(
            steps,
            "weight_rms_lower",
            (eta, lmbda, n, beta1, beta2),
            "what the rms of the weights is not below",
            one,
            "lower",
            (SMALL, *both),
            side="left",
        ),
        Formula.of(
            steps,
            "weight_rms_linear_response",
            (eta, lmbda, n, beta1, beta2),
            "the same by Kosson's total update contribution, for slow decay",
            one,
            "linear_response",
            (*both, STEP_DECAY <= (1 - beta2) / 5),
        ),
        Formula.of(
            steps,
            "rotation",
            (eta, lmbda, n, beta1, beta2),
            "angle of a step",
            "radians",
            "rotation",
            (SMALL, AVERAGE, beta2 <= sp.Rational(995, 1000)),
        ),
        Formula.of(
            steps,
            "rotation_linear_response",
            (eta, lmbda, n, beta1, beta2),
            "sine of the angle of a step by Kosson's total update contribution, for slow decay",
            one,
            "turn_linear_response",
            (*both, STEP_DECAY <= (1 - beta2) / 5),
        ),
        bound_after(steps, sp.S.One, "what |w| cannot exceed after k steps, for any gradients"),
    )


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> round(build().formulas["mixture_ms"](beta1=0.9, beta2=0.99), 6)
    0.01407
    """
    steps = _steps()
    return Derivation(
        name="lion",
        statement="On noise Lion's mixtures k steps apart have the correlation rho_k = r beta2^k: weights settle "
        "where w_rms^2 = eta^2/(epsilon (2 - epsilon)) (1 + (4/pi) sum over k >= 1 of (1 - epsilon)^k arcsin rho_k); "
        "with rho_k for arcsin rho_k this is a lower bound, with (pi/2) rho_k, the mean field, an upper one. "
        "Whatever the gradients, |w| - n/lmbda shrinks by 1 - epsilon a step.",
        assumptions=(
            Assumption("w' = (1 - eta lmbda/n) w - eta sign(beta1 m + (1 - beta1) g), m' = beta2 m + (1 - beta2) g."),
            Assumption("A step removes less than the whole weight: eta lmbda/n < 1.", SMALL),
            Assumption("beta1 < 1.", AVERAGE),
            Assumption("beta2 < 1.", MEMORY),
            Assumption("For the steady state: independent Gaussian gradients, whatever the weights; m is warm."),
            Assumption("The two Gaussians are not the same.", PARTIAL),
            Assumption("For the bounds of the arc sine: rho < 1.", correlation < 1),
            Assumption("And x < 1; both are used for x = rho_k.", x < 1),
            Assumption("|a| <= |w| before the step.", a <= weight_abs, ("from_above",)),
            Assumption("|a| <= |w| before the step.", -a <= weight_abs, ("from_below",)),
            Assumption("A sign is at most 1.", -y <= 1, ("from_above",)),
            Assumption("A sign is at most 1.", y <= 1, ("from_below",)),
        ),
        steps=steps,
        formulas={formula.name: formula for formula in _formulas(steps)},
        scope=Scope(("lion",), "noise"),
        scopes={"sign_correlation": Scope(), "weight_bound_after": Scope(("lion",))},
        without_decay={
            **dict.fromkeys(
                ("weight_rms", "weight_rms_mean_field", "weight_rms_lower", "weight_rms_linear_response"),
                WithoutDecay(words="weights on noise do not settle"),
            ),
            "weight_bound_after": without_box(sp.S.One),
        },
        validity=(
            Assumption("eta lmbda < n.", SMALL),
            Assumption(
                "Steady state: Gaussian gradients. The computed sum has 4096 lags: beta2 <= 0.995; the bounds have no "
                "such limit."
            ),
            Assumption(
                "Kosson's rms, for (beta1, beta2) = (.9, .99) and epsilon = 1e-4, 2e-3, 1e-2: -0.3, +8.4, +39 %; for "
                "(.95, .98) -2.6, +1.6, +17 %. For epsilon <= (1 - beta2)/5, beta1 >= 0.8 and beta2 from 0.9 to 0.995 "
                "between -5.1 and +8.9 %; for beta1 -> 0 it is 20 % too small."
            ),
        ),
        references=(
            "Chen et al. 2310.05898 [abstract read]: Lion solves a problem in the box |w| <= n/lmbda. That weights "
            "end in the box is proved here; what they solve there is not.",
            "Kosson et al. 2305.17212 [code]: `turn_linear_response`. The arcsine form and the bounds are derived "
            "here, no source found.",
        ),
        ranges={
            eta: (1e-3, 1e-1),
            lmbda: (0.1, 1),
            n: (10, 1000),
            beta1: (0.1, 0.9),
            beta2: (0.3, 0.7),
            correlation: (0.05, 0.95),
            y: (0.1, 3),
            x: (0.1, 0.8),
        },
    )
