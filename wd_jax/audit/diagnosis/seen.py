r"""What is seen of the decay of weights whose scale the cost ignores: three ways, from the surest to the least sure.

1. *Decay alone*: ln |w| falls as the sum of the decays does, and the weights do not turn. It needs no scale-invariance.
2. *Each step*: a step w' = (1 - epsilon) w - u leaves :math:`\langle w',w\rangle=(1-\epsilon)|w|^2` where u is at right
   angles to w, exactly (``derive("scale_invariant")``, step ``overlap``). So records of each step of plain SGD give the
   decay to rounding, and a layer for which they do not is none whose scale the cost ignores.
3. *Balance*: what the updates bring to the squared norm, decay takes (steps ``one_step``, ``equilibrium``):

   .. math:: -\ln(1-\epsilon)=\frac{\eta^2|u|^2}{2|w|^2}-\Delta\ln|w|,

   with the squared length of an update over many steps, its memory counted: :math:`n` of Adam's directions,
   :math:`|g|^2/(1-\mu)^2` of SGD's with momentum, from the gradient's norm in the log. Gradients are to forget within
   the optimiser's memory; how the direction is held by the cost over longer times does not matter.

Where the length of an update is not known, the turning between two records stands for it (*turning*). A direction that
the cost holds turns less than its updates are long, so that this is a lower bound, more or less.
"""

import dataclasses
from dataclasses import dataclass

import numpy as np

from wd_jax.audit.diagnosis import length, memory
from wd_jax.audit.diagnosis.asked import Asked
from wd_jax.audit.diagnosis.length import LEAST_COSINE
from wd_jax.audit.logs.log import TrainingLog
from wd_jax.stats.one_series import mean_interval

PARTS = 6
"""Parts of a log whose factors an interval spans where its records drift."""
RENEWED = 2.0
"""Squared length of the updates between two records over twice that of the weights: these are new from there on."""
FEWEST = 20
"""Pairs of records that an interval is made from."""
CLEAN, ENOUGH = 1e-3, 1e-3
"""Decay acts alone where ln |w| is off its sum by at most this share of all it falls, and falls by more than that."""
LAG = 10
"""One in so many records, the first ones, are left out of that."""
STRAIGHT = 1e-3
"""And where weights turn, in squared angle, by less than this share of what they shrink."""
NONE_SEEN = 0.15
"""Share of the decay asked for below which, from beginning to end, a layer behaves as if without decay."""
FREE, SETTLES = 0.6, 3.0
"""Growth over that of weights that nothing holds, and timescales after which decay would have stopped it."""
EXACT = 1e-4
"""Width of a factor's interval from which on single steps say it, and no mean: nothing pulls along the weights."""
ALONE, STEPS, BALANCE, TURNING = "decay alone", "each step", "balance", "turning"
ABOUT = {ALONE: (0.8, 1.25), STEPS: (0.8, 1.25), BALANCE: (1 / 3, 3.0), TURNING: (-np.inf, 2.0)}
"""Factors that count as the decay asked for, by the way it is seen. That of a balance was chosen after looking at the
real logs of ``benchmarks/logs``: layers before a normalisation show 0.4 to 2 of the decay under AdamW, whose updates
are not quite at right angles to the weights, and whose law takes gradients for noise. Turning only ever *fails*."""


NOT_EVEN = (
    "between records that can be compared no decay was asked for: where it was, the learning rate changes by half or "
    "more from record to record, so log more often"
)
"""Why nothing is said of a decay that is all in pairs whose sum is not known."""
THINNED = (
    "records were left out while the log was read, since it has very many, and its cosines are with weights of records "
    "that are not there: write fewer records (a larger every in the hook), or give a log of fewer layers"
)
"""Why cosines of a thinned log say nothing."""


@dataclass(frozen=True)
class Factor:
    """The decay seen, as a multiple of the one asked for.

    Attributes
    ----------
    value, low, high : float
        With a 95 % interval, or that for all layers together.
    thirds : tuple of float
        The same of each third of the log; empty where there are too few records.
    way : str
        How it is seen: a key of `ABOUT`.
    grown, grown_late : float
        What the norm grew by, over what its updates alone would make it grow by; and in the last third of the log.
    reason : str
        Why there is none; empty where there is.
    """

    value: float = float("nan")
    low: float = float("-inf")
    high: float = float("inf")
    thirds: tuple[float, ...] = ()
    way: str = TURNING
    grown: float = float("nan")
    grown_late: float = float("nan")
    reason: str = ""

    @property
    def given(self) -> bool:
        """Whether there is an interval."""
        return not self.reason


