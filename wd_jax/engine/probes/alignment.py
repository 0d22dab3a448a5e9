"""The cosine between each layer's weights and their minibatch gradient: the side of a step that changes the norm."""

from __future__ import annotations

from typing import Any

from wd_jax.engine.probes import over_steps
from wd_jax.engine.probes.probe import Probe, Record, Step, Switch, Variable
from wd_jax.engine.probes.weights import squared_norms


def _step(state: over_steps.State, step: Step) -> over_steps.State:
    import jax.numpy as jnp

    from wd_jax.models.layers import weights

    ws, gs = weights(step.params), weights(step.gradients)
    dot = jnp.stack([jnp.vdot(w, g) for w, g in zip(ws, gs, strict=True)])
    # A product of roots: the product of the squares leaves float32's range sooner.
    norms = jnp.sqrt(squared_norms(ws)) * jnp.sqrt(squared_norms(gs))
    return state.plus(dot / norms, norms != 0)


def _record(state: over_steps.State, record: Record) -> dict[str, Any]:
    return {"alignment": state.mean}


PROBE = Probe(
    name="alignment",
    variables=(
        Variable(
            "alignment",
            ("layer",),
            "cosine of weights and minibatch gradient, mean over the record",
            "mean over steps of <W, g> / (|W| |g|), g the gradient of the minibatch's data cost; positive where a step "
            "against g shrinks W, 0 for scale-invariant weights; steps where W or g is zero are left out",
        ),
    ),
    switch=Switch(
        "alignment",
        "alignment",
        True,
        "Also measure the cosine of each layer's weights and gradient: a fifth longer, and no blocks.",
    ),
    needs=("gradients",),
    start=over_steps.nothing_yet,
    step=_step,
    record=_record,
    any_layout=True,
    step_operations=1,
)
