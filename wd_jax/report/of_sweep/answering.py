"""What a sweep's page says first: whether the laws describe what was measured, in a sentence, and each law's line."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from wd_jax.display import number
from wd_jax.report.of_sweep.formulas import assumption
from wd_jax.report.of_sweep.judging import SEVERITY, Cell, Found, NotAsked
from wd_jax.stats.verdict import DIVERGED, FAILS, HOLDS, UNDECIDED, Word

NAMED = 3
"""Cells that a line names; the rest are in the table."""
SYMBOLS = {"lmbda": "λ", "eta": "η", "batch_size": "m"}


@dataclass(frozen=True)
class Line:
    """One law in the first screen: its word and a sentence.

    Attributes
    ----------
    law, title : str
        Name and heading.
    kind : str
        Of its verdicts.
    word : {"holds", "fails", "diverged", "undecided"}
        The worst of its parts.
    text : str
        In how many cells it holds, and where not.
    """

    law: str
    title: str
    kind: str
    word: Word
    text: str


def lines(found: Sequence[Found]) -> tuple[Line, ...]:
    """Give each law that was asked its line, over all parts."""
    by_law: dict[str, list[Found]] = {}
    for one in found:
        by_law.setdefault(one.law.name, []).append(one)
    made = []
    for name, some in by_law.items():
        word = min((one.verdict.verdict for one in some), key=SEVERITY.index)
        cells = [cell for one in some for cell in one.cells]
        law, asked = some[0].law, some[0].asked
        text = told(cells, asked.of_logarithm)
        assumed = assumption(asked.formula) if word == FAILS and law.kind == "prediction" else ""
        if assumed:
            text += f" It takes gradients for this: {assumed}; where it fails, they may not be."
        made.append(Line(name, law.title, law.kind, word, text))
    return tuple(made)


def told(cells: Sequence[Cell], of_logarithm: bool = False) -> str:
    """Say in how many cells a law holds, and where it does not.

    Parameters
    ----------
    cells : sequence of Cell
        Of all parts.
    of_logarithm : bool
        Whether what was measured is by how much weights shrank, as a logarithm.

    Examples
    --------
    >>> told([Cell((("lmbda", 5.0),), 1.0, 1.2, 1.1, 1.3, 8, "fails")])
    'Fails at λ 5, where what was measured is 1.2 times what the law says.'
    """
    words = {word: [cell for cell in cells if cell.word == word] for word in SEVERITY}
    many = len(cells)
    if len(words[HOLDS]) == many:
        return f"Holds in {_all(many)}."
    parts = [f"Holds in {len(words[HOLDS])} of {many} cells."] if words[HOLDS] else []
    for word, says in ((FAILS, "Fails"), (UNDECIDED, "Undecided"), (DIVERGED, "Runs diverged")):
        some = sorted(words[word], key=lambda cell: -_distance(cell))
        if not some:
            continue
        count = "" if many == 1 or (len(some) == 1 and len(some) < many) else f" in {_of(len(some), many)}"
        named = NAMED if word == FAILS else 1 if len(some) == 1 else 0
        at = "; ".join(filter(None, map(_place, some[:named])))
        more = f" and {len(some) - NAMED} more" if len(some) > NAMED else ""
        alone = ": one member gives no interval" if word == UNDECIDED and all(one.seeds < 2 for one in some) else ""
        far = _how_far(some[0], word, len(some), of_logarithm)
        parts.append(f"{says}{count}{alone or _where(some, at, more)}{far}.")
    return " ".join(parts)


def _where(some: Sequence[Cell], at: str, more: str) -> str:
    if not at:
        return ""
    return f" at {at}" if len(some) == 1 else f", farthest at {at}{more}"


def _all(count: int) -> str:
    return "the one cell there is" if count == 1 else f"all {count} cells"


def _of(count: int, many: int) -> str:
    return f"all {many} cells" if count == many else f"{count} of {many} cells"


def _place(cell: Cell) -> str:
    return ", ".join(f"{SYMBOLS.get(name, name)} {number(value)}" for name, value in cell.where)


def _distance(cell: Cell) -> float:
    return abs(cell.ratio - 1) if math.isfinite(cell.ratio) else math.inf


def _how_far(cell: Cell, word: Word, count: int, of_logarithm: bool) -> str:
    if word != FAILS or not math.isfinite(cell.ratio):
        return ""
    at = "where" if count == 1 else "at the first of which"
    if not of_logarithm:
        return f", {at} what was measured is {number(cell.ratio, 3)} times what the law says"
    if cell.ratio <= 0:
        return f", {at} weights grew"
    return f", {at} weights shrank by {number(cell.ratio, 3)} times as much as the law says (in logarithms)"


def answer(found: Sequence[Found], silent: Sequence[NotAsked]) -> str:
    """Answer in a sentence or three whether the laws describe what was measured.

    Only predictions count: a rival is a law held up where its own condition is not met, and an identity checks the
    program.
    """
    predictions = [line for line in lines(found) if line.kind == "prediction"]
    beside = next((line for line in lines(found) if line.law == "layers, whole run"), None)
    return " ".join(filter(None, (_of_predictions(predictions, silent), _of_others(found, silent), _of_layers(beside))))


def _of_others(found: Sequence[Found], silent: Sequence[NotAsked]) -> str:
    """Name parts of which no law predicts a number, where others have one."""
    asked = {one.part for one in found if one.law.kind == "prediction"}
    parts = [part for part in dict.fromkeys(one.part for one in silent) if part not in asked]
    if not asked or not parts:
        return ""
    more = f" and {len(parts) - NAMED} more" if len(parts) > NAMED else ""
    return f"No law predicts a number that was measured for {'; '.join(parts[:NAMED])}{more}."


def _of_predictions(predictions: Sequence[Line], silent: Sequence[NotAsked]) -> str:
    if not predictions:
        remedy = next((one.silent for one in silent if one.silent.remedy and one.law.kind == "prediction"), None)
        why = f" For one of them {remedy.why}; what would help: {remedy.remedy}." if remedy else ""
        return f"It cannot be said: none of the library's laws predicts a number that was measured here.{why}"
    words = [line.word for line in predictions]
    count = {word: words.count(word) for word in SEVERITY}
    opening = (
        "Yes" if count[HOLDS] == len(words)
        else "No" if count[FAILS] == len(words)
        else "In part" if count[FAILS]
        else "As far as it can be told, yes" if count[HOLDS]
        else "It cannot be said"
    )  # fmt: skip
    if len(predictions) <= FEW:
        said = [f"{line.title[:1].lower()}{line.title[1:]}: {_SAID[line.word]}" for line in predictions]
        return f"{opening}. {'; '.join(said)[:1].upper()}{'; '.join(said)[1:]}."
    return f"{opening}: of {len(words)} laws that predict something here, {_counted(count)}."


FEW = 2
"""Laws that the answer names; more are counted."""
_SAID: dict[Word, str] = {
    HOLDS: "the law holds in every cell",
    FAILS: "the law fails in a cell or more",
    UNDECIDED: "undecided",
    DIVERGED: "not to be judged, as runs diverged",
}


def _counted(count: dict[Word, int]) -> str:
    return _joined([f"{count[word]} {verb[count[word] != 1]}" for word, verb in _VERBS if count[word]])


_VERBS: tuple[tuple[Word, tuple[str, str]], ...] = (
    (HOLDS, ("holds in every cell", "hold in every cell")),
    (FAILS, ("fails in a cell or more", "fail in a cell or more")),
    (UNDECIDED, ("is undecided", "are undecided")),
    (DIVERGED, ("can't be judged as runs diverged", "can't be judged as runs diverged")),
)
"""What is said of one law, and of several."""


def _joined(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def _of_layers(line: Line | None) -> str:
    if line is None:
        return ""
    if line.word == HOLDS:
        return "The layers shrink as by decay alone: gradients hardly change their size."
    if line.word == FAILS:
        return "The layers that learn do not all shrink as by decay alone, since gradients act on them too."
    return ""
