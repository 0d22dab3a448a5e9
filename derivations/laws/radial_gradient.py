"""Not noise turns weights, but what the gradient does along them: rotation with a radial gradient, at any signal."""

from __future__ import annotations

import sympy as sp

from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.laws.shared.openings import STEP_DECAY, decay_per_step
from derivations.laws.shared.steady_state import budget
from derivations.prover.rules import Identity, Root
from derivations.scope import Scope
from derivations.step import Assumption, Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols

eta, lmbda, n, mu, beta1, epsilon, weight_norm2 = symbols("eta lmbda n momentum beta1 epsilon weight_norm2")
radial_share, signal_to_noise, batch_noise, mean_gradient, overlap, velocity_overlap = symbols(
    "radial_share signal_to_noise batch_noise mean_gradient direction_overlap velocity_overlap"
)
SMALL, FADES, AVERAGE, HELD = STEP_DECAY < 1, mu < 1, beta1 < 1, radial_share < 1
DECAY, KEPT = lmbda / n, 1 - STEP_DECAY
PULL = DECAY * (1 - radial_share) * weight_norm2
OVERLAP = PULL / (1 + mu)
COSINE = 1 - STEP_DECAY * (1 - radial_share) / (1 + mu)
NEW = (1 - beta1) * radial_share * DECAY * weight_norm2
GROWN = weight_norm2 * STEP_DECAY * (2 - STEP_DECAY)
MET = (beta1 * GROWN / eta + NEW) / (1 + KEPT * beta1)
AVERAGED = 1 - STEP_DECAY * (1 - beta1) * (1 - radial_share) / (1 + KEPT * beta1)
REST = -n * mean_gradient / lmbda
VARIANCE = eta * n * batch_noise / (lmbda * (2 - STEP_DECAY))
NOISE_SHARE = STEP_DECAY / (STEP_DECAY + signal_to_noise * (2 - STEP_DECAY))
RATIO = _eq(signal_to_noise, mean_gradient**2 / batch_noise)


def _heavy_ball() -> tuple[Step, ...]:
    ahead = PULL - mu * velocity_overlap
    return (
        decay_per_step(),
        Step(
            "pull",
            _eq(DECAY * weight_norm2 - radial_share * DECAY * weight_norm2 - mu * velocity_overlap, ahead),
            "Heavy ball, v' = mu v + g + L w with L = lmbda/n: <w,v'> on average, P = -<w,v> and <w,g> = -f L|w|^2. "
            "Nothing else of the gradients is asked: not that they are noise, nor what they have to do with v.",
            Identity(),
        ),
        Step(
            "velocity_overlap",
            solved(_eq(-velocity_overlap, ahead - 2 * ahead), velocity_overlap, OVERLAP),
            "At rest |w'| = |w| asks for eta |v'|^2 = 2 <w,v'>, so that <w',v'> = <w,v'> - eta |v'|^2 = -<w,v'>.",
            Root(velocity_overlap, -(1 + mu)),
        ),
        Step(
            "rotation",
            _eq((weight_norm2 - eta * (PULL - mu * OVERLAP)) / weight_norm2, COSINE),
            "Cosine of the angle of a step, <w,w'>/|w|^2: the decay that the gradient resists turns nothing. At f = 0, "
            "as for weights whose scale does not matter, it is 1 - eta L/(1 + mu) whatever the signal.",
            Identity(),
        ),
    )


def _average() -> tuple[Step, ...]:
    length2 = sp.Function("U")
    return (
        budget("Decoupled decay, w' = (1 - epsilon) w - eta u', with u for u': the norm budget."),
        Step(
            "direction2",
            _eq(length2(overlap), (GROWN - 2 * KEPT * eta * overlap) / eta**2),
            "So long is the direction at rest on average, |w'| = |w|, given P_u = -<w,u'>.",
        ),
        Step(
            "average_met",
            _eq(MET - KEPT * beta1 * MET, beta1 * (GROWN - 2 * KEPT * eta * MET) / eta + NEW),
            "An averaged direction, u' = beta1 u + (1 - beta1) h, and <w,h> = -f L|w|^2 on average, h what is new in "
            "it. At rest P_u is beta1 times (1 - epsilon) P_u + eta |u|^2, as w has just moved by u, and "
            "(1 - beta1) f L|w|^2: linear in P_u, so that this P_u, which solves it, is the only one.",
            Identity(),
        ),
        Step(
            "rotation_average",
            _eq((KEPT * weight_norm2 + eta * MET) / weight_norm2, AVERAGED),
            "Cosine of the angle of a step, <w,w'>/|w|^2: |u| has dropped out, and with it all that is said of signal "
            "and noise. At f = 0 it is (1 - epsilon + beta1)/(1 + (1 - epsilon) beta1), as on independent noise.",
            Identity(),
        ),
    )


