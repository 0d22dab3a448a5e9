"""Any model as the engine calls it: parameters and state from a key, and outputs from inputs.

The multilayer perceptron also shows the inputs of its layers, and takes offsets of their pre-activations, whose
derivative is each example's delta; no other model does.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from wd_jax.models import layers, mlp
from wd_jax.models.model import MLP
from wd_jax.models.own import OwnModel
from wd_jax.models.turned import Turned

Network = MLP | OwnModel


class Applied(NamedTuple):
    """Outputs [batch, n_out] in the run's dtype, the state after them, and the layers' inputs, None if unknown."""

    outputs: jax.Array
    state: Any
    activations: tuple[jax.Array, ...] | None


def started(
    model: Network, key: jax.Array, init: str, init_scale: jax.Array | float, dtype: str
) -> tuple[mlp.Params, Any]:
    """Draw a member's parameters and state, () where there is none.

    A model of the user's own draws in float32, whatever the run's dtype, so that both dtypes start alike.

    Parameters
    ----------
    model : MLP or OwnModel
        Static.
    key : jax.Array
        Typed key.
    init : str
        How an MLP's weights are scaled.
    init_scale : float
        Factor on the layers.
    dtype : str
        Of the run.
    """
    if isinstance(model, MLP):
        return mlp.initialise(model, key, init, init_scale, dtype), ()
    with jax.enable_x64(False):
        found = jax.tree.map(jnp.asarray, model.init(key))
    params, state = cast(found if model.has_state else (found, ()), dtype)
    scale = jnp.asarray(init_scale, dtype)
    return jax.tree.map(lambda leaf: leaf * scale if layers.is_layer(leaf) else leaf, params), state


def shapes(model: Network, dtype: str) -> mlp.Params:
    """Give the parameters' shapes, in the run's dtype, without computing them."""
    key = jax.random.key(0, impl="threefry2x32")
    return jax.eval_shape(lambda key: started(model, key, "gaussian", 1.0, dtype)[0], key)


def cast(tree: Any, dtype: str) -> Any:
    """Cast the floats of a tree; what a state counts or draws with stays as it is."""

    def one(leaf: Any) -> jax.Array:
        leaf = jnp.asarray(leaf)
        return leaf.astype(dtype) if jnp.issubdtype(leaf.dtype, jnp.floating) else leaf

    return jax.tree.map(one, tree)


def apply(
    model: Network,
    params: mlp.Params,
    state: Any,
    x: jax.Array,
    training: bool,
    offsets: tuple[jax.Array, ...] | None = None,
    present: jax.Array | None = None,
) -> Applied:
    """Apply a model to one batch.

    Parameters
    ----------
    model : MLP or OwnModel
        Static.
    params : tree
        Of parameters.
    state : tree
        What it hands on beside them.
    x : jax.Array [batch, n_in]
        Inputs, of the run's dtype.
    training : bool
        Whether a step is taken: a model with state is told.
    offsets : tuple of jax.Array, optional
        From `no_offsets`, where the model takes them.
    present : jax.Array [batch] bool, optional
        Which rows are examples; all unless told. For the library's statistics of a batch.
    """
    if isinstance(model, MLP):
        upright = model.upright(params) if isinstance(model, Turned) else params
        outputs, activations = mlp.forward(model, upright, x, offsets, present)
        return Applied(outputs, state, activations)
    if not model.has_state:
        return Applied(model.apply(params, x).astype(x.dtype), state, None)
    outputs, after = model.apply(params, state, x, training)
    return Applied(outputs.astype(x.dtype), after, None)


def no_offsets(model: Network, x: jax.Array) -> tuple[jax.Array, ...] | None:
    """Give zeros to add to each layer's pre-activations; None for a model that takes none."""
    if not isinstance(model, MLP):
        return None
    return tuple(jnp.zeros((x.shape[0], n_out), x.dtype) for n_out in model.widths[1:])
