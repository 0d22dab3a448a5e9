"""docs/audit.md is what the tool writes from the stored records, and the site's table shows the same rows."""

import importlib
import re
import sys
from html import unescape
from pathlib import Path

import pytest

from wd_jax.audit import catalogue

pytestmark = pytest.mark.numeric
DOCS = Path(__file__).parents[2] / "docs"
EVIL = '"><script>alert(1)</script>'


@pytest.fixture(scope="module")
def load():
    """Import a module of docs/ by name; none needs Sphinx before the build."""
    sys.path.insert(0, str(DOCS))
    yield importlib.import_module
    sys.path.remove(str(DOCS))


@pytest.fixture(scope="module")
def rows():
    return catalogue.rows(catalogue.stored())


def row(**changes):
    return catalogue.Row(**{**vars(catalogue.EXAMPLE), **changes})


def test_the_page_is_what_the_tool_writes(load, rows) -> None:
    text = (DOCS / "audit.md").read_text(encoding="utf-8")
    assert load("audit_page").written(text, rows) == text, "rewrite it with python docs/audit_page.py"


def test_there_are_two_hundred_rows_each_once(rows) -> None:
    assert len(rows) >= 200
    assert len({(row.library, row.optimiser) for row in rows}) == len(rows)
    assert all(row.version and re.fullmatch(r"\d{4}-\d\d-\d\d", row.date) and row.kind for row in rows)


def test_the_site_s_table_has_every_number(load, rows) -> None:
    html = load("extensions.audit").explorer(rows)
    made = re.findall(r"<tr role=\"row\" data-library.*?</tr>", html)
    assert len(made) == len(rows)
    for text, row in zip(made, rows, strict=True):
        said = unescape(re.sub(r"<[^>]*>", "", text))
        for part in (row.optimiser, row.library, row.version, row.date, row.kind, *row.cells()[2:6]):
            assert part in said, (row.library, row.optimiser, part)
        assert ("stored" in said) == (not row.here)


def test_a_library_s_text_stays_text(load) -> None:
    evil = row(library=EVIL, optimiser=EVIL, kind=EVIL, formula=EVIL, note=EVIL, version=EVIL, exempt=EVIL, date=EVIL)
    html = load("extensions.audit").explorer([evil])
    assert "<script" not in html and '"&gt;' not in html.replace("&quot;&gt;", "")
    assert not re.search(r"\n\s*\n", html), "Markdown would end the block of HTML there"


def test_a_page_without_a_place_for_the_table_is_refused(load) -> None:
    with pytest.raises(ValueError, match=r"audit.md has no place for the kinds"):
        load("audit_page").written("# Audit\n", [])


def test_the_script_asks_the_network_for_nothing_and_writes_no_markup() -> None:
    script = (DOCS / "_static" / "audit.js").read_text(encoding="utf-8")
    for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "fetch(", "XMLHttpRequest", "import(", "eval("):
        assert forbidden not in script, forbidden
    assert "http" not in script and "url(" not in (DOCS / "_static" / "audit.css").read_text(encoding="utf-8")
