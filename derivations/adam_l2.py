"""Adam with L2 in the gradient: decay alone forgets lmbda; against noise its floor and its rate depend on the noise."""

from __future__ import annotations

import sympy as sp

from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.proofs import Identity, InductionOverSum, MeasuredError, Root, Taylor, Termwise
from derivations.step import Assumption, Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols

eta, lmbda, n, n_w, beta1, beta2, dim, step, count, x, y = symbols("eta lmbda n n_w beta1 beta2 dim step count x y")
batch_gradient_rms, gradient_scale, adam_epsilon, weight_rms, weight_norm, rotation = symbols(
    "batch_gradient_rms gradient_scale adam_epsilon weight_rms weight_norm rotation"
)
gain, decay_rate, momentum_ms, outward, memory = symbols("gain decay_rate momentum_ms outward memory")
AVERAGE = beta1 < 1
SQUARES = beta2 < 1
DECAY = lmbda / n
RATE = eta * lmbda / (n * batch_gradient_rms)


def spare(rate: sp.Expr) -> sp.Expr:
    """Return the leading mean square over the exact one; instability where it is 0."""
    return 1 - rate * (1 - beta1) / (2 * (1 + beta1))


SPARE = spare(RATE)
MOMENTUM_MS = 2 * (1 - beta1) * DECAY * weight_rms**2 / (gain * (1 + beta1))
FLOOR = sp.sqrt(eta * batch_gradient_rms * n / (2 * lmbda))
DAMPING = 1 / (1 + adam_epsilon * n / (lmbda * weight_rms))
SLOW_ROOT = (1 + 2 * memory - decay_rate + sp.sqrt(1 - 2 * (1 + 2 * memory) * decay_rate + decay_rate**2)) / (
    2 * (1 + memory)
)
CUBE = sp.cbrt(eta * gradient_scale * sp.sqrt(n_w) * n / (2 * lmbda))
LENGTH = eta * sp.sqrt(n_w * (1 - beta1) / (1 + beta1))
w, u, g, i = sp.IndexedBase("w"), sp.IndexedBase("u"), sp.IndexedBase("g"), sp.Idx("i")
WEIGHTS = (i, 1, dim)


def _decay_alone() -> tuple[Step, ...]:
    first, second, weight = sp.Function("M"), sp.Function("V"), sp.Function("w_of")
    seen = (count, 0, step - 1)
    averaged = sp.Sum((1 - beta1) * beta1 ** (step - 1 - count) * weight(count), seen)
    squared = sp.Sum((1 - beta2) * beta2 ** (step - 1 - count) * weight(count) ** 2, seen)
    return (
        Step(
            "first_moment",
            "definition",
            sp.And(_eq(first(0), 0), _eq(first(step + 1), beta1 * first(step) + (1 - beta1) * DECAY * weight(step))),
            "Adam's average of the gradient of the penalty, for any course w_of of the weight.",
        ),
        Step(
            "second_moment",
            "definition",
            sp.And(
                _eq(second(0), 0),
                _eq(second(step + 1), beta2 * second(step) + (1 - beta2) * (DECAY * weight(step)) ** 2),
            ),
            "And of its square.",
        ),
        Step(
            "first_solved", "solution", _eq(first(step), DECAY * averaged), "lmbda/n factors out.", InductionOverSum()
        ),
        Step(
            "second_solved",
            "solution",
            _eq(second(step), DECAY**2 * squared),
            "Its square factors out.",
            InductionOverSum(),
        ),
        Step(
            "direction",
            "equality",
            _eq(first(step) / sp.sqrt(second(step)), averaged / sp.sqrt(squared)),
            "lmbda cancels, in every step, and so does any common factor of the weights: w(t) = w_0 f(eta t/w_0) for "
            "every lmbda. The bias corrections, factors of beta1 and beta2 alone, change nothing of this.",
            Identity(using=("first_solved", "second_solved")),
        ),
        Step(
            "stabiliser",
            "equality",
            _eq(DECAY * weight_rms / (DECAY * weight_rms + adam_epsilon), DAMPING),
            "What a number added to sqrt(V) = lmbda/n w_rms leaves of a step; w_rms over the weight's recent past.",
            Identity(),
        ),
        Step(
            "stabiliser_series",
            "series",
            _eq(DAMPING, 1 - n * adam_epsilon / (lmbda * weight_rms) + sp.O(adam_epsilon**2)),
            "lmbda comes back where lmbda/n w_rms is not large against it.",
            Taylor(),
        ),
    )


