"""Gradients at the start have a mean: pairs of examples, minibatches, the drift, and the lmbda that dominates."""

from __future__ import annotations

import sympy as sp

from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.laws.online_perceptron.averages import LINE, bell, erf, inner, outer, output_mean, slope_mean
from derivations.laws.saturation.even_part import EvenPart
from derivations.laws.saturation.law import (
    SHIFT,
    START,
    averaged,
    model,
    sigmoid,
    slope,
    slope_at,
    slope_complement,
)
from derivations.laws.shared.gaussian import GaussianPrimitive
from derivations.laws.shared.instance import Instance
from derivations.prover.measured import MeasuredError
from derivations.prover.rules import Antiderivative, Identity, Root
from derivations.scope import Scope
from derivations.step import Assumption, Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols

a, b, t, R, v, y, z = symbols("a b t overlap residual_variance y z")
s, other, together, width = symbols("preactivation_rms preactivation_rms_pair pair_covariance slope_width2")
eta, lmbda, n, m, n_in = symbols("eta lmbda n m n_in")
gradient_rms, gradient_ms, example_ms, weight_ms, pull = symbols(
    "gradient_rms gradient_ms example_gradient_ms weight_ms pull"
)
PAIR_ROOT = sp.sqrt((s**2 + width) * (other**2 + width))
ARC = sp.asin(together / PAIR_ROOT) / (2 * sp.pi)
ACTIVATION = sp.Rational(1, 4) + ARC
SLOPE = 1 / (2 * sp.pi * sp.sqrt((s**2 + width) * (other**2 + width) - together**2))
# Fields in units of the width: the first is b z, the other R z on average, with the variance v left.
FIRST = _eq(s, sp.sqrt(width) * b)
SECOND = _eq(other, sp.sqrt(width) * sp.sqrt(R**2 + v))
BOTH = _eq(together, width * b * R)
UNITS = (FIRST, SECOND, BOTH)
BATCH = gradient_rms**2 + (example_ms - gradient_rms**2) * (n - m) / (m * (n - 1))
BUDGET = n * (pull + eta * gradient_ms / 2) / weight_ms
OUTPUT_PULL = (s**2 - 1) * slope_at(s) / n_in
HALF = sp.Rational(1, 2)


