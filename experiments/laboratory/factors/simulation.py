"""Products of factors under gradient descent and SGD: matrices, float64, everything that is swept traced."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def target(singular: ArrayLike, rows: int, columns: int, seed: int) -> tuple[Array, Array, Array]:
    """Draw M = U diag(s) V^T with random directions.

    Parameters
    ----------
    singular : array [k]
        Singular values s, at most as many as rows and columns.
    rows, columns : int
        Of M.
    seed : int
        Of the directions.

    Returns
    -------
    U [rows, k], s [k], V [columns, k]

    Examples
    --------
    >>> U, s, V = target([1.0, 2.0], 3, 4, seed=0)
    >>> U.shape, V.shape, bool(np.allclose(U.T @ U, np.eye(2)))
    ((3, 2), (4, 2), True)
    """
    generator = np.random.default_rng(seed)
    s = np.asarray(singular, float)
    U, V = (np.linalg.qr(generator.normal(size=(size, len(s))))[0] for size in (rows, columns))
    return U, s, V


def product(factors: jax.Array) -> jax.Array:
    """Multiply N square factors, [N, d, d] -> [d, d], in their order."""
    made = factors[0]
    for factor in factors[1:]:
        made = _times(made, factor)
    return made


def _times(a: jax.Array, b: jax.Array) -> jax.Array:
    """Multiply small matrices; a sum of products is one loop where a matrix product of a batch would be many calls."""
    return (a[..., :, :, None] * b[..., None, :, :]).sum(-2)


def cost(factors: jax.Array, M: jax.Array, decay: jax.Array) -> jax.Array:
    """Give |W_1 ... W_N - M|^2/2 + lmbda/(2n) (|W_1|^2 + ... + |W_N|^2).

    Parameters
    ----------
    factors : array [N, d, d]
        The factors.
    M : array [d, d]
        What their product is fitted to.
    decay : number
        lmbda/n.
    """
    return ((product(factors) - M) ** 2).sum() / 2 + decay / 2 * (factors**2).sum()


@partial(jax.jit, static_argnames="steps")
def descend(factors: jax.Array, M: jax.Array, eta: jax.Array, decay: jax.Array, steps: int) -> jax.Array:
    """Make steps of gradient descent.

    Parameters
    ----------
    factors : array [..., N, d, d]
        Start; `M` [..., d, d] and `decay` [...] have the same leading dimensions.
    eta : number
        Learning rate.
    steps : int
        How many.

    Returns
    -------
    array [..., N, d, d]
        The factors after them.
    """
    slope = jax.grad(cost)
    for _ in range(decay.ndim):
        slope = jax.vmap(slope)
    return jax.lax.fori_loop(0, steps, lambda _, now: now - eta * slope(now, M, decay), factors)


@partial(jax.jit, static_argnames="steps")
def sweep(
    factors: jax.Array, M: jax.Array, eta: jax.Array, decays: jax.Array, noise: jax.Array, key: jax.Array, steps: int
) -> jax.Array:
    """Raise the decay level by level, each level from where the one before ended.

    Parameters
    ----------
    factors : array [seed, N, d, d]
        Start at the first level.
    M : array [seed, d, d]
        Targets.
    eta : number
        Learning rate.
    decays : array [level, seed]
        lmbda/n of each level.
    noise : number
        Standard deviation of the entries of what is added to M in each step: the mean of a minibatch of noisy copies.
    key : PRNG key
        Of that noise.
    steps : int
        Steps at each level.

    Returns
    -------
    array [level, seed, d]
        Singular values of the product at the end of each level, the largest first.
    """
    slope = jax.vmap(jax.grad(cost))

    def level(now: jax.Array, given: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        number, decay = given

        def step(k: jax.Array, now: jax.Array) -> jax.Array:
            drawn = jax.random.normal(jax.random.fold_in(key, number * steps + k), M.shape, M.dtype)
            return now - eta * slope(now, M + noise * drawn, decay)

        def quiet(_: jax.Array, now: jax.Array) -> jax.Array:
            return now - eta * slope(now, M, decay)

        after = jax.lax.cond(
            noise > 0,
            lambda start: jax.lax.fori_loop(0, steps, step, start),
            lambda start: jax.lax.fori_loop(0, steps, quiet, start),
            now,
        )
        return after, jax.vmap(product)(after)

    products = jax.lax.scan(level, factors, (jnp.arange(len(decays)), decays))[1]
    return jnp.linalg.svd(products, compute_uv=False)


@partial(jax.jit, static_argnames=("count", "steps"))
def chains(start: jax.Array, s: jax.Array, eta: jax.Array, decay: jax.Array, count: int, steps: int) -> jax.Array:
    """Follow N scalar factors, step by step.

    Parameters
    ----------
    start : array [..., N]
        The factors before training.
    s, decay : array [...]
        Target and lmbda/n.
    eta : number
        Learning rate.
    count : int
        N.
    steps : int
        How many.

    Returns
    -------
    array [steps + 1, ..., N]
        The factors, the start first.
    """

    def step(now: jax.Array, _: None) -> tuple[jax.Array, jax.Array]:
        after = _chained(now, s, eta, decay, count)
        return after, after

    return jnp.concatenate([start[None], jax.lax.scan(step, start, length=steps)[1]])


@partial(jax.jit, static_argnames=("count", "steps"))
def chain_end(start: jax.Array, s: jax.Array, eta: jax.Array, decay: jax.Array, count: int, steps: int) -> jax.Array:
    """Give the last step of `chains` alone, [..., N]."""
    return jax.lax.fori_loop(0, steps, lambda _, now: _chained(now, s, eta, decay, count), start)


def _chained(now: jax.Array, s: jax.Array, eta: jax.Array, decay: jax.Array, count: int) -> jax.Array:
    """Make one step of gradient descent of N scalar factors."""
    others = [jnp.prod(jnp.delete(now, k, axis=-1), axis=-1) for k in range(count)]
    pull = (s - jnp.prod(now, axis=-1))[..., None] * jnp.stack(others, axis=-1)
    return now - eta * (decay[..., None] * now - pull)


def whitened(U: Array, s: Array, V: Array, examples: int, noise: float, seed: int) -> tuple[Array, Array]:
    """Make inputs of covariance I exactly and targets whose least-squares fit is U diag(s) V^T exactly.

    Parameters
    ----------
    U, s, V : arrays
        Of the fit (`target`).
    examples : int
        How many; more than inputs.
    noise : float
        Standard deviation of what the fit leaves of a target.
    seed : int
        Of inputs and noise.

    Returns
    -------
    inputs [examples, rows of U], targets [examples, rows of V]
    """
    generator = np.random.default_rng([seed, 1])
    basis = np.linalg.qr(generator.normal(size=(examples, len(U))))[0]
    left = noise * generator.normal(size=(examples, len(V)))
    return basis * np.sqrt(examples), np.sqrt(examples) * basis @ (U * s) @ V.T + left - basis @ (basis.T @ left)


@partial(jax.jit, static_argnames=("m", "steps", "burn_in"))
def stochastic(
    A: jax.Array, B: jax.Array, x: jax.Array, y: jax.Array, eta: jax.Array, decay: jax.Array, key: jax.Array,
    m: int, steps: int, burn_in: int,
) -> jax.Array:  # fmt: skip
    """Train a linear network y = x A B by SGD on minibatches drawn with replacement; average the product.

    Parameters
    ----------
    A, B : arrays [n_in, hidden], [hidden, n_out]
        Start.
    x, y : arrays [n, n_in], [n, n_out]
        Examples; the cost of one is |x A B - y|^2/2.
    eta, decay : number
        Learning rate and lmbda/n.
    key : PRNG key
        Of the minibatches.
    m : int
        Their size.
    steps, burn_in : int
        Steps that are averaged over, and those before.

    Returns
    -------
    array [n_in, n_out]
        Mean of A B over the steps.
    """

    def step(carry: tuple, number: jax.Array) -> tuple[tuple, None]:
        A, B, total = carry
        rows = jax.random.randint(jax.random.fold_in(key, number), (m,), 0, len(x))
        hidden = _times(x[rows], A)
        delta = (_times(hidden, B) - y[rows]) / m
        A, B = (
            (1 - eta * decay) * A - eta * _times(x[rows].T, _times(delta, B.T)),
            (1 - eta * decay) * B - eta * _times(hidden.T, delta),
        )
        return (A, B, total + jnp.where(number < burn_in, 0.0, 1.0) * _times(A, B)), None

    empty = jnp.zeros((A.shape[0], B.shape[1]), A.dtype)
    (_, _, total), _ = jax.lax.scan(step, (A, B, empty), jnp.arange(burn_in + steps))
    return total / steps
