"""The L2 term that the cost of plain SGD carries."""

from __future__ import annotations

from typing import Any

from wd_jax.engine.probes.probe import Probe, Record, Variable


def _record(state: None, record: Record) -> dict[str, Any]:
    import jax
    import jax.numpy as jnp

    from wd_jax.engine.probes.weights import squared_norms

    leaves, mask = jax.tree.leaves(record.params), jax.tree.leaves(record.program.rule.mask.of(record.params))
    decaying = tuple(leaf.ravel() for leaf, decays in zip(leaves, mask, strict=True) if decays)
    norm2 = squared_norms(decaying) if decaying else jnp.zeros((), leaves[0].dtype)
    return {"penalty": record.hyper.lmbda / (2 * record.data.n) * jnp.sum(norm2)}


PROBE = Probe(
    name="penalty",
    variables=(
        Variable(
            "penalty",
            (),
            "L2 term",
            "lmbda / (2 n) times the sum of all squared weights that decay; part of the cost "
            "that sgd descends, and rules with the decay in their gradient, and only of that",
        ),
    ),
    record=_record,
    any_layout=True,
)
