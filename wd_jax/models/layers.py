"""The layers of a tree of parameters: its leaves with two or more dimensions, in the tree's order.

A layer has its outputs on the last axis; the product of all others is its number of inputs, n_in.
"""

import math
from collections.abc import Sequence
from typing import Any


def is_layer(leaf: Any) -> bool:
    """Whether a leaf is a layer's weights: those of one dimension, biases and gains, are not.

    Examples
    --------
    >>> import numpy as np
    >>> is_layer(np.ones((3, 2))), is_layer(np.ones(2))
    (True, False)
    """
    return leaf.ndim >= 2


def weights(params: Any) -> tuple[Any, ...]:
    """Give the weights of each layer, everything else left out.

    Parameters
    ----------
    params : tree
        Of parameters, or of anything in their shapes.

    Examples
    --------
    >>> import numpy as np
    >>> [leaf.shape for leaf in weights({"w": np.ones((3, 2)), "b": np.ones(2)})]
    [(3, 2)]
    """
    import jax

    return tuple(leaf for leaf in jax.tree.leaves(params) if is_layer(leaf))


def paths(tree: Any) -> tuple[str, ...]:
    """Name every leaf by its place in the tree.

    Examples
    --------
    >>> import numpy as np
    >>> paths({"dense": {"w": np.ones((3, 2)), "b": np.ones(2)}})
    ('dense/b', 'dense/w')
    """
    import jax

    found = jax.tree_util.tree_flatten_with_path(tree)[0]
    return tuple(jax.tree_util.keystr(path, simple=True, separator="/") for path, _ in found)


def names(params: Any) -> tuple[str, ...]:
    """Name each layer by its place in the tree.

    Examples
    --------
    >>> import numpy as np
    >>> names({"dense": {"w": np.ones((3, 2)), "b": np.ones(2)}})
    ('dense/w',)
    """
    import jax

    leaves = jax.tree.leaves(params)
    return tuple(path for path, leaf in zip(paths(params), leaves, strict=True) if is_layer(leaf))


def inputs(shape: Sequence[int]) -> int:
    """Count the inputs of a layer of some shape, n_in: all its axes but the last.

    Examples
    --------
    >>> inputs((784, 30)), inputs((3, 3, 8, 16))
    (784, 72)
    """
    return math.prod(shape[:-1])
