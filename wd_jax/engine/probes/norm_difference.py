r"""How far the squared norms of neighbouring layers lie apart: what a scale that passes from one to the other changes.

In a linear or relu network without biases a factor on one layer and its inverse on the next change nothing, so that
:math:`\langle W_l,g_l\rangle` is the same for all layers l. SGD with decay then makes of the difference D of two
squared norms

.. math:: D' = (1-\epsilon)^2 D + \eta^2\left(\|g_l\|^2-\|g_{l+1}\|^2\right):

conserved without decay, up to the square of the learning rate, and shrinking by the square of decay's factor with it.
"""

from __future__ import annotations

from typing import Any

from wd_jax.engine.probes.probe import Probe, Record, Switch, Variable
from wd_jax.engine.probes.weights import squared_norms


def _record(state: None, record: Record) -> dict[str, Any]:
    import jax.numpy as jnp

    from wd_jax.models.layers import weights

    norm2 = squared_norms(weights(record.params))
    return {"norm_difference": jnp.append(norm2[:-1] - norm2[1:], jnp.asarray(jnp.nan, norm2.dtype))}


PROBE = Probe(
    name="norm_difference",
    variables=(
        Variable(
            "norm_difference",
            ("layer",),
            "squared norm of the weights less that of the next layer",
            "|W_l|^2 - |W_(l+1)|^2; of linear and relu networks without biases it changes under SGD by decay and by "
            "eta^2 alone; no number for the last layer",
        ),
    ),
    switch=Switch(
        "norm_difference",
        "norm_difference",
        True,
        "Also measure how far the squared norms of neighbouring layers lie apart; for free.",
    ),
    record=_record,
)
