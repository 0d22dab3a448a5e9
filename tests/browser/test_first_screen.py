"""The first screen answers: the question, four words, four sentences, and a figure that moves with λ."""

import io
import json
import math
import re

import numpy as np
import pytest
from PIL import Image

from wd_jax.report.moving import LABELS

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
    assert slider.input_value() == str(data["reference"])
    for k, stop in enumerate(data["stops"]):
        slider.fill(str(k))
        page.wait_for_function(f"() => document.getElementById('moving-value').textContent === '{stop['lmbda']:g}'")
        wanted = ("[data-band=network]", "[data-curve=hidden]", "[data-curve=moving-decay]")
        drawn.append([page.locator(f"#moving-plot {one}").get_attribute("d") for one in wanted])
        said = page.locator("#moving-said").text_content()
        if not stop["lmbda"]:
            times = [
                stop["curves"][name]["mean"][-1] / stop["curves"][name]["mean"][0] for name in ("hidden", "output")
            ]
            found = re.search(r"hidden layer are ([\d.]+) times .* output layer ([\d.]+) times", said)
            assert [float(one) for one in found.groups()] == pytest.approx(times, rel=0.01)
            assert drawn[-1][2] is not None and "nothing decays" in said
            continue
        factor = float(re.search(r"leaves ([\d.]+) of a weight by decay alone", said)[1])
        steps = math.ceil(data["n"] / data["m"])
        assert factor == pytest.approx((1 - data["eta"] * stop["lmbda"] / data["n"]) ** steps, rel=1e-4)
        first = data["epochs"].index(1)
        left = stop["curves"]["output"]["mean"][first] / stop["curves"]["output"]["mean"][0]
        assert f"output layer {left:.4g}" in said.replace("−", "-")
    assert all(len({one[k] for one in drawn}) == len(drawn) for k in range(3))


