"""A network of one hidden layer under plain SGD with L2, whose first layer is remembered step by step: float64."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray


def orders(examples: int, batch_size: int, steps: int, seed: int) -> NDArray[np.int32]:
    """Draw which examples each step sees: every epoch in a new order, each example once.

    Parameters
    ----------
    examples, batch_size, steps : int
        Of the training set, of a minibatch, and how many steps.
    seed : int
        Of the order.

    Returns
    -------
    array [steps, batch_size]

    Examples
    --------
    >>> sorted(orders(6, 2, 3, seed=0).ravel().tolist())
    [0, 1, 2, 3, 4, 5]
    """
    generator = np.random.default_rng([seed, 1])
    per_epoch = examples // batch_size
    epochs = -(-steps // per_epoch)
    shuffled = [generator.permutation(examples)[: per_epoch * batch_size] for _ in range(epochs)]
    return np.concatenate(shuffled).reshape(-1, batch_size)[:steps].astype(np.int32)


def start(n_in: int, hidden: int, n_out: int, seed: int) -> tuple[NDArray[np.float64], ...]:
    """Draw weights from N(0, 1/n_in) of each layer, biases 0.

    Returns
    -------
    W [n_in, hidden], b [hidden], V [hidden, n_out], c [n_out]
    """
    generator = np.random.default_rng([seed, 2])
    W = generator.normal(size=(n_in, hidden)) / np.sqrt(n_in)
    V = generator.normal(size=(hidden, n_out)) / np.sqrt(hidden)
    return W, np.zeros(hidden), V, np.zeros(n_out)


@partial(jax.jit, static_argnames="kept")
def train(
    params: tuple, x: jax.Array, y: jax.Array, rows: jax.Array, eta: jax.Array, decay: jax.Array, kept: tuple[int, ...]
) -> tuple:
    """Train by plain SGD; keep the first layer as it was a few numbers of steps before the end.

    Parameters
    ----------
    params : tuple of arrays
        From `start`: sigmoid units, softmax outputs, cross-entropy. Biases do not decay.
    x, y : arrays [n, n_in], [n, n_out]
        Training set, targets one-hot.
    rows : array [steps, m]
        Examples of each step.
    eta, decay : number
        Learning rate and lmbda/n.
    kept : tuple of int
        Rising numbers of steps before the end.

    Returns
    -------
    params : tuple of arrays
        At the end.
    old : array [len(kept), n_in, hidden]
        The first layer so many steps before.
    norms : array [steps + 1]
        Frobenius norm of the first layer after each step, the start first.
    """

    def step(params: tuple, batch: jax.Array) -> tuple[tuple, jax.Array]:
        W, b, V, c = params
        inputs = x[batch]
        hidden = jax.nn.sigmoid(inputs @ W + b)
        delta = (jax.nn.softmax(hidden @ V + c) - y[batch]) / len(batch)
        behind = (delta @ V.T) * hidden * (1 - hidden)
        after = (
            (1 - eta * decay) * W - eta * inputs.T @ behind,
            b - eta * behind.sum(0),
            (1 - eta * decay) * V - eta * hidden.T @ delta,
            c - eta * delta.sum(0),
        )
        return after, jnp.linalg.norm(after[0])

    norms: list[jax.Array] = [jnp.linalg.norm(params[0])[None]]
    old: list[jax.Array] = []
    done = 0
    for end in (*(len(rows) - k for k in reversed(kept)), len(rows)):
        params, seen = jax.lax.scan(step, params, rows[done:end])
        norms.append(seen)
        old.append(params[0])
        done = end
    return params, jnp.stack(old[:-1][::-1]), jnp.concatenate(norms)


@jax.jit
def accuracy(params: tuple, x: jax.Array, y: jax.Array) -> jax.Array:
    """Give the share of examples whose largest output is that of their class."""
    W, b, V, c = params
    return jnp.mean(jnp.argmax(jax.nn.sigmoid(x @ W + b) @ V + c, -1) == jnp.argmax(y, -1))
