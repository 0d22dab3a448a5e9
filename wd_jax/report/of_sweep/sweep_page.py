"""The page of a sweep as one HTML file: it asks the network for nothing, and shows every text of a run as text."""

import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from wd_jax.display import listed, number
from wd_jax.figures.saving import svg
from wd_jax.figures.style import style
from wd_jax.report import page as report_page
from wd_jax.report import sentences
from wd_jax.report.contents import Picture
from wd_jax.report.facts import machine
from wd_jax.report.inline import csv_uri, policy
from wd_jax.report.of_sweep import figures, tolerances
from wd_jax.report.of_sweep.answering import SYMBOLS, lines
from wd_jax.report.of_sweep.formulas import assumption
from wd_jax.report.of_sweep.judging import Cell, Found, NotAsked
from wd_jax.report.tables import MARKS
from wd_jax.report.words import GLOSSARY
from wd_jax.stats.outcome import Table

if TYPE_CHECKING:
    import jinja2

    from wd_jax.report.of_sweep.judgement import Judgement

MOST_ROWS = 60
"""Rows of a table that are shown; its CSV file has all."""
KINDS = {
    "prediction": "a prediction: its numbers come from the settings, or from elsewhere in the run",
    "rival": "held up beside the layers although its condition, no gradient, is not met: it is no evidence for or "
    "against the law, and shows what gradients do",
    "identity": "checks that the run's own numbers fit together: no prediction",
}
OTHER_RULE = "it is for the update rule"


def page(judged: "Judgement", *, command: str = "", made_by: str = "", source: str = "") -> str:
    """Write the page of a sweep that was judged.

    Parameters
    ----------
    judged : Judgement
        From `wd_jax.report.judge`.
    command, made_by, source : str
        As for `Judgement.write`.

    Returns
    -------
    str
        One HTML document, to be written as UTF-8.
    """
    from markupsafe import Markup

    drawings, missing = _drawings(judged)
    script, look = _shared("page.js"), _shared("page.css") + _own("sweep.css")
    return (
        _environment()
        .get_template("sweep.html.j2")
        .render(
            title=judged.title,
            answer=_shown(judged.answer),
            lines=[_line(line) for line in judged.laws if line.kind == "prediction"],
            beside=[_line(line) for line in judged.laws if line.kind != "prediction"],
            warnings=[_shown(text) for text in judged.warnings],
            members=judged.summary.facts.get("members", ""),
            tally=_shown(judged.tally),
            chance=_shown(judged.chance),
            drawings=drawings,
            missing=[(name, _shown(why)) for name, why in missing],
            laws=[_law(found) for found in _by_law(judged.found)],
            askable=_rows_of([one for one in judged.not_asked if one.silent.remedy]),
            others=_others([one for one in judged.not_asked if not one.silent.remedy]),
            facts=_facts(judged.summary.facts),
            final=_table("final", _final(judged)),
            tolerances=_table("tolerances", tolerances.table()),
            change_note=sentences.CHANGE_NOTE,
            glossary=[(word, meaning) for word, meaning in (*WORDS, *GLOSSARY)],
            made=_made(command, made_by, source),
            policy=policy(script),
            style=Markup(look),
            script=Markup(script),
        )
    )


WORDS = (
    ("λ (lmbda)", "Nielsen's regularisation rate: the cost carries λ/(2n) times the sum of all squared weights."),
    ("η (eta)", "the learning rate: the largest of the run where a schedule changes it."),
    ("rms weight", "the root of the mean of the squared weights of a layer, biases left out."),
    (
        "at rest",
        "a layer whose size is shown to move by less than 10 % between the thirds of the last 60 % of the run, after "
        "decay alone has forgotten its start.",
    ),
    ("cell", "one setting of all swept numbers, and one layer: its members differ by their seed alone."),
    ("decay alone", "what weight decay does to a weight on which no gradient acts."),
)


FACTS = {"eta, lmbda": "η and λ", "accuracy_means": "accuracy means", "trained": "members trained"}
"""Headings of facts where the summary's own are names of the code."""
STARTS = {"gaussian": "weights from N(0, 1)", "fan_in": "weights from N(0, 1/n_in)"}
METHODS = {"generic": "one by one, by the program for any network", "blocked": "in blocks with others of their seed"}
"""What the summary's short words say."""


