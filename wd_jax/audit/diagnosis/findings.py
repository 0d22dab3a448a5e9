"""Mistakes that a log shows: each is said only where what is seen has no other explanation.

Norms alone do not tell decay from a gradient that pulls along the weights, nor do layers that agree: layers of equal
curvature agree on any factor. So a finding rests on one of: weights on which decay alone acts; a gradient that is
seen, or was said, to be at right angles to the weights; the decay of the optimiser's own groups, as the log has it; a
dtype that is seen to lose it (`lost`); a layer that does not move although it has a gradient; or one that has gone.
"""

import math
from collections.abc import Sequence

import numpy as np

from wd_jax.audit.diagnosis.asked import Asked
from wd_jax.audit.diagnosis.diagnosis import Finding
from wd_jax.audit.diagnosis.layer import SAID, LayerDiagnosis, few, norms
from wd_jax.audit.diagnosis.remedies import NAMED, Named, conventions, remedy_of
from wd_jax.audit.diagnosis.seen import BALANCE, NONE_SEEN, TURNING
from wd_jax.audit.logs.log import TrainingLog
from wd_jax.stats.verdict import FAILS

GONE = 1e-3
"""Share of a norm that is left of weights that have gone."""
LASTING = 5
"""Records for which it is so: a single number that changes its sign is near 0 once."""
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
    other = _other(log, [one for one in layers if one.name not in told], whole, each)
    column = _column(log, layers, whole)
    return found + (column if column and all(one.kind == column[0].kind for one in other) else other)


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
    columns = {name: one[np.isfinite(one)] for name, one in log.layer_weight_decay.items()}
    decays = {one.name: float(columns[one.name].max()) for one in layers if columns.get(one.name, np.empty(0)).size}
    without = [one for one in layers if decays.get(one.name) == 0 and not one.vector and (one.size or 2) > 1]
    most = max(decays.values(), default=0.0)
    asked = most if whole.value is None else float(np.max(whole.value))
    if not without or not asked > 0 or not most > 0:
        return []
    return [_none_on(without, f"the optimiser's own groups have a decay of 0 for {{}}, and of {most:g} for others")]


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


def _other(log: TrainingLog, layers: Sequence[LayerDiagnosis], whole: Asked, each: dict[str, Asked]) -> list[Finding]:
    """Find a decay that is another than the one asked for, and name the convention that makes it so."""
    sure = [one for one in layers if one.conclusive and one.verdict == FAILS]
    named = conventions(whole)
    merged: dict[tuple[Named, bool], list[LayerDiagnosis]] = {}
    for one in sure:
        merged.setdefault((_named(one, named), one.bound), []).append(one)
    found = [_told(group, which) for (which, _), group in merged.items()]
    free = [one for one in layers if one.evidence == SAID and not one.vector]  # of others a gradient may take all
    least = {one.name: _least(log, one, each[one.name]) for one in free if one not in sure}
    gone = {name: one for name, one in least.items() if one is not None}
    if gone:
        found.append(_went([one for one in layers if one.name in gone], gone))
    return found


def _least(log: TrainingLog, one: LayerDiagnosis, asked: Asked) -> tuple[float, float] | None:
    """Give what was left of a layer when hardly anything was, and what decay leaves by then; None if never so."""
    records = len(log.time)
    if asked.between is None or not 0 < asked.total < math.inf or not one.start > 0 or records < LASTING:
        return None
    left = log.norms[one.name] / one.start
    due = np.exp(-np.concatenate([[0.0], np.cumsum(np.nan_to_num(asked.between))]))
    with np.errstate(invalid="ignore"):
        ratio = np.where(np.isfinite(left), left / due, np.inf)
    most = np.lib.stride_tricks.sliding_window_view(ratio, LASTING).max(axis=1)
    where = int(np.argmin(most)) + int(np.argmax(ratio[int(np.argmin(most)) :][:LASTING]))
    return (float(left[where]), float(due[where])) if most.min() < GONE else None


