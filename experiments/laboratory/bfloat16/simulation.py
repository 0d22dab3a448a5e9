"""Weights that are rounded to bfloat16 at every step: alone, beside noise, under AdamW; and a factor in float32."""

import functools
from collections.abc import Callable, Iterable, Sequence

import jax
import jax.numpy as jnp
import numpy as np

BITS = 7
"""Stored bits of a significand of bfloat16."""
GRID = 2**BITS
"""Numbers of bfloat16 from one power of 2 to the next."""


def nearest(values: jax.Array) -> jax.Array:
    """Round float32 numbers to the nearest of bfloat16, ties to even; they stay float32."""
    return jax.lax.reduce_precision(values, 8, BITS)


def at_random(values: jax.Array, key: jax.Array) -> jax.Array:
    """Round float32 numbers to one of their two neighbours in bfloat16, by chance, so that the mean is right.

    Sixteen random bits are added below the last bit that is kept, and what is below it is cut off.
    """
    bits = jax.lax.bitcast_convert_type(values, jnp.uint32)
    noise = jax.random.bits(key, values.shape, jnp.uint16).astype(jnp.uint32)
    return jax.lax.bitcast_convert_type((bits + noise) & jnp.uint32(0xFFFF0000), jnp.float32)


def starts(seed: int | jax.Array, weights: int) -> jax.Array:
    """Draw weights whose logarithm is uniform from 1 to 2, rounded to bfloat16."""
    return nearest(2.0 ** jax.random.uniform(jax.random.key(seed), (weights,)))


@functools.partial(jax.jit, static_argnames=("weights",))
def alone_nearest(seed: jax.Array, epsilon: jax.Array, steps: jax.Array, *, weights: int) -> tuple[jax.Array, ...]:
    """Decay weights that are rounded to the nearest number.

    Parameters
    ----------
    seed, epsilon, steps : int, float, int
        Traced.
    weights : int
        How many.

    Returns
    -------
    mean logarithm of w_T/w_0, share that has not moved, largest |w_T/w_0 - 1|
    """
    begun = starts(seed, weights)
    ended = jax.lax.fori_loop(0, steps, lambda _, w: nearest(w - epsilon * w), begun)
    ratio = ended / begun
    return jnp.log(ratio).mean(), (ended == begun).mean(), jnp.abs(ratio - 1).max()


@functools.partial(jax.jit, static_argnames=("weights",))
def alone_at_random(seed: jax.Array, epsilon: jax.Array, steps: jax.Array, *, weights: int) -> tuple[jax.Array, ...]:
    """Decay weights that are rounded at random.

    Returns
    -------
    mean of w_T/w_0, variance over weights of its logarithm
    """
    begun, key = starts(seed, weights), jax.random.key(seed + 2**20)

    def step(k: jax.Array, w: jax.Array) -> jax.Array:
        return at_random(w - epsilon * w, jax.random.fold_in(key, k))

    ratio = jax.lax.fori_loop(0, steps, step, begun) / begun
    return ratio.mean(), jnp.log(ratio).var(ddof=1)


@functools.partial(jax.jit, static_argnames=("weights", "steps"))
def beside_noise(seed: jax.Array, epsilon: jax.Array, spaces: jax.Array, *, weights: int, steps: int) -> jax.Array:
    """Decay weights near 1.5 beside normal steps of `spaces` spaces, rounded once to the nearest.

    Returns
    -------
    share of the decay that is kept: what the mean lost over what it would lose without rounding
    """
    key, begun = jax.random.key(seed + 2**21), jnp.full((weights,), 1.5)

    def step(k: jax.Array, carry: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        w, kicked = carry
        kick = spaces / GRID * jax.random.normal(jax.random.fold_in(key, k), (weights,))
        return nearest(w - epsilon * w + kick), kicked + kick

    ended, kicked = jax.lax.fori_loop(0, steps, step, (begun, jnp.zeros(weights)))
    # The mean of the kicks is known, and taken out: it has nothing to do with decay.
    return (begun + kicked - ended).mean() / (1.5 * -jnp.expm1(steps * jnp.log1p(-epsilon)))


@functools.partial(jax.jit, static_argnames=("weights", "steps"))
def adamw_once(seed: jax.Array, eta: jax.Array, weight_decay: jax.Array, *, weights: int, steps: int) -> jax.Array:
    """Step weights of 1 by AdamW beside N(0, 1) gradients; weights, averages and gradients are bfloat16.

    All of a step is computed in float32, and what is stored is rounded once, as a fused kernel does.

    Returns
    -------
    mean weight after the steps
    """
    key, beta1, beta2 = jax.random.key(seed + 2**22), 0.9, 0.999

    def step(k: jax.Array, carry: tuple[jax.Array, ...]) -> tuple[jax.Array, ...]:
        w, first, second = carry
        g = nearest(jax.random.normal(jax.random.fold_in(key, k), (weights,)))
        first = beta1 * first + (1 - beta1) * g
        second = beta2 * second + (1 - beta2) * g**2
        unbiased = first / (1 - beta1 ** (k + 1.0)), second / (1 - beta2 ** (k + 1.0))
        w = w - eta * weight_decay * w - eta * unbiased[0] / (jnp.sqrt(unbiased[1]) + 1e-8)
        return nearest(w), nearest(first), nearest(second)

    begun = (jnp.ones(weights), jnp.zeros(weights), jnp.zeros(weights))
    return jax.lax.fori_loop(0, steps, step, begun)[0].mean()


@functools.partial(jax.jit, static_argnames=("weights", "steps"))
def factor_in_float32(seed: jax.Array, factor: jax.Array, *, weights: int, steps: int) -> jax.Array:
    """Multiply float32 weights by the same float32 factor, step by step; give the mean logarithm that is lost."""
    begun = 2.0 ** jax.random.uniform(jax.random.key(seed), (weights,))
    ended = jax.lax.fori_loop(0, steps, lambda _, w: w * factor, begun)
    return -jnp.log1p((ended - begun) / begun).mean()


def over(function: Callable, seeds: Iterable[int], *axes: Sequence[float]) -> tuple[np.ndarray, ...]:
    """Run a function of (seed, axis, ...) for every seed and the axes together: arrays [axis, seed], float64."""
    by_seed = jax.vmap(function, in_axes=(0, *(None for _ in axes)))
    found = [by_seed(jnp.asarray(list(seeds)), *numbers) for numbers in zip(*axes, strict=True)]
    if not isinstance(found[0], tuple):
        found = [(one,) for one in found]
    return tuple(np.array([np.asarray(one[k], np.float64) for one in found]) for k in range(len(found[0])))
