"""The state of training as plain arrays and back: what a checkpoint holds of it."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np


def to_host(carry: Any) -> list[np.ndarray]:
    """Copy the leaves of a state, in tree order.

    Parameters
    ----------
    carry : Any
        From `wd_jax.engine.programs`.

    Raises
    ------
    TypeError
        For a leaf that would not come back the same: one of a weak type.
    """
    leaves = jax.tree.leaves(carry)
    if any(getattr(leaf, "weak_type", False) for leaf in leaves):
        raise TypeError("its state has a number of a weak type: make it with a dtype")
    return [np.array(jax.random.key_data(leaf) if _is_key(leaf) else leaf) for leaf in leaves]


def from_host(leaves: Sequence[np.ndarray], like: Any) -> Any | None:
    """Make the state again.

    Parameters
    ----------
    leaves : sequence of array
        What `to_host` gave.
    like : Any
        A state of the same shapes and types, numbers or `jax.ShapeDtypeStruct`.

    Returns
    -------
    Any or None
        None if the leaves are not of these shapes and types.
    """
    shapes, tree = jax.tree.flatten(like)
    if len(shapes) != len(leaves):
        return None
    found = []
    for leaf, shape in zip(leaves, shapes, strict=True):
        array = jnp.array(leaf)  # a copy, since the program that goes on with it uses its memory again
        array = jax.random.wrap_key_data(array) if _is_key(shape) else array
        if array.shape != shape.shape or array.dtype != shape.dtype:
            return None
        found.append(array)
    return jax.tree.unflatten(tree, found)


def _is_key(leaf: Any) -> bool:
    return jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key)
