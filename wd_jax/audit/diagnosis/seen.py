r"""What is seen of the decay between two records: how far the weights went back along themselves.

A step w' = (1 - epsilon) w - u leaves :math:`\langle w',w\rangle=(1-\epsilon)|w|^2` where u is at right angles to w,
exactly (``derive("scale_invariant")``, step ``overlap``): weights whose scale the cost ignores, under plain SGD. So

.. math:: -\ln\frac{|w'|\cos\angle(w',w)}{|w|}=-\ln(1-\epsilon)

is the decay, whatever the gradient's size. Over k steps of an optimiser with a memory it is that on average, once what
the memory adds is taken off (`memory`). Of other layers it is the decay and the gradient's own pull together.
"""

from dataclasses import dataclass

import numpy as np

from wd_jax.audit.diagnosis import memory
from wd_jax.audit.diagnosis.asked import Asked
from wd_jax.audit.logs.log import TrainingLog
from wd_jax.stats.one_series import mean_interval

LEAST_COSINE = 0.2
"""Records whose weights have turned further from one another say little of the decay between them."""
DOUBT = 0.5
"""Share of the memory's part that is taken to be uncertain: gradients are no white noise."""
PARTS = 6
"""Parts of a log whose factors an interval spans where its records drift."""
FEWEST = 20
"""Pairs of records that an interval is made from."""
CLEAN, ENOUGH = 1e-3, 1e-3
"""Decay acts alone where ln |w| is off its sum by at most this share of all it falls, and falls by more than that."""
STRAIGHT = 1e-3
"""And where weights turn, in squared angle, by less than this share of what they shrink."""


@dataclass(frozen=True)
class Factor:
    """The decay seen, as a multiple of the one asked for.

    Attributes
    ----------
    value, low, high : float
        With a 95 % interval, or that for all layers together.
    thirds : tuple of float
        The same of each third of the log; empty where there are too few records.
    alone : bool
        Whether decay acts alone, so that nothing is conditional.
    grown : float
        What the norm grew by, over what it would grow by if the weights turned as they do and nothing held them.
    turned : float
        What turning alone would make it grow by, over the decay asked for.
    memory : float
        Share of it that is what the optimiser's memory hides, put back.
    reason : str
        Why there is none; empty where there is.
    """

    value: float = float("nan")
    low: float = float("-inf")
    high: float = float("inf")
    thirds: tuple[float, ...] = ()
    alone: bool = False
    grown: float = float("nan")
    turned: float = float("nan")
    memory: float = 0.0
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
    if not (due[-1] > 0 and abs(fallen[-1]) > ENOUGH and due[-1] > ENOUGH):
        return None
    if not _untouched(log, layer, float(fallen[-1])):
        return None
    value = float(fallen @ due / (due @ due))
    off = fallen - value * due
    if np.max(np.abs(off)) > CLEAN * abs(fallen[-1]) * (1 if asked.even is None or asked.even.all() else 30):
        return None
    spread = 3 * float(np.max(np.abs(off))) / due[-1] + 1e-6 * abs(value)
    return Factor(value, value - spread, value + spread, (value,) * 3, True)


def _untouched(log: TrainingLog, layer: str, fallen: float) -> bool:
    """Whether nothing but decay moves a layer: no gradient at all, or no turning."""
    gradients, cosines = log.gradients.get(layer), log.cosines.get(layer)
    if gradients is not None and np.isfinite(gradients).any():
        return bool(np.nanmax(gradients) == 0)
    if cosines is None or np.isfinite(cosines[1:]).sum() < len(log.time) // 2:
        return False
    return float(np.nansum(1 - cosines[1:])) < STRAIGHT * abs(fallen)


def factor(log: TrainingLog, layer: str, asked: Asked, rho: np.ndarray, level: float = 0.95) -> Factor:
    """Compare the decay seen with the one asked for, of a layer whose gradient does not pull along its weights.

    Parameters
    ----------
    log : TrainingLog
        With cosines.
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
    cosines = log.cosines.get(layer)
    if cosines is None or not np.isfinite(cosines).any():
        return Factor(reason=f"log weight_cosine/{layer}: without it decay and gradient cannot be told apart")
    norms, gap = log.norms[layer], np.diff(asked.steps)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = norms[1:] / norms[:-1]
        back = -np.log(ratio * cosines[1:])
        across = ratio**2 * (1 - cosines[1:] ** 2)
        grew = np.log(ratio)
    use = np.isfinite(back) & np.isfinite(across) & (cosines[1:] > LEAST_COSINE) & asked.even & (gap > 0)
    if log.cosine_gaps is not None:
        use &= np.isclose(log.cosine_gaps[1:], np.diff(log.time), rtol=1e-6)
    far = np.isfinite(cosines[1:]) & (cosines[1:] <= LEAST_COSINE)
    if use.sum() < FEWEST and far.sum() > use.sum():
        return Factor(reason="records lie so far apart that the weights have turned away in between: log more often")
    if use.sum() < FEWEST:
        return Factor(reason=f"{use.sum()} pairs of records can be compared: {FEWEST} are needed, log more often")
    due = asked.between[use]
    if not due.sum() > 0:
        return Factor(reason="no decay was asked for")
    shares = np.array([memory.hidden(rho, each) for each in gap[use]]) * across[use]
    seen = back[use] + shares
    value = float(seen.sum() / due.sum())
    low, high = _interval(seen, due, value, level)
    doubt = DOUBT * float(shares.sum() / due.sum())
    turning = float((across[use] / 2 + shares).sum())
    return Factor(
        value, low - doubt, high + doubt, _pieces(seen, due, 3),
        grown=float(grew[use].sum() / turning) if turning > 0 else float("nan"),
        turned=turning / float(due.sum()), memory=float(shares.sum() / due.sum()),
    )  # fmt: skip


def _interval(seen: np.ndarray, due: np.ndarray, value: float, level: float) -> tuple[float, float]:
    """Interval of the factor: of the mean of what is off it; where that drifts, all that it is in a part of the log."""
    off = mean_interval(seen - value * due, level)
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
