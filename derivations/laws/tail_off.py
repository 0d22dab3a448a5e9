"""Claim 3: where the decay stops. The plateau from the norm budget, its noise floor, and the virial identity."""

from __future__ import annotations

import sympy as sp

from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.laws.shared.openings import STEP_DECAY, WEIGHTS, budget, decay_per_step, i, w
from derivations.prover.measured import MeasuredError
from derivations.prover.rules import Identity, Root, Taylor, Telescope, Termwise
from derivations.scope import DECOUPLED, L2, Scope
from derivations.step import Assumption, Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols
from derivations.without_decay import WithoutDecay

eta, lmbda, n, n_w, epsilon, Q, s, weight_rms, weight_norm2, gradient_norm2 = symbols(
    "eta lmbda n n_w epsilon Q s weight_rms weight_norm2 gradient_norm2"
)
Q_epoch, drift, noise, steps_per_epoch, batch_gradient_rms, weight_dot_gradient, step, a, y = symbols(
    "Q_epoch drift noise steps_per_epoch batch_gradient_rms weight_dot_gradient step a y"
)
SMALL = STEP_DECAY < 1
Q_EXACT = 2 * (-(1 - epsilon) * weight_dot_gradient + eta * gradient_norm2 / 2) / (2 - epsilon)
Q_LEADING = -weight_dot_gradient + eta * gradient_norm2 / 2
Q_BUDGET = (drift + noise) / (steps_per_epoch * eta * (2 - STEP_DECAY))
PLATEAU = sp.sqrt(n * Q / (lmbda * n_w))
FLOOR = sp.sqrt(eta * n / (2 * lmbda)) * batch_gradient_rms
VIRIAL = sp.sqrt(-n * weight_dot_gradient / (lmbda * n_w))
# The squared norm after k steps, and what drift and noise bring in the step after them.
square, drifted, shaken = sp.Function("V"), sp.Function("D"), sp.Function("E")
STEPS = (step, 0, steps_per_epoch - 1)
full = sp.IndexedBase("G")
STATIONARY = _eq(weight_norm2, square(steps_per_epoch))
MEAN = _eq(weight_rms, sp.sqrt(sp.Sum(square(step), STEPS) / (steps_per_epoch * n_w)))
DRIFT = _eq(drift, sp.Sum(drifted(step), STEPS))
NOISE = _eq(noise, sp.Sum(shaken(step), STEPS))
AT_REST = _eq(full[i], -lmbda / n * w[i])
INNER = _eq(weight_dot_gradient, sp.Sum(w[i] * full[i], WEIGHTS))
RMS = _eq(weight_rms, sp.sqrt(sp.Sum(w[i] ** 2, WEIGHTS) / n_w))


