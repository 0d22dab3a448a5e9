"""Numeric: the errors that steps state are bounds, against plain quadrature; what they pin, and what they assume."""

import math
import re

import numpy as np
import pytest
import sympy as sp

from derivations import DerivationError, derive
from derivations.step import equation
from derivations.symbols import symbols

pytestmark = pytest.mark.numeric
HALF = sp.Rational(1, 2)


@pytest.mark.parametrize("name", ["output_layer", "hidden_layer"])
def test_measured_errors_pin_every_constant(name):
    derivation = derive("dominance")
    step = derivation.step(name)
    constants = {1 + sp.Rational(1702, 1000) ** 2, sp.Rational(9, 4), HALF}
    places = {
        node for node in sp.preorder_traversal(step.claim.rhs) if isinstance(node, sp.Add) and {*node.args} & constants
    }
    assert len(places) >= 3
    for node in places:
        for constant in {*node.args} & constants:
            forged = equation(step.claim.lhs, step.claim.rhs.xreplace({node: node + constant / 50}))
            with pytest.raises(DerivationError, match="corner"):
                derivation.with_claim(name, forged).check(name)


Z = np.linspace(-12, 12, 4_001)  # exact to rounding: the nearest pole is pi / 40 away, thirteen steps
WEIGHT = np.exp(-Z * Z / 2) / math.sqrt(2 * math.pi) * (Z[1] - Z[0])


def _mean(values):
    return float(np.sum(values * WEIGHT))


def _slope(width):
    sigma = 1 / (1 + np.exp(-width * Z))
    return sigma * (1 - sigma)


def _bound(derivation, step):
    return derive(derivation).step(step).proof.error


@pytest.mark.slow
def test_stated_errors_are_bounds_for_one_neuron():
    formulas = derive("saturation").formulas
    for width in np.geomspace(2, 40, 240):
        slope = _slope(width)
        mean, square = _mean(slope), _mean(slope**2)
        for name, step, exact in (
            ("mean_slope", "mean_slope", mean),
            ("mean_square_slope", "mean_square_slope", square),
            ("activation_ms", "output_delta", 0.5 - mean),
        ):
            assert abs(formulas[name](preactivation_rms=width) / exact - 1) <= _bound("saturation", step), width
        for inputs in (1.0, 30.0, 2000.0):
            found = formulas["preactivation_rms_next"](n_in=inputs, preactivation_rms=width)
            assert abs(found / math.sqrt(1 + inputs * (0.5 - mean)) - 1) <= _bound("saturation", "next_layer")


@pytest.mark.slow
def test_stated_errors_are_bounds_for_two_layers():
    formulas = derive("dominance").formulas
    fixed = {"eta": 0.1, "n": 1000.0, "m": 10.0}
    for norm2 in np.geomspace(3, 400, 30):
        first = _slope(math.sqrt(1 + norm2))
        hidden = 0.5 - _mean(first)
        for n_hidden in (8, 10, 13, 16, 18, 20, 23, 30, 64, 128, 256, 1000):
            output = 0.5 - _mean(_slope(math.sqrt(1 + n_hidden * hidden)))
            found = formulas["critical_lmbda_initial_output"](input_norm2=norm2, n_hidden=n_hidden, **fixed)
            assert abs(found / (5 * hidden * output) - 1) <= _bound("dominance", "output_layer")
            found = formulas["critical_lmbda_initial_hidden"](
                input_norm2=norm2, n_hidden=n_hidden, n_in=784, n_out=10, **fixed
            )
            exact = 5 * norm2 / 784 * _mean(first**2) * 10 * output
            assert abs(found / exact - 1) <= _bound("dominance", "hidden_layer")


def test_the_threshold_at_initialisation_is_a_lower_bound():
    initial = derive("dominance").step("initial_lower_bound")
    assert initial.kind == "inequality"
    premises = " ".join(a.sentence for a in derive("dominance").assumptions)
    assert re.search("independent", premises) and re.search("uncorrelated", premises)
    assert re.search("mean gradient is 0", premises)
    # The mean square of a batch gradient, against random numbers of known mean.
    a, d, g, m = (float(v) for v in (0.7, 1.1, 0.6, 5))
    values = dict(zip(symbols("activation_ms delta_ms gradient_rms m"), (a, d, g, m), strict=True))
    claim = derive("dominance").step("batch_gradient").claim
    draws = np.random.default_rng(3).normal(g, math.sqrt(a * d - g**2), size=(400_000, int(m))).mean(1) ** 2
    z_score = (draws.mean() - float(claim.rhs.subs(values))) / (draws.std() / math.sqrt(draws.size))
    assert abs(z_score) < 4
