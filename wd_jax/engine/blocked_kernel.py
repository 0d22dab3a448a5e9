"""What the blocked methods of all rules share: what a block hands on, its minibatches, and the slopes of a step.

Members are on the last axis of every array (`wd_jax.engine.blocked_layout`).
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from wd_jax.engine import blocked_layout
from wd_jax.engine.blocked_probes import Form
from wd_jax.engine.examples import Examples
from wd_jax.engine.hyper_tree import Hyper
from wd_jax.engine.probes.probe import Probe
from wd_jax.models import mlp
from wd_jax.models.losses import LOSSES
from wd_jax.program import Program

Layer = dict[str, jax.Array]
Piece = tuple[jax.Array, jax.Array, jax.Array]
"""Of a block: indices of examples [K, S, m], their weights in the batch [K, m], and which steps are steps [K]."""


class Progress(NamedTuple):
    """What the blocks of a record hand on.

    Attributes
    ----------
    params : Params
        All members' parameters, the members last.
    velocity : Params or ()
        What the rule remembers, of the same form; nothing for a rule without memory.
    states : tuple
        Each probe's state.
    diverged_at : jax.Array [M] int32
        The epoch of divergence, -1 while all is finite.
    """

    params: mlp.Params
    velocity: Any
    states: tuple[Any, ...]
    diverged_at: jax.Array


class Kernel(NamedTuple):
    """How one kind of rule is trained in blocks.

    Attributes
    ----------
    members : callable
        ``(program, K, hyper, n, S) -> numbers of each member``, computed once for all blocks.
    block : callable
        ``(program, forms, members, data, number, progress, piece) -> (progress, None)``: take K steps.
    forms : mapping of Probe to Form
        How the probes that look at every step are measured.
    """

    members: Callable[[Program, int, Hyper, int, int], Any]
    block: Callable[..., tuple[Progress, None]]
    forms: Mapping[Probe, Form]


class Fixed(NamedTuple):
    """What a block's steps read of its minibatches.

    Attributes
    ----------
    gram : jax.Array [S, K m, K m]
        X X^T.
    targets : jax.Array [K, m, n_out, S]
        Of each example.
    weights : jax.Array [K, m, S]
        Of each example in its minibatch's mean.
    real : jax.Array [K] bool
        Whether it is a step; the last block of a record may be filled up.
    """

    gram: jax.Array
    targets: jax.Array
    weights: jax.Array
    real: jax.Array


def opened(data: Examples, piece: Piece) -> tuple[jax.Array, Fixed]:
    """Take a block's inputs, [S, K m, n_in], and what its steps read of them."""
    index, weights, real = piece
    index = jnp.moveaxis(index, 1, 0)  # [K, S, m] to [S, K, m]
    x = data.inputs[index.reshape(index.shape[0], -1)]
    by_seed = jnp.moveaxis(index, 0, -1)
    fixed = Fixed(
        blocked_layout.per_seed(x, jnp.swapaxes(x, 1, 2)),
        jnp.moveaxis(data.targets[by_seed], -1, 2),
        weights[..., None] * data.loss_weights[by_seed],
        real,
    )
    return x, fixed


def slopes(
    program: Program, fixed: Fixed, s: jax.Array, z: jax.Array, later: list[Layer]
) -> tuple[jax.Array, list[Layer], jax.Array]:
    """Give the cost's derivatives in step s by the first pre-activations, and by the later layers; and the outputs.

    Parameters
    ----------
    program : Program
        Static.
    fixed, s
        The block, and the number of the step in it.
    z : jax.Array [m, h, M]
        The first layer's pre-activations, bias included.
    later : list of Layer
        The other layers, members last.
    """
    cells = z.shape[-1] // fixed.weights.shape[-1]
    weight, targets = (jnp.repeat(a[s], cells, axis=-1) for a in (fixed.weights, fixed.targets))

    def cost(z: jax.Array, later: list[Layer]) -> tuple[jax.Array, jax.Array]:
        logits = z
        for layer in later:
            logits = blocked_layout.contract(mlp.ACTIVATIONS[program.model.activation](logits), layer["w"]) + layer["b"]
        return jnp.sum(weight * LOSSES[program.loss](logits, targets, axis=1)), logits

    (delta, grads), logits = jax.grad(cost, argnums=(0, 1), has_aux=True)(z, later)
    return delta, grads, logits
