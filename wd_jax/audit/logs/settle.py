"""Rows in the order of their time, one a time: rows of one step merged, restarts resolved, disorder named."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wd_jax.audit.logs.errors import LogError

RESTARTS = 50
"""Most times that a log may begin again; more is disorder."""


@dataclass
class Tally:
    """What was done to a log's rows, added up over its parts."""

    restarts: int = 0
    superseded: int = 0
    sorted_rows: int = 0
    overwritten: int = 0
    timeless: int = 0
    late: int = 0
    back_to: float = np.nan

    def said(self, unit: str) -> list[str]:
        """Say it in sentences."""
        notes = []
        if self.timeless:
            notes.append(f"Rows without a {unit}, left out: {self.timeless}.")
        if self.restarts:
            times = "once" if self.restarts == 1 else f"{self.restarts} times"
            notes.append(
                f"The log goes back {times} (last to {unit} {self.back_to:g}), as one does that is started again; rows "
                f"that were trained anew, left out: {self.superseded}."
            )
        if self.sorted_rows:
            notes.append(f"Rows out of the order of their {unit}, sorted in: {self.sorted_rows}.")
        if self.late:
            notes.append(f"Rows that stand long after others of their {unit}, left out: {self.late}.")
        if self.overwritten:
            notes.append(f"Numbers that stand twice for one {unit} and differ, the later taken: {self.overwritten}.")
        return notes


def settle(path: str, time: NDArray, rows: NDArray, tally: Tally, unit: str) -> tuple[NDArray, NDArray]:
    """Put rows in order.

    Parameters
    ----------
    path : str
        The log, for messages.
    time : array [row]
        Of each row, in the file's order.
    rows : array [row, column]
        NaN where a row has no number.
    tally : Tally
        Added to.
    unit : str
        Of time, for messages.

    Returns
    -------
    tuple of array [record], array [record, column]
        Time rises; of several numbers for one time and column the last.

    Raises
    ------
    LogError
        If one time stands in many places: rows of several runs in one file.

    Examples
    --------
    >>> import numpy as np
    >>> time, rows = settle("log", np.array([0, 1, 1, 2]), np.array([[1.0], [2.0], [np.nan], [3.0]]), Tally(), "step")
    >>> time.tolist(), rows.ravel().tolist()
    ([0, 1, 2], [1.0, 2.0, 3.0])
    """
    back = np.flatnonzero(np.diff(time) < 0) + 1
    if len(back):
        few = len(back) <= min(RESTARTS, max(1, len(time) // 10))
        if few:
            keep = _without_superseded(time, back, tally)
            time, rows = time[keep], rows[keep]
        else:
            _refuse_runs(path, time, len(back), unit)
            tally.sorted_rows += len(time)
        order = np.argsort(time, kind="stable")
        time, rows = time[order], rows[order]
    if len(time) and not (np.diff(time) > 0).all():
        return _merged(time, rows, tally)
    return time, rows


def _without_superseded(time: NDArray, back: NDArray, tally: Tally) -> NDArray[np.bool_]:
    """Mark the rows that no later start trained anew; a few rows that only came late supersede nothing."""
    keep = np.ones(len(time), bool)
    for index, end in zip(back, [*back[1:], len(time)], strict=True):
        part, before = time[index:end], time[:index][keep[:index]]
        if not len(before) or before.max() < part[0]:
            continue
        gone, new = before[before >= part[0]], part[part <= before.max()]
        few = 2 * len(new) < len(gone) or (len(new) <= 3 and not np.isin(new, gone).any())
        if part[-1] > before.max() and few:
            tally.sorted_rows += len(new)
            continue
        keep[:index] &= time[:index] < part[0]
        tally.restarts += 1
        tally.back_to = float(part[0])
        tally.superseded += len(gone)
    return keep


def _refuse_runs(path: str, time: NDArray, count: int, unit: str) -> None:
    """Refuse rows in disorder that name one time in several places."""
    if len(np.unique(time)) < len(time):
        raise LogError(
            f"{path}: its {unit} goes back {count} times and repeats itself, as if several runs were in one file: "
            "give the rows of one run, in their order"
        )


def _merged(time: NDArray, rows: NDArray, tally: Tally) -> tuple[NDArray, NDArray]:
    """Give one row a time: for each column the last number."""
    starts = np.flatnonzero(np.r_[True, np.diff(time) > 0])
    group = np.cumsum(np.r_[False, np.diff(time) > 0])
    merged = np.full((len(starts), rows.shape[1]), np.nan)
    for column in range(rows.shape[1]):
        values = rows[:, column]
        there = np.flatnonzero(~np.isnan(values))
        groups = group[there]
        tally.overwritten += int(((np.diff(groups) == 0) & (np.diff(values[there]) != 0)).sum())
        merged[groups, column] = values[there]  # NumPy lets the last of equal indices win
    return time[starts], merged
