"""Numeric: the moving average, the dictionary and Krogh and Hertz's optimum against plain loops."""

import math

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import optax
import pytest

from derivations import derive

pytestmark = pytest.mark.numeric

SETTINGS = {"eta": 0.1, "lmbda": 5.0, "n": 50_000.0, "m": 10.0}


def test_weight_of_data_of_an_age():
    formulas = derive("timescale").formulas
    values = {"eta": 0.5, "lmbda": 40.0, "n": 600.0, "m": 20.0}
    steps, epochs = 30, 9
    # The response of the last weight to the updates of each epoch in turn, by running the loop once for each.
    for age in range(epochs):
        w = 0.0
        for k in range(steps * epochs):
            update = -values["lmbda"] / values["n"] if k // steps == epochs - 1 - age else 0.0
            w -= values["eta"] * (update + values["lmbda"] / values["n"] * w)
        assert formulas["weight_of_age"](age=age, **values) == pytest.approx(w, rel=1e-12)
        tau = formulas["tau_epoch"](eta=0.5, lmbda=40.0, m=20.0)
        # From age 7 on outside its box.
        limit = formulas["weight_of_age_limit"].to_numpy()(age=age, tau_epoch=tau, steps_per_epoch=steps)
        # To first order the limit is off by kappa epsilon/2 (1/(e^kappa - 1) - age), here up to 13 %.
        kappa, epsilon = 1.0, 0.5 * 40 / 600
        off = kappa * epsilon / 2 * (1 / math.expm1(kappa) - age)
        assert w / limit - 1 == pytest.approx(off, abs=1e-3 + 1.5 * off**2)


def test_dictionary_at_nielsens_settings():
    formulas = derive("timescale").formulas
    eta, lmbda, n, m = SETTINGS.values()
    decay = formulas["weight_decay"](lmbda=lmbda, n=n)
    tau = formulas["tau_epoch"](eta=eta, lmbda=lmbda, m=m)
    assert (decay, tau) == (1e-4, 20.0)
    assert formulas["tau_run"](eta=eta, lmbda=lmbda, m=m, total_epochs=30.0) == pytest.approx(
        m / (eta * decay * 30 * n)
    )
    w = mpmath.mpf(1)
    for _ in range(int(n / m)):
        w -= mpmath.mpf("0.1") * mpmath.mpf("1e-4") * w
    # The limit is off by -(eta lmbda)^2/(2 n m) = -2.5e-7.
    limit = formulas["per_epoch_factor_limit"](tau_epoch=tau, steps_per_epoch=5000)
    assert float(w / limit) - 1 == pytest.approx(-2.5e-7, rel=1e-4)
    back = formulas["lmbda_for_factor"](retained=float(w), eta=eta, n=n, m=m)
    assert back == pytest.approx(5.0, rel=1e-12)
    assert formulas["lmbda_for_tau"](eta=eta, m=m, tau_epoch=tau) == pytest.approx(5.0, rel=1e-15)


def test_optax_takes_this_weight_decay():
    with jax.enable_x64(True):
        w, g = jnp.asarray(1.3, jnp.float64), jnp.asarray(-0.4, jnp.float64)
        decay = derive("timescale").formulas["weight_decay"](lmbda=7.0, n=90.0)
        rule = optax.chain(optax.add_decayed_weights(decay), optax.sgd(0.2))
        update, _ = rule.update(g, rule.init(w), w)
        assert float(w + update) == pytest.approx((1 - 0.2 * 7 / 90) * 1.3 + 0.2 * 0.4, rel=1e-15)


@pytest.mark.statistical
def test_error_of_one_weight_against_training_sets():
    formulas = derive("timescale").formulas
    generator = np.random.default_rng(3)
    x = generator.normal(size=40)
    square, teacher, noise, runs = float(x @ x), 0.7, 1.9, 40_000
    targets = teacher * x + noise * generator.normal(size=(runs, 40))
    optimum = formulas["best_lmbda"](teacher_weight=teacher, target_noise=noise)
    errors = {}
    for lmbda in (0.0001, 0.5 * optimum, optimum, 2 * optimum):
        squared = (targets @ x / (square + lmbda) - teacher) ** 2
        errors[lmbda] = squared.mean()
        predicted = formulas["mode_error"](lmbda=lmbda, teacher_weight=teacher, target_noise=noise, input_square=square)
        z = (squared.mean() - predicted) / (squared.std() / math.sqrt(runs))
        assert abs(z) < 4
    assert min(errors, key=lambda lmbda: errors[lmbda]) == optimum
