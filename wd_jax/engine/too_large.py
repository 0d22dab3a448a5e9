"""A cost that is finite but without meaning: a member on its way to overflow, which the end of a run must not hide."""

from typing import Any

import jax
import jax.numpy as jnp

from wd_jax.engine.examples import Examples
from wd_jax.models import forward
from wd_jax.models.losses import LOSSES
from wd_jax.program import Program

LARGEST = 1e15
"""Times what outputs of 0 cost: more than any start that can still be trained. A float32 cost overflows at 3e38."""


def cost(program: Program, data: Examples, params: Any, state: Any) -> jax.Array:
    """Whether the cost of the first minibatch's worth of examples is beyond `LARGEST`; False where it is not finite.

    Looked at once a record, on the same examples for all members, so that no step takes longer.

    Parameters
    ----------
    program : Program
        Static.
    data : Examples
        The dataset.
    params, state : tree
        Of one member, and what its model hands on.
    """
    rows = slice(0, program.batch_size)
    x, y, weight = data.inputs[rows], data.targets[rows], data.loss_weights[rows]
    outputs = forward.apply(program.model, params, state, x, False).outputs
    loss = LOSSES[program.loss]
    of_zero = jnp.sum(weight * (1 + loss(jnp.zeros_like(outputs), y)))
    found = jnp.sum(weight * loss(outputs, y))
    return jnp.isfinite(found) & (found > LARGEST * of_zero)
