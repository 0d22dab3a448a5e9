"""A decay that is another than the one asked for: what is seen, and the causes that fit, most likely first."""

import math
from collections.abc import Sequence

import numpy as np

from wd_jax.audit.diagnosis import causes, penalty
from wd_jax.audit.diagnosis.asked import Asked
from wd_jax.audit.diagnosis.diagnosis import Finding
from wd_jax.audit.diagnosis.layer import SAID, LayerDiagnosis, few
from wd_jax.audit.diagnosis.remedies import NAMED, Named, conventions, remedy_of
from wd_jax.audit.logs.log import TrainingLog
from wd_jax.stats.verdict import FAILS

GONE = 1e-3
"""Share of a norm that is left of weights that have gone."""
LASTING = 5
"""Records for which it is so: a single number that changes its sign is near 0 once."""
APART = (
    "to tell them apart, look at the type of the optimiser that ran; or add an unused weight to its group, a canary: "
    "L2 inside of Adam takes lr a step off it, a decay that is too large the same share in each step"
)
SECOND = (
    "look for a second decay: an L2 penalty in the cost, or one that goes through Adam's averages "
    "(torch.optim.Adam where AdamW was meant), which takes lr a step off weights once their gradient is small"
)


def of(log: TrainingLog, layers: Sequence[LayerDiagnosis], whole: Asked, each: dict[str, Asked]) -> list[Finding]:
    """Find it: at most one finding of layers that decay more than asked, and one of those that decay less.

    Parameters
    ----------
    log : TrainingLog
        The log.
    layers : sequence of LayerDiagnosis
        Of which nothing else was found.
    whole : Asked
        Of the log.
    each : mapping of str to Asked
        Of each layer.
    """
    sure = [one for one in layers if one.conclusive and one.verdict == FAILS]
    free = [one for one in layers if one.evidence == SAID and not one.vector]  # of others a gradient may take all
    least = {one.name: _least(log, one, each[one.name]) for one in free if one not in sure}
    gone = {name: one for name, one in least.items() if one is not None}
    more, less = [one for one in sure if _more(one)], [one for one in sure if not _more(one)]
    named = conventions(whole)
    found = []
    if more or gone:
        went = [one for one in layers if one.name in gone]
        fitting = causes.fitting(more, gone, named, penalty.of(log, [*more, *went], each))
        found.append(_told(more, went, gone, fitting))
    if less:
        found.append(_told(less, [], {}, causes.fitting(less, {}, named, penalty.of(log, less, each))))
    return found


def _more(one: LayerDiagnosis) -> bool:
    return (one.times[1] if one.bound else one.times[0]) > 1


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


def _told(
    layers: Sequence[LayerDiagnosis],
    went: Sequence[LayerDiagnosis],
    gone: dict[str, tuple[float, float]],
    fitting: Sequence[Named],
) -> Finding:
    """Say what is seen, what fits it, and what to change."""
    exact, bound = [one for one in layers if not one.bound], [one for one in layers if one.bound]
    seen = [_measured(exact)] if exact else []
    seen += [_bounded(bound)] if bound else []
    seen += [_went(went, gone)] if went else []
    return Finding(
        fitting[0].kind if fitting else NAMED.kind,
        tuple(one.name for one in (*layers, *went)),
        "; ".join(seen) + _because(layers, fitting, proven=bool(exact)),
        _remedy(layers, fitting, exact),
    )


def _because(layers: Sequence[LayerDiagnosis], fitting: Sequence[Named], proven: bool) -> str:
    """Say what fits: more than one cause, most likely first; a bound proves none."""
    if len(fitting) > 1:
        return f". What fits, most likely first: {'; or '.join(one.because[2:] for one in fitting)}"
    if fitting:
        sure = proven and not fitting[0].by_layer
        return fitting[0].because if sure else f"; what fits{fitting[0].because}"
    return "" if causes.agree(layers) else "; no one convention gives all of these"


def _remedy(layers: Sequence[LayerDiagnosis], fitting: Sequence[Named], exact: Sequence[LayerDiagnosis]) -> str:
    """Say what to change for each cause that fits."""
    if len(fitting) > 1:
        listed = "; ".join(f"({number}) {one.remedy}" for number, one in enumerate(fitting, start=1))
        return f"{listed}; {APART if any(one.by_layer for one in fitting) else 'look which of them ran'}"
    if not layers:
        return fitting[0].remedy if fitting else SECOND
    if not exact:
        least = min(one.times[1] for one in layers)
        said = remedy_of(fitting[0] if fitting else NAMED, least if least > 1 else 0.0, bound=least > 1)
        return f"if that is it: {said}" if fitting and not fitting[0].by_layer else said
    if not fitting and not causes.agree(layers):
        return (
            "the layers show different factors, so that no other weight_decay mends all: look what optimiser ran, with "
            "which groups, and for a penalty in the cost (`wd-jax audit` measures an optimiser's decay)"
        )
    return remedy_of(fitting[0] if fitting else NAMED, _together(exact)[0])


def _together(layers: Sequence[LayerDiagnosis]) -> tuple[float, float, float]:
    """Give the factors' median and their range."""
    times = [one.times for one in layers]
    return float(np.median([one[0] for one in times])), min(one[1] for one in times), max(one[2] for one in times)


def _measured(layers: Sequence[LayerDiagnosis]) -> str:
    """Say what is seen of layers whose decay is known."""
    value, low, high = _together(layers)
    factor = float(np.median([one.factor.value for one in layers]))
    one = layers[0]
    if value <= 0:
        return (
            f"{few(layers, 4)}: no decay is seen: the norm grows by what its updates bring, and by no less; asked were "
            f"{one.asked_timescale:.4g} steps to 1/e"
        )
    falls = f"falls to 1/e in {one.asked_timescale / factor:.4g} steps" if factor > 0 else "does not fall"
    return (
        f"{few(layers, 4)}: the decay seen is {value:.4g} times the one asked for [{low:.4g}, {high:.4g}]; a weight "
        f"{falls}, asked were {one.asked_timescale:.4g} steps"
    )


def _bounded(layers: Sequence[LayerDiagnosis]) -> str:
    """Say what is seen of layers of whose decay only a lower bound is known."""
    one, least = layers[0], min(each.times[1] for each in layers)
    if not least > 1:  # they grow as weights do that nothing holds
        return (
            f"{few(layers, 4)}: no decay is seen: from the first record to the last the norm grows as its turning "
            f"alone makes it grow; asked were {one.asked_timescale:.4g} steps to 1/e"
        )
    longest = max(each.timescale[2] for each in layers)
    return (
        f"{few(layers, 4)}: the decay seen is at least {least:.3g} times the one asked for; a weight falls to 1/e "
        f"in at most {longest:.4g} steps, asked were {one.asked_timescale:.4g} steps"
    )


def _went(layers: Sequence[LayerDiagnosis], left: dict[str, tuple[float, float]]) -> str:
    """Say what was left of weights that have gone."""
    texts = [f"{one.name} {left[one.name][0]:.2g} where {left[one.name][1]:.2g} is due" for one in layers[:3]]
    more = f" and {len(layers) - 3} more" if len(layers) > 3 else ""
    return (
        f"over {LASTING} records, less than {GONE:g} of what the decay asked for leaves of the first norm was there: "
        f"{', '.join(texts)}{more}"
    )
