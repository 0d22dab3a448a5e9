"""A weight near the minimum of a parabola, on noise: without decay, with the ordinary one, with the cautious one."""

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

WAYS = ("none", "ordinary", "cautious")


class Numbers(NamedTuple):
    """What may be swept without another compilation: eta, epsilon, h and w*, and s [cell]."""

    eta: Any
    epsilon: Any
    curvature: Any
    optimum: Any
    noise: Any


def near_minimum(
    noise: np.ndarray,
    seeds: range,
    *,
    eta: float,
    lmbda: float,
    curvature: float,
    optimum: float,
    steps: int,
    burn_in: int,
    weights: int,
) -> np.ndarray:
    r"""Mean weight over the later steps of :math:`w' = w - \epsilon d w - \eta (h (w - w^*) + s z)`, z normal.

    d is 0, 1, or 1 where the step leads back: :math:`u w \ge 0`. All ways and all noises of a seed see the same z, so
    that differences between them are known far better than each.

    Parameters
    ----------
    noise : array [cell]
        s, the standard deviation of a step's gradient.
    seeds : range
        Each draws its own z.
    eta, lmbda, curvature, optimum : float
        Learning rate, decay, h, w*; the weights start at w*.
    steps, burn_in : int
        Steps that are averaged over, and those before them.
    weights : int
        Independent weights of a seed.

    Returns
    -------
    array [way, cell, seed]
        In the order of `WAYS`.

    Examples
    --------
    >>> settings = {"eta": 0.1, "lmbda": 0.5, "curvature": 1.0, "optimum": 3.0, "weights": 1}
    >>> none, ordinary, cautious = near_minimum(np.zeros(1), range(1), steps=1, burn_in=500, **settings)[:, 0, 0]
    >>> print(round(none, 6), round(ordinary, 6), round(cautious, 6))
    3.0 2.0 3.0
    """
    with jax.enable_x64(True):
        keys = jnp.stack([jax.random.key(seed) for seed in seeds])
        numbers = Numbers(*(jnp.asarray(one, jnp.float64) for one in (eta, eta * lmbda, curvature, optimum, noise)))
        return np.asarray(_near_minimum(keys, numbers, steps, burn_in, weights)).transpose(1, 2, 0)


def _one_seed(key: Any, numbers: Numbers, steps: int, burn_in: int, weights: int) -> Any:
    eta, epsilon, curvature, optimum, noise = numbers

    def step(carry: Any, number: Any) -> Any:
        w, total = carry
        z = jax.random.normal(jax.random.fold_in(key, number), (weights,))
        u = eta * (curvature * (w - optimum) + noise[:, None] * z)
        decays = jnp.stack([jnp.zeros_like(w[0]), jnp.ones_like(w[0]), 1.0 * (u[2] * w[2] >= 0)])
        w = w - (epsilon * decays * w + u)
        return (w, total + jnp.where(number >= burn_in, w.mean(axis=2), 0.0)), None

    start = jnp.full((len(WAYS), noise.size, weights), optimum)
    (_, total), _ = jax.lax.scan(step, (start, jnp.zeros(start.shape[:2])), jnp.arange(burn_in + steps))
    return total / steps


@functools.partial(jax.jit, static_argnums=(2, 3, 4))
def _near_minimum(keys: Any, numbers: Numbers, steps: int, burn_in: int, weights: int) -> Any:
    return jax.lax.map(lambda key: _one_seed(key, numbers, steps, burn_in, weights), keys)


def without_noise(
    start: np.ndarray, *, eta: float, lmbda: float, curvature: float, optimum: float, steps: int
) -> np.ndarray:
    """Give the weights after so many steps without noise, in float64, from each start.

    Parameters
    ----------
    start : array [start]
        First weights.
    eta, lmbda, curvature, optimum : float
        As of `near_minimum`.
    steps : int
        Steps made.

    Returns
    -------
    array [way, start]
        In the order of `WAYS`.
    """
    found = []
    for way in WAYS:
        w = np.array(start, np.float64)
        for _ in range(steps):
            u = eta * curvature * (w - optimum)
            decays = {"none": 0.0, "ordinary": 1.0, "cautious": u * w >= 0}[way]
            w = w - (eta * lmbda * decays * w + u)
        found.append(w)
    return np.stack(found)
