"""Adam with L2 in its averages beside AdamW, weight by weight: decay alone, and decay against noise."""

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from wd_jax.sweeps.run_task import numerics


class Cell(NamedTuple):
    """Numbers of one setting; arrays [cell] where there are several.

    Attributes
    ----------
    eta, lmbda : float
        Learning rate, and what optax and PyTorch call weight_decay.
    start : float
        All weights start here.
    beta1, beta2, adam_epsilon : float
        Memories of Adam's two averages, and what is added to the root of the second.
    coupled : float
        1: the decay is in the gradient (Adam with L2). 0: it is not (AdamW).
    sigma : float
        Standard deviation of the gradients.
    """

    eta: Any
    lmbda: Any
    start: Any
    beta1: Any
    beta2: Any
    adam_epsilon: Any
    coupled: Any
    sigma: Any


class State(NamedTuple):
    """Weights and Adam's averages of the gradient and of its square, each of one shape."""

    w: jax.Array
    first: jax.Array
    second: jax.Array


def alone(cells: Cell, steps: int) -> np.ndarray:
    """Let decay act alone: the gradient of the data is zero.

    Parameters
    ----------
    cells : Cell
        Each number an array [cell].
    steps : int
        How many.

    Returns
    -------
    array [cell, steps + 1], float64
        The weight, from its start on.
    """
    with numerics("float64"):
        return np.asarray(_alone(_float64(cells), steps))


def answer_to_start(cells: Cell, seed: int, weights: int, records: int, every: int) -> np.ndarray:
    r"""Say what is left of the start, on independent normal gradients: the mean weight, without its own scatter.

    Two sets of weights start at plus and minus the same number and see the same gradients. The gradients' law does not
    change with their sign, so :math:`E[w_t] = E[(w_t^+ - w_t^-)/2]`, and in the half difference most noise cancels.

    Parameters
    ----------
    cells : Cell
        Each number an array [cell]; all see the same gradients, times their `sigma`.
    seed : int
        Of the gradients.
    weights : int
        Over how many the mean is taken.
    records, every : int
        How many times it is recorded, and the steps between.

    Returns
    -------
    array [cell, records], float64
        The mean over the start.
    """
    with numerics("float64"):
        return np.asarray(_answer(_float64(cells), np.uint32(seed), weights, records, every))


def _float64(cells: Cell) -> Cell:
    """Give all numbers as arrays of one length."""
    return Cell(*(jnp.asarray(array) for array in np.broadcast_arrays(*(np.asarray(one, np.float64) for one in cells))))


def _step(cell: Cell, state: State, gradient: jax.Array, count: jax.Array) -> State:
    """Take the step of number `count`, 1 for the first."""
    seen = gradient + cell.coupled * cell.lmbda * state.w
    first = cell.beta1 * state.first + (1 - cell.beta1) * seen
    second = cell.beta2 * state.second + (1 - cell.beta2) * seen**2
    root = jnp.sqrt(second / (1 - cell.beta2**count)) + cell.adam_epsilon
    own = (1 - cell.coupled) * cell.eta * cell.lmbda * state.w
    return State(state.w - (own + cell.eta * first / (1 - cell.beta1**count) / root), first, second)


@functools.partial(jax.jit, static_argnums=1)
def _alone(cells: Cell, steps: int) -> jax.Array:
    def one(cell: Cell) -> jax.Array:
        def body(state: State, count: jax.Array) -> tuple[State, jax.Array]:
            after = _step(cell, state, jnp.zeros_like(state.w), count)
            return after, after.w

        zero = jnp.zeros_like(cell.start)
        _, course = jax.lax.scan(body, State(cell.start, zero, zero), jnp.arange(1.0, steps + 1))
        return jnp.concatenate([cell.start[None], course])

    return jax.vmap(one)(cells)


@functools.partial(jax.jit, static_argnums=(2, 3, 4))
def _answer(cells: Cell, seed: jax.Array, weights: int, records: int, every: int) -> jax.Array:
    key = jax.random.key(seed)
    signs = jnp.asarray([1.0, -1.0])[:, None]
    each = jax.vmap(_step, in_axes=(0, 0, 0, None))

    def step(number: jax.Array, state: State) -> State:
        drawn = jax.random.normal(jax.random.fold_in(key, number), (weights,), state.w.dtype)
        gradient = jnp.broadcast_to(cells.sigma[:, None, None] * drawn, state.w.shape)
        return each(cells, state, gradient, number + 1.0)

    def record(state: State, number: jax.Array) -> tuple[State, jax.Array]:
        state = jax.lax.fori_loop(number * every, (number + 1) * every, step, state)
        return state, (state.w[:, 0] - state.w[:, 1]).mean(-1) / 2 / cells.start

    start = cells.start[:, None, None] * jnp.broadcast_to(signs, (2, weights))
    _, answers = jax.lax.scan(record, State(start, jnp.zeros_like(start), jnp.zeros_like(start)), jnp.arange(records))
    return answers.T
