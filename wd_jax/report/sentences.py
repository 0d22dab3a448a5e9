"""A verdict in sentences: what was claimed, predicted and measured, and what would change it."""

import math

from wd_jax.report.tables import interval, number
from wd_jax.stats.estimates import CONFIDENCE
from wd_jax.stats.replication import in_words
from wd_jax.stats.verdict import DIVERGED, FAILS, HOLDS, UNDECIDED, Verdict, judge
from wd_jax.stats.verdict import narrower as times_narrower

CHANGE_NOTE = (
    "How this is computed: a cell holds by its own 95 % interval, and fails by the interval that holds at 95 % for all "
    "cells together (Bonferroni). h is the distance from the mean to that interval's end on the side in question, d "
    "that from the mean to the end of the range asked; where the mean is one of logarithms (factors and fitted "
    "predictions), h, d and half-widths are distances of logarithms. An undecided claim is decided by an interval h/d "
    "times narrower about the same mean. Where the interval is spread between seeds alone, its half-width is t s/√N "
    "with Student's t for N seeds, and the number of seeds named is the smallest N at which t/√N is h/d times smaller, "
    "the mean and the spread s staying as they are: where seeds are few, t falls fast, and that is far less than "
    "(h/d)² times as many. A fitted prediction has an error of its own: seeds are then asked for on both sides, those "
    "measured and those fitted to, and (h/d)² times as many of each is the most that it takes; so it is where a "
    "verdict does not say how many seeds its interval is made of. What is not spread, such as a misfit of a line or a "
    "drift still to come, does not shrink with seeds at all. Where several cells are judged together the cell is named "
    "on which the word turns if it is not the one that was measured farthest from the prediction: of cells that hold, "
    "the one with the fewest half-widths to spare; of undecided ones, the one that needs the narrowest interval, or, "
    "if a mean lies outside, the one that fails first. Changing the range asked is another claim: every tolerance "
    "stands in a table with its reason and its date, and with whether results had been seen when it was chosen. How "
    "likely another run is to say the same counts the errors of both runs: with s the standard error and ν its degrees "
    "of freedom, the true one is drawn as σ² = s²ν/χ², the other run's mean about this one's with √2 σ, and its own "
    "standard error from σ; cells are taken as if they were independent, so where they move together, as those of one "
    "run often do, all hold more often than is said."
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


def again(verdict: Verdict) -> str:
    """Say how likely another run is to give the same word, or why nothing is known of it.

    Examples
    --------
    >>> fields = (2, "prediction", "factor", "", 1.0, 1.0, (0.9, 1.1), 0.2, "holds", "8 seeds")
    >>> again(Verdict(*fields, again=0.97))
    'Another run of as many new seeds says the same with a probability of 97 %.'
    """
    if math.isfinite(verdict.again):
        return f"Another run of as many new seeds says the same with a probability of {in_words(verdict.again)}."
    if not _spread(verdict):
        why = "there is no interval"
    elif verdict.verdict == DIVERGED:
        why = "runs diverged"
    else:
        why = "values are missing, as the reason says, or the interval is not one over seeds"
    return f"How likely another run is to say the same is not known: {why}."


def narrower(verdict: Verdict) -> float:
    """How many times narrower an undecided verdict's interval must be: `wd_jax.stats.verdict.narrower`.

    Examples
    --------
    >>> fields = (2, "prediction", "size", "", 1.0, 1.0, (0.25, 4.0), 2.0, "undecided", "8 seeds", (0.5, 2.0))
    >>> round(narrower(Verdict(*fields, of_logarithm=True)), 9)
    2.0
    """
    mean, ends, (low, high) = _as_judged(verdict)
    return times_narrower(mean, ends, low, high)


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


def _as_judged(verdict: Verdict) -> tuple[float, tuple[float, float], tuple[float, float]]:
    """Mean, interval and range asked where the spread is Student's: in logarithms, if it is that of logarithms.

    A bound of 0 has the logarithm -inf, and what is negative is turned round first.
    """
    numbers = (verdict.measured, *verdict.ci95, *(verdict.asked or (-math.inf, math.inf)))
    if verdict.of_logarithm:
        turned = verdict.measured < 0
        mean, first, last, low, high = (_log(-x if turned else x) for x in numbers)
        numbers = (mean, last, first, high, low) if turned else (mean, first, last, low, high)
    mean, first, last, low, high = numbers
    return mean, (first, last), (low, high)


def _log(x: float) -> float:
    return -math.inf if x <= 0 else math.log(x)


def _holds(verdict: Verdict) -> str:
    _, (first, last), (low, high) = _as_judged(verdict)
    gap = high - last if _from_above(verdict) else min(high - last, first - low)
    return (
        f"The interval would have to leave what was asked, {_asked(verdict)}; its nearest end is "
        f"{_widths(verdict, gap)} inside."
    )


def _fails(verdict: Verdict) -> str:
    _, (first, last), (low, high) = _as_judged(verdict)
    gap = first - high if first > high else low - last
    return (
        f"The interval would have to move by {_distance(verdict, gap)} to touch what was asked, {_asked(verdict)}; its "
        f"nearest end is {_widths(verdict, gap)} outside. More seeds about the same mean would not change it"
        f"{_others(verdict)}."
    )


def _distance(verdict: Verdict, gap: float) -> str:
    return f"a factor of {number(math.exp(gap))}" if verdict.of_logarithm and gap < _MANY else number(gap)


def _others(verdict: Verdict) -> str:
    if not verdict.alike:
        return ""
    others = "another cell fails" if verdict.alike == 1 else f"{verdict.alike} other cells fail"
    return f", nor would moving this cell alone: {others} too"


def _undecided(verdict: Verdict) -> str:
    mean, _, (low, high) = _as_judged(verdict)
    times, distance = narrower(verdict), min(abs(mean - low), abs(mean - high))
    width = high - low if math.isfinite(high - low) else 1.0  # a bound of a logarithm: a hundredth of a half is 0.5 %
    if times > _FAR and distance <= _EDGE * width / 2:
        return "The mean lies on the edge of what was asked: no reasonable number of seeds would decide."
    inside = low <= mean <= high
    shown = (
        f"{times:.1f}"
        if 1.5 <= times < 100
        else number(times)
        if times >= 100
        else f"{math.ceil(times * 100) / 100:.2f}"
    )
    which, about = ("An interval", "mean") if (verdict.cells or 1) == 1 else ("Intervals of all cells", "means")
    return (
        f"The mean lies {'inside' if inside else 'outside'} what was asked, {_asked(verdict)}; an end of the interval "
        f"does not. {which} {shown} times narrower{_in_logs(verdict)} about the same {about} would make it "
        f"{'hold' if inside else 'fail'}, which is {_seeds(verdict, times)}."
    )


def _seeds(verdict: Verdict, times: float) -> str:
    if verdict.seeds is not None and verdict.cells is not None:
        return f"about {seeds_needed(verdict.seeds, verdict.cells, times)} seeds in place of {verdict.seeds}"
    both = ", both of those measured and of those fitted to," if _fitted(verdict) else ""
    return f"at most about {_upwards(times**2)} times as many seeds{both} if its width is spread between seeds alone"


def _fitted(verdict: Verdict) -> bool:
    """Whether the interval is one of two samples, as `wd_jax.compare` makes it of a fitted prediction."""
    return verdict.of_logarithm and verdict.seeds is None


def _in_logs(verdict: Verdict) -> str:
    return " in its logarithm" if verdict.of_logarithm else ""


def _widths(verdict: Verdict, gap: float) -> str:
    _, (first, last), _ = _as_judged(verdict)
    half = (last - first) / 2
    if half <= 0:
        return _distance(verdict, gap)
    count = gap / half
    if count > _MANY:
        said = f"more than {_MANY}"
    else:
        said = f"{count:.1f}" if count < 100 else f"{float(f'{count:.2g}'):g}"
    return f"{said} half-widths{' of the logarithm' * verdict.of_logarithm}"


def _upwards(times: float) -> str:
    """Round up: to a tenth below ten, else to a whole number."""
    up = math.ceil(times * 10 - 1e-6) / 10 if times < 10 else math.ceil(times - 1e-6)
    return f"{up:g}"
