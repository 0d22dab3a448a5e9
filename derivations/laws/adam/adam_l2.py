"""Adam with L2 in the gradient: decay alone forgets lmbda; against noise its floor and its rate depend on the noise."""

from __future__ import annotations

import sympy as sp

from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.laws.adam import adam_l2_alone as alone
from derivations.laws.adam.adam_l2_alone import DECAY
from derivations.prover.measured import MeasuredError
from derivations.prover.rules import Identity, Root, Taylor, Termwise
from derivations.scope import Scope
from derivations.step import Assumption, Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols
from derivations.without_decay import WithoutDecay

eta, lmbda, n, n_w, beta1, beta2, dim, step, x, y = symbols("eta lmbda n n_w beta1 beta2 dim step x y")
batch_gradient_rms, gradient_scale, weight_rms, weight_norm, rotation = symbols(
    "batch_gradient_rms gradient_scale weight_rms weight_norm rotation"
)
gain, decay_rate, momentum_ms, outward, memory = symbols("gain decay_rate momentum_ms outward memory")
AVERAGE = beta1 < 1
SQUARES = beta2 < 1
RATE = eta * lmbda / (n * batch_gradient_rms)
MOMENTUM_MS = 2 * (1 - beta1) * DECAY * weight_rms**2 / (gain * (1 + beta1))
FLOOR = sp.sqrt(eta * batch_gradient_rms * n / (2 * lmbda))


def damped(rate: sp.Expr) -> sp.Expr:
    """Return the exact floor over the leading one: the average still holds decay of earlier steps."""
    return sp.sqrt((1 + beta1) / (1 + beta1 + beta1 * rate))


def discriminant(rate: sp.Expr, remembered: sp.Expr) -> sp.Expr:
    """Return what stands under the root in the slow root."""
    return 1 - 2 * (1 + 2 * remembered) * rate + rate**2


SLOW_ROOT = (1 + 2 * memory - decay_rate + sp.sqrt(discriminant(decay_rate, memory))) / (2 * (1 + memory))
CUBE = sp.cbrt(eta * gradient_scale * sp.sqrt(n_w) * n / (2 * lmbda))
LENGTH = eta * sp.sqrt(n_w * (1 - beta1) / (1 + beta1))
w, u, g, i = sp.IndexedBase("w"), sp.IndexedBase("u"), sp.IndexedBase("g"), sp.Idx("i")
WEIGHTS = (i, 1, dim)


