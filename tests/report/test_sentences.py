"""Sentences: they agree with the word that was given, and what would change it does change it."""

import dataclasses
import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from wd_jax.report.sentences import claimed, measured, narrower, predicted, would_change
from wd_jax.verdicts import Verdict, judge

pytestmark = pytest.mark.numeric
BASE = Verdict(
    3, "prediction", "plateau is lmbda", "layer 1", 1.0, 1.0, (0.9, 1.1), 0.2, "holds", "8 seeds", (0.8, 1.2)
)
NAN = math.nan


def judged(mean: float, below: float, above: float, low: float, high: float) -> Verdict:
    ci = (mean - below, mean + above)
    return dataclasses.replace(BASE, measured=mean, ci95=ci, asked=(low, high), verdict=judge(ci, low, high))


def scaled(verdict: Verdict, times: float) -> str:
    """Word for an interval so many times narrower about the same mean."""
    low, high = ((end - verdict.measured) / times + verdict.measured for end in verdict.ci95)
    assert verdict.asked is not None
    return judge((low, high), *verdict.asked)


WIDTH = st.floats(0.01, 5)


@given(mean=st.floats(-3, 3), below=WIDTH, above=WIDTH, low=st.floats(-2, 0), high=st.floats(0.1, 2))
def test_an_interval_that_much_narrower_decides_and_one_less_narrow_does_not(mean, below, above, low, high) -> None:
    verdict = judged(mean, below, above, low, high)
    assume(verdict.verdict == "undecided")
    times = narrower(verdict)
    assume(times < 1e6)
    assert times >= 1
    inside = low <= mean <= high
    assert scaled(verdict, times * (1 + 1e-6)) == ("holds" if inside else "fails")
    assert scaled(verdict, times * (1 - 1e-6)) == "undecided"
    text = would_change(verdict)
    assert ("on the edge" in text) == (times > 30)
    assert times > 30 or f"would make it {'hold' if inside else 'fail'}," in text


def test_the_number_of_seeds_is_the_square_rounded_up() -> None:
    assert "An interval 3.0 times narrower" in would_change(judged(1.1, 0.3, 0.3, 0.8, 1.2))
    assert "about 9 times as many seeds" in would_change(judged(1.1, 0.3, 0.3, 0.8, 1.2))
    assert "about 2.3 times as many seeds" in would_change(judged(1.0, 0.1, 0.3, 0.5, 1.2))
    assert "about 16 times as many seeds" in would_change(judged(1.25, 0.2, 0.2, 0.8, 1.2))
    assert "on the edge" in would_change(judged(1.2, 0.1, 0.1, 0.8, 1.2))


@pytest.mark.parametrize(
    "verdict, words",
    [
        (judged(1.0, 0.1, 0.1, 0.8, 1.2), "its nearest end is 1.0 half-widths inside"),
        (judged(0.95, 0.1, 0.1, 0.8, 1.2), "its nearest end is 0.5 half-widths inside"),
        (judged(1.0, 0.0, 0.0, 0.8, 1.2), "its nearest end is 0.2 inside"),
        # A bound from above: how near 0 the interval is says nothing.
        (judged(1.0, 0.5, 0.5, 0.0, 5.0), "its nearest end is 7.0 half-widths inside"),
        (
            judged(2.0, 0.1, 0.1, 0.8, 1.2),
            "move by 0.7 to touch what was asked, between 0.8 and 1.2; its nearest end is 7.0 half-widths out",
        ),
        (
            judged(0.5, 0.1, 0.1, 0.8, 1.2),
            "move by 0.2 to touch what was asked, between 0.8 and 1.2; its nearest end is 2.0 half-widths out",
        ),
    ],
)
def test_distances_are_counted_from_the_nearest_end(verdict: Verdict, words: str) -> None:
    assert words in would_change(verdict)


def test_what_is_missing_is_said() -> None:
    nothing = dataclasses.replace(BASE, predicted=NAN, measured=NAN, ci95=(NAN, NAN), verdict="undecided", asked=None)
    assert predicted(nothing) == "There is no predicted number." and measured(nothing) == "There is no measured number."
    assert would_change(nothing) == "A number to judge: the reason says why there is none."
    alone = dataclasses.replace(BASE, ci95=(NAN, NAN))
    assert measured(alone) == "Measured 1, without an interval."
    assert "leave the range between 0.8 and 1.2" in would_change(alone)
    assert "come to lie between 0.8" in would_change(dataclasses.replace(alone, verdict="fails", measured=2.0))


def test_what_is_asked_is_told_apart_from_the_prediction() -> None:
    assert claimed(BASE) == "Plateau is λ; judged for layer 1."
    bound = dataclasses.replace(BASE, predicted=5.0, asked=(0.0, 5.0))
    assert predicted(bound) == "Predicted at most 5, for the whole interval."
    fine = dataclasses.replace(BASE, predicted=2.0, asked=(2 - 2e-9, 2 + 2e-9))
    assert predicted(fine).endswith("must lie within 2e-09 of 2.")


def test_the_range_asked_is_what_the_verdicts_were_judged_by(outcomes: dict) -> None:
    verdicts = [verdict for outcome in outcomes.values() for verdict in outcome.verdicts]
    checked = [v for v in verdicts if v.asked is not None and all(map(math.isfinite, v.ci95))]
    assert len(checked) > 20 and {v.verdict for v in checked} >= {"holds", "fails"}
    for verdict in checked:
        assert judge(verdict.ci95, *verdict.asked) == verdict.verdict, verdict
    for verdict in verdicts:
        text = " ".join(say(verdict) for say in (claimed, predicted, measured, would_change))
        assert "nan" not in text.split() and "lmbda" not in text and "inf" not in text.split()
