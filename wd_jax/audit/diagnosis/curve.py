"""What the picture of one layer is drawn from: its norm, and the norm that the decay asked for alone would leave."""

from dataclasses import dataclass

import numpy as np

from wd_jax.audit.diagnosis.asked import Asked
from wd_jax.audit.logs.log import TrainingLog, Unit


@dataclass(frozen=True, eq=False)
class Decayed:
    """What is left of a layer's first norm where the decay that was asked for acts alone.

    Attributes
    ----------
    low, high : array [record]
        The first norm times exp(-sum of -ln(1 - epsilon)) over the steps since, if between two records each step had
        the decay of the stronger, and of the weaker of them.
    known : array [record]
        The same with the mean of both, NaN from the first two records on whose decays are too far apart for that.
    """

    low: np.ndarray
    high: np.ndarray
    known: np.ndarray


@dataclass(frozen=True, eq=False)
class Curve:
    """One layer over the log, at the records that have its norm.

    Attributes
    ----------
    time : array [record]
        As the log counts, in `unit`.
    unit : {"step", "epoch"}
        Of `time`.
    norm : array [record]
        Euclidean norm of its weights, dimensionless.
    decayed : Decayed or None
        What decay alone would leave; None where that is not known, and of a layer that starts at 0.
    ends : tuple of two floats
        First and last time of the whole log.
    infinite_at : float or None
        Time of the first record whose norm is infinite.
    """

    time: np.ndarray
    unit: Unit
    norm: np.ndarray
    decayed: Decayed | None
    ends: tuple[float, float]
    infinite_at: float | None = None


def of(log: TrainingLog, name: str, asked: Asked) -> Curve:
    """Give what one layer's picture is drawn from.

    Parameters
    ----------
    log : TrainingLog
        That holds its norms.
    name : str
        As in the log.
    asked : Asked
        The decay that was asked for on it.

    Returns
    -------
    Curve
    """
    norm = np.asarray(log.norms[name], np.float64)
    there = np.flatnonzero(np.isfinite(norm))
    endless = np.flatnonzero(np.isposinf(norm))
    decayed = _decayed(asked, there, float(norm[there[0]])) if there.size and norm[there[0]] > 0 else None
    return Curve(
        log.time[there], log.unit, norm[there], decayed, (float(log.time[0]), float(log.time[-1])),
        float(log.time[endless[0]]) if endless.size else None,
    )  # fmt: skip


def _decayed(asked: Asked, there: np.ndarray, start: float) -> Decayed | None:
    if asked.between is None or asked.even is None or asked.extremes is None:
        return None

    def since_first(each: np.ndarray) -> np.ndarray:
        total = np.concatenate([[0.0], np.cumsum(each)])[there]
        return total - total[0]

    high, low = (start * np.exp(-since_first(each)) for each in asked.extremes)
    known = np.where(since_first(~asked.even) > 0, np.nan, start * np.exp(-since_first(asked.between)))
    return Decayed(low, high, known)