def _pairs() -> tuple[Step, ...]:
    """Return the averages over the weighted inputs of two examples, a Gaussian pair."""
    left = sp.sqrt(1 + v)
    one, two = erf(b), output_mean(R * z, sp.sqrt(v))
    product, slopes, both = (sp.Function(name) for name in ("A_2", "S_2", "E_2"))
    arc = sp.asin(b * R / sp.sqrt((1 + b**2) * (1 + R**2 + v)))
    bells = sp.exp(-(b**2) * z**2 / 2) * slope_mean(1, R * z, sp.sqrt(v)) / (2 * sp.pi)
    density = (1 + b**2) * (1 + R**2 + v) - b**2 * R**2
    return (
        Step(
            "pair_average",
            _eq(both(b, R, v), sp.Integral(one * two * bell(sp.S.One), LINE)),
            "Mean of erf(x_1/sqrt 2) erf(x_2/sqrt 2), x_1 = b z and x_2 averaged first: mean R z, variance v.",
        ),
        Step(
            "pair",
            _eq(both(b, R, v), 2 / sp.pi * arc),
            "In closed form.",
            Instance("arcsine", ((a, R / left), (b, b), (t, sp.S.One)), sp.S.One),
        ),
        Step(
            "pair_odd",
            _eq(
                sp.Integral((1 + one) * (1 + two) / 4 * bell(sp.S.One), LINE),
                sp.Integral((1 + one * two) / 4 * bell(sp.S.One), LINE),
            ),
            "An activation is half of 1 plus that; alone, each is odd.",
            EvenPart(),
        ),
        Step("pair_form", _eq(product(s, other, together), ACTIVATION), "Mean product of two activations, to be:"),
        Step(
            "pair_activation",
            _eq(sp.Rational(1, 4) + both(b, R, v) / 4, product(s, other, together)),
            "pair and pair_odd, in units of the width: s = sqrt(c) b, s' = sqrt(c (R^2 + v)), covariance c b R.",
            Identity(using=("pair",), given=UNITS),
        ),
        Step(
            "pair_bells",
            _eq(sp.Integral(bells * bell(sp.S.One), LINE), 1 / (2 * sp.pi * sp.sqrt(density))),
            "Mean product of two slopes, in these units.",
            GaussianPrimitive(
                sp.S.Zero,
                1 / (4 * sp.pi * sp.sqrt(1 + v) * sp.sqrt(1 + b**2 + R**2 / (1 + v))),
                sp.sqrt((1 + b**2 + R**2 / (1 + v)) / 2),
            ),
        ),
        Step("slope_form", _eq(slopes(s, other, together), SLOPE), "Mean product of two slopes, to be:"),
        Step(
            "pair_slope",
            _eq(1 / (2 * sp.pi * sp.sqrt(density)) / width, slopes(s, other, together)),
            "A slope is the bell over sqrt(c), of the field over sqrt(c).",
            Identity(given=UNITS),
        ),
        Step(
            "price",
            _eq(
                sp.Derivative(ARC, together),
                1 / (2 * sp.pi * PAIR_ROOT * sp.sqrt(1 - (together / PAIR_ROOT) ** 2)),
            ),
            "Price: the derivative of pair_activation, less its constant, by the covariance,",
            Identity(),
        ),
        Step(
            "price_roots",
            _eq(PAIR_ROOT**2 * (1 - (together / PAIR_ROOT) ** 2), (s**2 + width) * (other**2 + width) - together**2),
            "is pair_slope: what stands under the roots is the same.",
            Identity(),
        ),
        Step(
            "own_pair",
            _eq(
                averaged(slope_complement()),
                ACTIVATION.subs({other: s, together: s**2}).subs(width, SHIFT),
            ),
            "An example with itself: the mean square of an activation, with c = 1.702^2.",
            MeasuredError(s, 2, 40, 0.0048, corners=(-0.0002984678, 0.000802852), open_above=(s,)),
        ),
        Step(
            "own_slopes",
            _eq(
                averaged(slope(s * z) ** 2),
                SLOPE.subs({other: s, together: s**2}).subs(width, SHIFT),
            ),
            "And that of a slope.",
            MeasuredError(s, 2, 40, 0.0241, corners=(-0.02403091, -0.005590546), open_above=(s,)),
        ),
    )


def _batches() -> tuple[Step, ...]:
    """Return what of the gradients a minibatch drawn without replacement averages away."""
    pair = (n * gradient_rms**2 - example_ms) / (n - 1)
    return (
        Step(
            "two_examples",
            _eq(n * (n - 1) * pair + n * example_ms, n**2 * gradient_rms**2),
            "Mean product of two examples' gradients, (n g_rms^2 - <g_x^2>)/(n - 1): all pairs together "
            "and each with itself make the square of the sum.",
            Identity(),
        ),
        Step(
            "batch",
            _eq((m * example_ms + m * (m - 1) * pair) / m**2, BATCH),
            "Mean square of the mean over m different examples: m of one's own, m (m - 1) pairs.",
            Identity(),
        ),
    )


def _drift() -> tuple[Step, ...]:
    """Return the drift of the output layer, by Stein's lemma, and the threshold with it."""
    stepping = 2 * lmbda / n * weight_ms
    return (
        Step(
            "stein",
            _eq(averaged(1 + a * z * sigmoid(a * z + y) - a**2 * slope(a * z + y)), sp.S.One),
            "By parts, at any bias y: the mean of an output times what weights bring to its weighted input, a z with "
            "a^2 = s_z^2 - 1, is a^2 times its mean slope; the 1 gives the rest a size. Of a target that "
            "does not depend on the output the mean is 0.",
            Antiderivative(sp.erf(z / sp.sqrt(2)) / 2 - a * sigmoid(a * z + y) * bell(sp.S.One), -HALF, HALF),
        ),
        Step(
            "output_pull",
            _eq((s**2 - 1) / n_in * averaged(slope(s * z)), OUTPUT_PULL),
            "Over the n_in weights of a neuron, with the closed mean slope of `saturation`.",
            MeasuredError(s, 2, 40, 0.0075, corners=(0.003193226, 0.0001219726), open_above=(s,)),
        ),
        Step(
            "budget_threshold",
            solved(_eq(stepping, 2 * pull + eta * gradient_ms), lmbda, BUDGET),
            "Decay takes per step, to leading order and over eta, what drift and noise make of the squared norm, both "
            "counted as positive.",
            Root(lmbda, 2 * weight_ms / n),
        ),
    )


