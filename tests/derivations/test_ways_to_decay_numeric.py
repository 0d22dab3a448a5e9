"""Numeric: each way to decay against a loop over its step, and against what released libraries did to a weight of 1.

Measured: gradients of zero, float32 (whose 1.001 is off by 5e-8), learning rate 0.1, decay 0.01, ten steps; then the
rate halved after five.
"""

import numpy as np
import pytest

from derivations import ValidityError, derive

pytestmark = pytest.mark.numeric
FORMULAS = derive("ways_to_decay").formulas
ETA, DECAY = 0.1, 0.01
STEPS = {
    "decoupled": lambda w, eta: w - eta * DECAY * w,
    "implicit": lambda w, eta: w / (1 + eta * DECAY),
    "absolute": lambda w, eta: w - DECAY * w,
    "relative": lambda w, eta: w - DECAY * w * eta / ETA,
    "added": lambda w, eta: w + DECAY * w,
}
# One step, ten steps, and ten with the rate halved after five: torch's AdamW, timm's Adan, chainer's Adam,
# torch-optimi's AdamW(decouple_lr=True), and an optax chain with add_decayed_weights after sgd.
MEASURED = {
    "decoupled": (0.999, 0.990045, 0.992525),
    "implicit": (0.999001, 0.9900542, 0.9925312),
    "absolute": (0.99, 0.9043822, 0.9043822),
    "relative": (0.9899999, 0.9043822, 0.927452),
    "added": (1.01, 1.1046221, 1.1046221),
}
GIVEN = {"eta": ETA, "eta_start": ETA, "eta_next": ETA / 2, "weight_decay": DECAY, "weight_abs_0": 1.0}


def call(name, **more):
    law = FORMULAS[name]
    return law(**{key: value for key, value in (GIVEN | more).items() if key in law.parameters})


def loop(name, rates):
    weight = 1.0
    for rate in rates:
        weight = STEPS[name](weight, rate)
    return weight


@pytest.mark.parametrize("name", STEPS)
def test_against_a_loop_and_what_was_measured(name):
    one, ten, halved = MEASURED[name]
    for steps, wanted in ((1, one), (10, ten)):
        assert call(name, step=steps) == pytest.approx(loop(name, [ETA] * steps), rel=1e-13)
        assert call(name, step=steps) == pytest.approx(wanted, abs=1e-6)
    exact = loop(name, [ETA] * 5 + [ETA / 2] * 5)
    assert exact == pytest.approx(halved, abs=1e-6)
    changed = f"{name}_changed" if f"{name}_changed" in FORMULAS else name
    assert call(changed, step=5 if "changed" in changed else 10, steps_after=5) == pytest.approx(exact, rel=1e-13)


def test_a_first_step_without_decay():
    found = FORMULAS["late"](eta=ETA, weight_decay=DECAY, step=np.array([1, 2, 10]))
    assert found == pytest.approx([1, 0.999, 0.991036], abs=1e-6)  # timm's adoptw, heavyball's SOAP
    with pytest.raises(ValidityError, match="k >= 1"):
        call("late", step=0)


def test_l1_takes_the_same_off_whatever_the_weight():
    assert call("l1", step=10) == pytest.approx(0.9900001, abs=1e-6)  # paddle's SGD with L1Decay
    assert call("l1", step=10, weight_abs_0=0.5) == pytest.approx(0.49, rel=1e-13)
    assert call("l1_steps") == pytest.approx(1000)
    with pytest.raises(ValidityError):
        call("l1", step=1001)


@pytest.mark.parametrize("eta", [0.1, 1e-3, 3.0])
def test_the_value_that_decays_alike(eta):
    wanted = 1 - eta * 0.2
    assert 1 - FORMULAS["absolute_for"](eta=eta, weight_decay=0.2) == pytest.approx(wanted, rel=1e-14)
    assert 1 / (1 + eta * FORMULAS["implicit_for"](eta=eta, weight_decay=0.2)) == pytest.approx(wanted, rel=1e-14)
    relative = FORMULAS["relative_for"](eta_start=0.7, weight_decay=0.2)
    assert 1 - relative * eta / 0.7 == pytest.approx(wanted, rel=1e-14)


def test_the_exponential_lies_between():
    for decay in (1e-4, 0.3, 5.0):
        at = {"eta": 0.1, "weight_decay": decay}
        between = FORMULAS["exponential"](**at, total_steps=30)
        low, high = FORMULAS["decoupled"](**at, step=30), FORMULAS["implicit"](**at, step=30)
        assert low < between < high
        assert FORMULAS["implicit_over_decoupled"](**at, step=30) == pytest.approx(high / low, rel=1e-13)


def test_without_decay_nothing_is_lost():
    for name in ("decoupled", "implicit", "absolute", "relative", "added", "late"):
        assert call(name, step=10, weight_decay=0) == 1
    assert call("l1_steps", weight_decay=0) == np.inf
