"""A verdict in sentences: what was claimed, predicted and measured, and what would change it."""

import math

from wd_jax import verdicts
from wd_jax.estimates import CONFIDENCE
from wd_jax.report.tables import interval, number
from wd_jax.verdicts import DIVERGED, FAILS, HOLDS, UNDECIDED, Verdict, judge

CHANGE_NOTE = (
    "How this is computed: h is the distance from the mean to the interval's end on the side in question, d that from "
    "the mean to the end of the range asked. An undecided claim is decided by an interval h/d times narrower about "
    "the same mean. Where the interval is spread between seeds alone, its half-width is t s/√N with Student's t for N "
    "seeds and for all cells judged together, and the number of seeds named is the smallest N at which t/√N is h/d "
    "times smaller, the mean and the spread s staying as they are: where seeds are few, t falls fast, and that is far "
    "less than (h/d)² times as many. Where a verdict does not say how many seeds its interval is made of, (h/d)² is "
    "named as the most that it takes; what is not spread, such as a misfit of a line or a drift still to come, does "
    "not shrink with seeds at all. Where several cells are judged together the cell is named on which the word turns "
    "if it is not the one that was measured farthest from the prediction: of cells that hold, the one with the fewest "
    "half-widths to spare; of undecided ones, the one that needs the narrowest interval, or, if a mean lies outside, "
    "the one that fails first. Changing the range asked is another claim: every tolerance stands in a table with its "
    "reason and its date, and with whether results had been seen when it was chosen."
)
_FINE = 1e6
_EDGE = 0.01
_FAR = 30.0
_MANY = 1000


def claimed(verdict: Verdict) -> str:
    """Say what was claimed, and for what.

    Examples
    --------
    >>> claimed(Verdict(2, "prediction", "factor exp(-κ)", "layer 1", 1.0, 1.0, (0.9, 1.1), 0.2, "holds", "8 seeds"))
    'Factor exp(-κ); judged for layer 1.'
    """
    statement = printed(verdict.statement)
    if len(statement) > 1 and statement[:2].isalpha() and statement[:1].islower():
        statement = statement[0].upper() + statement[1:]
    return f"{statement}; judged for {printed(verdict.scope)}." if verdict.scope else f"{statement}."


def predicted(verdict: Verdict) -> str:
    """Say what was predicted, and where the whole interval must lie.

    Examples
    --------
    >>> fields = ("8 seeds", (0.8, 1.2))
    >>> predicted(Verdict(2, "prediction", "factor", "", 1.0, 1.0, (0.9, 1.1), 0.2, "holds", *fields))
    'Predicted 1; to hold, the whole interval must lie between 0.8 and 1.2.'
    """
    if not math.isfinite(verdict.predicted):
        return "There is no predicted number."
    if verdict.asked is None:
        return f"Predicted {number(verdict.predicted)}."
    if _from_above(verdict) and verdict.asked[1] == verdict.predicted:
        return (
            f"Predicted at most {number(verdict.predicted)}{'' if verdict.by_number else ', for the whole interval'}."
        )
    what = "number" if verdict.by_number else "whole interval"
    return f"Predicted {number(verdict.predicted)}; to hold, the {what} must lie {_asked(verdict)}."


def measured(verdict: Verdict) -> str:
    """Say what was measured, with its interval.

    Examples
    --------
    >>> measured(Verdict(2, "prediction", "factor", "", 1.0, 1.0, (0.9, 1.1), 0.2, "holds", "8 seeds"))
    'Measured 1, 95 % interval [0.9, 1.1].'
    """
    if not math.isfinite(verdict.measured):
        none = "There is no measured number."
        return "No number was measured: runs diverged." if verdict.verdict == DIVERGED else none
    if verdict.verdict == DIVERGED:
        spread = f", 95 % interval {interval(verdict.ci95)}" if _spread(verdict) else ""
        return f"Runs diverged; those that did not gave {number(verdict.measured)}{spread}."
    if not _spread(verdict):
        return f"Measured {number(verdict.measured)}, without an interval."
    return f"Measured {number(verdict.measured)}, 95 % interval {interval(verdict.ci95)}."


