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

    In a multilayer perceptron the gradient of one example is :math:`a\delta^T`, so its squared norm is
    :math:`\|a\|^2\|\delta\|^2` and no per-example gradient is ever formed; in another model each is.

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
    from wd_jax.models.footprint import rows_at_once
    from wd_jax.models.forward import apply, no_offsets
    from wd_jax.models.layers import weights
    from wd_jax.models.losses import LOSSES

    model, params, examples = what.objective.model, what.params, what.data

    def cost(params: Any, offsets: Any, batch: Batch) -> tuple[jax.Array, tuple[jax.Array, ...] | None]:
        x, y, weight = batch
        logits, _, activations = apply(model, params, what.state, x, False, offsets)
        return jnp.sum(weight * LOSSES[what.objective.loss](logits, y)), activations

    def by_deltas(batch: Batch) -> Sums:
        """Of a network whose activations and deltas are known."""
        offsets = no_offsets(model, batch[0])
        deltas, activations = jax.grad(cost, argnums=1, has_aux=True)(params, offsets, batch)
        pairs = tuple(zip(activations, deltas, strict=True))
        squares = [jnp.sum(jnp.sum(a * a, axis=1) * jnp.sum(d * d, axis=1)) for a, d in pairs]
        return tuple(a.T @ d for a, d in pairs), jnp.stack(squares)

    def one_by_one(batch: Batch) -> Sums:
        """Of any model: each example's gradient is formed, one after the other."""

        def of_one(example: Batch) -> tuple[jax.Array, ...]:
            alone = jax.tree.map(lambda a: a[None], example)
            return weights(jax.grad(cost, has_aux=True)(params, None, alone)[0])

        def more(sums: Sums, example: Batch) -> tuple[Sums, None]:
            gradient = of_one(example)
            squares = jnp.stack([jnp.vdot(g, g) for g in gradient])
            return jax.tree.map(jnp.add, sums, (gradient, squares)), None

        return jax.lax.scan(more, zero, batch)[0]

    def add(sums: Sums, batch: Batch) -> tuple[Sums, None]:
        return jax.tree.map(jnp.add, sums, batch_sums(batch)), None

    ws = weights(params)
    zero = (tuple(jnp.zeros_like(w) for w in ws), jnp.zeros(len(ws), ws[0].dtype))
    batch_sums = one_by_one if no_offsets(model, examples.inputs) is None else by_deltas
    most = rows_at_once(model, examples.inputs.shape[1])
    (full, squares), _ = jax.lax.scan(add, zero, batches(examples, 0, examples.n, most))
    gradient = tuple(g / examples.n for g in full)
    return Moments(
        jnp.stack([jnp.vdot(g, g) for g in gradient]),
        squares / examples.n,
        jnp.stack([jnp.vdot(w, g) for w, g in zip(ws, gradient, strict=True)]),
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
