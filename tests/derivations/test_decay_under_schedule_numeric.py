"""Numeric: a whole run under a schedule against loops: the start, weights by age, and the decay that is wanted."""

import math

import mpmath
import numpy as np
import pytest

from derivations import derive

pytestmark = pytest.mark.numeric
FORMULAS = derive("decay_under_schedule").formulas
RATE_SUMS = derive("schedules").formulas
ETA, DECAY, STEPS = 3e-4, 0.1, 100_000


def shape(name, total):
    k = np.arange(total)
    return {
        "constant": np.ones(total),
        "linear": 1 - k / total,
        "cosine": np.cos(np.pi * k / total / 2) ** 2,
        "warm": np.minimum(1, k / (0.1 * total)) * np.cos(np.pi * k / total / 2) ** 2,
    }[name]


def left(rates, decay):
    """Return what the rates leave of a weight, the logarithms added up exactly."""
    return math.exp(math.fsum(np.log1p(-rates * decay)))


def call(name, **values):
    return FORMULAS[name](**values)


@pytest.mark.parametrize(("name", "wanted"), [("constant", 0.0498), ("cosine", 0.223), ("linear", 0.223)])
def test_the_worked_case(name, wanted):
    rates = ETA * shape(name, STEPS)
    total = ETA * STEPS if name == "constant" else RATE_SUMS[f"rate_sum_{name}"](eta=ETA, total_steps=STEPS)
    assert total == pytest.approx(math.fsum(rates), rel=1e-12)
    exact = left(rates, DECAY)
    assert exact == pytest.approx(wanted, abs=5e-4)
    most = call("left", weight_decay=DECAY, rate_sum=total)
    squares = math.fsum(rates**2)
    least = call("least_left", eta=ETA, weight_decay=DECAY, rate_sum=total, square_sum=squares)
    assert least <= exact <= most
    assert most / least - 1 < 5e-5


@pytest.mark.parametrize("name", ["constant", "linear", "cosine", "warm"])
@pytest.mark.parametrize("decay", [0.001, 0.3, 4.0])
def test_bounds_of_what_is_left(name, decay):
    rates = 0.2 * shape(name, 50)
    sums = {"rate_sum": math.fsum(rates), "square_sum": math.fsum(rates**2)}
    with mpmath.workdps(30):
        exact = mpmath.fprod(1 - mpmath.mpf(float(rate)) * decay for rate in rates)
        assert call("least_left", eta=0.2, weight_decay=decay, **sums) <= exact
        assert exact <= call("left", weight_decay=decay, rate_sum=sums["rate_sum"])


def test_weights_and_start_sum_to_one():
    """A moving average written out: the weight of step s is alpha_s times what the steps after it leave."""
    rates = 0.5 * shape("warm", 200) * 0.04
    weights = [rates[s] * np.prod(1 - rates[s + 1 :]) for s in range(200)]
    assert math.fsum(weights) + np.prod(1 - rates) == pytest.approx(1, rel=1e-14)


@pytest.mark.parametrize("name", ["constant", "linear", "cosine"])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.85])
def test_weight_by_age(name, share):
    steps = 20_000
    rates = ETA * shape(name, steps) * 3.0  # eta L T is 18
    weights = rates * np.concatenate([np.cumprod((1 - rates)[:0:-1])[::-1], [1.0]])
    given = {"eta": ETA, "weight_decay": 3.0, "total_steps": steps, "run_share": share}
    exact = weights[int(share * steps) :].sum()
    assert call(f"recent_{name}", **given) == pytest.approx(exact, abs=1e-3, rel=1e-3)
    if name == "linear":
        heaviest = 1 - call("heaviest_linear", eta=ETA, weight_decay=3.0, total_steps=steps)
        assert np.argmax(weights) / steps == pytest.approx(heaviest, abs=1e-3)


def test_the_decay_of_a_time_scale():
    for name, wanted in (("constant", 0.1667), ("cosine", 0.3333)):
        total = math.fsum(ETA * shape(name, STEPS))
        decay = call("weight_decay_for_tau", tau_run=0.2, rate_sum=total)
        assert decay == pytest.approx(wanted, abs=5e-5)
        assert call("tau_run", weight_decay=decay, rate_sum=total) == pytest.approx(0.2, rel=1e-14)
        mean_rate = total / STEPS
        assert 1 / (mean_rate * decay) / STEPS == pytest.approx(0.2, rel=1e-14)
    assert call("tau_run", weight_decay=0, rate_sum=15) == math.inf


@pytest.mark.parametrize("name", ["constant", "linear", "cosine", "warm"])
@pytest.mark.parametrize("wanted", [0.9, 0.5, 0.01])
def test_the_decay_of_a_share_left(name, wanted):
    rates = 0.01 * shape(name, 3000)
    total, squares = math.fsum(rates), math.fsum(rates**2)
    first = call("weight_decay_for_left", left_at_end=wanted, rate_sum=total)
    second = call("weight_decay_for_left_second", left_at_end=wanted, rate_sum=total, square_sum=squares)
    assert left(rates, first) < wanted
    assert left(rates, first) == pytest.approx(wanted, rel=first**2 * squares)
    assert left(rates, second) == pytest.approx(wanted, rel=1e-4 * first**2 * squares + 3000 * (0.01 * first) ** 3)
    assert second < first
    if name == "constant":
        exact = call("weight_decay_for_left_constant", left_at_end=wanted, eta=0.01, total_steps=3000)
        assert left(rates, exact) == pytest.approx(wanted, rel=1e-12)
