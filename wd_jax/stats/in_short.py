"""Verdicts in plain words: one word for several of them, and in which layers something holds."""

from collections.abc import Mapping, Sequence

from wd_jax.stats.outcome import InShort, Outcome
from wd_jax.stats.verdict import DIVERGED, FAILS, HOLDS, UNDECIDED, Verdict, Word

IN_PART = "holds in part"
BOTH, NEITHER = "yes, in both layers", "no, in neither layer"


def of(outcome: Outcome) -> InShort:
    """Give an outcome in short: as its experiment says it, or made of its predictions' words and its answer.

    Examples
    --------
    >>> fields = ("law", "", 1.0, 1.0, (0.9, 1.1), 0.2, "holds", "8 seeds")
    >>> of(Outcome("x", "A law", "It is so.", (Verdict(2, "prediction", *fields),), (), lambda: None)).word
    'holds'
    """
    if outcome.in_short is not None:
        return outcome.in_short
    word, leaning = of_predictions(outcome.verdicts)
    return InShort(outcome.title, word, outcome.answer, leaning)


def of_predictions(verdicts: Sequence[Verdict]) -> tuple[str, Word | None]:
    """Give one word for several verdicts, by their predictions: those that follow from nothing else, if there are any.

    Examples
    --------
    >>> of_predictions([])
    ('not judged', 'undecided')
    """
    predictions = [verdict for verdict in verdicts if verdict.kind == "prediction"]
    own = [verdict for verdict in predictions if not verdict.rests_on] or predictions
    return one_word([verdict.verdict for verdict in own])


def one_word(words: Sequence[Word]) -> tuple[str, Word | None]:
    """Give one word for several verdicts' words, and the word it leans to; None where some hold and others do not.

    Examples
    --------
    >>> one_word(["holds", "fails"]), one_word(["fails", "fails"]), one_word(["holds", "undecided"])
    (('holds in part', None), ('fails', 'fails'), ('holds in part', None))
    """
    found = set(words)
    if not found:
        return "not judged", UNDECIDED
    if len(found) == 1:
        (word,) = found
        return word, word
    if HOLDS in found:
        return IN_PART, None
    return ("fails in part", FAILS) if FAILS in found else (UNDECIDED, UNDECIDED)


def where(words: Mapping[str, Word]) -> str:
    """Say in which layers something is so.

    Parameters
    ----------
    words : mapping of str to Word
        By layer, "hidden" and "output" of a network with one hidden layer.

    Examples
    --------
    >>> where({"hidden": "holds", "output": "holds"}), where({"hidden": "fails", "output": "fails"})
    ('yes, in both layers', 'no, in neither layer')
    >>> where({"hidden": "holds", "output": "undecided"})
    'yes in the hidden layer, undecided in the output layer'
    """
    found = set(words.values())
    if len(words) == 2 and found == {HOLDS}:
        return BOTH
    if len(words) == 2 and found == {FAILS}:
        return NEITHER
    if len(words) == 2 and found == {UNDECIDED}:
        return "undecided in both layers"
    if found == {DIVERGED}:
        return "no number, as runs diverged"
    said = {HOLDS: "yes", FAILS: "no", UNDECIDED: UNDECIDED, DIVERGED: "no number, as runs diverged,"}
    return ", ".join(f"{said[word]} in the {layer} layer" for layer, word in words.items())
