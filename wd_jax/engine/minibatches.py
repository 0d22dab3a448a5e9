"""Which examples meet in a minibatch: a function of seed and epoch only, so that members can share it.

An epoch's order is the stable argsort of threefry bits (or their integers below n, for iid), so the traced version
inside `train` and the host version that feeds `sweep` agree to the last index.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np

from wd_jax.conventions import steps_per_epoch

INIT_STREAM, ORDER_STREAM = 0, 1
ORDERS_AT_ONCE = 8
"""Orders that one call draws."""


def member_key(seed: int | jax.Array) -> jax.Array:
    """Threefry key of a seed; adding a hyper-parameter to a sweep never changes it."""
    return jax.random.key(seed, impl="threefry2x32")


def stream(key: jax.Array, name: int) -> jax.Array:
    """Key of one use of a member's randomness (`INIT_STREAM`, `ORDER_STREAM`)."""
    return jax.random.fold_in(key, name)


def epoch_order(key: jax.Array, epoch: jax.Array, n: int, sampling: str) -> jax.Array:
    """Order of the training set in one epoch, traced.

    Parameters
    ----------
    key : jax.Array
        The member's key.
    epoch : jax.Array
        Epoch number, the first is 0.
    n : int
        Training-set size, examples.
    sampling : {"reshuffle", "iid"}
        Without replacement (a permutation) or with.

    Returns
    -------
    jax.Array [n] int32
        Indices into the training set, minibatch after minibatch.
    """
    key = jax.random.fold_in(stream(key, ORDER_STREAM), epoch)
    if sampling == "iid":
        return jax.random.randint(key, (n,), 0, n, jnp.int32)
    return jnp.argsort(_bits(key, n), stable=True).astype(jnp.int32)


def host_orders(seeds: np.ndarray, first: int, epochs: int, n: int, sampling: str) -> np.ndarray:
    """Orders of several seeds and epochs, made on the host: `epoch_order` without a sort in the compiled program.

    Returns
    -------
    np.ndarray [seeds, epochs, n] int32
        ``[s, e]`` is the order of seed ``seeds[s]`` in epoch ``first + e``.
    """
    pairs = np.stack(np.meshgrid(np.asarray(seeds, np.uint32), np.arange(first, first + epochs), indexing="ij"), -1)
    pairs = pairs.reshape(-1, 2).astype(np.uint32)
    padding = -len(pairs) % ORDERS_AT_ONCE
    groups = np.concatenate([pairs, np.zeros((padding, 2), np.uint32)]).reshape(-1, ORDERS_AT_ONCE, 2)
    drawn = np.concatenate([np.asarray(_drawn(group, n, sampling)) for group in groups])[: len(pairs)]
    drawn = drawn.reshape(len(seeds), epochs, n)
    if sampling == "iid":
        return drawn
    # Index in the low half of a 64-bit word: one plain sort is a stable argsort, and far faster than one.
    packed = drawn.astype(np.uint64) << np.uint64(32) | np.arange(n, dtype=np.uint64)
    packed.sort(axis=-1)
    return (packed & np.uint64(0xFFFFFFFF)).astype(np.int32)


def minibatches(order: jax.Array, m: int) -> jax.Array:
    """Cut orders into minibatches and pad the last one.

    Parameters
    ----------
    order : jax.Array [..., n] int32
        Indices, minibatch after minibatch.
    m : int
        Minibatch size, examples.

    Returns
    -------
    jax.Array [..., steps, m] int32
        Indices; the padding repeats index 0 and is given weight 0 by `batch_weights`.
    """
    n = order.shape[-1]
    steps = steps_per_epoch(n, m)
    pad = [(0, 0)] * (order.ndim - 1) + [(0, steps * m - n)]
    return jnp.pad(order, pad).reshape(*order.shape[:-1], steps, m)


def batch_weights(n: int, m: int, dtype: str) -> np.ndarray:
    """Weight of each slot of each minibatch of an epoch, [steps, m]: one over the batch's own length, 0 for padding."""
    steps = steps_per_epoch(n, m)
    filled = (np.arange(steps * m) < n).reshape(steps, m)
    return (filled / filled.sum(axis=1, keepdims=True)).astype(dtype)


def _bits(key: jax.Array, n: int) -> jax.Array:
    return jax.random.bits(key, (n,), jnp.uint32)


@functools.partial(jax.jit, static_argnums=(1, 2))
def _drawn(pairs: np.ndarray, n: int, sampling: str) -> jax.Array:
    """Draw for pairs of a seed and an epoch, always as many: one program serves every sweep of a data set."""

    def one(pair: jax.Array) -> jax.Array:
        key = member_key(pair[0])
        if sampling == "iid":
            return epoch_order(key, pair[1], n, sampling)
        return _bits(jax.random.fold_in(stream(key, ORDER_STREAM), pair[1]), n)

    return jax.vmap(one)(jnp.asarray(pairs))
