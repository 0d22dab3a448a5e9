"""Claim 2: the exact factor per epoch, its limit exp(-eta lmbda/m), bounds, and m that does not divide n."""

from __future__ import annotations

import sympy as sp

from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.laws.shared.openings import STEP_DECAY, STEP_FACTOR, decay_per_epoch, decay_per_step, pure_decay
from derivations.prover.measured import MeasuredError
from derivations.prover.rules import (
    Identity,
    IncreasingImage,
    Monotone,
    NonNegativeGap,
    Root,
    Squeeze,
    Taylor,
    Tightness,
    UnitInterval,
)
from derivations.scope import DECOUPLED, Scope
from derivations.step import Assumption, Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols
from derivations.without_decay import NEVER

eta, lmbda, n, m, epsilon, kappa, step, steps_per_epoch, epoch, w_0, weight_rms_0 = symbols(
    "eta lmbda n m epsilon kappa step steps_per_epoch epoch w_0 weight_rms_0"
)
w = sp.Function("w")
FACTOR = STEP_FACTOR ** (n / m)
LIMIT = sp.exp(-eta * lmbda / m)
LEADING = -((eta * lmbda) ** 2) / (2 * n * m)
BOUND = sp.exp(-eta * lmbda / m / STEP_FACTOR)
HALF_LIFE = -m * sp.log(2) / (n * sp.log(STEP_FACTOR))
RMS = weight_rms_0 * STEP_FACTOR ** (n * epoch / m)
SMALL = STEP_DECAY < 1
BATCHES = _eq(n, steps_per_epoch * m)
TIME = _eq(epoch, step / steps_per_epoch)
# M = ceil(n/m), the last batch being smaller where m does not divide n.
ENOUGH, NO_MORE = sp.Le(n, steps_per_epoch * m), steps_per_epoch * m < n + m
FACTOR_OF_STEPS = STEP_FACTOR**steps_per_epoch
_RAGGED = ("log_ceil", "log_floor", "ceil_below", "floor_above")
ERROR_OF_STEPS = sp.exp((steps_per_epoch - n / m) * sp.log(STEP_FACTOR)) - 1


