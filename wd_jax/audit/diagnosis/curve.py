"""What the picture of one layer is drawn from: its norm, and the norm that the decay asked for alone would leave."""

from dataclasses import dataclass

import numpy as np

from wd_jax.audit.diagnosis.asked import Asked
from wd_jax.audit.logs.log import TrainingLog, Unit


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
    decayed : array [record] or None
        The first norm times exp(-sum of -ln(1 - epsilon)) over the steps since: what is left where the decay that was
        asked for acts alone. None where that is not known.
    """

    time: np.ndarray
    unit: Unit
    norm: np.ndarray
    decayed: np.ndarray | None


def of(log: TrainingLog, name: str, asked: Asked) -> Curve:
    """Give one layer's.

    Parameters
    ----------
    log : TrainingLog
        The log.
    name : str
        Of the layer.
    asked : Asked
        Of this layer.
    """
    norm = np.asarray(log.norms[name], np.float64)
    there = np.flatnonzero(np.isfinite(norm))
    kept = asked.at(there)
    decayed = None
    if kept.between is not None and there.size:
        decayed = norm[there[0]] * np.exp(-np.concatenate([[0.0], np.cumsum(kept.between)]))
    return Curve(log.time[there], log.unit, norm[there], decayed)
