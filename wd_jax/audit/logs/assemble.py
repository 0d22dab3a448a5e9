"""From columns with roles to a training's log."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from wd_jax.audit.logs import clock
from wd_jax.audit.logs.errors import LogError
from wd_jax.audit.logs.log import TrainingLog, Unit
from wd_jax.audit.logs.mapping import roles_of
from wd_jax.audit.logs.records import Records, collect
from wd_jax.audit.logs.roles import ALL, Role
from wd_jax.audit.logs.source import Source

USED = ("lr", "weight_decay", "weight_norm", "weight_size", "weight_axes", "weight_cosine", "gradient_norm", "loss")


def assemble(
    source: Source,
    columns: Mapping[str, str] | None = None,
    unit: Unit | None = None,
    steps_per_epoch: float | None = None,
) -> TrainingLog:
    """Read the columns of a source that mean something here.

    Parameters
    ----------
    source : Source
        Names and rows.
    columns, unit, steps_per_epoch
        As `wd_jax.audit.logs.reading.read` takes them.

    Returns
    -------
    TrainingLog

    Raises
    ------
    LogError
        If no column counts steps or epochs, or no record is left.
    """
    if source.runs and not columns:
        first = source.runs[0]
        raise LogError(
            f"{source.path}: it holds {len(source.runs)} runs ({', '.join(source.runs[:6])}): export one, or say whose "
            f"columns to read, columns={{'weight_norm/*': '{first} - NAME/*'}} (--map 'weight_norm/*={first} - NAME/*')"
        )
    roles = roles_of(source.path, source.names, columns, source.renamed)
    time, counted = clock.time_column(source, roles, unit)
    other = "epoch" if counted == "step" else "step"
    beside = sorted((role.rank, name) for name, role in roles.items() if role.what == other)[:1]
    used = {name: role for name, role in roles.items() if role.what in USED}
    if any(role.what == "weight_norm" and role.layer != ALL for role in used.values()):
        used = {name: role for name, role in used.items() if (role.what, role.layer) != ("weight_norm", ALL)}
    used |= {name: roles[name] for _, name in beside}
    names = list(used)
    faults = _Faults(names)
    rows = _with_gaps(source.blocks([time, *names]), [used[name].what for name in names], faults)
    weights = np.array([used[name].what in ("weight_norm", "weight_cosine") for name in names] + [False])
    records = collect(source.path, rows, weights, counted)
    if not len(records.time):
        raise LogError(f"{source.path}: no row has a {counted}: give a log with at least one record")
    return _log(source, roles, used, time, counted, records, faults, steps_per_epoch)


class _Faults:
    """Counts numbers that cannot be used: infinite ones by column, and cosines with nothing that is there."""

    def __init__(self, names: list[str]) -> None:
        self.names, self.infinite, self.unpaired = names, np.zeros(len(names), int), 0

    def said(self, values: NDArray, whats: list[str]) -> list[str]:
        """Say how many numbers of a layer's columns are missing, and how many were infinite."""
        notes = []
        if self.infinite.any():
            worst = self.names[int(self.infinite.argmax())]
            notes.append(f"Infinite numbers, which count as missing: {self.infinite.sum()} (most in {worst!r}).")
        if self.unpaired:
            notes.append(f"Cosines with weights that the log does not hold, left out: {self.unpaired}.")
        missing = np.isnan(values).sum(axis=0)
        partly = [i for i, what in enumerate(whats) if what == "weight_norm" and 0 < missing[i] < len(values)]
        if partly:
            worst = max(partly, key=lambda i: missing[i])
            count = len(partly)
            notes.append(
                f"Of {len(values)} records {missing[worst]} have no number in {self.names[worst]!r}"
                + (f", and fewer or as many in {count - 1} other norms." if count > 1 else ".")
            )
        return notes


def _with_gaps(blocks: Iterator[NDArray], whats: list[str], faults: _Faults) -> Iterator[NDArray]:
    """Give rows with a last column more: the time since the row before that had weights, NaN if there was none."""
    weights = np.array([what in ("weight_norm", "weight_cosine") for what in whats], bool)
    cosines = np.flatnonzero([what == "weight_cosine" for what in whats]) + 1
    before = np.nan
    seen = np.zeros(len(cosines), bool)
    for block in blocks:
        endless = np.isinf(block)
        if endless.any():
            faults.infinite += endless[:, 1:].sum(axis=0)
            block[endless] = np.nan
        gaps = np.full((len(block), 1), np.nan)
        if len(cosines):
            timed = ~np.isnan(block[:, 0])
            there = np.flatnonzero(~np.isnan(block[:, 1:][:, weights]).all(axis=1) & timed)
            times = block[there, 0]
            gaps[there, 0] = np.diff(np.r_[before, times])
            before = times[-1] if len(times) else before
            unpaired = ~(gaps[:, 0] >= 0)  # the first record, and the first after a new start
            faults.unpaired += int((~np.isnan(block[np.ix_(unpaired, cosines)])).sum())
            block[np.ix_(unpaired, cosines)] = np.nan
            seen = _first_cosines(block, there, gaps[:, 0], cosines, seen)
            gaps[~(gaps > 0)] = np.nan
        yield np.concatenate([block, gaps], axis=1)


