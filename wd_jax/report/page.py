"""The report of a run as one HTML file: it asks the network for nothing, and shows every text of a run as text."""

import math
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from wd_jax.report import sentences
from wd_jax.report.contents import PLAIN, About, Explorer, Picture, Proof
from wd_jax.report.inline import csv_uri, json_text, policy, svg_uri
from wd_jax.report.mathematics import typeset
from wd_jax.report.tables import MARKS
from wd_jax.report.themes import themed
from wd_jax.report.words import glossary, introduction
from wd_jax.stats import in_short
from wd_jax.stats.outcome import Outcome, Table
from wd_jax.stats.tally import by_chance, in_words, tally
from wd_jax.stats.verdict import KINDS, Verdict

if TYPE_CHECKING:
    import jinja2

MIXED = "≈"
"""Mark of a word that is neither of the four: some of it holds, some does not."""
VERDICT_CSV = (
    *("claim", "verdict", "kind", "statement", "scope", "predicted", "measured", "low_95", "high_95"),
    *("asked_low", "asked_high", "tolerance", "again", "rests_on", "why", "what_would_change_it"),
)


def page(
    outcomes: Sequence[Outcome],
    figures: Mapping[str, Picture],
    proofs: Mapping[str, Sequence[Proof]],
    facts: Mapping[str, str],
    explorer: Explorer | None = None,
    overview: Picture | None = None,
    tolerances: Table | None = None,
    about: About = PLAIN,
) -> str:
    """Write the page.

    Parameters
    ----------
    outcomes : sequence of Outcome
        One per claim, in the order they are shown.
    figures : mapping of str to Picture
        By outcome name; a name that is missing has no figure.
    proofs : mapping of str to sequence of Proof
        The derivations behind an outcome, by its name; their MathML is trusted, everything else is escaped.
    facts : mapping of str to str
        How it was run.
    explorer : Explorer or None
        The part with sliders.
    overview : Picture or None
        All verdicts in one figure.
    tolerances : Table or None
        Every number that decides a word, with its reason and its date.
    about : About
        Title, what was trained, and the words of the experiments.

    Returns
    -------
    str
        One HTML document, to be written as UTF-8.

    Raises
    ------
    ValueError
        If a script or style would end its element early, or data hold a number that is not finite.

    Examples
    --------
    >>> text = page([Outcome("x", "<b>", "an answer", (), (), lambda: None)], {}, {}, {"command": "wd-jax <i>"})
    >>> "&lt;b&gt;" in text and "<b>" not in text and "wd-jax &lt;i&gt;" in text
    True
    """
    from markupsafe import Markup

    verdicts = [verdict for outcome in outcomes for verdict in outcome.verdicts]
    style, script = _asset("page.css"), _asset("page.js")
    if explorer is not None:
        style, script = style + explorer.style, script + explorer.script
    if "</style" in style.lower():
        raise ValueError("a style holds '</style', which ends its element: take it out")
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            title=about.title,
            question=about.question or about.title,
            opening=about.opening,
            first=explorer and Markup(explorer.first),
            verdicts=len(verdicts),
            introduction=_shown(introduction(about).replace("*", "")),
            policy=policy(script),
            style=Markup(style),
            script=Markup(script),
            tally=_tally(verdicts),
            chance=_shown(by_chance(verdicts)),
            overview=overview and _sources(overview),
            verdict_csv=csv_uri(VERDICT_CSV, [_csv_row(verdict) for verdict in verdicts]),
            claims=[_claim(k, outcome, figures, proofs) for k, outcome in enumerate(outcomes, start=1)],
            change_note=sentences.CHANGE_NOTE,
            glossary=[(_shown(word), meaning.replace("`", "")) for word, meaning in glossary(about)],
            tolerances=tolerances and _table("all", tolerances),
            facts=facts,
            explorer=explorer and {"html": Markup(explorer.html), "data": Markup(json_text(explorer.data))},
        )
    )


def _claim(
    index: int, outcome: Outcome, figures: Mapping[str, Picture], proofs: Mapping[str, Sequence[Proof]]
) -> dict[str, Any]:
    """Collect what the template shows of one outcome."""
    return {
        "id": f"claim-{index}",
        "title": _shown(outcome.title),
        "short": _in_short(outcome),
        "answer": _shown(outcome.answer),
        "tally": _tally(outcome.verdicts),
        "figure": _sources(figures[outcome.name]) if outcome.name in figures else None,
        "verdicts": [_judged(verdict) for verdict in outcome.verdicts],
        "tables": [_table(outcome.name, table) for table in outcome.tables],
        "proofs": proofs.get(outcome.name, ()),
    }


