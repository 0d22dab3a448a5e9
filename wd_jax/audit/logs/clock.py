"""Which column says when: steps or epochs, from 0 or from 1, and how many steps an epoch has."""

import dataclasses
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from wd_jax.audit.logs.errors import LogError
from wd_jax.audit.logs.log import TrainingLog, Unit
from wd_jax.audit.logs.roles import Role
from wd_jax.audit.logs.source import READ_HERE, Source


def time_column(source: Source, roles: Mapping[str, Role], unit: Unit | None) -> tuple[str, Unit]:
    """Choose the column that counts.

    Parameters
    ----------
    source : Source
        Whose first rows are looked at, where several columns may count.
    roles : mapping of str to Role
        Of its columns.
    unit : {"step", "epoch"}, optional
        What the caller wants counted.

    Returns
    -------
    tuple of str
        The column's name and what it counts.

    Raises
    ------
    LogError
        If there is none.
    """
    if unit not in (None, "step", "epoch"):
        raise LogError(f"unit={unit!r}: give 'step' or 'epoch'")
    wanted: tuple[Unit, ...] = (unit,) if unit else ("step", "epoch")
    candidates: list[tuple[str, Unit]] = []
    for what in wanted:
        found = sorted((role.rank, name) for name, role in roles.items() if role.what == what)
        candidates += [(name, what) for _, name in found]
    if not candidates:
        _refuse(source, unit, bool(roles))
    if len(candidates) == 1:
        return candidates[0]
    first = next(iter(source.blocks([name for name, _ in candidates])), np.empty((0, len(candidates))))
    for column, (name, what) in enumerate(candidates):
        values = first[:, column][np.isfinite(first[:, column])]
        if len(np.unique(values)) > 1 or (len(values) and len(first) == 1):
            return name, what
    return candidates[0]


def _refuse(source: Source, unit: Unit | None, known: bool) -> None:
    """Say that nothing counts, and what there is."""
    if not source.names:
        raise LogError(f"{source.path}: no column of numbers is in it; {READ_HERE}")
    shown = ", ".join(map(repr, source.names[:8])) + " and others" * (len(source.names) > 8)
    if not known and not unit:
        raise LogError(
            f"{source.path}: none of its columns ({shown}) is one that a training log has: name them, "
            f"columns={{'step': NAME, 'weight_norm/LAYER': NAME}} (--map step=NAME weight_norm/LAYER=NAME); {READ_HERE}"
        )
    what = unit or "step or epoch"
    say = unit or "step"
    raise LogError(
        f"{source.path}: no column counts its {what} among {shown}: say which does, columns={{'{say}': NAME}} "
        f"(--map {say}=NAME)"
    )


def first_count(time: NDArray, unit: str) -> list[str]:
    """Say from which number a log counts, where it begins with 0 or 1.

    Examples
    --------
    >>> first_count(np.array([0.0, 1.0]), "epoch")
    ['Its epochs count from 0.']
    """
    return [f"Its {unit}s count from {time[0]:g}."] if len(time) and time[0] in (0, 1) else []


def counted_from(log: TrainingLog, first: int) -> TrainingLog:
    """Count what was trained, where a log leaves open whether its number 0 is before the first one or at its end.

    Parameters
    ----------
    log : TrainingLog
        As it was read.
    first : {0, 1}
        Number that the log gives to the first epoch, or step, that was trained: 0 in Keras' logs of epochs.

    Returns
    -------
    TrainingLog
        Its times say how many were trained before a record; its notes say so.

    Raises
    ------
    LogError
        For another number.

    Examples
    --------
    >>> log = TrainingLog("a run", "Keras CSVLogger", np.array([0.0, 1.0]), "epoch", {"fc": np.array([2.0, 1.5])})
    >>> counted_from(log, 0).time.tolist(), counted_from(log, 1).time.tolist()
    ([1.0, 2.0], [0.0, 1.0])
    """
    if isinstance(first, bool) or first not in (0, 1):
        raise LogError(f"first={first!r}: give 0 or 1, the number that the log gives to its first step or epoch")
    time = log.time + (1 - int(first))
    note = f"Its first {log.unit} was said to have the number {int(first)}"
    if len(time):
        note += f", so that the record of {log.unit} {log.time[0]:g} is after {time[0]:g} of them"
    return dataclasses.replace(log, time=time, notes=(*log.notes, f"{note}."))


def steps_of_an_epoch(steps: NDArray, epochs: NDArray) -> float | None:
    """Tell how many steps an epoch has from records that count both.

    Parameters
    ----------
    steps, epochs : array [record]
        Epochs whole (of the epoch that is under way, from 0 or 1) or as fractions.

    Returns
    -------
    float or None
        None where the records leave more than 2 per cent of doubt.

    Examples
    --------
    >>> steps_of_an_epoch(np.arange(0.0, 300.0), np.arange(0, 300) // 75)
    75.0
    >>> steps_of_an_epoch(np.array([10.0, 20.0, 30.0]), np.array([0.33, 0.67, 1.0]))
    30.0
    """
    both = np.isfinite(steps) & np.isfinite(epochs)
    steps, epochs = steps[both], epochs[both]
    if len(steps) < 2 or epochs[-1] <= epochs[0]:
        return None
    if (epochs % 1).any():
        last = np.argmax(epochs)
        if epochs[last] <= 0:
            return None
        found, doubt = steps[last] / epochs[last], 0.005 / epochs[last]
    else:
        starts = np.flatnonzero(np.diff(epochs) > 0) + 1
        if len(starts) < 2:
            return None
        span = epochs[starts[-1]] - epochs[starts[0]]
        gap = max(steps[index] - steps[index - 1] for index in (starts[0], starts[-1]))
        found = (steps[starts[-1]] - steps[starts[0]]) / span
        doubt = 0.0 if gap <= 1 else gap / span / found
    if found <= 0 or doubt > 0.02:
        return None
    return float(round(found)) if abs(found - round(found)) <= max(1e-3, doubt) * found else float(found)
