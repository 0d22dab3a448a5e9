"""What the page is made of besides outcomes: proofs ready to be shown, figures, and the slot of the explorer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class About:
    """What a report says before its first verdict.

    Attributes
    ----------
    title, heading : str
        Of the page, and of the Markdown; the title, if there is no other heading.
    introduction : str
        What was trained, in Markdown; how verdicts are given is said after it.
    glossary : tuple of (str, str)
        Words that tables and figures use, and what they mean.
    chosen_after : bool
        Whether a number that decides a word was chosen after results had been seen.
    of_data : bool
        Whether anything was trained on a data set, and is not simulated without one.
    question : str
        What the run asks, in plain words; the title, if there is none.
    opening : str
        What a reader must know before the answers, with the words that they use.
    """

    title: str = "Experiments on weight decay"
    heading: str = ""
    introduction: str = ""
    glossary: tuple[tuple[str, str], ...] = ()
    chosen_after: bool = False
    of_data: bool = True
    question: str = ""
    opening: str = ""


PLAIN = About()
"""Of experiments that have no title together."""


@dataclass(frozen=True)
class ProofStep:
    """One step of a proof, as it is shown.

    Attributes
    ----------
    name, kind : str
        As in the derivation.
    verdict : str
        What the check earned just now: ``proved``, ``definition``, ``checked, not proved``, or the largest error met.
    reason : str
        Why it holds, in words.
    text : str
        The claim on one line of Unicode, for whoever hears the page.
    mathml : str
        The claim as a ``<math>`` element; trusted, so it must come from SymPy's printer and nowhere else.
    """

    name: str
    kind: str
    verdict: str
    reason: str
    text: str
    mathml: str


@dataclass(frozen=True)
class ProofFormula:
    """A formula that a proof establishes: how it is called, what it is, where it may be used."""

    name: str
    signature: str
    meaning: str
    unit: str
    conditions: tuple[str, ...]
    mathml: str
    error: str = ""
    """How far an approximation is off; empty for what is exact."""


@dataclass(frozen=True)
class Proof:
    """A derivation with what was proved of it just now.

    Attributes
    ----------
    name, statement : str
        Name under which ``wd-jax derive`` finds it, and the law in words.
    assumptions, validity, references : tuple of str
        A sentence each.
    steps : tuple of ProofStep
        In order.
    formulas : tuple of ProofFormula
        Its results.
    """

    name: str
    statement: str
    assumptions: tuple[str, ...]
    steps: tuple[ProofStep, ...]
    formulas: tuple[ProofFormula, ...]
    validity: tuple[str, ...] = ()
    references: tuple[str, ...] = ()


@dataclass(frozen=True)
class Picture:
    """A figure as SVG text, as wide as a page, and drawn again for a screen as narrow as a phone's."""

    wide: str
    narrow: str


@dataclass(frozen=True)
class Explorer:
    """The part of the page whose sliders move the formulas; the page puts it under a heading of its own (h2).

    Attributes
    ----------
    html : str
        Trusted: made from a template of ours. Its headings begin at h3, its ids with ``explorer-``.
    style : str
        Rules for the page's one ``<style>``; selectors begin with ``.explorer``. Colours come from the page's custom
        properties ``--paper --card --ink --muted --line --accent --focus --holds --fails --undecided
        --diverged``, which change
        with the reader's theme.
    script : str
        One function called at once, in strict mode; it goes into the page's one ``<script>``, at the end of the body.
    data : mapping
        What the script reads, as JSON, from ``document.getElementById("explorer-data").textContent``.
    first : str
        The figure that moves on the first screen, trusted as `html` is; ids begin with ``moving``. Empty where a run
        has none.
    """

    html: str
    style: str
    script: str
    data: Mapping[str, Any]
    first: str = ""
