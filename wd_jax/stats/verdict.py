"""What a comparison says: a frozen record with an interval and one of four words."""

import json
import math
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Literal

from wd_jax import display
from wd_jax.files import publish

Word = Literal["holds", "fails", "diverged", "undecided"]
HOLDS: Word = "holds"
FAILS: Word = "fails"
DIVERGED: Word = "diverged"
UNDECIDED: Word = "undecided"
Kind = Literal["prediction", "rival", "identity"]
NOT_WRITTEN = ("asked", "seeds", "cells", "alike", "deciding", "of_logarithm")
KINDS: dict[Kind, str] = {
    "prediction": "its inputs come from elsewhere",
    "rival": "a formula held up beside the theory to be told apart from it",
    "identity": "checks the program, not the theory",
}


@dataclass(frozen=True)
class Verdict:
    """A claim held against a measurement.

    Parameters
    ----------
    claim : int or str
        Nielsen's claim, 1 to 4, or the name of another law.
    kind : {"prediction", "rival", "identity"}
        A prediction takes its inputs from elsewhere; a rival is a formula held up beside the theory to be told apart
        from it; an identity checks the program, not the theory.
    statement : str
        What is claimed, one sentence.
    scope : str
        Layer, epochs and settings for which it is judged.
    predicted, measured : float
        In the unit the statement names; NaN where there is no number.
    ci95 : tuple of float
        95 % interval of `measured`, the one by which the word was given: of this cell alone where it holds, or would if
        the interval were narrower; for all cells together (Bonferroni) where it fails, or would.
    tolerance : float
        Allowed relative deviation, or the half-width the statement names. Those of the four claims stand in
        ``experiments/exercise/tolerances.py`` with reason and date, and whether they were chosen after looking.
    verdict : {"holds", "fails", "diverged", "undecided"}
        Interval inside or wholly outside the tolerance; a number that there should be is missing because runs diverged,
        and nothing that was measured fails; or neither.
    why : str
        The reason in words, with what was left out.
    asked : tuple of float or None
        Range, in the unit of `measured`, in which the whole interval must lie for the claim to hold; None where nothing
        was judged. It follows from the prediction and the tolerance, so no file repeats it.
    seeds, cells : int or None
        Where the interval is Student's over seeds alone: of how many, and how many intervals hold together at 95 %.
        These, and what follows, only serve to say what would change the word; no file holds them.
    alike : int
        How many other cells were given the same word.
    deciding : Verdict or None
        Cell on which the word turns, its label as the scope, where that is not the cell whose numbers these are.
    of_logarithm : bool
        Whether the interval is Student's for a mean of logarithms: half-widths are then told in logarithms.
    again : float
        Probability that another run, of as many new seeds, gives the same word (`wd_jax.stats.replication`); NaN where
        there is no interval, or runs diverged.
    rests_on : str
        What it follows from, in words: it is then no evidence of its own. Empty where it follows from nothing else.
    """

    claim: int | str
    kind: Kind
    statement: str
    scope: str
    predicted: float
    measured: float
    ci95: tuple[float, float]
    tolerance: float
    verdict: Word
    why: str
    asked: tuple[float, float] | None = None
    seeds: int | None = None
    cells: int | None = None
    alike: int = 0
    deciding: "Verdict | None" = None
    of_logarithm: bool = False
    again: float = math.nan
    rests_on: str = ""

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready fields; a number that is not finite becomes null."""
        return {name: _finite(value) for name, value in vars(self).items() if name not in NOT_WRITTEN}

    def __repr__(self) -> str:
        """Say it in a sentence: what was claimed, what came out, the numbers, the reason."""
        where = f", {self.scope}" if self.scope else ""
        rests = f"; follows from {self.rests_on}" if self.rests_on else ""
        return f"{self._heading()}: {self.statement}{where}; {self._numbers()}; {self.why}{rests}"

    @property
    def by_number(self) -> bool:
        """Whether the number itself was judged, without an interval."""
        return self.verdict in (HOLDS, FAILS) and not all(map(math.isfinite, self.ci95))

    def _repr_html_(self) -> str:
        what = "a number" if self.by_number else "an interval"
        facts = {
            "claimed": self.statement,
            "for": self.scope,
            "predicted": display.number(self.predicted),
            "measured": f"{display.number(self.measured)} {_interval(self.ci95)}",
            "asked": "" if self.asked is None else f"{what} within {_interval(self.asked)}",
            "kind": f"{self.kind}: {KINDS[self.kind]}",
            "follows from": self.rests_on,
            "why": self.why,
        }
        shown = display.facts_html({name: text for name, text in facts.items() if text})
        return f"<div><p><strong>{escape(self._heading())}</strong></p>{shown}</div>"

    def _heading(self) -> str:
        named = f"claim {self.claim}" if isinstance(self.claim, int) else self.claim or "comparison"
        return f"{named} {'is ' * (self.verdict == UNDECIDED)}{self.verdict}"

    def _numbers(self) -> str:
        measured = f"measured {display.number(self.measured)} {_interval(self.ci95)}"
        predicted = f"against {display.number(self.predicted)} predicted, tolerance {display.number(self.tolerance)}"
        aside = {"rival": " (a rival of the theory)", "identity": " (an identity: no prediction)"}
        return f"{measured} {predicted}{aside.get(self.kind, '')}"


def judge(ci: tuple[float, float], low: float, high: float) -> Word:
    """Three-valued equivalence test of an interval against the range it should lie in.

    Examples
    --------
    >>> judge((0.995, 1.004), 0.99, 1.01), judge((0.97, 0.985), 0.99, 1.01), judge((0.98, 1.0), 0.99, 1.01)
    ('holds', 'fails', 'undecided')
    """
    if not all(map(math.isfinite, ci)):
        return UNDECIDED
    if low <= ci[0] and ci[1] <= high:
        return HOLDS
    return FAILS if ci[1] < low or ci[0] > high else UNDECIDED


def with_gaps(word: Word, diverged: bool, missing: bool) -> Word:
    """Give the word for a sample from which members are missing.

    Parameters
    ----------
    word : {"holds", "fails", "undecided"}
        What those that have a number say.
    diverged : bool
        Whether a member has none because it diverged. What fails without it fails; nothing else can be said.
    missing : bool
        Whether a member has none for another reason: it might have said anything, so the rest decides nothing.

    Examples
    --------
    >>> with_gaps("holds", True, False), with_gaps("fails", True, False), with_gaps("fails", False, True)
    ('diverged', 'fails', 'undecided')
    """
    if missing:
        word = UNDECIDED
    return DIVERGED if diverged and word != FAILS else word


def narrower(mean: float, ci: tuple[float, float], low: float, high: float) -> float:
    """How many times narrower an undecided interval must be, about the same mean, to be decided.

    Parameters
    ----------
    mean : float
        Between the ends of `ci`.
    ci : tuple of float
        The interval, astride an end of the range.
    low, high : float
        Range it should lie in.

    Returns
    -------
    float
        h/d: from the mean to the interval's end, over from the mean to the range's end, on the side in question.
        Infinite if the mean is an end of the range, NaN without an interval.

    Examples
    --------
    >>> narrower(1.0, (0.5, 1.5), 0.75, 2.0), narrower(1.5, (0.5, 2.5), 0.0, 1.0)
    (2.0, 2.0)
    """
    if not all(map(math.isfinite, ci)):
        return math.nan
    below, above = mean - ci[0], ci[1] - mean
    if mean < low or mean > high:
        return above / (low - mean) if mean < low else below / (mean - high)
    return max(h / d if d > 0 else math.inf for h, d in ((above, high - mean), (below, mean - low)))


def write_verdicts(verdicts: tuple[Verdict, ...], dataset: str, path: Path) -> None:
    """Write ``verdicts.json``, format 1, in one piece."""
    content = {"format": 1, "dataset": dataset, "verdicts": [verdict.to_dict() for verdict in verdicts]}
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    publish(path, lambda aside: aside.write_text(text, encoding="utf-8"))


def _interval(ends: tuple[float, float]) -> str:
    return (
        f"[{display.number(ends[0])}, {display.number(ends[1])}]" if all(map(math.isfinite, ends)) else "(no interval)"
    )


def _finite(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
