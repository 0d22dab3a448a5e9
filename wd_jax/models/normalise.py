"""Normalisation of hidden pre-activations: over the units of an example, or over the examples of a batch."""

import jax
import jax.numpy as jnp

EPSILON = 1e-5
"""Added to the variance, or to the mean square."""


def normalised(norm: str, layer: dict[str, jax.Array], z: jax.Array, present: jax.Array | None = None) -> jax.Array:
    r"""Normalise pre-activations, then apply the layer's gain and offset.

    "layer" subtracts each example's mean over units and divides by its standard deviation, "rms" divides by its root
    mean square, "batch" does as "layer" over the examples of the batch, unit by unit.

    Parameters
    ----------
    norm : {"layer", "rms", "batch"}
        Static.
    layer : dict
        ``gain`` [units], and ``offset`` [units] where there is one.
    z : jax.Array [batch, units]
        Pre-activations.
    present : jax.Array [batch] bool, optional
        Which rows are examples: the others count in no statistics of the batch.

    Returns
    -------
    jax.Array [batch, units]
        Of mean 0 and variance 1 where gain and offset are 1 and 0; :math:`\epsilon` = 1e-5 is in the variance.

    Examples
    --------
    >>> z = jnp.asarray([[1.0, 3.0], [5.0, 9.0]])
    >>> normalised("layer", {"gain": jnp.ones(2)}, z).round(3).tolist()
    [[-1.0, 1.0], [-1.0, 1.0]]
    """
    if norm == "batch":
        share = jnp.ones(len(z), z.dtype) if present is None else present.astype(z.dtype)
        share = share / jnp.sum(share)
        z = z - share @ z
        scale = share @ jnp.square(z)
    else:
        z = z - jnp.mean(z, axis=-1, keepdims=True) if norm == "layer" else z
        scale = jnp.mean(jnp.square(z), axis=-1, keepdims=True)
    z = z * jax.lax.rsqrt(scale + EPSILON) * layer["gain"]
    return z + layer["offset"] if "offset" in layer else z
