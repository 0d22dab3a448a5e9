"""Cost and accuracy on whole splits, and how many hidden units are saturated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wd_jax.engine.probes.probe import Evaluation, Probe, Switch, Variable

if TYPE_CHECKING:
    import jax

    from wd_jax.engine.examples import Batch

LOW, HIGH = 0.1, 0.9
"""A sigmoid unit outside this range is saturated."""


def evaluate(what: Evaluation) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Cost and accuracy on splits, saturation on the validation split.

    Returns
    -------
    cost : jax.Array [split]
        Data cost per example, nats (cross-entropy) or squared activation (quadratic).
    accuracy : jax.Array [split]
        Fraction right, 0 to 1, as `wd_jax.data.targets.ACCURACY` words it for the kind of the targets; NaN for "real".
    saturated : jax.Array [layer]
        Fraction of hidden sigmoid activations outside [0.1, 0.9]; NaN for other units and for the output layer.
    """
    import jax
    import jax.numpy as jnp

    from wd_jax.engine.examples import batches
    from wd_jax.models.losses import LOSSES, right
    from wd_jax.models.mlp import forward

    objective, params, examples = what.objective, what.params, what.data
    dtype = params[0]["w"].dtype

    def one_batch(batch: Batch) -> tuple[jax.Array, jax.Array, jax.Array]:
        x, y, weight = batch
        logits, activations = forward(objective.model, params, x)
        outside = [jnp.mean((a < LOW) | (a > HIGH), axis=1, dtype=dtype) for a in activations[1:]]
        outside = jnp.stack([*outside, jnp.full(x.shape[0], jnp.nan, dtype)], axis=1)
        return weight * LOSSES[objective.loss](logits, y), right(logits, y, examples.target_kind), outside

    places = {split: examples.rows(split) for split in (*what.splits, "validation")}
    first, last = min(place.start for place in places.values()), max(place.stop for place in places.values())
    cost, correct, outside = (
        a.reshape(-1, *a.shape[2:]) for a in jax.lax.map(one_batch, batches(examples, first, last))
    )

    def means(array: jax.Array) -> jax.Array:
        of_each = (array[places[s].start - first : places[s].stop - first] for s in what.splits)
        return jnp.stack([jnp.mean(rows, axis=0) for rows in of_each])

    here = places["validation"]
    saturated = jnp.mean(outside[here.start - first : here.stop - first], axis=0)
    return means(cost), means(correct), saturated if objective.model.activation == "sigmoid" else saturated * jnp.nan


def _measure(what: Evaluation) -> dict[str, Any]:
    cost, accuracy, saturated = evaluate(what)
    return {"cost": cost, "accuracy": accuracy, "saturated": saturated}


PROBE = Probe(
    name="evaluation",
    variables=(
        Variable(
            "cost",
            ("split",),
            "data cost per example",
            "mean over the split, without the L2 term; in nats, but for the quadratic loss",
        ),
        Variable(
            "accuracy",
            ("split",),
            "fraction right",
            "of the split; what is right depends on the targets: see accuracy_means",
        ),
        Variable(
            "saturated",
            ("layer",),
            "fraction of sigmoid activations outside [0.1, 0.9], validation split",
            "over examples and hidden units; no number for the output layer and for other units",
        ),
    ),
    switch=Switch(
        "splits",
        "no_evaluation",
        (),
        "Do not evaluate cost and accuracy, which costs about half an epoch each time.",
    ),
    needs=("splits",),
    measure=_measure,
    example_operations=2,
)
