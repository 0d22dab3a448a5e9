"""Networks with a normalisation, without biases, and with other activations: against a loop that knows no engine."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special

import wd_jax as wd
from wd_jax.engine.minibatches import host_orders
from wd_jax.models.mlp import ACTIVATIONS
from wd_jax.models.model import NORMS

pytestmark = pytest.mark.numeric
ETA, LMBDA, SEED, EPOCHS = 0.2, 1.5, 3, 2
PLAIN = wd.Probes(splits=("validation",), keep_weights=True)


def hidden(norm: str, layer: dict, z):
    """Normalise as the definition says it, one example or one unit after the other."""
    lines = z.T if norm == "batch" else z
    mean = [0.0 if norm == "rms" else jnp.sum(line) / len(line) for line in lines]
    spread = [jnp.sum((line - m) ** 2) / len(line) for line, m in zip(lines, mean, strict=True)]
    lines = jnp.stack([(line - m) / jnp.sqrt(s + 1e-5) for line, m, s in zip(lines, mean, spread, strict=True)])
    return (lines.T if norm == "batch" else lines) * layer["gain"] + layer.get("offset", 0.0)


def cost(params: list, x, y, norm: str):
    """Cross-entropy of each example, its outputs written out."""
    z = x @ params[0]["w"] + params[0].get("b", 0.0)
    z = jnp.tanh(hidden(norm, params[0], z)) @ params[1]["w"] + params[1].get("b", 0.0)
    return -jnp.sum(y * jnp.log(jax.nn.sigmoid(z)) + (1 - y) * jnp.log(jax.nn.sigmoid(-z)), axis=1)


@pytest.mark.parametrize(("norm", "biases"), [("layer", True), ("rms", False), ("batch", True)])
def test_a_loop(norm: str, biases: bool, tiny, initial) -> None:
    """23 examples in batches of 5: the statistics of a batch must not see what fills up the last one."""
    model = wd.mlp((6, 5, 3), "tanh", norm=norm, biases=biases)
    setup = wd.Setup(model=model, batch_size=5, dtype="float64")
    runs = wd.sweep(setup, tiny, eta=ETA, lmbda=LMBDA, seeds=[SEED], epochs=EPOCHS, probes=PLAIN, progress=False)
    with jax.enable_x64(True):
        params = initial(setup, SEED)
        mean = jax.jit(lambda p, x, y, c: jnp.mean(c * cost(p, x, y, norm)))
        gradient = jax.jit(jax.grad(lambda p, x, y, c: jnp.mean(c * cost(p, x, y, norm))))
        for order in host_orders(np.array([SEED]), 0, EPOCHS, tiny.n, "reshuffle")[0]:
            for first in range(0, tiny.n, 5):
                rows = order[first : first + 5]
                batch = (np.asarray(one[rows], np.float64) for one in vars_of(tiny.train))
                grads = gradient(params, *batch)
                params = [
                    {k: p - ETA * g[k] - (ETA * LMBDA / tiny.n * p if k == "w" else 0) for k, p in layer.items()}
                    for layer, g in zip(params, grads, strict=True)
                ]
        names = {"w": "weights", "b": "biases", "gain": "gains", "offset": "offsets"}
        for number, layer in enumerate(params, start=1):
            for key, leaf in layer.items():
                found = runs[f"{names[key]}_{number}"].squeeze()
                np.testing.assert_allclose(found, leaf, rtol=1e-9, atol=1e-12, err_msg=f"{key}{number}")
        assert ("biases_1" in runs) == biases == ("offsets_1" in runs)
        validation = (np.asarray(one, np.float64) for one in vars_of(tiny.validation))
        np.testing.assert_allclose(
            runs.cost.sel(split="validation")[..., -1].item(), mean(params, *validation), rtol=1e-9
        )


def vars_of(split):
    """Inputs, targets and loss weights."""
    return split.inputs, split.targets, split.loss_weights


def test_the_budget_closes_and_gains_do_not_decay(tiny) -> None:
    setup = wd.Setup(model=wd.mlp((6, 5, 3), "tanh", norm="layer"), batch_size=5, dtype="float64")
    asked = dict(optimiser=["sgd", "adamw", "adam_l2"], probes=wd.Probes(splits=(), moved=False), progress=False)
    runs = wd.sweep(setup, tiny, eta=0.01, lmbda=[0.5, 4.0], epochs=2, **asked)
    parts = [runs[f"budget_{name}"].isel(epoch=slice(1, None)) for name in ("decay", "drift", "noise")]
    open_part = abs(runs.weight_norm2.diff("epoch") - sum(parts)) / sum(abs(part) for part in parts)
    assert open_part.max() < 1e-11
    assert (runs.norm.item(), runs.depth.item(), runs.hidden.item()) == ("layer", 1, 5)
    np.testing.assert_allclose(runs.penalty, runs.lmbda / 46 * runs.weight_norm2.sum("layer"), rtol=1e-12)


@pytest.mark.parametrize("norm", NORMS)
def test_it_normalises(norm: str) -> None:
    model = wd.mlp((6, 5, 3), "tanh", norm=norm)
    params = model.init(jax.random.key(0))
    x = np.random.default_rng(1).standard_normal((4, 6)).astype(np.float32)
    z = np.asarray(x @ params[0]["w"] + params[0]["b"], np.float64)
    axis = 0 if norm == "batch" else 1
    z = z if norm == "rms" else z - z.mean(axis, keepdims=True)
    a = np.tanh(z / np.sqrt((z**2).mean(axis, keepdims=True) + 1e-5))
    np.testing.assert_allclose(model.apply(params, x), a @ params[1]["w"] + params[1]["b"], rtol=1e-4, atol=1e-5)


def test_weights_are_the_same_with_and_without_biases() -> None:
    key = jax.random.key(0)
    with_them, without = (wd.mlp((6, 5, 3), biases=one).init(key) for one in (True, False))
    assert list(without[0]) == ["w"]
    np.testing.assert_array_equal(with_them[1]["w"], without[1]["w"])


def test_erf_and_gelu() -> None:
    z = np.linspace(-3, 3, 13)
    with jax.enable_x64(True):
        np.testing.assert_allclose(ACTIVATIONS["erf"](jnp.asarray(z)), scipy.special.erf(z), rtol=1e-14, atol=1e-16)
        gelu = z * scipy.special.ndtr(z)
        np.testing.assert_allclose(ACTIVATIONS["gelu"](jnp.asarray(z)), gelu, rtol=1e-13, atol=1e-15)


def test_gelu_is_trained_in_blocks_as_one_by_one(tiny) -> None:
    setup = wd.Setup((6, 5, 3), batch_size=5, dtype="float64", activation="gelu")
    options = dict(lmbda=[0.5, 2.0], eta=0.1, epochs=2, probes=wd.Probes(splits=(), moved=False), progress=False)
    blocked, generic = (wd.sweep(setup, tiny, method=method, **options) for method in ("blocked", "generic"))
    assert all("blocked" in method for method in np.ravel(blocked.method.values))
    for name in generic.data_vars:
        np.testing.assert_allclose(blocked[name], generic[name], rtol=1e-9, atol=1e-11, err_msg=name)
