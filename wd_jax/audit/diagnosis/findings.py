"""Mistakes that a log shows: each is said only where what is seen has no other explanation.

Norms alone do not tell decay from a gradient that pulls along the weights, nor do layers that agree: layers of equal
curvature agree on any factor. So a finding rests on one of: weights on which decay alone acts; a gradient that is
seen, or was said, to be at right angles to the weights; the decay of the optimiser's own groups, as the log has it; a
dtype that is seen to lose it (`lost`); a layer that does not move although it has a gradient; or one that has gone.
"""

import math
from collections.abc import Sequence

import numpy as np

from wd_jax.audit.diagnosis import other, vectors
from wd_jax.audit.diagnosis.asked import Asked
from wd_jax.audit.diagnosis.diagnosis import Finding
from wd_jax.audit.diagnosis.layer import SAID, LayerDiagnosis, few, norms
from wd_jax.audit.diagnosis.seen import NONE_SEEN, TURNING
from wd_jax.audit.logs.log import TrainingLog
from wd_jax.stats.verdict import FAILS

DIGITS = 4
"""Last digits of a column that decay must move a norm by, for one that stands still to be without decay."""
TURNS = 1e-12
"""1 - cosine from which on a layer turns, far from rounding: its norm stands still, and the layer does not."""


def of_layers(
    log: TrainingLog,
    layers: Sequence[LayerDiagnosis],
    whole: Asked,
    each: dict[str, Asked],
    lost: Sequence[Finding] = (),
) -> list[Finding]:
    """Give the findings that rest on layers.

    Parameters
    ----------
    log : TrainingLog
        The log.
    layers : sequence of LayerDiagnosis
        All of them.
    whole : Asked
        Of the log.
    each : mapping of str to Asked
        Of each layer.
    lost : sequence of Finding
        Of decay that the dtype loses (`lost`).
    """
    found: list[Finding] = list(lost)
    told = {name for one in lost for name in one.layers}
    groups = _groups(log, layers, whole)
    found += groups
    told |= {name for one in groups for name in one.layers}
    missing = _missing(log, [one for one in layers if one.name not in told], each)
    found += missing
    told |= {name for one in missing for name in one.layers}
    found_other = other.of(log, [one for one in layers if one.name not in told], whole, each)
    column = _column(log, layers, whole)
    return found + (column if column and all(one.kind == column[0].kind for one in found_other) else found_other)


def _column(log: TrainingLog, layers: Sequence[LayerDiagnosis], whole: Asked) -> list[Finding]:
    """Compare the log's own column of the decay with what was said."""
    if log.weight_decay is None or whole.value is None or not np.isfinite(log.weight_decay).any():
        return []
    ran, said = float(np.nanmax(log.weight_decay)), float(np.max(whole.value))
    if abs(ran - said) <= 0.01 * max(ran, said):
        return []
    return [
        Finding(
            "decay other than asked",
            tuple(one.name for one in layers),
            f"the log's own column weight_decay says {ran:g}, and {said:g} was asked for",
            f"give the optimiser weight_decay={said:g}: a default was taken, or another value was passed on. If the "
            "decay is a regulariser in the cost, name an optimiser whose decay is in the gradient",
        )
    ]


def _groups(log: TrainingLog, layers: Sequence[LayerDiagnosis], whole: Asked) -> list[Finding]:
    """Read the decay of each layer's own group, where the log has it."""
    if not log.layer_weight_decay:
        return []
    decays, meant = _decays(log), vectors.of(log)
    without = [one for one in layers if decays.get(one.name) == 0 and one.name not in meant and (one.size or 2) > 1]
    most = max(decays.values(), default=0.0)
    asked = most if whole.value is None else float(np.max(whole.value))
    if not without or not asked > 0 or not most > 0:
        return []
    return [_none_on(without, f"the optimiser's own groups have a decay of 0 for {{}}, and of {most:g} for others")]


def _decays(log: TrainingLog) -> dict[str, float]:
    """Give the largest decay of each layer's own group, where the log has it."""
    columns = {name: one[np.isfinite(one)] for name, one in log.layer_weight_decay.items() if name in log.norms}
    return {name: float(one.max()) for name, one in columns.items() if one.size}


