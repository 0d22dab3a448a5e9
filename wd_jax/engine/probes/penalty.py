"""The L2 term that the cost of plain SGD carries."""

from __future__ import annotations

from typing import Any

from wd_jax.engine.probes.probe import Probe, Record, Variable


def _record(state: None, record: Record) -> dict[str, Any]:
    import jax.numpy as jnp

    from wd_jax.engine.probes.weights import squared_norms
    from wd_jax.models.mlp import weights

    norm2 = squared_norms(weights(record.params))
    return {"penalty": record.hyper.lmbda / (2 * record.data.n) * jnp.sum(norm2)}


PROBE = Probe(
    name="penalty",
    variables=(
        Variable(
            "penalty",
            (),
            "L2 term",
            "lmbda / (2 n) times the sum of all squared weights; part of the cost "
            "that sgd descends, and rules with the decay in their gradient, and only of that",
        ),
    ),
    record=_record,
)
