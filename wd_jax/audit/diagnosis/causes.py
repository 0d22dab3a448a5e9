"""Which causes of a decay other than asked fit: of the optimiser as a whole, so that one must fit every layer."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from wd_jax.audit.diagnosis.layer import LayerDiagnosis
from wd_jax.audit.diagnosis.remedies import FAR, Named
from wd_jax.audit.diagnosis.seen import BALANCE, TURNING

WITHIN = {BALANCE: FAR, TURNING: 5.0}
"""Ratio of a cause's factor to the one seen, by the way it is seen, up to which it may be the cause."""
MIDDLE = 2.0
"""The same of the median of layers that are seen by their balance."""
EXACT = 1.02
"""The same where decay acts alone."""
LEFT = 10.0
"""How many times as much as is left of a weight that has gone a cause may leave of it."""


def fitting(
    layers: Sequence[LayerDiagnosis],
    gone: Mapping[str, tuple[float, float]],
    named: Sequence[Named],
    penalty: Named | None,
) -> list[Named]:
    """List the causes that fit all layers, most likely first.

    Parameters
    ----------
    layers : sequence of LayerDiagnosis
        Whose decay is seen, all larger than asked or all smaller.
    gone : mapping of str to (float, float)
        Of weights that have gone: what was left, and what the decay asked for leaves.
    named : sequence of Named
        Conventions of one factor.
    penalty : Named or None
        L2 inside of Adam, which has another factor in each layer.
    """
    found = [one for one in named if _fits_all(one, layers) and all(_leaves(one, *pair) for pair in gone.values())]
    found.sort(key=lambda one: abs(math.log(_middle(layers) / one.factor)) if layers else 0.0)
    if penalty is None or not (layers or gone) or not all(_divided(penalty, one) for one in layers):
        return found
    compared = any(one.name in penalty.each for one in layers)
    if not agree(layers):  # one factor for all is then less than layers that are each as their gradient says
        return [penalty]
    first = bool(compared or gone) or not all(
        one.times[1] <= each.factor <= one.times[2] for each in found for one in layers
    )
    return [penalty, *found] if first or not found else [*found, penalty]


def agree(layers: Sequence[LayerDiagnosis]) -> bool:
    """Whether the intervals of all layers have a factor in common."""
    return not layers or max(one.times[1] for one in layers) <= min(one.times[2] for one in layers)


def _middle(layers: Sequence[LayerDiagnosis]) -> float:
    """Median of the factors seen."""
    return max(1e-9, float(np.median([_value(one) for one in layers])))


def _value(one: LayerDiagnosis) -> float:
    return one.factor.value if one.bound else one.times[0]


def _fits_all(named: Named, layers: Sequence[LayerDiagnosis]) -> bool:
    """Whether one factor is what each layer shows, and the middle of them."""
    balanced = [one for one in layers if one.factor.way == BALANCE]
    middle = max(_middle(balanced) / named.factor, named.factor / _middle(balanced)) if balanced else 1.0
    return middle <= MIDDLE and all(_fits(named, one) for one in layers)


def _fits(named: Named, one: LayerDiagnosis) -> bool:
    """Whether a factor is what a layer shows, as far as the way it is seen tells."""
    way, value = one.factor.way, _value(one)
    most = WITHIN.get(way, EXACT)
    least = one.times[1] if way == TURNING else value / most
    return least <= named.factor <= value * most and (most < MIDDLE or named.far)


def _divided(penalty: Named, one: LayerDiagnosis) -> bool:
    """Whether a layer may show L2 inside of Adam: as its gradient says, or much more decay where that is not known.

    Without a gradient such a weight loses lr a step and not a share of itself; so where decay acts alone it is not.
    """
    if one.factor.way not in WITHIN:
        return False
    factor, value = penalty.each.get(one.name), _value(one)
    if factor is None:
        return (one.times[1] if one.bound else value) > FAR
    most = WITHIN[one.factor.way]
    return (one.times[1] / FAR if one.bound else value / most) <= factor <= value * most


def _leaves(named: Named, left: float, due: float) -> bool:
    """Whether decay of this factor leaves as little of a weight as is there."""
    return due**named.factor <= LEFT * left
