"""The page: no text of a run becomes markup, nothing is fetched, and whoever hears or tabs through it finds the way."""

import base64
import csv
import dataclasses
import hashlib
import io
import itertools
import math
import re
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest

from wd_jax.report.contents import Explorer, Picture, Proof, ProofFormula, ProofStep
from wd_jax.report.page import VERDICT_CSV, page
from wd_jax.stats.outcome import Outcome, Table
from wd_jax.stats.verdict import Verdict

pytestmark = pytest.mark.numeric
EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp; {{ 7 * 7 }}"
VOID = {"meta", "img", "source", "input", "br", "hr", "link"}
MATH = '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block"><mi>η</mi></math>'


class Page(HTMLParser):
    """Elements in order, each with its attributes, its text and its ancestors."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[dict] = []
        self.open: list[dict] = []
        self.feed(text)
        assert [element["tag"] for element in self.open] == []

    def handle_starttag(self, tag: str, attrs: list) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), attrs
        element = {"tag": tag, "attrs": dict(attrs), "text": "", "inside": [one["tag"] for one in self.open]}
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()["tag"] == tag, tag

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element["text"] += data

    def all(self, *tags: str) -> list[dict]:
        return [element for element in self.elements if element["tag"] in tags]

    def values(self, attribute: str) -> list[str]:
        return [element["attrs"][attribute] for element in self.elements if attribute in element["attrs"]]


def outcome(name: str = "claim_2", text: str = "one = two") -> Outcome:
    verdicts = (
        Verdict(2, "prediction", text, text, 1.0, 1.0, (0.9, 1.1), 0.2, "holds", text, (0.8, 1.2)),
        Verdict(2, "identity", text, "", 1.0, 2.0, (1.9, 2.1), 0.2, "fails", text, (0.8, 1.2)),
        Verdict(2, "prediction", text, text, math.nan, math.nan, (math.nan, math.nan), 0.2, "undecided", text),
    )
    tables = (Table(text, ("", text), ((text, 1.5), ("-2", "=1+1")), text), Table("Bare", ("x", "y"), ((1, 2),)))
    return Outcome(name, text, text, verdicts, tables, lambda: None)


def proof(text: str = "says") -> Proof:
    step = ProofStep(text, "equality", "proved", text, f"η < {text}", MATH)
    return Proof(text, text, (text,), (step,), (ProofFormula("f", text, text, "1", (text,), MATH),), (text,), (text,))


PART = Explorer("<h3>Sliders</h3>", ".explorer { color: red }", "(() => { })();", {"name": "</script>"})


def written(text: str = "one = two") -> str:
    one = outcome(text=text)
    picture = Picture("<svg/>", "<svg><!-- narrow --></svg>")
    return page([one, outcome("other")], {one.name: picture}, {one.name: [proof(text)]}, {"command": text}, PART)


@pytest.fixture(scope="module")
def plain() -> Page:
    return Page(written())


def test_no_text_of_a_run_becomes_markup(plain: Page) -> None:
    text = written(EVIL)
    found = Page(text)
    assert [e["tag"] for e in found.elements] == [e["tag"] for e in plain.elements]
    assert [list(e["attrs"]) for e in found.elements] == [list(e["attrs"]) for e in plain.elements]
    assert not any(name.startswith("on") for element in found.elements for name in element["attrs"])
    (facts,) = [e for e in found.all("dl") if e["attrs"].get("class") == "facts"]
    first = next(e for e in found.all("li") if e["attrs"].get("class") == "answer")
    shown = [facts, first, *(e for e in found.all("summary") if e["inside"][-1] == "details")]
    assert sum(EVIL in element["text"] for element in shown) == 4
    assert found.all("math")[0]["attrs"]["alttext"] == f"η < {EVIL}"


def test_nothing_is_fetched_and_the_policy_says_so(plain: Page) -> None:
    addresses = plain.values("href") + plain.values("src") + plain.values("srcset")
    assert addresses and all(address.startswith(("#", "data:")) for address in addresses)
    assert plain.all("link", "iframe", "object", "embed", "form", "base") == [] and plain.values("style") == []
    metas = [meta["attrs"] for meta in plain.all("meta")]
    (policy,) = [meta["content"] for meta in metas if meta.get("http-equiv") == "Content-Security-Policy"]
    (script,) = [e["text"] for e in plain.all("script") if e["attrs"].get("type") is None]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert PART.script in script and f"script-src 'sha256-{digest}';" in policy
    assert policy.startswith("default-src 'none'; img-src data:;") and "http" not in policy
    assert "url(" not in plain.all("style")[0]["text"] and "@import" not in plain.all("style")[0]["text"]


def test_data_stands_in_json_that_ends_nothing() -> None:
    (data,) = [e["text"] for e in Page(written()).all("script") if e["attrs"].get("type") == "application/json"]
    assert data == '{"name": "\\u003c/script>"}'


def test_headings_landmarks_and_names(plain: Page) -> None:
    assert plain.all("html")[0]["attrs"] == {"lang": "en"} and plain.all("title")[0]["text"]
    levels = [int(element["tag"][1]) for element in plain.all("h1", "h2", "h3", "h4")]
    assert levels.count(1) == 1 and levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    for landmark in ("main", "header", "footer", "nav"):
        assert len(plain.all(landmark)) == 1
    ids = plain.values("id")
    assert len(set(ids)) == len(ids)
    targets = [address[1:] for address in plain.values("href") if address.startswith("#")]
    assert set(targets) | set(plain.values("aria-labelledby")) <= set(ids)
    assert plain.all("a")[0]["attrs"]["href"] == "#main"


def test_tables_pictures_and_boxes_say_what_they_are(plain: Page) -> None:
    assert len(plain.all("caption")) == len(plain.all("table"))
    for cell in plain.all("th"):
        assert cell["attrs"]["scope"] in ("col", "row") and cell["text"].strip()
    boxes = [e["attrs"] for e in plain.elements if "scroll" in e["attrs"].get("class", "").split()]
    assert len(boxes) >= len(plain.all("table"))
    assert all(box["role"] == "region" and box["tabindex"] == "0" and box["aria-label"] for box in boxes)
    (image,) = plain.all("img")
    assert image["attrs"]["alt"] == "Figure of one = two. one = two"
    assert base64.b64decode(image["attrs"]["src"].partition(",")[2]) == b"<svg/>"
    (narrow,) = plain.all("source")
    assert b"narrow" in base64.b64decode(narrow["attrs"]["srcset"].partition(",")[2])


def test_every_verdict_stands_once_with_a_word_and_a_mark_in_the_folded_record(plain: Page) -> None:
    words = [
        e["text"].split() for e in plain.all("span") if "td" in e["inside"] and "word" in e["attrs"].get("class", "")
    ]
    assert words.count(["✓", "holds"]) == words.count(["✗", "fails"]) == words.count(["?", "undecided"]) == 2
    (record,) = [e for e in plain.all("details") if e["attrs"].get("id") == "record"]
    assert "open" not in record["attrs"]
    assert all("details" in e["inside"] for e in plain.all("table") if e["attrs"].get("class") == "verdicts")
    kinds = [e for e in plain.all("span") if e["attrs"].get("class") == "kind"]
    assert len(kinds) == 2 and "identity: checks the program" in kinds[0]["text"]
    assert {e["text"].split()[1] for e in plain.all("span") if "word" in e["attrs"].get("class", "")} >= {"1", "2"} | {
        "holds"
    }


def test_the_head_counts_predictions_apart_and_names_what_follows() -> None:
    one = outcome()
    first, second, third = one.verdicts
    changed = (
        dataclasses.replace(first, rests_on="the <i>exact</i> factor", again=0.914),
        dataclasses.replace(first, kind="rival"),
        *(second, third),
    )
    found = Page(page([dataclasses.replace(one, verdicts=changed)], {}, {}, {}))
    (tally,) = [e for e in found.all("p") if e["attrs"].get("id") == "tally"]
    assert " ".join(tally["text"].split()) == (
        "2 predictions, 1 of which follows from others: ✓ 1 holds ? 1 undecided; "
        "1 rival; 1 identity, 1 of which does not hold"
    )
    kinds = [e["text"] for e in found.all("span") if e["attrs"].get("class") == "kind"][:2]
    assert kinds[0] == "follows from the <i>exact</i> factor" and kinds[1].startswith("rival: a formula held up")
    changes = [e["text"] for e in found.all("td") if e["attrs"].get("data-label") == "What would change it"]
    assert changes[0].endswith("says the same with a probability of 91\u00a0%.")
    assert changes[3].endswith("is to say the same is not known: there is no interval.")
    head, row, *_ = files(found)["verdicts.csv"]
    assert [row[head.index(name)] for name in ("again", "rests_on")] == ["0.914", "the <i>exact</i> factor"]


def test_the_page_says_over_what_its_intervals_run(plain: Page) -> None:
    (lead,) = [e["text"] for e in plain.all("p") if e["attrs"].get("class") == "lead"]
    assert "a seed sets the starting weights and the order of the examples" in " ".join(lead.split())
    assert "nothing is said of other data sets" in " ".join(lead.split())


def files(found: Page) -> dict[str, list[list[str]]]:
    links = {e["attrs"]["download"]: e["attrs"]["href"] for e in found.all("a") if "download" in e["attrs"]}
    texts = {name: unquote(address.partition(",")[2]) for name, address in links.items()}
    return {name: list(csv.reader(io.StringIO(text, newline=""))) for name, text in texts.items()}


def test_tables_can_be_kept_as_files(plain: Page) -> None:
    found = files(plain)
    assert found["claim_2-one-two.csv"] == [["", "one = two"], ["one = two", "1.5"], ["-2", "'=1+1"]]
    assert found["other-bare.csv"] == [["x", "y"], ["1", "2"]]
    head, *rows = found["verdicts.csv"]
    assert tuple(head) == VERDICT_CSV and len(rows) == 6
    assert dict(zip(head, rows[0], strict=True))["low_95"] == "0.9" and rows[2][head.index("asked_low")] == ""
    assert all(re.fullmatch(r"[a-z0-9_-]+\.csv", name) for name in files(Page(written(EVIL))))


def test_a_derivation_shows_each_step_with_what_it_earned(plain: Page) -> None:
    (fold,) = [e for e in plain.all("details") if e["attrs"]["class"] == "proof"]
    assert "equality: proved" in fold["text"]
    assert len([e for e in plain.all("math") if "alttext" in e["attrs"]]) == 2
    (step,) = [e for e in plain.all("li") if "ol" in e["inside"] and "details" in e["inside"]]
    assert "η" in step["text"] and "open" not in fold["attrs"]


def test_what_would_end_an_element_is_refused() -> None:
    for part, word in ((Explorer("", "</STYLE>", "", {}), "style"), (Explorer("", "", "</script>", {}), "script")):
        with pytest.raises(ValueError, match=word):
            page([outcome()], {}, {}, {}, part)
    assert Page(page([outcome()], {}, {}, {})).all("section")


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_text_has_contrast_in_every_theme(plain: Page) -> None:
    themes = [
        dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6});", block))
        for block in re.findall(r":root \{(.*?)\}", plain.all("style")[0]["text"], re.DOTALL)
    ]
    assert len(themes) == 3
    for theme in themes:
        for text in set(theme) - {"paper", "card", "line"}:
            for behind in ("paper", "card"):
                dark, light = sorted((luminance(theme[text]), luminance(theme[behind])))
                assert (light + 0.05) / (dark + 0.05) >= 4.5, (text, behind)


def test_the_written_page_is_one_file_with_everything(reproduced, outcomes: dict) -> None:
    path = reproduced.folder / "report.html"
    assert path.stat().st_size < 5_000_000
    found = Page(path.read_text(encoding="utf-8"))
    assert len(found.all("img")) == len(outcomes) + 1 == 5  # a figure each, and all verdicts in one
    verdicts = [verdict for one in outcomes.values() for verdict in one.verdicts]
    head, *rows = files(found)["verdicts.csv"]
    assert [float(row[head.index("measured")]) for row in rows] == pytest.approx(
        [verdict.measured for verdict in verdicts], rel=1e-9, nan_ok=True
    )
    proofs = [e for e in found.all("details") if e["attrs"].get("class") == "proof"]
    assert len(proofs) == 5 and all("proved" in one["text"] for one in proofs)
    displayed = [e for e in found.all("math") if e["attrs"].get("display") == "block"]
    assert all(e["attrs"]["alttext"] for e in displayed) and len(displayed) > 100
    (facts,) = [e["text"] for e in found.all("dl") if e["attrs"].get("class") == "facts"]
    assert str(reproduced.folder) in facts and "digits, quick" in facts and "sympy" in facts
    assert len([e for e in found.all("input") if e["attrs"].get("type") == "range"]) >= 6


def test_a_reason_begins_with_a_capital_unless_with_a_quantity() -> None:
    from wd_jax.report.page import _sentence, _shown

    cases = {"lmbda_crit per seed": "λ_crit per seed", "ratio 1.2": "Ratio 1.2", "n_w is 3": "n_w is 3", "": ""}
    assert {text: _sentence(_shown(text)) for text in cases} == cases
