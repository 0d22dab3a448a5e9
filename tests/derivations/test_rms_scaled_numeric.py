"""Numeric: decay at a learning rate scaled by the weights' rms, against a loop over it, and what libraries did."""

import math

import numpy as np
import pytest

from derivations import ValidityError, derive

pytestmark = pytest.mark.numeric
FORMULAS = derive("rms_scaled").formulas
# Gradients of zero, float32, weights of 1, learning rate 0.1, decay 0.01: 1 step, 10, and 10 with the rate halved
# after 5. transformers' Adafactor(relative_step=False), GaLore's, and MLX's.
MEASURED = (0.999, 0.9900893, 0.9925498)


def loop(w, rates, decay, floor=1e-3):
    """Return the rms before the first step and after each, as transformers' Adafactor decays."""
    found = [math.sqrt(np.mean(w**2))]
    for rate in rates:
        scaled = rate * max(floor, math.sqrt(np.mean(w**2)))
        w = w - scaled * decay * w
        found.append(math.sqrt(np.mean(w**2)))
    return np.array(found)


def test_what_was_measured():
    given = {"eta": 0.1, "weight_decay": 0.01, "weight_rms_0": 1.0}
    exact = loop(np.ones((4, 4)), [0.1] * 10, 0.01)
    assert (exact[1], exact[10]) == pytest.approx(MEASURED[:2], abs=1e-6)
    found = FORMULAS["rms"](**given, step=np.arange(1, 11))
    assert found == pytest.approx(exact[1:], abs=2e-8)
    first = FORMULAS["rms"](**given, step=5)
    halved = FORMULAS["rms"](weight_rms_0=first, eta=0.05, weight_decay=0.01, step=5)
    assert halved == pytest.approx(MEASURED[2], abs=1e-6)


@pytest.mark.parametrize("size", [0.02, 1.0, 30.0])
@pytest.mark.parametrize("taken", [1e-4, 0.01, 0.1])
def test_against_a_loop(size, taken):
    """`taken` is what the first step takes."""
    w = np.random.default_rng(5).normal(size=(6, 5))
    w *= size / math.sqrt(np.mean(w**2))
    given = {"eta": 0.5, "weight_decay": taken / size / 0.5, "weight_rms_0": size}
    exact = loop(w, [0.5] * 2000, given["weight_decay"], floor=0)
    k = np.arange(1, 2001)
    assert np.all(FORMULAS["least"](**given, step=k) <= exact[1:] * (1 + 1e-12))
    assert np.all(exact[1:] * (1 - 1e-12) <= FORMULAS["most"](**given, step=k))
    assert FORMULAS["rms"](**given, step=k) == pytest.approx(exact[1:], rel=0.36 * taken**2 + 1e-12)
    half = FORMULAS["steps_to"](weight_rms=size / 2, **given)
    if half < 2000:
        reached = int(np.argmax(exact <= size / 2))
        assert 0.8 * half - 1 <= reached <= math.ceil(half)


def test_below_the_floor_it_is_decoupled_and_slow():
    w = np.full(7, 2e-4)
    exact = loop(w, [0.1] * 50, 0.5) / 2e-4
    found = FORMULAS["below_floor"](eta=0.1, weight_decay=0.5, rms_floor=1e-3, step=np.arange(51))
    assert found == pytest.approx(exact, rel=1e-12)
    # MLX's Adafactor with its own rate of at first 0.01: measured 0.9999 after one step, 0.9990009 after ten.
    assert loop(np.ones(16), [0.01] * 10, 0.01)[[1, 10]] == pytest.approx([0.9999, 0.9990009], abs=1e-6)


def test_larger_weights_shrink_faster_and_none_is_lost_without_decay():
    given = {"eta": 0.1, "weight_decay": 0.01, "step": 500}
    left = [FORMULAS["most"](weight_rms_0=size, **given) / size for size in (0.1, 1.0, 10.0)]
    assert left == sorted(left, reverse=True)
    assert FORMULAS["most"](weight_rms_0=3, eta=0.1, weight_decay=0, step=9) == 3
    with pytest.raises(ValidityError):
        FORMULAS["most"](weight_rms_0=1001, **given)
