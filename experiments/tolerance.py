"""A number that decides a word, with its reason and its date; and the table of them that the report prints."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from wd_jax.stats.outcome import Table


@dataclass(frozen=True)
class Tolerance:
    """A number, or several of one kind, on which the word of a verdict depends.

    Parameters
    ----------
    name : str
        As the code calls it.
    claims : tuple of int or str
        Claims with verdicts that it decides.
    values : tuple of float
        What it is today, in the unit that `allows` names.
    allows : str
        What it allows, in words.
    reason : str
        Why this number.
    date : str
        Day of the commit that gave it this value, YYYY-MM-DD.
    chosen : {"before", "after"}
        Whether the history held a result that it judges when it was chosen.
    seen : str
        After looking: what had been seen, and the earlier values.
    words : str
        Part of the statements that it decides; all of a claim's if empty.

    Raises
    ------
    ValueError
        If it was chosen after looking and does not say what had been seen, or the other way round.

    Examples
    --------
    >>> Tolerance("X", (1,), (0.1,), "a tenth", "round", "2026-11-21", "after")
    Traceback (most recent call last):
    ValueError: X: chosen after looking, and seen='': say what had been seen
    """

    name: str
    claims: tuple[int | str, ...]
    values: tuple[float, ...]
    allows: str
    reason: str
    date: str
    chosen: Literal["before", "after"] = "before"
    seen: str = ""
    words: str = ""

    def __post_init__(self) -> None:
        """Refuse a confession without its content."""
        if (self.chosen == "after") != bool(self.seen):
            remedy = "say what had been seen" if self.chosen == "after" else 'give chosen="after"'
            raise ValueError(f"{self.name}: chosen {self.chosen} looking, and seen={self.seen!r}: {remedy}")

    @property
    def value(self) -> float:
        """The number, where there is one only."""
        (only,) = self.values
        return only


def table(registered: Sequence[Tolerance]) -> Table:
    """Lay tolerances out for the report.

    Examples
    --------
    >>> table([Tolerance("WITHIN", (1,), (0.1,), "a tenth", "round", "2026-11-21")]).rows[0][:4]
    ('a tenth', '0.1', 'before', '2026-11-21')
    """
    rows = tuple(
        (
            one.allows,
            ", ".join(f"{value:.4g}" for value in one.values),
            one.chosen,
            one.date,
            one.reason,
            one.seen or "nothing",
            ", ".join(map(str, one.claims)) or "none",
            one.name,
        )
        for one in registered
    )
    after = sum(row[2] == "after" for row in rows)
    of_exercise = any(isinstance(claim, int) for one in registered for claim in one.claims)
    again = (
        "python -m benchmarks.holdout, on seeds and a data set that were never used for choosing"
        if of_exercise
        else "python -m benchmarks.fresh_seeds, on seeds that were never used for choosing"
    )
    note = (
        f"{after} of {len(rows)} were chosen after looking at results. Before: no result that it judges is in the "
        "history before that day's commit; what was tried and not committed is not known. Verdicts that depend on a "
        f"number chosen after looking are judged again by {again}."
    )
    columns = ("what it allows", "value", "chosen", "date", "why", "seen before it was chosen", "claim", "name")
    return Table("Tolerances, their reasons and their dates", columns, rows, note)
