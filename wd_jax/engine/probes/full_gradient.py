"""The gradient of the data cost over the whole training split: its norm, one example's, and its product with W."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from wd_jax.engine.probes.probe import Evaluation, Probe, Switch, Variable

if TYPE_CHECKING:
    import jax

    from wd_jax.engine.examples import Batch

    Sums = tuple[tuple[jax.Array, ...], jax.Array]


class Moments(NamedTuple):
    r"""Moments of the data gradient over a split, each [layer], in units of cost per weight, squared.

    ``full_norm2`` is :math:`\|\nabla C_0\|^2`, ``sample_norm2`` :math:`\mathbb{E}_x\|\nabla C_x\|^2` and
    ``weight_dot`` :math:`\langle W, \nabla C_0\rangle`.
    """

    full_norm2: jax.Array
    sample_norm2: jax.Array
    weight_dot: jax.Array


def gradient_moments(what: Evaluation) -> Moments:
    r"""Full-batch gradient and mean squared per-example gradient of every layer.

    The gradient of one example is :math:`a\delta^T`, so its squared norm is :math:`\|a\|^2\|\delta\|^2`
    and no per-example gradient is ever formed.

    Parameters
    ----------
    what : Evaluation
        Network, parameters and the data, of which the training split is used.

    Returns
    -------
    Moments
        Averages over the training set, each [layer].
    """
    import jax
    import jax.numpy as jnp

    from wd_jax.engine.examples import batches
    from wd_jax.models.losses import LOSSES
    from wd_jax.models.mlp import forward, weights

    objective, params, examples = what.objective, what.params, what.data

    def batch_sums(batch: Batch) -> Sums:
        x, y, weight = batch
        offsets = tuple(jnp.zeros((x.shape[0], layer["b"].shape[0]), x.dtype) for layer in params)

        def cost(offsets: tuple[jax.Array, ...]) -> tuple[jax.Array, tuple[jax.Array, ...]]:
            logits, activations = forward(objective.model, params, x, offsets)
            return jnp.sum(weight * LOSSES[objective.loss](logits, y)), activations

        deltas, activations = jax.grad(cost, has_aux=True)(offsets)
        pairs = tuple(zip(activations, deltas, strict=True))
        squares = [jnp.sum(jnp.sum(a * a, axis=1) * jnp.sum(d * d, axis=1)) for a, d in pairs]
        return tuple(a.T @ d for a, d in pairs), jnp.stack(squares)

    def add(sums: Sums, batch: Batch) -> tuple[Sums, None]:
        return jax.tree.map(jnp.add, sums, batch_sums(batch)), None

    zero = (tuple(jnp.zeros_like(w) for w in weights(params)), jnp.zeros(len(params), params[0]["w"].dtype))
    (full, squares), _ = jax.lax.scan(add, zero, batches(examples, 0, examples.n))
    gradient = tuple(g / examples.n for g in full)
    return Moments(
        jnp.stack([jnp.vdot(g, g) for g in gradient]),
        squares / examples.n,
        jnp.stack([jnp.vdot(w, g) for w, g in zip(weights(params), gradient, strict=True)]),
    )


def _measure(what: Evaluation) -> dict[str, Any]:
    moments = gradient_moments(what)
    return {
        "gradient_norm2": moments.full_norm2,
        "sample_gradient_norm2": moments.sample_norm2,
        "weight_dot_gradient": moments.weight_dot,
    }


PROBE = Probe(
    name="full_gradient",
    variables=(
        Variable(
            "gradient_norm2",
            ("layer",),
            "squared norm of the full-batch data gradient",
            "of the data cost per example, without the L2 term, over the training split",
        ),
        Variable(
            "sample_gradient_norm2",
            ("layer",),
            "mean squared norm of one example's data gradient",
            "average over the training split",
        ),
        Variable(
            "weight_dot_gradient",
            ("layer",),
            "inner product of weights and full-batch data gradient",
            "<W, grad C_0> over the training split",
        ),
    ),
    switch=Switch("full_gradient", "full_gradient", True, "Also measure the full-batch gradient at each evaluation."),
    needs=("train",),
    measure=_measure,
    example_operations=4,
)
