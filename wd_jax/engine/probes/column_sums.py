"""The sums of each layer's weights over its outputs and over its inputs: what a shift of the units would change.

A softmax takes no notice of a number that is added to all its logits, so no gradient reaches the sums over the outputs
of the last layer: under SGD they only decay, by exactly the factor of the decay at each step.
"""

from __future__ import annotations

from typing import Any

from wd_jax.engine.probes.probe import Probe, Record, Switch, Variable
from wd_jax.engine.probes.weights import squared_norms


def _record(state: None, record: Record) -> dict[str, Any]:
    import jax.numpy as jnp

    from wd_jax.models.layers import weights

    ws = weights(record.params)
    over_outputs = tuple(jnp.sum(w, axis=-1).ravel() for w in ws)
    over_inputs = tuple(jnp.sum(w, axis=tuple(range(w.ndim - 1))) for w in ws)
    return {
        "sums_over_outputs": jnp.sqrt(squared_norms(over_outputs)),
        "sums_over_inputs": jnp.sqrt(squared_norms(over_inputs)),
    }


PROBE = Probe(
    name="column_sums",
    variables=(
        Variable(
            "sums_over_outputs",
            ("layer",),
            "norm of the sums of the weights over the outputs",
            "W [n_in, n_out] summed over its n_out units, then the norm of these n_in numbers; of the last layer "
            "before a softmax it only decays",
        ),
        Variable(
            "sums_over_inputs",
            ("layer",),
            "norm of the sums of the weights over the inputs",
            "W [n_in, n_out] summed over its n_in inputs, then the norm of these n_out numbers",
        ),
    ),
    switch=Switch(
        "column_sums",
        "column_sums",
        True,
        "Also measure the norms of the weights' sums over outputs and over inputs; for free.",
    ),
    record=_record,
)
