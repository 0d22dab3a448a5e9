"""The laws of the box against loops: how a weight gets in, and how slowly AdamW's gradient goes to 0."""

import math

import numpy as np
import pytest

from derivations import derive

pytestmark = pytest.mark.numeric
FORMULAS = derive("box_constraint").formulas


def test_the_way_in_is_never_farther_out_than_the_law() -> None:
    draws = np.random.default_rng(0)
    eta, decay, start = 0.05, 0.8, 4.0
    weights = start * draws.choice([-1.0, 1.0], 500)
    outward = start
    for k in range(1, 200):
        weights = (1 - eta * decay) * weights - eta * draws.uniform(-1, 1, 500)
        outward = (1 - eta * decay) * outward + eta
        most = FORMULAS["weight_abs_after"](weight_abs_0=start, eta=eta, weight_decay=decay, step=k)
        assert most == pytest.approx(outward, rel=1e-13)
        assert np.abs(weights).max() <= most


@pytest.mark.parametrize("share", [0.3, 0.7, 0.95])
def test_a_gradient_that_falls_by_the_factor_keeps_the_direction(share: float) -> None:
    beta2 = 0.99
    factor = FORMULAS["gradient_factor"](beta2=beta2, box_share=share)
    g, v = 1.0, 1 / share**2
    for _ in range(2000):
        g *= factor
        v = beta2 * v + (1 - beta2) * g**2
        assert g / math.sqrt(v) == pytest.approx(share, rel=1e-10)
    slow = -(1 - beta2) * (1 - share**2) / 2
    assert math.log(factor) == pytest.approx(slow, rel=2 * (1 - beta2))


def test_the_pairing_bounds_how_much_better_the_box_has() -> None:
    """Least squares: the cost at w less that at any z in the box is at most (<L w, g> + |g|_1)/L."""
    draws = np.random.default_rng(1)
    for _ in range(50):
        inputs, targets, decay = draws.normal(size=(9, 4)), draws.normal(size=9), draws.uniform(0.2, 2)
        w, z = draws.uniform(-1, 1, (2, 4)) / decay
        g = inputs.T @ (inputs @ w - targets)
        cost = [0.5 * np.sum((inputs @ at - targets) ** 2) for at in (w, z)]
        assert cost[0] - cost[1] <= (decay * w @ g + np.abs(g).sum()) / decay + 1e-12
