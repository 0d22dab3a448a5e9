"""Two learners that fit their data first and generalise later: a linear model, and a small network that adds."""

import functools
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np

from experiments.laboratory.grokking.settings import GENERALISED, MEMORISED, Settings

Weights = dict[str, jax.Array]


def linear_problem(seed: int, rows: int, dim: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw inputs [rows, dim], a teacher that they hold [dim], and a start [dim] of which they see a part."""
    draws = np.random.default_rng([18, seed])
    inputs = draws.normal(size=(rows, dim)) / np.sqrt(dim)
    teacher = inputs.T @ np.linalg.solve(inputs @ inputs.T, draws.normal(size=rows))
    return inputs, teacher / np.linalg.norm(teacher), draws.normal(size=dim)


def linear_law(
    inputs: np.ndarray, teacher: np.ndarray, start: np.ndarray, weight_decay: float
) -> tuple[float, float, float]:
    """Say what a law of the delay takes from the data and the start, without training.

    Returns
    -------
    hidden, missed, held
        Squared norm of the part of the start that no input sees; squared distance of the weights at rest from the
        teacher; and their squared norm.
    """
    seen = inputs.T @ np.linalg.solve(inputs @ inputs.T, inputs @ start)
    shrunk = inputs.T @ inputs + weight_decay * np.eye(len(teacher))
    rest = np.linalg.solve(shrunk, inputs.T @ (inputs @ teacher))
    return float(np.sum((start - seen) ** 2)), float(np.sum((rest - teacher) ** 2)), float(np.sum(rest**2))


@functools.partial(jax.jit, static_argnames=("most",))
def linear_times(
    inputs: jax.Array,
    teacher: jax.Array,
    start: jax.Array,
    eta: jax.Array,
    weight_decay: jax.Array,
    fitted: jax.Array,
    right: jax.Array,
    *,
    most: int,
) -> tuple[jax.Array, jax.Array, jax.Array, jax.Array]:
    """Train a linear model on all examples until it is right on fresh inputs, whose mean squared error is |w - w*|^2.

    The cost is half of the summed squares, and decay is decoupled (which here is L2).

    Returns
    -------
    steps until the training set is fitted, and until fresh inputs are right (-1: never); squared norms of the weights
    then
    """

    def look(k: jax.Array, w: jax.Array, seen: tuple) -> tuple:
        errors = jnp.mean((inputs @ (w - teacher)) ** 2), jnp.sum((w - teacher) ** 2)
        first = [
            (seen[i] < 0) & (error <= bar) for i, (error, bar) in enumerate(zip(errors, (fitted, right), strict=True))
        ]
        times = [jnp.where(now, k, seen[i]) for i, now in enumerate(first)]
        norms = [jnp.where(now, jnp.sum(w**2), seen[2 + i]) for i, now in enumerate(first)]
        return (*times, *norms)

    def go(state: tuple) -> jax.Array:
        return (state[0] < most) & (state[2][1] < 0)

    def step(state: tuple) -> tuple:
        k, w, seen = state
        w = (1 - eta * weight_decay) * w - eta * inputs.T @ (inputs @ (w - teacher))
        return k + 1, w, look(k + 1, w, seen)

    nothing = (jnp.int32(-1), jnp.int32(-1), jnp.float64(0), jnp.float64(0))
    return jax.lax.while_loop(go, step, (jnp.int32(0), start, look(jnp.int32(0), start, nothing)))[2]


def network(seed: jax.Array, modulus: int, hidden: int, start: jax.Array) -> Weights:
    """Draw the weights of a network with one hidden layer of squares, two numbers as its inputs, one hot each."""
    keys = jax.random.split(jax.random.key(seed), 3)
    shapes = {"first": (modulus, hidden), "second": (modulus, hidden), "out": (hidden, modulus)}
    sizes = {"first": 1 / np.sqrt(2 * modulus), "second": 1 / np.sqrt(2 * modulus), "out": 1 / np.sqrt(hidden)}
    return {
        name: start * sizes[name] * jax.random.normal(key, shapes[name]) for name, key in zip(shapes, keys, strict=True)
    }


def logits(weights: Weights) -> jax.Array:
    """Give the network's outputs for all pairs, [modulus, modulus, modulus]."""
    return (weights["first"][:, None] + weights["second"][None]) ** 2 @ weights["out"]


def sums(modulus: int) -> jax.Array:
    """Give (a + b) mod p for all pairs."""
    numbers = jnp.arange(modulus)
    return (numbers[:, None] + numbers) % modulus


def cost(weights: Weights, chosen: jax.Array) -> jax.Array:
    """Average the cross-entropy over the pairs trained on, a softmax over the outputs."""
    logs = jax.nn.log_softmax(logits(weights))
    right = jnp.take_along_axis(logs, sums(chosen.shape[0])[..., None], -1)[..., 0]
    return -jnp.sum(right * chosen) / jnp.sum(chosen)


def squared_norm(weights: Weights) -> jax.Array:
    """Sum the squares of all weights."""
    return jnp.asarray(sum(jnp.sum(one**2) for one in jax.tree.leaves(weights)))


def adamw(
    state: tuple[Weights, Weights, Weights],
    k: jax.Array,
    gradient: Weights,
    eta: jax.Array | float,
    decay: jax.Array,
    beta2: float,
) -> tuple[Weights, Weights, Weights]:
    """Take one step of AdamW, beta1 = 0.9."""
    weights, first, second = state
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
    second = jax.tree.map(lambda v, g: beta2 * v + (1 - beta2) * g**2, second, gradient)

    def moved(w: jax.Array, m: jax.Array, v: jax.Array) -> jax.Array:
        root = jnp.sqrt(v / (1 - beta2 ** (k + 1.0))) + 1e-8
        return (1 - eta * decay) * w - eta * m / (1 - 0.9 ** (k + 1.0)) / root

    return jax.tree.map(moved, weights, first, second), first, second


@functools.partial(jax.jit, static_argnames=("preset",))
def network_path(
    seeds: jax.Array, part: jax.Array, decay: jax.Array, start: jax.Array, *, preset: Settings
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Train networks until all of them have generalised, or for as long as is allowed.

    Returns
    -------
    share of the pairs trained on that are added rightly, share of the others, and squared norm: arrays [look, seed],
    the first before training; NaN after the last look
    """
    looks, pairs = preset.steps // preset.every, preset.modulus**2

    def chosen(seed: jax.Array) -> jax.Array:
        order = jax.random.permutation(jax.random.fold_in(jax.random.key(seed), 1), pairs)
        return (order < part * pairs).reshape(preset.modulus, -1).astype(jnp.float32)

    parts = jax.vmap(chosen)(seeds)

    def look(weights: Weights) -> jax.Array:
        def one(w: Weights, trained: jax.Array) -> jax.Array:
            right = logits(w).argmax(-1) == sums(preset.modulus)
            shares = [jnp.sum(right * where) / jnp.sum(where) for where in (trained, 1 - trained)]
            return jnp.stack([*shares, squared_norm(w)])

        return jax.vmap(one)(weights, parts)

    def step(k: jax.Array, state: tuple) -> tuple:
        gradient = jax.vmap(jax.grad(cost))(state[0], parts)
        return adamw(state, k, gradient, preset.eta, decay, preset.beta2)

    def block(carry: tuple) -> tuple:
        at, state, kept = carry
        state = jax.lax.fori_loop(at * preset.every, (at + 1) * preset.every, step, state)
        return at + 1, state, kept.at[at + 1].set(look(state[0]))

    def go(carry: tuple) -> jax.Array:
        at, _, kept = carry
        return (at < looks) & (jnp.nanmax(kept[:, :, 1], axis=0) < GENERALISED).any()

    weights = jax.vmap(lambda seed: network(seed, preset.modulus, preset.hidden, start))(seeds)
    nothing = jax.tree.map(jnp.zeros_like, weights)
    kept = jnp.full((looks + 1, len(seeds), 3), jnp.nan).at[0].set(look(weights))
    kept = jax.lax.while_loop(go, block, (jnp.int32(0), (weights, nothing, nothing), kept))[2]
    return kept[..., 0], kept[..., 1], kept[..., 2]


def first_times(path: Sequence[np.ndarray], every: int) -> dict[str, np.ndarray]:
    """Find when each network had memorised and generalised, and its squared norms; NaN where it had not.

    Its norms are those at the two times, and the largest in between.

    Parameters
    ----------
    path : three arrays [look, seed]
        As `network_path` gives them.
    every : int
        Steps between two looks.
    """
    found = {}
    for name, values, bar in (("memorised", path[0], MEMORISED), ("generalised", path[1], GENERALISED)):
        reached = values >= bar
        at = reached.argmax(axis=0)
        there = reached.any(axis=0)
        found[name] = np.where(there, at * float(every), np.nan)
        found[f"norm2_{name}"] = np.where(there, path[2][at, np.arange(len(at))], np.nan)
    looks = np.arange(len(path[2]))[:, None] * float(every)
    waits = (looks >= found["memorised"]) & (looks <= found["generalised"])
    highest = np.where(waits, path[2], -np.inf).max(axis=0)
    return found | {"norm2_peak": np.where(waits.any(axis=0), highest, np.nan)}
