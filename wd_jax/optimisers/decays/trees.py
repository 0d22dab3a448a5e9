"""Trees of parameters: which leaves decay, and arithmetic on them."""

from typing import Any

from wd_jax.optimisers.decays.mask import LAYERS, Mask


def weights_only(params: Any) -> Any:
    """Give a mask of layers: true for leaves of two dimensions or more, false for biases.

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
    return LAYERS.of(params)


def multiple(factor: Any, params: Any, mask: Mask) -> Any:
    """Give a multiple of what decays, in each leaf's dtype, and zeros of the rest."""
    import jax
    import jax.numpy as jnp

    def one(p: Any, decays: bool) -> Any:
        return factor.astype(p.dtype) * p if decays else jnp.zeros_like(p)

    return jax.tree.map(one, params, mask.of(params))


def plus(a: Any, b: Any, mask: Mask) -> Any:
    """Add two trees where leaves decay; the second one's other leaves stay as they are."""
    import jax

    return jax.tree.map(lambda x, y, decays: x + y if decays else y, a, b, mask.of(b))


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
