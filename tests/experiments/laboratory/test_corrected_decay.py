"""Corrected decay: rules under a schedule against plain loops and optax, the recursions, and verdicts that can fail."""

import dataclasses

import jax
import mpmath
import numpy as np
import optax
import pytest
import xarray as xr

import wd_jax as wd
from experiments import registry
from experiments.laboratory.corrected_decay.analysis import analyse, exact_ratio, left_integral, recursion_of
from experiments.laboratory.corrected_decay.settings import (
    LAYER,
    LEFT,
    NAME,
    Settings,
    measure,
    measure_layer,
    measure_left,
    shares,
)
from experiments.laboratory.scheduled import recursion
from experiments.laboratory.scheduled.simulation import Sizes, mean_squares

TINY = Settings(
    "none",
    run_decay=68.0,
    layer_run_decay=4.0,
    epsilon=0.05,
    layer_epsilon=0.05,
    beta1=0.2,
    weights=10,
    scaleless_weights=10,
    layer_weights=6,
    records=8,
    seeds=3,
)


def drawn(seed: int, number: int, weights: int, stream: int = 1) -> np.ndarray:
    """Draw what the simulator draws."""
    key = jax.random.fold_in(jax.random.fold_in(jax.random.key(seed), stream), number)
    return np.asarray(jax.random.normal(key, (weights, 1), np.float32), np.float64)


@pytest.fixture(scope="module")
def stored() -> dict:
    """A tiny run; AdamW's numbers are replaced by those of the recursion, with a little noise."""
    found = {NAME: measure(TINY, None), LAYER: measure_layer(TINY, None)}
    jitter = 1 + 1e-4 * np.array([-1.0, 0.0, 1.0])
    law = recursion_of(TINY, found[NAME].weight_ms) ** 2
    found[NAME]["weight_ms"] = (found[NAME].weight_ms * 0 + 1) * law * jitter
    left = np.array([left_integral(one) for one in TINY.left_decay])[:, None] * jitter
    coords = {"run_decay": list(TINY.left_decay), "seed": [0, 1, 2]}
    found[LEFT] = xr.Dataset({"weight_ms": (("run_decay", "seed"), left)}, coords)
    return found


