"""A2: a weight under decay and independent batch noise: its mean, its variance on the way, and the floor."""

from __future__ import annotations

import sympy as sp

from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.laws.shared.openings import STEP_DECAY, decay_per_step
from derivations.prover.measured import MeasuredError
from derivations.prover.rules import Identity, Induction, Root, Taylor, Termwise
from derivations.scope import Scope
from derivations.step import Assumption, Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols
from derivations.without_decay import WithoutDecay

eta, lmbda, n, m, epsilon, step, count, dim, a, y, w_0 = symbols("eta lmbda n m epsilon step count dim a y w_0")
gradient_std, mean_gradient, weight_var_0, weight_var, weight_std = symbols(
    "gradient_std mean_gradient weight_var_0 weight_var weight_std"
)
SMALL = STEP_DECAY < 1
NOISE = gradient_std**2 / m
MEAN = -n * mean_gradient / lmbda
VARIANCE = eta * n * gradient_std**2 / (m * lmbda * (2 - STEP_DECAY))
FLOOR = sp.sqrt(VARIANCE)
FLOOR_LEADING = gradient_std * sp.sqrt(eta * n / (2 * lmbda * m))
MEAN_PATH = w_0 * (1 - STEP_DECAY) ** step + MEAN * (1 - (1 - STEP_DECAY) ** step)
VARIANCE_PATH = weight_var_0 * (1 - STEP_DECAY) ** (2 * step) + VARIANCE * (1 - (1 - STEP_DECAY) ** (2 * step))
MEAN_KEPT = w_0 - step * eta * mean_gradient
VARIANCE_KEPT = weight_var_0 + step * eta**2 * NOISE
mean, variance, added = sp.Function("M"), sp.Function("v"), sp.Function("S")
mean_kept, variance_kept = sp.Function("M_0"), sp.Function("V_0")


def _steps() -> tuple[Step, ...]:
    w, g, i = sp.IndexedBase("w"), sp.IndexedBase("g"), sp.Idx("i")
    runs = (i, 1, dim)
    q = 1 - epsilon
    balance = _eq(weight_var * (1 - (1 - STEP_DECAY) ** 2), eta**2 * NOISE)
    return (
        decay_per_step(),
        Step(
            "one_step",
            _eq(
                sp.Sum((q * w[i] - eta * g[i] - (q * a - eta * y)) ** 2, runs),
                q**2 * sp.Sum((w[i] - a) ** 2, runs)
                - 2 * eta * q * sp.Sum((w[i] - a) * (g[i] - y), runs)
                + eta**2 * sp.Sum((g[i] - y) ** 2, runs),
            ),
            "Any number of runs, with means a of the weight and y of the gradient. The middle sum is a covariance, and "
            "vanishes: the batch is drawn independently of the weight.",
            Termwise(),
        ),
        Step(
            "draws",
            sp.And(_eq(added(0), 0), _eq(added(count + 1), added(count) + gradient_std**2)),
            "Each example drawn independently adds its variance to that of the batch's sum.",
        ),
        Step("draws_added", _eq(added(count), count * gradient_std**2), "Induction.", Induction()),
        Step(
            "batch_noise",
            _eq(added(count) / count**2, gradient_std**2 / count),
            "The batch gradient is a mean over m = j examples.",
            Identity(using=("draws_added",)),
        ),
        Step(
            "mean_rule",
            sp.And(_eq(mean(0), w_0), _eq(mean(step + 1), q * mean(step) - eta * mean_gradient)),
            "The mean over runs of w' = (1 - epsilon) w - eta g.",
        ),
        Step(
            "variance_rule",
            sp.And(_eq(variance(0), weight_var_0), _eq(variance(step + 1), q**2 * variance(step) + eta**2 * NOISE)),
            "The mean over runs of one_step, with the batch noise.",
        ),
        Step("mean_path", _eq(mean(step), MEAN_PATH), "Induction over the steps.", Induction()),
        Step(
            "mean_at_rest",
            _eq((1 - STEP_DECAY) * MEAN - eta * mean_gradient, MEAN),
            "What mean_path tends to does not move: decay pulls as hard as the gradient.",
            Identity(),
        ),
        Step("variance_path", _eq(variance(step), VARIANCE_PATH), "Induction over the steps.", Induction()),
        Step(
            "mean_without_decay",
            sp.And(_eq(mean_kept(0), w_0), _eq(mean_kept(step + 1), mean_kept(step) - eta * mean_gradient)),
            "mean_rule at lmbda = 0.",
        ),
        Step(
            "variance_without_decay",
            sp.And(
                _eq(variance_kept(0), weight_var_0), _eq(variance_kept(step + 1), variance_kept(step) + eta**2 * NOISE)
            ),
            "variance_rule at lmbda = 0.",
        ),
        Step("mean_undecayed", _eq(mean_kept(step), MEAN_KEPT), "Induction over the steps.", Induction()),
        Step(
            "variance_undecayed",
            _eq(variance_kept(step), VARIANCE_KEPT),
            "Induction over the steps: a random walk.",
            Induction(),
        ),
        Step(
            "variance_at_rest",
            solved(balance, weight_var, VARIANCE),
            "The one variance that a step leaves as it is.",
            Root(weight_var, STEP_DECAY * (1 + (1 - STEP_DECAY)), (1 - STEP_DECAY,)),
        ),
        Step(
            "floor",
            solved(_eq(weight_std**2 * (1 - (1 - STEP_DECAY) ** 2), eta**2 * NOISE), weight_std, FLOOR),
            "The same for its root.",
            Root(weight_std, 2 * weight_std * STEP_DECAY * (1 + (1 - STEP_DECAY)), (1 - STEP_DECAY,)),
        ),
        Step(
            "floor_leading",
            solved(_eq(weight_std**2 * 2 * STEP_DECAY, eta**2 * NOISE), weight_std, FLOOR_LEADING),
            "The same without epsilon^2.",
            Root(weight_std, 4 * weight_std * STEP_DECAY),
        ),
        Step(
            "floors",
            _eq(FLOOR / FLOOR_LEADING, sp.sqrt(2 / (2 - epsilon))),
            "How much is lost by that, exactly.",
            Identity(),
        ),
        Step(
            "correction",
            _eq(sp.sqrt(2 / (2 - epsilon)), 1 + epsilon / 4 + sp.O(epsilon**2)),
            "To first order.",
            Taylor(),
        ),
        Step(
            "leading_off",
            _eq(sp.sqrt(eta**2 * NOISE / (epsilon * (2 - epsilon))), sp.sqrt(eta**2 * NOISE / (2 * epsilon))),
            "How far the floor without epsilon^2 is off.",
            MeasuredError(
                epsilon, 1e-4, 0.1, 0.0255, 5, corners=(-2.50003125e-5, -0.0253205655), open_below=(epsilon,)
            ),
        ),
    )


