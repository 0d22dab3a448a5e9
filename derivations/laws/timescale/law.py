"""The dictionary between Nielsen's factor, EMA time scales and optax's weight_decay, and Krogh and Hertz's optimum."""

from __future__ import annotations

import sympy as sp

from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.laws.shared.openings import STEP_DECAY, STEP_FACTOR, decay_per_epoch, decay_per_step
from derivations.laws.timescale import optimum as optimum
from derivations.prover.measured import MeasuredError
from derivations.prover.rules import Identity, Induction, InductionOverSum, Root, Taylor
from derivations.scope import DECOUPLED, L2, Scope
from derivations.step import Assumption, Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols
from derivations.without_decay import NEVER

eta, lmbda, n, m, epsilon, kappa, step, count, steps_per_epoch, w_0, a, y, z = symbols(
    "eta lmbda n m epsilon kappa step count steps_per_epoch w_0 a y z"
)
tau_iter, tau_epoch, weight_decay, age, total_epochs, samples_seen, retained = symbols(
    "tau_iter tau_epoch weight_decay age total_epochs samples_seen retained"
)
w, u, gathered = sp.Function("w"), sp.Function("g"), sp.Function("S")
SMALL = STEP_DECAY < 1
BATCHES = _eq(n, steps_per_epoch * m)
RUN = _eq(samples_seen, total_epochs * n)
TAU_ITER, TAU_EPOCH, TAU_RUN = n / (eta * lmbda), m / (eta * lmbda), m / (eta * lmbda * total_epochs)
SHARE = (1 - STEP_FACTOR ** (n / m)) * STEP_FACTOR ** (n * age / m)
SHARE_LIMIT = (1 - sp.exp(-1 / tau_epoch)) * sp.exp(-age / tau_epoch)
FACTOR, FACTOR_LIMIT = STEP_FACTOR ** (n / m), sp.exp(-1 / tau_epoch)
# Where the limits are measured: a step removes 1/(M tau_epoch), and over an epoch 1/(2 M tau_epoch^2) is lost on that.
SHORTEST, OLDEST = sp.sqrt(5 / steps_per_epoch), steps_per_epoch * tau_epoch**2 / 5
OF_STEPS = (1 - 1 / (steps_per_epoch * tau_epoch)) ** steps_per_epoch
MOVED = (1 - OF_STEPS) * OF_STEPS**age
FOR_FACTOR = n / eta * (1 - sp.exp(m * sp.log(retained) / n))


