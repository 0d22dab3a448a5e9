"""Claim 3: where the decay stops. The plateau from the norm budget, its noise floor, and the virial identity."""

from __future__ import annotations

import sympy as sp

from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.proofs import Identity, Root, Taylor, Termwise
from derivations.step import Assumption, Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols

eta, lmbda, n, n_w, epsilon, Q, c, s, dim, weight_rms, weight_norm2, gradient_norm2 = symbols(
    "eta lmbda n n_w epsilon Q c s dim weight_rms weight_norm2 gradient_norm2"
)
Q_epoch, drift, noise, steps_per_epoch, batch_gradient_rms, weight_dot_gradient = symbols(
    "Q_epoch drift noise steps_per_epoch batch_gradient_rms weight_dot_gradient"
)
SMALL = eta * lmbda / n < 1
STEP_DECAY = eta * lmbda / n
Q_EXACT = 2 * (-(1 - epsilon) * weight_dot_gradient + eta * gradient_norm2 / 2) / (2 - epsilon)
Q_LEADING = -weight_dot_gradient + eta * gradient_norm2 / 2
Q_BUDGET = (drift + noise) / (steps_per_epoch * eta * (2 - STEP_DECAY))
PLATEAU = sp.sqrt(n * Q / (lmbda * n_w))
FLOOR = sp.sqrt(eta * n / (2 * lmbda)) * batch_gradient_rms
VIRIAL = sp.sqrt(-n * weight_dot_gradient / (lmbda * n_w))


def _steps() -> tuple[Step, ...]:
    w, g, i = sp.IndexedBase("w"), sp.IndexedBase("g"), sp.Idx("i")
    total = (i, 1, dim)
    cost = sp.Function("C_0")
    q = 1 - epsilon
    epoch_balance = _eq(steps_per_epoch * (1 - (1 - STEP_DECAY) ** 2) * n_w * weight_rms**2, drift + noise)
    rest = _eq(weight_dot_gradient + lmbda / n * n_w * weight_rms**2, 0)
    return (
        Step(
            "decay_per_step",
            "definition",
            _eq(epsilon, eta * lmbda / n),
            "The share of a weight that one step removes.",
        ),
        Step(
            "budget",
            "equality",
            _eq(
                sp.Sum((q * w[i] - eta * g[i]) ** 2, total),
                q**2 * sp.Sum(w[i] ** 2, total)
                - 2 * eta * q * sp.Sum(w[i] * g[i], total)
                + eta**2 * sp.Sum(g[i] ** 2, total),
            ),
            "Decay, drift and noise parts of the squared norm after one step, for any number of weights.",
            Termwise(),
        ),
        Step(
            "gradient_side",
            "definition",
            _eq(Q, Q_LEADING),
            "Drift and noise of the average step, to leading order in epsilon and divided by 2 eta.",
        ),
        Step("Q_of_the_epoch", "definition", _eq(Q_epoch, Q_BUDGET), "Drift and noise of a whole epoch, per step."),
        Step(
            "plateau_exact",
            "solution",
            solved(epoch_balance, weight_rms, sp.sqrt(n * Q_epoch / (lmbda * n_w))),
            "At the plateau decay takes over an epoch what drift and noise bring; the mean square is over its steps.",
            Root(
                weight_rms,
                2 * steps_per_epoch * STEP_DECAY * (1 + (1 - STEP_DECAY)) * n_w * weight_rms,
                (1 - STEP_DECAY,),
            ),
        ),
        Step(
            "from_averages",
            "equality",
            _eq(
                Q_BUDGET.subs(
                    {
                        drift: -2 * eta * (1 - STEP_DECAY) * steps_per_epoch * weight_dot_gradient,
                        noise: eta**2 * steps_per_epoch * gradient_norm2,
                    }
                ),
                Q_EXACT,
            ),
            "The same Q in terms of the average step.",
            Identity(),
        ),
        Step(
            "correction",
            "series",
            _eq(Q_EXACT, Q_LEADING + epsilon * (weight_dot_gradient + Q_LEADING / 2) + sp.O(epsilon**2)),
            "To leading order Q does not contain epsilon; its first correction is epsilon (<W,g> + Q/2).",
            Taylor(),
        ),
        Step(
            "plateau",
            "solution",
            solved(_eq(lmbda / n * n_w * weight_rms**2, Q), weight_rms, PLATEAU),
            "With the leading Q: the plateau up to O(epsilon).",
            Root(weight_rms, 2 * lmbda / n * n_w * weight_rms),
        ),
        Step(
            "noise_floor",
            "solution",
            solved(_eq(2 * STEP_DECAY * weight_rms**2, eta**2 * batch_gradient_rms**2), weight_rms, FLOOR),
            "Without drift, to leading order in epsilon: what the noise of independent batches sustains.",
            Root(weight_rms, 4 * STEP_DECAY * weight_rms),
        ),
        Step(
            "along_the_ray",
            "equality",
            _eq(
                sp.Subs(sp.Derivative(cost(s) + lmbda / (2 * n) * s**2 * weight_norm2, s), s, 1),
                sp.Subs(sp.Derivative(cost(s), s), s, 1) + lmbda / n * weight_norm2,
            ),
            "C_0(s) is the data cost at s times the weights; its derivative at 1 is <W, grad C_0>. At a minimum of the "
            "whole cost the left-hand side vanishes: the virial identity, in any dimension.",
            Identity(),
        ),
        Step(
            "virial",
            "solution",
            solved(rest, weight_rms, VIRIAL),
            "Solved for the weights.",
            Root(weight_rms, 2 * lmbda / n * n_w * weight_rms),
        ),
        Step(
            "scaling",
            "equality",
            _eq(lmbda * sp.Derivative(PLATEAU, lmbda) + n * sp.Derivative(PLATEAU, n), sp.S.Zero),
            "Euler: scaling lmbda and n alike changes nothing; only lmbda/n enters, as in the update rule.",
            Identity(keep=True),
        ),
        Step(
            "special_case",
            "solution",
            solved(_eq(n * Q / (lmbda * n_w), 1 / n_w), lmbda, n * Q),
            "Nielsen's 1/sqrt(n_w) is the case lmbda = n Q; the exponent -1/2 in n_w needs a Q that does not depend on "
            "the width.",
            Root(lmbda, -n * Q / (lmbda**2 * n_w), (Q_LEADING,)),
        ),
    )


