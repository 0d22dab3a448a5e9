"""Numeric: closed forms against loops that share no code, backends against 50 digits, gradients against SymPy."""

import math

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from derivations import ValidityError, derive, names
from derivations.functions.log1pmx import make_log1pmx

pytestmark = pytest.mark.numeric

NIELSEN = {"eta": 0.1, "lmbda": 5.0, "n": 50_000.0, "m": 10.0}
# One point inside every formula's validity; n_in and the rest are typical of the nets Nielsen graphs.
TYPICAL = NIELSEN | {
    "n_in": 784.0, "n_w": 23_520.0, "n_hidden": 30.0, "n_out": 10.0, "epoch": 7.0, "weight_rms_0": 1.0,
    "weight_rms_plateau": 0.2, "weight_rms": 0.5, "Q": 1e-3, "batch_gradient_rms": 0.01, "weight_dot_gradient": -0.7,
    "gradient_norm2": 0.3, "drift": 2.5, "noise": 0.5, "decay": -3.0, "steps_per_epoch": 5000.0, "gradient_ms": 1e-3,
    "weight_ms": 0.9, "gradient_rms": 0.02, "moved_by_gradient": 3.0, "weight_norm": 30.0, "activation_ms": 0.4,
    "delta_ms": 0.3, "input_norm2": 87.4, "preactivation_rms": 9.4,
    "preactivation_rms_pair": 8.0, "pair_covariance": 30.0, "slope_width2": 2.9, "example_gradient_ms": 4e-3,
    "pull": 0.02,
    "step": 700.0, "gradient_std": 0.1, "mean_gradient": -0.02, "weight_var_0": 0.5, "w_0": 1.2, "momentum": 0.9,
    "total_steps": 20_000.0, "warmup_steps": 500.0, "stable_steps": 9000.0, "cooldown_steps": 700.0, "t_c": 2000.0,
    "epoch_share": 0.4, "epochs_made": 6.0, "batch_noise": 1e-3,
    # scale_invariant, schedule_law, symmetry, online_perceptron
    "gradient_scale": 0.3, "phi": 2.0, "growth": 1.3, "eta_next": 0.12, "lmbda_next": 4.0,
    "radial_share": 0.4, "signal_to_noise": 1e-4,
    "gradient_gap": 0.05, "imbalance_0": 1.5, "weight_norm2": 900.0, "student_variance": 4.0,
    "overlap": 0.6, "gamma": 0.2, "output_noise": 0.1,
    # adamw, adam_l2, sign_momentum, lion
    "beta1": 0.9, "beta2": 0.99, "update_bound": 7.0, "weight_abs": 2.0, "correlation": 0.6, "weight_abs_0": 3.0,
    "adam_epsilon": 1e-8, "square_var": 2.0,
    # timescale, ridge, muon
    "age": 3.0, "tau_epoch": 20.0, "total_epochs": 30.0, "retained": 0.95, "teacher_weight": 0.7, "target_noise": 1.3,
    "input_square": 12.0, "curvature": 0.7, "curvature_var": 0.9, "gradient_std_2": 0.2, "curvature_2": 0.4,
    "curvature_var_2": 0.3, "gradient_cov": -0.01, "curvature_gradient_cov": 0.05, "input_product_ms": 0.2,
    "error_0": 0.6, "update_norm": 4.0, "linear_share": 0.7, "first_rest": 0.03, "velocity_norm2": 2.0,
    "teacher_weight_2": 0.4, "input_skew": 0.05, "input_skew_2": -0.03,
    # blocked_sgd
    "block_steps": 10.0, "cells": 16.0, "write_cost": 200.0, "epsilon": 1e-5, "rounding": 1e-8, "t": 1e-3,
    # elsewhere
    "weight_decay": 0.005, "eta_start": 0.2, "steps_after": 300.0,
    "trust_coefficient": 0.001, "ratio_bound": 2.0, "cosine": 0.3,
    "mixing": 0.9, "ema_factor": 0.99, "slow_share": 0.5, "inner_steps": 6.0, "cycles": 20.0, "rms_floor": 0.001,
    "second_start": 0.5, "dampening": 0.4,
    # rounding, box_constraint, grokking
    "grid": 32_768.0, "spaces_due": 0.35, "box_share": 0.6, "hidden_mem": 30.0, "hidden_post": 0.4, "norm2_rest": 2.0,
    # factors
    "target_singular": 1.7, "layer_weight": 0.9, "product": 0.8, "factors": 3.5,
    "class_size": 20.0, "decay_w": 3e-6, "decay_h": 2e-6, "missing_share": 0.03, "least_side": 100.0,
    "rate_sum": 300.0, "square_sum": 20.0, "run_share": 0.7, "left_at_end": 0.2, "tau_run": 0.2,
    # cautious_decay
    "update_abs": 0.7, "update_ms": 0.9, "lean": 0.3, "optimum": 1.5, "bias": 0.2, "gap_0": 0.8,
    # corrected_decay
    "eta_peak": 0.3, "epsilon_peak": 0.01, "run_decay": 68.0,
}  # fmt: skip
FORMULAS = [(name, formula) for name in names() for formula in derive(name).formulas]


