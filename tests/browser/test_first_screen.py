"""The first screen answers: the question, four words, four sentences, and a figure that moves with λ."""

import io
import json
import math
import re

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.browser
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
LEFT = """() => {
  const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.parentElement.closest("script, style, math, code, svg, dl.facts")) continue;
    const plain = /[A-Za-z0-9)]\\^|\\b[A-Za-z]_(w|in|out|crit|rms)\\b|√|exp\\(|‖/;
    if (plain.test(node.textContent)) found.push(node.textContent);
  }
  return found;
}"""


def boxes(page, selector: str) -> list[dict]:
    return [one.bounding_box() for one in page.locator(selector).all()]


def within(box: dict, viewport: dict) -> bool:
    return box["y"] >= 0 and box["y"] + box["height"] <= viewport["height"] and box["height"] > 0


def test_everything_stands_on_the_first_screen(report, picture) -> None:
    for scheme in ("light", "dark"):
        page = report(viewport=DESK, color_scheme=scheme).page
        picture(page.locator("section.first"), f"first-{scheme}")
        assert page.locator("h1").inner_text().endswith("?")
        for selector, count in (
            ("h1", 1),
            (".answer", 4),
            (".answer .word", 4),
            ("#moving-plot", 1),
            ("#moving-lmbda", 1),
        ):
            found = boxes(page, selector)
            assert len(found) == count and all(within(box, DESK) for box in found), selector


def test_a_phone_shows_the_same_in_that_order(report, picture) -> None:
    page = report(viewport=PHONE).page
    picture(page.locator("body"), "first-phone")
    for selector, count in ((".answer", 4), (".answer .word", 4), ("#moving-plot", 1), ("#moving-lmbda", 1)):
        found = boxes(page, selector)
        assert len(found) == count and all(within(box, PHONE) for box in found), selector
    order = page.evaluate(
        "[...document.querySelectorAll('h1, .answer, #moving')].map(one => one.getBoundingClientRect().top)"
    )
    assert order == sorted(order) and len(order) == 6


def test_a_phone_shows_the_whole_answer_when_asked(report) -> None:
    page = report(viewport=PHONE).page
    answer = page.locator(".answer").nth(2)
    told, more = answer.locator(".told"), answer.get_by_role("button", name="more on this answer")
    told.evaluate("one => one.append(' And more of it.'.repeat(20))")  # a run of few epochs may have little to say
    hidden = "one => one.scrollHeight - one.clientHeight"
    assert told.evaluate(hidden) > 10 and not answer.locator(".gloss").is_visible()
    more.click()
    assert told.evaluate(hidden) <= 1 and answer.locator(".gloss").is_visible()
    less = answer.get_by_role("button", name="less on this answer")
    assert less.get_attribute("aria-expanded") == "true"
    less.click()
    assert told.evaluate(hidden) > 10
    page.emulate_media(media="print")
    assert told.evaluate(hidden) <= 1 and answer.locator(".gloss").is_visible(), "paper has all of it"


def test_the_words_are_those_of_the_verdicts(report, run_folder) -> None:
    import experiments

    judged = experiments.open(run_folder)
    page = report(viewport=DESK).page
    shown = [text.split(" ", 1)[1] for text in page.locator(".answer .word").all_inner_texts()]
    assert shown == [outcome.in_short.word for outcome in judged.outcomes]


def test_the_figure_moves_to_what_was_measured_and_computed(report, run_folder) -> None:
    page = report(viewport=DESK).page
    data = json.loads(page.locator("#explorer-data").text_content())["moving"]
    slider, drawn = page.locator("#moving-lmbda"), []
    assert int(slider.get_attribute("max")) + 1 == len(data["stops"]) > 1
    for k, stop in enumerate(data["stops"]):
        slider.fill(str(k))
        page.wait_for_function(f"document.getElementById('moving-value').textContent === '{stop['lmbda']:g}'")
        wanted = ("[data-band=network]", "[data-curve=hidden]", "[data-curve=moving-decay]")
        drawn.append([page.locator(f"#moving-plot {one}").get_attribute("d") for one in wanted])
        said = page.locator("#moving-said").text_content()
        factor = float(re.search(r"leaves ([\d.]+) of a weight by decay alone", said)[1])
        steps = math.ceil(data["n"] / data["m"])
        assert factor == pytest.approx((1 - data["eta"] * stop["lmbda"] / data["n"]) ** steps, rel=1e-4)
        first = data["epochs"].index(1)
        left = stop["curves"]["output"]["mean"][first] / stop["curves"]["output"]["mean"][0]
        assert f"output layer {left:.4g}" in said.replace("−", "-")
    assert all(len({one[k] for one in drawn}) == len(drawn) for k in range(3))


