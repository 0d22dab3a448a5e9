"""What a comparison says: a frozen record with an interval and one of three words."""

import dataclasses
import json
import math
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Literal

from wd_jax import views
from wd_jax.files import publish

Word = Literal["holds", "fails", "undecided"]
HOLDS: Word = "holds"
FAILS: Word = "fails"
UNDECIDED: Word = "undecided"
Kind = Literal["prediction", "identity"]
KINDS = {"prediction": "its inputs come from elsewhere", "identity": "checks the program, not the theory"}


@dataclass(frozen=True)
class Verdict:
    """A claim held against a measurement.

    Parameters
    ----------
    claim : int or str
        Nielsen's claim, 1 to 4, or the name of another law.
    kind : {"prediction", "identity"}
        A prediction takes its inputs from elsewhere; an identity checks the program, not the theory.
    statement : str
        What is claimed, one sentence.
    scope : str
        Layer, epochs and settings for which it is judged.
    predicted, measured : float
        In the unit the statement names; NaN where there is no number.
    ci95 : tuple of float
        95 % interval of `measured`.
    tolerance : float
        Allowed relative deviation, or the half-width the statement names; fixed before the data are seen.
    verdict : {"holds", "fails", "undecided"}
        Interval inside, wholly outside, or astride the tolerance.
    why : str
        The reason in words, with what was left out.
    asked : tuple of float or None
        Range, in the unit of `measured`, in which the whole interval must lie for the claim to hold; None where nothing
        was judged. It follows from the prediction and the tolerance, so no file repeats it.
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

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready fields; a number that is not finite becomes null."""
        return {name: _finite(value) for name, value in dataclasses.asdict(self).items() if name != "asked"}

    def __repr__(self) -> str:
        """Say it in a sentence: what was claimed, what came out, the numbers, the reason."""
        where = f", {self.scope}" if self.scope else ""
        return f"{self._heading()}: {self.statement}{where}; {self._numbers()}; {self.why}"

    def _repr_html_(self) -> str:
        facts = {
            "claimed": self.statement,
            "for": self.scope,
            "predicted": views.number(self.predicted),
            "measured": f"{views.number(self.measured)} {_interval(self.ci95)}",
            "asked": "" if self.asked is None else f"an interval within {_interval(self.asked)}",
            "kind": f"{self.kind}: {KINDS[self.kind]}",
            "why": self.why,
        }
        shown = views.facts_html({name: text for name, text in facts.items() if text})
        return f"<div><p><strong>{escape(self._heading())}</strong></p>{shown}</div>"

    def _heading(self) -> str:
        named = f"claim {self.claim}" if isinstance(self.claim, int) else self.claim or "comparison"
        return f"{named} {'is ' * (self.verdict == UNDECIDED)}{self.verdict}"

    def _numbers(self) -> str:
        measured = f"measured {views.number(self.measured)} {_interval(self.ci95)}"
        predicted = f"against {views.number(self.predicted)} predicted, tolerance {views.number(self.tolerance)}"
        return f"{measured} {predicted}" + (" (an identity: no prediction)" if self.kind == "identity" else "")


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


def write_verdicts(verdicts: tuple[Verdict, ...], dataset: str, path: Path) -> None:
    """Write ``verdicts.json``, format 1, in one piece."""
    content = {"format": 1, "dataset": dataset, "verdicts": [verdict.to_dict() for verdict in verdicts]}
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    publish(path, lambda aside: aside.write_text(text, encoding="utf-8"))


def _interval(ends: tuple[float, float]) -> str:
    return f"[{views.number(ends[0])}, {views.number(ends[1])}]" if all(map(math.isfinite, ends)) else "(no interval)"


def _finite(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