def _dictionary() -> tuple[Step, ...]:
    q = 1 - epsilon
    per_step = sp.exp(kappa * sp.log(q) / epsilon)
    moved = (1 - per_step) * per_step**age
    return (
        decay_per_step(),
        decay_per_epoch(),
        Step(
            "weight_decay",
            solved(_eq(eta * weight_decay, STEP_DECAY), weight_decay, lmbda / n),
            "optax.add_decayed_weights and PyTorch's SGD subtract eta L w a step, Nielsen eta lmbda/n w.",
            Root(weight_decay, eta),
        ),
        Step(
            "moving_average",
            _eq(a - eta * (y + lmbda / n * a), q * a + epsilon * (-n * y / lmbda)),
            "One step of the weight a along the update y is one step of a moving average of -n y/lmbda.",
            Identity(),
        ),
        Step(
            "tau_iter",
            solved(_eq(1 / tau_iter, STEP_DECAY), tau_iter, TAU_ITER),
            "A moving average of time scale tau replaces the share 1/tau of itself in a step.",
            Root(tau_iter, -1 / tau_iter**2),
        ),
        Step(
            "training",
            sp.And(_eq(w(0), w_0), _eq(w(step + 1), w(step) - eta * (u(step) + lmbda / n * w(step)))),
            "Decoupled decay with any updates g(0), g(1), ...: SGD, AdamW, Lion, Muon.",
        ),
        Step(
            "memory",
            _eq(
                w(step),
                STEP_FACTOR**step * w_0
                - eta * sp.Sum(STEP_FACTOR ** (step - 1 - count) * u(count), (count, 0, step - 1)),
            ),
            "Induction: the weights are the average of all updates, an update j steps old with the factor q^j.",
            InductionOverSum(),
        ),
        Step("tau_epoch", _eq(tau_epoch, TAU_EPOCH), "The time scale in epochs, 1/kappa."),
        Step(
            "steps_to_epochs",
            _eq(TAU_ITER / steps_per_epoch, tau_epoch),
            "An epoch has M = n/m steps.",
            Identity(given=(BATCHES,)),
        ),
        Step(
            "tau_run",
            _eq(TAU_ITER / (total_epochs * steps_per_epoch), TAU_RUN),
            "As a share of a run of T epochs.",
            Identity(given=(BATCHES,)),
        ),
        Step(
            "from_samples",
            _eq(m / (eta * (lmbda / n) * samples_seen), TAU_RUN),
            "The same in Bergsma's form B/(eta L D): batch B = m, L = lmbda/n, and D = T n examples seen.",
            Identity(given=(RUN,)),
        ),
        Step(
            "weights_of_updates",
            sp.And(_eq(gathered(0), 0), _eq(gathered(step + 1), gathered(step) + epsilon * q**step)),
            "The weight in the average of the last k updates together.",
        ),
        Step(
            "gathered",
            _eq(gathered(step), 1 - STEP_FACTOR**step),
            "Induction: what is missing to 1 is left of the initial weights.",
            Induction(),
        ),
        Step(
            "weight_of_age",
            _eq(gathered((age + 1) * steps_per_epoch) - gathered(age * steps_per_epoch), SHARE),
            "The M updates of the epoch that ended `age` epochs ago; n = M m.",
            Identity(using=("gathered",), given=(BATCHES,)),
        ),
        Step(
            "in_epochs",
            _eq(SHARE, moved),
            "n/m is kappa/epsilon.",
            Identity(),
        ),
        Step(
            "log_series",
            _eq(sp.log(q), -epsilon - epsilon**2 / 2 - epsilon**3 / 3 + sp.O(epsilon**4)),
            "Taylor at 0.",
            Taylor(),
        ),
        Step("factor_in_epochs", _eq(FACTOR, per_step), "n/m is kappa/epsilon.", Identity()),
        Step(
            "factor_limit",
            _eq(per_step, sp.exp(-kappa) + sp.O(epsilon)),
            "Nielsen's factor per epoch is that of a moving average, exp(-1/tau_epoch), for eta lmbda << n.",
            Taylor(using="log_series"),
        ),
        Step(
            "factor_series",
            _eq(per_step, sp.exp(-kappa) * (1 - kappa * epsilon / 2) + sp.O(epsilon**2)),
            "With the first correction.",
            Taylor(using="log_series"),
        ),
        Step(
            "weight_limit",
            _eq(moved, (1 - sp.exp(-kappa)) * sp.exp(-age * kappa) + sp.O(epsilon)),
            "The same for the weight of data of an age.",
            Taylor(using="log_series"),
        ),
        Step(
            "factor_limit_off",
            _eq(OF_STEPS, FACTOR_LIMIT),
            "How far the factor's limit is off: a step removes 1/(M tau_epoch).",
            MeasuredError(
                steps_per_epoch,
                1,
                1000,
                0.157,
                5,
                ((tau_epoch, SHORTEST, 100),),
                (0.156698707, 5.03371204e-5, 0.106224563, 5.00003346e-8),
                (),
                (steps_per_epoch, tau_epoch),
            ),
        ),
        Step(
            "weight_limit_off",
            _eq(MOVED, SHARE_LIMIT),
            "The same for the weight of data of an age, the farther off the older they are.",
            MeasuredError(
                steps_per_epoch,
                1,
                1000,
                0.2,
                5,
                ((tau_epoch, SHORTEST, 100), (age, OLDEST / 1000, OLDEST)),
                (
                    *(-0.193690253, -0.067342559, -0.00488319985, 0.100402337),
                    *(-6.92676536e-8, 0.106224487, 9.50301194e-5, 0.105166157),
                ),
                (age,),
                (steps_per_epoch, tau_epoch),
            ),
        ),
        Step("lmbda_for_tau", _eq(lmbda, m / (eta * tau_epoch)), "tau_epoch, read backwards.", Identity()),
        Step(
            "lmbda_for_factor",
            solved(_eq(FACTOR, retained), lmbda, FOR_FACTOR),
            "Nielsen's factor, exact, read backwards.",
            Root(lmbda, -eta / m * FACTOR / STEP_FACTOR, (STEP_FACTOR,)),
        ),
    )