def _get(name, formula):
    found = derive(name).formulas[formula]
    return found, {parameter: TYPICAL[parameter] for parameter in found.parameters}


def first_of_each_law(pairs):
    """Leave all but one formula of each law to make test-all: two programs are compiled for each.

    Every formula's numbers and gradients, in NumPy and JAX, are tested in test_outputs_numeric.py all the same.
    """
    first = {name: formula for name, formula in reversed(pairs)}
    return [pytest.param(*pair, marks=() if first[pair[0]] == pair[1] else pytest.mark.slow) for pair in pairs]


@pytest.mark.parametrize(("name", "formula"), first_of_each_law(FORMULAS))
def test_backends_agree(name, formula):
    found, values = _get(name, formula)
    exact = float(found.number(30, **values))
    assert found(**values) == pytest.approx(exact, rel=1e-12)  # float64, a few dozen roundings
    singles = {k: np.float32(v) for k, v in values.items()}
    rounded = float(found.number(30, **{k: float(v) for k, v in singles.items()}))
    low = found.to_numpy()(**singles)
    assert low.dtype == np.float32
    # float32: six roundings of 6e-8, times a condition of about 3.
    assert float(low) == pytest.approx(rounded, rel=1e-6)
    compiled = jax.jit(found.to_jax())(**{k: jnp.float32(v) for k, v in values.items()})
    assert compiled.dtype == jnp.float32
    assert float(compiled) == pytest.approx(rounded, rel=1e-6)


@pytest.mark.parametrize(("name", "formula"), first_of_each_law(FORMULAS))
def test_jax_vmap_and_gradient(name, formula):
    found, values = _get(name, formula)
    with jax.enable_x64(True):
        function = found.to_jax()
        traced = {k: jnp.asarray(v, jnp.float64) for k, v in values.items()}
        gradient = jax.grad(lambda v: function(**v))(traced)
        rows = {k: jnp.stack([v, v * 1.01]) for k, v in traced.items()}
        assert jax.vmap(lambda v: function(**v))(rows)[0] == pytest.approx(float(function(**traced)), rel=1e-12)
    at = {symbol: sp.Float(values[symbol.name], 40) for symbol in found.symbols}
    for symbol in found.symbols:
        wanted = float(sp.N(sp.diff(found.expr, symbol).doit().subs(at), 30))
        # d/dn of the factor is a difference that cancels six digits in float64.
        assert float(gradient[symbol.name]) == pytest.approx(wanted, rel=1e-8, abs=1e-14), symbol


def test_float32_where_the_naive_form_fails():
    factor = derive("epoch_decay").formulas["per_epoch_factor"]
    singles = {k: np.float32(v) for k, v in NIELSEN.items()}
    exact = float(factor.number(30, **{k: float(v) for k, v in singles.items()}))
    naive = (np.float32(1) - singles["eta"] * singles["lmbda"] / singles["n"]) ** (singles["n"] / singles["m"])
    assert abs(float(naive) / exact - 1) > 5e-5
    assert abs(float(factor.to_numpy()(**singles)) / exact - 1) < 4 * 6e-8  # four units in the last place
    error = derive("epoch_decay").formulas["relative_error_of_limit"]
    found = float(error.to_numpy()(**singles))
    assert found == pytest.approx(float(error.number(30, **{k: float(v) for k, v in singles.items()})), rel=1e-5)
    assert found == pytest.approx(-2.5e-7, rel=1e-4)


@settings(deadline=None, max_examples=60)
@given(st.floats(-0.999, 1e4, allow_subnormal=False))
def test_log1pmx_keeps_its_digits(x):
    with mpmath.workdps(700):
        exact = float(mpmath.log1p(x) - mpmath.mpf(x))
    assert float(make_log1pmx(np)(np.float64(x))) == pytest.approx(exact, rel=3e-15, abs=1e-300)


def test_log1pmx_gradient_is_finite_everywhere():
    function = make_log1pmx(jnp)
    slopes = jax.vmap(jax.grad(function))(jnp.asarray([-0.99, -0.5, -1e-6, 0.0, 1e-6, 0.5, 3.0, 1e6]))
    assert np.all(np.isfinite(slopes))
    assert float(slopes[2]) == pytest.approx(1e-6, rel=1e-5)


