"""The size and the turning of weights at rest held against the law of their optimiser."""

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from wd_jax.audit.diagnosis.asked import Asked
from wd_jax.audit.logs.log import TrainingLog
from wd_jax.audit.translation.laws import Law
from wd_jax.predictions import rest
from wd_jax.predictions.setting import Setting
from wd_jax.stats.one_series import mean_interval
from wd_jax.stats.verdict import UNDECIDED, Word, judge

TOLERANCE = 0.1
"""Relative, of a size or an angle: five times what the laws themselves leave out. Chosen before any log was seen."""
LEAST_TIMESCALES = 1.5
"""Decay that must lie behind a layer before its rest is the law's: e^-3 of the square of its start is then left."""
FEWEST = 20
"""Records that a rest is measured in."""
STEADY = 1.2
"""Most that the learning rate may change over the records that rest."""
RULES = {"adam": "adamw", "lion": "lion", "sign": "sign_momentum", "adam_l2": "adam_l2"}


@dataclass(frozen=True)
class Compared:
    """One number of weights at rest, beside its law's.

    Attributes
    ----------
    value, low, high : float
        Measured, with its 95 % interval; NaN and infinite ends without one.
    predicted : tuple of two floats or None
        The least and the most that the law says; None where it says nothing.
    law : str
        Derivation and formula.
    verdict : str
        Whether the law holds within `TOLERANCE`.
    why : str
        What the law takes for granted; or why nothing was compared.
    steps : float
        Of an angle: between the two weights.
    """

    value: float = math.nan
    low: float = -math.inf
    high: float = math.inf
    predicted: tuple[float, float] | None = None
    law: str = ""
    verdict: Word = UNDECIDED
    why: str = ""
    steps: float = math.nan

    def record(self) -> dict[str, Any]:
        """Give the fields, JSON-ready."""
        return dataclasses.asdict(self)


def compare(log: TrainingLog, layer: str, asked: Asked, since: int, muon: bool = False) -> tuple[Compared, Compared]:
    """Compare size and turning of a layer that rests from record `since` on."""
    since = max(since, _settled(asked))
    window = slice(since, None)
    refused = _refusal(asked, since)
    law = asked.found.law
    found = rest.Rest(why=refused)
    if not refused and asked.value is not None and asked.lr is not None:
        rate = float(asked.lr[window].mean())
        gradient = _gradient_rms(log, layer, since)
        setting = _setting(law, rate, float(asked.value[window].mean()), gradient, muon)
        found = rest.Rest(why="no law here says where its weights rest") if setting is None else rest.of(setting)
    return _size(log, layer, window, found), _turning(log, layer, window, found, asked)


def _settled(asked: Asked) -> int:
    """Give the record behind which enough decay lies for the rest to be the law's; 0 where that is not known."""
    if asked.between is None:
        return 0
    return int(np.searchsorted(np.concatenate([[0.0], np.cumsum(np.nan_to_num(asked.between))]), LEAST_TIMESCALES))


def _refusal(asked: Asked, since: int) -> str:
    """Say why no law of rest is for these records; empty where one is."""
    if asked.lr is None or asked.value is None:
        return "what was asked for is not known"
    if len(asked.lr) - since < FEWEST:
        total = f"{asked.total:.2g}" if asked.between is not None else "too few"
        return f"the log has {total} timescales of decay, and behind {LEAST_TIMESCALES:g} of them too few records"
    rates = asked.lr[since:]
    if not np.max(rates) * np.max(asked.value[since:]) > 0:
        return "nothing decays in the records that rest"
    if np.max(rates) > STEADY * np.min(rates):
        return "the learning rate changes in the records that rest, and with it what the law says"
    return ""


def _setting(law: Law, lr: float, value: float, gradient: float | None, muon: bool) -> Setting | None:
    """Write a law as a setting of `wd_jax.predict`; None where that has none."""
    if law.reach != "rate" or law.link not in ("plain", "momentum", "none") or law.per_row:
        return None
    rule, mu = RULES.get(law.update, "muon" if muon else ""), law.facts.get("momentum", 0.0)
    if law.update == "sgd":
        if law.facts.get("dampening") or law.facts.get("form") == "nesterov, chainer":
            return None
        nesterov = law.facts.get("form") == "nesterov"
        rule = "sgdw" if law.link == "plain" and mu else "nesterov" if nesterov else "momentum" if mu else "sgd"
    if not rule or (rule == "adam_l2" and gradient is None):
        return None
    own: dict[str, Any] = (
        {"beta1": law.facts.get("beta1")} if rule in ("adamw", "lion", "sign_momentum", "muon") else {}
    )
    own |= {"beta2": law.facts.get("beta2")} if rule == "lion" else {}
    own |= {"momentum": mu} if rule in ("momentum", "nesterov", "sgdw") else {}
    own |= {"batch_gradient_rms": gradient} if law.update in ("sgd", "adam_l2") else {}
    return Setting(eta=lr, weight_decay=value * law.scale, optimiser=rule, steps=1, **own)


def _gradient_rms(log: TrainingLog, layer: str, since: int) -> float | None:
    """Root mean square of a weight's gradient over the records that rest; None where the log does not tell."""
    gradients, size = log.gradients.get(layer), log.sizes.get(layer)
    if gradients is None or not size or not np.isfinite(gradients[since:]).any():
        return None
    found = math.sqrt(float(np.nanmean(gradients[since:] ** 2)) / size)
    return found if found > 0 else None


