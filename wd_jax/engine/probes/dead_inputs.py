"""The weights of inputs that are zero on the whole training set: no gradient reaches them, they only decay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wd_jax.engine.probes.probe import Probe, Record, Variable

if TYPE_CHECKING:
    import jax


def rms(first_layer: jax.Array, dead: jax.Array) -> jax.Array:
    """Root mean square of first-layer weights whose input is zero on the whole training set; NaN if there is none.

    Parameters
    ----------
    first_layer : jax.Array [n_in, n_out]
        Weights.
    dead : jax.Array [n_in] bool
        Inputs that never vary.
    """
    import jax.numpy as jnp

    rows = jnp.sum(jnp.square(first_layer), axis=1)
    count = jnp.sum(dead) * first_layer.shape[1]
    return jnp.sqrt(jnp.sum(jnp.where(dead, rows, 0)) / jnp.where(count > 0, count, jnp.nan))


def _record(state: None, record: Record) -> dict[str, Any]:
    from wd_jax.models.model import MLP

    # Only of a multilayer perceptron is it known which weights an input meets.
    known = isinstance(record.program.model, MLP)
    return {"dead_input_rms": rms(record.params[0]["w"], record.data.dead)} if known else {}


PROBE = Probe(
    name="dead_inputs",
    variables=(
        Variable(
            "dead_input_rms",
            (),
            "root mean square of first-layer weights on inputs that are always zero",
            "they only decay: the control; no number where no input is dead; absent where the model is your own, of "
            "which it is not known what an input meets",
        ),
    ),
    record=_record,
)