def _worst() -> tuple[Step, ...]:
    share = sp.Function("F")
    return (
        Step(
            "resisted",
            _eq(share(mean_gradient), REST**2 / (REST**2 + VARIANCE)),
            "The worst case: a mean gradient that stays, along the weights, and independent noise (plain SGD; "
            "stationary_variance has mean and variance at rest). Of one weight f is <w>^2/<w^2>.",
        ),
        Step(
            "noise_share",
            _eq((1 - share(mean_gradient)).subs(mean_gradient, sp.sqrt(signal_to_noise * batch_noise)), NOISE_SHARE),
            "What is left for noise, with the signal-to-noise ratio: near 1/(1 + 2 rho T), T = 1/(eta L). An average "
            "that forgets in T steps keeps 1/(2 T) of the noise, so that 2 rho T is what the weights see.",
            Identity(using=("resisted",)),
        ),
    )


def _formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    at, one = (eta, lmbda, n), "1"
    return (
        Formula.of(
            steps,
            "cos_angle_momentum",
            (*at, mu, radial_share),
            "cosine of the angle turned in a step with heavy ball and a gradient along the weights",
            one,
            "rotation",
            (SMALL, FADES, HELD),
        ),
        Formula.of(
            steps,
            "cos_angle_averaged",
            (*at, beta1, radial_share),
            "cosine of the angle turned in a step along an averaged direction, with decoupled decay",
            one,
            "rotation_average",
            (SMALL, AVERAGE, HELD),
        ),
        Formula.of(
            steps,
            "noise_share",
            (*at, signal_to_noise),
            "share of the decay that noise makes up for where all signal is along the weights",
            one,
            "noise_share",
            (SMALL,),
        ),
    )


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> round(build().formulas["cos_angle_momentum"](eta=0.1, lmbda=0.01, n=1, momentum=0.9, radial_share=0.5), 7)
    0.9997368
    """
    steps = (*_heavy_ball(), *_average(), *_worst())
    return Derivation(
        name="radial_gradient",
        statement="At rest heavy ball turns weights by an angle of cosine 1 - eta L (1 - f)/(1 + mu), where "
        "f = -<w,g>/(L|w|^2) is the share of the decay that the gradient resists: whether the gradient is signal or "
        "noise does not enter. With decoupled decay and an averaged direction it is 1 - eta L (1 - beta1)(1 - f)/"
        "(1 + (1 - eta L) beta1), with what is new in the direction for g. Where that is at right angles to the "
        "weights f = 0, at any signal. In the worst case, all of a lasting signal along the weights, 1 - f = "
        "1/(1 + 2 rho/(eta L)) for small eta L.",
        assumptions=(
            Assumption("At rest: averages of |w|^2, <w,v> and <w,g> do not change, and |w|^2 fluctuates little."),
            Assumption("A step removes less than the whole weight: eta lmbda/n < 1.", SMALL),
            Assumption("Momentum below 1.", mu**2 < 1),
            Assumption("beta1 < 1.", AVERAGE),
            Assumption("The gradient resists less than all of the decay: f < 1; below 0 it helps.", HELD),
            Assumption(
                "With an averaged direction, for AdamW: h = g/sqrt(v), its second moments changing little over the "
                "average's memory. f = 0 where they are alike as well and the scale of the weights does not matter."
            ),
            Assumption("rho is the squared mean gradient over the noise's variance.", RATIO),
        ),
        steps=steps,
        formulas={formula.name: formula for formula in _formulas(steps)},
        scope=Scope(("momentum",), "any"),
        scopes={
            "cos_angle_averaged": Scope(("adamw",), "any"),
            "noise_share": Scope(("sgd",), "constant", ("iid",)),
        },
        validity=(
            Assumption("eta lmbda < n.", SMALL),
            Assumption("Settled. f is the average over the run at rest, not that of one step."),
            Assumption(
                "Lion's signs and Muon's polar factor are not linear in the gradient: what is new in their steps is no "
                "function of the gradient alone, and f = 0 does not follow from right angles."
            ),
        ),
        references=(
            "R. Wan et al., arXiv 2006.08419, rotation sqrt(2 eta L/(1 + mu)) [second-hand]: f = 0, leading order.",
            "Derived here; no source found for f, nor for the angle being the same at any signal.",
        ),
    )
