"""Figures for both themes: the colours that are drawn, others on a dark page, and all of them told from its paper."""

import re

import pytest

from wd_jax.report.themes import PAIRS, on_dark, themed

pytestmark = pytest.mark.numeric
PAPER = PAIRS["#ffffff"]


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("colour", sorted(set(PAIRS) - {"#ffffff", "#e6e6e6"}))
def test_curves_and_text_stand_out_on_a_dark_page(colour: str) -> None:
    assert (luminance(on_dark(colour)) + 0.05) / (luminance(PAPER) + 0.05) >= 4.5


def test_colours_that_differ_still_differ() -> None:
    assert len(set(PAIRS.values())) == len(PAIRS)
    assert on_dark("#fefefe") != on_dark("#010101")


def test_every_colour_of_a_picture_has_its_pair_and_nothing_else_changes() -> None:
    drawn = '<?xml version="1.0"?><svg width="9"><g style="fill: #0072b2; stroke: #e3ecf3"/><a href="#d1"/></svg>'
    found = themed(drawn)
    light, dark = (dict(re.findall(r"--c([0-9a-f]{6}):(#[0-9a-f]{6})", part)) for part in found.split("@media"))
    assert light == {one: f"#{one}" for one in ("000000", "0072b2", "e3ecf3")} and set(dark) == set(light)
    assert all(dark[one] == on_dark(f"#{one}") for one in dark)
    without = re.sub(r"<style>.*?</style>", "", found, flags=re.DOTALL)
    assert re.sub(r"var\(--c([0-9a-f]{6})\)", r"#\1", without) == drawn


def test_what_is_no_picture_stays() -> None:
    assert [themed(text) for text in ("", "<svg/>", "text #0072b2")] == ["", "<svg/>", "text #0072b2"]


def test_a_figure_of_matplotlib_keeps_all_it_has(tmp_path) -> None:
    from wd_jax.figures import style
    from wd_jax.figures.saving import svg

    with style.style():
        figure, (ax,) = style.panels(1)
        ax.plot([0, 1], [0, 1], color=style.BLUE, label="one")
        drawn = svg(figure)
    found = themed(drawn)
    body = found.split("</style>", 1)[1]
    assert not re.search(r"#[0-9a-f]{6}(?![0-9a-f])", body) and "--c0072b2:#4fb0f2" in found
    assert found.count("<path") == drawn.count("<path")
