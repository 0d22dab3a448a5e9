"""Minibatch SGD on a ridge regression, one example a step, every epoch in a fresh order."""

import functools
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from experiments.laboratory.shuffling.ridge import Problem


@functools.partial(jax.jit, static_argnames=("runs", "burn_in", "epochs"))
def moments(
    seed: Any, inputs: Any, residuals: Any, decay: Any, eta: jax.Array, runs: int, burn_in: int, epochs: int
) -> tuple[jax.Array, jax.Array]:
    """Average the distance from the optimum, and its square, over the ends of epochs and over runs.

    Parameters
    ----------
    seed : int
        Of the orders.
    inputs, residuals : array [n, d]
        Of the examples; see `ridge.Problem`.
    decay : float
        Curvature of the penalty.
    eta : jax.Array [eta]
        Learning rates, which see the same orders; their dtype is that of the arithmetic.
    runs : int
        Runs, each with orders of its own.
    burn_in, epochs : int
        Epochs before anything is averaged, and those over which it is.

    Returns
    -------
    jax.Array [eta, d]
        Mean distance.
    jax.Array [eta]
        Mean square distance.
    """
    n, d = inputs.shape
    key = jax.random.key(seed)
    rate = eta[:, None, None]

    def step(e: jax.Array, chosen: jax.Array) -> tuple[jax.Array, None]:
        x, b = inputs[chosen], residuals[chosen]
        gradient = jnp.sum(x * e, -1, keepdims=True) * x + decay * e + b
        return e - rate * gradient, None

    def an_epoch(e: jax.Array, epoch: jax.Array) -> jax.Array:
        bits = jax.random.bits(jax.random.fold_in(key, epoch), (n, runs), jnp.uint32)
        return jax.lax.scan(step, e, jnp.argsort(bits, axis=0))[0]

    def measured(running: tuple, epoch: jax.Array) -> tuple[tuple, None]:
        e, mean, square = running
        e = an_epoch(e, epoch)
        return (e, mean + e.mean(1), square + jnp.mean(jnp.sum(e * e, -1), 1)), None

    e = jnp.zeros((eta.size, runs, d), eta.dtype)
    e = jax.lax.fori_loop(0, burn_in, lambda epoch, e: an_epoch(e, epoch), e)
    nothing = (e, jnp.zeros((eta.size, d), eta.dtype), jnp.zeros(eta.size, eta.dtype))
    (_, mean, square), _ = jax.lax.scan(measured, nothing, burn_in + jnp.arange(epochs))
    return mean / epochs, square / epochs


def of_seeds(
    given: Problem, seeds: Sequence[int], eta: Sequence[float], runs: int, burn_in: int, epochs: int
) -> tuple[np.ndarray, np.ndarray]:
    """Run every seed.

    Returns
    -------
    array [eta, seed, d], array [eta, seed]
        As of `moments`, float64.
    """
    numbers = (given.inputs.astype(np.float32), given.residuals.astype(np.float32), np.float32(given.decay))
    rates = np.asarray(eta, np.float32)

    def run(seed: int) -> tuple[np.ndarray, np.ndarray]:
        mean, square = moments(np.uint32(seed), *numbers, rates, runs, burn_in, epochs)
        return np.asarray(mean), np.asarray(square)

    with ThreadPoolExecutor(os.cpu_count() or 1) as threads:  # a run keeps one core busy
        means, squares = zip(*threads.map(run, seeds), strict=True)
    return np.stack(means, 1).astype(np.float64), np.stack(squares, 1).astype(np.float64)
