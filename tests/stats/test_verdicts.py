"""The three words, and their file: one shape, no NaN, all or nothing."""

import dataclasses
import json
import math
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wd_jax.stats.verdict import Verdict, judge, write_verdicts

pytestmark = pytest.mark.numeric
FIELDS = {
    "claim", "kind", "statement", "scope", "predicted", "measured", "ci95", "tolerance", "verdict", "why", "again",
    "rests_on",
}  # fmt: skip
ONE = Verdict(1, "prediction", "λ_crit < 5", "layer 1", 5.0, 0.5, (0.4, 0.6), 0.0, "holds", "8 seeds", again=0.75)
numbers = st.floats(-10, 10)


@given(numbers, numbers, numbers, numbers)
def test_the_words_follow_from_the_two_intervals(a: float, b: float, c: float, d: float) -> None:
    (low, high), (least, most) = sorted((a, b)), sorted((c, d))
    inside, outside = least <= low <= high <= most, high < least or low > most
    assert judge((low, high), least, most) == ("holds" if inside else "fails" if outside else "undecided")


@pytest.mark.parametrize("end", [math.nan, math.inf, -math.inf])
def test_an_interval_without_an_end_decides_nothing(end: float) -> None:
    assert judge((end, 2.0), 0, 1) == judge((2.0, end), 0, 1) == "undecided"


def test_the_file_has_the_agreed_shape_and_no_nan(tmp_path: Path) -> None:
    lost = dataclasses.replace(
        ONE, measured=math.nan, ci95=(math.nan, math.inf), predicted=-math.inf, verdict="undecided"
    )
    write_verdicts((ONE, lost), "digits", tmp_path / "verdicts.json")
    text = (tmp_path / "verdicts.json").read_text(encoding="utf-8")

    def refuse(constant: str):
        raise AssertionError(f"{constant} is not JSON")

    content = json.loads(text, parse_constant=refuse)
    assert (
        set(content) == {"format", "dataset", "verdicts"} and content["format"] == 1 and content["dataset"] == "digits"
    )
    first, second = content["verdicts"]
    assert set(first) == set(second) == FIELDS
    named = {name: value for name, value in dataclasses.asdict(ONE).items() if name in FIELDS}
    assert first == named | {"ci95": [0.4, 0.6], "again": 0.75}
    assert (second["measured"], second["ci95"], second["predicted"]) == (None, [None, None], None)
    assert "λ_crit" in text and text.endswith("}\n")


def test_a_failure_while_writing_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "verdicts.json"
    write_verdicts((ONE,), "digits", path)
    before = path.read_bytes()
    with pytest.raises(TypeError):
        write_verdicts((dataclasses.replace(ONE, why=object()),), "digits", path)  # type: ignore[arg-type]
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_a_verdict_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        ONE.verdict = "fails"  # type: ignore[misc]


def test_a_verdict_is_a_sentence() -> None:
    assert repr(ONE) == (
        "claim 1 holds: λ_crit < 5, layer 1; measured 0.5 [0.4, 0.6] against 5 predicted, tolerance 0; 8 seeds"
    )
    law = dataclasses.replace(ONE, claim="tail_off", kind="identity", verdict="undecided", ci95=(math.nan, 1.0))
    assert repr(law).startswith("tail_off is undecided: ") and "0.5 (no interval)" in repr(law)
    assert "(an identity: no prediction)" in repr(law)
    rival = dataclasses.replace(ONE, kind="rival", rests_on="the exact factor")
    assert "tolerance 0 (a rival of the theory); 8 seeds; follows from the exact factor" in repr(rival)
    assert repr(dataclasses.replace(ONE, claim="", measured=math.nan)).startswith("comparison holds: ")
    assert "measured no number" in repr(dataclasses.replace(ONE, measured=math.nan))


def test_a_notebook_shows_a_verdict_as_text() -> None:
    nasty = "<script>alert(1)</script>"
    html = dataclasses.replace(
        ONE, claim=nasty, statement=nasty, scope=nasty, why=nasty, asked=(0.0, 5.0), rests_on=nasty
    )._repr_html_()
    ET.fromstring(html)
    assert "<script" not in html and html.count("&lt;script&gt;") == 5 and "an interval within [0, 5]" in html
