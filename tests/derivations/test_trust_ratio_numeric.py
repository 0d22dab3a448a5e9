"""Numeric: decay inside a trust ratio against loops over LAMB's own step, and against what libraries did.

Measured: gradients of zero, float32, weights of 1, learning rate 0.1, decay 0.01.
"""

import math

import numpy as np
import pytest

from derivations import ValidityError, derive

pytestmark = pytest.mark.numeric
FORMULAS = derive("trust_ratio").formulas
MEASURED_LAMB = (0.9, 0.3486784, 0.4569099)  # timm, optax, Paddle: 1 step, 10, and 10 with the rate halved after 5
MEASURED_LARS = (0.9999, 0.9958655)  # optax.lars: c_T 0.001, momentum 0.9
MEASURED_CLIPPED = (0.999, 0.990045)  # timm's lambc: no ratio above 1


def lamb(w, u, eta, decay, most=math.inf):
    direction = u + decay * w
    return w - eta * min(np.linalg.norm(w) / np.linalg.norm(direction), most) * direction


@pytest.mark.parametrize("decay", [1e-6, 0.01, 3.0])
def test_without_gradient_the_decay_cancels(decay):
    w = np.ones(16)
    for k in range(1, 11):
        w = lamb(w, np.zeros(16), 0.1, decay)
        assert FORMULAS["lamb"](eta=0.1, step=k) == pytest.approx(w[0], rel=1e-13)
        if k in (1, 10):
            assert w[0] == pytest.approx(MEASURED_LAMB[k == 10], abs=1e-6)
    halved = FORMULAS["lamb"](eta=0.1, step=5) * FORMULAS["lamb"](eta=0.05, step=5)
    assert halved == pytest.approx(MEASURED_LAMB[2], abs=1e-6)


def test_a_bound_on_the_ratio_makes_it_decoupled():
    w = np.ones(16)
    for k in range(1, 11):
        w = lamb(w, np.zeros(16), 0.1, 0.01, most=1.0)
        assert FORMULAS["clipped"](eta=0.1, weight_decay=0.01, ratio_bound=1, step=k) == pytest.approx(w[0], rel=1e-13)
        if k in (1, 10):
            assert w[0] == pytest.approx(MEASURED_CLIPPED[k == 10], abs=1e-6)
    with pytest.raises(ValidityError):
        FORMULAS["clipped"](eta=0.1, weight_decay=0.01, ratio_bound=101, step=10)


def test_lars_is_heavy_ball_with_its_coefficient_for_a_decay():
    w, v, heavy_ball = np.ones(16), np.zeros(16), derive("momentum").formulas["weight"]
    for k in range(1, 11):
        direction = 0.01 * w
        v = 0.9 * v + 0.001 * np.linalg.norm(w) / np.linalg.norm(direction) * direction
        w = w - 0.1 * v
        found = heavy_ball(w_0=1, step=k, eta=0.1, lmbda=0.001, n=1, momentum=0.9)
        assert found == pytest.approx(w[0], rel=1e-13)
        if k in (1, 10):
            assert w[0] == pytest.approx(MEASURED_LARS[k == 10], abs=1e-6)
    assert FORMULAS["lars"](eta=0.1, trust_coefficient=0.001, step=1) == pytest.approx(MEASURED_LARS[0], abs=1e-7)


def test_what_decay_takes_beside_a_gradient():
    generator = np.random.default_rng(3)
    w, u = generator.normal(size=50), generator.normal(size=50)
    u -= w * (w @ u) / (w @ w)  # at right angles
    moved, at = lamb(w, u, 0.05, 0.3), {"weight_decay": 0.3}
    at |= {"weight_norm": float(np.linalg.norm(w)), "update_norm": float(np.linalg.norm(u))}
    taken = 1 - moved @ w / (w @ w)
    assert FORMULAS["decay_per_step"](eta=0.05, **at) == pytest.approx(taken, rel=1e-12)
    assert FORMULAS["against_decoupled"](**at) == pytest.approx(taken / (0.05 * 0.3), rel=1e-12)


@pytest.mark.parametrize("eta", [0.1, 0.7])
def test_at_rest(eta):
    """A direction at right angles to the weights, of norm 2, in many steps: the norm and the angle settle."""
    generator = np.random.default_rng(4)
    w = generator.normal(size=30)
    for _ in range(int(80 / eta**2)):
        u = generator.normal(size=30)
        u -= w * (w @ u) / (w @ w)
        u *= 2 / np.linalg.norm(u)
        before, w = w, lamb(w, u, eta, 0.4)
    norm = float(np.linalg.norm(w))
    assert norm == pytest.approx(FORMULAS["norm_at_rest"](eta=eta, weight_decay=0.4, update_norm=2), rel=1e-7)
    angle = math.acos(before @ w / norm / float(np.linalg.norm(before)))
    assert angle == pytest.approx(FORMULAS["rotation"](eta=eta), rel=1e-7)