def _noise() -> tuple[Step, ...]:
    fresh = beta1 * u[i] + (1 - beta1) * (g[i] + DECAY * w[i])

    def total(expr: sp.Expr) -> sp.Sum:
        return sp.Sum(expr, WEIGHTS)

    return (
        Step(
            "gain", "definition", _eq(gain, eta / batch_gradient_rms), "The step for a gradient of 1: sqrt(v) = sigma."
        ),
        Step("decay_rate", "definition", _eq(decay_rate, DECAY * gain), "Decay per step against noise."),
        Step(
            "push",
            "equality",
            _eq(
                total(w[i] * fresh),
                beta1 * total(w[i] * u[i]) + (1 - beta1) * total(w[i] * g[i]) + (1 - beta1) * DECAY * total(w[i] ** 2),
            ),
            "Weights times the next average m' = beta1 m + (1 - beta1)(g + lmbda/n w); u stands for m. g is fresh.",
            Termwise(),
        ),
        Step(
            "after_the_step",
            "equality",
            _eq(total((w[i] - gain * u[i]) * u[i]), total(w[i] * u[i]) - gain * total(u[i] ** 2)),
            "The same product after the step w' = w - gamma m.",
            Termwise(),
        ),
        Step(
            "budget",
            "equality",
            _eq(
                total((w[i] - gain * u[i]) ** 2),
                total(w[i] ** 2) - 2 * gain * total(w[i] * u[i]) + gain**2 * total(u[i] ** 2),
            ),
            "The norm budget.",
            Termwise(),
        ),
        Step(
            "average",
            "equality",
            _eq(
                total(fresh**2),
                beta1**2 * total(u[i] ** 2)
                + (1 - beta1) ** 2 * (total(g[i] ** 2) + 2 * DECAY * total(g[i] * w[i]) + DECAY**2 * total(w[i] ** 2))
                + 2 * beta1 * (1 - beta1) * (total(u[i] * g[i]) + DECAY * total(w[i] * u[i])),
            ),
            "Square of the next average.",
            Termwise(),
        ),
        Step(
            "norm_at_rest",
            "solution",
            solved(_eq(2 * gain * outward, gain**2 * momentum_ms), outward, gain * momentum_ms / 2),
            "The budget at rest, P = E[w m'] before the step; after it the product is P - gamma E[m^2] = -P.",
            Root(outward, 2 * gain),
        ),
        Step(
            "momentum_at_rest",
            "solution",
            solved(
                _eq(
                    gain * momentum_ms / 2 + beta1 * gain * momentum_ms / 2,
                    (1 - beta1) * DECAY * weight_rms**2,
                ),
                momentum_ms,
                MOMENTUM_MS,
            ),
            "push at rest, with that.",
            Root(momentum_ms, gain / 2 + beta1 * gain / 2),
        ),
        Step(
            "floor",
            "solution",
            solved(
                _eq(
                    (1 - beta1**2) * MOMENTUM_MS
                    + beta1 * (1 - beta1) * DECAY * gain * MOMENTUM_MS
                    - (1 - beta1) ** 2 * DECAY**2 * weight_rms**2,
                    (1 - beta1) ** 2 * batch_gradient_rms**2,
                ),
                weight_rms,
                FLOOR / sp.sqrt(SPARE),
            ),
            "average at rest: noise feeds what the average forgets.",
            Root(
                weight_rms,
                4 * (1 - beta1) ** 2 * DECAY / gain * weight_rms * SPARE,
                (SPARE, 1 - beta1),
            ),
        ),
        Step(
            "floor_leading",
            "approximation",
            _eq(FLOOR / sp.sqrt(spare(decay_rate)), FLOOR),
            "For decay slow against the noise.",
            MeasuredError(
                decay_rate,
                1e-4,
                0.02,
                0.0041,
                5,
                ((beta1, 0.1, 0.95),),
                (-2.0454755e-5, -6.4102585e-7, -0.0040993113, -0.00012821335),
            ),
        ),
        Step("memory_steps", "definition", _eq(memory, beta1 / (1 - beta1)), "How many steps the average remembers."),
        Step(
            "eliminated",
            "equality",
            _eq(
                x - gain * (beta1 * (y - x) / gain + (1 - beta1) * DECAY * x),
                (1 + 2 * memory - decay_rate) / (1 + memory) * x - memory / (1 + memory) * y,
            ),
            "The mean weight two steps on, from x and the y before it: m = (y - x)/gamma.",
            Identity(),
        ),
        Step(
            "slow_root",
            "equality",
            _eq(SLOW_ROOT**2 + memory / (1 + memory), (1 + 2 * memory - decay_rate) / (1 + memory) * SLOW_ROOT),
            "Weights that shrink by this factor a step satisfy it; the other root is smaller.",
            Identity(keep=True),
        ),
        Step(
            "rate_series",
            "series",
            _eq(SLOW_ROOT, 1 - decay_rate - memory * decay_rate**2 + sp.O(decay_rate**3)),
            "The mean weight decays by eta lmbda/(n sigma) a step: the larger its noise, the less a weight decays.",
            Taylor(),
        ),
        Step(
            "cube_root",
            "solution",
            solved(
                _eq(2 * lmbda * weight_norm**2, eta * n * n_w * gradient_scale / (weight_norm * sp.sqrt(n_w))),
                weight_norm,
                CUBE,
            ),
            "Scale-invariant weights: the leading floor with sigma = G/(|W| sqrt(n_w)), which falls as they grow.",
            Root(weight_norm, 4 * lmbda * weight_norm + eta * n * sp.sqrt(n_w) * gradient_scale / weight_norm**2),
        ),
        Step(
            "rotation",
            "solution",
            solved(_eq(rotation * CUBE, LENGTH), rotation, LENGTH / CUBE),
            "The length of a step, eta sqrt(n_w E[u^2]), is the angle times the norm.",
            Root(rotation, CUBE),
        ),
    )


