"""axe-core finds nothing that seriously keeps a person from using the page; the rest is printed."""

import pytest

pytestmark = pytest.mark.browser
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}

RUN = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations.map(one => ({
  rule: one.id, impact: one.impact, help: one.help, where: one.nodes.slice(0, 5).map(node => node.html.slice(0, 200)),
}))"""


def violations(one, axe: str) -> list[dict]:
    """What axe-core finds on a page with all fold-outs open; rules of best practice count too."""
    one.unfold()
    one.page.evaluate(axe)
    return one.page.evaluate(RUN)


@pytest.mark.parametrize(
    "viewport, color_scheme", [(DESK, "light"), (DESK, "dark"), (PHONE, "light"), (PHONE, "dark")],
    ids=["light", "dark", "phone", "phone-dark"],
)  # fmt: skip
def test_nothing_serious(report, axe: str, viewport: dict, color_scheme: str) -> None:
    found = violations(report(viewport=viewport, color_scheme=color_scheme), axe)
    for violation in found:
        print(violation)
    assert [one for one in found if one["impact"] in ("serious", "critical")] == []


def test_axe_finds_what_is_wrong(open_page, axe: str, tmp_path) -> None:
    page = tmp_path / "bad.html"
    page.write_text(
        '<!doctype html><html><body><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">'
        '<p style="color: #bbb; background: #fff">pale</p><input></body></html>'
    )
    found = {one["rule"] for one in violations(open_page(page), axe)}
    assert {"image-alt", "color-contrast", "label", "html-has-lang"} <= found
