"""A user's text in report.md shows as it stands: no link, picture, HTML, code or cell comes of it."""

import re

import pytest

from wd_jax.report.markdown import report
from wd_jax.report.tables import escape, markdown_table
from wd_jax.stats.outcome import Outcome, Table
from wd_jax.stats.verdict import Verdict

pytestmark = pytest.mark.numeric

EVIL = {
    "link": "[x](javascript:alert(1))",
    "picture": "![x](http://evil.example/a.png)",
    "reference": "[x]: javascript:alert(1)",
    "use of a reference": "[x][y]",
    "HTML": "<img src=x onerror=alert(1)>",
    "a comment": "<!-- hidden",
    "an entity": "&lt;script&gt;",
    "an address in brackets": "<javascript:alert(1)>",
    "a bare address": "see https://evil.example/x",
    "a bare host": "see www.evil.example",
    "code": "`[x](y)`",
    "a fence": "```html",
    "another fence": "~~~",
    "a cell": "a | b",
    "an escaped cell": "a \\| b",
    "a backslash": "\\[x](javascript:alert(1))",
    "two backslashes": "\\\\[x](javascript:alert(1))",
    "emphasis": "*a* __b__ _c_ ***d***",
    "struck out": "~~a~~",
    "mathematics": "$x$ and $$y$$",
    "a heading": "# a",
    "a line under": "===",
    "a rule": "---",
    "a quotation": "> a",
    "a list": "- a",
    "a list with +": "+ a",
    "a numbered list": "1. a",
    "another numbered list": "1) a",
    "lines": "a\n\n# b\r\n[x](javascript:alert(1))",
    "lines of other kinds": "a\u2028# b\u2029c\x0bd\x85e",
    "code by blanks": "     a",
    "half a letter, as odd file names have": "a\udcffb",
    "a zero": "a\0b",
}


def shown(markdown: str) -> str:
    """Read escaped text back: a backslash before punctuation, and entities, as CommonMark 2.4 and 2.5 have them."""
    text = re.sub(r"\\([!-/:-@\[-`{-~])", lambda found: f"\0{ord(found[1])};", markdown)
    for pattern in (r"\0(\d+);", r"&#(\d+);"):
        text = re.sub(pattern, lambda found: chr(int(found[1])), text)
    return text.replace("&lt;", "<").replace("&amp;", "&")


def live(markdown: str) -> list[str]:
    """What in a line could still begin something, by hand: CommonMark's delimiters, blocks and GitHub's extensions."""
    bare = re.sub(r"\\[!-/:-@\[-`{-~]", ",", markdown)  # an escaped character begins nothing
    rules = (r"[`*\[\]|~$]", r"<", r"&(?!amp;|lt;|#\d+;)", r"(?<!\w)_\S|\S_(?!\w)", r"\w://", r"\bwww\.", r"\\")
    rules += (r"^[#>=]", r"^[-+](\s|$)", r"^-{2}", r"^\d+[.)](\s|$)", r"^\s{4}", r"[\n\r\x00-\x1f\u2028\u2029\x85]")
    return [rule for rule in rules if re.search(rule, bare)]


@pytest.mark.parametrize("text", EVIL.values(), ids=list(EVIL))
def test_nothing_is_live_and_nothing_is_lost(text: str) -> None:
    escaped = escape(text)
    assert live(escaped) == []
    plain = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", " ", text).strip()
    assert shown(escaped) == plain
    escaped.encode("utf-8")


@pytest.mark.parametrize(
    "text", [text for name, text in EVIL.items() if name not in ("a zero", "half a letter, as odd file names have")]
)
def test_the_hand_rule_sees(text: str) -> None:
    """What it finds in none of the texts as they are, it could not find in an escaped one."""
    assert live(text.replace("\\|", "|"))


@pytest.mark.parametrize("text", ["0.95 (0.9 to 1)", "weight_rms of n_w", "-0.5", "a - b", "2 > 1", "Café λ²", "a+b"])
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert escape(text) == text


def test_a_row_keeps_its_cells() -> None:
    lines = markdown_table(("a", "b"), [(text, "end") for text in EVIL.values()]).splitlines()
    assert len(lines) == 2 + len(EVIL)
    for line in lines[2:]:
        assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) == 3 and line.endswith("| end |")


def test_in_a_report_no_text_of_a_user_is_live() -> None:
    evil = "[x](javascript:alert(1)) <b> `c` a|b"
    verdict = Verdict(evil, "prediction", evil, evil, 1.0, 1.0, (0.9, 1.1), 0.1, "holds", evil)
    table = Table(evil, (evil, "b"), ((evil, "1"),), evil)
    outcome = Outcome("claim_1", evil, evil, (verdict,), (table,), draw=lambda: None)  # type: ignore[arg-type]
    text = report([outcome], {}, {"command": f"wd-jax report '{evil}'", "folder": evil})
    assert not re.search(r"(?<!\\)\]\(javascript:", text)
    assert "<b>" not in text and "`c`" not in text
    assert text.count(escape(evil)) >= 10
