"""Gaussian averages of the sigmoid, and how weighted inputs and gradients go from layer to layer at N(0,1)."""

from __future__ import annotations

import sympy as sp

from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.laws.saturation.even_part import EvenPart
from derivations.prover.measured import MeasuredError
from derivations.prover.rules import Antiderivative, Identity, Induction, Root
from derivations.scope import Scope
from derivations.step import Assumption, Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols

z, a, y, step, n_in, n_out, target_mean, input_norm2, activation_ms, delta_ms = symbols(
    "z a y step n_in n_out target_mean input_norm2 activation_ms delta_ms"
)
preactivation_rms, mean_square_slope = symbols("preactivation_rms mean_square_slope")
sigmoid, density = sp.Function("sigma"), sp.Function("phi")
LINE = (z, -sp.oo, sp.oo)
SHIFT, SHIFT_SQUARE = sp.Rational(1702, 1000) ** 2, sp.Rational(5, 4)
SQUARE_SLOPE_OFF = MeasuredError(
    preactivation_rms, 2, 40, 0.00086, corners=(-0.0002205149, 1.240085e-05), open_above=(preactivation_rms,)
)
"""Of the closed mean of the squared slope, and of all that it is a factor of."""
START = {"init": ("gaussian",), "init_scale": (1.0,)}


def slope_at(width: sp.Expr) -> sp.Expr:
    """Return the closed approximation of the mean slope for weighted inputs of this standard deviation."""
    return 1 / sp.sqrt(2 * sp.pi * (width**2 + SHIFT))


def square_slope_at(width: sp.Expr) -> sp.Expr:
    """Return the closed approximation of the mean squared slope."""
    return 1 / (6 * sp.sqrt(2 * sp.pi * (width**2 + SHIFT_SQUARE)))


def averaged(function: sp.Expr) -> sp.Integral:
    """Return the mean of a function of z over a standard Gaussian z, unevaluated."""
    return sp.Integral(function * density(z), LINE)


def slope(argument: sp.Expr) -> sp.Expr:
    """Return the sigmoid's slope in terms of the sigmoid."""
    return sigmoid(argument) * (1 - sigmoid(argument))


def model() -> tuple[Step, ...]:
    """Return the definitions of the sigmoid and of the Gaussian density."""
    return (
        Step("sigmoid", _eq(sigmoid(z), 1 / (1 + sp.exp(-z))), "The activation."),
        Step(
            "density",
            _eq(density(z), sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi)),
            "A weighted input is s_z z with a standard Gaussian z: weights and biases are Gaussian.",
        ),
    )


NEXT_MS = sp.Rational(1, 2) - slope_at(preactivation_rms)
INPUTS, ALL = _eq(activation_ms, input_norm2 / n_in), _eq(n_in, step)


