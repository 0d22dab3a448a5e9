"""Costs per example, from the output layer's pre-activations.

Sums over outputs, no mean, as in Nielsen's book, but for the mean squared error, which is a mean in every library.
"""

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


def mean_squared_error(logits: jax.Array, targets: jax.Array, axis: int = -1) -> jax.Array:
    r"""Mean squared error of linear outputs, :math:`\frac1{n_{out}}\|z-y\|^2` (see `cross_entropy`).

    Its mean over a batch is PyTorch's ``MSELoss`` and Keras' ``mean_squared_error``. There is no half: with one output
    lmbda is twice the alpha of ridge regression.
    """
    return jnp.mean(jnp.square(logits - targets), axis=axis)


def softmax(logits: jax.Array, targets: jax.Array, axis: int = -1) -> jax.Array:
    r"""Softmax cross-entropy, :math:`-\sum_j y_j \log \mathrm{softmax}(z)_j`, of rows or of class numbers.

    The shapes say which, and no row of 0 and 1 is made of a number: a row has the outputs' own shape; a class number
    stands alone where its outputs are, or without their axis where an example has several positions.

    Parameters
    ----------
    logits : jax.Array [..., n_out], or [..., positions, classes]
        Pre-activations of the outputs.
    targets : jax.Array [..., n_out], or [..., 1], or [..., positions]
        Rows that sum to 1; the class of the one position; the class of each position.
    axis : int
        The axis of the outputs, the last unless told; of several positions it is the last.

    Returns
    -------
    jax.Array [...]
        Cost of each example, nats: with several positions their mean.

    Examples
    --------
    >>> two = jnp.log(jnp.asarray([[0.25, 0.75]]))
    >>> softmax(two, jnp.asarray([[0.0, 1.0]])) == softmax(two, jnp.asarray([[1.0]]))
    Array([ True], dtype=bool)
    """
    found = jax.nn.log_softmax(logits, axis=axis)
    if logits.shape == targets.shape:
        return -jnp.sum(targets * found, axis=axis)
    numbers = jnp.arange(logits.shape[axis], dtype=targets.dtype)
    if logits.ndim == targets.ndim:
        after = logits.ndim - 1 - axis % logits.ndim
        return -jnp.sum(jnp.where(targets == numbers.reshape(-1, *(1,) * after), found, 0), axis=axis)
    of_position = jnp.sum(jnp.where(targets[..., None] == numbers, found, 0), axis=-1)
    return -jnp.mean(of_position, axis=-1)


LOSSES = {
    "cross_entropy": cross_entropy,
    "quadratic": quadratic,
    "softmax": softmax,
    "mean_squared_error": mean_squared_error,
}


def right(logits: jax.Array, targets: jax.Array, kind: str) -> jax.Array:
    """Say how far each example is right, as `wd_jax.data.targets.ACCURACY` words it for the kind of its targets.

    Parameters
    ----------
    logits, targets : jax.Array
        Pre-activations of the outputs, and the targets, as the loss takes them.
    kind : {"one_hot", "distribution", "binary", "multilabel", "real", "classes"}
        Static: `wd_jax.data.Dataset.target_kind`.

    Returns
    -------
    jax.Array [...]
        1 or 0; with several labels or positions the fraction of them that are right; NaN where nothing is right or
        wrong.

    Examples
    --------
    >>> right(jnp.asarray([[2.0], [-1.0]]), jnp.asarray([[1.0], [1.0]]), "binary").tolist()
    [1.0, 0.0]
    """
    if kind == "classes":
        found = jnp.argmax(logits, axis=-1)
        found = found[..., None] if logits.ndim == targets.ndim else found
        return jnp.mean(found == targets, axis=-1, dtype=logits.dtype)
    if kind in ("one_hot", "distribution"):
        same = (jnp.argmax(logits, axis=-1) == jnp.argmax(targets, axis=-1)).astype(logits.dtype)
        if kind == "one_hot":
            return same
        ties = jnp.sum(targets == jnp.max(targets, axis=-1, keepdims=True), axis=-1) > 1
        return jnp.where(ties, jnp.nan, same)
    if kind in ("binary", "multilabel"):
        return jnp.mean((logits > 0) == (targets > 0.5), axis=-1, dtype=logits.dtype)
    return jnp.full(logits.shape[:-1], jnp.nan, logits.dtype)
