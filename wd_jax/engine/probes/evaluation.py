"""Cost and accuracy on whole splits, and how many hidden units are saturated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wd_jax.engine.probes.probe import Evaluation, Probe, Switch, Variable

if TYPE_CHECKING:
    import jax

    from wd_jax.engine.examples import Batch

LOW, HIGH = 0.1, 0.9
"""A sigmoid unit outside this range is saturated."""


def evaluate(what: Evaluation) -> tuple[jax.Array, jax.Array, jax.Array | None]:
    """Cost and accuracy on splits, saturation on the validation split.

    Returns
    -------
    cost : jax.Array [split]
        Data cost per example, nats (cross-entropy) or squared activation (quadratic).
    accuracy : jax.Array [split]
        Fraction right, 0 to 1, as `wd_jax.data.targets.ACCURACY` words it for the kind of the targets; NaN for "real".
    saturated : jax.Array [layer] or None
        Fraction of hidden sigmoid activations outside [0.1, 0.9]; NaN for other units and for the output layer; None
        of a model whose activations are not known.
    """
    import jax
    import jax.numpy as jnp

    from wd_jax.engine.examples import batches
    from wd_jax.models.footprint import rows_at_once
    from wd_jax.models.forward import apply
    from wd_jax.models.losses import LOSSES, right

    model, params, examples = what.objective.model, what.params, what.data
    dtype = jax.tree.leaves(params)[0].dtype
    most = rows_at_once(model, examples.inputs.shape[1])

    def one_batch(batch: Batch, present: jax.Array | None = None) -> tuple[jax.Array, ...]:
        x, y, weight = batch
        logits, _, activations = apply(model, params, what.state, x, False, present=present)
        found = weight * LOSSES[what.objective.loss](logits, y), right(logits, y, examples.target_kind)
        if activations is None:
            return found
        outside = [jnp.mean((a < LOW) | (a > HIGH), axis=1, dtype=dtype) for a in activations[1:]]
        return *found, jnp.stack([*outside, jnp.full(x.shape[0], jnp.nan, dtype)], axis=1)

    places = {split: examples.rows(split) for split in (*what.splits, "validation")}

    def over(first: int, last: int) -> tuple[jax.Array, ...]:
        cut = batches(examples, first, last, most)
        if not model.mixes_examples:
            found = jax.lax.map(one_batch, cut)
        else:
            present = (jnp.arange(cut[2].size) < last - first).reshape(cut[2].shape)
            found = jax.lax.map(lambda one: one_batch(*one), (cut, present))
        return tuple(a.reshape(-1, *a.shape[2:]) for a in found)

    if model.mixes_examples:  # the examples of a split among themselves
        of_split = {split: over(place.start, place.stop) for split, place in places.items()}
        of_split = {
            split: tuple(a[: place.stop - place.start] for a in of_split[split]) for split, place in places.items()
        }
    else:
        first, last = min(place.start for place in places.values()), max(place.stop for place in places.values())
        all_of_them = over(first, last)
        of_split = {
            split: tuple(a[place.start - first : place.stop - first] for a in all_of_them)
            for split, place in places.items()
        }
    cost, accuracy = (jnp.stack([jnp.mean(of_split[s][i], axis=0) for s in what.splits]) for i in (0, 1))
    outside = of_split["validation"][2:]
    if not outside:
        return cost, accuracy, None
    saturated = jnp.mean(outside[0], axis=0)
    return cost, accuracy, saturated if model.activation == "sigmoid" else saturated * jnp.nan


def _measure(what: Evaluation) -> dict[str, Any]:
    cost, accuracy, saturated = evaluate(what)
    return {"cost": cost, "accuracy": accuracy} | ({} if saturated is None else {"saturated": saturated})


PROBE = Probe(
    name="evaluation",
    variables=(
        Variable(
            "cost",
            ("split",),
            "data cost per example",
            "mean over the split, without the L2 term; in nats, but for squared errors",
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
            "over examples and hidden units; no number for the output layer and for other units; absent where the "
            "model is your own, whose units are not known",
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
