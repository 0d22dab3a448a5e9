"""Where a layer stands: whether its norm moves, rests or has decayed away, beside the schedule and the time asked for.

`one_series.state` looks at norms alone. What it cannot know is asked here first: whether the learning rate changed on
the way, so that what came before is another rest, and whether the log is long enough beside the decay's timescale.
"""

from dataclasses import dataclass

import numpy as np

from wd_jax.audit.diagnosis.asked import Asked
from wd_jax.audit.logs.log import TrainingLog
from wd_jax.stats import one_series

LEAST_COVERED = 0.5
"""Timescales that a rest must be seen for: in less, a slow movement looks the same."""
STEP, STEADY = 1.2, 1.01
"""Ratio of neighbouring rates from which on one is a step, and up to which the rate is constant on both sides of it."""
FEWEST = 20


@dataclass(frozen=True)
class Standing:
    """State of a layer.

    Attributes
    ----------
    word : str
        "transient", "at rest", "decayed away", "does not move" or "cannot be said".
    since : float or None
        Time in the log's unit from which on it rests.
    reason : str
        What was seen, a sentence.
    """

    word: str
    since: float | None
    reason: str


def of(log: TrainingLog, norms: np.ndarray, asked: Asked) -> Standing:
    """Say the state of a layer; one whose norm is the same in each digit does not move.

    Parameters
    ----------
    log : TrainingLog
        Whose times count.
    norms : array [record]
        Of the layer.
    asked : Asked
        Of the layer: its learning rates, and the decay between records.
    """
    there = np.flatnonzero(np.isfinite(norms))
    if there.size >= 3 and np.ptp(norms[there]) == 0:
        return Standing(
            "does not move", float(log.time[there[0]]), "its norm is the same in every digit of every record"
        )
    found = _judged(log, norms, there)
    change = last_change(asked.lr)
    if change and found.word != "decayed away":
        later = there[there >= change]
        if later.size < FEWEST:
            return Standing(
                "cannot be said",
                None,
                f"the learning rate changes at {log.unit} {log.time[change]:g}, and {later.size} records are behind "
                f"it: {FEWEST} are needed",
            )
        found = _judged(log, norms, later)
    if found.word == "at rest" and asked.between is not None:
        covered = float(np.nansum(asked.between[change:]))
        if 0 < covered < LEAST_COVERED:
            where = " behind the last change of the learning rate" if change else ""
            return Standing(
                "cannot be said",
                None,
                f"its norm hardly moves, but the log{where} covers {covered:.2g} of the timescale asked for: from less "
                f"than {LEAST_COVERED:g} of it a rest is not told from a slow movement; train or log for longer",
            )
    return found


def _judged(log: TrainingLog, norms: np.ndarray, there: np.ndarray) -> Standing:
    """Judge the records that are named."""
    found = one_series.state(log.time[there], norms[there])
    return Standing(str(found.word), None if found.since is None else float(found.since), found.reason)


def last_change(lr: np.ndarray | None) -> int:
    """Give the record from which on the learning rate is that behind its last step; 0 where it has none.

    A step is a change from one constant rate to another; a rate that goes down evenly has none.

    Examples
    --------
    >>> last_change(np.array([1.0, 1.0, 1.0, 0.1, 0.1, 0.1])), last_change(np.linspace(1, 0.1, 9))
    (3, 0)
    """
    if lr is None or len(lr) < 4 or not (lr > 0).all():
        return 0
    ratio = np.abs(np.diff(np.log(lr)))
    still = ratio < np.log(STEADY)
    steps = np.flatnonzero((ratio[1:-1] > np.log(STEP)) & still[:-2] & still[2:]) + 2
    return int(steps[-1]) if steps.size else 0