def _steps() -> tuple[Step, ...]:
    above, below = sp.Function("v"), sp.Function("b")
    normal = sp.erf(z / sp.sqrt(2)) / 2
    bell = sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi)
    half = sp.Rational(1, 2)
    out = sigmoid(preactivation_rms * z)
    error = target_mean * (out - 1) ** 2 + (1 - target_mean) * out**2
    return (
        *model(),
        Step("slope", _eq(sp.Derivative(sigmoid(z), z), slope(z)), "Differentiate.", Identity()),
        Step(
            "slope_area",
            _eq(sp.Integral(slope(z), LINE), sp.Integer(1)),
            "Its antiderivative is the sigmoid. For wide inputs the mean slope is about this times the density at 0, "
            "1/(s_z sqrt(2 pi)).",
            Antiderivative(sigmoid(z), sp.S.Zero, sp.S.One),
        ),
        Step(
            "square_slope_area",
            _eq(sp.Integral(slope(z) ** 2, LINE), sp.Rational(1, 6)),
            "Antiderivative sigma^2/2 - sigma^3/3.",
            Antiderivative(sigmoid(z) ** 2 / 2 - sigmoid(z) ** 3 / 3, sp.S.Zero, sp.Rational(1, 6)),
        ),
        Step(
            "normalisation",
            _eq(averaged(sp.S.One), sp.Integer(1)),
            "Antiderivative erf(z/sqrt 2)/2.",
            Antiderivative(normal, -half, half),
        ),
        Step(
            "one_more_input",
            _eq(averaged((a + z * y) ** 2), a**2 + y**2),
            "An independent N(0,1) weight on an input y adds y^2 to the mean square.",
            Antiderivative(
                a**2 * normal - 2 * a * y * bell + y**2 * (normal - z * bell), -(a**2 + y**2) / 2, (a**2 + y**2) / 2
            ),
        ),
        Step(
            "inputs",
            sp.And(_eq(above(0), 1), _eq(above(step + 1), above(step) + activation_ms)),
            "Start with the bias; each input adds its mean square.",
        ),
        Step("forward", _eq(above(step), 1 + step * activation_ms), "Induction over the inputs.", Induction()),
        Step(
            "first_layer_ms",
            _eq(above(step), 1 + input_norm2),
            "The network's inputs: n_in of them, of mean square |x|^2/n_in.",
            Identity(using=("forward",), given=(INPUTS, ALL)),
        ),
        Step(
            "first_layer",
            solved(_eq(1 + input_norm2, preactivation_rms**2), preactivation_rms, sp.sqrt(1 + input_norm2)),
            "Its square root is the standard deviation.",
            Root(preactivation_rms, -2 * preactivation_rms, (), "first_layer_ms"),
        ),
        Step(
            "activation",
            _eq(averaged(out**2), averaged(slope_complement())),
            "sigma^2 = sigma - sigma', and sigma - 1/2 is odd.",
            EvenPart(),
        ),
        Step(
            "output_error",
            _eq(averaged(error), averaged(slope_complement())),
            "Cross-entropy: dC/dz = a - y, and the share of targets that are 1 drops out: no saturation suppresses it.",
            EvenPart(),
        ),
        Step(
            "mean_slope",
            _eq(averaged(slope(preactivation_rms * z)), slope_at(preactivation_rms)),
            "A Gaussian of variance 1.702^2 in place of the logistic bell.",
            MeasuredError(
                preactivation_rms, 2, 40, 0.0075, corners=(0.003193226, 0.0001219726), open_above=(preactivation_rms,)
            ),
        ),
        Step(
            "mean_square_slope",
            _eq(averaged(slope(preactivation_rms * z) ** 2), square_slope_at(preactivation_rms)),
            "The same for its square, of area 1/6.",
            SQUARE_SLOPE_OFF,
        ),
        Step(
            "next_layer",
            _eq(sp.sqrt(1 + n_in * averaged(slope_complement())), sp.sqrt(1 + n_in * NEXT_MS)),
            "forward with n_in activations of a sigmoid layer, and their closed mean square.",
            MeasuredError(
                preactivation_rms,
                2,
                40,
                0.0012,
                also=((n_in, 1, 2000),),
                open_above=(preactivation_rms, n_in),
                corners=(-0.0001792939, -0.0006928427, -4.07793e-07, -1.238698e-06),
            ),
        ),
        Step(
            "output_delta",
            _eq(averaged(slope_complement()), NEXT_MS),
            "output_error with the closed mean slope.",
            MeasuredError(
                preactivation_rms, 2, 40, 0.0024, corners=(-0.001387192, -2.479922e-06), open_above=(preactivation_rms,)
            ),
        ),
        Step(
            "errors",
            sp.And(_eq(below(0), 0), _eq(below(step + 1), below(step) + mean_square_slope * delta_ms)),
            "Each neuron of the next layer, seen through an independent N(0,1) weight, adds its share.",
        ),
        Step(
            "backward",
            _eq(below(step), step * mean_square_slope * delta_ms),
            "Induction over the neurons.",
            Induction(),
        ),
        Step(
            "hidden_delta",
            _eq(
                averaged(slope(preactivation_rms * z) ** 2) * n_out * delta_ms,
                square_slope_at(preactivation_rms) * n_out * delta_ms,
            ),
            "backward with n_out neurons and the closed mean.",
            SQUARE_SLOPE_OFF,
        ),
    )