def _formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    one, pair = "1", (s, other, together, width)
    inside = (together**2 < s**2 * other**2,)
    return (
        Formula(
            "pair_activation", ACTIVATION, pair, "mean product of two examples' activations", one, "pair_form", inside
        ),
        Formula("pair_slope", SLOPE, pair, "mean product of two examples' slopes", one, "slope_form", inside),
        Formula.of(
            steps,
            "batch_gradient_ms",
            (n, m, example_ms, gradient_rms),
            "mean square of the gradient of m of n examples, drawn without replacement",
            one,
            "batch",
            (n > 1, m <= n),
        ),
        Formula.of(
            steps,
            "output_pull",
            (s, n_in),
            "mean of weight times gradient in the output layer",
            one,
            "output_pull",
        ),
        Formula.of(
            steps,
            "critical_lmbda_budget",
            (eta, n, pull, gradient_ms, weight_ms),
            "lmbda above which decay exceeds drift and noise in the norm budget of a step",
            one,
            "budget_threshold",
        ),
    )


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> found = build().formulas["batch_gradient_ms"](n=10, m=10, example_gradient_ms=4.0, gradient_rms=1.0)
    >>> round(found, 12)
    1.0
    """
    steps = (*model(), *inner(), *outer(), *_pairs(), *_batches(), *_drift())
    return Derivation(
        name="start_gradient",
        statement="At the start gradients of a network with one-hot targets have a mean, and no minibatch averages it "
        "away. The weighted inputs of two examples are a Gaussian pair: mean products of activations and of slopes "
        "have closed forms; averaged over all pairs of examples they give the mean gradient's square. The drift of the "
        "norm budget follows from Stein's lemma.",
        assumptions=(
            Assumption("Weights and biases are independent N(0,1)."),
            Assumption("The sigmoid is the integral of a normal density of variance c (steps pair_*)."),
            Assumption(
                "The first example's weighted input, in units of the width,", FIRST, ("pair_activation", "pair_slope")
            ),
            Assumption("the other's,", SECOND, ("pair_activation", "pair_slope")),
            Assumption("and the covariance of both.", BOTH, ("pair_activation", "pair_slope")),
            Assumption("There are two examples at least.", n > 1),
            Assumption("A target does not depend on the network's output."),
            Assumption("Drift and noise are both counted as positive: pull stands for its absolute value."),
        ),
        steps=steps,
        formulas={formula.name: formula for formula in _formulas(steps)},
        scope=Scope((), "start", network={**START, "activation": ("sigmoid",)}),
        scopes={
            "batch_gradient_ms": Scope((), "start", sampling=("reshuffle",)),
            "output_pull": Scope((), "start", network={**START, "loss": ("cross_entropy",)}),
            "critical_lmbda_budget": Scope(("sgd",), "start"),
        },
        validity=(
            Assumption(
                "That a layer's activations are independent of the errors behind it, and that sums over hidden units "
                "may be replaced by their mean, is not shown: with 30 and 100 hidden units root mean squares of the "
                "gradients come out within 6 %."
            ),
            Assumption("Standard deviation of the weighted inputs at least 2, where the sigmoid's own averages stand."),
        ),
        references=(
            "R. Price 1958 and C. Stein 1981, the two lemmas [remembered; proved here for these functions].",
            "D. MacKay 1992, the normal integral in place of the sigmoid [remembered; measured].",
        ),
        ranges={s: (2, 40), width: (1, 5), v: (0.1, 5), R: (0.1, 2), b: (0.2, 4), n: (10, 1000), m: (1, 10)},
    )
