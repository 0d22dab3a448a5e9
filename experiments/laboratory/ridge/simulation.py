"""Minibatch SGD with replacement on a ridge regression: thousands of runs at once, their moments summed as they go."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

Array = jax.Array


def drawn(key: Array, t: Any, m: int, runs: int, n: int) -> Array:
    """Draw which examples every run meets at step t, with replacement.

    Parameters
    ----------
    key : array
        Of the seed.
    t : int
        Of the step.
    m, runs, n : int
        Examples a minibatch, runs, and examples in all: at most 256, of which each has its share to 60/2^24.

    Returns
    -------
    int array [m, runs]
    """
    bits = jax.random.bits(jax.random.fold_in(key, t), (m, runs), jnp.uint32)
    return (((bits >> 8) * jnp.uint32(n)) >> 24).astype(jnp.int32)


def sgd_step(w: Array, batch: Array, inputs: Array, targets: Array, eta: Any, shift: Any) -> Array:
    r"""Take one step of every run, :math:`w \leftarrow (1-\eta\lambda/n)w - \frac\eta m\sum x(x\cdot w - y)`.

    Parameters
    ----------
    w : array [d, run]
        Weights of every run.
    batch : int array [m, run]
        Which examples each run meets.
    inputs, targets : array [n, d], [n]
        The training set.
    eta, shift : float
        Learning rate, and lmbda/n.

    Returns
    -------
    array [d, run]
    """
    gradient = jnp.zeros_like(w)
    for examples in batch:
        x = [column[examples] for column in inputs.T]
        residual = sum(a * b for a, b in zip(x, w, strict=True)) - targets[examples]
        gradient = gradient + jnp.stack([a * residual for a in x])
    return (1 - eta * shift) * w - eta / len(batch) * gradient


@partial(jax.jit, static_argnames=("m", "runs"))
def at_rest(
    key: Array, inputs: Array, targets: Array, best: Array, eta: Any, shift: Any, burn_in: Any, window: Any,
    *, m: int, runs: int,
) -> tuple[Array, Array]:  # fmt: skip
    """Start every run at the optimum, step, and average e and e e^T over runs and over the window's steps.

    Parameters
    ----------
    key : array
        Of the seed.
    inputs, targets, best : array [n, d], [n], [d]
        The training set, and its optimum.
    eta, shift : float
        Learning rate, and lmbda/n.
    burn_in, window : int
        Steps that are left out, and steps that are averaged over.
    m, runs : int
        Examples a minibatch, and runs.

    Returns
    -------
    mean : array [d]
    moment : array [d, d]
    """
    n, d = inputs.shape

    def move(t: Any, w: Array) -> Array:
        return sgd_step(w, drawn(key, t, m, runs, n), inputs, targets, eta, shift)

    def seen(t: Any, held: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        w, mean, moment = held
        w = move(t, w)
        e = w - best[:, None]
        return w, mean + e.mean(axis=1), moment + e @ e.T / runs

    w = jax.lax.fori_loop(0, burn_in, move, jnp.broadcast_to(best[:, None], (d, runs)))
    nothing = (w, jnp.zeros_like(best), jnp.zeros((d, d), best.dtype))
    _, mean, moment = jax.lax.fori_loop(burn_in, burn_in + window, seen, nothing)
    return mean / window, moment / window


@partial(jax.jit, static_argnames=("m", "runs", "steps"))
def on_the_way(
    key: Array, inputs: Array, targets: Array, best: Array, eta: Any, shift: Any, *, m: int, runs: int, steps: int
) -> tuple[Array, Array]:
    """Start every run at weights of 0, and average e and e e^T over runs after each step.

    Parameters
    ----------
    key, inputs, targets, best, eta, shift, m, runs
        As for `at_rest`.
    steps : int
        How many are taken.

    Returns
    -------
    mean : array [steps, d]
    moment : array [steps, d, d]
    """
    n, d = inputs.shape

    def move(w: Array, t: Array) -> tuple[Array, tuple[Array, Array]]:
        w = sgd_step(w, drawn(key, t, m, runs, n), inputs, targets, eta, shift)
        e = w - best[:, None]
        return w, (e.mean(axis=1), e @ e.T / runs)

    return jax.lax.scan(move, jnp.zeros((d, runs), best.dtype), jnp.arange(steps))[1]
