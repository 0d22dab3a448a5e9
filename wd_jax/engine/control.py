"""A control of decay: weights without gradient, spread over a power of 2, stepped as a run steps its own.

The program is compiled as those of training are, for the same rule, dtype and way to hold weights, so that it shows
what device and compiler make of the decay that was asked for.
"""

import dataclasses
import functools

import jax
import jax.numpy as jnp
import numpy as np

from wd_jax.engine import held_weights, programs
from wd_jax.engine.hyper_tree import Hyper
from wd_jax.held import Held
from wd_jax.models.mlp import Params
from wd_jax.optimisers import step as steps
from wd_jax.optimisers.decays.mask import LAYERS
from wd_jax.optimisers.rule import Rule

WEIGHTS = 128
"""That stand for all: their logarithms are evenly spaced over a power of 2."""


def spread() -> np.ndarray:
    """Give the first weights, [WEIGHTS] of float64."""
    return 2 ** ((np.arange(WEIGHTS) + 0.5) / WEIGHTS)


def logs_lost(
    rule: Rule, dtype: str, held: Held, n: int, hyper: Hyper, counts: np.ndarray, own: str = ""
) -> np.ndarray:
    """Give what decay took off the logarithm of the weights, the mean over them, of each cell.

    Parameters
    ----------
    rule : Rule
        Static.
    dtype : str
        Of the arithmetic.
    held : Held
        How weights are held.
    n : int
        Training-set size, examples.
    hyper : Hyper
        Numbers of the cells, each [C].
    counts : array [C] int32
        Steps that each takes.
    own : str
        Hash of what a rule of your own does: another one is compiled anew.

    Returns
    -------
    array [C] float64
        Not finite where a weight is lost altogether.
    """
    first, (last, rest) = _stepped(dataclasses.replace(rule, mask=LAYERS), dtype, held, n, own, hyper, counts)
    kept = np.asarray(last, np.float64) + (0.0 if rest is None else np.asarray(rest, np.float64))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(np.abs(np.asarray(first, np.float64) / kept)).reshape(len(counts), -1).mean(1)


@functools.partial(programs._compiled, static_argnums=(0, 1, 2, 3, 4))
def _stepped(
    rule: Rule, dtype: str, held: Held, n: int, own: str, hyper: Hyper, counts: jax.Array
) -> tuple[jax.Array, tuple[jax.Array, jax.Array | None]]:
    """Give the weights of each cell before and after its steps, and what rounding took off them where that is kept."""
    start: Params = ({"w": jnp.asarray(spread()[:, None], dtype)},)

    def one(hyper: Hyper, count: jax.Array) -> tuple[jax.Array, tuple[jax.Array, jax.Array | None]]:
        params, compensation = held_weights.begun(held, start)
        built = steps.build(rule, hyper, n)

        def body(number: jax.Array, at: tuple) -> tuple:
            params, compensation, state = at
            parts = built.step(jax.tree.map(jnp.zeros_like, params), state, held_weights.whole(params, compensation))
            after = (*held_weights.moved(held, params, compensation, parts), parts.state)
            return jax.tree.map(lambda new, old: jnp.where(number < count, new, old), after, at)

        at = (params, compensation, built.init(params))
        end, rest, _ = jax.lax.fori_loop(0, jnp.max(counts), body, at)
        return params[0]["w"], (end[0]["w"], rest[0]["w"] if held.compensated else None)

    return jax.vmap(one)(hyper, counts)
