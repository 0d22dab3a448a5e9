"""The size of each layer's weights: their squared norm, and their root mean square."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wd_jax.engine.probes.probe import Probe, Record, Variable

if TYPE_CHECKING:
    import jax


def squared_norms(ws: tuple[jax.Array, ...]) -> jax.Array:
    """Squared Frobenius norm of each array, [layer].

    As a product, because a sum inside a large program may run one term at a time: in float32 it was off by 6e-7.
    """
    import jax.numpy as jnp

    return jnp.stack([jnp.vdot(w, w) for w in ws])


def _record(state: None, record: Record) -> dict[str, Any]:
    from wd_jax.models.layers import weights

    return {"weight_norm2": squared_norms(weights(record.params))}


def _derive(arrays: dict[str, Any], model: Any) -> dict[str, Any]:
    import numpy as np

    return {"weight_rms": np.sqrt(arrays["weight_norm2"] / np.asarray(model.n_w))}


PROBE = Probe(
    name="weights",
    variables=(
        Variable(
            "weight_rms",
            ("layer",),
            "root mean square weight",
            "sqrt(|W|^2 / n_w) of one layer, biases excluded",
        ),
        Variable(
            "weight_norm2",
            ("layer",),
            "squared Frobenius norm of the weights",
            "|W|^2, the sum of the squared weights of one layer, biases excluded",
        ),
    ),
    record=_record,
    derive=_derive,
    any_layout=True,
)
