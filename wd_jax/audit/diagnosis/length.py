r"""Whether an optimiser's updates are as long as its law takes them for: the squared way between two records says it.

The part of the move that is at right angles to the weights is seen in the log, :math:`|w'|^2\sin^2` of the angle. On
gradient noise its expectation is :math:`\ell^2 (k+2\sum_{j<k}(k-j)\rho_j)/(1+2\sum\rho_j)` over k steps, with the
squared length :math:`\ell^2` of an update, all its memory counted. The ratio of the two is 1 on noise.

* Far below 1: updates are shorter (gradients have died, epsilon in the denominator counts, the sign of the gradient
  alternates), or the direction is held by the cost. The length is then too long by an unknown factor.
* Above 1: gradients point in one direction for longer than the optimiser remembers them, and the norm grows by more
  than the law says, up to (1 + beta)/(1 - beta) times.
"""

from dataclasses import dataclass

import numpy as np

from wd_jax.audit.diagnosis import memory
from wd_jax.audit.diagnosis.asked import Asked
from wd_jax.audit.logs.log import TrainingLog

SHORT, LONG = 0.5, 2.0
"""Ratios within which the law's length is taken. A factor of 2 of the length moves the decay seen at rest by the same
factor, which the three that a balance may be off (`seen.ABOUT`) has room for; noise stays within 1.3 in every third."""
DEAD = 0.1
"""Ratio below which a factor that agrees is only a bound too: it would agree by accident."""
LEAST_COSINE = 0.2
"""Records whose weights have turned further from one another say little of what was between them."""
APART = 3.0
"""That less decay is seen than asked for is said where the decay asked for needs updates whose square is this many
times longer than no decay needs. Real layers without decay, Adam's, grow 1 to 2.5 times as the law says, and would
need 5 to 15 times; on gradients that persist both are of one size."""


@dataclass(frozen=True, eq=False)
class Way:
    """What the cosines show of the updates between records.

    Attributes
    ----------
    brings : array [record - 1]
        What the turning says that updates brought to ln |w|; NaN where the cosine is missing or compares others.
    across : array [record - 1]
        Squared move at right angles to the weights, in units of the squared norm before.
    on_noise : array [record - 1]
        The same as the law of the updates has it on noise, per squared length of one update.
    """

    brings: np.ndarray
    across: np.ndarray
    on_noise: np.ndarray


def way(log: TrainingLog, layer: str, asked: Asked, rho: np.ndarray) -> Way | None:
    """Measure the updates between records by the cosines; None where there are none.

    Parameters
    ----------
    log : TrainingLog
        With cosines.
    layer : str
        One of its layers.
    asked : Asked
        Of the layer: when its records were made.
    rho : array [lag]
        Correlations of the updates (`memory.correlations`).
    """
    cosines = log.cosines.get(layer)
    if cosines is None or asked.steps is None or not np.isfinite(cosines).any():
        return None
    gap, norms = np.diff(asked.steps), log.norms[layer]
    with np.errstate(divide="ignore", invalid="ignore"):
        use = (cosines[1:] > LEAST_COSINE) & (gap > 0)
        across = (norms[1:] / norms[:-1]) ** 2 * (1 - np.minimum(1.0, cosines[1:]) ** 2)
        fallen = -np.log(np.minimum(1.0, np.where(use, cosines[1:], np.nan)))
    if log.cosine_gaps is not None:
        use &= np.isclose(log.cosine_gaps[1:], np.diff(log.time), rtol=1e-6)
    gaps, place = np.unique(np.where(gap > 0, gap, 1), return_inverse=True)
    hidden = np.array([memory.hidden(rho, one) for one in gaps])[place]
    spread = np.array([memory.spread(rho, one) for one in gaps])[place] / (1 + 2 * float(rho.sum()))
    across = np.where(use, across, np.nan)
    return Way(fallen + hidden * across, across, spread)


def ratios(found: Way, squared: np.ndarray, norms: np.ndarray, use: np.ndarray, parts: int = 3) -> tuple[float, ...]:
    """Squared way over that on noise, of each part of the log.

    Parameters
    ----------
    found : Way
        What was measured.
    squared : array [record - 1]
        Squared length of an update by the law, its memory counted.
    norms : array [record]
        Of the weights.
    use : array [record - 1]
        Pairs of records that count.
    parts : int
        Of the log.
    """
    there = np.flatnonzero(use)
    moved, due = found.across * norms[:-1] ** 2, found.on_noise * squared
    return tuple(float(moved[one].sum() / due[one].sum()) for one in np.array_split(there, parts) if due[one].sum() > 0)


def doubt(seen: tuple[float, ...]) -> str:
    """Say what is wrong with the length by these ratios; empty where nothing is."""
    if not seen:
        return "the length of its updates cannot be measured"
    if max(seen) > LONG:
        return (
            f"the squared way between records is {max(seen):.2g} times what its optimiser goes on gradient noise: "
            "gradients point in one direction for longer than the optimiser remembers them, and the norm grows by more "
            "than the law says"
        )
    if min(seen) < SHORT:
        return (
            f"the squared way between records is {min(seen):.2g} times what its optimiser goes on gradient noise: "
            "updates are shorter than the law takes them for (the gradient has died, or eps counts), or the cost holds "
            "the direction"
        )
    return ""


def too_near(needed: float, without: float) -> str:
    """Say why less decay than asked for is not told from longer updates."""
    return (
        f"its norm grows as with less decay than was asked for, or as with updates whose square is {needed:.2g} times "
        f"the law's; without any decay it would be {without:.2g} times: the two are too near one another"
    )