def _facts(facts: Mapping[str, str]) -> dict[str, str]:
    """Write a summary's facts for a reader who does not know the code."""
    found = {}
    for name, text in facts.items():
        for short, meaning in STARTS.items() if name == "start" else METHODS.items() if name == "trained" else ():
            text = re.sub(rf"\b{short}\b(?! \()", f"{short} ({meaning})", text)
        if name == "eta, lmbda":
            text = re.sub(r"\beta = ", "η = ", text)
        found[FACTS.get(name, name)] = _shown(text)
    return found


def _line(line: Any) -> dict[str, str]:
    mark, word = MARKS[line.word].split(" ", 1)
    return {"title": line.title, "id": _slug(line.law), "mark": mark, "word": word, "kind": line.kind,
            "text": _shown(line.text)}  # fmt: skip


def _by_law(found: Sequence[Found]) -> list[list[Found]]:
    by_law: dict[str, list[Found]] = {}
    for one in found:
        by_law.setdefault(one.law.name, []).append(one)
    return list(by_law.values())


def _law(some: Sequence[Found]) -> dict[str, Any]:
    """Collect what the page shows of one law: its verdicts, a row a part, and its cells."""
    (line,) = lines(some)
    cells = [(one, cell) for one in some for cell in one.cells]
    names = list(dict.fromkeys(name for _, cell in cells for name, _ in cell.where))
    columns = (*(SYMBOLS.get(name, name) for name in names), "word", "law says", "measured", "measured / law",
               "95 % interval", "members")  # fmt: skip
    rows = tuple(_cell_row(names, cell) for _, cell in cells)
    note = "Sorted as swept. " + (f"The first {MOST_ROWS} of {len(rows)} rows." if len(rows) > MOST_ROWS else "")
    shown = Table(f"Cells: {line.title}", columns, rows[:MOST_ROWS], note)
    return {
        **_line(line),
        "kind_words": KINDS[line.kind],
        "statement": _shown(some[0].law.statement),
        "formula": _shown("; ".join(dict.fromkeys(one.asked.formula for one in some))),
        "of": _shown(some[0].asked.of),
        "assumes": _shown(assumption(some[0].asked.formula)),
        "verdicts": [_verdict(one) for one in some],
        "cells": _table(f"cells-{_slug(line.law)}", shown, rows),
        "count": len(rows),
    }


def _cell_row(names: Sequence[str], cell: Cell) -> tuple[Any, ...]:
    at = dict(cell.where)
    ends = f"{number(cell.low)} to {number(cell.high)}" if cell.low == cell.low else "none"
    numbers = (number(cell.predicted), number(cell.ratio * cell.predicted), number(cell.ratio, 5), ends)
    return (*(number(at.get(name, "")) for name in names), cell.word, *numbers, str(cell.seeds))


def _verdict(one: Found) -> dict[str, str]:
    verdict = one.verdict
    mark, word = MARKS[verdict.verdict].split(" ", 1)
    return {
        "mark": mark,
        "word": word,
        "kind": "",
        "scope": _shown(verdict.scope),
        "predicted": _shown(sentences.predicted(verdict)),
        "measured": _shown(sentences.measured(verdict)),
        "why": _shown(verdict.why),
        "change": _shown(sentences.would_change(verdict)),
        "again": _shown(sentences.again(verdict)),
    }


def _rows_of(silent: Sequence[NotAsked]) -> list[dict[str, str]]:
    """Give laws that could be asked after a change, those with the same reason and remedy once."""
    grouped: dict[tuple[str, str], list[NotAsked]] = {}
    for one in silent:
        grouped.setdefault((one.silent.why, one.silent.remedy), []).append(one)
    return [
        {"laws": _named(some), "parts": _parts(some), "why": _shown(why), "remedy": _shown(remedy)}
        for (why, remedy), some in grouped.items()
    ]