def would_change(verdict: Verdict) -> str:
    """Say what would have to be different for another word, by the rule in `CHANGE_NOTE`.

    Parameters
    ----------
    verdict : Verdict
        Its `asked` is the range that the rule compares with.

    Returns
    -------
    str
        A few sentences.

    Examples
    --------
    >>> fields = ("2 seeds", (0.9, 1.1), 2, 1)
    >>> would_change(Verdict(2, "prediction", "factor", "", 1.0, 1.05, (0.95, 1.15), 0.1, "undecided", *fields))
    'The mean lies inside what was asked, between 0.9 and 1.1; an end of the interval does not. An interval 2.0 times \
narrower about the same mean would make it hold, which is about 3 seeds in place of 2.'
    """
    if verdict.verdict == DIVERGED:
        return "Runs that do not diverge: the reason says how many did, and what to lower."
    if verdict.deciding is not None:
        cell = verdict.deciding
        numbers = f"{number(cell.measured)} {interval(cell.ci95) if _spread(cell) else 'without an interval'}"
        return f"It turns on the cell at {printed(cell.scope)}, measured {numbers}. {would_change(cell)}"
    if verdict.asked is None or not math.isfinite(verdict.measured):
        return "A number to judge: the reason says why there is none."
    if not _spread(verdict):
        if verdict.verdict == UNDECIDED and verdict.seeds is None:
            return "There is no interval: the reason says why."
        if verdict.verdict == UNDECIDED:
            return "There is no interval, and a number alone decides nothing: it takes two or more seeds."
        what = "leave the range" if verdict.verdict == HOLDS else "come to lie"
        return f"There is no interval; the number itself would have to {what} {_asked(verdict)}."
    if verdict.verdict == HOLDS:
        return _holds(verdict)
    if verdict.verdict == UNDECIDED and judge(verdict.ci95, *verdict.asked) != UNDECIDED:
        return "A value for every seed: those that have one would decide, and the reason says how many have none."
    return _fails(verdict) if verdict.verdict == FAILS else _undecided(verdict)


def narrower(verdict: Verdict) -> float:
    """How many times narrower an undecided verdict's interval must be: `wd_jax.verdicts.narrower`."""
    low, high = verdict.asked or (-math.inf, math.inf)
    return verdicts.narrower(verdict.measured, verdict.ci95, low, high)


def seeds_needed(seeds: int, cells: int, times: float) -> int:
    """Smallest number of seeds whose Student interval is so many times narrower, at the same mean and spread.

    Parameters
    ----------
    seeds : int
        Number it is now, two or more.
    cells : int
        Intervals that hold together (Bonferroni).
    times : float
        1 or more.

    Returns
    -------
    int
        At most ``seeds * times**2``, rounded up.

    Examples
    --------
    >>> seeds_needed(2, 1, 10.0), seeds_needed(3, 6, 5.0), seeds_needed(8, 1, 2.45)
    (8, 9, 36)
    """
    from scipy import stats

    def half_width(n: int) -> float:
        return float(stats.t.ppf(1 - (1 - CONFIDENCE) / (2 * cells), n - 1)) / math.sqrt(n)

    enough, few, goal = math.ceil(seeds * times**2), seeds - 1, half_width(seeds) / times * (1 + 1e-12)
    while enough - few > 1:
        n = (enough + few) // 2
        few, enough = (few, n) if half_width(n) <= goal else (n, enough)
    return enough


def printed(text: str) -> str:
    """Write the vocabulary's names for λ, and for the decay per step, as they are printed.

    Examples
    --------
    >>> printed("lmbda_crit < 5"), printed("eta*lmbda/n = 3")
    ('λ_crit < 5', 'ηλ/n = 3')
    """
    return text.replace("eta*lmbda/n", "ηλ/n").replace("lmbda", "λ")


