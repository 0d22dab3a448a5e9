"""Numeric: the first steps of L2 through a second moment, against the rules' own loops and what libraries did.

Measured: gradients of zero, float32, weights of 1, learning rate 0.1, decay 0.01, one step.
"""

import math

import pytest

from derivations import derive

pytestmark = pytest.mark.numeric
FORMULAS = derive("coupled_start").formulas
GIVEN = {"weight_abs_0": 1.0, "eta": 0.1, "weight_decay": 0.01}


def adam(w, eta, decay, steps, betas=(0.9, 0.999), eps=1e-8, corrected=True, start=0.0):
    """Adam, and with beta1 = 0 and no correction RMSprop, as PyTorch writes them."""
    first, second = 0.0, start
    for k in range(1, steps + 1):
        g = decay * w
        first = betas[0] * first + (1 - betas[0]) * g
        second = betas[1] * second + (1 - betas[1]) * g * g
        top, below = first, second
        if corrected:
            top, below = first / (1 - betas[0] ** k), second / (1 - betas[1] ** k)
        w -= eta * top / (math.sqrt(below) + eps)
    return w


def test_the_loop_is_the_rule_that_was_measured():
    assert adam(1.0, 0.1, 0.01, 10) == pytest.approx(0.0762501, abs=1e-6)  # torch's Adam, ten steps


@pytest.mark.parametrize("decay", [1e-4, 0.01, 3.0])
def test_adam(decay):
    found = FORMULAS["adam"](**GIVEN | {"weight_decay": decay}, adam_epsilon=1e-8)
    assert found == pytest.approx(adam(1.0, 0.1, decay, 1), rel=1e-12)
    assert found == pytest.approx(0.9, abs=2e-5)
    if decay == 0.01:
        assert found == pytest.approx(0.9000001, abs=1e-6)


@pytest.mark.parametrize(
    ("beta2", "measured"),
    [(0.99, 1e-5), (0.9, 0.6837733)],  # torch's RMSprop and timm's
)
def test_rmsprop(beta2, measured):
    found = FORMULAS["rmsprop"](**GIVEN, beta2=beta2, adam_epsilon=1e-8)
    exact = adam(1.0, 0.1, 0.01, 1, betas=(0.0, beta2), corrected=False)
    assert found == pytest.approx(exact, abs=1e-14)
    assert found == pytest.approx(measured, abs=1e-6)
    assert FORMULAS["rmsprop"](**GIVEN | {"weight_abs_0": 0.5}, beta2=0.99, adam_epsilon=1e-8) < 0
    assert FORMULAS["crossing"](eta=0.1, beta2=0.99) == pytest.approx(1, rel=1e-12)


def test_the_number_below_the_root():
    found = FORMULAS["inside"](**GIVEN, beta2=0.9, adam_epsilon=1e-8)
    assert found == pytest.approx(0.6839303, abs=1e-6)  # MXNet's RMSProp
    with_both = FORMULAS["inside"](**GIVEN, beta2=0.9, adam_epsilon=1e-30)
    assert with_both == pytest.approx(FORMULAS["rmsprop"](**GIVEN, beta2=0.9, adam_epsilon=1e-30), rel=1e-12)


def test_an_average_that_starts_large():
    found = FORMULAS["filled_start"](**GIVEN, beta2=0.9, second_start=1)
    assert found == pytest.approx(0.9989458, abs=1e-6)  # timm's rmsproptf; MindSpore's RMSProp: 0.9989459
    assert found == pytest.approx(adam(1.0, 0.1, 0.01, 1, (0, 0.9), 0.0, corrected=False, start=1.0), rel=1e-13)
    twice = FORMULAS["filled_start"](**GIVEN | {"weight_decay": 0.02}, beta2=0.9, second_start=1)
    assert (1 - twice) / (1 - found) == pytest.approx(2, rel=1e-4)  # in proportion to the decay, as plain L2


def test_without_decay_nothing_happens():
    for name in ("adam", "rmsprop", "inside", "filled_start"):
        law = FORMULAS[name]
        at = GIVEN | {"weight_decay": 0, "beta2": 0.9, "adam_epsilon": 1e-8, "second_start": 1.0}
        assert law(**{key: at[key] for key in law.parameters}) == 1