def _formulas() -> tuple[Formula, ...]:
    one = "1"
    inward = (weight_dot_gradient < 0,)
    return (
        Formula("plateau_rms", PLATEAU, (n, lmbda, n_w, Q), "rms of the weights at the plateau", one, "plateau"),
        Formula(
            "Q",
            Q_LEADING,
            (eta, weight_dot_gradient, gradient_norm2),
            "gradient side of the norm balance from averages over steps, up to O(epsilon)",
            one,
            "gradient_side",
        ),
        Formula(
            "Q_from_budget",
            Q_BUDGET,
            (eta, lmbda, n, drift, noise, steps_per_epoch),
            "gradient side of the norm balance from an epoch's sums; exact in plateau_rms",
            one,
            "Q_of_the_epoch",
            (SMALL,),
        ),
        Formula(
            "noise_floor_rms", FLOOR, (eta, lmbda, n, batch_gradient_rms), "plateau without drift", one, "noise_floor"
        ),
        Formula(
            "virial_rms",
            VIRIAL,
            (n, lmbda, n_w, weight_dot_gradient),
            "plateau at a minimum of the cost",
            one,
            "virial",
            inward,
        ),
    )


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> round(build().formulas["plateau_rms"](n=50_000, lmbda=5, n_w=10_000, Q=1e-4), 6)
    0.01
    """
    return Derivation(
        name="tail_off",
        statement="Decay tails off at w_rms = sqrt(n Q/(lmbda n_w)), Q = -<W,g> + eta/2 |g|^2: there decay takes from "
        "the squared norm what drift and noise bring. This is of the size 1/sqrt(n_w) only if lmbda is about n Q.",
        assumptions=(
            Assumption("A step removes less than the whole weight: eta lmbda/n < 1.", SMALL),
            Assumption("The plateau is reached: the squared norm is the same at both ends of the epoch."),
            Assumption("The gradient feeds the norm: drift + noise > 0.", drift + noise > 0),
            Assumption("The same on average: Q > 0.", Q_LEADING > 0),
            Assumption(
                "For the virial identity: the weights are at a minimum of the cost, and <W, grad C_0> < 0.",
                weight_dot_gradient < 0,
            ),
        ),
        steps=_steps(),
        formulas={formula.name: formula for formula in _formulas()},
        validity=(
            Assumption("At the plateau only; with Q from the same run this is an identity and predicts nothing."),
            Assumption("noise_floor_rms: batches drawn independently; shuffled epochs stay far below it."),
            Assumption("virial_rms: negligible noise and the full-batch gradient."),
        ),
        references=("M. Nielsen, Neural Networks and Deep Learning, chapter 3: the claim [read]; derived here.",),
    )