def _noise() -> tuple[Step, ...]:
    fresh = beta1 * u[i] + (1 - beta1) * (g[i] + DECAY * w[i])

    def total(expr: sp.Expr) -> sp.Sum:
        return sp.Sum(expr, WEIGHTS)

    return (
        Step("gain", _eq(gain, eta / batch_gradient_rms), "The step for a gradient of 1: sqrt(v) = s."),
        Step("decay_rate", _eq(decay_rate, DECAY * gain), "Decay per step against noise."),
        Step(
            "push",
            _eq(
                total(w[i] * fresh),
                beta1 * total(w[i] * u[i]) + (1 - beta1) * total(w[i] * g[i]) + (1 - beta1) * DECAY * total(w[i] ** 2),
            ),
            "Weights times the next average m' = beta1 m + (1 - beta1)(g + lmbda/n w); u stands for m. g is fresh.",
            Termwise(),
        ),
        Step(
            "after_the_step",
            _eq(total((w[i] - gain * u[i]) * u[i]), total(w[i] * u[i]) - gain * total(u[i] ** 2)),
            "The same product after the step w' = w - gamma m.",
            Termwise(),
        ),
        Step(
            "budget",
            _eq(
                total((w[i] - gain * u[i]) ** 2),
                total(w[i] ** 2) - 2 * gain * total(w[i] * u[i]) + gain**2 * total(u[i] ** 2),
            ),
            "The norm budget.",
            Termwise(),
        ),
        Step(
            "average",
            _eq(
                total(fresh**2),
                beta1**2 * total(u[i] ** 2)
                + (1 - beta1) ** 2 * total((g[i] + DECAY * w[i]) ** 2)
                + 2 * beta1 * (1 - beta1) * (total(u[i] * g[i]) + DECAY * total(w[i] * u[i])),
            ),
            "Square of the next average; the mean square of g + lmbda/n w is v = s^2.",
            Termwise(),
        ),
        Step(
            "norm_at_rest",
            solved(_eq(2 * gain * outward, gain**2 * momentum_ms), outward, gain * momentum_ms / 2),
            "The budget at rest, P = E[w m'] before the step; after it the product is P - gamma E[m^2] = -P.",
            Root(outward, 2 * gain),
        ),
        Step(
            "momentum_at_rest",
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
            solved(
                _eq(
                    (1 + beta1 + beta1 * DECAY * gain) * (1 + beta1) * MOMENTUM_MS / (1 - beta1),
                    (1 + beta1) * batch_gradient_rms**2,
                ),
                weight_rms,
                FLOOR * damped(RATE),
            ),
            "average at rest, E[w m] = -gamma E[m^2]/2 in it and times (1 + beta1)/(1 - beta1)^2: new gradients feed "
            "what the average forgets.",
            Root(weight_rms, 4 * DECAY * weight_rms * (1 + beta1 + beta1 * DECAY * gain) / gain),
        ),
        Step(
            "floor_leading",
            _eq(FLOOR * damped(decay_rate), FLOOR),
            "For decay slow against the noise.",
            MeasuredError(
                decay_rate,
                1e-4,
                0.02,
                0.0049,
                5,
                ((beta1, 0.1, 0.95),),
                (4.5454442e-06, 2.4358678e-05, 0.00090867806, 0.0048599851),
                (decay_rate, beta1),
            ),
        ),
        Step(
            "rmsprop_floor",
            solved(_eq(2 * gain * DECAY * weight_rms**2, gain**2 * batch_gradient_rms**2), weight_rms, FLOOR),
            "RMSprop has no average of gradients: it steps by gamma (g + lmbda/n w), whose mean product with w is "
            "lmbda/n w_rms^2 and whose mean square is gamma^2 s^2. The budget at rest, whatever the rate.",
            Root(weight_rms, 4 * gain * DECAY * weight_rms),
        ),
        Step("memory_steps", _eq(memory, beta1 / (1 - beta1)), "How many steps the average remembers."),
        Step(
            "eliminated",
            _eq(
                x - gain * (beta1 * (y - x) / gain + (1 - beta1) * DECAY * x),
                (1 + 2 * memory - decay_rate) / (1 + memory) * x - memory / (1 + memory) * y,
            ),
            "The mean weight two steps on, from x and the y before it: m = (y - x)/gamma.",
            Identity(),
        ),
        Step(
            "slow_root",
            _eq(SLOW_ROOT**2 + memory / (1 + memory), (1 + 2 * memory - decay_rate) / (1 + memory) * SLOW_ROOT),
            "Weights that shrink by this factor a step satisfy it; the other root is smaller.",
            Identity(keep=True),
        ),
        Step(
            "rate_series",
            _eq(SLOW_ROOT, 1 - decay_rate - memory * decay_rate**2 + sp.O(decay_rate**3)),
            "The mean weight decays by eta lmbda/(n s) a step: the larger its gradients, the less a weight decays.",
            Taylor(),
        ),
        Step(
            "rate_off",
            _eq(SLOW_ROOT, 1 - decay_rate - memory * decay_rate**2),
            "How far the factor is off by that.",
            MeasuredError(
                beta1,
                0.1,
                0.99,
                0.00051,
                5,
                ((decay_rate, (1 - beta1) / 1000, (1 - beta1) / 10),),
                (9.92073452e-11, 0.000123781507, 1.97503406e-11, 2.65937626e-5),
                (beta1, decay_rate),
            ),
        ),
        Step(
            "cube_root",
            solved(
                _eq(2 * lmbda * weight_norm**2, eta * n * n_w * gradient_scale / (weight_norm * sp.sqrt(n_w))),
                weight_norm,
                CUBE,
            ),
            "Scale-invariant weights: the leading floor with s = G/(|W| sqrt(n_w)), which falls as they grow.",
            Root(weight_norm, 4 * lmbda * weight_norm + eta * n * sp.sqrt(n_w) * gradient_scale / weight_norm**2),
        ),
        Step(
            "rotation",
            solved(_eq(rotation * CUBE, LENGTH), rotation, LENGTH / CUBE),
            "The length of a step, eta sqrt(n_w E[u^2]), is the angle times the norm.",
            Root(rotation, CUBE),
        ),
    )


