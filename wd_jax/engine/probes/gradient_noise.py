r"""How much of a minibatch gradient is signal: its mean over a record against its scatter about it.

Mean and scatter are updated step by step (Welford), :math:`\bar g_k=\bar g_{k-1}+(g_k-\bar g_{k-1})/k` and
:math:`M_k=M_{k-1}+(1-1/k)\|g_k-\bar g_{k-1}\|^2`, so that no difference of large numbers is taken and the scatter is
never negative. The weights move meanwhile: what the gradient changes with them counts as scatter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from wd_jax.engine.probes.probe import Probe, Record, Step, Switch, Variable
from wd_jax.engine.probes.weights import squared_norms

if TYPE_CHECKING:
    import jax

    from wd_jax.models.mlp import Params
    from wd_jax.program import Program


class State(NamedTuple):
    """Steps so far, the mean gradient of each layer, and the sum of squared distances from it, [layer]."""

    steps: jax.Array
    mean: tuple[jax.Array, ...]
    scatter: jax.Array


def _start(program: Program, params: Params) -> State:
    import jax.numpy as jnp

    from wd_jax.models.layers import weights

    zeros = tuple(jnp.zeros_like(w) for w in weights(params))
    return State(jnp.zeros((), program.dtype), zeros, jnp.zeros(program.model.layers, program.dtype))


def _step(state: State, step: Step) -> State:
    from wd_jax.models.layers import weights

    steps = state.steps + 1
    apart = tuple(g - mean for g, mean in zip(weights(step.gradients), state.mean, strict=True))
    mean = tuple(m + a / steps for m, a in zip(state.mean, apart, strict=True))
    return State(steps, mean, state.scatter + (1 - 1 / steps) * squared_norms(apart))


def _record(state: State, record: Record) -> dict[str, Any]:
    return {"gradient_signal2": squared_norms(state.mean), "gradient_noise2": state.scatter / state.steps}


def _derive(arrays: dict[str, Any], model: Any) -> dict[str, Any]:
    import numpy as np

    signal2, noise2 = arrays["gradient_signal2"], arrays["gradient_noise2"]
    return {"gradient_snr": np.divide(signal2, noise2, out=np.full_like(signal2, np.nan), where=noise2 != 0)}


PROBE = Probe(
    name="gradient_noise",
    variables=(
        Variable(
            "gradient_signal2",
            ("layer",),
            "squared norm of the minibatch gradient's mean over the record",
            "|mean g|^2 over the record's steps, g the gradient of the minibatch's data cost; of K steps of pure noise "
            "it is 1 / K of their mean |g|^2, not zero",
        ),
        Variable(
            "gradient_noise2",
            ("layer",),
            "mean squared distance of a minibatch gradient from its mean over the record",
            "mean of |g - mean g|^2 over the record's steps, divided by their number K",
        ),
        Variable(
            "gradient_snr",
            ("layer",),
            "signal-to-noise ratio of the minibatch gradient",
            "gradient_signal2 / gradient_noise2, of squares; no number where there is no scatter, as of one step",
        ),
    ),
    switch=Switch(
        "gradient_noise",
        "gradient_noise",
        True,
        "Also measure the minibatch gradient's mean and scatter over a record: half as long again, and no blocks.",
    ),
    needs=("gradients",),
    start=_start,
    step=_step,
    record=_record,
    derive=_derive,
    any_layout=True,
    copies=2,
    step_operations=2,
)