def _others(silent: Sequence[NotAsked]) -> list[dict[str, str]]:
    """Give laws that are for other runs: those of other update rules in one row for each part."""
    rules = [one for one in silent if one.silent.why.startswith(OTHER_RULE)]
    by_here: dict[str, list[NotAsked]] = {}
    for one in rules:
        by_here.setdefault(one.silent.why.rpartition(" ")[2], []).append(one)
    rows = [
        {
            "laws": _named(some),
            "parts": _parts(some),
            "why": f"for another update rule: here it is {here}",
            "remedy": "",
        }
        for here, some in by_here.items()
    ]
    return [*_rows_of([one for one in silent if one not in rules]), *rows]


def _named(some: Sequence[NotAsked]) -> str:
    return "; ".join(dict.fromkeys(one.law.name for one in some))


def _parts(some: Sequence[NotAsked]) -> str:
    return listed(list(dict.fromkeys(one.part for one in some if one.part)), between="; ")


def _final(judged: "Judgement") -> Table:
    """Give the summary's rows."""
    rows = judged.summary.rows
    columns = tuple(SYMBOLS.get(name, name) for name in (rows[0] if rows else ()))
    cells = tuple(tuple(number(value) for value in row.values()) for row in rows)
    note = "Means over the seeds that did not diverge, at the last record."
    return Table("Final values", columns or ("cell",), cells, note)


def _table(name: str, table: Table, rows: Sequence[Sequence[Any]] | None = None) -> dict[str, Any]:
    everything = table.rows if rows is None else rows
    return {
        "title": _shown(table.title),
        "columns": [_shown(str(column)) for column in table.columns],
        "rows": [[_shown(str(cell)) for cell in row] for row in table.rows[:MOST_ROWS]],
        "more": max(0, len(everything) - MOST_ROWS),
        "note": _shown(table.note),
        "csv": csv_uri(table.columns, [tuple(row) for row in everything]),
        "file": f"{name}.csv",
    }


def _drawings(judged: "Judgement") -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    """Draw all figures, for a wide and a narrow screen; one that can't be drawn is named with the reason."""
    first = figures.ratios(judged.found)
    more, missing = figures.kinds(judged.parts)
    wanted = [*([first] if first else []), *figures.weights(judged.parts), *more]
    drawn, left = [], list(missing)
    for one in wanted:
        try:
            with warnings.catch_warnings(action="ignore"):  # what was doubted of the sweep stands at the top
                drawn.append({"name": one.name, "caption": _shown(one.caption), **_pictures(one.draw)})
        except (ValueError, TypeError) as error:
            left.append((one.name, str(error)))
    return drawn, left


def _pictures(draw: Callable[[], Any]) -> Mapping[str, str]:
    with style():
        wide = svg(draw())
    with style("one"):
        narrow = svg(draw())
    return report_page._sources(Picture(wide, narrow))


def _made(command: str, made_by: str, source: str) -> dict[str, str]:
    import datetime

    found = {
        "command that makes this page again": command,
        "command that trained": made_by,
        "stored in": source,
        "written on": datetime.datetime.now(datetime.UTC).date().isoformat(),
        **machine(),
    }
    return {name: text for name, text in found.items() if text}


def _shown(text: str) -> str:
    """Write a text as it is shown: λ for lmbda, and no line that begins with a per cent sign."""
    return sentences.printed(text).replace(" %", "\u00a0%")


def _slug(text: str) -> str:
    return "law-" + "".join(letter if letter.isalnum() else "-" for letter in text.lower())


def _shared(name: str) -> str:
    return (resources.files("wd_jax.report") / "templates" / name).read_text(encoding="utf-8")


def _own(name: str) -> str:
    return (resources.files("wd_jax.report.of_sweep") / "templates" / name).read_text(encoding="utf-8")


@cache
def _environment() -> "jinja2.Environment":
    """Give the shared templates' environment, with our own template beside them."""
    import jinja2

    shared = report_page._environment()
    loaders = [jinja2.PackageLoader("wd_jax.report.of_sweep"), jinja2.PackageLoader("wd_jax.report")]
    return shared.overlay(loader=jinja2.ChoiceLoader(loaders))
