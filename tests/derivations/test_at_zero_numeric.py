"""Numeric: without decay each formula gives its limit, says that it never ends, or says in words why there is none."""

import dataclasses
import functools
import math
import warnings

import jax
import mpmath
import numpy as np
import pytest
import sympy as sp

from derivations import DerivationError, ValidityError, derive, names
from derivations.output.at_zero import DECAYS, MAY_BE_ZERO
from derivations.without_decay import NEVER, WithoutDecay
from tests.derivations.test_formula_numeric import TYPICAL

pytestmark = pytest.mark.numeric
derivation_of = functools.cache(derive)
TINY = "1e-40"


def laws(symbols):
    return [
        (name, formula.name, symbol)
        for name in names()
        for formula in derivation_of(name).formulas.values()
        for symbol in symbols
        if symbol in formula.parameters
    ]


def typical(law):
    return {name: TYPICAL[name] for name in law.parameters}


@pytest.mark.parametrize(("name", "formula", "symbol"), laws(DECAYS))
def test_without_decay_there_is_the_limit_or_a_word(name, formula, symbol):
    law = derivation_of(name).formulas[formula]
    values = typical(law)
    near = law.number(30, **{**values, symbol: TINY})
    zero = {**values, symbol: 0}
    if law.may_be_zero(frozenset({symbol})):
        found = law(**zero)
        if math.isinf(found):
            assert near > mpmath.mpf(10) ** 30  # a time: NEVER
        else:
            assert found == pytest.approx(float(near), rel=1e-11, abs=0 if found else 1e-13)  # roots of 1e-40
        assert float(law.number(20, **zero)) == pytest.approx(found, rel=1e-12)
        assert not law.violations(**zero)
    else:
        with pytest.raises(ValidityError, match=r"> 0 \(met . = 0\): without decay [a-z]"):
            law(**zero)
        with pytest.raises(ValidityError, match="without decay"):
            law.number(20, **zero)
        # There is none: it grows without end; or a value that only the limit has, which the words say.
        grows = abs(near) > mpmath.mpf(10) ** 12
        assert grows or formula in ("variance_at_epoch_end", "variance_inside", "stabiliser_factor")


@pytest.mark.parametrize(("name", "formula", "symbol"), laws(("momentum", "beta1")))
def test_without_memory_there_is_the_limit_or_a_refusal(name, formula, symbol):
    law = derivation_of(name).formulas[formula]
    zero = {**typical(law), symbol: 0}
    if not law.valid(**zero):
        with pytest.raises(ValidityError):
            law(**zero)
        return
    assert law(**zero) == pytest.approx(float(law.number(30, **{**zero, symbol: TINY})), rel=1e-11, abs=1e-30)


@pytest.mark.parametrize(("name", "formula", "symbol"), laws(("lmbda",)))
def test_every_backend_says_the_same_without_decay(name, formula, symbol):
    law = derivation_of(name).formulas[formula]
    if not law.may_be_zero(frozenset({"lmbda"})):
        return
    zero = {**typical(law), "lmbda": 0.0}
    wanted = law(**zero)
    singles = {key: np.float32(value) for key, value in zero.items()}
    rounded = law(**singles)  # a power rounds its logarithm, here up to 50, to 6e-8 of it
    with np.errstate(divide="ignore"):
        low = law.to_numpy()(**singles)
    assert low.dtype == np.float32 and float(low) == pytest.approx(rounded, rel=1e-5, abs=1e-30)
    compiled = jax.jit(law.to_jax())(**singles)
    assert compiled.dtype == np.float32 and float(compiled) == pytest.approx(rounded, rel=1e-5, abs=1e-30)
    row = law(**{**zero, "lmbda": np.array([0.0, TYPICAL["lmbda"], 0.0])})
    assert row == pytest.approx([wanted, law(**typical(law)), wanted], rel=1e-12)


@pytest.mark.parametrize(
    ("name", "formula"),
    [("stationary_variance", "variance"), ("stationary_variance", "mean"), ("adamw", "weight_ms_after"),
     ("symmetry", "imbalance"), ("lion", "weight_bound_after"), ("shuffling", "inside_ratio")],
)  # fmt: skip
def test_gradients_by_other_numbers_are_finite_without_decay(name, formula):
    law = derivation_of(name).formulas[formula]
    values = typical(law) | {"lmbda": 0.0}
    with jax.enable_x64(True):
        slope = jax.grad(lambda eta: law.to_jax()(**values | {"eta": eta}))(values["eta"])
    step = 1e-6
    by_numbers = (law(**values | {"eta": values["eta"] + step}) - law(**values | {"eta": values["eta"] - step})) / step
    assert float(slope) == pytest.approx(by_numbers / 2, rel=1e-6, abs=1e-12)