def test_the_first_screen_defines_what_it_draws(report) -> None:
    for view in (DESK, PHONE):
        page = report(viewport=view).page
        data = json.loads(page.locator("#explorer-data").text_content())["moving"]
        title, key = page.locator(".moving-title").inner_text(), page.locator("#moving figcaption").inner_text()
        setting = [f"{data[name]:g}" for name in ("eta", "m", "n")]
        assert re.findall(r"= ([\d.]+)", title) == setting and "on digits" in title
        assert "the gradient's part measured at" in key and "Q" not in key.replace("\U0001d444", "Q")
        stops = page.locator(".moving-stops > span")
        every = -(-len(data["stops"]) // LABELS)
        named = [f"{stop['lmbda']:g}" if k % every == 0 else "" for k, stop in enumerate(data["stops"])]
        assert stops.all_inner_texts() == named and named[0] == "0"
        assert all(within(box, view) for box in boxes(page, ".moving-stops"))
        slider, ends = boxes(page, "#moving-lmbda")[0], [box["x"] for box in boxes(page, ".moving-stops > span")]
        assert ends[0] - slider["x"] == pytest.approx(8, abs=2)
        assert slider["x"] + slider["width"] - ends[-1] == pytest.approx(8, abs=2)
    assert "At λ = " in page.locator(".answer .told").nth(1).text_content().replace("\U0001d706", "λ")


def test_where_the_balance_misses_the_gradients_part_is_told(report) -> None:
    page, asked = report(viewport=DESK).page, 0
    data = json.loads(page.locator("#explorer-data").text_content())["moving"]
    for k, stop in enumerate(data["stops"]):
        page.locator("#moving-lmbda").fill(str(k))
        page.wait_for_timeout(150)
        said = page.locator("#moving-said").text_content()
        if k != data["reference"] and stop["supply"] and data["supply"] and stop["rest"]["network"]:
            asked += 1
            found = re.search(r"that part is ([\d.]+) times as large, which gives ([\d.]+)", said)
            times, gives = float(found[1]), float(found[2].rstrip("."))
            assert times == pytest.approx(stop["supply"] / data["supply"], rel=0.01)
            level = math.sqrt(data["n"] * stop["supply"] / (stop["lmbda"] * data["n_w"]))
            assert gives == pytest.approx(level, rel=0.01)
    assert asked or sum(bool(stop["supply"]) for stop in data["stops"]) < 2


@pytest.mark.parametrize("view", [DESK, PHONE], ids=["desk", "phone"])
def test_no_curve_crosses_the_books_label(report, view) -> None:
    page = report(viewport=view).page
    crossed = """() => {
      const texts = [...document.querySelectorAll("#moving-plot text")];
      const label = texts.find(one => one.textContent.includes("book"));
      const box = label.getBBox();
      return [...document.querySelectorAll("#moving-plot .explorer-curve")].filter(curve => {
        for (let at = 0, long = curve.getTotalLength(); at < long; at += 1) {
          const { x, y } = curve.getPointAtLength(at);
          if (x > box.x && x < box.x + box.width && y > box.y && y < box.y + box.height) return true;
        }
        return false;
      }).map(curve => curve.dataset.curve);
    }"""
    for k in range(int(page.locator("#moving-lmbda").get_attribute("max")) + 1):
        page.locator("#moving-lmbda").fill(str(k))
        page.wait_for_timeout(100)
        assert page.evaluate(crossed) == [], k


@pytest.mark.parametrize("view", [DESK, PHONE], ids=["desk", "phone"])
def test_every_label_stands_inside_the_figure(report, view) -> None:
    page = report(viewport=view).page
    outside = """() => {
      const frame = document.getElementById("moving-plot").getBoundingClientRect();
      return [...document.querySelectorAll("#moving-plot text")].filter(one => {
        const box = one.getBoundingClientRect();
        return box.top < frame.top || box.bottom > frame.bottom || box.left < frame.left || box.right > frame.right;
      }).map(one => one.textContent);
    }"""
    for k in range(int(page.locator("#moving-lmbda").get_attribute("max")) + 1):
        page.locator("#moving-lmbda").fill(str(k))
        page.wait_for_timeout(100)
        assert page.evaluate(outside) == [], k


def test_the_measured_curves_are_the_stored_sweeps(report, run_folder) -> None:
    from experiments import run_sweeps

    data = json.loads(report().page.locator("#explorer-data").text_content())["moving"]
    stored = [run_sweeps.opened(run_folder, f"claim_3_tail_off_{name}") for name in ("by_lmbda", "slider")]
    assert [stop["lmbda"] for stop in data["stops"]] == sorted(value for runs in stored for value in runs.lmbda.values)
    seeds = min((runs.seed.values for runs in stored), key=len)
    for stop in data["stops"]:
        runs = next(runs for runs in stored if stop["lmbda"] in runs.lmbda.values)
        epochs = [epoch for epoch in data["epochs"] if epoch <= float(runs.epoch.max())]
        at = runs.sel(lmbda=stop["lmbda"], epoch=epochs, seed=seeds)
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
    page.wait_for_function("() => location.hash.includes('lmbda=17') && location.hash.includes('schedule=cosine')")
    href = page.locator("#explorer-link").get_attribute("href")
    shown = page.locator("#explorer-out-run_factor").inner_text()
    again = report().page
    again.goto(f"{again.url}{href}")
    again.wait_for_function("() => document.getElementById('explorer-lmbda').value === '17'")
    assert again.locator("#explorer-schedule").input_value() == "cosine"
    again.wait_for_function(f"() => document.getElementById('explorer-out-run_factor').textContent === '{shown}'")
    again.evaluate("location.hash = '#explore?lmbda=-3&eta=0.7&schedule=<b>&nothing=1'")
    again.wait_for_function("() => document.getElementById('explorer-eta').value === '0.7'")
    assert again.locator("#explorer-lmbda").input_value() == f"{data['presets'][0]['values']['lmbda']:g}"
    assert again.locator("#explorer-schedule").input_value() == "constant"
