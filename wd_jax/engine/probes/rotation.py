r"""By what angle a step turns each layer's weights.

With w the weights before a step that subtracts s, and :math:`p = s - \frac{\langle w,s\rangle}{\|w\|^2}w` the part of s
across w,

.. math:: \theta = \operatorname{atan2}(\|w\|\,\|p\|,\ \|w\|^2-\langle w,s\rangle).

It is not the arc cosine of :math:`\langle w,w'\rangle/(\|w\|\|w'\|)`: near 1 a cosine moves by :math:`\theta^2/2`,
which float32 loses below 3e-4 rad, and usual steps turn by less. Nor is :math:`w'-w` used, each weight of which is
rounded at 3e-8 of the weight itself: s is what the step is meant to subtract, so an angle of 1e-12 rad is there too.
What rounding then does to the stored weights is no part of the angle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wd_jax.engine.probes import over_steps
from wd_jax.engine.probes.probe import Probe, Record, Step, Switch, Variable

if TYPE_CHECKING:
    import jax


def angle(w: jax.Array, taken: jax.Array) -> jax.Array:
    """Angle between w and w - taken, in radians, 0 to pi; NaN where one of the two is zero.

    Parameters
    ----------
    w, taken : jax.Array
        Weights, and what is subtracted from them, of one shape.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> print(angle(jnp.array([1.0, 1.0]), jnp.array([1e-6, -1e-6])))
    1e-06
    """
    import jax.numpy as jnp

    norm2, along = jnp.vdot(w, w), jnp.vdot(w, taken)
    across = taken - along / norm2 * w
    opposite, adjacent = jnp.sqrt(norm2) * jnp.sqrt(jnp.vdot(across, across)), norm2 - along
    nowhere = (opposite == 0) & (adjacent == 0)
    return jnp.where(nowhere, jnp.nan, jnp.arctan2(opposite, adjacent))


def _step(state: over_steps.State, step: Step) -> over_steps.State:
    import jax.numpy as jnp

    from wd_jax.models.layers import weights

    layers = zip(weights(step.params), weights(step.whole), strict=True)
    angles = jnp.stack([angle(w, taken) for w, taken in layers])
    return state.plus(angles * angles, ~jnp.isnan(angles))


def _record(state: over_steps.State, record: Record) -> dict[str, Any]:
    return {"rotation": state.rms}


PROBE = Probe(
    name="rotation",
    variables=(
        Variable(
            "rotation",
            ("layer",),
            "angle by which a step turns the weights, rms over the record",
            "root of the mean over steps of the squared angle between W and W - D - U; steps from or to weights that "
            "are all zero are left out",
            "rad",
        ),
    ),
    switch=Switch(
        "rotation",
        "rotation",
        True,
        "Also measure by what angle a step turns each layer's weights: half as long again, and no blocks.",
    ),
    needs=("whole",),
    start=over_steps.nothing_yet,
    step=_step,
    record=_record,
    any_layout=True,
    copies=1,
    step_operations=2,
)
