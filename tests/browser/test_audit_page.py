"""The catalogue's table in a browser: filtered and sorted by key, whole without a script, narrow on a phone."""

import importlib
import sys
from pathlib import Path

import pytest

from wd_jax.audit.catalogue import EXAMPLE, Row

pytestmark = pytest.mark.browser
DOCS = Path(__file__).parents[2] / "docs"
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Audit</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">

<style>:root {{ --color-brand-primary: blue; color-scheme: light dark; }} {style}</style></head>
<body>{table}<script>{script}</script></body></html>"""
EVIL = "<img src=x onerror=alert(1)>"


def row(library: str, optimiser: str, kind: str, left: float, **more) -> Row:
    changed = {"library": library, "optimiser": optimiser, "kind": kind, "left": (0.999, left, 0.99, 1.0), **more}
    return Row(**{**vars(EXAMPLE), **changed})


ROWS = (
    row("keras", "Adam", "decoupled", 0.990045),
    row("timm", "lamb", "scaled", 0.3486784, exempt="bias"),
    row("torch", "Adam(amsgrad,weight_decay=0.01)", "coupled", 0.0762501, more="through the second moment"),
    row("torch", "AdamW", "decoupled", 0.990045, here=True),
    row("torch", "SGD(momentum=.9)", "coupled", 0.9589791, note=EVIL),
)


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    sys.path.insert(0, str(DOCS))
    table = importlib.import_module("extensions.audit").explorer(ROWS)
    sys.path.remove(str(DOCS))
    style, script = ((DOCS / "_static" / f"audit.{kind}").read_text(encoding="utf-8") for kind in ("css", "js"))
    path = tmp_path_factory.mktemp("audit") / "audit.html"
    path.write_text(PAGE.format(style=style, table=table, script=script), encoding="utf-8")
    return path


def names(page) -> list[str]:
    shown = page.locator("#audit tbody tr:visible th")
    return [shown.nth(k).evaluate("one => one.firstChild.textContent") for k in range(shown.count())]


def count(page) -> str:
    return page.locator("#audit-count").inner_text()


def test_text_library_and_kind_narrow_the_table_together(open_page, path: Path) -> None:
    page = open_page(path).page
    assert count(page) == "5 of 5 optimisers, 3 libraries." and len(names(page)) == 5
    page.locator("#audit-text").fill("ADAM torch")
    assert count(page) == "2 of 5 optimisers, 1 library."
    page.locator("#audit-kind").select_option("coupled")
    assert names(page) == ["Adam("]
    page.locator("#audit-library").select_option("keras")
    assert count(page).startswith("None of 5 optimisers: change the text") and names(page) == []
    page.get_by_role("button", name="Show all").press("Enter")
    page.locator("#audit-count").filter(has_text="5 of 5").wait_for()
    assert [page.locator(f"#audit-{name}").input_value() for name in ("text", "library", "kind")] == ["", "", ""]


@pytest.mark.parametrize("text", ["0.3486784", "second moment", "bias", "measured here", "weight_decay=0.01"])
def test_numbers_and_words_of_a_row_are_found(open_page, path: Path, text: str) -> None:
    page = open_page(path).page
    page.locator("#audit-text").fill(text)
    assert count(page).startswith("1 of 5")


def test_a_filter_stands_in_the_address_and_is_found_again(open_page, path: Path) -> None:
    page = open_page(path).page
    page.locator("#audit-text").fill("adam")
    page.locator("#audit-library").select_option("torch")
    assert page.url.endswith("#?text=adam&library=torch")
    page.reload()
    assert count(page).startswith("2 of 5") and page.locator("#audit-text").input_value() == "adam"


def test_headings_sort_both_ways_by_number_and_by_name(open_page, path: Path) -> None:
    page = open_page(path).page
    heading = page.get_by_role("button", name="After 10", exact=True)
    heading.press("Enter")
    assert names(page)[:2] == ["Adam(", "lamb"] and page.locator("[aria-sort=ascending]").count() == 1
    heading.press("Space")
    assert names(page)[-2:] == ["lamb", "Adam("] and page.locator("[aria-sort=descending]").count() == 1
    page.get_by_role("button", name="Optimiser", exact=True).click()
    assert names(page) == ["Adam", "Adam(", "AdamW", "lamb", "SGD("]


def test_everything_is_reached_by_key_and_shows_where_it_is(open_page, path: Path) -> None:
    page = open_page(path).page
    reached = []
    for _ in range(13):
        page.keyboard.press("Tab")
        seen = "(one => [one.id || one.textContent, getComputedStyle(one).outlineStyle])(document.activeElement)"
        name, outline = page.evaluate(seen)
        assert outline != "none", name
        reached.append(name)
    assert reached[:4] == ["audit-text", "audit-library", "audit-kind", "Show all"]
    assert reached[5:] == ["Optimiser", "How it decays", "After 1 step", "After 10", "After 10, rate halved at 5",
                           "Bias after 10", "Not decayed", "Default"]  # fmt: skip


def test_without_scripts_the_table_is_whole_and_has_no_dead_controls(open_page, path: Path) -> None:
    page = open_page(path, java_script_enabled=False).page
    assert page.locator("#audit tbody tr").count() == 5 and not page.locator("#audit form").is_visible()
    assert count(page) == "5 optimisers of 3 libraries."


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_a_card_a_row(open_page, path: Path, scheme: str) -> None:
    page = open_page(path, viewport={"width": 390, "height": 844}, color_scheme=scheme, has_touch=True).page
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    boxes = page.locator("#audit :is(input, select, button):visible").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().height)"
    )
    assert len(boxes) == 4 and min(boxes) >= 24
    cell = page.locator("#audit tbody td.number").first
    assert "After 1 step" in cell.evaluate("one => getComputedStyle(one, '::before').content")


def test_a_library_s_text_is_shown_as_text(open_page, path: Path) -> None:
    page = open_page(path).page
    assert EVIL in page.locator("#audit").inner_text() and page.locator("img").count() == 0
