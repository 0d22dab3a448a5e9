"""The examples of a data set on the device, and how they are cut for an evaluation of whole splits."""

import functools
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from wd_jax.data import Dataset
from wd_jax.data.declared import NOTHING, Declared
from wd_jax.held import arithmetic

Batch = tuple[jax.Array, jax.Array, jax.Array]
"""Inputs, targets and loss weights of some examples."""

SPLITS = ("train", "validation", "test")


@functools.partial(
    jax.tree_util.register_dataclass,
    data_fields=["inputs", "targets", "loss_weights", "dead"],
    meta_fields=["sizes", "target_kind", "distributions", "bounded", "declared"],
)
@dataclass(frozen=True)
class Examples:
    """All splits of a dataset on the device, one below the other.

    Parameters
    ----------
    inputs : jax.Array [N, n_in]
        Train, validation and test examples in this order.
    targets : jax.Array [N, n_out]
        Numbers in [0, 1], or as they were declared.
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
    bounded : bool
        Whether all targets lie in [0, 1].
    declared : Declared
        What was said of the numbers: class numbers, token numbers, real targets.
    """

    inputs: jax.Array
    targets: jax.Array
    loss_weights: jax.Array
    dead: jax.Array
    sizes: tuple[int, int, int]
    target_kind: str
    distributions: bool
    bounded: bool = True
    declared: Declared = NOTHING

    @property
    def n(self) -> int:
        """Training-set size."""
        return self.sizes[0]

    @property
    def outputs(self) -> tuple[int, ...]:
        """Shape of what a model makes of one example (`wd_jax.data.Dataset.outputs`)."""
        return self.declared.outputs(self.targets.shape[-1])

    def rows(self, split: str) -> slice:
        """Where a split lies."""
        place = SPLITS.index(split)
        return slice(sum(self.sizes[:place]), sum(self.sizes[: place + 1]))


def on_device(data: Dataset, dtype: str) -> Examples:
    """Move a `wd_jax.data.Dataset` to the default device, cast to the arithmetic of `dtype`."""
    dtype = arithmetic(dtype)

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
        data.bounded,
        data.train.declared,
    )


def batches(examples: Examples, first: int, last: int, most: int) -> Batch:
    """Cut rows into equal batches [batches, size, ...] of at most so many, padded with examples of loss weight 0."""
    count = -(-(last - first) // most)
    size = -(-(last - first) // count)
    pad = count * size - (last - first)

    def cut(array: jax.Array) -> jax.Array:
        rows = array[first:last]
        rows = jnp.pad(rows, [(0, pad)] + [(0, 0)] * (rows.ndim - 1)) if pad else rows
        return rows.reshape(count, size, *rows.shape[1:])

    return cut(examples.inputs), cut(examples.targets), cut(examples.loss_weights)
