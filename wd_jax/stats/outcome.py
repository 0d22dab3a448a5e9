"""What an experiment gives back: verdicts, tables, the runs behind them and a way to draw them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wd_jax.stats.verdict import UNDECIDED, Verdict, Word


@dataclass(frozen=True)
class InShort:
    """What a verdict comes to for a reader in a hurry.

    Attributes
    ----------
    claim : str
        What is claimed, in plain words.
    word : str
        One word, or few: "holds", "fails", "depends on the layer".
    sentence : str
        Two or three sentences that a student understands, made from the verdicts.
    leaning : str or None
        Word of a verdict that `word` comes to, for its mark and its colour; None where some hold and some fail.
    words : str
        What the words and symbols mean that stand here first; empty if all are known.
    """

    claim: str
    word: str
    sentence: str
    leaning: Word | None = UNDECIDED
    words: str = ""


@dataclass(frozen=True)
class Table:
    """Numbers behind a verdict, in rows of text or numbers, with one sentence on how to read them."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class Outcome:
    """The result of one experiment.

    Attributes
    ----------
    name, title : str
        Module name, and one line for a heading.
    answer : str
        What the numbers say, in a sentence or two.
    verdicts : tuple of Verdict
        In the order they are printed.
    tables : tuple of Table
        The numbers behind them.
    draw : callable
        () -> matplotlib Figure; nothing of matplotlib is loaded before it is called.
    in_short : InShort or None
        The answer in plain words; None where the experiment brings none, and one is made of the verdicts' words.
    """

    name: str
    title: str
    answer: str
    verdicts: tuple[Verdict, ...]
    tables: tuple[Table, ...]
    draw: Callable[[], Any]
    in_short: InShort | None = None