def _steps() -> tuple[Step, ...]:
    y = sp.Symbol("y", real=True)
    per_epoch = sp.Lambda(y, sp.exp(n * y / m))
    return (
        decay_per_step(),
        decay_per_epoch(),
        *pure_decay(
            ("recursion", "solution"),
            w,
            w_0,
            "Nielsen's update of a weight whose gradient vanishes, as on an input that is 0 on the whole training set.",
        ),
        Step(
            "one_step",
            _eq(w(step + 1) / w(step), STEP_FACTOR),
            "From the solution.",
            Identity(using=("solution",)),
        ),
        Step(
            "steps_of_an_epoch",
            _eq(w(step + steps_per_epoch), (1 - epsilon) ** steps_per_epoch * w(step)),
            "From the solution: M more steps, wherever they begin.",
            Identity(using=("solution",)),
        ),
        Step(
            "factor",
            _eq(w(step + steps_per_epoch) / w(step), FACTOR),
            "The same over one epoch: n = M m, so M = n/m.",
            Identity(using=("solution",), given=(BATCHES,)),
        ),
        Step(
            "log_upper",
            sp.Le(sp.log(1 - epsilon), -epsilon, evaluate=False),
            "The gap is 0 at 0 and its derivative is epsilon/(1 - epsilon) > 0.",
            Monotone(UnitInterval(epsilon), Tightness(epsilon, epsilon**2 / 2)),
        ),
        Step(
            "log_lower",
            sp.Le(-epsilon / (1 - epsilon), sp.log(1 - epsilon), evaluate=False),
            "The gap is 0 at 0 and its derivative is epsilon/(1 - epsilon)^2 > 0.",
            Monotone(UnitInterval(epsilon), Tightness(epsilon, epsilon**2 / 2)),
        ),
        Step(
            "upper_bound",
            sp.Le(FACTOR, LIMIT, evaluate=False),
            "The exponential of n/m times log_upper.",
            IncreasingImage("log_upper", per_epoch, Tightness(n, -LEADING * LIMIT, sp.oo)),
        ),
        Step(
            "lower_bound",
            sp.Le(BOUND, FACTOR, evaluate=False),
            "The exponential of n/m times log_lower.",
            IncreasingImage("log_lower", per_epoch, Tightness(n, -LEADING * LIMIT, sp.oo)),
        ),
        Step(
            "limit",
            _eq(sp.Limit(FACTOR, n, sp.oo, "-"), LIMIT),
            "Both bounds tend to it, for any eta, lmbda, m > 0: claim 2. Its condition eta lmbda << n is this limit.",
            Squeeze("lower_bound", "upper_bound"),
        ),
        Step(
            "log_series",
            _eq(sp.log(1 - epsilon), -epsilon - epsilon**2 / 2 - epsilon**3 / 3 + sp.O(epsilon**4)),
            "Taylor at 0.",
            Taylor(),
        ),
        Step(
            "relative_error",
            _eq(FACTOR / LIMIT - 1, sp.exp(n / m * (sp.log(1 - epsilon) + epsilon)) - 1),
            "How far the limit is off, exactly.",
            Identity(),
        ),
        Step(
            "error_series",
            _eq(sp.exp(kappa * (sp.log(1 - epsilon) + epsilon) / epsilon) - 1, -kappa * epsilon / 2 + sp.O(epsilon**2)),
            "n/m is kappa/epsilon; the log is replaced by its series, with an analytic remainder that does not enter.",
            Taylor(using="log_series"),
        ),
        Step("leading_error", _eq(-kappa * epsilon / 2, LEADING), "In Nielsen's symbols.", Identity()),
        Step(
            "leading_off",
            _eq(sp.exp(kappa * (sp.log(1 - epsilon) + epsilon) / epsilon) - 1, -kappa * epsilon / 2),
            "How far the leading term is off.",
            MeasuredError(
                epsilon,
                1e-5,
                0.05,
                0.051,
                5,
                ((kappa, 1e-3, 1 / (5 * epsilon)),),
                (-6.66417222e-6, 0.0508265334, -0.0334635499, 0.0173859925),
                (epsilon, kappa),
            ),
        ),
        Step(
            "limit_off",
            _eq(sp.exp(kappa * sp.log(1 - epsilon) / epsilon), sp.exp(-kappa)),
            "How far the limit is off: kappa epsilon/2 and a little, so that decay may be strong in an epoch or in a "
            "step, but not in both.",
            MeasuredError(
                epsilon,
                1e-5,
                0.1,
                0.114,
                5,
                ((kappa, 1e-3, 1 / (5 * epsilon)),),
                (5.00003335e-9, 0.105171655, 5.36065934e-5, 0.113168344),
                (epsilon, kappa),
            ),
        ),
        Step(
            "weight_rms",
            _eq(weight_rms_0 * w(step) / w_0, RMS),
            "Every weight shrinks by the same factor w(k)/w_0, so the rms does; k steps are t = k/M epochs.",
            Identity(using=("solution",), given=(BATCHES, TIME)),
        ),
        Step(
            "half_life",
            solved(_eq(RMS, weight_rms_0 / 2), epoch, HALF_LIFE),
            "Epochs after which half of the weight is left.",
            Root(epoch, n / m * sp.log(STEP_FACTOR) * RMS, (-sp.log(STEP_FACTOR), STEP_FACTOR), "weight_rms"),
        ),
    )


def _ragged() -> tuple[Step, ...]:
    y = sp.Symbol("y", real=True)
    slow, above, below = -sp.log(STEP_FACTOR), (steps_per_epoch * m - n) / m, (n + m - steps_per_epoch * m) / m
    exponential, last = sp.Lambda(y, sp.exp(y)), steps_per_epoch - 1
    full, short = steps_per_epoch * m, last * m

    def bound(name: str, less: sp.Expr, more: sp.Expr, gap: sp.Expr, at: tuple[sp.Expr, str], why: str) -> Step:
        positive = (steps_per_epoch * m - n, slow) if gap is above else (n + m - steps_per_epoch * m, slow)
        claim = sp.Le(less * sp.log(STEP_FACTOR), more * sp.log(STEP_FACTOR), evaluate=False)
        return Step(name, claim, why, NonNegativeGap(gap * slow, positive, Tightness(n, gap * slow, *at)))

    def image(name: str, of: str, less: sp.Expr, more: sp.Expr, gap: sp.Expr, at: tuple[sp.Expr, str]) -> Step:
        tight = Tightness(n, gap * slow * FACTOR, *at)
        return Step(
            name,
            sp.Le(less, more, evaluate=False),
            f"The exponential of {of}.",
            IncreasingImage(of, exponential, tight),
        )

    return (
        Step(
            "factor_of_steps",
            _eq(w(step + steps_per_epoch) / w(step), FACTOR_OF_STEPS),
            "An epoch of any number M of steps. Where m does not divide n, M = ceil(n/m): the last batch is smaller, "
            "and decays the weights as much as any other.",
            Identity(using=("solution",)),
        ),
        bound(
            "log_ceil",
            steps_per_epoch,
            n / m,
            above,
            (full, "-"),
            "M >= n/m, and log(1 - epsilon) < 0.",
        ),
        bound("log_floor", n / m, last, below, (short, "+"), "M - 1 < n/m, which is floor(n/m) unless m divides n."),
        image("ceil_below", "log_ceil", FACTOR_OF_STEPS, FACTOR, above, (full, "-")),
        image("floor_above", "log_floor", FACTOR, STEP_FACTOR**last, below, (short, "+")),
        Step(
            "error_of_steps",
            _eq(FACTOR_OF_STEPS / FACTOR - 1, ERROR_OF_STEPS),
            "How far the formula with n/m steps is off: between -epsilon and 0, by the two bounds.",
            Identity(),
        ),
    )


