"""Trees of parameters: which leaves decay, and arithmetic on them."""

from typing import Any


def decays(leaf: Any) -> bool:
    """Whether a leaf decays: a layer's weights, of two dimensions or more, do; biases do not."""
    return leaf.ndim >= 2


def weights_only(params: Any) -> Any:
    """Give a mask of what decays: true for leaves of two dimensions or more, false for biases.

    Parameters
    ----------
    params : tree
        Of parameters, or of updates.

    Returns
    -------
    tree of bool
        For the ``mask`` of optax's transformations.

    Examples
    --------
    >>> import numpy as np
    >>> weights_only({"w": np.ones((3, 2)), "b": np.ones(2)})
    {'b': False, 'w': True}
    """
    import jax

    return jax.tree.map(decays, params)


def multiple(factor: Any, params: Any) -> Any:
    """Give a multiple of what decays, in each leaf's dtype, and zeros of the rest."""
    import jax
    import jax.numpy as jnp

    return jax.tree.map(lambda p: factor.astype(p.dtype) * p if decays(p) else jnp.zeros_like(p), params)


def plus(a: Any, b: Any) -> Any:
    """Add two trees where leaves decay; the second one's other leaves stay as they are."""
    import jax

    return jax.tree.map(lambda x, y: x + y if decays(y) else y, a, b)


def minus(a: Any, b: Any) -> Any:
    """Subtract the second tree from the first."""
    import jax

    return jax.tree.map(lambda x, y: x - y, a, b)


def times_eta(direction: Any, hyper: Any) -> Any:
    """Put the learning rate, perhaps traced, behind a direction, keeping each leaf's dtype."""
    import jax
    import optax

    scale = optax.stateless(lambda grads, params: jax.tree.map(lambda g: hyper.eta.astype(g.dtype) * g, grads))
    return optax.chain(direction(hyper), scale)