def _formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    one = "1"
    noise = (eta, lmbda, n, batch_gradient_rms)
    return (
        Formula.of(
            steps,
            "weight_rms_exact",
            (*noise, beta1),
            "rms of the weights on noise",
            one,
            "floor",
            (AVERAGE,),
        ),
        Formula.of(steps, "weight_rms", noise, "the same for slow decay", one, "floor_leading"),
        Formula.of(steps, "rmsprop_weight_rms", noise, "the same of RMSprop, for any decay", one, "rmsprop_floor"),
        Formula.of(
            steps,
            "decay_factor",
            (*noise, beta1),
            "factor of the mean weight per step, to second order",
            one,
            "rate_series",
            (AVERAGE, discriminant(RATE, beta1 / (1 - beta1)) > 0),
            box="rate_off",
        ),
        Formula.of(
            steps,
            "weight_norm_scale_invariant",
            (eta, lmbda, n, n_w, gradient_scale),
            "norm of scale-invariant weights",
            one,
            "cube_root",
        ),
        Formula.of(
            steps,
            "rotation_scale_invariant",
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
    >>> round(floor(eta=1e-3, lmbda=5, n=50_000, batch_gradient_rms=0.1, beta1=0.9), 4)
    0.7071
    """
    steps = (*alone.steps(), *_noise())
    return Derivation(
        name="adam_l2",
        statement="Adam with the penalty's gradient in its averages: decay alone does not depend on lmbda. Where "
        "gradients of root mean square s are noise, weights decay by eta lmbda/(n s) a step and settle at "
        "w_rms^2 = eta s n/(2 lmbda); scale-invariant ones at |W|^3 = eta G sqrt(n_w) n/(2 lmbda).",
        assumptions=(
            Assumption("The averages of g + lmbda/n w and of its square make the step: w' = w - eta m/sqrt(v)."),
            Assumption("beta1 < 1.", AVERAGE),
            Assumption("beta2 < 1.", SQUARES),
            Assumption(
                "Against noise: gradients g of mean 0, independent of everything before, and beta2 so near 1 that v "
                "stays at s^2, the mean square of g + lmbda/n w. The floor: averages over steps, settled."
            ),
            Assumption(
                "For the slow root: real roots.",
                discriminant(decay_rate, memory) > 0,
                ("slow_root", "rate_series", "rate_off"),
            ),
            Assumption(
                "Scale-invariant weights: the gradient is at right angles to them, isotropic, of norm G/|W|; many "
                "weights; E[u^2] as in adamw, a small angle."
            ),
        ),
        steps=steps,
        formulas={formula.name: formula for formula in (*alone.formulas(steps), *_formulas(steps))},
        scope=Scope(("adam_l2",), "noise"),
        scopes={
            "stabiliser_factor": Scope(("adam_l2",), "none"),
            "rmsprop_weight_rms": Scope(("rmsprop_l2",), "noise"),
            **dict.fromkeys(
                ("weight_norm_scale_invariant", "rotation_scale_invariant"),
                Scope(("adam_l2",), "perpendicular", network={"scale_invariant": ("yes",)}),
            ),
        },
        without_decay={
            **dict.fromkeys(
                ("weight_rms_exact", "weight_rms", "rmsprop_weight_rms"),
                WithoutDecay(words="weights on noise do not settle"),
            ),
            "weight_norm_scale_invariant": WithoutDecay(words="the norm grows without end"),
            "stabiliser_factor": WithoutDecay(words="there is no step of decay"),
        },
        validity=(
            Assumption("Decay alone: adam_epsilon = 0, weights not 0; stabiliser_factor says what it changes."),
            Assumption("Noise: 1 - beta2 far below eta lmbda/(n s), the rate at which weights and v settle."),
            Assumption(
                "s holds the penalty's gradient too: with noise of deviation sigma, s^2 = sigma^2 + (lmbda/n w_rms)^2, "
                "which makes s larger by the share eta lmbda/(4 n sigma), and w_rms than with sigma by half of that."
            ),
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
            step: (1, 4),
        },
    )
