r"""Probes measured inside the training scan: the norm budget of each layer and the displacements behind it.

One step is :math:`w' = qw - u` with :math:`q=1-\epsilon`, so exactly

.. math:: \|w'\|^2-\|w\|^2 = -\epsilon(2-\epsilon)\|w\|^2\ [\text{decay}] - 2q\langle w,u\rangle\ [\text{drift}]
          + \|u\|^2\ [\text{noise}].

Under SGD :math:`u=\eta\bar g`. The noise term holds :math:`\|\mathbb{E}\bar g\|^2` too: it is what is quadratic in u.

Drift has either sign, so its sum over a record is smaller than what passed to and fro. Decay and noise keep their sign:
the traffic of a record, :math:`\sum|\text{decay}|+\sum|\text{drift}|+\sum\text{noise}`, needs only drift's sum of
absolute values besides. It does not depend on how long a record is.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax.typing import DTypeLike

from wd_jax.models.mlp import Params, weights


class Budget(NamedTuple):
    """Signed parts of the change of each layer's squared norm, and the drift without its sign, each [layer]."""

    decay: jax.Array
    drift: jax.Array
    noise: jax.Array
    drift_traffic: jax.Array

    @property
    def change(self) -> jax.Array:
        """Return the change of squared norm that the parts add up to."""
        return self.decay + self.drift + self.noise


def no_budget(layers: int, dtype: DTypeLike) -> Budget:
    """Return an empty sum."""
    zero = jnp.zeros(layers, dtype)
    return Budget(zero, zero, zero, zero)


def of_step(params: Params, u: Params, epsilon: jax.Array) -> Budget:
    """Split one step's change of squared norm.

    Parameters
    ----------
    params, u : Params
        Parameters before the step and the gradient's displacement.
    epsilon : jax.Array
        Decay per step, scalar, dimensionless.

    Returns
    -------
    Budget
        decay, drift, noise and |drift| of each layer, [layer], in units of a squared weight.
    """
    ws, us = weights(params), weights(u)
    norm2 = jnp.stack([jnp.vdot(w, w) for w in ws])
    dot = jnp.stack([jnp.vdot(w, d) for w, d in zip(ws, us, strict=True)])
    u2 = jnp.stack([jnp.vdot(d, d) for d in us])
    return split(norm2, dot, u2, epsilon.astype(ws[0].dtype))


def of_sgd_step(
    norm2: jax.Array,
    layers: tuple[tuple[jax.Array, jax.Array, jax.Array], ...],
    grads: Params,
    eta: jax.Array,
    epsilon: jax.Array,
) -> Budget:
    r"""Split one step of plain SGD, :math:`U = \eta A^T\Delta`, without another pass over the weights.

    .. math:: \langle W, U\rangle = \eta\langle AW, \Delta\rangle,\qquad
              \|U\|^2 = \eta^2\langle AA^T, \Delta\Delta^T\rangle.

    Parameters
    ----------
    norm2 : jax.Array [layer]
        Squared norms before the step.
    layers : tuple of (A [m, n_in], AW [m, n_out], Delta [m, n_out])
        Each layer's inputs, its pre-activations without the bias, and the cost's derivative with respect to them.
    grads : Params
        The gradient, whose norm is taken where a minibatch has more examples than a layer has units.
    eta, epsilon : jax.Array
        Learning rate and decay per step, scalars, dimensionless.

    Returns
    -------
    Budget
        As `of_step`.
    """
    dots, squares = [], []
    for (a, product, delta), layer in zip(layers, grads, strict=True):
        dots.append(jnp.sum(product * delta))
        by_example = a.shape[0] <= delta.shape[1]
        squares.append(jnp.sum((a @ a.T) * (delta @ delta.T)) if by_example else jnp.vdot(layer["w"], layer["w"]))
    return split(norm2, eta * jnp.stack(dots), eta * (eta * jnp.stack(squares)), epsilon)


def split(norm2: jax.Array, dot: jax.Array, u2: jax.Array, epsilon: jax.Array) -> Budget:
    """Split a change of squared norm, given the squared norms of w and of u and their inner product."""
    drift = -2 * (1 - epsilon) * dot
    return Budget(-epsilon * (2 - epsilon) * norm2, drift, u2, jnp.abs(drift))


def records(sums: Budget) -> dict[str, jax.Array]:
    """Name the sums of a record as a result names its variables.

    Examples
    --------
    >>> list(records(no_budget(2, "float32")))
    ['budget_decay', 'budget_drift', 'budget_noise', 'budget_drift_traffic']
    """
    return {f"budget_{name}": total for name, total in sums._asdict().items()}


def squared_norms(ws: tuple[jax.Array, ...]) -> jax.Array:
    """Squared Frobenius norm of each array, [layer].

    As a product, because a sum inside a large program may run one term at a time: in float32 it was off by 6e-7.
    """
    return jnp.stack([jnp.vdot(w, w) for w in ws])


def moved(start: Params, end: Params, by_decay: tuple[jax.Array, ...]) -> tuple[jax.Array, jax.Array]:
    """Norms of the summed displacements by decay and by the gradient.

    Parameters
    ----------
    start, end : Params
        Parameters at the two ends of a record.
    by_decay : tuple of jax.Array
        Sum over the record's steps of -epsilon * w, one array per layer.

    Returns
    -------
    tuple of jax.Array [layer]
        Frobenius norms, in units of a weight; the gradient's part is the rest of the displacement.
    """
    by_gradient = tuple(e - s - d for s, e, d in zip(weights(start), weights(end), by_decay, strict=True))
    return jnp.sqrt(squared_norms(by_decay)), jnp.sqrt(squared_norms(by_gradient))


def dead_input_rms(first_layer: jax.Array, dead: jax.Array) -> jax.Array:
    """Root mean square of first-layer weights whose input is zero on the whole training set; NaN if there is none.

    Parameters
    ----------
    first_layer : jax.Array [n_in, n_out]
        Weights.
    dead : jax.Array [n_in] bool
        Inputs that never vary.
    """
    rows = jnp.sum(jnp.square(first_layer), axis=1)
    count = jnp.sum(dead) * first_layer.shape[1]
    return jnp.sqrt(jnp.sum(jnp.where(dead, rows, 0)) / jnp.where(count > 0, count, jnp.nan))
