"""Costs per example, from the output layer's pre-activations; sums over outputs, no mean, as in Nielsen's book."""

import jax
import jax.numpy as jnp


@jax.custom_jvp
def softplus(z: jax.Array) -> jax.Array:
    r"""Return :math:`\log(1+e^z)` of each element, in nats: no overflow, and vector instructions."""
    return jnp.maximum(z, 0) + jnp.log1p(jnp.exp(-jnp.abs(z)))


softplus.defjvps(lambda tangent, _, z: jax.nn.sigmoid(z) * tangent)


def cross_entropy(logits: jax.Array, targets: jax.Array, axis: int = -1) -> jax.Array:
    r"""Cross-entropy summed over sigmoid outputs, :math:`\sum_j \mathrm{softplus}(z_j) - y_j z_j`; its delta is a - y.

    Parameters
    ----------
    logits, targets : jax.Array [..., n_out]
        Pre-activations of the outputs, and the targets in [0, 1].
    axis : int
        The axis of the outputs, the last unless told.

    Returns
    -------
    jax.Array [...]
        Cost of each example, nats.
    """
    return jnp.sum(softplus(logits) - targets * logits, axis=axis)


def quadratic(logits: jax.Array, targets: jax.Array, axis: int = -1) -> jax.Array:
    r"""Half the squared error of sigmoid outputs, :math:`\frac12\|\sigma(z)-y\|^2` (see `cross_entropy`)."""
    return 0.5 * jnp.sum(jnp.square(jax.nn.sigmoid(logits) - targets), axis=axis)


def softmax(logits: jax.Array, targets: jax.Array, axis: int = -1) -> jax.Array:
    r"""Softmax cross-entropy, :math:`-\sum_j y_j \log \mathrm{softmax}(z)_j` (see `cross_entropy`)."""
    return -jnp.sum(targets * jax.nn.log_softmax(logits, axis=axis), axis=axis)


LOSSES = {"cross_entropy": cross_entropy, "quadratic": quadratic, "softmax": softmax}


def right(logits: jax.Array, targets: jax.Array, kind: str) -> jax.Array:
    """Say how far each example is right, as `wd_jax.data.targets.ACCURACY` words it for the kind of its targets.

    Parameters
    ----------
    logits, targets : jax.Array [..., n_out]
        Pre-activations of the outputs, and the targets.
    kind : {"one_hot", "distribution", "binary", "multilabel", "real"}
        Static: `wd_jax.data.Dataset.target_kind`.

    Returns
    -------
    jax.Array [...]
        1 or 0; with several labels the fraction of them that are right; NaN where nothing is right or wrong.

    Examples
    --------
    >>> right(jnp.asarray([[2.0], [-1.0]]), jnp.asarray([[1.0], [1.0]]), "binary").tolist()
    [1.0, 0.0]
    """
    if kind in ("one_hot", "distribution"):
        same = (jnp.argmax(logits, axis=-1) == jnp.argmax(targets, axis=-1)).astype(logits.dtype)
        if kind == "one_hot":
            return same
        ties = jnp.sum(targets == jnp.max(targets, axis=-1, keepdims=True), axis=-1) > 1
        return jnp.where(ties, jnp.nan, same)
    if kind in ("binary", "multilabel"):
        return jnp.mean((logits > 0) == (targets > 0.5), axis=-1, dtype=logits.dtype)
    return jnp.full(logits.shape[:-1], jnp.nan, logits.dtype)
