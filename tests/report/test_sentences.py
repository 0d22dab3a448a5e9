"""Sentences: they agree with the word that was given, and what would change it does change it."""

import dataclasses
import math

import numpy as np
import pytest
import xarray as xr
from hypothesis import assume, given
from hypothesis import strategies as st

from wd_jax.report.sentences import again, claimed, measured, narrower, predicted, would_change
from wd_jax.stats.comparison import compare
from wd_jax.stats.estimates import t_interval
from wd_jax.stats.verdict import Verdict, judge

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
    edge = times > 30 and min(abs(mean - low), abs(mean - high)) <= 0.01 * (high - low) / 2
    assert ("on the edge" in text) == edge
    assert edge or f"would make it {'hold' if inside else 'fail'}," in text


def test_without_a_number_of_seeds_the_square_is_the_most_it_takes() -> None:
    assert "An interval 3.0 times narrower" in would_change(judged(1.1, 0.3, 0.3, 0.8, 1.2))
    assert "at most about 9 times as many seeds if its width is spread between" in would_change(
        judged(1.1, 0.3, 0.3, 0.8, 1.2)
    )
    assert "about 2.3 times as many seeds" in would_change(judged(1.0, 0.1, 0.3, 0.5, 1.2))
    assert "about 16 times as many seeds" in would_change(judged(1.25, 0.2, 0.2, 0.8, 1.2))
    assert "on the edge" in would_change(judged(1.2, 0.1, 0.1, 0.8, 1.2))


def sample(mean: float, sd: float, seeds: int) -> np.ndarray:
    shape = np.linspace(-1, 1, seeds)
    return mean + sd * shape / shape.std(ddof=1)


@pytest.mark.parametrize(
    "seeds, cells, times, needed",
    [(2, 1, 2, 3), (2, 1, 10, 8), (2, 1, 28, 40), (3, 6, 5, 9), (3, 1, 5, 19), (8, 1, 2.45, 36), (6, 1, 2.45, 24)],
)
@pytest.mark.parametrize("mean", [1.0, 1.02])
def test_the_number_of_seeds_is_the_first_that_decides(
    mean: float, seeds: int, cells: int, times: float, needed: int
) -> None:
    sd = 0.01 * times / (t_interval(sample(0, 1, seeds), cells).high)

    def found(n: int) -> Verdict:
        return compare(xr.DataArray([sample(mean, sd, n)] * cells, dims=("lmbda", "seed")), 1.0, within=0.01)

    word = "holds" if mean == 1 else "fails"
    if mean == 1 and cells == 6:
        needed = 5  # cells hold each by its own 95 % interval; only those that fail are corrected for their number
    assert next(n for n in range(seeds, 100) if found(n).verdict == word) == needed
    assert f"about {needed} seeds in place of {seeds}." in would_change(found(seeds))


def test_a_wide_interval_about_the_middle_is_not_on_the_edge() -> None:
    found = compare(xr.DataArray([0.97, 1.03], dims="seed"), 1.0, within=0.01)
    assert "An interval 38.1 times narrower" in would_change(found) and "edge" not in would_change(found)


def test_of_several_cells_the_one_on_which_the_word_turns_is_named() -> None:
    def words(*cells: tuple[float, float]) -> str:
        sets = [sample(mean, sd, 8) for mean, sd in cells]
        return would_change(compare(xr.DataArray(sets, {"lmbda": [1, 2]}, ("lmbda", "seed")), 1.0, within=0.05))

    # Farther from 1, but precise: the other leaves first, or is the last to decide.
    assert words((1.03, 0.001), (1.02, 0.02)).startswith("It turns on the cell at λ 2, measured 1.02 [")
    assert words((1.03, 0.025), (1.0, 0.16)).startswith("It turns on the cell at λ 2, measured 1 [")
    # With one mean outside, narrower intervals make it fail, whatever the other cell does.
    outside = words((1.06, 0.02), (1.03, 0.1))
    assert "lies outside" in outside and "would make it fail" in outside
    assert "turns on" not in words((1.03, 0.02), (1.0, 0.001))
    assert "nor would moving this cell alone: another cell fails too." in words((1.2, 0.01), (1.3, 0.01))
    assert words((1.0, 0.001), (1.3, 0.01)).endswith("about the same mean would not change it.")


def test_a_cell_with_one_seed_left_holds_the_others_up() -> None:
    sets = np.array([sample(1.03, 0.025, 8), sample(1.0, 0.16, 8)])
    sets[1] = [1.0, *[NAN] * 7]  # nearer the prediction than the other cell, which is undecided with an interval
    text = would_change(compare(xr.DataArray(sets, {"lmbda": [1, 2]}, ("lmbda", "seed")), 1.0, within=0.05))
    assert text == "There is no interval, and a number alone decides nothing: it takes two or more seeds."


@pytest.mark.parametrize("means", [(1.03, 1.0, 0.98), (1.06, 1.04, 0.93)])
def test_all_intervals_that_much_narrower_decide_and_less_do_not(means: tuple[float, ...]) -> None:
    def found(times: float) -> Verdict:
        spread = (0.06 / times, 0.16 / times, 0.1 / times)
        sets = [sample(mean, sd, 6) for mean, sd in zip(means, spread, strict=True)]
        return compare(xr.DataArray(sets, dims=("lmbda", "seed")), 1.0, within=0.05)

    times = narrower(found(1).deciding or found(1))
    assert found(1).verdict == found(times * 0.999).verdict == "undecided"
    assert found(times * 1.001).verdict == ("holds" if max(means) < 1.05 else "fails")


