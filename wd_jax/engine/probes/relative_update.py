"""How large a step is beside the weights that it changes."""

from __future__ import annotations

from typing import Any

from wd_jax.engine.probes import over_steps
from wd_jax.engine.probes.probe import Probe, Record, Step, Switch, Variable
from wd_jax.engine.probes.weights import squared_norms


def _step(state: over_steps.State, step: Step) -> over_steps.State:
    from wd_jax.models.layers import weights

    norm2 = squared_norms(weights(step.params))
    return state.plus(squared_norms(weights(step.whole)) / norm2, norm2 != 0)


def _record(state: over_steps.State, record: Record) -> dict[str, Any]:
    return {"relative_update": state.rms}


PROBE = Probe(
    name="relative_update",
    variables=(
        Variable(
            "relative_update",
            ("layer",),
            "size of a step relative to the weights, rms over the record",
            "root of the mean over steps of |D + U|^2 / |W|^2, decay and the gradient's step together; steps from "
            "weights that are all zero are left out",
        ),
    ),
    switch=Switch(
        "relative_update",
        "relative_update",
        True,
        "Also measure the size of a step relative to each layer's weights: a tenth longer, and no blocks.",
    ),
    needs=("whole",),
    start=over_steps.nothing_yet,
    step=_step,
    record=_record,
    any_layout=True,
    step_operations=1,
)