def _spread(verdict: Verdict) -> bool:
    """Whether there is an interval."""
    return all(map(math.isfinite, verdict.ci95))


def _from_above(verdict: Verdict) -> bool:
    """Whether the range asked is a bound from above: it begins at 0, and what is measured is not negative."""
    return verdict.asked is not None and verdict.asked[0] == 0 and not verdict.ci95[0] < 0 and not verdict.measured < 0


def _asked(verdict: Verdict) -> str:
    assert verdict.asked is not None
    low, high = verdict.asked
    if _from_above(verdict):
        return f"at or below {number(high)}"
    if (high - low) * _FINE < max(abs(low), abs(high)):
        return f"within {(high - low) / 2:.1g} of {number((high + low) / 2)}"
    digits = next((d for d in range(4, 8) if f"{low:.{d}g}" != f"{high:.{d}g}"), 7)
    return f"between {low:.{digits}g} and {high:.{digits}g}"


def _holds(verdict: Verdict) -> str:
    assert verdict.asked is not None
    low, high = verdict.asked
    gap = high - verdict.ci95[1]
    if not _from_above(verdict):
        gap = min(gap, verdict.ci95[0] - low)
    return (
        f"The interval would have to leave what was asked, {_asked(verdict)}; its nearest end is "
        f"{_widths(verdict, gap)} inside."
    )


def _fails(verdict: Verdict) -> str:
    assert verdict.asked is not None
    low, high = verdict.asked
    gap = verdict.ci95[0] - high if verdict.ci95[0] > high else low - verdict.ci95[1]
    return (
        f"The interval would have to move by {number(gap)} to touch what was asked, {_asked(verdict)}; its nearest end "
        f"is {_widths(verdict, gap)} outside. More seeds about the same mean would not change it{_others(verdict)}."
    )


def _others(verdict: Verdict) -> str:
    if not verdict.alike:
        return ""
    others = "another cell fails" if verdict.alike == 1 else f"{verdict.alike} other cells fail"
    return f", nor would moving this cell alone: {others} too"


def _undecided(verdict: Verdict) -> str:
    assert verdict.asked is not None
    low, high = verdict.asked
    times, distance = narrower(verdict), min(abs(verdict.measured - low), abs(verdict.measured - high))
    if times > _FAR and distance <= _EDGE * (high - low) / 2:
        return "The mean lies on the edge of what was asked: no reasonable number of seeds would decide."
    inside = low <= verdict.measured <= high
    shown = (
        f"{times:.1f}"
        if 1.5 <= times < 100
        else number(times)
        if times >= 100
        else f"{math.ceil(times * 100) / 100:.2f}"
    )
    which = "An interval" if (verdict.cells or 1) == 1 else "Intervals of all cells"
    return (
        f"The mean lies {'inside' if inside else 'outside'} what was asked, {_asked(verdict)}; an end of the interval "
        f"does not. {which} {shown} times narrower about the same mean{'s' * (which != 'An interval')} would make it "
        f"{'hold' if inside else 'fail'}, which is {_seeds(verdict, times)}."
    )


def _seeds(verdict: Verdict, times: float) -> str:
    if verdict.seeds is None or verdict.cells is None:
        return f"at most about {_upwards(times**2)} times as many seeds if its width is spread between seeds alone"
    return f"about {seeds_needed(verdict.seeds, verdict.cells, times)} seeds in place of {verdict.seeds}"


def _widths(verdict: Verdict, gap: float) -> str:
    half = (verdict.ci95[1] - verdict.ci95[0]) / 2
    if half <= 0:
        return number(gap)
    count = gap / half
    if count > _MANY:
        return f"more than {_MANY} half-widths"
    return f"{count:.1f} half-widths" if count < 100 else f"{float(f'{count:.2g}'):g} half-widths"


def _upwards(times: float) -> str:
    """Round up: to a tenth below ten, else to a whole number."""
    up = math.ceil(times * 10 - 1e-6) / 10 if times < 10 else math.ceil(times - 1e-6)
    return f"{up:g}"
