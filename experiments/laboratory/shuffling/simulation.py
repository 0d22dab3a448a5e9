"""SGD with decay on fixed gradients of examples: every epoch in a fresh order, and minibatches drawn independently."""

import functools
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

EXAMPLES, ORDERS, DRAWS = 0, 1, 2
"""Uses of a seed's randomness."""


@dataclass(frozen=True)
class Sizes:
    """What is fixed in the compiled program.

    Parameters
    ----------
    steps_per_epoch, m : int
        Steps of an epoch, and examples in each minibatch.
    orders : int
        Runs of a seed, each with examples and orders of its own.
    weights : int
        Weights of a run, each with its own gradient for every example. They share the run's orders, so that more than
        there are examples would tell little more.
    burn_in, epochs : int
        Epochs before anything is measured, and those over which it is.
    """

    steps_per_epoch: int
    m: int
    orders: int
    weights: int
    burn_in: int
    epochs: int

    @property
    def n(self) -> int:
        """Examples."""
        return self.steps_per_epoch * self.m


@functools.partial(jax.jit, static_argnames="sizes")
def examples_of(seed: Any, sizes: Sizes) -> jax.Array:
    """Draw the gradients of all examples, [orders, n, weights]: for each weight of mean 0 and mean square 1.

    Parameters
    ----------
    seed : int
        Which.
    sizes : Sizes
        What is drawn.
    """
    key = jax.random.fold_in(jax.random.key(seed), EXAMPLES)
    drawn = jax.random.normal(key, (sizes.orders, sizes.n, sizes.weights), jnp.float32)
    drawn = drawn - drawn.mean(1, keepdims=True)
    return drawn / jnp.sqrt(jnp.mean(drawn * drawn, 1, keepdims=True))


def chosen_of(key: jax.Array, epoch: jax.Array, sizes: Sizes) -> jax.Array:
    """Draw which examples the steps of an epoch see, [2, orders, n]: each once, in a random order; and any, at random.

    Parameters
    ----------
    key : jax.Array
        Of the seed.
    epoch : jax.Array, int
        Which epoch.
    sizes : Sizes
        What is drawn.
    """
    shape = (sizes.orders, sizes.n)
    order, draws = (jax.random.fold_in(jax.random.fold_in(key, use), epoch) for use in (ORDERS, DRAWS))
    return jnp.stack([
        jnp.argsort(jax.random.bits(order, shape, jnp.uint32), axis=1),
        jax.random.randint(draws, shape, 0, sizes.n, jnp.int32),
    ])  # fmt: skip


@functools.partial(jax.jit, static_argnames="sizes")
def mean_squares(seed: Any, examples: jax.Array, epsilon: jax.Array, eta: Any, sizes: Sizes) -> jax.Array:
    r"""Step the weights, :math:`w \leftarrow w - \epsilon w - \eta\bar g`, and average their squares.

    Parameters
    ----------
    seed : int
        Of the orders and the draws; weights start at 0.
    examples : jax.Array [orders, n, weights]
        Gradients, as of `examples_of`.
    epsilon : jax.Array [kappa]
        Decay per step: all of them see the same examples and orders. Its dtype is that of the arithmetic; what is drawn
        is drawn in float32.
    eta : float
        Learning rate.
    sizes : Sizes
        How much is run.

    Returns
    -------
    jax.Array [2, kappa, step]
        Mean of w^2 after each step of an epoch, over epochs, orders and weights: shuffled, then independent.
    """
    key = jax.random.key(seed)
    dtype = epsilon.dtype
    examples = examples.astype(dtype)
    epsilon = epsilon[None, :, None, None]

    def batches(chosen: jax.Array) -> jax.Array:
        rows = jnp.take_along_axis(examples, chosen[:, :, None], axis=1)
        means = rows.reshape(sizes.orders, sizes.steps_per_epoch, sizes.m, sizes.weights).mean(2)
        return jnp.moveaxis(means, 1, 0)

    def step(w: jax.Array, batch: jax.Array) -> tuple[jax.Array, jax.Array]:
        w = w - epsilon * w - eta * batch[:, None]
        return w, jnp.mean(w * w, axis=(2, 3))

    def an_epoch(w: jax.Array, epoch: jax.Array) -> tuple[jax.Array, jax.Array]:
        shuffled, drawn = chosen_of(key, epoch, sizes)
        return jax.lax.scan(step, w, jnp.stack([batches(shuffled), batches(drawn)], 1))

    def measured(running: tuple[jax.Array, jax.Array], epoch: jax.Array) -> tuple[tuple[jax.Array, jax.Array], None]:
        w, total = running
        w, squares = an_epoch(w, epoch)
        return (w, total + squares), None

    w = jnp.zeros((2, epsilon.size, sizes.orders, sizes.weights), dtype)
    w = jax.lax.fori_loop(0, sizes.burn_in, lambda epoch, w: an_epoch(w, epoch)[0], w)
    nothing = jnp.zeros((sizes.steps_per_epoch, 2, epsilon.size), dtype)
    later = sizes.burn_in + jnp.arange(sizes.epochs)
    (_, total), _ = jax.lax.scan(measured, (w, nothing), later)
    return jnp.moveaxis(total / sizes.epochs, 0, 2)


def of_seeds(seeds: Sequence[int], kappa: Sequence[float], eta: float, sizes: Sizes) -> np.ndarray:
    """Run every seed.

    Parameters
    ----------
    seeds : sequence of int
        Each draws its own examples, orders and minibatches.
    kappa : sequence of float
        Decay per epoch, eta lmbda / m.
    eta : float
        Learning rate.
    sizes : Sizes
        How much is run.

    Returns
    -------
    array [sampling, kappa, seed, step]
        As of `mean_squares`, float64.
    """
    epsilon = (np.asarray(kappa) / sizes.steps_per_epoch).astype(np.float32)

    def run(seed: int) -> np.ndarray:
        examples = examples_of(np.uint32(seed), sizes)
        return np.asarray(mean_squares(np.uint32(seed), examples, epsilon, eta, sizes), np.float64)

    with ThreadPoolExecutor(os.cpu_count() or 1) as threads:  # a run keeps one core busy
        return np.stack(list(threads.map(run, seeds)), axis=2)
