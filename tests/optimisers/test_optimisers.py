"""Each optimiser against optax's own alias in float64: the same update, and biases never decayed.

The two forms, w - (epsilon w + u) here and w - eta (g + L w) there, round differently: 1e-12 after 12 steps.
"""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import wd_jax as wd
from wd_jax.conventions import from_nielsen, per_step_decay
from wd_jax.engine.hyper_tree import as_arrays
from wd_jax.optimisers import step
from wd_jax.optimisers.rules import RULES, sgdw

pytestmark = pytest.mark.numeric
ETA, LMBDA, N, STEPS = 0.03, 4.0, 50, 12
HYPER = {"eta": ETA, "lmbda": LMBDA, "momentum": 0.7, "beta1": 0.8, "beta2": 0.95}
L = from_nielsen(LMBDA, N)


def mask(params):
    return [{"w": True, "b": False} for _ in params]


def decayed_then(rule):
    """Decoupled decay added to another rule's direction, then the learning rate: SGDW and plain SGD with L2."""
    return optax.chain(rule, optax.add_decayed_weights(L, mask), optax.scale(-ETA))


OPTAX = {
    "sgd": lambda: decayed_then(optax.identity()),
    "sgdw": lambda: decayed_then(optax.trace(decay=0.7)),
    "adamw": lambda: optax.adamw(ETA, b1=0.8, b2=0.95, weight_decay=L, mask=mask),
    "lion": lambda: optax.lion(ETA, b1=0.8, b2=0.95, weight_decay=L, mask=mask),
}


def draw(seed: int):
    random = np.random.default_rng(seed)
    return [{"w": jnp.asarray(random.standard_normal((3, 2))), "b": jnp.asarray(random.standard_normal(2))}]


def ours(name: str, gradients: list) -> list:
    hyper = as_arrays(wd.Hyper(**HYPER), "float64")
    rule = step.build(RULES[name], hyper)
    params = draw(0)
    state = rule.init(params)
    for gradient in gradients:
        u, state = rule.displacement(gradient, state, params)
        params = step.move(params, per_step_decay(hyper.eta, hyper.lmbda, N), u)
    return params


@pytest.mark.parametrize("name", OPTAX)
def test_as_optax_does_it(name: str) -> None:
    with jax.enable_x64(True):
        gradients = [draw(k) for k in range(1, STEPS + 1)]
        rule, params = OPTAX[name](), draw(0)
        state = rule.init(params)
        for gradient in gradients:
            updates, state = rule.update(gradient, state, params)
            params = optax.apply_updates(params, updates)
        mine = ours(name, gradients)
    assert mine[0]["w"].dtype == jnp.float64
    for leaf in ("w", "b"):
        np.testing.assert_allclose(mine[0][leaf], params[0][leaf], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", OPTAX)
def test_without_gradient_weights_decay_exactly_and_biases_stay(name: str) -> None:
    with jax.enable_x64(True):
        start = draw(0)
        zero = jax.tree.map(jnp.zeros_like, start)
        end = ours(name, [zero] * STEPS)
    expected = (1 - ETA * LMBDA / N) ** STEPS * np.asarray(start[0]["w"])
    np.testing.assert_allclose(end[0]["w"], expected, rtol=1e-14)  # 12 steps of half an ulp, 1.1e-16
    np.testing.assert_array_equal(end[0]["b"], start[0]["b"])


def test_sgd_with_momentum_is_sgdw(tiny) -> None:
    """Without decay it is optax.sgd with momentum, step by step."""
    with jax.enable_x64(True):
        rule, params = optax.sgd(ETA, momentum=0.7), draw(0)
        hyper = as_arrays(wd.Hyper(**(HYPER | {"lmbda": 0.0})), "float64")
        mine, state, own = draw(0), rule.init(params), step.build(sgdw(), hyper)
        own_state = own.init(mine)
        for k in range(1, STEPS):
            updates, state = rule.update(draw(k), state, params)
            params = optax.apply_updates(params, updates)
            u, own_state = own.displacement(draw(k), own_state, mine)
            mine = step.move(mine, per_step_decay(hyper.eta, hyper.lmbda, N), u)
    np.testing.assert_allclose(mine[0]["w"], params[0]["w"], rtol=1e-13)


@pytest.mark.parametrize("name", ["adamw", "lion", "sgdw"])
def test_a_sweep_over_its_coefficient_closes_its_budget(name: str, tiny) -> None:
    axis = "momentum" if name == "sgdw" else "beta1"
    setup = wd.Setup(widths=(6, 5, 3), batch_size=5, optimiser=name, dtype="float64")
    probes = wd.Probes(splits=(), moved=False)
    runs = wd.sweep(setup, tiny, eta=0.01, lmbda=2.0, **{axis: [0.5, 0.9]}, epochs=3, probes=probes, progress=False)
    parts = [runs[f"budget_{part}"].isel(epoch=slice(1, None)) for part in ("decay", "drift", "noise")]
    rest = abs(runs.weight_norm2.diff("epoch") - sum(parts)) / sum(abs(part) for part in parts)
    assert float(rest.max()) < 1e-11  # issue 2's bound for float64
    last = runs.weight_rms.isel(epoch=-1)
    assert (abs(last.sel({axis: 0.5}) / last.sel({axis: 0.9}) - 1) > 1e-6).any()
