"""What a log cannot say, with the column that would let it."""

from collections.abc import Sequence

from wd_jax.audit.diagnosis import vectors
from wd_jax.audit.diagnosis.asked import Asked
from wd_jax.audit.diagnosis.layer import LayerDiagnosis, few
from wd_jax.audit.diagnosis.seen import TURNING
from wd_jax.audit.logs.log import TrainingLog


def of(log: TrainingLog, whole: Asked, layers: Sequence[LayerDiagnosis], lost: Sequence[str] = ()) -> tuple[str, ...]:
    """List the open questions, the same for many layers once.

    Parameters
    ----------
    log : TrainingLog
        The log.
    whole : Asked
        What was asked for.
    layers : sequence of LayerDiagnosis
        What each says.
    lost : sequence of str
        What is not known of a loss to the dtype.
    """
    said = [f"how the decay seen compares with the one asked for: {one}" for one in whole.lacking]
    law = whole.found.law
    if not law.has_factor:
        said.append(f"which decay per step was asked for: {law.why or str(law)}")
    if not log.norms:
        said.append("anything of a layer: log weight_norm/LAYER, as our hooks do")
    if log.lr is None and not log.layer_lr:
        said.append("whether a schedule stopped the decay: log the column lr")
    if whole.known and whole.total > 0:
        said += [*lost, *_of_decay(log, layers)]
    said += [f"the state of {few(group)}: {reason}" for reason, group in _states(layers).items()]
    said += _of_rest(layers)
    return tuple(dict.fromkeys(said))


def _of_decay(log: TrainingLog, layers: Sequence[LayerDiagnosis]) -> list[str]:
    """Say of which layers the decay is conditional, or cannot be told."""
    said = []
    conditional = [one for one in layers if one.factor.given and not one.conclusive]
    meant = vectors.of(log)
    said += _conditional(log, [one for one in conditional if one.name not in meant], True)
    said += _conditional(log, [one for one in conditional if one.name in meant], False)
    turning = [one for one in layers if one.factor.given and one.factor.way == TURNING]
    if turning:
        said.append(
            f"how strong the decay of {few(turning)} is: the turning between two records gives only a "
            "lower bound of the decay, an upper one of the timescale; "
            "log weight_size/LAYER under Adam and Lion, gradient_norm/LAYER too under SGD"
        )
    reasons: dict[str, list[LayerDiagnosis]] = {}
    for one in layers:
        if not one.factor.given and one.state != "does not move" and one.value != 0:
            reasons.setdefault(one.factor.reason.replace(f"/{one.name}", "/LAYER"), []).append(one)
    return said + [f"the decay seen in {few(group)}: {reason}" for reason, group in reasons.items()]


def _conditional(log: TrainingLog, layers: Sequence[LayerDiagnosis], scale: bool) -> list[str]:
    """Say what would decide of layers whose gradient may pull along the weights; of biases and gains it always may."""
    if not layers:
        return []
    ways = ["say scale_invariant (--scale-invariant) for layers before a normalisation"] * scale
    ways += ["log weight_decay/LAYER from the optimiser's groups"] * (not log.layer_weight_decay)
    ways.append("add an unused weight to the group, a canary, whose norm shows decay alone")
    why = "" if scale else ", biases and gains whose scale counts,"
    what = "; or ".join(ways)
    return [
        f"whether the decay of {few(layers)}{why} is the one asked for, whatever the gradient: from norms and cosines "
        f"decay and a gradient along the weights are one. {what[0].upper()}{what[1:]}"
    ]


def _states(layers: Sequence[LayerDiagnosis]) -> dict[str, list[LayerDiagnosis]]:
    """Put layers whose state cannot be said together by the reason."""
    found: dict[str, list[LayerDiagnosis]] = {}
    for one in layers:
        if one.state == "cannot be said":
            found.setdefault(one.state_reason, []).append(one)
    return found


def _of_rest(layers: Sequence[LayerDiagnosis]) -> list[str]:
    """Say why no law of rest was held against the layers that rest."""
    reasons: dict[tuple[str, str], list[LayerDiagnosis]] = {}
    for one in layers:
        if one.state != "at rest":
            continue
        for what, found in (("size at rest", one.rest), ("turning at rest", one.rotation)):
            if found.predicted is None:
                reasons.setdefault((what, found.why.replace(f"/{one.name}", "/LAYER")), []).append(one)
    return [f"the {what} of {few(group)} against a law: {reason}" for (what, reason), group in reasons.items()]
