"""Mistakes that a log shows: each is said only where what is seen has no other explanation.

Norms alone do not tell decay from a gradient that pulls along the weights. So a finding rests on one of: weights on
which decay alone acts; a gradient that is seen, or was said, to be at right angles to the weights; the decay that the
optimiser's own groups have, as the log has them; a dtype in which no weight can move; or layers that show one and the
same convention's factor from beginning to end, which no gradient would give two layers.
"""

import math
from collections.abc import Sequence

import numpy as np

from wd_jax import precision
from wd_jax.audit.diagnosis.asked import Asked
from wd_jax.audit.diagnosis.diagnosis import Finding
from wd_jax.audit.diagnosis.layer import ABOUT_ONE, LayerDiagnosis
from wd_jax.audit.diagnosis.remedies import NAMED, Named, conventions, remedy_of
from wd_jax.audit.logs.log import TrainingLog
from wd_jax.audit.translation.laws import Law
from wd_jax.stats.verdict import FAILS

NONE_SEEN = 0.15
"""Share of the decay asked for below which, from beginning to end, a layer behaves as if without decay."""
FREE = (0.7, 1.4)
"""Growth of the norm over that of weights which turn as these do and are held by nothing, that counts as free."""
TURNS = 0.01
"""What turning makes a norm grow, over the decay asked for, from which on a missing decay would be seen."""
ALIKE = 1.25
"""Factor within which layers, and thirds of a log, say the same."""
STILL = 1e-3
"""Decay in all that was asked for, from which on a layer that does not move at all should have."""