def slope_complement() -> sp.Expr:
    """Return 1/2 - sigma'(s z), whose mean is the mean square of the activation."""
    return sp.Rational(1, 2) - slope(preactivation_rms * z)


def _formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    s_z = preactivation_rms
    one = "1"
    return (
        Formula.of(
            steps,
            "preactivation_rms_first",
            (input_norm2,),
            "standard deviation of the first layer's weighted inputs",
            one,
            "first_layer",
        ),
        Formula.of(
            steps,
            "preactivation_rms_next",
            (n_in, s_z),
            "that of the next layer, n_in inputs from a sigmoid layer of width s_z",
            one,
            "next_layer",
        ),
        Formula.of(steps, "mean_slope", (s_z,), "mean slope of the sigmoid", one, "mean_slope"),
        Formula.of(steps, "mean_square_slope", (s_z,), "mean squared slope", one, "mean_square_slope"),
        Formula.of(steps, "activation_ms", (s_z,), "mean square of a sigmoid activation", one, "output_delta"),
        Formula.of(steps, "output_delta_ms", (s_z,), "mean square of a - y at the output", one, "output_delta"),
        Formula.of(
            steps,
            "hidden_delta_ms",
            (s_z, n_out, delta_ms),
            "mean square of dC/dz in a hidden layer",
            one,
            "hidden_delta",
        ),
    )


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> round(build().formulas["mean_slope"](preactivation_rms=22.4), 4)
    0.0178
    """
    steps = _steps()
    return Derivation(
        name="saturation",
        statement="At N(0,1) weights a sigmoid neuron with weighted inputs of standard deviation s_z has mean slope "
        "about 1/sqrt(2 pi (s_z^2 + 2.9)): wide inputs saturate it and gradients shrink, but "
        "not those of the output layer.",
        assumptions=(
            Assumption("Weights and biases are independent N(0,1), and independent of the inputs."),
            Assumption("Weighted inputs are Gaussian, and activations and errors of a layer are uncorrelated."),
            Assumption("A target is 1 with probability p, whatever the output.", target_mean < 1),
            Assumption("First layer: all inputs are added, n_in = k.", ALL, ("first_layer_ms",)),
            Assumption("First layer: <a^2> is the mean square of the network's inputs.", INPUTS, ("first_layer_ms",)),
        ),
        steps=steps,
        formulas={formula.name: formula for formula in _formulas(steps)},
        scope=Scope((), "start", network={**START, "activation": ("sigmoid",)}),
        scopes={
            "preactivation_rms_first": Scope((), "start", network=START),
            **dict.fromkeys(("mean_slope", "mean_square_slope"), Scope(network={"activation": ("sigmoid",)})),
            "output_delta_ms": Scope((), "start", network={**START, "loss": ("cross_entropy", "quadratic")}),
        },
        validity=(
            Assumption("Standard deviation of the weighted inputs at least 2.", preactivation_rms >= 2),
            Assumption(
                "All mean squares are those of one example. A batch's gradient is not 1/m of that where gradients have "
                "a mean: on a synthetic network with targets of ten classes and m = 10 it was 4.3 times as much in the "
                "hidden and 6.8 times in the output layer; about 4 and about 6 in claim 1's on digits, 1.7 and 4.9 on "
                "MNIST. start_gradient predicts it."
            ),
            Assumption("Backward, the weights met are those of the forward pass: expect 1 to 20 % at 30 hidden units."),
        ),
        references=(
            "D. MacKay 1992, the probit approximation of a Gaussian mean of the sigmoid [remembered; measured].",
        ),
        ranges={target_mean: (0.05, 0.95), n_in: (20, 500), preactivation_rms: (2, 40)},
    )