def _size(log: TrainingLog, layer: str, window: slice, found: rest.Rest) -> Compared:
    size = log.sizes.get(layer)
    if not size:
        return Compared(why=f"log weight_size/{layer}, the number of its weights")
    measured = mean_interval(log.norms[layer][window] / math.sqrt(size))
    if found.rms is None:
        return Compared(measured.mean, measured.low, measured.high, why=found.why)
    return _judged(measured, found.rms, f"{found.law}.{found.formulas[0]}", found.why)


def _turning(log: TrainingLog, layer: str, window: slice, found: rest.Rest, asked: Asked) -> Compared:
    cosines = log.cosines.get(layer)
    if cosines is None or asked.steps is None:
        return Compared(why=f"log weight_cosine/{layer}, between its weights and those one record before")
    gaps = np.diff(asked.steps)
    if log.cosine_gaps is not None:  # of a log that was thinned, cosines are over less than the time between records
        gaps = log.cosine_gaps[1:] * (gaps.sum() / (log.time[-1] - log.time[0]))
    inside = np.arange(len(cosines)) >= max(1, window.start)
    within = gaps[inside[1:] & np.isfinite(gaps)]
    gap = float(np.median(within)) if within.size else math.nan
    use = inside & np.concatenate([[False], np.isclose(gaps, gap)]) & np.isfinite(cosines)
    measured = mean_interval(cosines[use])
    if not math.isfinite(measured.mean):
        return Compared(why=found.why or measured.reason or "no cosine is in the records that rest")
    ends = [math.acos(min(1.0, max(-1.0, one))) for one in (measured.mean, measured.high, measured.low)]
    if measured.reason:
        ends[1:] = [-math.inf, math.inf]
    alone = Compared(ends[0], ends[1], ends[2], steps=gap)
    as_angle = dataclasses.replace(measured, mean=ends[0], low=ends[1], high=ends[2])
    if found.rotation is None or asked.epsilon is None:
        return dataclasses.replace(alone, why=found.why or "no law here says how fast its weights turn")
    epsilon = float(asked.epsilon[window].mean())
    predicted = [turned(asked.found.law, epsilon, angle, round(gap)) for angle in found.rotation]
    if any(map(math.isnan, predicted)):
        return dataclasses.replace(alone, why="no law here says how far weights turn over more than a step")
    formula = f"{found.law}.{found.formulas[1]}" if "." not in found.formulas[1] else found.formulas[1]
    over = f"{formula} over {gap:g} steps" if gap > 1 else formula
    return dataclasses.replace(_judged(as_angle, (min(predicted), max(predicted)), over, found.why), steps=gap)


def turned(law: Law, epsilon: float, angle: float, steps: int) -> float:
    r"""Angle over some steps of weights at rest, from that of one step.

    An update that remembers as :math:`\beta^k` overlaps with the weights by :math:`\beta^j` of its present overlap
    after j steps. So :math:`c_{k+1}=(1-\epsilon)c_k-s\beta^k` with :math:`s=1-\epsilon-c_1`: two powers
    (``derive("adamw")``, formula ``cosine_apart``). Decay through a velocity has its two roots in their place
    (``derive("momentum")``).

    Parameters
    ----------
    law : Law
        Of the optimiser.
    epsilon : float
        Share that a step takes in the long run.
    angle : float
        Of one step, by the law, radians.
    steps : int
        Between the records.

    Returns
    -------
    float
        Radians; NaN where the memory is no power and the records are nearer than it lasts.

    Examples
    --------
    >>> law = Law(update="adam", facts={"beta1": 0.9})
    >>> round(turned(law, 1e-3, 0.01, 1), 12), round(turned(law, 1e-3, 0.01, 100), 3)
    (0.01, 0.419)
    """
    if steps <= 1:
        return angle
    mu = law.facts.get("momentum", 0.0)
    kept = {"adam": law.facts.get("beta1"), "sgd": mu, "adam_l2": law.facts.get("beta1")}.get(law.update)
    if kept is None:
        return math.nan
    slow = 1 - epsilon
    if law.link == "momentum" and law.facts.get("form") == "heavy ball":
        kept = mu / slow  # the product of both roots is the momentum
    cosine = slow**steps - (slow - math.cos(angle)) * _powers_between(slow, kept, steps)
    return math.acos(min(1.0, max(-1.0, cosine)))


def _powers_between(slow: float, kept: float, steps: int) -> float:
    """Return (slow^k - kept^k)/(slow - kept), to its last digits also where the two are near or the same."""
    most, least = max(slow, kept), min(slow, kept)
    if most == least:
        return float(steps * most ** (steps - 1))
    if least <= 0:
        return float((most**steps - least**steps) / (most - least))
    return -(most**steps) * math.expm1(steps * math.log1p((least - most) / most)) / (most - least)


def _judged(measured: Any, predicted: tuple[float, float], law: str, why: str) -> Compared:
    least, most = predicted[0] * (1 - TOLERANCE), predicted[1] * (1 + TOLERANCE)
    word = judge((measured.low, measured.high), least, most)
    said = f"{why}; {measured.reason}" if measured.reason else why
    return Compared(measured.mean, measured.low, measured.high, predicted, law, word, said)
