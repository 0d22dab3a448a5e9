"""The size of the weights as a mean over all steps of a record: a level that is at rest is known better so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wd_jax.engine.probes import over_steps
from wd_jax.engine.probes.probe import Probe, Record, Step, Variable
from wd_jax.engine.probes.weights import squared_norms

if TYPE_CHECKING:
    from wd_jax.laboratory.tensor import Tensor


def _step(state: over_steps.State, step: Step) -> over_steps.State:
    import jax.numpy as jnp

    from wd_jax.models.layers import weights

    after = tuple(w - taken for w, taken in zip(weights(step.params), weights(step.whole), strict=True))
    return state.plus(squared_norms(after), jnp.ones(len(after), bool))


def _record(state: over_steps.State, record: Record) -> dict[str, Any]:
    return {"weight_norm2_mean": state.mean}


def _derive(arrays: dict[str, Any], model: Tensor) -> dict[str, Any]:
    import numpy as np

    return {"weight_rms_mean": np.sqrt(arrays["weight_norm2_mean"] / np.asarray(model.n_w))}


PROBE = Probe(
    name="time_mean",
    variables=(
        Variable(
            "weight_rms_mean",
            ("layer",),
            "root mean square weight over a record",
            "root of the mean of w^2 over the weights and over the steps of the record, each after it was taken",
        ),
        Variable(
            "weight_norm2_mean",
            ("layer",),
            "squared norm of the weights, mean over a record",
            "mean of |W|^2 over the steps of the record, each after it was taken",
        ),
    ),
    needs=("whole",),
    start=over_steps.nothing_yet,
    step=_step,
    record=_record,
    derive=_derive,
    copies=1,
    step_operations=2,
)
