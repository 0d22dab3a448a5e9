"""What the blocked methods of all rules share: what a block hands on, its minibatches, and the slopes of a step.

Members are on the last axis of every array (`wd_jax.engine.blocked_layout`).
"""

from collections.abc import Callable, Mapping, Sequence
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


class Decision(NamedTuple):
    """Which members take a step.

    Attributes
    ----------
    taking : jax.Array [M] bool
        Those that are alive, and whose step is finite; none in a step that only fills a block up.
    states : tuple
        Each probe's state after it.
    diverged_at : jax.Array [M] int32
        The epoch of divergence, that of this step for a member whose step is not finite.
    """

    taking: jax.Array
    states: tuple[Any, ...]
    diverged_at: jax.Array

    def keep(self, new: Any, old: Any) -> Any:
        """Take the new value for members that take the step; the members are on the last axis of every leaf."""
        return jax.tree.map(lambda a, b: jnp.where(self.taking, a, b), new, old)


def decided(
    forms: Sequence[Form],
    progress: Progress,
    seen: Any,
    logits: jax.Array,
    shifts: Sequence[jax.Array],
    real: jax.Array,
    number: jax.Array,
) -> Decision:
    """Show a step to the probes, and decide who takes it.

    Parameters
    ----------
    forms : sequence of Form
        How the probes are measured.
    progress : Progress
        Before the step.
    seen : BlockStep
        What the probes see of it.
    logits : jax.Array [m, n_out, M]
        Outputs.
    shifts : sequence of jax.Array [units, M]
        What the step takes off each layer's biases: sums over every example's slopes.
    real : jax.Array
        Whether it is a step.
    number : jax.Array
        Of the epoch.
    """
    finite = jnp.all(jnp.isfinite(logits), axis=(0, 1))
    finite &= jnp.all(jnp.stack([jnp.all(jnp.isfinite(shift), axis=0) for shift in shifts]), axis=0)
    after = []
    for form, state in zip(forms, progress.states, strict=True):
        after.append(form.step(state, seen))
        if form.finite is not None:
            finite &= form.finite(after[-1])
    alive = progress.diverged_at < 0
    diverged_at = jnp.where(real & ~finite & alive, number, progress.diverged_at)
    found = Decision(finite & alive & real, (), diverged_at)
    pairs = zip(forms, after, progress.states, strict=True)
    return found._replace(states=tuple(form.keep(found.keep, new, old) for form, new, old in pairs))
