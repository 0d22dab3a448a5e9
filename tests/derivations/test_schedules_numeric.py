"""Numeric: what a schedule leaves of a weight, against loops over the update and against optax's own schedules."""

import math

import mpmath
import numpy as np
import optax
import pytest

from derivations import derive

pytestmark = pytest.mark.numeric

NIELSEN = {"eta": 0.1, "lmbda": 5, "n": 50_000}
EPOCHS_30 = 150_000
WSD = {"warmup_steps": 300, "stable_steps": 1000, "cooldown_steps": 700}


def _rates(name, total):
    k = np.arange(total)
    return {
        "constant": lambda: np.ones(total),
        "linear": lambda: 1 - k / total,
        "cosine": lambda: np.cos(np.pi * k / total / 2) ** 2,
        "wsd": lambda: np.concatenate([np.arange(300) / 300, np.ones(1000), 1 - np.arange(700) / 700]),
        "inverse_time": lambda: 1 / (1 + k / 2000),
    }[name]()


def _loop(rates, eta, lmbda, n):
    """Return ln of what the update w' = (1 - eta_k lmbda/n) w leaves, with 30 digits."""
    with mpmath.workdps(30):
        weight = mpmath.mpf(1)
        for rate in rates:
            weight *= 1 - mpmath.mpf(float(rate)) * eta * lmbda / n
        return float(mpmath.log(weight))


def _length(name, total):
    return {"total_steps": total} | ({"t_c": 2000} if name == "inverse_time" else {}) if name != "wsd" else WSD


@pytest.mark.parametrize("name", ["linear", "cosine", "wsd"])
@pytest.mark.parametrize("eta", [0.1, 10.0, 1000.0])
def test_second_order_leaves_out_the_third(name, eta):
    values = {"eta": eta, "lmbda": 5, "n": 50_000}
    formulas = derive("schedules").formulas
    found = formulas[f"log_factor_{name}"](**values, **_length(name, 2000))
    exact = _loop(_rates(name, 2000), **values)
    bound = 2000 * formulas["beyond_second_order"](**values)
    assert 0.1 * bound < found - exact + 1e-12 * abs(exact)
    assert found - exact < bound


def test_constant_is_exact():
    values = {"eta": 1000.0, "lmbda": 5, "n": 50_000}
    found = derive("schedules").formulas["log_factor_constant"](**values, total_steps=2000)
    assert found == pytest.approx(_loop(np.ones(2000), **values), rel=1e-13)


def test_numbers_of_nielsens_thirty_epochs():
    formulas = derive("schedules").formulas
    for name, wanted in (("constant", -1.5000075), ("cosine", -0.7500078), ("linear", -0.7500075)):
        found = formulas[f"log_factor_{name}"](**NIELSEN, total_steps=EPOCHS_30)
        exact = math.fsum(np.log1p(-_rates(name, EPOCHS_30) * 0.1 * 5 / 50_000))
        assert found == pytest.approx(exact, abs=1e-10)
        assert found == pytest.approx(wanted, abs=6e-8)


@pytest.mark.parametrize("total", [2, 3, 17, 2000])
def test_sums_of_rates(total):
    formulas = derive("schedules").formulas
    for name in ("linear", "cosine"):
        found = formulas[f"rate_sum_{name}"](eta=0.3, total_steps=total)
        assert found == pytest.approx(0.3 * math.fsum(_rates(name, total)), rel=1e-13)
        assert found == pytest.approx(0.3 * (total + 1) / 2, rel=1e-13)


def test_squares_of_the_cosine_exceed_three_eighths_by_half():
    # ln(w_T/w_0) + first order, divided by -epsilon^2/2, is the sum of the squares.
    formulas = derive("schedules").formulas
    for total in (2, 5, 100):
        values = {"eta": 1.0, "lmbda": 1.0, "n": 2.0, "total_steps": total}
        first = formulas["rate_sum_cosine"](eta=1.0, total_steps=total) / 2
        squares = (formulas["log_factor_cosine"].to_numpy()(**values) + first) * -8  # outside its measured box
        assert squares == pytest.approx(math.fsum(_rates("cosine", total) ** 2), rel=1e-12)
        assert squares - 3 * total / 8 == pytest.approx(0.5, rel=1e-10)


