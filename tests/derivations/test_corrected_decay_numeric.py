"""Numeric: what decay in proportion to eta^2 holds, and what ordinary decay leaves, against loops over the steps."""

import numpy as np
import pytest

from derivations import derive

pytestmark = pytest.mark.numeric
FORMULAS = derive("corrected_decay").formulas
SETTING = {"eta_peak": 0.2, "lmbda": 0.5, "n": 2.0}  # epsilon at most 0.05


def schedules():
    """Rates over the largest: some that fall, one that jumps about."""
    k = np.arange(400)
    yield 0.5 * (1 + np.cos(np.pi * k / 400))
    yield 1 / (1 + k / 20)
    yield np.random.default_rng(3).uniform(0, 1, 400)


@pytest.mark.parametrize("shape", list(schedules()))
def test_the_mean_square_is_held_under_any_schedule(shape):
    target = FORMULAS["weight_ms"](**SETTING, update_ms=0.7)
    most = FORMULAS["excess_bound"](epsilon_peak=0.05)
    square = target
    for eta in 0.2 * shape:
        epsilon = 0.25 * eta * eta / 0.2
        square = (1 - epsilon) ** 2 * square + eta**2 * 0.7
        assert 0 <= square / target - 1 + 1e-15 and square / target - 1 <= most
    for _ in range(3000):  # at the largest rate it goes to the upper end
        square = (1 - 0.05) ** 2 * square + 0.2**2 * 0.7
    assert square / target - 1 == pytest.approx(most, rel=1e-10)
    assert square == pytest.approx(FORMULAS["weight_ms_rest"](**SETTING, eta=0.2, update_ms=0.7), rel=1e-12)


@pytest.mark.parametrize("shape", list(schedules()))
def test_so_is_the_norm_of_a_layer(shape):
    target = FORMULAS["weight_norm2"](**SETTING, gradient_scale=0.9)
    norm2 = target
    for eta in 0.2 * shape:
        norm2 = (1 - 0.25 * eta * eta / 0.2) ** 2 * norm2 + (0.9 * eta) ** 2 / norm2
        assert 0 <= norm2 / target - 1 + 1e-15 and norm2 / target < (2 / 1.95) ** 0.5
    assert 0.9 / target == pytest.approx(FORMULAS["gradient_ratio"](**SETTING), rel=1e-12)


@pytest.mark.parametrize("decay", [30, 200])
def test_ordinary_decay_under_a_cosine(decay):
    total = 400 * decay
    rates = 0.5 * (1 + np.cos(np.pi * np.arange(total) / total))
    square = 1 / (2 * decay / total)
    start = square
    for eta in rates:
        square = (1 - decay / total * eta) ** 2 * square + eta**2
    off = FORMULAS["left_cosine"](run_decay=decay) / (square / start) - 1
    assert 0 < off < 0.054 * (30 / decay) ** 0.6
