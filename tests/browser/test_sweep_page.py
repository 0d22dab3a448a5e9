"""The page of a sweep in a real browser: silent, readable at either width and in either theme, without obstacles."""

from pathlib import Path

import pytest

import wd_jax as wd

pytestmark = pytest.mark.browser
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
VIEWS = [(DESK, "light"), (DESK, "dark"), (PHONE, "light"), (PHONE, "dark")]
RUN = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations.map(one => ({
  rule: one.id, impact: one.impact, where: one.nodes.slice(0, 5).map(node => node.html.slice(0, 200)),
}))"""


@pytest.fixture(scope="module")
def sweep_page(browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two rules, two rates, several values of lmbda, one of which diverges."""
    setup, data = wd.Setup(widths=(64, 8, 10)), wd.data.digits()
    with pytest.warns(UserWarning):
        runs = wd.sweep(
            setup, data, lmbda=[1.0, 10.0, 1e6], eta=[0.1, 0.5], optimiser=["sgd", "adam_l2"], seeds=3, epochs=3,
            progress=False,
        )  # fmt: skip
    return wd.report.write(runs, tmp_path_factory.mktemp("page") / "report.html")


@pytest.mark.parametrize(("viewport", "color_scheme"), VIEWS)
def test_it_fits_and_keeps_nobody_out(open_page, picture, axe, sweep_page, viewport, color_scheme) -> None:
    one = open_page(sweep_page, viewport=viewport, color_scheme=color_scheme)
    picture(one.page, f"sweep-{viewport['width']}-{color_scheme}")
    assert one.page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    answer = one.page.locator("header .lead").bounding_box()
    assert answer and answer["y"] + answer["height"] < viewport["height"]  # it stands on the first screen
    one.unfold()
    assert one.page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    one.page.evaluate(axe)
    found = one.page.evaluate(RUN)
    assert [violation for violation in found if violation["impact"] in ("serious", "critical")] == []


def test_a_phone_shows_which_tables_scroll_and_stacks_the_tolerances(open_page, sweep_page) -> None:
    one = open_page(sweep_page, viewport=PHONE)
    one.unfold()
    wide = one.page.locator(".scroll").evaluate_all(
        "all => all.filter(one => one.scrollWidth > one.clientWidth)"
        ".map(one => getComputedStyle(one).backgroundAttachment)"
    )
    assert wide and set(wide) == {"local, local, scroll, scroll"}
    tolerances = one.page.locator("#allowed .scroll")
    assert tolerances.evaluate("one => one.scrollWidth <= one.clientWidth")
    assert tolerances.locator("td").first.evaluate("one => getComputedStyle(one).display") == "block"


def test_pictures_are_there_and_described(open_page, sweep_page) -> None:
    pictures = open_page(sweep_page).page.locator("img").evaluate_all(
        "all => all.map(one => [one.alt, one.complete && one.naturalWidth > 0])"
    )  # fmt: skip
    assert len(pictures) >= 3 and all(len(text.split()) > 3 and drawn for text, drawn in pictures)