@pytest.mark.numeric
def test_rules_under_a_schedule_are_a_plain_loop_and_optax() -> None:
    rates = 0.1 * wd.schedules.cosine().factors(20)
    rules = [wd.rules.sgd(), wd.rules.adamw(decay="corrected"), wd.rules.adamw(), wd.rules.sgd(decay="absolute")]
    sizes = Sizes(5, every=5, dtype="float64")
    found = mean_squares(rules, rates, range(3, 4), sizes, start=2.0, lmbda=0.3, beta1=0.9, beta2=0.95)
    with jax.enable_x64(True):
        adam = optax.scale_by_adam(b1=0.9, b2=0.95, eps=1e-8)
        w = [2.0 * drawn(3, 0, 5, stream=0)] * 4
        state = adam.init(w[0])
        for number, eta in enumerate(rates):
            z = drawn(3, number, 5)
            u, state = adam.update(z, state)
            u, taken = np.asarray(u), (eta * 0.3, eta * eta / 0.1 * 0.3, eta * 0.3, 0.3)
            moved = (z, u, u, z)
            w = [one - d * one - eta * g for one, d, g in zip(w, taken, moved, strict=True)]
            if number % 5 == 4:
                for k in range(4):
                    assert found[k, number // 5 + 1, 0] == pytest.approx((w[k] ** 2).mean(), rel=1e-9)


@pytest.mark.numeric
def test_a_layer_is_a_plain_loop() -> None:
    rates = 0.2 * wd.schedules.linear().factors(12)
    sizes = Sizes(4, gradients="scale_invariant", dtype="float64")
    found = mean_squares([wd.rules.sgd()], rates, range(2), sizes, start=1.0, lmbda=0.5)
    for seed in range(2):
        w = drawn(seed, 0, 4, stream=0)[:, 0]
        for number, eta in enumerate(rates):
            z = drawn(seed, number, 4)[:, 0]
            across = z - w * (w @ z) / (w @ w)
            w = (1 - eta * 0.5) * w - eta * across / np.linalg.norm(across) / np.linalg.norm(w)
            assert found[0, number + 1, seed] * 4 == pytest.approx(w @ w, rel=1e-12)


@pytest.mark.numeric
@pytest.mark.parametrize("beta1", [0.0, 0.6])
def test_the_recursion_is_the_covariance_of_a_linear_system(beta1) -> None:
    """Every weight is a sum of all the noises: add up the squares of their coefficients."""
    rates, share = np.array([0.3, 0.1, 0.5, 0.2]), np.array([0.1, 0.2, 0.05, 0.3])
    coefficients, average, start = np.zeros(4), np.zeros(4), 1.0
    for k in range(4):
        average = beta1 * average
        average[k] += 1 - beta1
        coefficients = (1 - share[k]) * coefficients - rates[k] * average / (1 - beta1 ** (k + 1))
        start *= (1 - share[k]) ** 2
    found = recursion.on_noise(rates, share, 1.0, beta1)[-1]
    assert found == pytest.approx(start + (coefficients**2).sum(), rel=1e-13)


@pytest.mark.numeric
def test_the_map_of_c3_is_that_of_the_norm() -> None:
    path = exact_ratio(TINY, np.array([0.3, 0.7]))
    rates = TINY.rates(True)
    for way, share in shares(rates).items():
        norm2 = recursion.scale_invariant(rates, share, 0.7)
        assert path[way][:, 1] == pytest.approx(1 / norm2[:-1], rel=1e-13)


@pytest.mark.statistical
def test_shape_and_words(stored) -> None:
    found = analyse(TINY, None, stored)
    words = [one.verdict for one in found.verdicts]
    of_left, of_layer = ["holds", "holds"], ["holds", "holds", "holds", "fails"]
    assert words == ["holds"] * 5 + ["fails"] + of_left + of_layer
    assert all(one.claim == NAME for one in found.verdicts) and [len(one.rows) for one in found.tables] == [10, 4, 10]
    assert "the integral is nearer in 3 of the 3 cells" in found.answer


@pytest.mark.numeric
@pytest.mark.parametrize("run_decay", [5.0, 68.0, 300.0])
def test_the_integral_against_mpmath_and_the_recursion(run_decay) -> None:
    x, pi = mpmath.mpf(run_decay), mpmath.pi
    whole = mpmath.quad(
        lambda t: ((1 - mpmath.cos(pi * t)) / 2) ** 2 * mpmath.exp(-2 * x * (t / 2 - mpmath.sin(pi * t) / (2 * pi))),
        mpmath.linspace(0, 1, 9),
    )
    assert left_integral(run_decay) == pytest.approx(float(2 * x * whole + mpmath.exp(-x)), rel=1e-8)
    rates = 1e-3 * wd.schedules.cosine().factors(round(run_decay / 1e-3))
    assert left_integral(run_decay) == pytest.approx(recursion.on_noise(rates, rates, 5e-4)[-1] / 5e-4, rel=2e-3)


@pytest.mark.statistical
def test_what_is_left_is_that_of_the_recursion() -> None:
    few = dataclasses.replace(TINY, left_decay=(5.0, 10.0), left_epsilon=0.05, left_weights=400, seeds=4)
    found = measure_left(few, None).weight_ms
    assert found.dims == ("run_decay", "seed")
    assert found.mean("seed").values == pytest.approx([left_integral(5.0), left_integral(10.0)], rel=0.12)


@pytest.mark.statistical
def test_each_verdict_can_fail(stored) -> None:
    size = stored[NAME].weight_ms
    falling = xr_ramp(size)
    off = {"weight_ms": size * falling * 1.1}
    words = [v.verdict for v in analyse(TINY, None, {**stored, NAME: stored[NAME].assign(off)}).verdicts]
    assert words[:5] == ["fails"] * 5
    off = {LEFT: stored[LEFT] * 1.1}
    assert analyse(TINY, None, {**stored, **off}).verdicts[6].verdict == "fails"
    norm2 = stored[LAYER].weight_norm2
    off = {"weight_norm2": norm2 * xr_ramp(norm2) * 1.1}
    words = [v.verdict for v in analyse(TINY, None, {**stored, LAYER: stored[LAYER].assign(off)}).verdicts]
    assert words[8:11] == ["fails"] * 3


def xr_ramp(field):
    """A factor that rises along the run."""
    return 1 + 0.2 * (field.step - field.step[0]) / (field.step[-1] - field.step[0])


@pytest.mark.numeric
def test_it_is_registered_and_draws(stored) -> None:
    from wd_jax.figures import style

    assert registry.load(NAME).name == NAME
    with style.style("one"):
        figure = analyse(TINY, None, stored).draw()
        assert [len(ax.lines) > 3 for ax in figure.axes] == [True, True]
