"""Numeric: decay seen through averages of weights, against loops over the update, and against what libraries did.

Measured: gradients of zero, float32, weights of 1, learning rate 0.1, decay 0.01, ten steps.
"""

import numpy as np
import pytest

from derivations import ValidityError, derive

pytestmark = pytest.mark.numeric
FORMULAS = derive("averaged_decay").formulas
GIVEN = {"eta": 0.1, "weight_decay": 0.01}
MEASURED_POINT, MEASURED_AVERAGE = 0.994063, 0.9945112  # schedulefree's AdamW and SGD, y and x; optax's
MEASURED_RANGER = 0.9930257  # torch-optimi's: Lookahead, 6 fast steps, half of the way
MEASURED_SHARE = 0.5549  # optax's schedule-free SGD: 100 steps at 1e-3, decay 0.1, beside noise


def schedule_free(steps, eta, decay, mixing):
    """Return z, x and y after each step, as schedulefree 1.4.1 takes them without gradient."""
    z = x = y = 1.0
    found = []
    for k in range(1, steps + 1):
        z -= eta * decay * y
        x += (z - x) / k
        y = (1 - mixing) * z + mixing * x
        found.append((z, x, y))
    return np.array(found).T


def test_schedule_free_is_what_was_measured():
    _, x, y = schedule_free(10, 0.1, 0.01, 0.9)
    assert (y[-1], x[-1]) == pytest.approx((MEASURED_POINT, MEASURED_AVERAGE), abs=1e-6)
    at = GIVEN | {"mixing": 0.9, "step": 10}
    assert FORMULAS["schedule_free_point"](**at) == pytest.approx(y[-1], rel=1e-11)
    assert FORMULAS["schedule_free_average"](**at) == pytest.approx(x[-1], rel=1e-11)


@pytest.mark.parametrize("mixing", [0.5, 0.9, 0.98])
@pytest.mark.parametrize(("steps", "reach"), [(4, 0.4), (40, 0.5), (1000, 0.5), (1000, 0.05)])
def test_schedule_free_within_its_box(mixing, steps, reach):
    at = {"eta": 1.0, "weight_decay": reach / steps, "mixing": mixing}
    _, x, y = schedule_free(steps, 1.0, reach / steps, mixing)
    k = np.arange(steps // 2, steps + 1)
    error = 4.1e-5 * (reach / 0.5) ** 5 + 1e-14  # the fifth order is what is missing; none up to five steps
    for name, exact in (("average", x), ("point", y)):
        found = FORMULAS[f"schedule_free_{name}"](**at, step=k)
        assert found == pytest.approx(exact[k - 1], rel=1e-13 if steps < 6 else error)


def test_schedule_free_takes_half_in_the_long_run():
    lost = 1 - schedule_free(100, 1e-3, 0.1, 0.9)[2, -1]
    share = FORMULAS["schedule_free_share"](mixing=0.9, step=100)
    assert lost / (1 - (1 - 1e-4) ** 100) == pytest.approx(share, rel=3e-3)
    assert share == pytest.approx(MEASURED_SHARE, abs=1e-3)
    assert FORMULAS["schedule_free_share"](mixing=0.9, step=10**9) == pytest.approx(0.55, abs=1e-8)
    with pytest.raises(ValidityError):
        FORMULAS["schedule_free_average"](**GIVEN, mixing=0.9, step=501)  # more than half a time scale


@pytest.mark.parametrize("kept", [0.5, 0.9, 0.998])
def test_a_moving_average_lags(kept):
    weight = average = 1.0
    for k in range(1, 60):
        weight *= 1 - 0.001
        average = kept * average + (1 - kept) * weight
        assert FORMULAS["ema"](**GIVEN, ema_factor=kept, step=k) == pytest.approx(average, rel=1e-12)
        assert average > weight
    assert FORMULAS["ema"](**GIVEN, ema_factor=kept, step=0) == pytest.approx(1, rel=1e-13)


@pytest.mark.parametrize("share", [0.5, 0.8, 1.0])
def test_lookahead(share):
    slow = fast = 1.0
    for k in range(1, 40):
        fast *= 1 - 0.001
        if k % 6 == 0:
            slow += share * (fast - slow)
            fast = slow
        at = GIVEN | {"slow_share": share, "inner_steps": 6, "cycles": k // 6, "steps_after": k % 6}
        assert FORMULAS["lookahead"](**at) == pytest.approx(fast, rel=1e-13)
        if (share, k) == (0.5, 10):
            assert fast == pytest.approx(MEASURED_RANGER, abs=1e-6)
    if share == 0.5:  # timm's keeps its first fast weights as the slow ones: a cycle less, and none in ten steps
        first = FORMULAS["lookahead"](**GIVEN, slow_share=1, inner_steps=6, cycles=1, steps_after=4)
        assert first == pytest.approx(0.990045, abs=1e-6)
