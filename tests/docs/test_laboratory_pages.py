"""The laboratory's pages: each law has one, with what was found of it, and no stale number on it."""

import importlib
import json
import re
import sys
from pathlib import Path

import pytest

import experiments
from experiments import registry, tolerance

pytestmark = pytest.mark.numeric
DOCS = Path(__file__).parents[2] / "docs"
LAWS = experiments.names("laboratory")


@pytest.fixture(scope="module")
def pages():
    """The extension that fills the pages."""
    sys.path.insert(0, str(DOCS))
    yield importlib.import_module("extensions.laboratory")
    sys.path.remove(str(DOCS))


@pytest.fixture(scope="module")
def script():
    """The script that keeps what a run found."""
    sys.path.insert(0, str(DOCS))
    yield importlib.import_module("laboratory_pages")
    sys.path.remove(str(DOCS))


@pytest.mark.parametrize("name", LAWS)
def test_a_law_says_what_it_asks_and_has_a_page_that_asks_for_its_result(name: str) -> None:
    law = experiments.load(name)
    assert law.question.endswith("?") and law.derivations and "\n" not in law.question
    assert {size for _, size in law.presets} == {"quick", "full"}
    text = (DOCS / "laboratory" / f"{name}.md").read_text(encoding="utf-8")
    assert f"```{{laboratory}} {name}\n```" in text
    for one in law.derivations:
        assert f"../generated/catalogue/{one}.md" in text, f"{name} does not link to the proof of {one}"
    assert (DOCS / "figures" / "laboratory" / f"{name}.png").stat().st_size < 120_000


@pytest.mark.parametrize("name", LAWS)
def test_the_stored_result_is_of_the_tolerances_of_today(name: str, pages) -> None:
    """Who changes a tolerance, a question or a title runs `make laboratory` again."""
    law, record = experiments.load(name), pages.stored(name)
    assert (record["title"], record["question"], record["name"]) == (law.title, law.question, name)
    held = tolerance.table(law.tolerances(law.preset(record["dataset"], "quick")))
    assert [row[:5] for row in record["tolerances"]["rows"]] == [list(map(str, row[:5])) for row in held.rows]
    assert record["settings"] == law.preset(record["dataset"], "quick").said_settings()
    assert record["verdicts"] and record["answer"]


@pytest.mark.parametrize("name", LAWS)
def test_every_tolerance_is_known_and_decides_a_verdict(name: str, pages) -> None:
    law, record = experiments.load(name), pages.stored(name)
    known = {value for one in law.tolerances(law.preset(record["dataset"], "quick")) for value in one.values}
    used = {verdict["tolerance"] for verdict in record["verdicts"]}
    assert used <= known, f"{name}: verdicts with tolerances {sorted(used - known)} that are not in the table"


def test_pages_are_filled_from_what_is_stored(pages) -> None:
    for path in sorted((DOCS / "laboratory").glob("*.md")):
        source = [path.read_text(encoding="utf-8")]
        pages._filled(None, f"laboratory/{path.stem}", source)
        assert "```{laboratory}" not in source[0], path.name


def test_what_is_kept_of_a_run_is_what_the_page_shows(pages, script, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.syspath_prepend(DOCS.parent / "tests" / "experiments")
    monkeypatch.setitem(registry.HOMES, "toy_measurement", "toy_measurement")
    experiments.run("toy_measurement", out=tmp_path / "run", progress=False)
    kept = tmp_path / "kept"
    kept.mkdir()
    monkeypatch.setattr(script, "RESULTS", kept)
    monkeypatch.setattr(script, "FIGURES", kept)
    script.keep(tmp_path / "run", None)
    monkeypatch.setattr(pages, "RESULTS", kept)
    assert {path.name for path in kept.iterdir()} == {"toy_measurement.json", "toy_measurement.png"}
    record = pages.stored("toy_measurement")
    shown = pages.section(record, "x.png")
    assert "**0.9044 of a weight is left after 10 steps, as the law says" in shown
    assert "![Measured against predicted: Toy: a weight that only decays](x.png)" in shown
    assert "✓ holds" in shown and "✗ fails" in shown and "`wd-jax laboratory toy_measurement`" in shown
    assert "1 prediction: 1 holds; 1 rival. In all 2 verdicts, 1 of which rests on an interval" in shown
    words = [json.loads((tmp_path / "run" / "verdicts.json").read_text())["verdicts"][k]["verdict"] for k in (0, 1)]
    assert words == [one.verdict for one in pages.verdicts(record)] == ["holds", "fails"]
    listed = pages.overview([record])
    assert re.search(r"<a href=\"toy_measurement.html\">Toy", listed) and "```{toctree}" in listed
