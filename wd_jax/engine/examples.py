"""Measurements on whole splits: cost, accuracy, saturation, and the moments of the gradient."""

import functools
from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from wd_jax.data import Dataset
from wd_jax.models.losses import LOSSES, right
from wd_jax.models.mlp import Params, forward, weights
from wd_jax.program import Objective

BATCH = 1000
"""Examples evaluated at a time: bounds the memory of a member's activations."""


Batch = tuple[jax.Array, jax.Array, jax.Array]
"""Inputs, targets and loss weights of some examples."""
Sums = tuple[tuple[jax.Array, ...], jax.Array]

SPLITS = ("train", "validation", "test")


@functools.partial(
    jax.tree_util.register_dataclass,
    data_fields=["inputs", "targets", "loss_weights", "dead"],
    meta_fields=["sizes", "target_kind", "distributions"],
)
@dataclass(frozen=True)
class Examples:
    """All splits of a dataset on the device, one below the other.

    Parameters
    ----------
    inputs : jax.Array [N, n_in]
        Train, validation and test examples in this order.
    targets : jax.Array [N, n_out]
        Numbers in [0, 1].
    loss_weights : jax.Array [N]
        Factor of each example's cost.
    dead : jax.Array [n_in] bool
        Inputs that are zero on the whole training set.
    sizes : tuple of int
        Examples in train, validation, test.
    target_kind : str
        What the targets are (`wd_jax.data.Dataset.target_kind`): static, since it decides what is right.
    distributions : bool
        Whether rows of targets sum to 1 (`wd_jax.data.Dataset.distributions`).
    """

    inputs: jax.Array
    targets: jax.Array
    loss_weights: jax.Array
    dead: jax.Array
    sizes: tuple[int, int, int]
    target_kind: str
    distributions: bool

    @property
    def n(self) -> int:
        """Training-set size."""
        return self.sizes[0]

    def rows(self, split: str) -> slice:
        """Where a split lies."""
        place = SPLITS.index(split)
        return slice(sum(self.sizes[:place]), sum(self.sizes[: place + 1]))


def on_device(data: Dataset, dtype: str) -> Examples:
    """Move a `wd_jax.data.Dataset` to the default device, cast to `dtype`."""

    def stacked(field: str) -> jax.Array:
        return jnp.asarray(np.concatenate([getattr(getattr(data, split), field) for split in SPLITS]), dtype)

    sizes = (len(data.train), len(data.validation), len(data.test))
    return Examples(
        stacked("inputs"),
        stacked("targets"),
        stacked("loss_weights"),
        jnp.asarray(data.dead_inputs),
        sizes,
        data.target_kind,
        data.distributions,
    )


class Moments(NamedTuple):
    r"""Moments of the data gradient over a split, each [layer], in units of cost per weight, squared.

    ``full_norm2`` is :math:`\|\nabla C_0\|^2`, ``sample_norm2`` :math:`\mathbb{E}_x\|\nabla C_x\|^2` and
    ``weight_dot`` :math:`\langle W, \nabla C_0\rangle`.
    """

    full_norm2: jax.Array
    sample_norm2: jax.Array
    weight_dot: jax.Array


def evaluate(
    objective: Objective, params: Params, examples: Examples, splits: tuple[str, ...]
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Cost and accuracy on splits, saturation on the validation split.

    Returns
    -------
    cost : jax.Array [split]
        Data cost per example, nats (cross-entropy) or squared activation (quadratic).
    accuracy : jax.Array [split]
        Fraction right, 0 to 1, as `wd_jax.data.targets.ACCURACY` words it for the kind of the targets; NaN for "real".
    saturated : jax.Array [layer]
        Fraction of hidden sigmoid activations outside [0.1, 0.9]; NaN for other units and for the output layer.
    """
    dtype = params[0]["w"].dtype

    def one_batch(batch: Batch) -> tuple[jax.Array, jax.Array, jax.Array]:
        x, y, weight = batch
        logits, activations = forward(objective.model, params, x)
        outside = [jnp.mean((a < 0.1) | (a > 0.9), axis=1, dtype=dtype) for a in activations[1:]]
        outside = jnp.stack([*outside, jnp.full(x.shape[0], jnp.nan, dtype)], axis=1)
        return weight * LOSSES[objective.loss](logits, y), right(logits, y, examples.target_kind), outside

    places = {split: examples.rows(split) for split in (*splits, "validation")}
    first, last = min(place.start for place in places.values()), max(place.stop for place in places.values())
    cost, correct, outside = (
        a.reshape(-1, *a.shape[2:]) for a in jax.lax.map(one_batch, _batches(examples, first, last))
    )

    def means(array: jax.Array) -> jax.Array:
        return jnp.stack([jnp.mean(array[places[s].start - first : places[s].stop - first], axis=0) for s in splits])

    here = places["validation"]
    saturated = jnp.mean(outside[here.start - first : here.stop - first], axis=0)
    return means(cost), means(correct), saturated if objective.model.activation == "sigmoid" else saturated * jnp.nan


def _batches(examples: Examples, first: int, last: int) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Cut rows into equal batches [batches, size, ...], padded with examples of loss weight 0."""
    count = -(-(last - first) // BATCH)
    size = -(-(last - first) // count)
    pad = count * size - (last - first)

    def cut(array: jax.Array) -> jax.Array:
        rows = array[first:last]
        rows = jnp.pad(rows, [(0, pad)] + [(0, 0)] * (rows.ndim - 1)) if pad else rows
        return rows.reshape(count, size, *rows.shape[1:])

    return cut(examples.inputs), cut(examples.targets), cut(examples.loss_weights)


def gradient_moments(objective: Objective, params: Params, examples: Examples) -> Moments:
    r"""Full-batch gradient and mean squared per-example gradient of every layer.

    The gradient of one example is :math:`a\delta^T`, so its squared norm is :math:`\|a\|^2\|\delta\|^2`
    and no per-example gradient is ever formed.

    Parameters
    ----------
    objective, params, examples
        Network with its loss, parameters and the data, of which the training split is used.

    Returns
    -------
    Moments
        Averages over the training set, each [layer].
    """

    def batch_sums(batch: Batch) -> Sums:
        x, y, weight = batch
        offsets = tuple(jnp.zeros((x.shape[0], layer["b"].shape[0]), x.dtype) for layer in params)

        def cost(offsets: tuple[jax.Array, ...]) -> tuple[jax.Array, tuple[jax.Array, ...]]:
            logits, activations = forward(objective.model, params, x, offsets)
            return jnp.sum(weight * LOSSES[objective.loss](logits, y)), activations

        deltas, activations = jax.grad(cost, has_aux=True)(offsets)
        pairs = tuple(zip(activations, deltas, strict=True))
        squares = [jnp.sum(jnp.sum(a * a, axis=1) * jnp.sum(d * d, axis=1)) for a, d in pairs]
        return tuple(a.T @ d for a, d in pairs), jnp.stack(squares)

    def add(sums: Sums, batch: Batch) -> tuple[Sums, None]:
        return jax.tree.map(jnp.add, sums, batch_sums(batch)), None

    zero = (tuple(jnp.zeros_like(w) for w in weights(params)), jnp.zeros(len(params), params[0]["w"].dtype))
    (full, squares), _ = jax.lax.scan(add, zero, _batches(examples, 0, examples.n))
    gradient = tuple(g / examples.n for g in full)
    return Moments(
        jnp.stack([jnp.vdot(g, g) for g in gradient]),
        squares / examples.n,
        jnp.stack([jnp.vdot(w, g) for w, g in zip(weights(params), gradient, strict=True)]),
    )