@pytest.mark.parametrize("values", [NIELSEN, {"eta": 0.5, "lmbda": 1000.0, "n": 50_000.0, "m": 10.0}])
def test_epoch_factor_against_a_loop(values):
    formulas = derive("epoch_decay").formulas
    with mpmath.workdps(40):
        weight, factor = mpmath.mpf(1), 1 - mpmath.mpf(values["eta"]) * values["lmbda"] / mpmath.mpf(values["n"])
        for _ in range(int(values["n"] / values["m"])):
            weight *= factor
        exact, limit = float(weight), float(mpmath.exp(-mpmath.mpf(values["eta"]) * values["lmbda"] / values["m"]))
        error = float(weight / mpmath.exp(-mpmath.mpf(values["eta"]) * values["lmbda"] / values["m"]) - 1)
    assert formulas["per_epoch_factor"](**values) == pytest.approx(exact, rel=1e-14)
    assert formulas["relative_error_of_limit"](**values) == pytest.approx(error, rel=1e-12)
    assert formulas["lower_bound"](**values) <= exact <= limit
    halved = formulas["half_life_epochs"](**values) * values["n"] / values["m"]
    assert math.floor(halved) <= next(k for k in range(10**6) if float(factor) ** k <= 0.5) <= math.ceil(halved) + 1


def test_plateau_from_budget_against_a_noisy_loop():
    generator = np.random.default_rng(0)
    eta, lmbda, n, n_w, steps = 0.5, 40.0, 400.0, 50, 20_000
    q, w, drift, noise, norms = 1 - eta * lmbda / n, np.zeros(50), 0.0, 0.0, 0.0
    for k in range(steps + 2_000):
        g = 0.3 * (w - 1) + generator.normal(size=n_w)
        if k >= 2_000:
            drift -= 2 * eta * q * (w @ g)
            noise += eta**2 * (g @ g)
            norms += w @ w
        w = q * w - eta * g
    formulas = derive("tail_off").formulas
    Q = formulas["Q_from_budget"](eta=eta, lmbda=lmbda, n=n, drift=drift, noise=noise, steps_per_epoch=steps)
    predicted = formulas["plateau_rms"](n=n, lmbda=lmbda, n_w=n_w, Q=Q)
    # What is left is the change of the squared norm over the run, one part in steps * (1 - q^2).
    assert predicted == pytest.approx(math.sqrt(norms / steps / n_w), rel=1e-3)


def test_virial_at_a_minimum():
    # C_0 = sum (w - 1)^4 / 4: at the minimum of the whole cost (w - 1)^3 + lmbda/n w = 0.
    lmbda, n, n_w = 30.0, 100.0, 7.0
    w = float(mpmath.findroot(lambda v: (v - 1) ** 3 + lmbda / n * v, 0.5))
    dot = n_w * w * (w - 1) ** 3
    found = derive("tail_off").formulas["virial_rms"](n=n, lmbda=lmbda, n_w=n_w, weight_dot_gradient=dot)
    assert found == pytest.approx(w, rel=1e-12)


def test_thresholds_against_their_balance():
    formulas = derive("dominance").formulas
    eta, n, m = 0.7, 300.0, 10.0
    exact = formulas["critical_lmbda_exact"](eta=eta, n=n, gradient_ms=0.2, weight_ms=1.1)
    assert (1 - (1 - eta * exact / n) ** 2) * 1.1 == pytest.approx(eta**2 * 0.2, rel=1e-12)
    moved = formulas["critical_lmbda_displacement"](eta=eta, n=n, m=m, moved_by_gradient=2.0, weight_norm=9.0)
    norm = 9.0
    for _ in range(30):
        norm *= 1 - eta * moved / n
    assert 9.0 - norm == pytest.approx(2.0, rel=1e-12)
    assert formulas["decay_share"](decay=-3.0, drift=-2.0, noise=1.0) == pytest.approx(0.5)


def test_relaxation_against_a_loop():
    values = {"eta": 0.5, "lmbda": 20.0, "n": 1000.0, "m": 10.0}
    q = 1 - values["eta"] * values["lmbda"] / values["n"]
    square = 4.0
    for _ in range(300):
        square = q**2 * square + (1 - q**2) * 0.3**2
    formulas = derive("initialisation").formulas
    found = formulas["weight_rms_exact"](weight_rms_0=2.0, weight_rms_plateau=0.3, epoch=3.0, **values)
    assert found == pytest.approx(math.sqrt(square), rel=1e-12)
    shrunk = derive("epoch_decay").formulas["per_epoch_factor"](**values)
    epochs = formulas["epochs_to_fan_in_exact"](n_in=784.0, **values)
    assert shrunk**epochs == pytest.approx(1 / 28, rel=1e-12)


def test_validity():
    factor = derive("epoch_decay").formulas["per_epoch_factor"]
    with pytest.raises(ValidityError, match=r"η\*λ/n < 1 \(met η = 3, λ = 5, n = 10\)"):
        factor(eta=3, lmbda=5, n=10, m=1)
    with pytest.raises(ValidityError, match="η > 0"):
        factor(eta=-0.1, lmbda=5, n=10, m=1)
    with pytest.raises(TypeError, match="missing m"):
        factor(eta=3, lmbda=5, n=10)
    with pytest.raises(TypeError, match="unknown batch"):
        factor.to_numpy()(eta=3, lmbda=5, n=10, m=1, batch=3)
    assert factor.valid(eta=np.array([0.1, 0.2]), lmbda=5, n=50, m=1)
    assert not factor.valid(eta=np.array([0.1, 20.0]), lmbda=5, n=50, m=1)
