"""The laboratory's pages: what a law's run found is put where its page asks for it, from the stored results."""

import html
import json
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .pages import plain, raw, table

if TYPE_CHECKING:
    from sphinx.application import Sphinx

    from wd_jax.stats.verdict import Verdict

FOLDER = "laboratory"
RESULTS = Path(__file__).parents[1] / FOLDER / "results"
ASKED = re.compile(r"^```\{laboratory\} (?P<name>\w+)(?: (?P<dataset>\w+))?\n```$", re.M)
"""How a page asks for the result of a law, perhaps on a data set; ``all`` is the list of the laws."""
COLUMNS = ("verdict", "what", "where", "predicted", "measured [95 %]", "tolerance")


def stored(name: str, dataset: str = "") -> dict[str, Any]:
    """Read what the laboratory found of a law.

    Parameters
    ----------
    name, dataset : str
        The law; the data set where it is not the usual one.
    """
    path = RESULTS / f"{name}{f'.{dataset}' if dataset else ''}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def verdicts(record: dict[str, Any]) -> "list[Verdict]":
    """Give the verdicts of a stored result."""
    from wd_jax.stats.verdict import Verdict

    found = []
    for fields in record["verdicts"]:
        numbers = {name: math.nan if value is None else value for name, value in fields.items()}
        low, high = (math.nan if end is None else end for end in fields["ci95"])
        found.append(Verdict(**{**numbers, "ci95": (low, high)}))
    return found


def section(record: dict[str, Any], figure: str) -> str:
    """Return a law's part of its page: answer, figure, verdicts, tables, tolerances, and how to have it again.

    Parameters
    ----------
    record : dict
        From `stored`.
    figure : str
        Address of the picture, seen from the page.

    Returns
    -------
    str
        Markdown.
    """
    from wd_jax.stats.tally import by_chance, tally

    found = verdicts(record)
    parts = [
        f"**{plain(record['answer'])}**",
        f"![{plain(record['alt'])}]({figure})",
        f"{plain(str(tally(found)))}. In all {plain(by_chance(found))}.",
        table(COLUMNS, [_row(one) for one in found], f"Verdicts: {record['title']}"),
        *(_folded(one) for one in record["tables"]),
        _folded(record["tolerances"]),
        f"Made by `{record['command']}` ({plain(record['settings'])}; seeds {plain(record['seeds'])}; wd_jax "
        f"{record['version']}, {record['date']}). The same command makes the figure, the numbers and a page with "
        "the proofs.",
    ]
    return "\n\n".join(parts)


def overview(records: Sequence[dict[str, Any]]) -> str:
    """Return the list of the laws with their words, and how many of all verdicts chance may have made.

    Parameters
    ----------
    records : sequence of dict
        From `stored`, in the order of the list.
    """
    from wd_jax.stats.tally import by_chance, tally

    rows = []
    for record in records:
        link = f'<a href="{record["name"]}.html">{html.escape(record["title"])}</a>'
        asked = f'<p class="kind">{html.escape(record["question"])}</p>'
        rows.append((link + asked, html.escape(record["answer"]), html.escape(str(tally(verdicts(record))))))
    every = [one for record in records for one in verdicts(record)]
    listed = table(("law", "what was found", "verdicts"), rows, "The laws of the laboratory")
    names = "\n".join(record["name"] for record in records)
    return (
        f"All laws together: {plain(str(tally(every)))}. In all {plain(by_chance(every))}.\n\n{listed}\n\n"
        f"```{{toctree}}\n:hidden:\n\n{names}\n```"
    )


def again(held: dict[str, Any]) -> str:
    """Return what fresh seeds said of the same claims: how many words were the same, and a table of the others.

    Parameters
    ----------
    held : dict
        As `benchmarks.fresh_seeds` keeps it.
    """
    number = sum(one["verdicts"] for one in held["laws"].values())
    other = [(name, *row) for name, one in held["laws"].items() for row in one["other"]]
    said = (
        f"Judged again with as many seeds from {held['first_seed']} on, which nothing was chosen by, "
        f"{number - len(other)} of {number} verdicts were given the same word."
    )
    if not other:
        return said
    rows = [
        (f'<a href="{name}.html">{html.escape(name)}</a>', *map(html.escape, (claim, scope, shown, fresh)))
        for name, claim, scope, shown, fresh in other
    ]
    return (
        said + "\n\n" + table(("law", "claim", "where", "here", "fresh seeds"), rows, "Words that fresh seeds changed")
    )


def _row(verdict: "Verdict") -> tuple[str, ...]:
    from wd_jax.report.tables import MARKS, verdict_rows

    ((_, _, _, what, where, predicted, _, measured),) = verdict_rows([verdict])
    why = f'<p class="kind">{html.escape(verdict.why)}</p>'
    word = html.escape(MARKS[verdict.verdict])
    said = (what, where, predicted, measured, f"{verdict.tolerance:.3g}")
    cells = tuple(map(html.escape, said))
    return (word, cells[0] + why, *cells[1:])


def _folded(one: dict[str, Any]) -> str:
    """Return a table that is opened by its title."""
    rows = [[html.escape(str(cell)) for cell in row] for row in one["rows"]]
    note = f"<p>{html.escape(one['note'])}</p>" if one["note"] else ""
    inside = table(one["columns"], rows, one["title"])
    return raw(f"<details><summary>{html.escape(one['title'])}</summary>{inside}{note}</details>")


def _filled(app: "Sphinx", page: str, source: list[str]) -> None:
    """Put results into a page while its source is read."""
    if not page.startswith(f"{FOLDER}/"):
        return

    def found(match: re.Match[str]) -> str:
        name, dataset = match["name"], match["dataset"] or ""
        if name == "again":
            return again(json.loads((RESULTS / "fresh_seeds.json").read_text(encoding="utf-8")))
        if name == "all":
            from experiments import names

            return overview([stored(one) for one in names("laboratory")])
        picture = f"../figures/laboratory/{name}{f'_{dataset}' if dataset else ''}.png"
        return section(stored(name, dataset), picture)

    source[0] = ASKED.sub(found, source[0])


def setup(app: "Sphinx") -> dict[str, Any]:
    """Fill the pages while their source is read."""
    app.connect("source-read", _filled)
    return {"parallel_read_safe": True}