def _in_short(outcome: Outcome) -> dict[str, str]:
    """Give the first screen's words on an outcome, and the mark and the colour of its word."""
    short = in_short.of(outcome)
    mark = MIXED if short.leaning is None else MARKS[short.leaning].split(" ", 1)[0]
    return {
        "claim": _shown(short.claim),
        "word": short.word,
        "sentence": _shown(short.sentence),
        "leaning": short.leaning or "mixed",
        "mark": mark,
        "words": _shown(short.words),
    }


def _sources(picture: Picture) -> dict[str, str]:
    return {"wide": svg_uri(themed(picture.wide)), "narrow": svg_uri(themed(picture.narrow))}


def _judged(verdict: Verdict) -> dict[str, str]:
    mark, word = MARKS[verdict.verdict].split(" ", 1)
    return {
        "claim": str(verdict.claim),
        "mark": mark,
        "word": word,
        "kind": _kind(verdict),
        "claimed": _shown(sentences.claimed(verdict)),
        "predicted": _shown(sentences.predicted(verdict)),
        "measured": _shown(sentences.measured(verdict)),
        "why": _sentence(_shown(verdict.why)),
        "change": _shown(sentences.would_change(verdict)),
        "again": _shown(sentences.again(verdict)),
    }


def _kind(verdict: Verdict) -> str:
    """Say what kind of verdict it is, where it is not a prediction with evidence of its own."""
    kind = "" if verdict.kind == "prediction" else f"{verdict.kind}: {KINDS[verdict.kind]}"
    follows = f"follows from {_shown(verdict.rests_on)}" if verdict.rests_on else ""
    return "; ".join(part for part in (kind, follows) if part)


def _csv_row(verdict: Verdict) -> tuple[Any, ...]:
    fields = (verdict.claim, verdict.verdict, verdict.kind, verdict.statement, verdict.scope)
    numbers = (verdict.predicted, verdict.measured, *verdict.ci95, *(verdict.asked or ("", "")), verdict.tolerance)
    again = verdict.again if math.isfinite(verdict.again) else ""
    return (*fields, *numbers, again, verdict.rests_on, verdict.why, sentences.would_change(verdict))


def _table(name: str, table: Table) -> dict[str, Any]:
    return {
        "title": _shown(table.title),
        "columns": [sentences.printed(str(column)) for column in table.columns],
        "rows": [[sentences.printed(str(cell)) for cell in row] for row in table.rows],
        "note": _shown(table.note),
        "csv": csv_uri(table.columns, table.rows),
        "file": f"{_slug(name)}-{_slug(table.title)}.csv",
    }


def _shown(text: str) -> str:
    """Write a text of a run as it is shown: λ for lmbda, and no line that begins with a per cent sign."""
    return sentences.printed(text).replace(" %", "\u00a0%")


def _sentence(text: str) -> str:
    """Begin with a capital letter, if it begins with a word: a quantity such as λ_crit stays as it is written."""
    first = re.match(r"[a-z]+(?![\w^])", text)
    return text[:1].upper() + text[1:] if first and len(first[0]) > 1 else text


def _slug(text: str) -> str:
    """Reduce to what is safe and short in a file's name."""
    return re.sub(r"[^a-z0-9_]+", "-", text.lower()).strip("-")[:50] or "table"


def _tally(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Count the words of predictions, with their marks, and say what else was judged."""
    found = tally(verdicts)
    words = [
        {"mark": MARKS[word][0], "word": word, "text": in_words(word, count)} for word, count in found.words.items()
    ]
    return {"predictions": found.head, "words": words, "others": found.others}


def _alttext(mathml: str, text: str) -> Any:
    """Give a formula the attribute that says it on one line; the formula itself is trusted."""
    from markupsafe import Markup, escape

    return Markup(mathml.replace("<math ", f'<math alttext="{escape(text)}" ', 1))


def _math(text: object) -> Any:
    """Escape a text and typeset its mathematics; for what stands in an element, never in an attribute."""
    from markupsafe import Markup

    return Markup(typeset(str(text)))


def _asset(name: str) -> str:
    return (resources.files("wd_jax.report") / "templates" / name).read_text(encoding="utf-8")


@cache
def _environment() -> "jinja2.Environment":
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("wd_jax.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["alttext"] = _alttext
    environment.filters["math"] = _math
    return environment
