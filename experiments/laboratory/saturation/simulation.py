"""One network at its start: saturation, errors and gradients of every example, minibatch and of the training set."""

from functools import partial

import jax
import jax.numpy as jnp

Array = jax.Array
SATURATED = (0.1, 0.9)


def gram_ms(a: Array, delta: Array) -> Array:
    r"""Return the mean square, over weights, of each minibatch's gradient.

    :math:`|\sum a\delta^T|^2 = \sum (a\cdot a')(\delta\cdot\delta')` over pairs of its examples: no gradient is formed.

    Parameters
    ----------
    a, delta : array [batch, m, n_in], [batch, m, n_out]
        Inputs of the layer, and dC/dz.
    """
    m = a.shape[1]
    ours, theirs = (jnp.einsum("bid,bjd->bij", one, one) for one in (a, delta))
    return (ours * theirs).sum(axis=(1, 2)) / (m**2 * a.shape[2] * delta.shape[2])


@partial(jax.jit, static_argnames=("m",))
def report(
    params: tuple[dict[str, Array], ...], inputs: Array, targets: Array, order: Array, *, m: int
) -> dict[str, Array]:
    """Measure what a network with one hidden layer of sigmoid units and cross-entropy starts with.

    Parameters
    ----------
    params : tuple of dict
        Of two layers, as `wd_jax.models.mlp.initialise` draws them.
    inputs, targets : array [n, n_in], [n, n_out]
        The training set.
    order : int array [n]
        Of the first epoch: minibatch after minibatch; a shorter last one is left out.
    m : int
        Examples a minibatch.

    Returns
    -------
    dict of array [2]
        Hidden and output layer: `preactivation_ms`, `slope`, `slope_ms`, `saturated`, `delta_ms`; mean squares over
        weights of the gradients `example_ms`, `mean_ms`, `batch_ms`; `weight_ms`; `drift` and `drift_traffic`, the mean
        over minibatches of <W, g> and of its absolute value, over the number of weights.
    """
    first, last = params
    n = len(inputs)
    z_1 = inputs @ first["w"] + first["b"]
    a_1 = jax.nn.sigmoid(z_1)
    z_2 = a_1 @ last["w"] + last["b"]
    a_2 = jax.nn.sigmoid(z_2)
    slopes = [a * (1 - a) for a in (a_1, a_2)]
    delta_2 = a_2 - targets
    delta_1 = (delta_2 @ last["w"].T) * slopes[0]
    layers = ((inputs, z_1 - first["b"], delta_1, first["w"]), (a_1, z_2 - last["b"], delta_2, last["w"]))
    taken = order[: n // m * m]

    def cut(values: Array) -> Array:
        return values[taken].reshape(n // m, m, -1)

    def pair(values: list[Array]) -> Array:
        return jnp.stack(values)

    drifts = [cut((delta * z).sum(axis=1)).mean(axis=(1, 2)) / w.size for _, z, delta, w in layers]
    return {
        "preactivation_ms": pair([jnp.square(z).mean() for z in (z_1, z_2)]),
        "slope": pair([one.mean() for one in slopes]),
        "slope_ms": pair([jnp.square(one).mean() for one in slopes]),
        "saturated": pair([((a < SATURATED[0]) | (a > SATURATED[1])).mean(dtype=a.dtype) for a in (a_1, a_2)]),
        "delta_ms": pair([jnp.square(delta).mean() for _, _, delta, _ in layers]),
        "example_ms": pair(
            [(jnp.square(a).sum(axis=1) * jnp.square(delta).sum(axis=1)).mean() / w.size for a, _, delta, w in layers]
        ),
        "mean_ms": pair([jnp.square(a.T @ delta / n).mean() for a, _, delta, _ in layers]),
        "batch_ms": pair([gram_ms(cut(a), cut(delta)).mean() for a, _, delta, _ in layers]),
        "weight_ms": pair([jnp.square(w).mean() for *_, w in layers]),
        "drift": pair([one.mean() for one in drifts]),
        "drift_traffic": pair([jnp.abs(one).mean() for one in drifts]),
    }