def _formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    small = (SMALL,)
    return (
        Formula.of(steps, "per_step_factor", (eta, lmbda, n), "factor of a weight per step", "1", "one_step", small),
        Formula.of(
            steps, "per_epoch_factor", (eta, lmbda, n, m), "factor of a weight per epoch, exact", "1", "factor", small
        ),
        Formula.of(
            steps,
            "per_epoch_factor_limit",
            (eta, lmbda, m),
            "factor per epoch for eta lmbda << n",
            "1",
            "limit",
            box="limit_off",
        ),
        Formula.of(
            steps,
            "relative_error_of_limit",
            (eta, lmbda, n, m),
            "exact factor / limit - 1",
            "1",
            "relative_error",
            small,
            side="left",
        ),
        Formula.of(
            steps,
            "relative_error_leading",
            (eta, lmbda, n, m),
            "leading term of exact factor / limit - 1",
            "1",
            "leading_error",
            small,
            box="leading_off",
        ),
        Formula.of(
            steps,
            "lower_bound",
            (eta, lmbda, n, m),
            "lower bound of the factor per epoch",
            "1",
            "lower_bound",
            small,
            side="left",
        ),
        Formula.of(
            steps,
            "half_life_epochs",
            (eta, lmbda, n, m),
            "epochs until half of a weight is left",
            "epochs",
            "half_life",
            small,
        ),
        Formula.of(
            steps,
            "per_epoch_factor_of_steps",
            (eta, lmbda, n, steps_per_epoch),
            "factor of a weight per epoch of M = ceil(n/m) steps, exact whether m divides n or not",
            "1",
            "factor_of_steps",
            small,
        ),
        Formula.of(
            steps,
            "relative_error_of_fraction",
            (eta, lmbda, n, m, steps_per_epoch),
            "per_epoch_factor_of_steps / per_epoch_factor - 1",
            "1",
            "error_of_steps",
            small,
        ),
        Formula.of(
            steps,
            "weight_rms",
            (weight_rms_0, epoch, eta, lmbda, n, m),
            "rms of weights that only decay",
            "1",
            "weight_rms",
            small,
        ),
    )


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> build().formulas["half_life_epochs"](eta=0.1, lmbda=5, n=50_000, m=10) > 13.8
    True
    """
    steps = (*_steps(), *_ragged())
    return Derivation(
        name="epoch_decay",
        statement="A weight that feels weight decay alone shrinks by (1 - eta lmbda/n)^(n/m) per epoch, which lies "
        "between exp(-kappa/(1-epsilon)) and exp(-kappa), kappa = eta lmbda/m, and tends to exp(-kappa) as n grows.",
        assumptions=(
            Assumption("The gradient of the data cost vanishes: decay acts alone.", sp.true),
            Assumption("A step removes less than the whole weight: eta lmbda/n < 1.", SMALL),
            Assumption("An epoch has M steps of m examples each: n = M m.", BATCHES, ("factor", "weight_rms")),
            Assumption("M is at least n/m.", ENOUGH, _RAGGED),
            Assumption("M is less than n/m + 1: with the other, M = ceil(n/m).", NO_MORE, _RAGGED),
            Assumption("Time is counted in epochs of M steps: t = k/M.", TIME, ("weight_rms",)),
        ),
        steps=steps,
        formulas={formula.name: formula for formula in _formulas(steps)},
        scope=Scope(DECOUPLED, "none"),
        without_decay={"half_life_epochs": NEVER},
        validity=(
            Assumption("eta lmbda < n.", SMALL),
            Assumption(
                "An epoch has n/m steps. Where m does not divide n it has ceil(n/m), and n/m is off by up to epsilon: "
                "use per_epoch_factor_of_steps, or put n/steps_per_epoch for m wherever a formula meets data.",
                sp.true,
            ),
        ),
        references=(
            "M. Nielsen, Neural Networks and Deep Learning, chapter 3: the claim [read]; the proof is this project's.",
        ),
    )