def test_random_walks_without_decay_against_loops():
    eta, m, sigma, pull, steps = 0.3, 4, 0.7, -0.2, 37
    variance, mean = 0.5, 1.2
    for _ in range(steps):
        variance, mean = variance + eta**2 * sigma**2 / m, mean - eta * pull
    law = derivation_of("stationary_variance").formulas
    found = law["variance"](weight_var_0=0.5, step=steps, gradient_std=sigma, eta=eta, lmbda=0, n=100, m=m)
    assert found == pytest.approx(variance, rel=1e-13)
    found = law["mean"](w_0=1.2, step=steps, mean_gradient=pull, eta=eta, lmbda=0, n=100)
    assert found == pytest.approx(mean, rel=1e-13)


def test_adamw_without_decay_against_the_covariances_of_its_averages():
    """E[w^2] = w_0^2 + eta^2 sum_ij E[u_i u_j], with E[u_i u_j] = b^|i-j| (1 - b)/(1 + b) in a warm average."""
    eta, beta1, steps = 0.3, 0.8, 25
    lags = np.abs(np.subtract.outer(np.arange(steps), np.arange(steps)))
    wanted = 1.5**2 + eta**2 * (beta1**lags * (1 - beta1) / (1 + beta1)).sum()
    law = derivation_of("adamw").formulas["weight_ms_after"]
    found = law(eta=eta, lmbda=0, n=1000, beta1=beta1, step=steps, weight_rms_0=1.5)
    assert found == pytest.approx(wanted, rel=1e-13)


def test_the_baseline_of_every_comparison():
    law = derivation_of("epoch_decay").formulas
    setting = {"eta": 0.1, "n": 1200, "m": 10, "lmbda": 0}
    assert law["per_epoch_factor"](**setting) == 1 and law["half_life_epochs"](**setting) == math.inf
    assert law["weight_rms"](**setting, weight_rms_0=0.8, epoch=30) == 0.8
    start = derivation_of("initialisation").formulas
    assert start["epochs_to_fan_in_exact"](**setting, n_in=784) == math.inf
    assert start["epochs_to_fan_in_exact"](**setting, n_in=1) == 0  # nowhere to go takes no time
    with pytest.raises(ValidityError, match="without decay weights on noise do not settle"):
        derivation_of("adamw").formulas["weight_rms"](eta=1e-3, lmbda=0, n=1200, beta1=0.9)


def test_negative_zero_and_negative_decay():
    factor = derivation_of("epoch_decay").formulas["per_epoch_factor"]
    assert factor(eta=0.1, lmbda=-0.0, n=100, m=10) == 1
    with pytest.raises(ValidityError, match=r"λ > 0 \(met λ = -1\)$"):
        factor(eta=0.1, lmbda=-1, n=100, m=10)
    with pytest.raises(ValidityError, match=r"η > 0 \(met η = 0\)$"):  # a rate of 0 is no setting of its own
        factor(eta=0, lmbda=1, n=100, m=10)


@pytest.mark.parametrize(
    ("name", "formula", "wrong", "message"),
    [
        ("epoch_decay", "half_life_epochs", WithoutDecay(sp.Integer(7), "half_life"), "no whole side of step"),
        ("epoch_decay", "per_epoch_factor", NEVER, "a value of its own there"),
        ("stationary_variance", "variance", WithoutDecay(sp.Symbol("weight_var_0", nonnegative=True), "variance_path"),
         "no whole side of step 'variance_path'"),
        ("stationary_variance", "mean", NEVER, "does not tend to oo"),
        ("adamw", "weight_bound_after", WithoutDecay(sp.Symbol("weight_abs_0", positive=True)), "no whole side"),
        ("timescale", "lmbda_for_tau", NEVER, "has no decay"),
    ],
)  # fmt: skip
def test_a_false_word_about_no_decay_is_refused(name, formula, wrong, message):
    derivation = derivation_of(name)
    with pytest.raises(DerivationError, match=message) as caught:
        derivation.check_formula(dataclasses.replace(derivation.formulas[formula], without_decay=wrong))
    assert caught.value.step == formula


def test_a_value_of_another_step_is_refused():
    """The right expression of the wrong law: a side of its step, yet not what the closed form tends to."""
    derivation = derivation_of("stationary_variance")
    mean, variance = derivation.formulas["mean"], derivation.formulas["variance"]
    with pytest.raises(DerivationError, match="does not tend to"):
        derivation.check_formula(dataclasses.replace(mean, without_decay=variance.without_decay))


def test_only_memory_and_decay_may_be_zero():
    for name in names():
        for formula in derivation_of(name).formulas.values():
            for symbol in formula.symbols:
                if symbol.is_positive and symbol.name not in MAY_BE_ZERO:
                    assert not formula.may_be_zero(frozenset({symbol.name}))


def test_nothing_is_said_by_numpy_on_the_way():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name, formula, _ in laws(("lmbda",)):
            law = derivation_of(name).formulas[formula]
            if law.may_be_zero(frozenset({"lmbda"})):
                law(**typical(law) | {"lmbda": [0.0, 1.0]})