def _formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    small = (SMALL,)
    noisy = (gradient_std, eta, lmbda, n, m)
    return (
        Formula.of(steps, "noise_floor", noisy, "standard deviation of a settled weight", "1", "floor", small),
        Formula.of(
            steps,
            "noise_floor_leading",
            noisy,
            "the same for eta lmbda << n",
            "1",
            "floor_leading",
            small,
            box="leading_off",
        ),
        Formula.of(steps, "stationary_variance", noisy, "variance of a settled weight", "1", "variance_at_rest", small),
        Formula.of(
            steps, "stationary_mean", (mean_gradient, lmbda, n), "mean of a settled weight", "1", "mean_at_rest"
        ),
        Formula.of(
            steps,
            "variance",
            (weight_var_0, step, *noisy),
            "variance of a weight after k steps",
            "1",
            "variance_path",
            small,
        ),
        Formula.of(
            steps,
            "mean",
            (w_0, step, mean_gradient, eta, lmbda, n),
            "mean of a weight after k steps",
            "1",
            "mean_path",
            small,
        ),
    )


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> round(build().formulas["noise_floor"](gradient_std=0.01, eta=0.1, lmbda=5, n=50_000, m=10), 6)
    0.070711
    """
    steps = _steps()
    return Derivation(
        name="stationary_variance",
        statement="Decay and a batch noise drawn independently at every step leave a weight with mean -nG/lmbda and "
        "standard deviation sigma_g sqrt(eta n/(2 lmbda m)), up to epsilon/4 of it; both are reached with the factor "
        "1 - epsilon per step, the variance with its square.",
        assumptions=(
            Assumption("A step removes less than the whole weight: eta lmbda/n < 1.", SMALL),
            Assumption("An example's gradient does not depend on the weight: no curvature."),
            Assumption("Examples are drawn independently, with replacement, at every step."),
        ),
        steps=steps,
        formulas={formula.name: formula for formula in _formulas(steps)},
        scope=Scope(("sgd",), "constant", ("iid",)),
        scopes=dict.fromkeys(("stationary_mean", "mean"), Scope(("sgd",), "constant")),
        without_decay={
            **dict.fromkeys(
                ("noise_floor", "noise_floor_leading", "stationary_variance"),
                WithoutDecay(words="weights on noise do not settle"),
            ),
            "stationary_mean": WithoutDecay(words="nothing holds a weight against a constant gradient"),
            "variance": WithoutDecay(VARIANCE_KEPT, "variance_undecayed"),
            "mean": WithoutDecay(MEAN_KEPT, "mean_undecayed"),
        },
        validity=(
            Assumption("eta lmbda < n.", SMALL),
            Assumption(
                "Sampling with replacement. Reshuffled epochs have a floor that is lower by orders of magnitude where "
                "kappa is small: see shuffling."
            ),
            Assumption(
                "Along a direction of curvature h put lmbda + n h for lmbda, if the noise stays the same: `ridge` "
                "proves it, and says what changes as the noise grows with the distance."
            ),
            Assumption(
                "eta, lmbda and the noise are constant. Under a schedule iterate variance_rule: for a cosine it has no "
                "closed form."
            ),
        ),
        references=("An AR(1) process; derived here from the update.",),
        ranges={count: (1, 7)},
    )
