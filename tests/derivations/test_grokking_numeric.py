"""The delay of grokking against a linear model in a loop: part of the weights is seen by no example."""

import numpy as np
import pytest

from derivations import derive

pytestmark = pytest.mark.numeric
FORMULAS = derive("grokking").formulas


def test_the_hidden_part_takes_the_law_s_time_whatever_is_learnt() -> None:
    draws = np.random.default_rng(3)
    inputs, targets, w = draws.normal(size=(5, 12)) / 4, draws.normal(size=5), draws.normal(size=12)
    hidden = np.linalg.svd(inputs)[2][5:]
    eta, decay, steps = 0.3, 0.01, 700
    begun = np.sum((hidden @ w) ** 2)
    for _ in range(steps):
        row = draws.integers(5)  # one example at a time: noise in what is seen
        w = (1 - eta * decay) * w - eta * (inputs[row] @ w - targets[row]) * inputs[row]
    ended = np.sum((hidden @ w) ** 2)
    values = {"hidden_mem": begun, "hidden_post": ended, "eta": eta, "weight_decay": decay}
    assert FORMULAS["delay"](**values) == pytest.approx(steps, rel=1e-10)
    assert FORMULAS["delay_leading"](**values) == pytest.approx(steps * (1 + eta * decay / 2), rel=1e-5)


def test_norms_of_all_weights_say_less() -> None:
    values = {"hidden_mem": 60.0, "hidden_post": 0.01, "eta": 0.1, "weight_decay": 0.01}
    leading = FORMULAS["delay_leading"](**values)
    assert FORMULAS["delay_of_norms"](norm2_rest=1e-9, **values) == pytest.approx(leading, rel=1e-6)
    assert FORMULAS["delay_of_norms"](norm2_rest=1.0, **values) < 0.5 * leading