@pytest.mark.parametrize(
    "lengths", [(0, 5, 3), (0, 0, 4), (1, 5, 3), (2, 0, 7), (6, 3, 0), (0, 4, 0), (7, 0, 0), (0, 0, 1), (0, 900, 100)]
)
def test_each_part_of_warmup_plateau_and_cooldown_may_have_no_steps(lengths):
    warmup, stable, cooldown = lengths
    # A plain loop: one rate a step, no part at all where a length is 0.
    rates = [k / warmup for k in range(warmup)] + [1.0] * stable + [1 - k / cooldown for k in range(cooldown)]
    formulas, given = derive("schedules").formulas, {}
    for part, length in zip(("warmup_steps", "stable_steps", "cooldown_steps"), lengths, strict=True):
        given[part] = length
    assert formulas["rate_sum_wsd"](eta=0.3, **given) == pytest.approx(0.3 * math.fsum(rates), rel=1e-13)
    # At epsilon = 1e-6 the third order is below 1e-12 of the logarithm, its second 1e-6: the squares count.
    values = {"eta": 0.5, "lmbda": 0.1, "n": 50_000}
    found, exact = formulas["log_factor_wsd"](**values, **given), _loop(rates, **values)
    assert found == pytest.approx(exact, rel=2e-12)
    assert formulas["log_factor_wsd"].to_jax()(**{**values, "n": 5e4}, **given) == pytest.approx(exact, rel=1e-5)


def test_a_warmup_of_one_step_adds_nothing():
    formula, values = (
        derive("schedules").formulas["log_factor_wsd"],
        {**NIELSEN, "stable_steps": 9, "cooldown_steps": 4},
    )
    none, one, two = formula(**values, warmup_steps=[0, 1, 2])
    assert none == one
    assert two < one
    with pytest.raises(ValueError, match="T₁ >= 0"):
        formula(**values, warmup_steps=-1)


def test_optax_has_the_same_sums():
    formulas = derive("schedules").formulas
    schedules = {
        "linear": optax.linear_schedule(0.3, 0.0, 2000),
        "cosine": optax.cosine_decay_schedule(0.3, 2000),
        "wsd": optax.join_schedules(
            [optax.linear_schedule(0.0, 0.3, 300), optax.constant_schedule(0.3), optax.linear_schedule(0.3, 0.0, 700)],
            [300, 1300],
        ),
    }
    for name, schedule in schedules.items():
        rates = np.asarray(schedule(np.arange(2000)), np.float64)
        found = formulas[f"rate_sum_{name}"](eta=0.3, **_length(name, 2000))
        assert found == pytest.approx(math.fsum(rates), rel=1e-6)  # float32 rates


@pytest.mark.parametrize("total", [40, 2000, 40_000])
def test_inverse_time_is_nearly_a_power_law(total):
    values = {"eta": 10.0, "lmbda": 5, "n": 50_000}
    found = derive("schedules").formulas["log_factor_inverse_time"](**values, total_steps=total, t_c=2000)
    exact = math.fsum(np.log1p(-_rates("inverse_time", total) * 1e-3))
    assert exact < found < 0
    assert found / exact - 1 > -(1 / 4000 + 1e-3 / 2)
    if total == 40:
        assert found / exact - 1 == pytest.approx(-(1 / 4000 + 1e-3 / 2), rel=0.02)


def test_a_schedule_halves_the_exponent():
    formulas = derive("schedules").formulas
    constant, cosine = (formulas[f"log_factor_{s}"](**NIELSEN, total_steps=EPOCHS_30) for s in ("constant", "cosine"))
    assert cosine / constant == pytest.approx(0.5, rel=1e-5)
