"""The report fits: no sideways scrolling at any width, dark where the reader wants it dark, whole when printed."""

import io
import re
import unicodedata

import pytest

pytestmark = pytest.mark.browser
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
MARGINS = {"top": "12mm", "bottom": "12mm", "left": "12mm", "right": "12mm"}

# What sticks out on the right, unless a box around it scrolls.
STICKING_OUT = """() => {
  const boxed = element => {
    for (let box = element.parentElement; box; box = box.parentElement)
      if (getComputedStyle(box).overflowX !== "visible") return true;
    return false;
  };
  return [...document.body.querySelectorAll("*")]
    .filter(one => one.checkVisibility() && one.getBoundingClientRect().right > innerWidth + 0.5 && !boxed(one))
    .map(one => one.outerHTML.slice(0, 120));
}"""


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_nothing_sticks_out(report, picture, color_scheme: str, viewport: dict) -> None:
    one = report(color_scheme=color_scheme, viewport=viewport)
    name = f"{color_scheme}-{viewport['width']}"
    picture(one.page, name)
    for folded in ("folded", "unfolded"):
        wide = one.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= viewport["width"], (folded, one.page.evaluate(STICKING_OUT))
        assert one.page.evaluate(STICKING_OUT) == [], folded
        one.unfold()
    picture(one.page.locator("details.proof").first, f"{name}-proof")
    picture(one.page.locator("details.numbers").first, f"{name}-numbers")


def brightness(color: str) -> float:
    """Mean of red, green and blue, 0 to 255."""
    channels = [float(number) for number in re.findall(r"[\d.]+", color)[:3]]
    return sum(channels) / 3


def test_dark_is_dark_and_light_is_light(report) -> None:
    page = report(color_scheme="light").page
    for scheme, dark in (("light", False), ("dark", True)):
        page.emulate_media(color_scheme=scheme)
        paper, ink = page.evaluate("(s => [s.backgroundColor, s.color])(getComputedStyle(document.body))")
        assert (brightness(paper) < 64, brightness(ink) > 160) == (dark, dark), (scheme, paper, ink)


def bare(text: str) -> str:
    """A text without spaces and ligatures, which a PDF sets as it likes."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def test_what_is_folded_is_printed(report) -> None:
    pypdf = pytest.importorskip("pypdf", reason="pypdf is missing: pip install '.[browser]'")
    one = report(color_scheme="dark")
    assert one.page.locator("details:not([open])").count() > 0
    folded = one.page.locator("details td:not(:has(math))").evaluate_all(
        "all => all.map(one => one.textContent.trim()).filter(Boolean)"
    )
    printed = one.page.pdf(format="A4", margin=MARGINS)
    text = "".join(sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(printed)).pages)
    lost = [cell for cell in folded if bare(cell) not in bare(text)]
    assert len(folded) > 100 and not lost, lost
    assert one.page.locator("details:not([open])").count() > 0, "printing leaves the fold-outs open on the screen"


def test_paper_is_white(report, picture) -> None:
    page = report(color_scheme="dark").page
    page.emulate_media(media="print", color_scheme="dark")
    paper, ink = page.evaluate("(s => [s.backgroundColor, s.color])(getComputedStyle(document.body))")
    assert brightness(ink) < 96 and (brightness(paper) > 240 or paper == "rgba(0, 0, 0, 0)"), (paper, ink)
    picture(page, "print")