def test_the_measured_curves_are_the_stored_sweeps(report, run_folder) -> None:
    from experiments import run_sweeps

    data = json.loads(report().page.locator("#explorer-data").text_content())["moving"]
    runs = run_sweeps.opened(run_folder, "claim_3_tail_off_by_lmbda")
    assert [stop["lmbda"] for stop in data["stops"]] == runs.lmbda.values.tolist()
    for stop in data["stops"]:
        at = runs.sel(lmbda=stop["lmbda"], epoch=data["epochs"])
        network = np.sqrt((at.weight_rms**2 * at.n_w).sum("layer") / at.n_w.sum("layer"))
        for name, one in (
            ("hidden", at.weight_rms.sel(layer=1)),
            ("output", at.weight_rms.sel(layer=2)),
            ("network", network),
        ):
            for how, values in (("mean", one.mean("seed")), ("low", one.min("seed")), ("high", one.max("seed"))):
                assert stop["curves"][name][how] == pytest.approx(values.values.tolist(), rel=1e-3), (name, how)


def test_no_mathematics_is_left_as_plain_text(report) -> None:
    page = report().page
    page.locator("#explorer-said p").first.wait_for()
    assert page.evaluate(LEFT) == []
    page.evaluate("document.querySelector('h1').textContent += ' n_w^(-1/2)'")
    assert len(page.evaluate(LEFT)) == 1


def test_verdicts_stand_once_and_folded(report) -> None:
    page = report().page
    rows = page.locator("table.verdicts tbody tr")
    assert rows.count() > 40 and not any(row.is_visible() for row in rows.all()[:3])
    claimed = page.locator("table.verdicts td[data-label=Claimed]").all_text_contents()
    assert len(claimed) == rows.count()
    page.locator("#claim-3 a[href='#record-claim-3']").click()
    assert page.locator("#record").evaluate("one => one.open")
    assert page.locator("#record-claim-3").is_visible()
    assert not page.locator("p.lead").is_visible(), "the statistical method is folded"


def test_a_dark_theme_draws_dark_figures_and_paper_is_white(report) -> None:
    def corner(page) -> tuple[int, int, int]:
        shot = page.locator("#claim-2 figure img").screenshot()
        return Image.open(io.BytesIO(shot)).convert("RGB").getpixel((4, 4))

    page = report(color_scheme="dark", viewport=DESK).page
    assert max(corner(page)) < 60
    page.emulate_media(media="print", color_scheme="dark")
    assert min(corner(page)) > 245
    page.emulate_media(media="screen", color_scheme="light")
    assert min(corner(page)) > 240


def test_a_link_keeps_the_explorers_setting(report, open_page, run_folder) -> None:
    page = report().page
    start = page.evaluate(
        "Object.fromEntries(['eta', 'lmbda', 'n', 'm'].map(k => [k, document.getElementById('explorer-' + k).value]))"
    )
    data = json.loads(page.locator("#explorer-data").text_content())
    assert {name: float(value) for name, value in start.items()} == {
        k: data["moving"][k] for k in ("eta", "n", "m")
    } | {"lmbda": data["presets"][0]["values"]["lmbda"]}
    assert "#" not in page.url
    page.locator("#explorer-lmbda").fill("17")
    page.locator("#explorer-schedule").select_option("cosine")
    page.wait_for_function("location.hash.includes('lmbda=17') && location.hash.includes('schedule=cosine')")
    href = page.locator("#explorer-link").get_attribute("href")
    shown = page.locator("#explorer-out-run_factor").inner_text()
    again = report().page
    again.goto(f"{again.url}{href}")
    again.wait_for_function("document.getElementById('explorer-lmbda').value === '17'")
    assert again.locator("#explorer-schedule").input_value() == "cosine"
    again.wait_for_function(f"document.getElementById('explorer-out-run_factor').textContent === '{shown}'")
    again.evaluate("location.hash = '#explore?lmbda=-3&eta=0.7&schedule=<b>&nothing=1'")
    again.wait_for_function("document.getElementById('explorer-eta').value === '0.7'")
    assert again.locator("#explorer-lmbda").input_value() == f"{data['presets'][0]['values']['lmbda']:g}"
    assert again.locator("#explorer-schedule").input_value() == "constant"
