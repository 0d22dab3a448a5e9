"""Where decay outweighs the gradient before anything is learned, and where an on-line perceptron comes to rest."""

from __future__ import annotations

import sympy as sp

from derivations.laws.online_perceptron.averages import TWO_PI, Q, R
from derivations.laws.online_perceptron.rates import (
    DELTA2,
    DELTA_X,
    DELTA_Y,
    SLOPE2,
    STUDENT,
    D,
    drifting,
    eta,
    gamma,
    noise,
    shaking,
    turning,
    weighing,
)
from derivations.prover.rules import Continuity, Identity, Root
from derivations.step import Assumption, Step, solved
from derivations.step import equation as _eq

DRIFT = TWO_PI * Q / ((1 + Q) * sp.sqrt(D))
NOISE = SLOPE2 * TWO_PI * (sp.pi / 6 + STUDENT)
TRAFFIC = eta * (2 * DRIFT + eta * NOISE) / (2 * Q)
NET = eta * (2 * DRIFT - eta * NOISE) / (2 * Q)
ARCS = TWO_PI * (sp.asin(sp.Rational(1, 2)) + sp.asin(sp.Rational(1, 3)))
WIDE = sp.sqrt(2) * sp.pi
TRAFFIC_WIDE, NET_WIDE = (eta * (2 + sign * eta * ARCS) / WIDE for sign in (1, -1))
SHRINKS = 2 * DRIFT > eta * NOISE

SPREAD = DELTA2 + noise * SLOPE2
PULL = Q * DELTA_Y / R - DELTA_X
LEARNED, LEARNS, PULLED, SPREADS = R > 0, DELTA_Y > 0, PULL > 0, SPREAD > 0
RESTS = ("rest_gamma", "rest_balance", "rest_eta")
ASSUMPTIONS = (
    Assumption("The gradient shrinks Q more than its noise makes it grow.", SHRINKS, ("net",)),
    Assumption("At rest student and teacher agree in sign.", LEARNED, RESTS),
    Assumption("At rest the gradient still turns the student towards the teacher.", LEARNS, RESTS),
    Assumption("At rest decay takes more from Q than the gradient's mean gives.", PULLED, RESTS),
    Assumption("delta is not always 0, so that its mean square is positive.", SPREADS, RESTS),
)


def thresholds() -> tuple[Step, ...]:
    """Return the decay that outweighs the gradient at R = 0, without output noise."""
    wide = Q * sp.sqrt(Q)
    pulled, shaken, half, whole = (sp.Function(name) for name in ("P", "N", "T", "U"))
    drift, kick = 2 * eta * pulled(Q), eta**2 * shaken(Q)
    return (
        Step("drift_at", _eq(pulled(Q), DRIFT), "Before it has learned anything, R = 0, to be |drift|,"),
        Step("noise_at", _eq(shaken(Q), NOISE), "and noise."),
        Step(
            "drift_alone",
            _eq(-drifting(Q, 0), pulled(Q)),
            "The gradient shrinks the student as well.",
            Identity(),
        ),
        Step("noise_alone", _eq(shaking(Q, 0), shaken(Q)), "And <delta^2> there.", Identity()),
        Step(
            "traffic",
            solved(_eq(2 * gamma * Q, drift + kick), gamma, (drift + kick) / (2 * Q)),
            "Decay is half of the traffic of Q: it equals |drift| + noise.",
            Root(gamma, 2 * Q),
        ),
        Step(
            "net",
            solved(_eq(2 * gamma * Q, drift - kick), gamma, (drift - kick) / (2 * Q)),
            "Decay equals the net loss by the gradient; where noise wins, the same with the other sign.",
            Root(gamma, 2 * Q),
        ),
        Step(
            "traffic_at",
            _eq(half(Q), (drift + kick) / (2 * Q)),
            "The first threshold as a function of Q.",
        ),
        Step("net_at", _eq(whole(Q), (drift - kick) / (2 * Q)), "The second one."),
        Step(
            "traffic_wide",
            _eq(sp.Limit(half(Q) * wide, Q, sp.oo, "-"), TRAFFIC_WIDE),
            "For saturated starts; .5497 = (2/pi)(asin 1/2 + asin 1/3).",
            Continuity(),
        ),
        Step(
            "net_wide",
            _eq(sp.Limit(whole(Q) * wide, Q, sp.oo, "-"), NET_WIDE),
            "It vanishes at eta = 2/.5497 = 3.64, where drift and noise balance.",
            Continuity(),
        ),
    )


def rest() -> tuple[Step, ...]:
    """Return the learning rate and the decay for which a given Q and R do not move."""
    turn, drift = turning(Q, R), drifting(Q, R)
    spread = shaking(Q, R) + noise * weighing(Q)
    return (
        Step(
            "rest_gamma",
            solved(_eq(gamma * R, eta * turn), gamma, eta * turn / R),
            "Where R does not move.",
            Root(gamma, R, (R,)),
        ),
        Step(
            "rest_balance",
            _eq(
                2 * eta * drift + eta**2 * spread - 2 * (eta * turn / R) * Q,
                eta * (2 * drift + eta * spread - 2 * Q * turn / R),
            ),
            "What is then left of dQ/d alpha.",
            Identity(),
        ),
        Step(
            "rest_eta",
            solved(_eq(2 * drift + eta * spread, 2 * Q * turn / R), eta, 2 * (Q * turn / R - drift) / spread),
            "And where Q does not move either: every Q and R is at rest for at most one pair of eta and gamma. Q and R "
            "for given eta and gamma have no closed form; solve these two equations.",
            Root(eta, SPREAD, (SPREAD,)),
        ),
    )
