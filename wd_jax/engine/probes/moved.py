"""How far decay and the gradient each moved a layer over a record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wd_jax.engine.probes.budget import decaying
from wd_jax.engine.probes.probe import Probe, Record, Step, Switch, Variable
from wd_jax.engine.probes.weights import squared_norms

if TYPE_CHECKING:
    import jax

    from wd_jax.models.mlp import Params
    from wd_jax.program import Program

Sums = tuple["jax.Array", ...]
"""Of each layer the sum over steps of what decay adds, -epsilon * w if it is decoupled, of the weights' shape."""


def norms(before: Params, after: Params, by_decay: Sums) -> dict[str, jax.Array]:
    """Norms of the summed displacements by decay and by the gradient.

    Parameters
    ----------
    before, after : Params
        Parameters at the two ends of a record.
    by_decay : tuple of jax.Array
        Sum over the record's steps of what decay adds, one array per layer.

    Returns
    -------
    dict of jax.Array [layer]
        Frobenius norms, in units of a weight; the gradient's part is the rest of the displacement.
    """
    import jax.numpy as jnp

    from wd_jax.models.layers import weights

    by_gradient = tuple(e - s - d for s, e, d in zip(weights(before), weights(after), by_decay, strict=True))
    return {
        "moved_by_decay": jnp.sqrt(squared_norms(by_decay)),
        "moved_by_gradient": jnp.sqrt(squared_norms(by_gradient)),
    }


def _start(program: Program, params: Params) -> Sums:
    import jax.numpy as jnp

    from wd_jax.models.layers import weights

    return tuple(jnp.zeros_like(w) for w in weights(params))


def _step(state: Sums, step: Step) -> Sums:
    from wd_jax.models.layers import weights

    if step.program.rule.decay.share is None:
        return tuple(total - taken for total, taken in zip(state, weights(step.decay), strict=True))
    pairs = zip(state, weights(step.params), decaying(step.program, step.params), strict=True)
    return tuple(total - step.epsilon * w if decays else total for total, w, decays in pairs)


def _record(state: Sums, record: Record) -> dict[str, Any]:
    return norms(record.before, record.params, state)


PROBE = Probe(
    name="moved",
    variables=(
        Variable(
            "moved_by_decay",
            ("layer",),
            "norm of the displacement by decay over the record",
            "norm of the sum over steps of -D, what decay takes off; eps W if it is decoupled",
        ),
        Variable(
            "moved_by_gradient",
            ("layer",),
            "norm of the displacement by the gradient over the record",
            "norm of the sum over steps of -U, the rest of the displacement",
        ),
    ),
    switch=Switch(
        "moved",
        "no_moved",
        False,
        "Do not measure the displacements by decay and by the gradient, which cost a third of an epoch.",
    ),
    needs=("decay",),
    start=_start,
    step=_step,
    record=_record,
    any_layout=True,
    copies=2,
    step_operations=2,
)