def _steps() -> tuple[Step, ...]:
    total = WEIGHTS
    cost = sp.Function("C_0")
    kept = (1 - STEP_DECAY) ** 2
    change = -(1 - kept) * square(step) + drifted(step) + shaken(step)
    uphill = a * sp.Derivative(cost(a, y), a) + y * sp.Derivative(cost(a, y), y)
    penalty = lmbda / (2 * n) * s**2 * (a**2 + y**2)
    epoch_balance = _eq(steps_per_epoch * (1 - (1 - STEP_DECAY) ** 2) * n_w * weight_rms**2, drift + noise)
    rest = _eq(weight_dot_gradient + lmbda / n * n_w * weight_rms**2, 0)
    return (
        decay_per_step(),
        budget(),
        Step(
            "gradient_side",
            _eq(Q, Q_LEADING),
            "Drift and noise of the average step, to leading order in epsilon and divided by 2 eta.",
        ),
        Step("Q_of_the_epoch", _eq(Q_epoch, Q_BUDGET), "Drift and noise of a whole epoch, per step."),
        Step(
            "norm",
            sp.And(
                _eq(square(0), weight_norm2),
                _eq(square(step + 1), kept * square(step) + drifted(step) + shaken(step)),
            ),
            "The squared norm after k steps of the budget; D and E stand for its drift and noise parts.",
        ),
        Step(
            "telescope",
            _eq(square(steps_per_epoch) - weight_norm2, sp.Sum(change, STEPS)),
            "The changes of the steps of an epoch add up to its change.",
            Telescope(),
        ),
        Step(
            "parts",
            _eq(
                sp.Sum(change, STEPS),
                -(1 - kept) * sp.Sum(square(step), STEPS) + sp.Sum(drifted(step), STEPS) + sp.Sum(shaken(step), STEPS),
            ),
            "The sum, part by part.",
            Termwise(),
        ),
        Step(
            "epoch_balance",
            epoch_balance,
            "At the plateau decay takes over an epoch what drift and noise bring; the mean square is over its steps.",
            Identity(given=(STATIONARY, MEAN, DRIFT, NOISE), less=(("telescope", sp.S.One), ("parts", sp.S.One))),
        ),
        Step(
            "plateau_exact",
            solved(epoch_balance, weight_rms, sp.sqrt(n * Q_epoch / (lmbda * n_w))),
            "The balance of the epoch, solved for the weights.",
            Root(
                weight_rms,
                2 * steps_per_epoch * STEP_DECAY * (1 + (1 - STEP_DECAY)) * n_w * weight_rms,
                (1 - STEP_DECAY,),
                "epoch_balance",
            ),
        ),
        Step(
            "from_averages",
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
            _eq(Q_EXACT, Q_LEADING + epsilon * (weight_dot_gradient + Q_LEADING / 2) + sp.O(epsilon**2)),
            "To leading order Q does not contain epsilon; its first correction is epsilon (<W,g> + Q/2).",
            Taylor(),
        ),
        Step(
            "plateau",
            solved(_eq(lmbda / n * n_w * weight_rms**2, Q), weight_rms, PLATEAU),
            "With the leading Q: the plateau up to O(epsilon).",
            Root(weight_rms, 2 * lmbda / n * n_w * weight_rms),
        ),
        Step(
            "noise_floor",
            solved(_eq(2 * STEP_DECAY * weight_rms**2, eta**2 * batch_gradient_rms**2), weight_rms, FLOOR),
            "Without drift, to leading order in epsilon: what the noise of independent batches sustains.",
            Root(weight_rms, 4 * STEP_DECAY * weight_rms),
        ),
        Step(
            "noise_floor_off",
            _eq(
                eta * batch_gradient_rms / sp.sqrt(epsilon * (2 - epsilon)),
                eta * batch_gradient_rms / sp.sqrt(2 * epsilon),
            ),
            "How far it is off: the exact one solves (1 - (1 - epsilon)^2) w_rms^2 = eta^2 g_rms^2.",
            MeasuredError(
                epsilon, 1e-4, 0.1, 0.0255, 5, corners=(-2.50003125e-5, -0.0253205655), open_below=(epsilon,)
            ),
        ),
        Step(
            "chain_rule",
            _eq(sp.Subs(sp.Derivative(cost(s * a, s * y), s), s, 1), uphill),
            "How the data cost changes when all weights are scaled: <W, grad C_0>. Written for two weights, a and y; "
            "each further one adds its own term.",
            Identity(),
        ),
        Step(
            "along_the_ray",
            _eq(
                sp.Subs(sp.Derivative(cost(s * a, s * y) + penalty, s), s, 1),
                uphill + lmbda / n * (a**2 + y**2),
            ),
            "The same for the whole cost: it adds lmbda/n |W|^2. Where the whole cost is at rest, this vanishes.",
            Identity(),
        ),
        Step(
            "at_rest",
            _eq(sp.Sum(w[i] * full[i], total) + lmbda / n * sp.Sum(w[i] ** 2, total), sp.S.Zero),
            "Where the full-batch gradient of the data cost, G in the sums, is -lmbda/n W; for any number of weights.",
            Termwise((AT_REST,)),
        ),
        Step(
            "virial_identity",
            rest,
            "The same in <W, grad C_0> and the rms.",
            Identity(given=(INNER, RMS), less=(("at_rest", sp.S.One),)),
        ),
        Step(
            "virial",
            solved(rest, weight_rms, VIRIAL),
            "Solved for the weights.",
            Root(weight_rms, 2 * lmbda / n * n_w * weight_rms, (), "virial_identity"),
        ),
        Step(
            "scaling",
            _eq(lmbda * sp.Derivative(PLATEAU, lmbda) + n * sp.Derivative(PLATEAU, n), sp.S.Zero),
            "Euler: scaling lmbda and n alike changes nothing; only lmbda/n enters, as in the update rule.",
            Identity(keep=True),
        ),
        Step(
            "special_case",
            solved(_eq(n * Q / (lmbda * n_w), 1 / n_w), lmbda, n * Q),
            "Nielsen's 1/sqrt(n_w) is the case lmbda = n Q; the exponent -1/2 in n_w needs a Q that does not depend on "
            "the width.",
            Root(lmbda, -n * Q / (lmbda**2 * n_w), (Q_LEADING,)),
        ),
    )


