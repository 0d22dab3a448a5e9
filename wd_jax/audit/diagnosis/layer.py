"""What one layer of a log says: its state, the decay seen against the one asked for, its rest against the law."""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wd_jax.audit.diagnosis import resting, seen, standing
from wd_jax.audit.diagnosis.asked import Asked
from wd_jax.audit.diagnosis.resting import Compared
from wd_jax.audit.diagnosis.seen import Factor
from wd_jax.audit.diagnosis.vectors import is_vector
from wd_jax.audit.logs.log import TrainingLog
from wd_jax.stats.verdict import FAILS, HOLDS, UNDECIDED, Word, judge

SAID, IF = "said", "if"
CONDITIONS = {
    seen.ALONE: "decay alone moves it",
    seen.STEPS: "its gradient is at right angles to it in each step",
    SAID: "its scale was said not to matter to the cost",
    IF: "if its scale does not matter to the cost",
}


@dataclass(frozen=True)
class LayerDiagnosis:
    """One layer.

    Attributes
    ----------
    name : str
        As in the log.
    size : int or None
        Number of its weights.
    start, end : float
        Norm of the first and the last record.
    state : str
        "transient", "at rest", "decayed away", "does not move" or "cannot be said".
    since : float or None
        Time in the log's unit from which on it rests.
    state_reason : str
        Why that is its state.
    value : float or None
        Decay asked for on it, by the library's own name; the largest, where it changes.
    asked_timescale : float
        Steps in which the decay asked for takes a weight to 1/e, over the whole log; NaN where it is not known.
    factor : Factor
        The decay seen over the one asked for.
    evidence : str
        What the factor rests on: a key of `CONDITIONS`.
    verdict : str
        Whether the decay seen is the one asked for; under the condition, where it has one.
    rest, rotation : Compared
        Root mean square of its weights at rest, and the angle between two records, against the law.
    """

    name: str
    size: int | None
    start: float
    end: float
    state: str
    since: float | None
    state_reason: str
    value: float | None
    asked_timescale: float
    factor: Factor
    evidence: str
    verdict: Word
    rest: Compared
    rotation: Compared

    @property
    def conclusive(self) -> bool:
        """Whether what is seen of the decay needs no condition."""
        return self.factor.given and self.evidence != IF

    @property
    def bound(self) -> bool:
        """Whether the decay seen is only a lower bound of the one in effect, and its timescale an upper one."""
        return self.factor.given and self.factor.way == seen.TURNING

    @property
    def timescale(self) -> tuple[float, float, float]:
        """Timescale seen, with its interval, in steps; infinite where no decay is seen.

        Of a bound the value is NaN, the low end 0, and the high end the most that it can be.
        """
        if self.bound:
            return math.nan, 0.0, self.asked_timescale / self.factor.low if self.factor.low > 0 else math.inf
        ends = (self.factor.value, self.factor.high, self.factor.low)
        found = [self.asked_timescale / one if one > 0 else math.inf for one in ends]
        return found[0], found[1], found[2]

    @property
    def times(self) -> tuple[float, float, float]:
        """How many times as much a step takes of a weight as was asked for, with the interval.

        The value of a bound is NaN, and its high end infinite.
        """
        asked = 1 / self.asked_timescale if 0 < self.asked_timescale < math.inf else math.nan
        ends = (self.factor.value, self.factor.low, self.factor.high)
        found = [math.expm1(-max(-50.0, one * asked)) / math.expm1(-asked) for one in ends]
        return (math.nan, found[1], math.inf) if self.bound else (found[0], found[1], found[2])

    @property
    def vector(self) -> bool:
        """Whether its name says a bias or a gain of a normalisation, which are often left without decay on purpose."""
        return is_vector(self.name)

    def record(self) -> dict[str, Any]:
        """Give everything, JSON-ready."""
        value, low, high = self.timescale
        ratio = (math.nan, self.factor.low, math.inf) if self.bound else ()
        ratio = ratio or (self.factor.value, self.factor.low, self.factor.high)
        return {
            "name": self.name, "size": self.size, "state": self.state, "since": self.since,
            "state_reason": self.state_reason, "norm_first": self.start, "norm_last": self.end,
            "weight_decay": self.value, "timescale_asked_steps": self.asked_timescale,
            "timescale_seen_steps": value, "timescale_ci95": [low, high],
            "decay_seen_over_asked": ratio[0], "decay_seen_ci95": list(ratio[1:]), "bound": self.bound,
            "seen_by": self.factor.way if self.factor.given else None,
            "evidence": CONDITIONS[self.evidence] if self.factor.given else self.factor.reason,
            "conclusive": self.conclusive, "verdict": self.verdict,
            "rest": self.rest.record(), "rotation": self.rotation.record(),
        }  # fmt: skip