def left_out(log: TrainingLog, layers: Sequence[LayerDiagnosis]) -> list[str]:
    """Say which biases and gains have no decay in their group, which is taken to be meant."""
    decays, meant = _decays(log), vectors.of(log)
    out = [one for one in layers if decays.get(one.name) == 0 and (one.name in meant or one.size == 1)]
    if not out or not max(decays.values()) > 0:
        return []
    return [f"{few(out)}: left out of the decay in the optimiser's groups, as biases and gains usually are"]


def _none_on(layers: Sequence[LayerDiagnosis], sentence: str) -> Finding:
    names = tuple(one.name for one in layers)
    few = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
    return Finding(
        "no decay on a layer",
        names,
        sentence.format(few) + f": {norms(layers)}",
        "look which parameters the optimiser was given, and in which group (optimizer.param_groups in PyTorch, the "
        "mask of optax, exclude_from_weight_decay in Keras): put this layer into the group that decays. If it is left "
        "out on purpose, as biases and gains of normalisations often are, nothing is wrong",
    )


def _missing(log: TrainingLog, layers: Sequence[LayerDiagnosis], each: dict[str, Asked]) -> list[Finding]:
    """Find layers without decay, beside others that have it."""
    found = []
    still = [one for one in layers if one.state == "does not move" and one.value != 0 and not one.vector]
    frozen = still
    still = [one for one in still if _would_show(log, one, each[one.name])]
    forgotten = [one for one in still if _has_gradient(log, one)]
    if forgotten:
        said = "{} does not move in any digit, although it has a gradient: the optimiser does not step it at all"
        found.append(_none_on(forgotten, said))
    silent = [one for one in still if one.evidence == SAID and not log.gradients and len(still) < len(layers)]
    if silent:
        said = "{} does not move in any digit: it is frozen, or the optimiser was never given it, and nothing decays"
        found.append(_none_on(silent, said))
    free = [one for one in layers if one not in frozen and one.conclusive and _without(one) and not one.vector]
    beside = [one for one in layers if one.conclusive and one not in free and one.factor.value > NONE_SEEN]
    if free and beside:
        said = (
            f"{{}} shows none of the decay asked for, while {beside[0].name} shows {beside[0].factor.value:.2g} of it"
        )
        found.append(_none_on(free, said))
    return found


def _would_show(log: TrainingLog, one: LayerDiagnosis, asked: Asked) -> bool:
    """Whether the column of a norm that stands still has the digits to show the decay asked for, and nothing turns."""
    cosines = log.cosines.get(one.name)
    if cosines is not None and np.nanmax(np.nan_to_num(1 - cosines[1:]), initial=0.0) > TURNS:
        return False
    if not asked.known:
        return True
    return -math.expm1(-asked.total) > DIGITS * resolution(one.start)


def resolution(value: float) -> float:
    """Give the relative step of a column by the digits of one of its values; at most six digits are taken for few.

    Examples
    --------
    >>> resolution(2.34567), resolution(float(np.float32(0.1))), resolution(1 / 3) < 1e-15
    (5e-06, 1.1920928955078125e-07, True)
    """
    if not math.isfinite(value) or value == 0:
        return 1.0
    written = f"{value:.17g}"
    fewest = next((digits for digits in range(1, 18) if float(f"{value:.{digits}g}") == value), 17)
    single = float(np.finfo(np.float32).eps) if float(np.float32(value)) == float(written) else 0.0
    return max(10.0 ** (1 - max(fewest, 6)) / 2, single if fewest > 6 else 0.0, float(np.finfo(float).eps))


def _has_gradient(log: TrainingLog, one: LayerDiagnosis) -> bool:
    gradients = log.gradients.get(one.name)
    return gradients is not None and bool(np.nanmax(np.nan_to_num(gradients)) > 0)


def _without(one: LayerDiagnosis) -> bool:
    """Whether a layer shows no decay from beginning to end."""
    seen = one.factor
    none = seen.given and one.verdict == FAILS and all(each < NONE_SEEN for each in seen.thirds)
    return none and (seen.way == TURNING or seen.high < 1 / 3)
