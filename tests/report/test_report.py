"""The report: every figure it names is there, and no text of a result can break out of its cell."""

import dataclasses
import re
from pathlib import Path

import pytest

from wd_jax.report.contents import About
from wd_jax.report.markdown import report
from wd_jax.report.tables import VERDICT_COLUMNS, escape, interval, markdown_table, number, text_table, verdict_rows
from wd_jax.report.words import introduction
from wd_jax.stats.outcome import Outcome, Table
from wd_jax.stats.verdict import Verdict

pytestmark = pytest.mark.numeric
EVIL = "a | b <script>alert(1)</script> & c\nd"
NASTY = Verdict(1, "identity", EVIL, EVIL, 1.0, 2.0, (1.5, 2.5), 0.1, "fails", EVIL)


def cells(line: str) -> list[str]:
    """Cells of one row of a Markdown table: pipes with a backslash do not count."""
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def rows(text: str) -> list[list[list[str]]]:
    """All tables of a text, as rows of cells."""
    tables, current = [], []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            current.append(cells(line))
        elif current:
            tables.append(current)
            current = []
    return tables


def outcome(**changes) -> Outcome:
    table = Table(EVIL, ("x", EVIL), ((EVIL, 1.5),), EVIL)
    fields = {"name": "claim", "title": EVIL, "answer": EVIL, "verdicts": (NASTY,), "tables": (table,)}
    return Outcome(**fields | changes, draw=lambda: None)


def test_nothing_in_a_result_becomes_markup() -> None:
    text = report([outcome()], {"epoch_decay": "proof"}, {"command": EVIL})
    assert "<script" not in text and "</script" not in text.replace("&lt;/script", "")
    assert "&lt;script>" in text and "&amp; c" in text
    for table in rows(text):
        assert len({len(row) for row in table}) == 1, table
    assert rows(text)[0][2][3].startswith("a \\| b &lt;script")


def test_the_verdicts_come_first_and_say_everything(outcomes: dict) -> None:
    text = report(list(outcomes.values()), {}, {})
    first, *others = rows(text)
    assert first[0] == [escape(column) for column in VERDICT_COLUMNS]
    assert len(first) - 2 == sum(len(o.verdicts) for o in outcomes.values())
    assert text.index("## Verdicts") < text.index("## Claim 1")
    reasons = [row[-1] for table in others if table[0][-1] == "why" for row in table[2:]]
    assert len(reasons) == len(first) - 2 and all(reasons)
    dependent = [v for o in outcomes.values() for v in o.verdicts if v.rests_on]
    identities = [v for o in outcomes.values() for v in o.verdicts if v.kind == "identity"]
    assert sum("(identity" in row[3] for row in first[2:]) == len(identities) > 0
    assert sum("follows from others)" in row[3] for row in first[2:]) == len(dependent) > 0
    kinds = [v.kind for o in outcomes.values() for v in o.verdicts]
    said = r"(\d+) predictions, (\d+) of which follow from others: .*; (\d+) rivals; (\d+) identities"
    found = re.search(said, text)
    assert found and [int(n) for n in found.groups()] == [
        kinds.count("prediction"), sum(v.kind == "prediction" for v in dependent), kinds.count("rival"),
        len(identities),
    ]  # fmt: skip


def test_the_written_report_names_only_files_that_exist(reproduced) -> None:
    text = (reproduced.folder / "report.md").read_text(encoding="utf-8")
    named = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text)
    assert len(named) == 4
    for file in named:
        assert (reproduced.folder / file).stat().st_size > 1000 and Path(file).name == file
        assert (reproduced.folder / file).read_text(encoding="utf-8").lstrip().startswith("<?xml")


def test_the_written_report_holds_the_proofs_and_how_it_was_run(reproduced) -> None:
    text = (reproduced.folder / "report.md").read_text(encoding="utf-8")
    for name in ("epoch_decay", "dominance", "tail_off", "initialisation"):
        (proof,) = re.findall(rf"### {name}\n\n```text\n(.*?)\n```", text, re.DOTALL)
        assert "proved" in proof
    facts = dict(row for table in rows(text) for row in table if len(row) == 2)
    assert {"command", "dataset, preset", "time", "devices", "versions"} <= set(facts)
    assert facts["dataset, preset"] == "digits, quick" and "reproduce --json --out" in facts["command"]


@pytest.mark.parametrize(
    "value, text", [(1.23456, "1.235"), (-0.5, "-0.5"), (1e-7, "1e-07"), (float("nan"), "-"), (float("inf"), "-")]
)
def test_a_number_is_short_or_a_dash(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    "ends, text",
    [((0.1, 0.2), "[0.1, 0.2]"), ((0.951229, 0.951231), "[0.951229, 0.951231]"), ((2.0, 2.0), "[2]"),
     ((float("nan"), 1.0), "-")],
)  # fmt: skip
def test_an_interval_shows_its_width(ends: tuple[float, float], text: str) -> None:
    assert interval(ends) == text


def test_a_verdict_without_numbers_has_one_dash() -> None:
    lost = Verdict(2, "prediction", "s", "x", *[float("nan")] * 2, (float("nan"),) * 2, 0.1, "undecided", "w")
    assert verdict_rows([lost]) == [("2", "? undecided", "-", "s", "x", "-", "-", "-")]
    known = dataclasses.replace(lost, again=0.914, kind="rival", rests_on="the exact factor")
    assert verdict_rows([known])[0][2:4] == ("91 %", "s (rival, follows from others)")


def test_the_terminal_says_what_was_allowed() -> None:
    fields = (2, "prediction", "s", "x", 1.0, 1.0, (0.9, 1.1), 0.1, "holds", "w")
    column = VERDICT_COLUMNS.index("allowed")
    for asked, said in (
        ((0.8, 1.2), "0.8 to 1.2"),
        ((0.0, 5.0), "up to 5"),
        ((1 - 1e-9, 1 + 1e-9), "0.999999999 to 1.000000001"),
    ):
        assert verdict_rows([Verdict(*fields, asked)])[0][column] == said


def test_a_number_without_an_interval_says_so() -> None:
    nothing = (float("nan"), float("nan"))
    alone = Verdict(4, "prediction", "s", "x", 1.0, 1.0, nothing, 0.1, "undecided", "w", again=1.0)
    assert verdict_rows([alone])[0][-1] == "1, no interval"


@pytest.mark.parametrize("after", [True, False])
def test_tolerances_chosen_after_looking_are_spoken_of_only_where_there_are_some(after: bool) -> None:
    text = introduction(About(introduction="One network.", chosen_after=after))
    assert ("chosen after results had been seen, and a table says which" in text) == after
    assert "{" not in text and "is *undecided* otherwise" in text


def test_a_table_for_a_terminal_fits_and_loses_nothing() -> None:
    words = " ".join(f"word{k}" for k in range(60))
    text = text_table(("a", "long"), [("1", words), ("2", "")], width=90)
    assert max(map(len, text.splitlines())) <= 90
    assert re.findall(r"word\d+", text) == words.split()
    assert text.splitlines()[-1].startswith("2")


def test_a_markdown_table_has_a_head_and_a_line_per_row() -> None:
    assert markdown_table(("a", "b"), [(1, "x|y")]).splitlines() == ["| a | b |", "| --- | --- |", "| 1 | x\\|y |"]