def test_one_seed_asks_for_more_and_a_number_alone_for_no_interval() -> None:
    one = compare(xr.DataArray([1.0], dims="seed"), 1.0, within=0.01)
    assert "it takes two or more seeds" in would_change(one) and "whole interval must lie" in predicted(one)
    alone = dataclasses.replace(BASE, ci95=(NAN, NAN))
    assert predicted(alone) == "Predicted 1; to hold, the number must lie between 0.8 and 1.2."
    bound = dataclasses.replace(alone, predicted=5.0, asked=(0.0, 5.0))
    assert predicted(bound) == "Predicted at most 5."
    assert "a number within" in alone._repr_html_() and "an interval within" in one._repr_html_()


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
    assert len(checked) > 15 and {v.verdict for v in checked} >= {"holds", "fails"}
    for verdict in checked:
        assert judge(verdict.ci95, *verdict.asked) == verdict.verdict, verdict
    for verdict in verdicts:
        text = " ".join(say(verdict) for say in (claimed, predicted, measured, would_change))
        assert "nan" not in text.split() and "lmbda" not in text and "inf" not in text.split()


def of_logarithm(mean: float, below: float, above: float, low: float, high: float, **fields) -> Verdict:
    """A verdict whose mean and half-widths are powers of two."""
    ci = (2.0 ** (mean - below), 2.0 ** (mean + above))
    word = judge(ci, low, high)
    changes = {"measured": 2.0**mean, "ci95": ci, "asked": (low, high), "verdict": word, "of_logarithm": True}
    return dataclasses.replace(BASE, **changes | fields)


@pytest.mark.parametrize(
    "verdict, words",
    [
        # From 2^1/4 the interval of a half-width of 1/2 ends at 2^3/4, half of one below 2 = 2^1.
        (of_logarithm(0.25, 0.5, 0.5, 0.5, 2.0), "its nearest end is 0.5 half-widths of the logarithm inside"),
        # Below 2^2.5, the lower end, lies 2^1: a distance of 1.5, or 3 half-widths of 0.5.
        (
            of_logarithm(3.0, 0.5, 0.5, 0.5, 2.0),
            "move by a factor of 2.828 to touch what was asked, between 0.5 and 2; its nearest end is 3.0 half-widths "
            "of the logarithm outside",
        ),
        # A bound of 0 is infinitely far: the nearest end is 2^-1, two half-widths of 1 below 2^1.
        (of_logarithm(-2.0, 1.0, 1.0, 0.0, 2.0), "at or below 2; its nearest end is 2.0 half-widths of the log"),
        (of_logarithm(2.0, 0.25, 0.25, 0.0, 2.0), "a factor of 1.682 to touch what was asked, at or below 2;"),
        # From the mean 2^0 to the end 2^1 of the range, and to that of the interval, 2^3: three times as far.
        (
            of_logarithm(0.0, 3.0, 3.0, 0.5, 2.0, seeds=8, cells=1),
            "An interval 3.0 times narrower in its logarithm about the same mean would make it hold, which is about "
            "52 seeds in place of 8.",  # t/√N is 2.365/√8 now, three times 2.008/√52
        ),
        (
            of_logarithm(2.0, 3.0, 3.0, 0.0, 2.0),
            "3.0 times narrower in its logarithm about the same mean would make it fail, which is at most about 9 "
            "times as many seeds, both of those measured and of those fitted to, if",
        ),
        (of_logarithm(1.001, 1.0, 1.0, 0.0, 2.0), "The mean lies on the edge of what was asked"),
    ],
)
def test_what_was_judged_by_logarithms_is_told_in_logarithms(verdict: Verdict, words: str) -> None:
    assert words in would_change(verdict)


def test_negative_numbers_are_told_as_their_absolute_values() -> None:
    """A factor's logarithm is negative: -4 asked between -8 and -2 is 4 between 2 and 8."""
    one = of_logarithm(2.0, 3.0, 3.0, 2.0, 8.0)
    turned = dataclasses.replace(one, measured=-4.0, ci95=(-32.0, -0.5), asked=(-8.0, -2.0))
    assert narrower(turned) == narrower(one) == pytest.approx(3.0, rel=1e-12)


def test_a_comparison_within_a_factor_that_much_narrower_holds() -> None:
    def found(times: float) -> Verdict:
        return compare(xr.DataArray(np.exp(sample(0.4, 0.8 / times, 6)), dims="seed"), 1.0, within=2, factor=True)

    times = narrower(found(1))
    assert found(1).verdict == found(times * 0.999).verdict == "undecided" and found(times * 1.001).verdict == "holds"


def test_another_run_is_spoken_of_or_it_is_said_why_not() -> None:
    assert again(dataclasses.replace(BASE, again=0.9973)) == (
        "Another run of as many new seeds says the same with a probability of over 99 %."
    )
    assert again(dataclasses.replace(BASE, ci95=(NAN, NAN))).endswith("is not known: there is no interval.")
    assert again(dataclasses.replace(BASE, verdict="diverged")).endswith("is not known: runs diverged.")
    assert "values are missing" in again(BASE)


def test_every_verdict_with_a_word_by_an_interval_says_how_likely_it_is_again(outcomes: dict) -> None:
    verdicts = [verdict for outcome in outcomes.values() for verdict in outcome.verdicts]
    known = [verdict for verdict in verdicts if math.isfinite(verdict.again)]
    assert len(known) > 15 and all(0 <= verdict.again <= 1 for verdict in known)
    for verdict in verdicts:
        assert not math.isfinite(verdict.again) or all(map(math.isfinite, verdict.ci95)), verdict