def alone(log: TrainingLog, layer: str, asked: Asked) -> Factor | None:
    """Decay of weights on which it acts alone: ln |w| falls as the sum of the decays does, to a thousandth of it.

    A layer that only happens to shrink evenly turns while it does; so the cosines must be 1, or the gradient 0. None
    where that is not so, or not known.
    """
    norms, between = log.norms[layer], asked.between
    if between is None or not np.isfinite(norms).all() or not (norms > 0).all() or len(norms) < 5:
        return None
    fallen, due = -np.log(norms / norms[0]), np.concatenate([[0.0], np.cumsum(between)])
    if not (abs(fallen[-1]) > ENOUGH and due[-1] > ENOUGH and _untouched(log, layer, float(fallen[-1]))):
        return None
    late = slice(len(norms) // LAG, None)  # a velocity that starts at 0 lags at first
    fallen, due = fallen[late] - fallen[late].mean(), due[late] - due[late].mean()
    if not (np.ptp(fallen) > ENOUGH and np.ptp(due) > ENOUGH):
        return None
    value = float(fallen @ due / (due @ due))
    off = float(np.max(np.abs(fallen - value * due)))
    if off > CLEAN * np.ptp(fallen) * (1 if asked.even is None or asked.even.all() else 30):
        return None
    spread = 6 * off / np.ptp(due) + 1e-6 * abs(value)
    if not _still(log, layer) and not ABOUT[ALONE][0] < value < ABOUT[ALONE][1]:
        return Factor(
            reason=f"it shrinks evenly and does not turn, {value:.4g} times as fast as was asked for: another decay "
            f"alone does that, and so does a gradient along the weights; log gradient_norm/{layer}, which is 0 of a "
            "weight that is not used"
        )
    return Factor(value, value - spread, value + spread, (value,) * 3, ALONE)


def _still(log: TrainingLog, layer: str) -> bool:
    """Whether the log says that a layer's gradient is 0."""
    gradients = log.gradients.get(layer)
    return gradients is not None and bool(np.isfinite(gradients).any()) and bool(np.nanmax(gradients) == 0)


def _untouched(log: TrainingLog, layer: str, fallen: float) -> bool:
    """Whether nothing but decay moves a layer: no gradient at all, or no turning."""
    gradients, cosines = log.gradients.get(layer), log.cosines.get(layer)
    if gradients is not None and np.isfinite(gradients).any():
        return _still(log, layer)
    if cosines is None or np.isfinite(cosines[1:]).sum() < len(log.time) // 2 or log.sizes.get(layer) == 1:
        return False  # a single number never turns
    return float(np.nansum(1 - cosines[1:])) < STRAIGHT * abs(fallen)


def factor(log: TrainingLog, layer: str, asked: Asked, rho: np.ndarray, level: float = 0.95) -> Factor:
    """Compare the decay seen with the one asked for, of a layer whose scale the cost ignores.

    Parameters
    ----------
    log : TrainingLog
        With sizes, gradients or cosines.
    layer : str
        One of its layers.
    asked : Asked
        Of the layer.
    rho : array [lag]
        Correlations of the updates (`memory.correlations`).
    level : float
        Of the interval.
    """
    if asked.between is None or asked.even is None or asked.steps is None:
        return Factor(reason="what was asked for is not known")
    if not np.nansum(asked.between) > 0:
        return Factor(reason="no decay was asked for")
    turning = _turning(log, layer, asked, rho, level)
    if turning.way == STEPS:
        return turning
    found = _balance(log, layer, asked, rho, level)
    return found if found is not None else turning


def _balance(log: TrainingLog, layer: str, asked: Asked, rho: np.ndarray, level: float) -> Factor | None:
    """Take the decay for what holds the norm against its updates; None where their length is not known."""
    lengths = _updates(log, layer, asked, rho)
    if lengths is None or asked.between is None or asked.even is None or asked.steps is None:
        return None
    norms = log.norms[layer]
    with np.errstate(divide="ignore", invalid="ignore"):
        brings = np.diff(asked.steps) * lengths[1:] / (2 * norms[1:] * norms[:-1])
        grew = np.diff(np.log(norms))
    brings = brings * _remembered(asked)
    use = np.isfinite(brings) & np.isfinite(grew) & asked.even
    near = use & (brings < RENEWED)
    if 2 * near.sum() < use.sum():
        return Factor(
            reason="by the law asked about, its updates between two records are longer than the weights themselves: "
            "another law has acted, or the records lie too far apart"
        )
    use = near
    if use.sum() < FEWEST:
        return Factor(reason=f"{use.sum()} pairs of records can be compared: {FEWEST} are needed, log more often")
    if not asked.between[use].sum() > 0:
        return Factor(reason=NOT_EVEN)
    found = _factor(brings[use] - grew[use], asked.between[use], brings[use], grew[use], BALANCE, level)
    if not rho.size and asked.found.law.update == "sgd":  # each step adds the square of its gradient, however it points
        return found
    return _held(log, layer, asked, rho, found, lengths, brings, grew, use, level)


def _held(
    log: TrainingLog, layer: str, asked: Asked, rho: np.ndarray, found: Factor, lengths: np.ndarray,
    brings: np.ndarray, grew: np.ndarray, use: np.ndarray, level: float,
) -> Factor:  # fmt: skip
    """Hold a balance against the way that the cosines show: what they do not bear is a bound, or is not said."""
    low, high = ABOUT[BALANCE]
    twice = ABOUT[TURNING][1]
    due = np.asarray(asked.between)
    fails = found.low > high or found.high < low
    fell = -float(grew[use].sum()) / float(due[use].sum())
    sure = None
    if found.low > high and fell > twice:  # whatever the updates are: they never make weights shorter
        sure = dataclasses.replace(found, way=TURNING, low=fell)
    way = length.way(log, layer, asked, rho)
    both = use & np.isfinite(way.brings) if way is not None else np.zeros_like(use)
    if way is None or both.sum() < FEWEST or not due[both].sum() > 0:
        return (sure or Factor(reason=_blind(layer, found))) if fails or not _agree(found) else found
    squared = np.broadcast_to(lengths, log.norms[layer].shape)[1:]
    ratios = length.ratios(way, squared, log.norms[layer], both)
    later = _from(ratios, use)
    if later.any():  # gradients went one way at first: what comes behind is judged by itself
        part = _factor(brings[later] - grew[later], due[later], brings[later], grew[later], BALANCE, level)
        if due[later].sum() > 0:
            return _held(log, layer, asked, rho, part, lengths, brings, grew, later, level)
    doubt = length.doubt(ratios)
    if found.high < low:
        without, needed = max(1.0, found.grown), float((grew[use] + due[use]).sum() / brings[use].sum())
        if ratios and max(ratios) <= length.LONG and needed > length.APART * without:
            return found
        return Factor(reason=doubt or length.too_near(needed, without))
    if not doubt:
        return found
    least = np.minimum(brings, way.brings)
    bound = _factor(least[both] - grew[both], due[both], least[both], grew[both], TURNING, level)
    if fails or (ratios and max(ratios) > length.LONG):
        return bound if min(bound.low, *bound.thirds) > twice else sure or Factor(reason=doubt)
    return bound if min(ratios, default=0.0) < length.DEAD else found


def _from(ratios: tuple[float, ...], use: np.ndarray) -> np.ndarray:
    """Give the pairs behind the last part whose way is too long; none where there is no such part, or too few."""
    long = [place for place, one in enumerate(ratios) if one > length.LONG]
    there = np.flatnonzero(use)
    later = np.zeros_like(use)
    if long and long[-1] + 1 < len(ratios):
        later[there[len(there) * (long[-1] + 1) // len(ratios) :]] = True
    return later if later.sum() >= FEWEST else np.zeros_like(use)


def _remembered(asked: Asked) -> np.ndarray | float:
    r"""Give what decay in a velocity makes of an update's length at rest, for each pair of records: a factor.

    Of :math:`d'=\mu d-\eta(g+\lambda w')` and w' = w + d at rest follows :math:`\eta^2|g|^2=2x(1-\mu)|w|^2` to first
    order in :math:`x=\eta\lambda`, while weights without gradient fall by the slow root, x/(1 - mu) and more.
    """
    law, epsilon = asked.found.law, asked.epsilon
    if law.update != "sgd" or law.link != "momentum" or law.facts.get("form") != "heavy ball" or epsilon is None:
        return 1.0
    each, place = np.unique(epsilon, return_inverse=True)
    taken = (1 - float(law.facts.get("dampening") or 0.0)) / (1 - float(law.facts["momentum"]))
    share = np.array([-np.log1p(-one) / (law.to_x(float(one)) * taken) if one > 0 else 1.0 for one in each])
    return share[place][1:]


def _agree(found: Factor) -> bool:
    """Whether the thirds of a log agree: of one sign, and within the factor that a balance may be off."""
    return not found.thirds or 0 < max(found.thirds) < ABOUT[BALANCE][1] * min(found.thirds)


def _blind(layer: str, found: Factor) -> str:
    return (
        f"by the length that the law gives its updates it would be {found.value:.2g} of the decay asked for, but the "
        "law's length is that of gradient noise, and gradients that die or persist have another: "
        f"log weight_cosine/{layer}, which shows it"
    )


def _updates(log: TrainingLog, layer: str, asked: Asked, rho: np.ndarray) -> np.ndarray | None:
    """Squared length of an update at each record, with all that its memory adds over many steps."""
    law, size, gradients = asked.found.law, log.sizes.get(layer), log.gradients.get(layer)
    if asked.lr is None:
        return None
    if law.update == "adam" and size:
        return asked.lr**2 * size
    if law.update in ("lion", "sign") and size:
        return asked.lr**2 * size * (1 + 2 * float(rho.sum()))
    if law.update == "sgd" and gradients is not None and np.isfinite(gradients).sum() > FEWEST:
        mu = float(law.facts.get("momentum") or 0.0)
        taken = 1 - float(law.facts.get("dampening") or 0.0)
        return (asked.lr * taken * gradients / (1 - mu)) ** 2
    return None


def _turning(log: TrainingLog, layer: str, asked: Asked, rho: np.ndarray, level: float) -> Factor:
    """Take the turning between two records for the length of the updates."""
    cosines = log.cosines.get(layer)
    if cosines is None or not np.isfinite(cosines).any():
        return Factor(reason=f"log weight_cosine/{layer} and weight_size/{layer}; for SGD gradient_norm/{layer} too")
    norms, gap = log.norms[layer], np.diff(asked.steps if asked.steps is not None else log.time)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = norms[1:] / norms[:-1]
        back = -np.log(ratio * cosines[1:])
        across = ratio**2 * (1 - cosines[1:] ** 2)
        grew = np.log(ratio)
    use = np.isfinite(back) & np.isfinite(across) & (cosines[1:] > LEAST_COSINE) & (gap > 0)
    use &= asked.even if asked.even is not None else True
    if log.cosine_gaps is not None:
        paired = np.isclose(log.cosine_gaps[1:], np.diff(log.time), rtol=1e-6)
        if (use & paired).sum() < FEWEST <= (use & ~paired & np.isfinite(log.cosine_gaps[1:])).sum():
            return Factor(reason=THINNED)
        use &= paired
    far = np.isfinite(cosines[1:]) & (cosines[1:] <= LEAST_COSINE)
    if far.sum() > use.sum():
        return Factor(reason="records lie so far apart that the weights have turned away in between: log more often")
    if use.sum() < FEWEST or asked.between is None:
        return Factor(reason=f"{use.sum()} pairs of records can be compared: {FEWEST} are needed, log more often")
    if not asked.between[use].sum() > 0:
        return Factor(reason=NOT_EVEN)
    gaps, place = np.unique(gap[use], return_inverse=True)
    hidden = np.array([memory.hidden(rho, each) for each in gaps])[place] * across[use]
    seen, due = back[use] + hidden, asked.between[use]
    found = _factor(seen, due, across[use] / 2 + hidden, grew[use], TURNING, level)
    single = not rho.size and bool((gap[use] == 1).all())
    exact = single and bool(np.max(np.abs(seen - found.value * due)) < EXACT * max(1.0, abs(found.value)) * due.min())
    return dataclasses.replace(found, way=STEPS) if exact else found


def _factor(seen: np.ndarray, due: np.ndarray, brings: np.ndarray, grew: np.ndarray, way: str, level: float) -> Factor:
    """Put the decay seen between records over the one asked for."""
    value = float(seen.sum() / due.sum())
    low, high = _interval(seen, due, value, level)
    late = slice(2 * len(grew) // 3, None)
    return Factor(
        value,
        low,
        high,
        _pieces(seen, due, 3),
        way,
        _ratio(float(grew.sum()), float(brings.sum())),
        _ratio(float(grew[late].sum()), float(brings[late].sum())),
    )


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else float("nan")


def grows_freely(found: Factor, total: float) -> bool:
    """Whether a layer grows, from beginning to end, as its turning makes weights grow that nothing holds.

    With decay it would have come to rest: a log of fewer than `SETTLES` timescales does not show it.
    """
    grows = found.grown > FREE and found.grown_late > FREE
    return total > SETTLES and grows and all(each < NONE_SEEN for each in found.thirds)


def _interval(seen: np.ndarray, due: np.ndarray, value: float, level: float) -> tuple[float, float]:
    """Interval of the factor: of the mean of what is off it; where that drifts, all that it is in a part of the log."""
    off = mean_interval(seen - value * due, level, hidden=False)  # changes from record to record
    parts = _pieces(seen, due, PARTS)
    if not off.reason:
        half = (off.high - off.low) / 2 / float(due.mean())
        return value - half, value + half
    return min(parts), max(parts)


def _pieces(seen: np.ndarray, due: np.ndarray, number: int) -> tuple[float, ...]:
    """Give the factor of each part of the log, which are of equal decay."""
    places = np.searchsorted(np.cumsum(due), due.sum() * np.arange(1, number) / number)
    pairs = zip(np.split(seen, places), np.split(due, places), strict=True)
    return tuple(float(one.sum() / base.sum()) for one, base in pairs if base.sum() > 0)