def _formulas() -> tuple[Formula, ...]:
    one = "1"
    noise = (eta, lmbda, n, batch_gradient_rms)
    return (
        Formula(
            "stabiliser_factor",
            DAMPING,
            (lmbda, n, adam_epsilon, weight_rms),
            "what adam_epsilon leaves of a step of pure decay",
            one,
            "stabiliser",
        ),
        Formula(
            "weight_rms_exact",
            FLOOR / sp.sqrt(SPARE),
            (*noise, beta1),
            "rms of the weights on noise",
            one,
            "floor",
            (AVERAGE, SPARE > 0),
        ),
        Formula("weight_rms", FLOOR, noise, "the same for slow decay", one, "floor_leading"),
        Formula(
            "decay_factor",
            1 - RATE - beta1 / (1 - beta1) * RATE**2,
            (*noise, beta1),
            "factor of the mean weight per step, to second order",
            one,
            "rate_series",
            (AVERAGE,),
        ),
        Formula(
            "weight_norm_scale_invariant",
            CUBE,
            (eta, lmbda, n, n_w, gradient_scale),
            "norm of scale-invariant weights",
            one,
            "cube_root",
        ),
        Formula(
            "rotation_scale_invariant",
            LENGTH / CUBE,
            (eta, lmbda, n, n_w, gradient_scale, beta1),
            "angle of a step of scale-invariant weights",
            "radians",
            "rotation",
            (AVERAGE,),
        ),
    )


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> floor = build().formulas["weight_rms"]
    >>> round(floor(eta=1e-3, lmbda=5, n=50_000, batch_gradient_rms=0.1), 4)
    0.7071
    """
    return Derivation(
        name="adam_l2",
        statement="Adam with the penalty's gradient in its averages: decay alone does not depend on lmbda. Against "
        "noise of deviation sigma weights decay by eta lmbda/(n sigma) a step and settle at "
        "w_rms^2 = eta sigma n/(2 lmbda); scale-invariant ones at |W|^3 = eta G sqrt(n_w) n/(2 lmbda).",
        assumptions=(
            Assumption("The averages of g + lmbda/n w and of its square make the step: w' = w - eta m/sqrt(v)."),
            Assumption("beta1 < 1.", AVERAGE),
            Assumption("beta2 < 1.", SQUARES),
            Assumption(
                "Against noise: independent gradients of variance sigma^2, lmbda/n |w| << sigma and beta2 so near 1 "
                "that v = sigma^2."
            ),
            Assumption("The steady state exists.", SPARE > 0),
            Assumption("For the slow root: real roots.", 1 - 2 * (1 + 2 * memory) * decay_rate + decay_rate**2 > 0),
            Assumption(
                "Scale-invariant weights: the gradient is at right angles to them, isotropic, of norm G/|W|; many "
                "weights; E[u^2] as in adamw."
            ),
        ),
        steps=(*_decay_alone(), *_noise()),
        formulas={formula.name: formula for formula in _formulas()},
        validity=(
            Assumption("Decay alone: adam_epsilon = 0, weights not 0; stabiliser_factor says what it changes."),
            Assumption("Noise: lmbda/n w_rms << sigma, hence eta lmbda << n sigma; 1 - beta2 << 1."),
        ),
        references=(
            "I. Loshchilov and F. Hutter, 1711.05101 [opening read]: weights with large gradients are decayed less; "
            "the laws are derived here.",
        ),
        ranges={
            eta: (1e-3, 1e-2),
            lmbda: (0.1, 10),
            n: (100, 1000),
            batch_gradient_rms: (0.1, 1),
            beta1: (0.1, 0.9),
            beta2: (0.5, 0.999),
            outward: (1e-3, 1),
            decay_rate: (1e-4, 1e-2),
        },
    )
