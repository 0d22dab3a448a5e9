"""Everything on the page can be reached and worked without a mouse, and one sees where one is."""

import pytest

pytestmark = pytest.mark.browser

# Numbers everything that Tab must reach, in the order of the page.
NUMBER = """() => {
  const all = document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]");
  const reachable = [...all].filter(one => one.checkVisibility() && one.tabIndex >= 0 && !one.disabled);
  reachable.forEach((one, index) => one.dataset.order = index);
  return reachable.map(one => one.outerHTML.slice(0, 120));
}"""
FOCUSED = """() => {
  const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
  return {
    order: one.dataset.order ?? null,
    ring: (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== "none",
    seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
  };
}"""


@pytest.mark.parametrize("unfolded", [False, True])
def test_tab_reaches_everything_in_order_and_shows_where_it_is(report, unfolded: bool) -> None:
    one = report()
    if unfolded:
        one.unfold()
    wanted = one.page.evaluate(NUMBER)
    assert len(wanted) > 20
    for name in ("eta", "lmbda", "n", "m", "n_in", "momentum"):
        assert all(any(f'id="explorer-{name}{part}"' in text for text in wanted) for part in ("", "-slider")), name
    reached, hidden = [], []
    for _ in range(2 * len(wanted)):
        one.page.keyboard.press("Tab")
        focused = one.page.evaluate(FOCUSED)
        if focused["order"] is None:
            continue
        order = int(focused["order"])
        if order in reached:
            break
        reached.append(order)
        if not (focused["ring"] and focused["seen"]):
            hidden.append(wanted[order])
        if len(reached) == len(wanted):
            break
    assert reached == list(range(len(wanted))), [text for k, text in enumerate(wanted) if k not in reached]
    assert not hidden


def test_enter_and_space_open_and_close_every_fold_out(report) -> None:
    page = report().page
    folds = page.locator("details:visible")
    assert folds.count() >= 4
    for fold in folds.all():
        if not fold.is_visible():
            continue
        summary = fold.locator("> summary")
        before = fold.evaluate("one => one.open")
        for key in ("Enter", "Space"):
            summary.press(key)
            assert fold.evaluate("one => one.open") != before, (key, summary.inner_text())
            before = not before


def test_the_first_tab_stop_leads_past_the_head_of_the_page(report) -> None:
    page = report().page
    page.keyboard.press("Tab")
    target = page.evaluate("document.activeElement.getAttribute('href')")
    assert target and target.startswith("#") and page.locator(f"main{target}, main {target}, {target} main").count()
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == target


def test_every_proof_unfolds_to_formulas(report) -> None:
    one = report()
    folded = one.page.locator("details math")
    assert folded.count() > 20
    one.unfold()
    boxes = folded.evaluate_all("all => all.map(one => one.getBoundingClientRect().width)")
    assert all(width > 0 for width in boxes)
