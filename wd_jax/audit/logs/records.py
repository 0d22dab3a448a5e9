"""A stream of rows as records in memory: in order, and thinned evenly where there are too many."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from wd_jax.audit.logs.errors import LogError
from wd_jax.audit.logs.settle import RESTARTS, Tally, settle

MOST_RECORDS = 200_000
MOST_NUMBERS = 4_000_000
"""32 MB: of records with many columns fewer are kept."""
FEWEST = 2_000


@dataclass
class Records:
    """What was read.

    Parameters
    ----------
    time : array [record]
        Rising.
    values : array [record, column]
        NaN where a record has no number.
    notes : list of str
        What was left out or repaired, a sentence each.
    """

    time: NDArray[np.float64]
    values: NDArray[np.float64]
    notes: list[str] = field(default_factory=list)


def collect(
    path: str, blocks: Iterator[NDArray[np.float64]], main: NDArray[np.bool_], unit: str, most: int | None = None
) -> Records:
    """Collect rows whose first column is their time.

    Parameters
    ----------
    path : str
        The log, for messages.
    blocks : iterator of array [row, 1 + column]
        Time, then the columns.
    main : array [column] of bool
        Columns for the sake of which a record is kept; where records are thinned, those without any are left out first.
    unit : str
        Of time.
    most : int, optional
        Records that are kept; 200 000, and fewer where there are more than 20 columns.

    Returns
    -------
    Records

    Raises
    ------
    LogError
        For rows in a disorder that cannot be put right.

    Examples
    --------
    >>> rows = np.c_[np.arange(10.0), np.arange(10.0)]
    >>> collect("log", iter([rows]), np.array([True]), "step", most=3).time.tolist()
    [0.0, 4.0, 8.0]
    """
    most = most or max(FEWEST, min(MOST_RECORDS, MOST_NUMBERS // max(1, len(main))))
    thinning = _Thinning(path, main, unit, most)
    for block in blocks:
        for start in range(0, len(block), most):  # a block of many narrow rows must not overstep what memory there is
            thinning.feed(block[start : start + most])
    return thinning.finish()


class _Thinning:
    """Holds at most twice the records that are kept, whatever comes."""

    def __init__(self, path: str, main: NDArray[np.bool_], unit: str, most: int) -> None:
        self.path, self.main, self.unit, self.most = path, main, unit, most
        self.tally, self.stride, self.skip, self.bare, self.seen, self.carried = Tally(), 1, 0, 0, 0, 0
        self.held: list[NDArray] = []  # settled and thinned, in one piece after `compact`
        self.pending: list[NDArray] = []

    def feed(self, block: NDArray) -> None:
        """Take rows, and settle what is pending when it has become much."""
        timed = block[~np.isnan(block[:, 0])]
        self.tally.timeless += len(block) - len(timed)
        self.pending.append(timed)
        if self.held or sum(map(len, self.pending)) > self.most:
            self._settle(last=False)

    def finish(self) -> Records:
        """Settle the rest and say what was done."""
        self._settle(last=True)
        table = np.concatenate(self.held) if self.held else np.empty((0, len(self.main) + 1))
        notes = self.tally.said(self.unit)
        if self.bare:
            notes.append(
                f"{self.bare} of {self.seen} records have no norm and are left out, since there are very many."
            )
        if self.stride > 1:
            notes.append(
                f"Of {self.seen - self.bare} records every {_ordinal(self.stride)} is kept, {len(table)} in all, to "
                "bound the memory."
            )
        return Records(table[:, 0], table[:, 1:], notes)

    def _settle(self, last: bool) -> None:
        """Settle pending rows, all but those of the last time, to which rows may follow; thin them; hold them."""
        rows = np.concatenate(self.pending) if self.pending else np.empty((0, len(self.main) + 1))
        self.pending = []
        if not len(rows):
            return
        rows = self._after_restart(rows)
        time, rows = settle(self.path, rows[:, 0], rows, self.tally, self.unit)
        if last and self.stride == 1:
            fits = sum(map(len, self.held)) + len(time) <= self.most
            if fits:
                self.held.append(rows)
                self.seen += len(rows)
                return
        keep = len(rows) if last else len(rows) - 1
        self.pending = [rows[keep:].copy()]
        self.carried = len(rows) - keep
        self._hold(rows[:keep])

    def _after_restart(self, rows: NDArray) -> NDArray:
        """Drop what is held from the time on to which the log goes back; give the rows that follow."""
        if not self.held or rows[:, 0].min() > self.held[-1][-1, 0]:
            return rows
        held = np.concatenate(self.held)
        again = rows[:, 0] <= held[-1, 0]
        first = rows[again, 0].min()
        gone = held[:, 0] >= first
        if rows[-1, 0] > held[-1, 0] and 2 * again.sum() < gone.sum() * self.stride:
            self.tally.late += int(again.sum())  # stray rows, which are not worth what they would replace
            return rows[~again]
        self.held = [held[~gone]] if not gone.all() else []
        carried = np.arange(len(rows)) < self.carried  # of the time before, to which no more rows came
        rows = rows[~(carried & (rows[:, 0] >= first))]
        self.tally.restarts += 1
        self.tally.superseded += int(gone.sum()) * self.stride
        self.tally.back_to = float(first)
        if self.tally.restarts > RESTARTS:
            raise LogError(
                f"{self.path}: its {self.unit} goes back more than {RESTARTS} times: sort its rows, or "
                "give the rows of one run"
            )
        return rows

    def _hold(self, rows: NDArray) -> None:
        """Thin rows as those before them were, then all of them if they are too many."""
        self.seen += len(rows)
        rows = self._with_norms(rows)
        kept = rows[self.skip :: self.stride].copy()
        self.held += [kept] if len(kept) else []
        after = (len(rows) - 1 - self.skip) % self.stride  # rows behind the last that was kept
        self.skip = self.stride - 1 - after if len(rows) > self.skip else self.skip - len(rows)
        while (count := sum(map(len, self.held))) > self.most:
            whole = np.concatenate(self.held)
            self.held = [whole[::2].copy()]
            self.skip += self.stride * (count % 2)  # an even count loses its last record
            self.stride *= 2

    def _with_norms(self, rows: NDArray) -> NDArray:
        """Leave out records that lack every column that matters, if any column does."""
        if not self.main.any():
            return rows
        there = ~np.isnan(rows[:, 1:][:, self.main]).all(axis=1)
        self.bare += int((~there).sum())
        return rows[there]


def _ordinal(count: int) -> str:
    """Write a power of two as 2nd, 4th, 8th."""
    return "2nd" if count == 2 else f"{count}{'nd' if count % 100 != 12 and count % 10 == 2 else 'th'}"
