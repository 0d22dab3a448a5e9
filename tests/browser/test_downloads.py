"""Every table is kept as a file by one click, with the numbers that the page shows and verdicts.json holds."""

import csv
import json
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser


def kept(page, link) -> tuple[str, list[list[str]]]:
    """Name and rows of the file that a link gives."""
    with page.expect_download() as waiting:
        link.click()
    text = Path(waiting.value.path()).read_bytes().decode("utf-8-sig")
    return waiting.value.suggested_filename, list(csv.reader(text.splitlines(keepends=True)))


def as_shown(cell: str) -> str:
    """A cell as the page prints it: without the mark that keeps a spreadsheet from reading a formula."""
    return cell.removeprefix("'").replace("lmbda", "λ").strip()


def test_every_table_can_be_kept(report) -> None:
    one = report()
    one.unfold()
    folds, names = one.page.locator("details.numbers"), set()
    assert folds.count() >= 4
    for fold in folds.all():
        name, rows = kept(one.page, fold.locator("a[download]"))
        read = "one => one.querySelector('math') ? null : one.textContent.trim()"
        shown = fold.locator("tr").evaluate_all(
            f"rows => rows.map(row => [...row.children].map({read}))"
        )  # what is typeset on the page is spelled in a file
        assert [len(row) for row in rows] == [len(row) for row in shown]
        cells = [pair for row, seen in zip(rows, shown, strict=True) for pair in zip(row, seen, strict=True)]
        plain = [(as_shown(cell), seen) for cell, seen in cells if seen is not None]
        assert all(cell == seen for cell, seen in plain) and len(plain) > len(cells) / 2
        assert name.endswith(".csv")
        names.add(name)
    assert len(names) == folds.count()


def test_the_verdicts_can_be_kept(report, run_folder: Path) -> None:
    page = report().page
    name, (head, *rows) = kept(page, page.locator("a[download='verdicts.csv']"))
    stored = json.loads((run_folder / "verdicts.json").read_text(encoding="utf-8"))["verdicts"]
    assert name == "verdicts.csv"
    assert len(rows) == len(stored) == page.locator("#record table.verdicts tbody tr").count()
    for row, verdict in zip(rows, stored, strict=True):
        cells = dict(zip(head, row, strict=True))
        assert (cells["claim"], cells["verdict"]) == (str(verdict["claim"]), verdict["verdict"])
        for column, value in (("measured", verdict["measured"]), ("low_95", verdict["ci95"][0])):
            assert value is None or float(cells[column]) == pytest.approx(value, rel=1e-9)