def _went(layers: Sequence[LayerDiagnosis], left: dict[str, tuple[float, float]]) -> Finding:
    texts = [f"{one.name} {left[one.name][0]:.2g} where {left[one.name][1]:.2g} is due" for one in layers[:3]]
    more = f" and {len(layers) - 3} more" if len(layers) > 3 else ""
    return Finding(
        "decay other than asked",
        tuple(one.name for one in layers),
        f"over {LASTING} records, less than {GONE:g} of what the decay asked for leaves of the first norm was there: "
        f"{', '.join(texts)}{more}",
        "look for a second decay: an L2 penalty in the cost, or one that goes through Adam's averages "
        "(torch.optim.Adam where AdamW was meant), which takes lr a step off weights once their gradient is small",
    )


def _together(layers: Sequence[LayerDiagnosis]) -> tuple[float, float, float]:
    """Give the factors' median and their range."""
    times = [one.times for one in layers]
    return float(np.median([one[0] for one in times])), min(one[1] for one in times), max(one[2] for one in times)


def _named(layer: LayerDiagnosis, named: Sequence[Named]) -> Named:
    """Give the convention whose factor is seen, as far as the way it is seen tells; or none."""
    way = layer.factor.way
    value = layer.factor.value if layer.bound else layer.times[0]
    most = {BALANCE: 2.0, TURNING: 5.0}.get(way, 1.02)
    least = layer.times[1] if way == TURNING else value / most
    fitting = [one for one in named if least <= one.factor <= value * most and (most < 2 or one.far)]
    return min(fitting, key=lambda one: abs(math.log(value / one.factor)), default=NAMED)


def _told(layers: Sequence[LayerDiagnosis], named: Named) -> Finding:
    if layers[0].bound:
        return _told_of_bounds(layers, named)
    value, low, high = _together(layers)
    factor = float(np.median([one.factor.value for one in layers]))
    few = ", ".join(one.name for one in layers[:4]) + (f" and {len(layers) - 4} more" if len(layers) > 4 else "")
    one = layers[0]
    if value <= 0:
        return Finding(
            named.kind,
            tuple(each.name for each in layers),
            f"{few}: no decay is seen: the norm grows by what its updates bring, and by no less; asked were "
            f"{one.asked_timescale:.4g} steps to 1/e",
            remedy_of(named, 0.0),
        )
    falls = f"falls to 1/e in {one.asked_timescale / factor:.4g} steps" if factor > 0 else "does not fall"
    return Finding(
        named.kind,
        tuple(each.name for each in layers),
        f"{few}: the decay seen is {value:.4g} times the one asked for [{low:.4g}, {high:.4g}]; a weight {falls}, "
        f"asked were {one.asked_timescale:.4g} steps{named.because}",
        remedy_of(named, value),
    )


def _told_of_bounds(layers: Sequence[LayerDiagnosis], named: Named) -> Finding:
    """Say what is seen of layers of whose decay only a lower bound is known."""
    one, least = layers[0], min(each.times[1] for each in layers)
    names = tuple(each.name for each in layers)
    if not least > 1:  # they grow as weights do that nothing holds
        return Finding(
            named.kind,
            names,
            f"{few(layers, 4)}: no decay is seen: from the first record to the last the norm grows as its turning "
            f"alone makes it grow; asked were {one.asked_timescale:.4g} steps to 1/e",
            remedy_of(named, 0.0),
        )
    longest = max(each.timescale[2] for each in layers)
    return Finding(
        named.kind,
        names,
        f"{few(layers, 4)}: the decay seen is at least {least:.3g} times the one asked for; a weight falls to 1/e "
        f"in at most {longest:.4g} steps, asked were {one.asked_timescale:.4g} steps{_fits(named)}",
        ("if that is it: " if named.because else "") + remedy_of(named, least, bound=True),
    )


def _fits(named: Named) -> str:
    """Say which convention a bound fits: it does not prove it."""
    return f"; what fits{named.because}" if named.because else ""
