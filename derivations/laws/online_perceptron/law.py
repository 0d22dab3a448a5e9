"""E5: a solvable twin. An erf unit with decay learns on-line from another one: rates, thresholds, states at rest."""

from __future__ import annotations

from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.laws.online_perceptron import rest as rest
from derivations.laws.online_perceptron.averages import Q, R, a, averages, b, c, densities, inner, outer, t, v, y
from derivations.laws.online_perceptron.rates import (
    AVERAGED,
    VARIANCE,
    deltas,
    eta,
    gamma,
    n_in,
    noise,
    rates,
)
from derivations.scope import Scope
from derivations.step import Assumption, Step


def _formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    inside, one = (R**2 < Q,), "1"
    return (
        Formula.of(steps, "delta_y", (Q, R), "mean of delta times the teacher's field", one, "delta_y", inside),
        Formula.of(steps, "delta_x", (Q, R), "mean of delta times the student's field", one, "delta_x", inside),
        Formula.of(steps, "delta_square", (Q, R), "mean square of delta", one, "delta_square", inside),
        Formula.of(steps, "rate_Q", (eta, gamma, Q, R, noise), "dQ/d alpha", one, "rate_Q", inside),
        Formula.of(steps, "rate_R", (eta, gamma, Q, R), "dR/d alpha", one, "rate_R", inside),
        Formula(
            "critical_gamma",
            rest.TRAFFIC,
            (eta, Q),
            "gamma above which decay is most of Q's traffic, at R = 0",
            one,
            "traffic",
        ),
        Formula(
            "critical_gamma_net",
            rest.NET,
            (eta, Q),
            "gamma above which decay outweighs the gradient's net loss, at R = 0",
            one,
            "net",
            (rest.SHRINKS,),
        ),
        Formula.of(steps, "critical_gamma_wide", (eta,), "limit of critical_gamma Q^(3/2)", one, "traffic_wide"),
        Formula.of(
            steps,
            "critical_gamma_net_wide",
            (eta,),
            "limit of critical_gamma_net Q^(3/2); below 0 where noise wins",
            one,
            "net_wide",
        ),
        Formula.of(
            steps,
            "gamma_at_rest",
            (eta, Q, R),
            "gamma for which R does not move",
            one,
            "rest_gamma",
            (*inside, rest.LEARNED, rest.LEARNS),
        ),
        Formula.of(
            steps,
            "eta_at_rest",
            (Q, R, noise),
            "eta for which Q does not move either, gamma being gamma_at_rest",
            one,
            "rest_eta",
            (*inside, rest.LEARNED, rest.LEARNS, rest.PULLED),
        ),
    )


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> round(build().formulas["critical_gamma"](eta=1, student_variance=25), 5)
    0.0044
    """
    steps = (
        *(*densities(), *inner(), *outer(), *averages()),
        *(*deltas(), *rates(), *rest.thresholds(), *rest.rest()),
    )
    return Derivation(
        name="online_perceptron",
        statement="An erf unit with weight decay that learns example by example from another one obeys closed "
        "equations for Q = |J|^2 and R = J.B. Started wide, Q large and R = 0, decay is most of the traffic of Q once "
        "gamma is above about eta (2 + .55 eta)/(sqrt 2 pi Q^(3/2)): any decay dominates a start that is wide enough.",
        assumptions=(
            Assumption("Output g(x) = erf(x/sqrt 2); cost (g(y) - g(x))^2/2 per example; teacher of norm 1."),
            Assumption(
                "Inputs are independent N(0,1), each seen once, their number N large: fields x, y are Gaussian."
            ),
            Assumption("Step eta/N, decay gamma/N per example."),
            Assumption("Noise on the teacher's output has mean 0 and is independent of the inputs."),
            Assumption("Q = R^2 + v, v the part that the teacher's field does not explain.", VARIANCE, AVERAGED),
            *rest.ASSUMPTIONS,
        ),
        steps=steps,
        formulas={formula.name: formula for formula in _formulas(steps)},
        scope=Scope(("sgd",), "teacher", network={"activation": ("erf",)}),
        validity=(
            Assumption("|J.B| at most |J| |B|: R^2 < Q.", R**2 < Q),
            Assumption("N large: at N = 600 a single run is within a few per cent."),
            Assumption("The thresholds are for R = 0 and no output noise."),
            Assumption(
                "That a state at rest attracts is not shown here; Q and R at rest have no closed form in eta and gamma."
            ),
        ),
        references=("D. Saad, S. Solla 1995, the equations without decay [remembered]; derived here.",),
        ranges={
            Q: (0.1, 30),
            v: (0.1, 20),
            R: (0.1, 2),
            eta: (0.1, 3),
            a: (0.1, 4),
            b: (0.1, 4),
            t: (0.2, 5),
            c: (0.2, 4),
            y: (0.1, 3),
            n_in: (5, 500),
        },
    )