def _first_cosines(block: NDArray, there: NDArray, gaps: NDArray, cosines: NDArray, seen: NDArray) -> NDArray:
    """Of rows of one time keep each cosine's first number: a later one compares the weights with themselves.

    `seen` marks the cosines that the row before the block has given for its time; so does what is returned.
    """
    if not (gaps[there] == 0).any():
        return ~np.isnan(block[there[-1], cosines]) if len(there) else seen
    for row in there:
        if gaps[row] == 0:
            block[row, cosines[seen]] = np.nan
            seen = seen | ~np.isnan(block[row, cosines])
        else:
            seen = ~np.isnan(block[row, cosines])
    return seen


def _log(
    source: Source,
    roles: Mapping[str, Role],
    used: Mapping[str, Role],
    time: str,
    counted: Unit,
    records: Records,
    faults: _Faults,
    steps_per_epoch: float | None,
) -> TrainingLog:
    """Sort the columns by what they say."""
    names = list(used)
    whats = [used[name].what for name in names]
    values, gaps = records.values[:, :-1], records.values[:, -1]
    column = {name: values[:, index] for index, name in enumerate(names)}
    layered = {
        what: {used[n].layer: column[n] for n in names if used[n].what == what and used[n].layer} for what in USED
    }
    norms = layered["weight_norm"]
    notes = [*source.notes, *records.notes, *clock.first_count(records.time, counted), *faults.said(values, whats)]
    if ALL in norms:
        notes.append("Its norm is that of all weights together: layers cannot be told apart.")
    lr, layer_lr = _rates("lr", used, column, norms, notes)
    decay, layer_decay = _rates("weight_decay", used, column, norms, notes)
    beside = next((name for name in names if used[name].what in ("step", "epoch")), None)
    found = steps_per_epoch
    if found is None and beside is not None:
        steps, epochs = (records.time, column[beside])[:: 1 if counted == "step" else -1]
        found = clock.steps_of_an_epoch(steps, epochs)
        if found:
            notes.append(f"An epoch has {found:g} steps, by its two counts.")
    if "_step" == time:
        notes.append("W&B's _step counts calls of its log, which need not be steps of the optimiser.")
    return TrainingLog(
        source=source.path,
        kind=source.kind,
        time=records.time,
        unit=counted,
        norms=MappingProxyType(norms),
        sizes=MappingProxyType(_sizes(layered["weight_size"])),
        cosines=MappingProxyType(layered["weight_cosine"]),
        gradients=MappingProxyType(layered["gradient_norm"]),
        lr=lr,
        weight_decay=decay,
        losses=MappingProxyType({name: column[name] for name in names if used[name].what == "loss"}),
        steps_per_epoch=found,
        unread=tuple(name for name in source.names if name not in used and name != time and name not in roles),
        notes=tuple(notes),
        cosine_gaps=gaps if layered["weight_cosine"] else None,
        layer_lr=MappingProxyType(layer_lr),
        layer_weight_decay=MappingProxyType(layer_decay),
        axes=MappingProxyType(_sizes(layered["weight_axes"])),
    )


def _rates(
    what: str, used: Mapping[str, Role], column: Mapping[str, NDArray], norms: Mapping[str, NDArray], notes: list[str]
) -> tuple[NDArray | None, dict[str, NDArray]]:
    """Give a rate's column, and those that are of one layer; say which is taken where several differ."""
    mine = {name: role for name, role in used.items() if role.what == what}
    layers = {role.layer: column[name] for name, role in mine.items() if role.layer in norms}
    whole = sorted((role.rank, name) for name, role in mine.items() if role.layer not in norms)
    if not whole:
        return None, layers
    first = whole[0][1]
    others = [name for _, name in whole[1:] if not np.array_equal(column[name], column[first], equal_nan=True)]
    if others:
        notes.append(f"{first!r} is taken as {what}; it differs from {', '.join(map(repr, others[:4]))}.")
    return column[first], layers


def _sizes(columns: Mapping[str, NDArray]) -> dict[str, int]:
    """Give a whole number of each layer, of its weights or its axes: the last that was written."""
    finite = {layer: values[np.isfinite(values)] for layer, values in columns.items()}
    return {layer: int(values[-1]) for layer, values in finite.items() if len(values)}
