"""An erf unit that learns example by example from another one: with its whole weight vector, and as a chain of two."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

Array = jax.Array
ROOT_2 = 2.0**0.5


def error_signal(x: Array, y: Array) -> Array:
    r"""Return :math:`\delta = g'(x)\,(g(y) - g(x))` with :math:`g(x) = \mathrm{erf}(x/\sqrt2)`.

    Parameters
    ----------
    x, y : array
        Fields of student and teacher, J.xi and B.xi.
    """
    slope = jnp.sqrt(2 / jnp.pi) * jnp.exp(-jnp.square(x) / 2)
    return slope * (jax.scipy.special.erf(y / ROOT_2) - jax.scipy.special.erf(x / ROOT_2))


def parts(Q: Array, x: Array, y: Array, norm2: Array, eta: Any, gamma: Any, n_in: Any) -> tuple[Array, Array, Array]:
    r"""Split what one example does to :math:`Q = |J|^2` into decay, drift and noise; exact at any number of inputs.

    Parameters
    ----------
    Q : array
        Before it.
    x, y, norm2 : array
        Fields of the example, and its :math:`|\xi|^2`.
    eta, gamma : float
        The step is eta/n_in, the decay gamma/n_in.
    n_in : int
        Inputs.

    Returns
    -------
    decay, drift, noise : array
    """
    kept, delta = 1 - gamma / n_in, error_signal(x, y)
    step = eta / n_in * delta
    return (kept**2 - 1) * Q, 2 * kept * step * x, jnp.square(step) * norm2


def turned(R: Array, x: Array, y: Array, eta: Any, gamma: Any, n_in: Any) -> Array:
    """Return the overlap R = J.B after one example (see `parts`)."""
    return (1 - gamma / n_in) * R + eta / n_in * error_signal(x, y) * y


def example(key: Array, t: Any, runs: int, n_in: Any, dtype: Any) -> tuple[Array, Array, Array]:
    r"""Draw what an example of n_in normal inputs shows of itself: two normal numbers and :math:`|\xi|^2` [run].

    The first is the teacher's field; the second is the field along the part of the student that is at right angles to
    the teacher. The other n_in - 2 inputs enter through the sum of their squares alone.
    """
    one, rest = jax.random.split(jax.random.fold_in(key, t))
    a, b = jax.random.normal(one, (2, runs), jnp.float32).astype(dtype)
    others = 2 * jax.random.gamma(rest, (n_in - 2) / 2, (runs,), jnp.float32).astype(dtype)
    return a, b, a**2 + b**2 + others


def chain_step(
    Q: Array, R: Array, drawn: tuple[Array, Array, Array], eta: Any, gamma: Any, n_in: Any
) -> tuple[Array, Array, tuple[Array, Array, Array]]:
    """Move Q and R [run, cell] by one example, and give decay, drift and noise."""
    a, b, norm2 = (one[:, None] for one in drawn)
    x = R * a + jnp.sqrt(jnp.maximum(Q - jnp.square(R), 0)) * b
    moved = parts(Q, x, a, norm2, eta, gamma, n_in)
    return Q + sum(moved), turned(R, x, a, eta, gamma, n_in), moved


@partial(jax.jit, static_argnames=("runs", "records"))
def chain(
    key: Array, start: Array, eta: Any, gamma: Any, n_in: Any, every: Any, *, runs: int, records: int
) -> dict[str, Array]:
    """Follow Q and R of many runs: a Markov chain of two numbers, with the law of the whole simulation at this n_in.

    Parameters
    ----------
    key : array
        Of the seed.
    start : array [cell]
        Q at the start; R is 0. Cells see the same examples.
    eta, gamma : float or array [cell]
        The step is eta/n_in, the decay gamma/n_in.
    n_in, every : int
        Inputs, and examples a record.
    runs, records : int
        How many.

    Returns
    -------
    dict
        `Q`, `R` [record, run, cell] at the end of each record; over all its examples the mean of `Q_mean` and the sums
        `decay`, `drift`, `noise` and `drift_traffic`, that of the absolute drift.
    """
    shape = (runs, len(start))
    nothing = tuple(jnp.zeros(shape, start.dtype) for _ in range(5))

    def one(t: Any, held: tuple[Any, ...]) -> tuple[Any, ...]:
        Q, R, sums = held
        Q, R, (decay, drift, noise) = chain_step(Q, R, example(key, t, runs, n_in, start.dtype), eta, gamma, n_in)
        added = (Q, decay, drift, noise, jnp.abs(drift))
        return Q, R, tuple(a + b for a, b in zip(sums, added, strict=True))

    def record(held: tuple[Array, Array], k: Array) -> tuple[tuple[Array, Array], dict[str, Array]]:
        Q, R, sums = jax.lax.fori_loop(k * every, (k + 1) * every, one, (*held, nothing))
        names = ("Q_mean", "decay", "drift", "noise", "drift_traffic")
        seen = dict(zip(names, sums, strict=True)) | {"Q": Q, "R": R}
        return (Q, R), seen | {"Q_mean": seen["Q_mean"] / every}

    begin = (jnp.broadcast_to(start, shape), jnp.zeros(shape, start.dtype))
    return jax.lax.scan(record, begin, jnp.arange(records))[1]


@partial(jax.jit, static_argnames=("n_in", "records"))
def whole(keys: Array, start: Array, eta: Any, gamma: Any, every: Any, *, n_in: int, records: int) -> dict[str, Array]:
    """Follow runs with their whole weight vector; every one sees n_in fresh normal inputs an example.

    Parameters
    ----------
    keys : array [run]
        One of each run.
    start : array [cell]
        Q at the start: a random vector at right angles to the teacher; cells share its direction and the examples.
    eta, gamma, every, n_in, records
        As for `chain`.

    Returns
    -------
    dict
        `Q`, `R` [run, record, cell], and `chain_Q`: Q by adding up `parts`, of the same examples.
    """
    begin, of_examples = 0, 1

    def run(key: Array) -> dict[str, Array]:
        direction = jax.random.normal(jax.random.fold_in(key, begin), (n_in,), jnp.float32).astype(start.dtype)
        direction = direction.at[0].set(0)
        J = jnp.sqrt(start)[:, None] * direction / jnp.linalg.norm(direction)
        stream = jax.random.fold_in(key, of_examples)

        def one(t: Any, held: tuple[Array, Array]) -> tuple[Array, Array]:
            J, Q = held
            xi = jax.random.normal(jax.random.fold_in(stream, t), (n_in,), jnp.float32).astype(start.dtype)
            x, y = J @ xi, xi[0]
            Q = Q + sum(parts(Q, x, y, xi @ xi, eta, gamma, n_in))
            return (1 - gamma / n_in) * J + eta / n_in * error_signal(x, y)[:, None] * xi, Q

        def record(held: tuple[Array, Array], k: Array) -> tuple[tuple[Array, Array], tuple[Array, Array, Array]]:
            J, Q = jax.lax.fori_loop(k * every, (k + 1) * every, one, held)
            return (J, Q), (jnp.square(J).sum(axis=1), J[:, 0], Q)

        seen = jax.lax.scan(record, (J, start), jnp.arange(records))[1]
        return dict(zip(("Q", "R", "chain_Q"), seen, strict=True))

    return jax.lax.map(run, keys)


@partial(jax.jit, static_argnames=("runs", "records"))
def chains(
    keys: Array, start: Array, eta: Any, gamma: Any, n_in: Any, every: Any, *, runs: int, records: int
) -> dict[str, Array]:
    """Run `chain` for every key; what it returns gets a first axis [seed]."""
    return jax.vmap(lambda key: chain(key, start, eta, gamma, n_in, every, runs=runs, records=records))(keys)