def few(layers: Sequence[LayerDiagnosis], most: int = 3) -> str:
    """Name the first layers, and say how many more there are."""
    names = ", ".join(one.name for one in layers[:most])
    more = len(layers) - most
    return names if more <= 0 else f"{names} and {more} more layer{'s' * (more > 1)}"


def norms(layers: Sequence[LayerDiagnosis]) -> str:
    """Say how norms changed, of the first few layers, and what is seen of their decay."""
    texts = [f"{one.name} from {one.start:.4g} to {one.end:.4g}" + _share(one) for one in layers[:3]]
    return ", ".join(texts) + (f" and {len(layers) - 3} more" if len(layers) > 3 else "")


def _share(one: LayerDiagnosis) -> str:
    if not one.factor.given:
        return ""
    if one.bound:
        least = max(0.0, one.factor.low)
        return f" (at least {least:.2g} of the decay asked for)" if least else ""
    return f" ({one.factor.value:.2g} [{one.factor.low:.2g}, {one.factor.high:.2g}] of the decay asked for)"


def look(
    log: TrainingLog, name: str, asked: Asked, rho: np.ndarray, said: bool, level: float, muon: bool
) -> LayerDiagnosis:
    """Look at one layer.

    Parameters
    ----------
    log : TrainingLog
        The log.
    name : str
        Of the layer.
    asked : Asked
        Of this layer.
    rho : array [lag]
        Correlations of the optimiser's updates.
    said : bool
        Whether the caller said that the cost ignores the layer's scale.
    level : float
        Of the interval of the factor: such that those of all layers hold together.
    muon : bool
        Whether the optimiser is Muon.
    """
    log, asked = _of(log, name, asked)
    norms = np.asarray(log.norms[name], np.float64)
    there = np.flatnonzero(np.isfinite(norms))
    stands = standing.of(log, norms, asked)
    word, since, reason = stands.word, stands.since, stands.reason
    found = seen.alone(log, name, asked) or seen.factor(log, name, asked, rho, level)
    if word == "does not move" and found.given:  # no law of moving weights says anything of it
        found = Factor(reason="it does not move")
    evidence = found.way if found.way in CONDITIONS else SAID if said else IF
    verdict = _verdict(found, asked.total)
    if word == "at rest" and since is not None:
        rest, rotation = resting.compare(log, name, asked, int(np.searchsorted(log.time, since)), muon)
        if evidence == IF:
            rest, rotation = _conditional(rest), _conditional(rotation)
    else:
        why = "it is not at rest"
        rest = rotation = Compared(why=why)
    total = asked.total
    span = float("nan") if asked.steps is None else float(asked.steps[-1] - asked.steps[0])
    return LayerDiagnosis(
        name, log.sizes.get(name),
        float(norms[there[0]]) if there.size else math.nan, float(norms[there[-1]]) if there.size else math.nan,
        word, since, reason, None if asked.value is None else float(np.max(asked.value)),
        span / total if total > 0 else math.inf if total == 0 else math.nan, found, evidence, verdict, rest, rotation,
    )  # fmt: skip


def _of(log: TrainingLog, name: str, asked: Asked) -> tuple[TrainingLog, Asked]:
    """Give the records that have a norm of a layer: rows between them are of other columns, such as the loss."""
    there = np.flatnonzero(np.isfinite(log.norms[name]))
    if there.size in (0, len(log.time)):
        return log, asked

    def kept(columns: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        return {name: columns[name][there]} if name in columns else {}

    gaps, rates = log.cosine_gaps, log.lr
    own = dataclasses.replace(
        log, time=log.time[there], norms=kept(log.norms), cosines=kept(log.cosines), gradients=kept(log.gradients),
        lr=None if rates is None else rates[there], cosine_gaps=None if gaps is None else gaps[there],
        weight_decay=None if log.weight_decay is None else log.weight_decay[there], losses={},
        layer_lr=kept(log.layer_lr), layer_weight_decay=kept(log.layer_weight_decay),
    )  # fmt: skip
    return own, asked.at(there)


def _conditional(found: Compared) -> Compared:
    """Take back that a law fails of a layer that it need not be for: nobody said that its scale does not matter."""
    if found.verdict != FAILS:
        return found
    return dataclasses.replace(found, verdict=UNDECIDED, why=f"{CONDITIONS[IF]}; {found.why}".rstrip("; "))


def _verdict(found: Factor, total: float) -> Word:
    """Judge a factor by the way it is seen; turning alone is only a lower bound, and never says that all is well."""
    if not found.given:
        return UNDECIDED
    if found.way == seen.TURNING and seen.grows_freely(found, total):
        return FAILS
    word = judge((found.low, found.high), *seen.ABOUT[found.way])
    return UNDECIDED if found.way == seen.TURNING and word == HOLDS else word
