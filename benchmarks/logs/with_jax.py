"""Trainings in JAX with optax, as our hook writes them: a perceptron normalised over the batch."""

from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import optax

from benchmarks.logs.case import Case
from benchmarks.logs.data import DATA, batches
from wd_jax.audit.logs.hooks.jax import weight_log


def _begin(seed: int, width: int = 24) -> dict[str, Any]:
    keys = jax.random.split(jax.random.key(seed), 3)
    shapes = {"hidden1": (64, width), "hidden2": (width, width), "head": (width, 10)}
    return {
        name: {"kernel": jax.random.normal(key, shape) / shape[0] ** 0.5, "bias": jnp.zeros(shape[1])}
        for key, (name, shape) in zip(keys, shapes.items(), strict=True)
    }


def _scores(params: dict[str, Any], x: jax.Array) -> jax.Array:
    for name in ("hidden1", "hidden2"):
        x = x @ params[name]["kernel"]
        x = (x - x.mean(0)) / jnp.sqrt(x.var(0) + 1e-5)
        x = jax.nn.relu(x + params[name]["bias"])
    return x @ params["head"]["kernel"] + params["head"]["bias"]


def write(case: Case, folder: Path) -> Path:
    """Train and write; give the file."""
    path = folder / f"{case.name}.csv"
    x, y = DATA[case.data](case.seed)
    params = _begin(case.seed)
    mask = {name: {"kernel": name not in case.undecayed, "bias": True} for name in params}
    optimiser = getattr(optax, case.optimiser)(case.lr, weight_decay=case.really_is("weight_decay"), mask=mask)
    state = optimiser.init(params)

    def cost(params: dict[str, Any], x: jax.Array, y: jax.Array) -> jax.Array:
        return optax.softmax_cross_entropy_with_integer_labels(_scores(params, x), y).mean()

    @jax.jit
    def step(params: dict[str, Any], state: Any, x: jax.Array, y: jax.Array) -> tuple[Any, Any, Any]:
        grads = jax.grad(cost)(params, x, y)
        changes, state = optimiser.update(grads, state, params)
        return optax.apply_updates(params, changes), state, grads

    record = weight_log(path, every=case.every)
    for place, rows in enumerate(batches(len(x), case.batch, case.steps, case.seed), start=1):
        params, state, grads = step(params, state, x[rows], y[rows])
        record(place, params, grads, lr=case.lr, weight_decay=case.weight_decay)
    return path