def _formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    small, one = (SMALL,), "1"
    return (
        Formula.of(steps, "weight_decay", (lmbda, n), "what optax and PyTorch call weight_decay", one, "weight_decay"),
        Formula.of(steps, "tau_iter", (eta, lmbda, n), "time scale of the moving average", "steps", "tau_iter"),
        Formula.of(steps, "tau_epoch", (eta, lmbda, m), "time scale in epochs", "epochs", "steps_to_epochs"),
        Formula.of(
            steps,
            "tau_run",
            (eta, lmbda, m, total_epochs),
            "time scale as a share of the run (Bergsma's tau)",
            one,
            "from_samples",
        ),
        Formula.of(
            steps,
            "weight_of_age",
            (age, eta, lmbda, n, m),
            "weight in the average of the epoch that ended `age` epochs ago, exact",
            one,
            "weight_of_age",
            small,
        ),
        Formula(
            "weight_of_age_limit",
            SHARE_LIMIT,
            (age, tau_epoch),
            "the same for eta lmbda << n",
            one,
            "weight_limit",
            box="weight_limit_off",
        ),
        Formula(
            "per_epoch_factor_limit",
            FACTOR_LIMIT,
            (tau_epoch,),
            "factor of a weight per epoch for eta lmbda << n",
            one,
            "factor_limit",
            box="factor_limit_off",
        ),
        Formula.of(steps, "lmbda_for_tau", (eta, m, tau_epoch), "lmbda of a time scale", one, "lmbda_for_tau"),
        Formula.of(
            steps,
            "lmbda_for_factor",
            (retained, eta, n, m),
            "lmbda of a factor per epoch, exact",
            one,
            "lmbda_for_factor",
            (retained < 1,),
        ),
    )


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> build().formulas["tau_epoch"](eta=0.1, lmbda=5, m=10)
    20.0
    """
    steps = (*_dictionary(), *optimum.steps())
    return Derivation(
        name="timescale",
        statement="Weights are a moving average of their updates, of time scale n/(eta lmbda) steps or m/(eta lmbda) "
        "epochs: Nielsen's factor, tau_epoch, Bergsma's tau and optax's weight_decay each give the others. A linear "
        "network's weight u, taught with noise of deviation sigma_y, errs least at lmbda = sigma_y^2/u^2.",
        assumptions=(
            Assumption("Decoupled decay; the updates g may be anything.", sp.true),
            Assumption("A step removes less than the whole weight: eta lmbda/n < 1.", SMALL),
            Assumption(
                "An epoch has M steps of m examples each: n = M m.",
                BATCHES,
                ("steps_to_epochs", "tau_run", "weight_of_age"),
            ),
            Assumption("The run sees D = T n examples in T epochs.", RUN, ("from_samples",)),
            Assumption("The factor asked for is below 1.", retained < 1, ("lmbda_for_factor",)),
            Assumption(
                "Krogh and Hertz's optimum: one principal axis of the inputs of a linear network, quadratic cost "
                "1/2 (target - y x)^2, targets u x with independent noise N(0, sigma_y^2), trained to the minimum; "
                "the mean is over the noise, at given inputs.",
            ),
        ),
        steps=steps,
        formulas={formula.name: formula for formula in (*_formulas(steps), *optimum.formulas(steps))},
        scope=Scope(DECOUPLED),
        scopes={
            **dict.fromkeys(("per_epoch_factor_limit", "lmbda_for_factor"), Scope(DECOUPLED, "none")),
            **dict.fromkeys(
                ("mode_error", "best_lmbda"),
                Scope(L2, "rest", network={"activation": ("linear",), "loss": ("quadratic",)}),
            ),
        },
        without_decay=dict.fromkeys(("tau_iter", "tau_epoch", "tau_run"), NEVER),
        validity=(
            Assumption("eta lmbda < n.", SMALL),
            Assumption("m divides n; otherwise an epoch has ceil(n/m) steps: put that number for n/m."),
            Assumption("Constant eta: a schedule makes the average forget at a changing rate."),
            Assumption(
                "L2 put through momentum or an adaptive step (PyTorch's SGD and Adam) is not decoupled: there "
                "this dictionary does not hold."
            ),
        ),
        references=(
            "X. Wang, L. Aitchison 2024, arXiv 2405.13698: weights as a moving average [second-hand; derived here].",
            "S. Bergsma et al. 2025, arXiv 2505.13738: tau = B/(eta L D) [second-hand; derived here].",
            "A. Krogh, J. Hertz 1991, A simple weight decay can improve generalization [abstract read; derived here].",
        ),
        ranges={
            optimum.input_square: (0.1, 100),
            optimum.teacher_weight: (0.1, 3),
            optimum.target_noise: (0.1, 3),
            n: (10, 1000),
            m: (1, 100),
            eta: (0.01, 1),
            lmbda: (0.1, 10),
        },
    )
