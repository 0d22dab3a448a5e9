"""Numeric: L2 through Nesterov's momentum and through dampening, against PyTorch's update as a loop, and as measured.

Measured: gradients of zero, float32, weights of 1, learning rate 0.1, decay 0.01, momentum 0.9, ten steps.
"""

import pytest

from derivations import ValidityError, derive

pytestmark = pytest.mark.numeric
FORMULAS = derive("momentum_forms").formulas
MEASURED = {"nesterov": (0.9981, 0.9533366), "dampened": (0.999, 0.9900136)}  # torch, Paddle, tinygrad, scikit-learn


def sgd(steps, eta, decay, momentum, dampening=0.0, nesterov=False):
    """Return the weight after each step, as torch.optim.SGD takes them from a weight of 1."""
    w, velocity, found = 1.0, None, [1.0]
    for _ in range(steps):
        g = decay * w
        velocity = g if velocity is None else momentum * velocity + (1 - dampening) * g
        w -= eta * (g + momentum * velocity if nesterov else velocity)
        found.append(w)
    return found


@pytest.mark.parametrize("momentum", [0.3, 0.9, 0.99])
@pytest.mark.parametrize("decay", [1e-6, 2e-4])
def test_against_the_loop(momentum, decay):
    given = {"w_0": 1.0, "eta": 0.1, "weight_decay": decay, "momentum": momentum}
    plain = sgd(300, 0.1, decay, momentum, nesterov=True)
    for dampening in (0.2, 0.9):
        dampened = sgd(300, 0.1, decay, momentum, dampening=dampening)
        for k in (0, 1, 2, 10, 300):
            assert FORMULAS["nesterov"](**given, step=k) == pytest.approx(plain[k], rel=1e-11)
            found = FORMULAS["dampened"](**given, dampening=dampening, step=k)
            assert found == pytest.approx(dampened[k], rel=1e-11)


@pytest.mark.parametrize("name", MEASURED)
def test_what_was_measured(name):
    given = {"w_0": 1.0, "eta": 0.1, "weight_decay": 0.01, "momentum": 0.9}
    given |= {"dampening": 0.9} if name == "dampened" else {}
    loop = sgd(10, 0.1, 0.01, 0.9, given.get("dampening", 0.0), nesterov=name == "nesterov")
    for k, wanted in zip((1, 10), MEASURED[name], strict=True):
        assert loop[k] == pytest.approx(wanted, abs=1e-6)
        assert FORMULAS[name](**given, step=k) == pytest.approx(loop[k], rel=1e-12)


def test_an_averaged_velocity_is_heavy_ball_with_less_decay():
    """AdaBelief without decoupling, before its second moment: v <- mu v + (1 - mu) L w from 0."""
    heavy_ball = derive("momentum").formulas["weight"]
    w, velocity = 1.0, 0.0
    for k in range(1, 50):
        velocity = 0.9 * velocity + 0.1 * 0.01 * w
        w -= 0.1 * velocity
        assert heavy_ball(w_0=1, step=k, eta=0.1, lmbda=0.001, n=1, momentum=0.9) == pytest.approx(w, rel=1e-12)


def test_where_weights_oscillate_it_refuses():
    with pytest.raises(ValidityError):
        FORMULAS["nesterov"](w_0=1, step=10, eta=1, weight_decay=0.01, momentum=0.9)
