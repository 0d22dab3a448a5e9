"""Fully connected networks: parameters, initialisation, forward pass.

Parameters are a tuple of layers in the order applied, each a dict of ``w`` [n_in, n_out] and, where the network has
biases, ``b`` [n_out]; a normalised layer also has a ``gain`` and perhaps an ``offset`` [n_out]. Only ``w`` is a layer
(`wd_jax.models.layers`): nothing else decays unless it is asked for.
"""

import jax
import jax.numpy as jnp
import numpy as np

from wd_jax.models.model import MLP
from wd_jax.models.normalise import normalised

Params = tuple[dict[str, jax.Array], ...]


def _gelu(z: jax.Array) -> jax.Array:
    """Give z times the normal distribution function of z, exactly."""
    return jax.nn.gelu(z, approximate=False)


ACTIVATIONS = {
    "sigmoid": jax.nn.sigmoid,
    "tanh": jnp.tanh,
    "relu": jax.nn.relu,
    "erf": jax.scipy.special.erf,
    "gelu": _gelu,
}


def initialise(
    model: MLP, key: jax.Array, init: str = "gaussian", init_scale: jax.Array | float = 1.0, dtype: str = "float32"
) -> Params:
    """Draw the parameters of one member.

    Weights are N(0, 1) (``init="gaussian"``) or N(0, 1/n_in) (``init="fan_in"``) times `init_scale`; biases N(0, 1);
    gains are 1 and offsets 0. Draws are made in float32 and then cast, so both inits and both dtypes start from the
    same numbers, and so does a network with or without biases.

    Parameters
    ----------
    model : MLP
        Its widths.
    key : jax.Array
        Typed threefry key, one per seed.
    init : {"gaussian", "fan_in"}
        How weights are scaled.
    init_scale : float
        Factor on the weights, dimensionless.
    dtype : str
        Of weights and biases.

    Returns
    -------
    tuple of dict
        One ``{"w": [n_in, n_out], "b": [n_out]}`` per layer.
    """
    shapes = tuple(zip(model.widths[:-1], model.widths[1:], strict=True))
    sizes = [size for n_in, n_out in shapes for size in (n_in * n_out, n_out)]
    # One draw for all layers: each separate one costs a third of a second to compile.
    drawn = jnp.split(jax.random.normal(key, (sum(sizes),), jnp.float32).astype(dtype), np.cumsum(sizes)[:-1])
    layers = []
    for (n_in, n_out), w, b in zip(shapes, drawn[::2], drawn[1::2], strict=True):
        scale = init_scale / jnp.sqrt(jnp.asarray(n_in, dtype)) if init == "fan_in" else init_scale
        layer = {"w": w.reshape(n_in, n_out) * jnp.asarray(scale, dtype)}
        layer |= {"b": b} if model.biases else {}
        if len(layers) < len(shapes) - 1:
            layer |= {name: jnp.full(n_out, value, dtype) for name, value in model.of_norm.items()}
        layers.append(layer)
    return tuple(layers)


def weights(params: Params) -> tuple[jax.Array, ...]:
    """Return the layers' weight matrices by name, whatever axes come after their own."""
    return tuple(layer["w"] for layer in params)


def forward(
    model: MLP,
    params: Params,
    x: jax.Array,
    offsets: tuple[jax.Array, ...] | None = None,
    present: jax.Array | None = None,
) -> tuple[jax.Array, tuple[jax.Array, ...]]:
    """Apply the network to one batch.

    Parameters
    ----------
    model : MLP
        Its activation and normalisation.
    params : Params
        See `initialise`.
    x : jax.Array [batch, n_in]
        Inputs.
    offsets : tuple of jax.Array [batch, n_out], optional
        Added to each layer's pre-activations: the derivative with respect to them is each example's delta.
    present : jax.Array [batch] bool, optional
        Which rows are examples, for statistics of the batch; all unless told.

    Returns
    -------
    logits : jax.Array [batch, n_out]
        Pre-activations of the output layer.
    activations : tuple of jax.Array [batch, n_in]
        The inputs of each layer, the data first.
    """
    activations = [x]
    z = x
    for index, layer in enumerate(params):
        z = activations[-1] @ layer["w"]
        if model.biases:
            z = z + layer["b"]
        if offsets is not None:
            z = z + offsets[index]
        if index < len(params) - 1:
            z = z if model.norm is None else normalised(model.norm, layer, z, present)
            activations.append(ACTIVATIONS[model.activation](z))
    return z, tuple(activations)