def _formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    one = "1"
    inward = (weight_dot_gradient < 0,)
    return (
        Formula.of(steps, "plateau_rms", (n, lmbda, n_w, Q), "rms of the weights at the plateau", one, "plateau"),
        Formula.of(
            steps,
            "Q",
            (eta, weight_dot_gradient, gradient_norm2),
            "gradient side of the norm balance from averages over steps, up to O(epsilon)",
            one,
            "gradient_side",
        ),
        Formula.of(
            steps,
            "Q_from_budget",
            (eta, lmbda, n, drift, noise, steps_per_epoch),
            "gradient side of the norm balance from an epoch's sums; exact in plateau_rms",
            one,
            "Q_of_the_epoch",
            (SMALL,),
        ),
        Formula.of(
            steps,
            "noise_floor_rms",
            (eta, lmbda, n, batch_gradient_rms),
            "plateau without drift",
            one,
            "noise_floor",
            box="noise_floor_off",
        ),
        Formula.of(
            steps,
            "virial_rms",
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
    steps = _steps()
    return Derivation(
        name="tail_off",
        statement="Decay tails off at w_rms = sqrt(n Q/(lmbda n_w)), Q = -<W,g> + eta/2 |g|^2: there decay takes from "
        "the squared norm what drift and noise bring. This is of the size 1/sqrt(n_w) only if lmbda is about n Q.",
        assumptions=(
            Assumption("A step removes less than the whole weight: eta lmbda/n < 1.", SMALL),
            Assumption(
                "The plateau is reached: the squared norm is the same at both ends of the epoch.",
                STATIONARY,
                ("epoch_balance",),
            ),
            Assumption(
                "w_rms of an epoch: n_w w_rms^2 is the mean over its steps of the squared norm.",
                MEAN,
                ("epoch_balance",),
            ),
            Assumption("drift of an epoch: the sum over its steps.", DRIFT, ("epoch_balance",)),
            Assumption("noise of an epoch: the sum over its steps.", NOISE, ("epoch_balance",)),
            Assumption("The gradient feeds the norm: drift + noise > 0.", drift + noise > 0),
            Assumption("The same on average: Q > 0.", Q_LEADING > 0),
            Assumption(
                "Where the threshold lmbda = n Q is used, a step still removes less than the whole weight.",
                eta * Q_LEADING < 1,
            ),
            Assumption("The gradient of the data cost points inwards: <W, grad C_0> < 0.", weight_dot_gradient < 0),
            Assumption(
                "For the virial identity the gradient of the whole cost vanishes: grad C_0 + lmbda/n W = 0.",
                AT_REST,
                ("at_rest", "virial_identity"),
            ),
            Assumption("<W, grad C_0> is the sum over all weights.", INNER, ("virial_identity",)),
            Assumption("n_w w_rms^2 is the squared norm.", RMS, ("virial_identity",)),
        ),
        steps=steps,
        formulas={formula.name: formula for formula in _formulas(steps)},
        scope=Scope(DECOUPLED),
        scopes={
            "Q": Scope(("sgd",)),
            "noise_floor_rms": Scope(("sgd",), "noise", ("iid",)),
            "virial_rms": Scope(L2, "rest"),
        },
        without_decay={
            "plateau_rms": WithoutDecay(words="nothing holds the weights against what the gradient supplies"),
            "noise_floor_rms": WithoutDecay(words="weights on noise do not settle"),
            "virial_rms": WithoutDecay(words="the cost need not have a minimum at finite weights"),
        },
        validity=(
            Assumption("At the plateau only; with Q from the same run this is an identity and predicts nothing."),
            Assumption("noise_floor_rms: batches drawn independently; shuffled epochs stay far below it."),
            Assumption("virial_rms: negligible noise and the full-batch gradient."),
        ),
        references=("M. Nielsen, Neural Networks and Deep Learning, chapter 3: the claim [read]; derived here.",),
    )
