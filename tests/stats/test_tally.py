"""Counting: predictions apart from what is none, those that follow from others named, broken identities shown."""

import dataclasses
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wd_jax.stats.tally import by_chance, tally
from wd_jax.stats.verdict import Verdict

pytestmark = pytest.mark.numeric
ONE = Verdict(2, "prediction", "factor", "layer 1", 1.0, 1.0, (0.9, 1.1), 0.2, "holds", "8 seeds")
KINDS, WORDS = ("prediction", "rival", "identity"), ("holds", "fails", "diverged", "undecided")


def some(*cases: tuple[str, str, str]) -> list[Verdict]:
    return [dataclasses.replace(ONE, kind=kind, verdict=word, rests_on=rests) for kind, word, rests in cases]


def test_a_line_says_what_is_evidence_and_what_is_not() -> None:
    holds, fails = ("prediction", "holds", ""), ("prediction", "fails", "")
    cases = [holds, fails, ("prediction", "holds", "the other"), ("rival", "fails", ""), ("identity", "holds", "")]
    assert str(tally(some(*cases))) == (
        "3 predictions, 1 of which follows from others: 2 hold, 1 fails; 1 rival; 1 identity"
    )
    assert str(tally(some(holds))) == "1 prediction: 1 holds" and str(tally([])) == "0 predictions"
    assert str(tally(some(("rival", "fails", "x")))) == "0 predictions; 1 rival"


def test_an_identity_that_does_not_hold_or_was_not_decided_is_not_hidden() -> None:
    cases = [("identity", "holds", ""), ("identity", "fails", ""), ("identity", "undecided", "")]
    assert str(tally(some(*cases))).endswith("3 identities, 1 of which does not hold, 1 of which is undecided")


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(WORDS), st.sampled_from(["", "x"]))))
def test_every_verdict_is_counted_once(cases: list[tuple[str, str, str]]) -> None:
    found = tally(some(*cases))
    assert found.predictions + found.rivals + found.identities == len(cases)
    for word in WORDS:
        assert found.words.get(word, 0) == sum(kind == "prediction" and w == word for kind, w, _ in cases)
    assert found.dependent == sum(kind == "prediction" and bool(rests) for kind, _, rests in cases)


def test_what_is_undecided_for_want_of_an_interval_is_not_called_free_of_chance() -> None:
    bare = dataclasses.replace(ONE, ci95=(math.nan, math.nan))
    holds, open_, gone = (dataclasses.replace(bare, verdict=word) for word in ("holds", "undecided", "diverged"))
    assert by_chance([holds]) == "1 verdict, none of which rests on an interval: chance plays no part"
    said = by_chance([open_, open_, holds])
    assert said.endswith("interval: 2 are undecided without one, and chance plays no part in the other")
    assert by_chance([open_]).endswith("interval: 1 is undecided without one")
    assert "chance" not in by_chance([open_, gone]) and "runs of 1 diverged" in by_chance([open_, gone])
