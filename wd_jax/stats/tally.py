"""How many verdicts there are of each word: predictions counted apart from rivals and identities."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wd_jax.stats.verdict import DIVERGED, FAILS, HOLDS, UNDECIDED, Verdict, Word

SAID: dict[Word, tuple[str, str]] = {
    HOLDS: ("holds", "hold"),
    FAILS: ("fails", "fail"),
    DIVERGED: (DIVERGED, DIVERGED),
    UNDECIDED: (UNDECIDED, UNDECIDED),
}
"""Words as they follow the number one, and any other number."""


@dataclass(frozen=True)
class Tally:
    """Numbers of verdicts.

    Attributes
    ----------
    words : dict of str to int
        Predictions by word; words that do not occur are left out.
    dependent : int
        Predictions that follow from others (`Verdict.rests_on`): they are among those counted, and no evidence of
        their own.
    rivals, identities : int
        Verdicts of these kinds, whatever their word.
    broken : int
        Identities that do not hold: each of them is a fault of the program, or of runs that diverged.
    undecided : int
        Identities that were not decided.
    """

    words: dict[Word, int]
    dependent: int
    rivals: int
    identities: int
    broken: int
    undecided: int = 0

    @property
    def predictions(self) -> int:
        """Verdicts that are evidence on a theory."""
        return sum(self.words.values())

    @property
    def head(self) -> str:
        """Say how many predictions there are, and how many of them follow from others."""
        head = _count(self.predictions, "prediction")
        if not self.dependent:
            return head
        return head + f", {self.dependent} of which {'follows' if self.dependent == 1 else 'follow'} from others"

    @property
    def others(self) -> str:
        """Say how many verdicts are no predictions; nothing if all are."""
        parts = [_count(n, kind) for n, kind in ((self.rivals, "rival"), (self.identities, "identity")) if n]
        if self.broken:
            parts[-1] += f", {self.broken} of which {'does' if self.broken == 1 else 'do'} not hold"
        if self.undecided:
            parts[-1] += f", {self.undecided} of which {'is' if self.undecided == 1 else 'are'} undecided"
        return "; ".join(parts)

    @property
    def evidence(self) -> str:
        """Say how many predictions there are and which words they were given."""
        said = ", ".join(in_words(word, n) for word, n in self.words.items())
        return self.head + (f": {said}" if said else "")

    def __str__(self) -> str:
        """Say it on one line.

        Examples
        --------
        >>> print(Tally({"holds": 2, "fails": 1}, dependent=1, rivals=4, identities=1, broken=0))
        3 predictions, 1 of which follows from others: 2 hold, 1 fails; 4 rivals; 1 identity
        """
        return "; ".join(part for part in (self.evidence, self.others) if part)


def tally(verdicts: Iterable[Verdict]) -> Tally:
    """Count verdicts.

    Examples
    --------
    >>> fields = ("law", "", 1.0, 1.0, (0.9, 1.1), 0.2, "holds", "8 seeds")
    >>> print(tally([Verdict(2, "prediction", *fields), Verdict(2, "identity", *fields)]))
    1 prediction: 1 holds; 1 identity
    """
    verdicts = tuple(verdicts)
    predictions = [verdict for verdict in verdicts if verdict.kind == "prediction"]
    identities = [verdict for verdict in verdicts if verdict.kind == "identity"]
    counts = Counter(verdict.verdict for verdict in predictions)
    return Tally(
        {word: counts[word] for word in SAID if counts[word]},
        sum(bool(verdict.rests_on) for verdict in predictions),
        sum(verdict.kind == "rival" for verdict in verdicts),
        len(identities),
        sum(verdict.verdict not in (HOLDS, UNDECIDED) for verdict in identities),
        sum(verdict.verdict == UNDECIDED for verdict in identities),
    )


def by_chance(verdicts: Iterable[Verdict]) -> str:
    """Say how many verdicts are expected to be wrong by chance, however they depend on each other.

    Each has an interval of 95 % (for its cells together where it fails), so that one whose claim is true fails in at
    most 5 % of runs, and one whose claim is false holds in at most 2.5 %. Expectations add up.

    Examples
    --------
    >>> fields = ("law", "", 1.0, 1.0, (0.9, 1.1), 0.2, "holds", "8 seeds")
    >>> by_chance([Verdict(2, "prediction", *fields)] * 40)
    '40 verdicts, 40 of which rest on an interval: by chance alone, at most 2 of them would fail were all claims true, and at most 1 would hold were all false'
    """  # noqa: E501
    verdicts = tuple(verdicts)
    chance = sum(all(map(math.isfinite, verdict.ci95)) for verdict in verdicts)
    many = f"{len(verdicts)} verdict{'s' * (len(verdicts) != 1)}"
    if not chance:
        return f"{many}, none of which rests on an interval: {_without_intervals(verdicts)}"
    return (
        f"{many}, {chance} of which rest{'s' * (chance == 1)} on an interval: by chance alone, at most "
        f"{0.05 * chance:.2g} of them would fail were all claims true, and at most {0.025 * chance:.2g} would hold "
        "were all false"
    )


def _without_intervals(verdicts: Sequence[Verdict]) -> str:
    """Say which are open, where none has an interval; a number without one is judged where chance plays no part."""
    counts = Counter(verdict.verdict for verdict in verdicts)
    parts = []
    if number := counts[UNDECIDED]:
        parts.append(f"{number} {'is' if number == 1 else 'are'} undecided without one")
    if number := counts[DIVERGED]:
        parts.append(f"runs of {number} diverged")
    if number := len(verdicts) - counts[UNDECIDED] - counts[DIVERGED]:
        others = f" in the other{'s' * (number != 1)}" if parts else ""
        parts.append(f"chance plays no part{others}")
    return ", and ".join(parts) or "there is nothing to judge"


def in_words(word: Word, count: int) -> str:
    """Say how many verdicts have a word.

    Examples
    --------
    >>> in_words("holds", 1), in_words("fails", 2)
    ('1 holds', '2 fail')
    """
    return f"{count} {SAID[word][count != 1]}"


def _count(count: int, kind: str) -> str:
    many = "identities" if kind == "identity" else f"{kind}s"
    return f"{count} {kind if count == 1 else many}"
