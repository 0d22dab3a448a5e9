"""Decay that the schedule of the learning rate ends long before the training does."""

import numpy as np

from wd_jax.audit.diagnosis.asked import Asked
from wd_jax.audit.diagnosis.diagnosis import Finding
from wd_jax.audit.logs.log import TrainingLog

NOTHING = 1e-3
"""Share of all the decay that is left to come, below which the rest of a log counts as without decay."""
LONG = 0.2
"""Share of the log from which on that is a finding: a cosine to 0 has it for 0.085, a line for 0.032."""


def stopped(log: TrainingLog, asked: Asked) -> Finding | None:
    """Say that a schedule stopped the decay; None where it did not, or that is not known.

    Parameters
    ----------
    log : TrainingLog
        With rates.
    asked : Asked
        Of the whole log.
    """
    if asked.epsilon is None or asked.lr is None or (log.lr is None and not log.layer_lr) or len(log.time) < 5:
        return None
    time = log.time if asked.steps is None else asked.steps
    each = np.diff(time) * -(np.log1p(-asked.epsilon[1:]) + np.log1p(-asked.epsilon[:-1])) / 2
    total, span = float(each.sum()), float(time[-1] - time[0])
    if not (total > 0 and span > 0):
        return None
    left = total - np.concatenate([[0.0], np.cumsum(each)])
    last = int(np.argmax(left < NOTHING * total))
    share = float(time[-1] - time[last]) / span
    if share < LONG or not np.max(asked.epsilon[last:]) < 0.05 * np.max(asked.epsilon):
        return None
    unit = log.unit if asked.steps is None else "step"
    peak = float(-np.log1p(-asked.epsilon.max())) * span
    amount = (
        f"{total:.3g} timescales of decay were taken (the sum of eta L), {peak:.3g} at the largest rate throughout"
        if asked.steps is not None
        else f"{total / peak:.0%} of the decay at the largest rate throughout was taken"
    )
    return Finding(
        "decay stopped by the schedule",
        log.layers,
        f"after {unit} {time[last]:.6g} of {time[-1]:.6g} nothing decays: the last {share:.0%} of the training has "
        f"{max(0.0, left[last]) / total:.1g} of all its decay, because the rate falls to {asked.lr[last:].max():.2g} "
        f"from {asked.lr.max():.2g}; in all {amount}",
        "set the length of the schedule to that of the training, or give it a floor above 0; a decay that is not "
        "multiplied by the rate (wd-jax audit says which are) would go on, but then also rules at the end",
    )
