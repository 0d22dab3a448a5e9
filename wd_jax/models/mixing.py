"""Whether a model's outputs for an example depend on the others of its batch: tried on made-up numbers, not proved."""

import math
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from wd_jax.models import forward, layers

if TYPE_CHECKING:
    from wd_jax.models.own import OwnModel

ROWS, KEPT = 4, 2
"""Examples of the batch that is tried, and how many of them are the same in both tries."""
NEGLIGIBLE = 1e-5
"""Relative difference of outputs that rounding can make."""


def mixes(model: "OwnModel", n_in: int, tokens: int | None, dtype: str) -> bool:
    """Say whether the outputs of two examples change where two others of the batch are replaced.

    Parameters are made up too: those of a start may hide it (a gain of 0), and their draw takes longer to compile.

    Parameters
    ----------
    model : OwnModel
        Without state; one whose shapes fit the data (`wd_jax.models.own_checks.check`).
    n_in : int
        Inputs of an example.
    tokens : int or None
        How many tokens the inputs number, if they do.
    dtype : str
        Of the run.

    Examples
    --------
    >>> from wd_jax.models.own import model
    >>> start = lambda key: {"w": jnp.ones((3, 2))}
    >>> mixes(model(start, lambda p, x: x @ p["w"]), 3, None, "float32")
    False
    >>> mixes(model(start, lambda p, x: (x - x.mean(0)) @ p["w"]), 3, None, "float32")
    True
    """
    if model.row_by_row:
        return False
    random, size = np.random.default_rng(0), (2, ROWS, n_in)
    drawn = random.random(size) if tokens is None else random.integers(tokens, size=size)
    drawn[1] = drawn[1] * 3 if tokens is None else drawn[1]  # a maximum over the batch is seen too
    drawn[1, :KEPT] = drawn[0, :KEPT]

    def made_up(leaf: Any) -> jax.Array:
        scale = math.sqrt(layers.inputs(leaf.shape)) if layers.is_layer(leaf) else 1.0
        return jnp.asarray(random.random(leaf.shape) / scale, dtype)  # positive: some models take a root or logarithm

    # `train` may itself be traced: this is computed all the same.
    with jax.ensure_compile_time_eval(), jax.enable_x64(dtype == "float64"):
        params = jax.tree.map(made_up, model.started[0])
        apply = jax.jit(lambda params, x: forward.apply(model, params, (), x, True).outputs[:KEPT])
        one, other = (np.asarray(apply(params, jnp.asarray(x, dtype)), np.float64) for x in drawn)
    largest = np.max(np.abs(one), initial=0.0, where=np.isfinite(one))
    return not np.allclose(one, other, rtol=NEGLIGIBLE, atol=NEGLIGIBLE * largest, equal_nan=True)