def of_layers(
    log: TrainingLog, layers: Sequence[LayerDiagnosis], whole: Asked, each: dict[str, Asked], dtype: str
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
    dtype : str
        Of the weights.
    """
    found: list[Finding] = []
    lost = _precision(layers, each, dtype)
    found += lost
    told = {name for one in lost for name in one.layers}
    groups = _groups(log, layers, whole)
    found += groups
    told |= {name for one in groups for name in one.layers}
    missing = _missing(log, [one for one in layers if one.name not in told])
    found += missing
    told |= {name for one in missing for name in one.layers}
    found += _other(log, [one for one in layers if one.name not in told], whole)
    return found


def _precision(layers: Sequence[LayerDiagnosis], each: dict[str, Asked], dtype: str) -> list[Finding]:
    """Say that no weight moves by decay in this dtype, where the log shows that none does."""
    law = next(iter(each.values())).found.law if each else Law()
    apart = law.link in ("plain", "implicit") and (law.update != "sgd" or law.facts.get("apart"))
    if dtype not in precision.BITS or not apart:
        return []
    seen, words, largest = [], set(), 0.0
    for one in layers:
        asked = each[one.name]
        if asked.epsilon is None or not asked.total > 0:
            continue
        epsilon = float(np.max(asked.epsilon))
        word = precision.word(
            epsilon, dtype, "once" if precision.BITS[dtype] < precision.BITS["float32"] else "multiply"
        )
        if word in ("lost", "stops") and _undecayed(one, asked.total):
            seen.append(one)
            words.add(word)
            largest = max(largest, epsilon)
    if not seen:
        return []
    half = 2.0 ** -(precision.BITS[dtype] + 2)
    wider = "float32" if dtype in ("bfloat16", "float16") else "float64"
    moves = "no weight moves" if words == {"lost"} else "weights stop one after the other"
    return [
        Finding(
            "decay lost to precision",
            tuple(one.name for one in seen),
            f"a step takes {largest:.2g} of a weight, and in {dtype} a weight moves only where that is {half:.2g} of "
            f"it or more ({2 * half:.2g} for half of them): {moves} by decay (derive('rounding')), and the norms show it: "
            + _norms(seen),
            f"keep {wider} weights for the optimiser and cast a copy for the network (autocast, mixed precision), or "
            f"round at random; lr*weight_decay above {2 * half:.2g} would decay in {dtype} too, if that is meant",
        )
    ]


def _undecayed(one: LayerDiagnosis, total: float) -> bool:
    """Whether the log itself shows a layer without the decay that was asked for."""
    if one.factor.given:
        return one.factor.high < 0.6
    return total > 0.1 and one.end > one.start * math.exp(-total / 2)


def _norms(layers: Sequence[LayerDiagnosis]) -> str:
    """Say how norms changed, of the first few layers."""
    texts = [f"{one.name} from {one.start:.4g} to {one.end:.4g}" + _share(one) for one in layers[:3]]
    return ", ".join(texts) + (f" and {len(layers) - 3} more" if len(layers) > 3 else "")


def _share(one: LayerDiagnosis) -> str:
    if not one.factor.given:
        return ""
    return f" ({one.factor.value:.2g} [{one.factor.low:.2g}, {one.factor.high:.2g}] of the decay asked for)"


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
        sentence.format(few) + f": {_norms(layers)}",
        "look which parameters the optimiser was given, and in which group (optimizer.param_groups in PyTorch, the "
        "mask of optax, exclude_from_weight_decay in Keras): put this layer into the group that decays. If it is left "
        "out on purpose, as biases and gains of normalisations often are, nothing is wrong",
    )


def _missing(log: TrainingLog, layers: Sequence[LayerDiagnosis]) -> list[Finding]:
    """Find layers that behave as if without decay."""
    found = []
    still = [one for one in layers if one.state == "does not move" and _has_gradient(log, one) and _due(one) > STILL]
    if still:
        said = "{} does not move in any digit, although it has a gradient: the optimiser does not step it at all"
        found.append(_none_on(still, said))
    free = [one for one in layers if one not in still and _without(one)]
    decaying = [one for one in layers if one not in still and one.factor.given and one.verdict == "holds"]
    if free and (decaying or len(free) > 1 or any(one.conclusive for one in free)):
        beside = f", while {decaying[0].name} shows {decaying[0].factor.value:.2g} of it" if decaying else ""
        said = "{} shows none of the decay asked for from beginning to end, and grows as weights do that nothing holds"
        found.append(_none_on(free, said + beside))
    return found


def _has_gradient(log: TrainingLog, one: LayerDiagnosis) -> bool:
    gradients = log.gradients.get(one.name)
    return gradients is not None and bool(np.nanmax(np.nan_to_num(gradients)) > 0)


def _due(one: LayerDiagnosis) -> float:
    """Decay that was asked for between the first and the last record; 0 where it is not known."""
    return 1.0 if one.value is None else (one.value > 0) * 1.0


def _without(one: LayerDiagnosis) -> bool:
    """Whether a layer shows no decay throughout, turns enough for one to be seen, and grows freely."""
    factor = one.factor
    if not factor.given or not all(abs(each) < NONE_SEEN for each in factor.thirds):
        return False
    if factor.alone:
        return True
    grows = FREE[0] < factor.grown < FREE[1] and factor.turned > TURNS
    return grows and factor.high < 0.5 and len(factor.thirds) == 3


def _other(log: TrainingLog, layers: Sequence[LayerDiagnosis], whole: Asked) -> list[Finding]:
    """Find a decay that is another than the one asked for, and name the convention that makes it so."""
    sure = [one for one in layers if one.conclusive and one.verdict == FAILS]
    named = conventions(whole)
    found = [_told([one], _named(one.factor.value, one.factor.low, one.factor.high, named)) for one in sure]
    merged: dict[tuple[str, str], list[LayerDiagnosis]] = {}
    for finding, one in zip(found, sure, strict=True):
        merged.setdefault((finding.kind, finding.remedy), []).append(one)
    found = [_told(group, _named(*_together(group), named)) for group in merged.values()]
    if sure:
        return found
    for each in [one for one in named if one.far]:
        alike = [one for one in layers if _shows(one, each.factor)]
        if len(alike) >= 2:
            return [_told(alike, each)]
    return []


def _shows(one: LayerDiagnosis, factor: float) -> bool:
    """Whether a layer shows this factor of the decay from beginning to end."""
    seen = one.factor
    parts = (seen.value, *seen.thirds)
    near = all(factor / ALIKE < each < factor * ALIKE for each in parts)
    return (
        seen.given
        and len(seen.thirds) == 3
        and near
        and not seen.low <= ABOUT_ONE[1]
        and seen.low <= factor <= seen.high
    )


def _together(layers: Sequence[LayerDiagnosis]) -> tuple[float, float, float]:
    """Give the factors' median and their range."""
    return (
        float(np.median([one.factor.value for one in layers])),
        min(one.factor.low for one in layers),
        max(one.factor.high for one in layers),
    )


def _named(value: float, low: float, high: float, named: Sequence[Named]) -> Named:
    """Give the convention whose factor is seen, or none."""
    near = [one for one in named if low * 0.98 <= one.factor <= high * 1.02 or abs(value / one.factor - 1) < 0.02]
    return min(near, key=lambda one: abs(math.log(max(value, 1e-300) / one.factor)), default=NAMED)


def _told(layers: Sequence[LayerDiagnosis], named: Named) -> Finding:
    value, low, high = _together(layers)
    condition = "" if all(one.conclusive for one in layers) else (
        "; layers whose gradient pulls along them would not agree on that"
    )  # fmt: skip
    few = ", ".join(one.name for one in layers[:4]) + (f" and {len(layers) - 4} more" if len(layers) > 4 else "")
    one = layers[0]
    seconds = "never" if not value > 0 else f"{one.asked_timescale / value:.4g}"
    return Finding(
        named.kind,
        tuple(each.name for each in layers),
        f"{few}: the decay seen is {value:.4g} times the one asked for [{low:.4g}, {high:.4g}]; a weight falls to 1/e "
        f"in {seconds} steps, asked were {one.asked_timescale:.4g}{named.because}{condition}",
        remedy_of(named, value),
    )
